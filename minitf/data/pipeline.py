"""What a dataset is: a recipe for iterators.

A dataset holds no elements. It holds `start`, a function that returns a new iterator over them;
each loop over the dataset calls it. A transformation wraps the iterator of the dataset before it in
a generator, so ``ds.filter(f).batch(32)`` is, in the end, the plain Python ::

    elements = (x for x in start() if f(x))
    batches = (stack(group) for group in groups(elements, 32))

and the loop at the end pulls elements through, one by one: nothing is computed before it is asked
for, and nothing is kept. Work ahead of the loop is done by threads (`minitf.data.background`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from collections.abc import Iterator as PythonIterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from minitf.data.element import Element, map_leaves, spec_of, to_tensors
from minitf.errors import (
    Error,
    FailedPreconditionError,
    GraphError,
    InvalidArgumentError,
    OutOfRangeError,
    SourceLine,
    UsageError,
    at,
    located,
    user_line,
)
from minitf.graph.context import context
from minitf.graph.tensor import Tensor, eager_tensor

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

    @classmethod
    def derived(
        cls, start: Callable[[], PythonIterator[Element]], spec: Any, size: int, origin: Origin
    ) -> Any:
        """Return a new dataset of this class; the parameters are those of `Pipeline`."""
        made = object.__new__(cls)
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

    # -- looking at what is there ---------------------------------------------------------------

    def as_numpy_iterator(self) -> PythonIterator[Any]:
        """Return an iterator over the elements as NumPy arrays.

        Returns
        -------
        iterator

        Examples
        --------
        >>> import minitf as tf
        >>> list(tf.data.Dataset.range(3).as_numpy_iterator())
        [np.int64(0), np.int64(1), np.int64(2)]
        """
        return (map_leaves(lambda t: t.numpy(), element) for element in self)

    def cardinality(self, name: str | None = None) -> Tensor:
        """Return the number of elements, or INFINITE_CARDINALITY or UNKNOWN_CARDINALITY.

        Returns
        -------
        Tensor
            Of type int64.

        Examples
        --------
        >>> import minitf as tf
        >>> int(tf.data.Dataset.range(5).batch(2).cardinality())
        3
        >>> ds = tf.data.Dataset.range(5).repeat()
        >>> bool(ds.cardinality() == tf.data.INFINITE_CARDINALITY)
        True
        """
        return eager_tensor(np.array(self._size))

    def get_single_element(self, name: str | None = None) -> Any:
        """Return the element of a dataset that has only one.

        Returns
        -------
        nested structure of Tensor

        Raises
        ------
        InvalidArgumentError
            If there is none, or another one.

        Examples
        --------
        >>> import minitf as tf
        >>> tf.data.Dataset.range(3).batch(3).get_single_element().numpy().tolist()
        [0, 1, 2]
        """
        found = list(islice(self, 2))
        if len(found) != 1:
            got = "several" if found else "none"
            problem = InvalidArgumentError(f"expected one element, got {got}")
            raise located(problem, "get_single_element", user_line())
        return found[0]

    def __repr__(self) -> str:
        return f"<tf.data.Dataset from {self._origin.method}{at(self._origin.line)}>"


class Iterator:
    """Goes once through the elements of a dataset, as Tensors.

    When it is dropped, the threads that work for it end.

    Attributes
    ----------
    taken : int
        How many elements it has returned.

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
        self.taken = 0

    def __iter__(self) -> Iterator:
        return self

    def __next__(self) -> Any:
        if context.graph is not None:
            raise GraphError(
                "a dataset cannot be read while a graph is being written, since every run would "
                "see the same element: loop outside, and pass each batch to the tf.function"
            )
        element = next(self._elements)
        self.taken += 1
        return to_tensors(element)

    def go_to(self, count: int) -> None:
        """Begin anew, behind the first elements; fewer are left out where there are fewer."""
        self._elements, self.taken = self._dataset.elements(), count
        deque(islice(self._elements, count), maxlen=0)

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


def first_spec(start: Callable[[], PythonIterator[Element]], origin: Origin) -> Any:
    """Return the specs of the first element, where there is no other way to know them."""
    for element in start():
        return spec_of(element)
    problem = FailedPreconditionError("there are no elements, so their shapes are not known")
    raise origin.located(problem)


def whole(value: Any, name: str, least: int) -> int:
    """Return an argument as a whole number that is not too small."""
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = least - 1
    if number < least:
        raise InvalidArgumentError(f"{name} must be a whole number >= {least}, got {value!r}")
    return number
