"""The walk over a model that decides where its parts stand in a file.

Keras names a part of a model not by its name, which may be automatic, but by the way that leads to
it: by attributes, and inside lists and dicts by class and number. ``layers/dense_1`` is the second
Dense in `model.layers`; ``layers/bidirectional/forward_layer/cell`` a cell inside a wrapper. A part
that can be reached in two ways stands where the walk met it first, so the order matters:

- the layers of a Sequential or functional model come first;
- then the attributes in alphabetical order, private ones last;
- an attribute that every layer has is passed over, a list of layers inside a list is "container".
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from minitf.errors import Error
from minitf.layers.layer import Layer
from minitf.models.functional import Functional
from minitf.models.model import Model
from minitf.models.sequential import Sequential
from minitf.naming import snake_case
from minitf.optimizers.optimizer import Optimizer
from minitf.runtime.module import Module

PARTS = (Module, Optimizer)  # every Layer is a Module
CONTAINERS = (list, tuple, dict)


def parts_of(root: Any) -> dict[str, Any]:
    """Return the layers, modules and optimizers that something holds, by their places in a file.

    Parameters
    ----------
    root : Model, Layer, Module or Optimizer
        It stands at "" itself.

    Examples
    --------
    >>> from minitf import keras
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.Dense(1)])
    >>> list(parts_of(model))
    ['', 'layers/dense', 'layers/dense_1']
    """
    found: dict[str, Any] = {}
    _visit(root, "", found, set())
    return found


def _visit(part: Any, place: str, found: dict[str, Any], seen: set[int]) -> None:
    if id(part) in seen:
        return
    seen.add(id(part))
    found[place] = part
    for name, value in _attributes(part):
        inner = f"{place}/{name}" if place else name
        if isinstance(value, PARTS):
            _visit(value, inner, found, seen)
        elif isinstance(value, CONTAINERS):
            _visit_container(value, inner, found, seen, set())


def _visit_container(container: Any, place: str, found: dict[str, Any], seen: set[int],
                     above: set[int]) -> None:  # fmt: skip
    if id(container) in above:
        return
    above.add(id(container))
    counts: dict[str, int] = {}
    for item in _items(container):
        if isinstance(item, PARTS):
            name = _numbered(snake_case(type(item).__name__), counts)
            _visit(item, f"{place}/{name}", found, seen)
        elif isinstance(item, CONTAINERS):
            name = _numbered("container", counts)
            _visit_container(item, f"{place}/{name}", found, seen, above)


def _items(container: Any) -> Iterable[Any]:
    return list(container.values()) if isinstance(container, Mapping) else container


def _numbered(name: str, counts: dict[str, int]) -> str:
    number = counts[name] = counts.get(name, -1) + 1
    return f"{name}_{number}" if number else name


def _attributes(part: Any) -> Iterator[tuple[str, Any]]:
    """Yield what may hold parts: the attributes that are the object's own, in order."""
    if isinstance(part, (Functional, Sequential)):
        yield "layers", part.layers
    common = _common_to(part.__class__)
    for name in sorted(dir(part), key=lambda n: f"~{n}" if n.startswith("_") else n):
        if not name.startswith("__") and name not in common:
            yield name, _value(part, name)


def _value(part: Any, name: str) -> Any:
    """Return an attribute; None for a property that does not work at present, as in Keras."""
    try:
        return getattr(part, name)
    except (Error, AttributeError, LookupError, RuntimeError, TypeError, ValueError):
        return None


@functools.cache
def _common_to(cls: type) -> frozenset[str]:
    """Return the names that every object of a kind has; those that hold parts left out."""
    if issubclass(cls, Sequential):
        names = dir(Sequential(name="empty"))
    elif issubclass(cls, Model):
        names = dir(Model(name="empty"))
        names += dir(Functional) if issubclass(cls, Functional) else []
    elif issubclass(cls, Layer):
        names = dir(Layer(name="empty"))
    elif issubclass(cls, Optimizer):
        names = dir(Optimizer)
    else:
        names = dir(Module(name="empty"))
    return frozenset(names) - {"layers", "optimizer"}
