"""Names that a package offers, imported when somebody first asks for one.

``import minitf`` is not to wait for what many programs never use.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def offer(
    package: str, places: Mapping[str, Sequence[str]]
) -> tuple[list[str], Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__all__`, `__getattr__` and `__dir__` for a package.

    Parameters
    ----------
    package : str
        Its ``__name__``.
    places : mapping of str to sequence of str
        For each module (of the package, or by its whole name, with dots) the names that it offers;
        a module that is itself offered names itself.
    """
    modules = {name: module for module, names in places.items() for name in names}

    def find(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        where = modules[name]
        module = import_module(where if "." in where else f"{package}.{where}")
        found = module if where.rpartition(".")[2] == name else getattr(module, name)
        setattr(sys.modules[package], name, found)  # the next time it is there
        return found

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *modules})

    return list(modules), find, names
