"""Reductions: many elements become one, along some axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.dtypes import DType, int64
from minitf.errors import InvalidArgumentError
from minitf.graph.attributes import resolve
from minitf.graph.op import AnyTensor, BoolTensor, FloatTensor, Tensor, op
from minitf.graph.operation import Operation
from minitf.graph.spec import TensorShape, TensorSpec, normalize_axes, normalize_axis
from minitf.ops.array import reshape_like
from minitf.ops.broadcasting import broadcast_like
from minitf.ops.cumulative import cumprod
from minitf.ops.division import divide
from minitf.ops.exponential import exp
from minitf.ops.math import cast, numeric
from minitf.ops.source import size

Axis = int | tuple[int, ...] | None


def reduced(spec: TensorSpec, axis: Any, keepdims: Any, dtype: Any = None) -> TensorSpec:
    """Return the spec that is left when `axis` is reduced."""
    axes = normalize_axes(axis, len(spec.shape))
    kept = (1 if i in axes else n for i, n in enumerate(spec.shape))
    left = (n for i, n in enumerate(spec.shape) if i not in axes)
    return TensorSpec(TensorShape(kept if keepdims else left), dtype or spec.dtype)


def axes_of(node: Operation) -> tuple[int, ...]:
    """Return the axes that an operation reduces, counted from the front."""
    axis = resolve(node.attributes["axis"], list(node.inputs))
    return normalize_axes(axis, len(node.inputs[0].shape))


def spread(dy: Any, source: Any, axis: Any) -> Any:
    """Return `dy`, the gradient of a reduction of `source`, stretched over what was reduced."""
    return broadcast_like(keep_axes(dy, source, axis), source)


def keep_axes(reduced_value: Any, source: Any, axis: Any) -> Any:
    """Return a reduction's result with the reduced axes present again, with size 1."""
    if len(reduced_value.shape) == len(source.shape):
        return reduced_value
    return reshape_like(reduced_value, source, normalize_axes(axis, len(source.shape)))


def total(x: Any, axis: Any, keepdims: Any) -> Any:
    """Return the sum of an array in a type that holds it: float16 is added up in float32."""
    wide = {"e": np.float32}.get(x.dtype.char, x.dtype)
    keep: Any = bool(keepdims)
    return np.add.reduce(x, axis=axis, dtype=wide, keepdims=keep)


def extreme(dtype: Any, highest: bool) -> Any:
    """Return the highest or the lowest number of a NumPy dtype: the extreme of no elements."""
    if dtype.kind == "f":
        return np.inf if highest else -np.inf
    return np.iinfo(dtype).max if highest else np.iinfo(dtype).min


@op
def reduce_sum(input_tensor: Tensor, axis: Axis = None, keepdims: bool = False):
    """Sum the elements along some axes.

    Parameters
    ----------
    input_tensor : Tensor
        Numbers, any shape.
    axis : int or sequence of int, optional
        Axes to sum over; all of them by default.
    keepdims : bool
        Keep the axes, with size 1.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.reduce_sum([[1, 2], [3, 4]], axis=0).numpy().tolist()
    [4, 6]
    """
    return reduced(numeric(input_tensor), axis, keepdims)


@reduce_sum.kernel("numpy")
def _(x, *, axis, keepdims):
    return np.asarray(total(x, axis, keepdims), x.dtype)


@reduce_sum.gradient
def _(node, dy):
    return spread(dy, node.inputs[0], axes_of(node))


@op
def reduce_mean(input_tensor: Tensor, axis: Axis = None, keepdims: bool = False):
    """Average the elements along some axes.

    Parameters
    ----------
    input_tensor : Tensor
        Numbers, any shape. The mean of integers is an integer: fractions are cut off.
    axis : int or sequence of int, optional
        Axes to average over; all of them by default.
    keepdims : bool
        Keep the axes, with size 1.

    Returns
    -------
    Tensor
        NaN where nothing is averaged.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.reduce_mean([[1.0, 2.0], [3.0, 6.0]], axis=1).numpy().tolist()
    [1.5, 4.5]
    >>> int(tf.reduce_mean([1, 2]))
    1
    """
    return reduced(numeric(input_tensor), axis, keepdims)


@reduce_mean.kernel("numpy")
def _(x, *, axis, keepdims):
    if x.dtype.kind in "iu":
        summed = np.add.reduce(x, axis=axis, dtype=np.int64, keepdims=bool(keepdims))
        count = x.size // max(summed.size, 1)
        mean = np.sign(summed) * np.floor_divide(np.abs(summed), count)
    else:
        summed = total(x, axis, keepdims)
        mean = summed / (x.size // max(summed.size, 1))
    return np.asarray(mean, x.dtype)


@reduce_mean.gradient
def _(node, dy):
    x, y = node.inputs[0], node.outputs[0]
    return spread(dy / _reduced_count(x, y), x, axes_of(node))


def _reduced_count(x: Any, y: Any) -> Any:
    """Return how many elements of x each element of y stands for."""
    many, few = x.shape.num_elements(), y.shape.num_elements()
    if many is not None and few is not None:
        return float(many // max(few, 1))
    return divide(cast(size(x), x.dtype), cast(size(y), x.dtype))


@op
def reduce_max(input_tensor: Tensor, axis: Axis = None, keepdims: bool = False):
    """Return the largest element along some axes.

    Parameters
    ----------
    input_tensor : Tensor
        Numbers, any shape.
    axis : int or sequence of int, optional
        Axes to reduce; all of them by default.
    keepdims : bool
        Keep the axes, with size 1.

    Returns
    -------
    Tensor
        The lowest number there is where there are no elements; NaN where one of them is NaN.

    Notes
    -----
    The gradient is shared evenly among all elements that are the largest.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.reduce_max([[1, 5], [3, 4]], axis=1).numpy().tolist()
    [5, 4]
    """
    return reduced(numeric(input_tensor), axis, keepdims)


@reduce_max.kernel("numpy")
def _(x, *, axis, keepdims):
    options = {} if x.size else {"initial": extreme(x.dtype, highest=False)}
    return np.maximum.reduce(x, axis=axis, keepdims=bool(keepdims), **options)


@op
def reduce_min(input_tensor: Tensor, axis: Axis = None, keepdims: bool = False):
    """Return the smallest element along some axes.

    Parameters
    ----------
    input_tensor : Tensor
        Numbers, any shape.
    axis : int or sequence of int, optional
        Axes to reduce; all of them by default.
    keepdims : bool
        Keep the axes, with size 1.

    Returns
    -------
    Tensor
        The highest number there is where there are no elements; NaN where one of them is NaN.

    Notes
    -----
    The gradient is shared evenly among all elements that are the smallest.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.reduce_min([[1, 5], [3, 4]], axis=1).numpy().tolist()
    [1, 3]
    """
    return reduced(numeric(input_tensor), axis, keepdims)


@reduce_min.kernel("numpy")
def _(x, *, axis, keepdims):
    options = {} if x.size else {"initial": extreme(x.dtype, highest=True)}
    return np.minimum.reduce(x, axis=axis, keepdims=bool(keepdims), **options)


@reduce_max.gradient
@reduce_min.gradient
def _(node, dy):
    x, axes = node.inputs[0], axes_of(node)
    chosen = cast(x == keep_axes(node.outputs[0], x, axes), x.dtype)
    return chosen * (keep_axes(dy, x, axes) / reduce_sum(chosen, axes, True))


@op
def reduce_prod(input_tensor: Tensor, axis: Axis = None, keepdims: bool = False):
    """Multiply the elements along some axes.

    Parameters
    ----------
    input_tensor : Tensor
        Numbers, any shape.
    axis : int or sequence of int, optional
        Axes to reduce; all of them by default.
    keepdims : bool
        Keep the axes, with size 1.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.reduce_prod([[1, 2], [3, 4]], axis=1).numpy().tolist()
    [2, 12]
    """
    return reduced(numeric(input_tensor), axis, keepdims)


@reduce_prod.kernel("numpy")
def _(x, *, axis, keepdims):
    return np.multiply.reduce(x, axis=axis, dtype=x.dtype, keepdims=bool(keepdims))


@reduce_prod.gradient
def _(node, dy):
    # The product of all others, without dividing by the element itself, which may be 0: of those
    # before it and behind it, along one axis after the other.
    x, axes = node.inputs[0], axes_of(node)
    others, left = keep_axes(dy, x, axes), x
    for axis in axes:
        before, behind = cumprod(left, axis, True, False), cumprod(left, axis, True, True)
        others, left = others * (before * behind), reduce_prod(left, axis, True)
    return others


@op(differentiable=False)
def reduce_all(input_tensor: BoolTensor, axis: Axis = None, keepdims: bool = False):
    """Return whether all elements along some axes are true.

    Parameters
    ----------
    input_tensor : Tensor
        Of type bool, any shape.
    axis : int or sequence of int, optional
        Axes to reduce; all of them by default.
    keepdims : bool
        Keep the axes, with size 1.

    Returns
    -------
    Tensor
        Of type bool; true where there are no elements.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.reduce_all([[True, True], [True, False]], axis=1).numpy().tolist()
    [True, False]
    """
    return reduced(input_tensor, axis, keepdims)


@reduce_all.kernel("numpy")
def _(x, *, axis, keepdims):
    return np.logical_and.reduce(x, axis=axis, keepdims=bool(keepdims))


@op(differentiable=False)
def reduce_any(input_tensor: BoolTensor, axis: Axis = None, keepdims: bool = False):
    """Return whether any element along some axes is true.

    Parameters
    ----------
    input_tensor : Tensor
        Of type bool, any shape.
    axis : int or sequence of int, optional
        Axes to reduce; all of them by default.
    keepdims : bool
        Keep the axes, with size 1.

    Returns
    -------
    Tensor
        Of type bool; false where there are no elements.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.reduce_any([[False, False], [True, False]], axis=1).numpy().tolist()
    [False, True]
    """
    return reduced(input_tensor, axis, keepdims)


@reduce_any.kernel("numpy")
def _(x, *, axis, keepdims):
    return np.logical_or.reduce(x, axis=axis, keepdims=bool(keepdims))


@op
def reduce_logsumexp(input_tensor: FloatTensor, axis: Axis = None, keepdims: bool = False):
    """Return the logarithm of the sum of the exponentials along some axes.

    Parameters
    ----------
    input_tensor : Tensor
        Floating dtype, any shape.
    axis : int or sequence of int, optional
        Axes to reduce; all of them by default.
    keepdims : bool
        Keep the axes, with size 1.

    Returns
    -------
    Tensor

    Notes
    -----
    With ``m = max(x)``, ``log(sum(exp(x))) = m + log(sum(exp(x - m)))``, and no exponential on the
    right overflows. The gradient is the softmax of x.

    Examples
    --------
    >>> import minitf as tf
    >>> print(tf.reduce_logsumexp([1000.0, 1000.0]).numpy().round(3))
    1000.693
    """
    return reduced(input_tensor, axis, keepdims)


@reduce_logsumexp.kernel("numpy")
def _(x, *, axis, keepdims):
    largest = np.maximum.reduce(x, axis=axis, keepdims=True, initial=-np.inf)
    largest = np.where(np.isfinite(largest), largest, 0)
    summed = np.log(total(np.exp(x - largest), axis, True)).astype(x.dtype) + largest
    return summed if keepdims else np.squeeze(summed, normalize_axes(axis, np.ndim(x)))


@reduce_logsumexp.gradient
def _(node, dy):
    x, axes = node.inputs[0], axes_of(node)
    return keep_axes(dy, x, axes) * exp(x - keep_axes(node.outputs[0], x, axes))


def _along(spec: TensorSpec, axis: int | None, dtype: DType) -> TensorSpec:
    at = normalize_axis(axis or 0, len(spec.shape))
    if spec.shape[at] == 0:
        raise InvalidArgumentError(f"axis {axis or 0} of {spec.shape} has nothing to choose from")
    return TensorSpec(spec.shape[:at] + spec.shape[at + 1 :], dtype)


@op(differentiable=False)
def argmax(input: AnyTensor, axis: int | None = None, output_type: DType = int64):
    """Return where the largest element along an axis stands; of several, the first.

    Parameters
    ----------
    input : Tensor
        Any shape with at least one axis.
    axis : int, optional
        The axis to search; the first by default.
    output_type : DType
        int64 or int32.

    Returns
    -------
    Tensor
        Of the shape of `input` without `axis`.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.argmax([[1, 9, 9], [7, 2, 3]], axis=1).numpy().tolist()
    [1, 0]
    """
    return _along(input, axis, output_type)


@argmax.kernel("numpy")
def _(x, *, axis, output_type):
    return np.argmax(x, axis or 0).astype(output_type.numpy)


@op(differentiable=False)
def argmin(input: AnyTensor, axis: int | None = None, output_type: DType = int64):
    """Return where the smallest element along an axis stands; of several, the first.

    Parameters
    ----------
    input : Tensor
        Any shape with at least one axis.
    axis : int, optional
        The axis to search; the first by default.
    output_type : DType
        int64 or int32.

    Returns
    -------
    Tensor
        Of the shape of `input` without `axis`.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.argmin([[1, 9, 1], [7, 2, 3]], axis=1).numpy().tolist()
    [0, 1]
    """
    return _along(input, axis, output_type)


@argmin.kernel("numpy")
def _(x, *, axis, output_type):
    return np.argmin(x, axis or 0).astype(output_type.numpy)
