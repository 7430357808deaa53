"""Transformations that choose elements, or change when they come, but not what they are."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator as PythonIterator
from itertools import chain, count, islice
from typing import Any

from minitf.data.background import ahead
from minitf.data.element import Element
from minitf.data.pipeline import (
    AUTOTUNE,
    INFINITE_CARDINALITY,
    UNKNOWN_CARDINALITY,
    Origin,
    Pipeline,
    whole,
)
from minitf.data.sources import generator_of
from minitf.errors import InvalidArgumentError
from minitf.ops.composed import composed
from minitf.ops.seeds import Key, program_stream

AHEAD = 2  # elements that prefetch keeps ready unless told
MANY = 1024  # random numbers drawn at a time


class Ordering(Pipeline):
    """What a dataset can do with the order and the number of its elements."""

    @composed
    def shuffle(
        self,
        buffer_size: Any,
        seed: Any = None,
        reshuffle_each_iteration: bool | None = True,
        name: str | None = None,
    ) -> Any:
        """Bring the elements into a random order.

        A buffer is filled with the first elements. Each element that goes out is drawn from it, and
        the next one that comes in takes its place; so an element cannot come out more than
        `buffer_size` places too early, and a buffer as large as the dataset mixes it fully.

        Parameters
        ----------
        buffer_size : int
            Elements to draw from.
        seed : int, optional
            Together with the program's seed (`tf.random.set_seed`), decides the order.
        reshuffle_each_iteration : bool
            Whether each loop has an order of its own.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> ds = tf.data.Dataset.range(100).shuffle(100)
        >>> sorted(int(x) for x in ds) == list(range(100))
        True
        """
        size = whole(buffer_size, "buffer_size", 1)
        stream = program_stream(seed)
        always: list[Key] = []

        def start() -> PythonIterator[Element]:
            key = always[0] if always else stream.next()
            if reshuffle_each_iteration is False and not always:
                always.append(key)
            return shuffled(self.elements(), size, key)

        return self._like(start, self._size, "shuffle")

    @composed
    def repeat(self, count: Any = None, name: str | None = None) -> Any:
        """Go through the elements several times.

        Parameters
        ----------
        count : int, optional
            How often; for ever if None or -1.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> [int(x) for x in tf.data.Dataset.range(2).repeat(2)]
        [0, 1, 0, 1]
        """
        times = -1 if count is None else whole(count, "count", -1)

        def start() -> PythonIterator[Element]:
            return repeated(self, times)

        return self._like(start, _times(self._size, times), "repeat")

    @composed
    def take(self, count: Any, name: str | None = None) -> Any:
        """Keep the first elements.

        Parameters
        ----------
        count : int
            How many; -1 keeps all.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> [int(x) for x in tf.data.Dataset.range(10).take(3)]
        [0, 1, 2]
        """
        n = whole(count, "count", -1)
        stop = None if n == -1 else n
        size = self._size
        if n >= 0 and size != UNKNOWN_CARDINALITY:
            size = n if size == INFINITE_CARDINALITY else min(n, size)
        return self._like(lambda: islice(self.elements(), stop), size, "take")

    @composed
    def skip(self, count: Any, name: str | None = None) -> Any:
        """Leave out the first elements.

        Parameters
        ----------
        count : int
            How many; -1 leaves out all.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> [int(x) for x in tf.data.Dataset.range(5).skip(3)]
        [3, 4]
        """
        n = whole(count, "count", -1)
        if n == -1:
            return self._like(lambda: iter(()), 0, "skip")
        size = self._size if self._size < 0 else max(0, self._size - n)
        return self._like(lambda: islice(self.elements(), n, None), size, "skip")

    @composed
    def shard(self, num_shards: Any, index: Any, name: str | None = None) -> Any:
        """Keep every `num_shards`-th element: the part of one of several workers.

        Parameters
        ----------
        num_shards : int
            Number of workers.
        index : int
            Number of this worker, from 0.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> [int(x) for x in tf.data.Dataset.range(7).shard(3, 1)]
        [1, 4]
        """
        step, first = whole(num_shards, "num_shards", 1), whole(index, "index", 0)
        if first >= step:
            raise InvalidArgumentError(f"index must be < num_shards = {step}, got {first}")
        size = self._size if self._size < 0 else len(range(first, self._size, step))
        return self._like(lambda: islice(self.elements(), first, None, step), size, "shard")

    @composed
    def prefetch(self, buffer_size: Any, name: str | None = None) -> Any:
        """Let a thread make the next elements while the loop works on the last one.

        Parameters
        ----------
        buffer_size : int
            How many elements to keep ready; AUTOTUNE keeps 2.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> [int(x) for x in tf.data.Dataset.range(3).prefetch(tf.data.AUTOTUNE)]
        [0, 1, 2]
        """
        n = whole(buffer_size, "buffer_size", -1)
        n = AHEAD if n == AUTOTUNE else n

        def start() -> PythonIterator[Element]:
            return ahead(self.elements(), n) if n else self.elements()

        return self._like(start, self._size, "prefetch")

    def _like(self, start: Any, size: int, method: str) -> Any:
        """Return a dataset whose elements have the same specs."""
        return self.derived(start, lambda: self.element_spec, size, Origin.here(method))


# -- details ----------------------------------------------------------------------------------


def shuffled(elements: PythonIterator[Element], size: int, key: Key) -> PythonIterator[Element]:
    """Yield elements in an order that a key decides, drawn from a buffer."""
    generator = generator_of(key)
    buffer = list(islice(elements, size))
    numbers = chain.from_iterable(generator.random(MANY).tolist() for _ in count())
    for element in elements:
        i = int(next(numbers) * size)
        drawn, buffer[i] = buffer[i], element
        yield drawn
    for i in generator.permutation(len(buffer)).tolist():
        yield buffer[i]


def repeated(dataset: Pipeline, times: int) -> PythonIterator[Element]:
    """Yield the elements of a dataset again and again; stop if there are none."""
    rounds: Iterable[int] = count() if times == -1 else range(times)
    for _ in rounds:
        empty = True
        for element in dataset.elements():
            empty = False
            yield element
        if empty:
            return


def _times(size: int, times: int) -> int:
    """Return the number of elements of a dataset that is repeated."""
    if size == 0 or times == 0:
        return 0
    if times == -1:
        return INFINITE_CARDINALITY
    return size if size < 0 else size * times
