"""Counting: how often whole numbers, pairs of them, or numbers of a range occur."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.dtypes import DType, int32
from minitf.errors import InvalidArgumentError, OutOfRangeError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.op import AnyTensor, IntTensor, Tensor, op
from minitf.graph.spec import TensorSpec
from minitf.ops.composed import composed


def count(places: Any, weights: Any, size: int, dtype: Any) -> Any:
    """Return how often (or with which weight in sum) each number below `size` occurs."""
    counts = np.zeros(size, dtype)
    np.add.at(counts, places, np.broadcast_to(np.asarray(weights, dtype), places.shape))
    return counts


@op(name="bincount", differentiable=False)
def bincount_(
    arr: IntTensor,
    weights: list[AnyTensor],  # type: ignore[valid-type]
    minlength: int,
    maxlength: int | None,
    dtype: DType,
    by_row: bool,
    binary_output: bool,
):
    """Count how often each number occurs; see `bincount`."""
    if by_row and len(arr.shape) != 2:
        raise ShapeError(f"axis=-1 needs two axes, got shape {arr.shape}")
    for weight in weights:
        if not weight.shape.is_compatible_with(arr.shape):
            raise ShapeError(f"weights of shape {weight.shape} for numbers of shape {arr.shape}")
    return TensorSpec((arr.shape[0], None) if by_row else (None,), dtype)


@bincount_.kernel("numpy")
def _(arr, *weights, minlength, maxlength, dtype, by_row, binary_output):
    if arr.size and arr.min() < 0:
        raise InvalidArgumentError(f"only numbers >= 0 can be counted, got {arr.min()}")
    size = max(minlength, int(arr.max(initial=-1)) + 1)
    size = size if maxlength is None else min(size, maxlength)
    rows = arr.astype(np.intp) if by_row else arr.astype(np.intp).reshape(1, -1)
    inside = rows < size
    places = (np.arange(len(rows))[:, None] * size + rows)[inside]
    weight = weights[0].reshape(rows.shape)[inside] if weights else 1
    counts = count(places, weight, len(rows) * size, dtype.numpy)
    counts = (counts != 0).astype(counts.dtype) if binary_output else counts
    return counts.reshape(len(rows), size) if by_row else counts


@composed
def bincount(
    arr: Any,
    weights: Any = None,
    minlength: Any = None,
    maxlength: Any = None,
    dtype: Any = int32,
    name: str | None = None,
    axis: int | None = None,
    binary_output: bool = False,
) -> Tensor:
    """Count how often each of the numbers 0, 1, 2, ... occurs.

    Parameters
    ----------
    arr : Tensor
        Integers >= 0, any shape.
    weights : Tensor, optional
        Of the shape of `arr`: what each occurrence counts, in place of 1.
    minlength, maxlength : int, optional
        Bounds for the length of the result. Numbers beyond it are not counted.
    dtype : DType
        Element type of the result; that of the weights where there are some.
    axis : int, optional
        With -1, `arr` has two axes and each row is counted by itself.
    binary_output : bool
        Only say whether a number occurs.

    Returns
    -------
    Tensor
        Shape (largest number + 1,), or (rows, largest number + 1).

    Raises
    ------
    InvalidArgumentError
        For negative numbers.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.bincount([1, 1, 3]).numpy().tolist()
    [0, 2, 0, 1]
    """
    if axis not in (None, 0, -1):
        raise InvalidArgumentError(f"axis is None, 0 or -1, got {axis}")
    given = [] if weights is None else [as_tensor(weights)]
    kind = given[0].dtype if given else dtype
    return bincount_(
        arr, given, minlength or 0, maxlength, kind, axis == -1, binary_output, name=name
    )


@op(name="confusion_matrix", differentiable=False)
def confusion_matrix_(
    labels: IntTensor,
    predictions: IntTensor,
    weights: list[AnyTensor],  # type: ignore[valid-type]
    num_classes: int | None,
    dtype: DType,
):
    """Count the pairs of labels and predictions; see `confusion_matrix`."""
    if not labels.shape.is_compatible_with(predictions.shape):
        raise ShapeError(f"labels {labels.shape} and predictions {predictions.shape} differ")
    return TensorSpec((num_classes, num_classes), dtype)


@confusion_matrix_.kernel("numpy")
def _(labels, predictions, *weights, num_classes, dtype):
    pairs = np.stack([labels.reshape(-1), predictions.reshape(-1)]).astype(np.intp)
    classes = pairs.max(initial=-1) + 1 if num_classes is None else num_classes
    if pairs.size and (pairs.min() < 0 or pairs.max() >= classes):
        wrong = pairs[(pairs < 0) | (pairs >= classes)][0]
        raise OutOfRangeError(f"class {wrong} is not in [0, {classes})")
    weight = weights[0].reshape(-1) if weights else 1
    counts = count(pairs[0] * classes + pairs[1], weight, classes * classes, dtype.numpy)
    return counts.reshape(classes, classes)


@composed
def confusion_matrix(
    labels: Any,
    predictions: Any,
    num_classes: Any = None,
    weights: Any = None,
    dtype: Any = int32,
    name: str | None = None,
) -> Tensor:
    """Count how often each class was taken for each other class.

    Parameters
    ----------
    labels : Tensor
        Integers, shape (n,): the right classes.
    predictions : Tensor
        Integers, shape (n,): the classes that a model chose.
    num_classes : int, optional
        How many classes there are; one more than the largest that occurs by default.
    weights : Tensor, optional
        Shape (n,): what each pair counts, in place of 1.
    dtype : DType
        Element type of the result.

    Returns
    -------
    Tensor
        Shape (classes, classes): row i, column j counts the i's that were taken for j's.

    Raises
    ------
    OutOfRangeError
        Where a class is not in [0, num_classes).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.confusion_matrix([0, 1, 1], [1, 1, 0]).numpy().tolist()
    [[0, 1], [1, 1]]
    """
    given = [] if weights is None else [as_tensor(weights)]
    return confusion_matrix_(labels, predictions, given, num_classes, dtype, name=name)


@op(name="histogram_fixed_width_bins", differentiable=False)
def histogram_fixed_width_bins(
    values: Tensor, value_range: tuple[float, ...], nbins: int = 100, dtype: DType = int32
):
    """Return the number of the bin that each value falls into; see `histogram_fixed_width`.

    Parameters
    ----------
    values : Tensor
        Numbers, any shape.
    value_range : sequence of two numbers
        The ends of the range.
    nbins : int
        How many bins of one width the range is cut into.
    dtype : DType
        int32 or int64.

    Returns
    -------
    Tensor
        Of the shape of `values`; values beyond the ends fall into the first or the last bin.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.histogram_fixed_width_bins([-1.0, 0.5, 9.9], [0.0, 5.0], nbins=5).numpy().tolist()
    [0, 0, 4]
    """
    if len(value_range) != 2:
        raise InvalidArgumentError(f"a range has two ends, got {value_range}")
    if None not in value_range:
        _check_range(value_range)
    return TensorSpec(values.shape, dtype)


def _check_range(value_range: Any) -> tuple[float, float]:
    low, high = value_range
    if not low < high:
        raise InvalidArgumentError(f"the range must begin below its end, got [{low}, {high}]")
    return low, high


@histogram_fixed_width_bins.kernel("numpy")
def _(values, *, value_range, nbins, dtype):
    low, high = _check_range(value_range)
    place = np.floor((values - low) / (high - low) * nbins)
    return np.clip(place, 0, nbins - 1).astype(dtype.numpy)


@composed
def histogram_fixed_width(
    values: Any,
    value_range: Any,
    nbins: int = 100,
    dtype: Any = int32,
    name: str | None = None,
) -> Tensor:
    """Count how many values fall into each of several bins of one width.

    Parameters
    ----------
    values : Tensor
        Numbers, any shape.
    value_range : sequence of two numbers
        The ends of the range.
    nbins : int
        How many bins the range is cut into.
    dtype : DType
        int32 or int64.

    Returns
    -------
    Tensor
        Shape (nbins,); values beyond the ends count in the first and the last bin.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.histogram_fixed_width([-1.0, 0.5, 1.5, 9.9], [0.0, 5.0], nbins=5).numpy().tolist()
    [2, 1, 0, 0, 1]
    """
    bins = histogram_fixed_width_bins(values, value_range, nbins)
    return bincount(bins, minlength=nbins, maxlength=nbins, dtype=dtype, name=name)
