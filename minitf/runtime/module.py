"""Module: an object that finds the Variables in its attributes."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

from minitf.errors import InvalidArgumentError, UsageError
from minitf.graph.context import name_scope
from minitf.graph.nest import flatten
from minitf.ops.state import Variable


class Module:
    """A container for Variables, Modules and functions of them.

    Variables are found by walking the attributes (and lists, tuples and dicts in them), in the
    order of the attributes' names: first the module's own, then those of its Modules.

    Parameters
    ----------
    name : str, optional
        Name of its scope; the class's name in snake_case by default.

    Raises
    ------
    InvalidArgumentError
        For a name with anything but letters, digits and _ in it.

    Examples
    --------
    >>> import minitf as tf
    >>> class Dense(tf.Module):
    ...     def __init__(self, inputs, units):
    ...         super().__init__()
    ...         self.w = tf.Variable(tf.zeros([inputs, units]), name="w")
    ...         self.b = tf.Variable(tf.zeros([units]), name="b")
    ...     def __call__(self, x):
    ...         return x @ self.w + self.b
    >>> [v.name for v in Dense(3, 2).trainable_variables]
    ['b', 'w']
    """

    def __init__(self, name: str | None = None):
        self._name = _snake(type(self).__name__) if name is None else _checked(name)
        with name_scope(self._name) as scope:
            self._scope = scope

    @property
    def name(self) -> str:
        """Name of the module."""
        return str(vars(self).get("_name", _snake(type(self).__name__)))

    @property
    def name_scope(self) -> Any:
        """A block in which names begin with the module's name."""
        return name_scope(self.__dict__.get("_scope", self.name))

    @classmethod
    def with_name_scope(cls, method: Callable[..., Any]) -> Callable[..., Any]:
        """Run a method inside the module's `name_scope`; a decorator."""

        @functools.wraps(method)
        def scoped(self: Module, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)

        return scoped

    @property
    def variables(self) -> tuple[Variable, ...]:
        """All Variables, each once."""
        return tuple(v for v in _walk(self, {id(self)}) if isinstance(v, Variable))

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """The Variables that are trained."""
        return tuple(v for v in self.variables if v.trainable)

    @property
    def non_trainable_variables(self) -> tuple[Variable, ...]:
        """The Variables that are not trained."""
        return tuple(v for v in self.variables if not v.trainable)

    @property
    def submodules(self) -> tuple[Module, ...]:
        """The Modules inside this one, at any depth."""
        return tuple(m for m in _walk(self, {id(self)}) if isinstance(m, Module))


def _walk(module: Module, seen: set[int]) -> Iterator[Any]:
    """Yield the Variables and Modules below a module, each once."""
    inner = []
    for key in sorted(vars(module)):
        for leaf in flatten(vars(module)[key]):
            if isinstance(leaf, (Variable, Module)) and id(leaf) not in seen:
                seen.add(id(leaf))
                yield leaf
                inner += [leaf] if isinstance(leaf, Module) else []
    for leaf in inner:
        yield from _walk(leaf, seen)


def _snake(name: str) -> str:
    return re.sub("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower().lstrip("_")


def _checked(name: Any) -> str:
    if not isinstance(name, str):
        raise UsageError(f"Module: a name is a string, got {name!r}")
    if not name.isidentifier():
        raise InvalidArgumentError(
            f"Module: {name!r} is not a name: letters, digits and _ make one"
        )
    return name
