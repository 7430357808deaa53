"""Normalization: activations brought to a common mean and scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.errors import ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.op import FloatTensor, Raw, op
from minitf.graph.tensor import Tensor
from minitf.ops.composed import composed
from minitf.ops.linalg import matmul
from minitf.ops.math import add, cast
from minitf.ops.powers import pow_, rsqrt, square
from minitf.ops.reduction import keep_axes, reduce_sum, reduced, spread, total
from minitf.ops.source import size


@op(accepts_none=True)
def moments(x: FloatTensor, axes: int | tuple[int, ...], shift: Raw = None, keepdims: bool = False):
    """Return mean and variance over some axes.

    Parameters
    ----------
    x : Tensor
        Any shape.
    axes : int or sequence of int
        Axes to average over: (0, 1, 2) for each channel of images, -1 for each row.
    shift : optional
        Not used; TensorFlow has it.
    keepdims : bool
        Keep the axes, with size 1.

    Returns
    -------
    mean, variance : Tensor
        The variance is the average of the squared deviations: divided by n, not by n - 1.

    Examples
    --------
    >>> import minitf as tf
    >>> mean, variance = tf.nn.moments([[1.0, 3.0], [2.0, 2.0]], axes=1)
    >>> mean.numpy().tolist(), variance.numpy().tolist()
    ([2.0, 2.0], [1.0, 0.0])
    """
    return reduced(x, axes, keepdims), reduced(x, axes, keepdims)


@moments.kernel("numpy")
def _(x, *, axes, shift, keepdims):
    mean = _mean(x, axes, True)
    deviation = x - mean
    deviation *= deviation
    variance = _mean(deviation, axes, keepdims)
    return mean.reshape(np.shape(variance)), variance


def _mean(x: Any, axes: Any, keepdims: bool) -> Any:
    summed = total(x, axes, keepdims)
    return np.asarray(summed / (x.size // max(summed.size, 1)), x.dtype)


@moments.gradient
def _(node, dmean, dvariance):
    x, axes = node.inputs[0], node["axes"]
    share = 1 / _averaged(x, node.outputs[0])
    if dvariance is None:
        return spread(dmean * share, x, axes)
    deviation = x - keep_axes(node.outputs[0], x, axes)
    dx = deviation * keep_axes(dvariance * (2 * share), x, axes)
    return dx if dmean is None else dx + keep_axes(dmean * share, x, axes)


def _averaged(x: Tensor, mean: Tensor) -> Any:
    """Return how many elements one mean is of."""
    many, few = x.shape.num_elements(), mean.shape.num_elements()
    if many and few:
        return many // few
    elements: Any = cast(size(x), x.dtype)
    return elements / cast(size(mean), x.dtype)


@composed
def weighted_moments(
    x: Any, axes: Any, frequency_weights: Any, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Return mean and variance where some elements count more than others.

    Parameters
    ----------
    x : Tensor
        Any shape.
    axes : int or sequence of int
        Axes to average over.
    frequency_weights : Tensor
        How often each element counts; broadcasts to `x`.
    keepdims : bool
        Keep the axes, with size 1.

    Returns
    -------
    mean, variance : Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> mean, variance = tf.nn.weighted_moments([1.0, 5.0], 0, [3.0, 1.0])
    >>> float(mean), float(variance)
    (2.0, 3.0)
    """
    x = as_tensor(x)
    weights = as_tensor(frequency_weights, hint=x.dtype) + 0 * x
    total = reduce_sum(weights, axes, keepdims=True)
    mean = reduce_sum(weights * x, axes, keepdims=True) / total
    variance = reduce_sum(weights * square(x - mean), axes, keepdims=True) / total
    if keepdims:
        return mean, variance
    return reduce_sum(mean, axes), reduce_sum(variance, axes, name=name)


@composed
def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    offset: Any,
    scale: Any,
    variance_epsilon: float,
    name: str | None = None,
) -> Tensor:
    """Shift and scale a tensor to mean 0 and variance 1, then to `offset` and `scale`.

    Parameters
    ----------
    x : Tensor
        Any shape.
    mean, variance : Tensor
        Of what is to be normalized, such as `moments` gives them; broadcast to `x`.
    offset, scale : Tensor or None
        What to add and to multiply with afterwards.
    variance_epsilon : float
        Added to the variance, so that nothing is divided by 0.

    Returns
    -------
    Tensor
        Of the shape of `x`: ``scale * (x - mean) / sqrt(variance + epsilon) + offset``.

    Notes
    -----
    Computed as ``x * a + b`` with ``a = scale / sqrt(variance + epsilon)`` and
    ``b = offset - mean * a``: two steps over the large tensor.

    References
    ----------
    S. Ioffe and C. Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift", 2015.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.batch_normalization([1.0, 3.0], 2.0, 1.0, 10.0, 5.0, 0.0).numpy().tolist()
    [5.0, 15.0]
    """
    x = as_tensor(x)
    mean, variance = as_tensor(mean, hint=x.dtype), as_tensor(variance, hint=x.dtype)
    factor = rsqrt(variance + variance_epsilon)
    if scale is not None:
        factor = factor * scale
    shift = -mean * factor if offset is None else offset - mean * factor
    return add(x * cast(factor, x.dtype), cast(shift, x.dtype), name=name)


@composed
def local_response_normalization(
    input: Any,
    depth_radius: int = 5,
    bias: float = 1,
    alpha: float = 1,
    beta: float = 0.5,
    name: str | None = None,
) -> Tensor:
    """Divide each channel by a power of the squares of the channels around it.

    Parameters
    ----------
    input : Tensor
        Shape (batch, height, width, channels).
    depth_radius : int
        How many channels on each side count.
    bias, alpha, beta : float
        See the formula.

    Returns
    -------
    Tensor
        ``x[c] / (bias + alpha * (sum of x[j]**2 for abs(j - c) <= depth_radius)) ** beta``.

    References
    ----------
    A. Krizhevsky, I. Sutskever and G. Hinton, "ImageNet classification with deep convolutional
    neural networks", 2012, section 3.3.

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.reshape([3.0, 4.0], [1, 1, 1, 2])
    >>> tf.nn.local_response_normalization(x, bias=0).numpy().ravel().round(3)
    array([0.6, 0.8], dtype=float32)
    """
    x: Any = as_tensor(input)
    if len(x.shape) != 4 or x.shape[-1] is None:
        raise ShapeError(f"the input has a shape (batch, height, width, channels), got {x.shape}")
    c = np.arange(x.shape[-1])
    near = (abs(c - c[:, None]) <= depth_radius).astype(x.dtype.numpy)  # (channels, channels)
    around = matmul(square(x), near)
    return x * pow_(bias + alpha * around, -beta, name=name)


lrn = local_response_normalization
