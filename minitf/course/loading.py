"""Loading a learner's file: always the text that is on the disk, from the path that was asked for."""

from __future__ import annotations

import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
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
        except ValueError as error:  # until Python 3.12, for a null byte
            raise SyntaxError(str(error), (str(path), 1, 0, "")) from None


def load(path: Path, name: str) -> ModuleType:
    """Run a file as a new module and return it; whatever it raises goes to the caller."""
    if not path.is_file():
        raise CourseError(f"there is no file {shown(path)}")
    spec = spec_from_file_location(name, path, loader=_Fresh(name, str(path)))
    module = module_from_spec(spec)
    sys.modules[name] = module  # a dataclass asks for the module that it is in
    spec.loader.exec_module(module)
    return module
