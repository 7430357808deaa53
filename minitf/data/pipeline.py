"""What a dataset is: a recipe for iterators.

A dataset holds no elements. It holds `start`, a function that returns a new iterator over them; each
loop over the dataset calls it. A transformation wraps the iterator of the dataset before it in a
generator, so ``ds.map(f).batch(32)`` is, in the end, the plain Python ::

    batches(called(f, start()), 32)

and the loop at the end pulls elements through, one by one: nothing is computed before it is asked
for, and nothing is kept. Work ahead of the loop is done by threads (`minitf.data.background`).
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator as PythonIterator
from typing import Any, NamedTuple

from minitf.errors import (
    Error,
    FailedPreconditionError,
    GraphError,
    InvalidArgumentError,
    OutOfRangeError,
    SourceLine,
    UsageError,
    located,
    user_line,
)
from minitf.graph.context import context
from minitf.data.element import Element, spec_of, to_tensors

AUTOTUNE = -1
INFINITE_CARDINALITY = -1
UNKNOWN_CARDINALITY = -2


class Origin(NamedTuple):
    """The call that made a dataset: the method, and the line of the user's program."""

    method: str
    line: SourceLine | None

    @classmethod
    def here(cls, method: str) -> Origin:
        """Return the call that is being made."""
        return cls(method, user_line())

    def located(self, error: Error) -> Error:
        """Return an error that comes up later, when elements are asked for, with its origin."""
        return located(error, self.method, self.line)


class Pipeline:
    """A recipe for iterators over elements of one structure.

    It is not an iterator: two loops over it are independent of each other.

    Parameters
    ----------
    start : callable
        Returns a new iterator over the elements, which have arrays as leaves.
    spec : nested structure of TensorSpec, or callable that returns one
        Describes the elements. Finding out can take work, so it is put off until somebody asks.
    size : int
        Number of elements, or INFINITE_CARDINALITY or UNKNOWN_CARDINALITY.
    origin : Origin
        The call that made it.
    """

    def __init__(
        self, start: Callable[[], PythonIterator[Element]], spec: Any, size: int, origin: Origin
    ):
        self._start, self._spec, self._size, self._origin = start, spec, size, origin

    def derived(
        self, start: Callable[[], PythonIterator[Element]], spec: Any, size: int, origin: Origin
    ) -> Any:
        """Return a dataset of the same class with elements of its own."""
        made = object.__new__(type(self))
        Pipeline.__init__(made, start, spec, size, origin)
        return made

    def elements(self) -> PythonIterator[Element]:
        """Return a new iterator over the elements as arrays."""
        return self._start()

    def __iter__(self) -> Iterator:
        return Iterator(self)

    def __len__(self) -> int:
        if self._size < 0:
            known = "infinite" if self._size == INFINITE_CARDINALITY else "not known"
            raise UsageError(f"the length of {self!r} is {known}")  # list() relies on a TypeError
        return self._size

    def __bool__(self) -> bool:
        return True  # and not whether it has elements, which can be unknown

    @property
    def element_spec(self) -> Any:
        """Specs of the elements, in their structure."""
        if callable(self._spec):
            self._spec = self._spec()
        return self._spec

    def first_spec(self) -> Any:
        """Return the specs of the first element, where there is no other way to know them."""
        for element in self.elements():
            return spec_of(element)
        raise FailedPreconditionError(f"{self!r} has no elements, so their shapes are not known")

    def __repr__(self) -> str:
        line = self._origin.line
        made = f", made in {line[0].rpartition('/')[2]}:{line[1]}" if line else ""
        return f"<tf.data.Dataset from {self._origin.method}{made}>"


class Iterator:
    """Goes once through the elements of a dataset, as Tensors.

    When it is dropped, the threads that work for it end.

    Examples
    --------
    >>> import minitf as tf
    >>> iterator = iter(tf.data.Dataset.range(2))
    >>> [int(next(iterator)), int(iterator.get_next())]
    [0, 1]
    """

    def __init__(self, dataset: Pipeline):
        self._dataset = dataset
        self._elements = dataset.elements()

    def __iter__(self) -> Iterator:
        return self

    def __next__(self) -> Any:
        if context.graph is not None:
            raise GraphError(
                "a dataset cannot be read while a graph is being written, since every run would "
                "see the same element: loop outside, and pass each batch to the tf.function"
            )
        return to_tensors(next(self._elements))

    def get_next(self) -> Any:
        """Return the next element; OutOfRangeError says that there is none."""
        try:
            return next(self)
        except StopIteration:
            raise OutOfRangeError("get_next: the dataset has ended") from None

    @property
    def element_spec(self) -> Any:
        """Specs of the elements, in their structure."""
        return self._dataset.element_spec


def whole(value: Any, name: str, least: int) -> int:
    """Return an argument as a whole number that is not too small."""
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = least - 1
    if number < least:
        raise InvalidArgumentError(f"{name} must be a whole number >= {least}, got {value!r}")
    return number
