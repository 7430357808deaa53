"""The names that a block of a program may bind, and values that are not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

from minitf.errors import GraphError


class State(NamedTuple):
    """The names that a block may bind.

    Attributes
    ----------
    names : tuple of str
        The names.
    get, put : callable
        Return their values as a tuple, and set them to those of one.
    kept : tuple of str
        Those that something after a loop reads: they outlive it, where it is what binds them first.
    """

    names: tuple[str, ...]
    get: Callable[[], tuple[Any, ...]]
    put: Callable[[Any], None]
    kept: tuple[str, ...] = ()


class Unbound:
    """The value of a name that has none; to use it is an error that says why.

    Parameters
    ----------
    name : str
        The name.
    why : str, optional
        How it came that it has no value.
    """

    def __init__(self, name: str, why: str = "is used before it has a value"):
        self.__dict__["_told"] = f"{name!r} {why}"

    def _refuse(self, *_: Any) -> NoReturn:
        raise GraphError(self.__dict__["_told"])

    def __repr__(self) -> str:
        return f"<{self.__dict__['_told']}>"

    # A function that keeps its arguments may copy or compare them; everything else is a use.
    __getattr__ = __setattr__ = __getitem__ = __call__ = __iter__ = __len__ = __bool__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = _refuse
    __rtruediv__ = __floordiv__ = __mod__ = __pow__ = __rpow__ = __matmul__ = __neg__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __float__ = __int__ = __index__ = __array__ = _refuse


class Nothing(Unbound):
    """What a function returns before any `return`."""


NOTHING = Nothing("the function", "returns nothing on one of its ways: every one needs a return")


def is_unbound(value: Any) -> bool:
    """Return whether a name has no value."""
    return isinstance(value, Unbound)
