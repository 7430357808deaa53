"""Several datasets made one."""

from __future__ import annotations

from collections.abc import Iterator as PythonIterator
from itertools import chain
from typing import Any

from minitf.data.element import Element, is_dataset, leaves, map_leaves, side_by_side
from minitf.data.pipeline import (
    INFINITE_CARDINALITY,
    UNKNOWN_CARDINALITY,
    Origin,
    Pipeline,
)
from minitf.data.sources import chosen, drawn, listed
from minitf.errors import InvalidArgumentError
from minitf.ops.composed import composed
from minitf.ops.seeds import program_stream


class Joining(Pipeline):
    """What can be done with several datasets."""

    @composed
    def concatenate(self, dataset: Any, name: str | None = None) -> Any:
        """Let the elements of another dataset follow.

        Parameters
        ----------
        dataset : Dataset
            Its elements have the same structure.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> a, b = tf.data.Dataset.range(2), tf.data.Dataset.range(5, 7)
        >>> [int(x) for x in a.concatenate(b)]
        [0, 1, 5, 6]
        """
        if not isinstance(dataset, Pipeline):
            raise InvalidArgumentError(f"expected a Dataset, got {dataset!r}")
        sizes = (self._size, dataset._size)
        unknown = INFINITE_CARDINALITY if INFINITE_CARDINALITY in sizes else UNKNOWN_CARDINALITY
        parts = (self, dataset)

        def start() -> PythonIterator[Element]:
            return chain.from_iterable(part.elements() for part in parts)

        size = unknown if min(sizes) < 0 else sum(sizes)
        return self.derived(start, lambda: self.element_spec, size, Origin.here("concatenate"))

    @classmethod
    @composed
    def zip(cls, *args: Any, datasets: Any = None, name: str | None = None) -> Any:
        """Go through several datasets side by side, until the first of them ends.

        Parameters
        ----------
        *args : Dataset, or one nested structure of Datasets
            The parts of an element.
        datasets : nested structure of Datasets, optional
            In place of `args`.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> a, b = tf.data.Dataset.range(3), tf.data.Dataset.range(5, 7)
        >>> [(int(x), int(y)) for x, y in tf.data.Dataset.zip((a, b))]
        [(0, 5), (1, 6)]
        """
        form = datasets if datasets is not None else args[0] if len(args) == 1 else args
        parts = leaves(form)
        if not parts or not all(map(is_dataset, parts)):
            raise InvalidArgumentError(f"expected Datasets, in tuples or dicts, got {form!r}")

        def start() -> PythonIterator[Element]:
            return side_by_side(form, lambda part: part.elements())

        def spec() -> Any:
            return map_leaves(lambda part: part.element_spec, form)

        return cls.derived(start, spec, _shortest(parts), Origin.here("zip"))

    @classmethod
    @composed
    def sample_from_datasets(
        cls,
        datasets: Any,
        weights: Any = None,
        seed: Any = None,
        stop_on_empty_dataset: bool = False,
        rerandomize_each_iteration: bool | None = None,
    ) -> Any:
        """Take each element of a dataset chosen at random.

        Parameters
        ----------
        datasets : sequence of Dataset
            Their elements have one structure.
        weights : sequence of float, optional
            How likely each is; all are as likely unless given.
        seed : int, optional
            Together with the program's seed, decides the choices.
        stop_on_empty_dataset : bool
            Whether to end with the first dataset that ends; the others go on otherwise.
        rerandomize_each_iteration : bool, optional
            Accepted as in TensorFlow; each loop makes its own choices.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> a, b = tf.data.Dataset.range(2), tf.data.Dataset.range(5, 7)
        >>> sorted(int(x) for x in tf.data.Dataset.sample_from_datasets([a, b]))
        [0, 1, 5, 6]
        """
        parts = _same_datasets(datasets)
        shares = [1.0] * len(parts) if weights is None else [float(w) for w in weights]
        if len(shares) != len(parts) or min(shares) < 0 or not sum(shares):
            raise InvalidArgumentError(f"weights of {len(parts)} datasets, got {weights}")
        stream = program_stream(seed)
        strict = bool(stop_on_empty_dataset)

        def start() -> PythonIterator[Element]:
            key = stream.next()
            return chosen(parts, lambda alive: drawn(alive, shares, key), strict)

        origin = Origin.here("sample_from_datasets")
        return cls.derived(start, lambda: parts[0].element_spec, UNKNOWN_CARDINALITY, origin)

    @classmethod
    @composed
    def choose_from_datasets(
        cls, datasets: Any, choice_dataset: Any, stop_on_empty_dataset: bool = True
    ) -> Any:
        """Take each element of the dataset whose number another dataset holds.

        Parameters
        ----------
        datasets : sequence of Dataset
            Their elements have one structure.
        choice_dataset : Dataset
            Of numbers of datasets.
        stop_on_empty_dataset : bool
            Whether to end with the first dataset that ends; choices of it are left out otherwise.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> a, b = tf.data.Dataset.range(3), tf.data.Dataset.range(5, 8)
        >>> choices = tf.data.Dataset.from_tensor_slices([0, 1, 1])
        >>> [int(x) for x in tf.data.Dataset.choose_from_datasets([a, b], choices)]
        [0, 5, 6]
        """
        parts, origin = _same_datasets(datasets), Origin.here("choose_from_datasets")
        strict = bool(stop_on_empty_dataset)

        def start() -> PythonIterator[Element]:
            return chosen(parts, lambda _: listed(choice_dataset, parts, origin), strict)

        return cls.derived(start, lambda: parts[0].element_spec, UNKNOWN_CARDINALITY, origin)


# -- details ----------------------------------------------------------------------------------


def _shortest(parts: list[Any]) -> int:
    sizes = [part._size for part in parts]
    if UNKNOWN_CARDINALITY in sizes:
        return UNKNOWN_CARDINALITY
    return min((n for n in sizes if n >= 0), default=INFINITE_CARDINALITY)


def _same_datasets(datasets: Any) -> list[Pipeline]:
    parts = list(datasets)
    if not parts or not all(map(is_dataset, parts)):
        raise InvalidArgumentError(f"expected a list of Datasets, got {datasets!r}")
    return parts
