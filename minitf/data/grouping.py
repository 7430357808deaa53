"""Transformations that sort elements: into groups, by length, by class, by whether they are new."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from collections.abc import Iterator as PythonIterator
from typing import Any

import numpy as np

from minitf.data.batching import pad_arrays
from minitf.data.calls import Calls
from minitf.data.element import (
    DatasetSpec,
    Element,
    leaves,
    map_leaves,
    spec_of,
    spread_over,
    stack,
    stack_arrays,
)
from minitf.data.mapping import traced_or_run
from minitf.data.pipeline import UNKNOWN_CARDINALITY, Origin, Pipeline, first_spec, whole
from minitf.data.sources import generator_of
from minitf.dtypes import int32, int64
from minitf.errors import Error, InvalidArgumentError
from minitf.graph.spec import TensorSpec
from minitf.ops.composed import composed
from minitf.ops.seeds import Key, program_stream


class Grouping(Pipeline):
    """What a dataset can do with elements that belong together."""

    @composed
    def group_by_window(
        self,
        key_func: Callable[..., Any],
        reduce_func: Callable[..., Any],
        window_size: Any = None,
        window_size_func: Callable[..., Any] | None = None,
        name: str | None = None,
    ) -> Any:
        """Collect elements with the same key, and make a dataset of each group.

        Parameters
        ----------
        key_func : callable
            Takes an element as `map` passes it, and returns a whole number.
        reduce_func : callable
            Takes the key, and a dataset of the elements of the group; returns a Dataset.
        window_size : int
            Elements in a group; what is left at the end makes smaller ones.
        window_size_func : callable, optional
            Takes the key and returns its `window_size`, in place of it.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> ds = tf.data.Dataset.range(7)
        >>> ds = ds.group_by_window(lambda x: x % 2, lambda key, group: group.batch(3), 3)
        >>> [b.numpy().tolist() for b in ds]
        [[0, 2, 4], [1, 3, 5], [6]]
        """
        if (window_size is None) == (window_size_func is None):
            raise InvalidArgumentError("give window_size or window_size_func")
        origin = Origin.here("group_by_window")
        keys, reduced = Calls(key_func, origin), Calls(reduce_func, origin)
        size = whole(1 if window_size is None else window_size, "window_size", 1)
        sizes = None if window_size_func is None else Calls(window_size_func, origin)

        def start() -> PythonIterator[Element]:
            key_of, reduce = keys.on_elements(), reduced.begin()
            size_of = _sizes_of(sizes.begin(), origin) if sizes else (lambda key: size)
            numbered = (
                (_number(key_of(job), origin), job[1]) for job in enumerate(self.elements())
            )
            for number, (key, group) in enumerate(collected(numbered, size_of)):
                window = self.derived(group.__iter__, lambda: self.element_spec, len(group), origin)
                made = reduce((number, (np.array(key), window)))
                if not isinstance(made, Pipeline):
                    problem = InvalidArgumentError("reduce_func must return a Dataset")
                    raise origin.located(problem)
                yield from made.elements()

        def spec() -> Any:
            groups = self.derived(
                start, DatasetSpec(self.element_spec), UNKNOWN_CARDINALITY, origin
            )
            return traced_or_run(
                lambda: reduced.result_spec(groups, TensorSpec((), int64)).element_spec,
                lambda: first_spec(start, origin),
            )

        return self.derived(start, spec, UNKNOWN_CARDINALITY, origin)

    @composed
    def bucket_by_sequence_length(
        self,
        element_length_func: Callable[..., Any],
        bucket_boundaries: Sequence[int],
        bucket_batch_sizes: Sequence[int],
        padded_shapes: Any = None,
        padding_values: Any = None,
        pad_to_bucket_boundary: bool = False,
        no_padding: bool = False,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Any:
        """Make batches of elements that are about equally long, so that little is padding.

        Parameters
        ----------
        element_length_func : callable
            Takes an element as `map` passes it, and returns its length.
        bucket_boundaries : sequence of int
            Bucket i is for lengths below ``bucket_boundaries[i]``; the last one is for the others.
        bucket_batch_sizes : sequence of int
            For each bucket; one more than there are boundaries.
        padded_shapes, padding_values
            As for `padded_batch`.
        pad_to_bucket_boundary : bool
            Whether unknown sizes are filled up to one less than the boundary, rather than to the
            longest element of the batch. Elements that are longer are errors.
        no_padding : bool
            Whether all elements of a bucket have one shape already.
        drop_remainder : bool
            Whether to leave out the last batches, which are smaller.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> ds = tf.data.Dataset.from_tensor_slices([1, 5, 2, 6]).map(lambda n: tf.fill([n], n))
        >>> ds = ds.bucket_by_sequence_length(lambda x: tf.shape(x)[0], [4], [2, 2])
        >>> [b.shape.as_list() for b in ds]
        [[2, 2], [2, 6]]
        """
        boundaries = [int(b) for b in bucket_boundaries]
        sizes = [whole(n, "bucket_batch_sizes", 1) for n in bucket_batch_sizes]
        if len(sizes) != len(boundaries) + 1 or boundaries != sorted(set(boundaries)):
            raise InvalidArgumentError(
                f"rising boundaries, and one more size than those, got {boundaries} and {sizes}"
            )
        origin = Origin.here("bucket_by_sequence_length")
        lengths = Calls(element_length_func, origin)

        def bucket(length: int) -> int:
            if pad_to_bucket_boundary and length >= (boundaries or [0])[-1]:
                problem = InvalidArgumentError(f"an element of length {length} fits no boundary")
                raise origin.located(problem)
            return bisect_right(boundaries, length)

        def start() -> PythonIterator[Element]:
            length_of = lengths.on_elements()
            numbered = (
                (bucket(_number(length_of(job), origin)), job[1])
                for job in enumerate(self.elements())
            )
            for i, group in collected(numbered, sizes.__getitem__):
                if len(group) == sizes[i] or not drop_remainder:
                    limit = boundaries[i] - 1 if pad_to_bucket_boundary else None
                    yield _batch(group, origin, no_padding, padded_shapes, padding_values, limit)

        def spec() -> Any:
            def padded(leaf: TensorSpec) -> TensorSpec:
                return TensorSpec((None, *[None] * leaf.ndim), leaf.dtype)

            return map_leaves(padded, self.element_spec)

        return self.derived(start, spec, UNKNOWN_CARDINALITY, origin)

    @composed
    def rejection_resample(
        self,
        class_func: Callable[..., Any],
        target_dist: Any,
        initial_dist: Any = None,
        seed: Any = None,
        name: str | None = None,
    ) -> Any:
        """Leave out elements at random, so that the classes have given shares.

        Parameters
        ----------
        class_func : callable
            Takes an element as `map` passes it, and returns the number of its class.
        target_dist : sequence of float
            The share that each class is to have.
        initial_dist : sequence of float, optional
            The share that it has; found by counting, as elements come, unless given.
        seed : int, optional
            Together with the program's seed, decides who stays.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset
            Of pairs (class, element).

        Notes
        -----
        With shares ``t`` wanted and ``p`` found, an element of class i stays with the probability
        ``(t_i / p_i) / max_j (t_j / p_j)``.

        Examples
        --------
        >>> import minitf as tf
        >>> ds = tf.data.Dataset.from_tensor_slices([0] * 90 + [1] * 10)
        >>> ds = ds.rejection_resample(lambda x: x, [0.5, 0.5], [0.9, 0.1], seed=1)
        >>> sum(int(x) for _, x in ds)
        10
        """
        origin, stream = Origin.here("rejection_resample"), program_stream(seed)
        classes = Calls(class_func, origin)
        target = np.asarray(target_dist, float)
        initial = None if initial_dist is None else np.asarray(initial_dist, float)
        if target.ndim != 1 or (initial is not None and initial.shape != target.shape):
            raise InvalidArgumentError("target_dist and initial_dist hold a share for each class")

        def start() -> PythonIterator[Element]:
            class_of, key = classes.on_elements(), stream.next()
            pairs = ((_number(class_of(job), origin), job[1]) for job in enumerate(self.elements()))
            for number, element in resampled(pairs, target, initial, key, origin):
                yield np.array(number, np.int32), element

        def spec() -> Any:
            return TensorSpec((), int32), self.element_spec

        return self.derived(start, spec, UNKNOWN_CARDINALITY, origin)

    @composed
    def unique(self, name: str | None = None) -> Any:
        """Keep the first of equal elements.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> [int(x) for x in tf.data.Dataset.from_tensor_slices([1, 2, 1, 3, 2]).unique()]
        [1, 2, 3]
        """

        def start() -> PythonIterator[Element]:
            seen = set()
            for element in self.elements():
                mark = tuple((str(leaf.dtype), leaf.shape, *leaf.flat) for leaf in leaves(element))
                if mark not in seen:
                    seen.add(mark)
                    yield element

        return self.derived(
            start, lambda: self.element_spec, UNKNOWN_CARDINALITY, Origin.here("unique")
        )


# -- details ----------------------------------------------------------------------------------


def collected(
    numbered: PythonIterator[tuple[int, Element]], size_of: Callable[[int], int]
) -> PythonIterator[tuple[int, list[Element]]]:
    """Yield (key, elements) when there are enough with the key; at the end, what is left."""
    groups: dict[int, list[Element]] = {}
    for key, element in numbered:
        group = groups.setdefault(key, [])
        group.append(element)
        if len(group) >= size_of(key):
            yield key, groups.pop(key)
    yield from sorted(groups.items(), key=lambda item: item[0])


def resampled(
    pairs: PythonIterator[tuple[int, Element]], target: Any, initial: Any, key: Key, origin: Origin
) -> PythonIterator[tuple[int, Element]]:
    """Yield the pairs (class, element) that stay; see `Grouping.rejection_resample`."""
    generator, counts = generator_of(key), np.zeros(len(target))
    for number, element in pairs:
        if not 0 <= number < len(target):
            problem = InvalidArgumentError(f"class {number}, but shares for {len(target)} classes")
            raise origin.located(problem)
        counts[number] += 1
        shares = counts if initial is None else initial
        # A class that has not been seen is not waited for.
        ratios = np.divide(target, shares, out=np.zeros(len(target)), where=shares > 0)
        if generator.random() * ratios.max() < ratios[number]:
            yield number, element


def _batch(
    group: list[Element], origin: Origin, no_padding: bool, shapes: Any, values: Any, limit: Any
) -> Element:
    """Return elements as one, filled up to the longest, or to a limit."""
    try:
        if no_padding:
            return stack(group, stack_arrays)
        sizes = spread_over(group[0], shapes)
        if limit is not None:
            sizes = map_leaves(lambda leaf, s: _limited(s, leaf.ndim, limit), group[0], sizes)
        return stack([*group, sizes, spread_over(group[0], values)], pad_arrays)
    except Error as error:
        raise origin.located(error) from error.__cause__


def _limited(sizes: Any, rank: int, limit: int) -> list[int]:
    found = [None] * rank if sizes is None else list(sizes)
    return [limit if n is None or n == -1 else n for n in found]


def _sizes_of(call: Callable[..., Any], origin: Origin) -> Callable[[int], int]:
    """Return the function that calls the user's on a key, as plain numbers."""
    return lambda key: whole(_number(call((key, (np.array(key),))), origin), "window_size", 1)


def _number(value: Element, origin: Origin) -> int:
    if not isinstance(value, np.ndarray) or value.shape != () or value.dtype.kind not in "iu":
        shown = spec_of(value)
        problem = InvalidArgumentError(f"the function must return a whole number, got {shown}")
        raise origin.located(problem)
    return int(value)
