"""Loading a learner's file: always the text on the disk, from the path that was asked for."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType

from minitf.course.places import CourseError, shown


class _Fresh(SourceFileLoader):
    """Never uses compiled code from before: its check, by second and size, misses a quick edit."""

    def path_stats(self, path):
        raise OSError("the source is to be compiled")

    def source_to_code(self, data, path, **options):
        try:
            return super().source_to_code(data, path, **options)
        except (SyntaxError, ValueError) as error:
            if getattr(error, "filename", None):
                raise
            # a null byte, say: Python does not name the file then
            raise SyntaxError(str(error), (str(path), 1, 0, "")) from None


def load(path: Path, name: str) -> ModuleType:
    """Run a file as a new module and return it; whatever it raises goes to the caller."""
    if not path.is_file():
        raise CourseError(f"there is no file {shown(path)}")
    loader = _Fresh(name, str(path))
    module = module_from_spec(ModuleSpec(name, loader, origin=str(path)))
    module.__file__ = str(path)
    sys.modules[name] = module  # a dataclass asks for the module that it is in
    loader.exec_module(module)
    return module
