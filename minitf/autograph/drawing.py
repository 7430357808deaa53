"""The elements of a dataset, drawn one after another while a graph runs.

What draws them is Python's iterator, which every run of the graph begins anew. Each drawing is an
operation that calls it, so a loop over a dataset is traced once, and sees every element.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from minitf.dtypes import bool_, int64
from minitf.graph.nest import flatten, pack_like
from minitf.graph.spec import TensorSpec
from minitf.graph.tensor import Tensor
from minitf.ops.script import numpy_function

DONE = TensorSpec((), bool_)


def can_be_drawn(items: Any) -> bool:
    """Return whether something is a dataset whose elements are tensors."""
    specs = getattr(items, "element_spec", None)
    return specs is not None and all(isinstance(spec, TensorSpec) for spec in flatten(specs))


class Drawing:
    """One loop over a dataset.

    Parameters
    ----------
    items : Dataset
        Anything with an `element_spec`, whose iterator gives elements of that form.
    """

    def __init__(self, items: Any):
        self.items = items
        self.specs: list[TensorSpec] = flatten(items.element_spec)
        self._iterators: dict[int, Any] = {}
        self._numbers = itertools.count()
        self._number: Tensor = numpy_function(self._begin, [], TensorSpec((), int64))

    def _begin(self) -> Any:
        number = next(self._numbers)
        self._iterators[number] = iter(self.items)
        return np.int64(number)

    def _draw(self, number: Any) -> tuple[Any, ...]:
        """Return whether there is an element, and its leaves: zeros where there is none."""
        try:
            element = next(self._iterators[int(number)])
        except StopIteration:
            return np.bool_(False), *map(_blank, self.specs)
        return np.bool_(True), *map(np.asarray, flatten(element))

    def _end(self, number: Any) -> Any:
        del self._iterators[int(number)]
        return np.bool_(True)

    def draw(self) -> list[Tensor]:
        """Return whether there is an element, and its leaves, when the graph runs."""
        found: list[Tensor] = numpy_function(self._draw, [self._number], [DONE, *self.specs])
        return found

    def element(self, drawn: list[Tensor]) -> Any:
        """Return the element in its form."""
        return pack_like(self.items.element_spec, drawn[1:])

    def end(self) -> None:
        """Forget the iterator of this run."""
        numpy_function(self._end, [self._number], DONE)


def _blank(spec: TensorSpec) -> Any:
    return np.zeros([n or 0 for n in spec.shape], spec.dtype.numpy)
