"""Batches: whatever `fit` is given, as batches of Tensors, epoch after epoch.

Arrays are cut here; Datasets, generators and PyDatasets bring batches along. A batch is ``x``,
``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)``, each a Tensor or a structure of Tensors. Inputs
without targets come bare, as in Keras: a `train_step` of an autoencoder or a GAN takes them so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from minitf.dtypes import float32
from minitf.errors import InvalidArgumentError, UsageError, warn
from minitf.graph.composite import composites
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten, is_nested, pack_like
from minitf.graph.tensor import Tensor, eager_tensor
from minitf.ops.gather import gather
from minitf.ops.math import cast

BATCH_SIZE = 32  # where nobody says one, as in Keras
_END = object()


def as_array(value: Any) -> Any:
    """Return data as an array: of float32 where it is float64, of strings as it is."""
    if hasattr(value, "to_numpy"):  # a pandas object
        value = value.to_numpy()
    elif hasattr(value, "detach"):  # a PyTorch tensor
        value = value.detach().numpy()
    array = np.asarray(value)
    return array.astype(np.float32) if array.dtype == np.float64 else array


def as_arrays(structure: Any) -> Any:
    """Return a structure of data as one of arrays; a list of numbers is one array."""
    for found in composites(structure):
        raise UsageError(f"data are dense arrays, got a {type(found).__name__}: {found.instead}")
    if isinstance(structure, Mapping):
        return {key: as_arrays(inner) for key, inner in structure.items()}
    leaves = flatten(structure)
    if leaves and all(isinstance(leaf, (int, float, str, bool, np.generic)) for leaf in leaves):
        return as_array(structure)
    return pack_like(structure, [None if leaf is None else as_array(leaf) for leaf in leaves])


class Batches:
    """Batches that can be gone through again and again.

    Attributes
    ----------
    steps : int or None
        Number of batches of an epoch; None where nobody knows before its end.
    steps_asked : int or None
        How many the program wants an epoch to have; None for all that there are.
    batch_size : int or None
        Samples of a full batch, where that is known.
    """

    steps: int | None = None
    steps_asked: int | None = None
    batch_size: int | None = None
    _under_way: Iterator[Any] | None = None

    def once(self) -> Iterator[Any]:
        """Yield all batches there are."""
        raise NotImplementedError

    def epoch(self) -> Iterator[Any]:
        """Yield the batches of one epoch; with `steps_asked`, go on where the last one ended."""
        if self.steps_asked is None:
            yield from self.once()
            return
        for step in range(self.steps_asked):
            batch = self._next(anew=step == 0)
            if batch is _END:
                warn(
                    f"the data ended after {step} of {self.steps_asked} batches: give a generator "
                    "or Dataset enough of them, with repeat() where they are to come again"
                )
                return
            yield batch

    def _next(self, anew: bool) -> Any:
        """Return the next batch; after the last one `_END`, or the first, if it may begin anew."""
        if self._under_way is not None:
            batch = next(self._under_way, _END)
            if batch is not _END:
                return batch
            self.close()
        if not anew:
            return _END
        self._under_way = self.once()
        return next(self._under_way, _END)

    def close(self) -> None:
        """Let go of what is under way: the next epoch begins at the first batch."""
        self._under_way = None


class ArrayBatches(Batches):
    """Arrays, cut into batches; in another order in every epoch, if they are to be shuffled."""

    def __init__(self, data: Any, batch_size: int | None, shuffle: Any = False,
                 steps: int | None = None):  # fmt: skip
        self.data = tuple(map(as_arrays, data)) if isinstance(data, tuple) else as_arrays(data)
        self.leaves = [leaf for leaf in flatten(self.data) if leaf is not None]
        self.size = common_size(self.leaves)
        self.batch_size = BATCH_SIZE if batch_size is None else int(batch_size)
        if self.batch_size < 1:
            raise InvalidArgumentError(f"batch_size >= 1, got {batch_size}")
        self.shuffle = bool(shuffle)
        whole = math.ceil(self.size / self.batch_size)
        if steps is not None and steps > whole:
            warn(f"the data make {whole} batches, fewer than the {steps} steps asked for")
        self.steps = whole if steps is None else min(steps, whole)
        self.steps_asked = self.steps if steps is not None else None

    def once(self) -> Iterator[Any]:
        """Yield all batches, in one order."""
        order = np.random.default_rng(_draw()).permutation(self.size) if self.shuffle else None
        assert self.batch_size is not None
        for start in range(0, self.size, self.batch_size):
            chosen = slice(start, start + self.batch_size)
            rows = chosen if order is None else order[chosen]
            tensors = [None if leaf is None else _tensor(leaf[rows]) for leaf in flatten(self.data)]
            yield pack_like(self.data, tensors)


def _tensor(array: Any) -> Tensor:
    """Return rows of an array as a Tensor, without another copy where none is needed."""
    plain = array.dtype.kind in "fiub" and array.dtype.isnative
    return eager_tensor(array) if plain else as_tensor(array)


def _draw() -> int:
    """Return a seed that `keras.utils.set_random_seed` makes repeatable."""
    return int(np.random.randint(2**31))


def common_size(arrays: list[Any]) -> int:
    """Return how many samples all arrays have.

    Raises
    ------
    InvalidArgumentError
        Where they differ, or there are none.
    """
    if any(np.ndim(a) == 0 for a in arrays):
        raise InvalidArgumentError("data must have an axis of samples; got a single number")
    sizes = {len(a) for a in arrays}
    if len(sizes) > 1:
        shapes = ", ".join(str(a.shape) for a in arrays)
        raise InvalidArgumentError(f"data have different numbers of samples: {shapes}")
    if not sizes or sizes == {0}:
        raise InvalidArgumentError("no data: at least one sample is needed")
    return sizes.pop()


class DatasetBatches(Batches):
    """A `tf.data.Dataset`, which brings its batches along."""

    def __init__(self, dataset: Any, steps: int | None = None):
        self.dataset, self.steps_asked = dataset, steps
        known = int(dataset.cardinality())
        self.steps = steps if steps is not None else (known if known >= 0 else None)
        if steps is None and known == -1:
            raise InvalidArgumentError(
                "the Dataset never ends: say how many batches make an epoch with steps_per_epoch="
            )

    def once(self) -> Iterator[Any]:
        """Yield the Dataset's batches, which are Tensors."""
        return iter(self.dataset)


class GeneratorBatches(Batches):
    """A Python generator or iterator of batches, which can be gone through once."""

    def __init__(self, generator: Iterator[Any], steps: int | None = None):
        self.generator = iter(generator)
        self.steps_asked = self.steps = steps

    def once(self) -> Iterator[Any]:
        """Yield the batches that are left."""
        return map(as_batch, self.generator)


class SequenceBatches(Batches):
    """A `keras.utils.PyDataset`: batches by their numbers."""

    def __init__(self, sequence: Any, shuffle: Any = False, steps: int | None = None):
        self.sequence, self.shuffle = sequence, bool(shuffle)
        known = len(sequence)
        self.steps = known if steps is None else min(steps, known)
        self.steps_asked = self.steps if steps is not None else None

    def once(self) -> Iterator[Any]:
        """Yield all batches, in one order."""
        order = np.arange(len(self.sequence))
        if self.shuffle:
            np.random.default_rng(_draw()).shuffle(order)
        return (as_batch(self.sequence[int(number)]) for number in order)

    def epoch(self) -> Iterator[Any]:
        """Yield the batches of one epoch, then tell the PyDataset that it has ended."""
        yield from super().epoch()
        if hasattr(self.sequence, "on_epoch_end"):
            self.sequence.on_epoch_end()


def as_batch(given: Any) -> Any:
    """Return what a source yields with its arrays as Tensors."""
    if isinstance(given, list):  # several inputs, not inputs and targets
        given = (given,)
    leaves = [leaf if leaf is None or isinstance(leaf, Tensor) else as_tensor(as_array(leaf))
              for leaf in flatten(given)]  # fmt: skip
    return pack_like(given, leaves)


def batches_of(x: Any, y: Any = None, sample_weight: Any = None, batch_size: int | None = None,
               steps: int | None = None, shuffle: Any = False,
               class_weight: Mapping[int, float] | None = None) -> Batches:  # fmt: skip
    """Return batches of whatever data `fit` was given.

    Raises
    ------
    UsageError
        For data of no kind that is known, or targets beside a source that brings its own.
    """
    if x is None:
        raise UsageError("no data: x= is missing")
    brings_batches = _brings_batches(x)
    if brings_batches and y is not None:
        raise UsageError(f"y= cannot be given where x is a {type(x).__name__}: it brings its own")
    if not brings_batches:
        data = _trimmed(x, y, sample_weight)
        found: Batches = ArrayBatches(data, batch_size, shuffle, steps)
    elif _is_dataset(x):
        found = DatasetBatches(x, steps)
    elif hasattr(x, "__getitem__"):
        found = SequenceBatches(x, shuffle, steps)
    else:
        found = GeneratorBatches(x, steps)
    return found if class_weight is None else Weighted(found, class_weight)


def _is_dataset(x: Any) -> bool:
    # Its type is asked, for to find out what x holds runs the program's functions: where an
    # attribute is missing in one of them, x would seem to be no dataset.
    return hasattr(type(x), "element_spec")


def _brings_batches(x: Any) -> bool:
    if _is_dataset(x):
        return True
    if isinstance(x, (np.ndarray, Tensor, list, tuple, Mapping, str)) or hasattr(x, "to_numpy"):
        return False
    return hasattr(x, "__next__") or (hasattr(x, "__getitem__") and hasattr(x, "__len__")
                                      and not hasattr(x, "dtype"))  # fmt: skip


def _trimmed(x: Any, y: Any, sample_weight: Any) -> Any:
    """Return what is there of x, y and the weights; one array alone is bare."""
    if sample_weight is not None:
        return (x, y, sample_weight)
    if y is not None:
        return (x, y)
    return (x,) if is_nested(x) and is_nested(as_arrays(x)) else x


class Weighted(Batches):
    """Batches whose samples weigh what their class does."""

    def __init__(self, batches: Batches, class_weight: Mapping[int, float]):
        self.batches, self.steps = batches, batches.steps
        self.batch_size = batches.batch_size
        self.known = {int(c) for c in class_weight}
        table = np.ones(max(self.known) + 1, np.float32)
        for number, weight in class_weight.items():
            table[int(number)] = weight
        self.table = as_tensor(table)

    def epoch(self) -> Iterator[Any]:
        """Yield the batches of one epoch, with weights."""
        for batch in self.batches.epoch():
            x, y, weight = unpack(batch)
            if y is None or len(flatten(y)) != 1:
                raise InvalidArgumentError("class_weight: the model must have one output")
            weights = gather(self.table, as_tensor(self._known(_classes(y.numpy()))))
            yield x, y, weights if weight is None else weights * cast(weight, float32)

    def close(self) -> None:
        """Let the batches that are weighted begin anew."""
        self.batches.close()

    def _known(self, classes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        strange = sorted(set(classes.tolist()) - self.known)
        if strange:
            raise InvalidArgumentError(f"class_weight: no weight for class {strange[0]}; it has "
                                       f"those of {sorted(self.known)}")  # fmt: skip
        return classes


def _classes(y: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the classes of labels: numbers, or rows with a one in them."""
    if y.ndim > 1 and y.shape[-1] > 1:
        return y.argmax(-1)
    return y.reshape(len(y)).astype(np.int64)


def unpack(batch: Any) -> tuple[Any, Any, Any]:
    """Return x, y and the samples' weights of a batch; None for what it does not have."""
    if isinstance(batch, list):
        batch = tuple(batch)
    if not isinstance(batch, tuple):
        return batch, None, None
    if not 1 <= len(batch) <= 3:
        raise InvalidArgumentError(
            f"a batch is x, (x, y) or (x, y, sample_weight), got a tuple of {len(batch)}"
        )
    return (*batch, None, None)[:3]


def split_off(data: tuple[Any, ...], share: float) -> tuple[Any, Any]:
    """Return the first part of arrays, and the last `share` of them for validation.

    Raises
    ------
    InvalidArgumentError
        For a share outside of (0, 1), or one that leaves a part empty.
    UsageError
        Where the data are no arrays.
    """
    if not 0 < share < 1:
        raise InvalidArgumentError(f"validation_split: 0 < share < 1, got {share}")
    if _brings_batches(data[0]):
        raise UsageError(
            "validation_split needs arrays; take parts of a Dataset with take and skip"
        )
    arrays = tuple(map(as_arrays, data))
    leaves = flatten(arrays)
    size = common_size([leaf for leaf in leaves if leaf is not None])
    cut = math.floor(size * (1 - share))
    if cut == 0 or cut == size:
        raise InvalidArgumentError(
            f"validation_split={share} of {size} samples leaves a part empty"
        )
    first = pack_like(arrays, [None if leaf is None else leaf[:cut] for leaf in leaves])
    last = pack_like(arrays, [None if leaf is None else leaf[cut:] for leaf in leaves])
    return first, last
