"""Arrays for training: labels as vectors, unit lengths, splits, packed batches."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from minitf.data.dataset import Dataset
from minitf.data.element import (
    Element,
    as_element,
    check_lengths,
    rows,
    side_by_side,
    stack,
    stack_arrays,
)
from minitf.data.element import leaves as leaves_of
from minitf.errors import InvalidArgumentError, OutOfRangeError
from minitf.graph.tensor import Tensor
from minitf.ops.array import squeeze
from minitf.ops.composed import composed
from minitf.ops.filling import one_hot
from minitf.ops.norms import norm
from minitf.ops.seeds import set_seed
from minitf.ops.source import ones_like
from minitf.ops.where import where


@composed
def to_categorical(x: Any, num_classes: int | None = None, dtype: Any = None) -> Any:
    """Turn labels into vectors with a one at the label's place, and zeros elsewhere.

    Parameters
    ----------
    x : array_like of int, any shape
        Labels from 0 to ``num_classes - 1``. A last axis of size 1 is dropped.
    num_classes : int, optional
        Length of a vector; one more than the largest label unless given.
    dtype : dtype, optional
        Of the result: float64 unless given, as in Keras.

    Returns
    -------
    ndarray, shape (*x.shape, num_classes)
        A Tensor of float32 if `x` is one.

    Raises
    ------
    OutOfRangeError
        If a label is negative or too large.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.utils.to_categorical([2, 0], num_classes=3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    if isinstance(x, Tensor):
        return _one_hot_tensor(x, num_classes)
    labels = np.array(x, "int64")
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    count = int(num_classes or labels.max(initial=-1) + 1)
    if labels.size and not 0 <= labels.min() <= labels.max() < count:
        raise OutOfRangeError(
            f"labels must lie in 0 ... {count - 1}, got {labels.min()} ... {labels.max()}"
        )
    return (labels[..., None] == np.arange(count)).astype(dtype or "float64")


def _one_hot_tensor(x: Tensor, num_classes: int | None) -> Tensor:
    if num_classes is None:
        raise InvalidArgumentError("num_classes must be given for a Tensor")
    if len(x.shape) > 1 and x.shape[-1] == 1:
        x = squeeze(x, -1)
    return one_hot(x, num_classes)


@composed
def normalize(x: Any, axis: int = -1, order: Any = 2) -> Any:
    """Divide vectors by their lengths; a vector of zeros stays.

    Parameters
    ----------
    x : array_like
        Vectors along an axis.
    axis : int
        The axis.
    order : number
        Of the length: ``(sum |x|^order) ^ (1 / order)``.

    Returns
    -------
    ndarray, or Tensor if `x` is one

    Examples
    --------
    >>> from minitf import keras
    >>> keras.utils.normalize([[3.0, 4.0], [0.0, 0.0]]).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    if isinstance(x, Tensor):
        length = norm(x, ord=order, axis=axis, keepdims=True)
        return x / where(length == 0, ones_like(length), length)
    array = np.asarray(x)
    lengths = np.linalg.norm(array, order, axis, keepdims=True)
    return array / np.where(lengths == 0, 1, lengths)


def set_random_seed(seed: int) -> None:
    """Set the seeds of Python's, NumPy's and minitf's random numbers.

    Parameters
    ----------
    seed : int

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf import keras
    >>> def draw():
    ...     keras.utils.set_random_seed(7)
    ...     return float(tf.random.normal([]))
    >>> draw() == draw()
    True
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise InvalidArgumentError(f"set_random_seed: expected a whole number, got {seed!r}")
    random.seed(int(seed))
    np.random.seed(int(seed))
    set_seed(int(seed))


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Return (x, y, sample_weight) of what a batch holds; None for what it does not.

    Parameters
    ----------
    data : tensor, or tuple of 1 to 3 entries
        A batch, as `train_step` gets it.

    Returns
    -------
    tuple

    Examples
    --------
    >>> from minitf import keras
    >>> keras.utils.unpack_x_y_sample_weight(("inputs", "labels"))
    ('inputs', 'labels', None)
    """
    parts = tuple(data) if isinstance(data, (list, tuple)) else (data,)
    if not 1 <= len(parts) <= 3:
        raise InvalidArgumentError(
            f"a batch is x, (x,), (x, y) or (x, y, sample_weight), got {len(parts)} entries"
        )
    x, y, sample_weight = parts + (None,) * (3 - len(parts))
    return x, y, sample_weight


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Return a batch in the form that `unpack_x_y_sample_weight` takes apart.

    Parameters
    ----------
    x, y, sample_weight : tensor, or nested structure of tensors

    Returns
    -------
    tensor or tuple

    Examples
    --------
    >>> from minitf import keras
    >>> keras.utils.pack_x_y_sample_weight("inputs", "labels")
    ('inputs', 'labels')
    """
    if y is None:
        return (x,) if isinstance(x, (tuple, list)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)


# -- splits -----------------------------------------------------------------------------------


@composed
def split_dataset(
    dataset: Any,
    left_size: Any = None,
    right_size: Any = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Dataset, Dataset]:
    """Split data in two, such as for training and validation.

    Parameters
    ----------
    dataset : Dataset, ndarray, or tuple or list of ndarray
        It must fit into memory.
    left_size, right_size : float or int, optional
        Share (a float below 1) or number of the examples; what is not given is the rest.
    shuffle : bool
        Whether to bring the examples into a random order first.
    seed : int, optional
        Decides the order.
    preferred_backend : str, optional
        Accepted as in Keras.

    Returns
    -------
    (Dataset, Dataset)
        In batches of the same size if `dataset` came straight from ``batch``.

    Examples
    --------
    >>> import numpy as np
    >>> from minitf import keras
    >>> left, right = keras.utils.split_dataset(np.arange(10), left_size=0.8)
    >>> len(left), [int(x) for x in right]
    (8, [8, 9])
    """
    if left_size is None and right_size is None:
        raise InvalidArgumentError("give left_size or right_size")
    examples, batch_size = _examples(dataset)
    if shuffle:
        random.Random(seed).shuffle(examples)
    left, right = _sizes(left_size, right_size, len(examples))
    parts = [examples[:left], examples[len(examples) - right :]]
    first, second = (_dataset(part, batch_size) for part in parts)
    return first, second


def _examples(dataset: Any) -> tuple[list[Element], int | None]:
    """Return single examples, and the size of the batches that they came in."""
    if isinstance(dataset, Dataset):
        if dataset._origin.method != "batch":
            return list(dataset.elements()), None
        first = next(dataset.elements(), None)
        size = None if first is None else len(leaves_of(first)[0])
        return list(dataset.unbatch().elements()), size
    if not isinstance(dataset, (np.ndarray, tuple, list)):
        raise InvalidArgumentError(
            f"expected a Dataset, an array, or a tuple of arrays, got {type(dataset).__name__}"
        )
    whole = as_element(tuple(dataset) if isinstance(dataset, list) else dataset)
    check_lengths(whole)
    return list(side_by_side(whole, rows)), None


def _dataset(examples: list[Element], batch_size: int | None) -> Dataset:
    made = Dataset.from_tensor_slices(stack(examples, stack_arrays))
    return made.batch(batch_size) if batch_size else made


def _sizes(left: Any, right: Any, total: int) -> tuple[int, int]:
    """Return both sizes as numbers of examples."""
    known = [_size(size, name, total) for size, name in ((left, "left"), (right, "right"))]
    first = total - known[1] if known[0] is None else known[0]
    second = total - first if known[1] is None else known[1]
    if min(first, second) < 1 or first + second > total:
        raise InvalidArgumentError(
            f"{total} examples cannot be split into left_size={left} and right_size={right}: "
            f"{first} and {second}"
        )
    return first, second


def _size(size: Any, name: str, total: int) -> Any:
    if size is None:
        return None
    if isinstance(size, (float, np.floating)) and 0 < size < 1:
        return round(size * total)
    if isinstance(size, (int, np.integer)) and not isinstance(size, bool) and 0 < size < total:
        return int(size)
    raise InvalidArgumentError(
        f"{name}_size is a share below 1, or a number of examples below {total}, got {size!r}"
    )
