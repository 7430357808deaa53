"""Smooth activations; those with a corner at 0 are in `minitf.ops.rectifier`.

The rule for one element takes the attributes of the op behind its inputs, by their names.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitf.graph.convert import as_tensor
from minitf.graph.op import FloatTensor, Tensor, op
from minitf.ops.composed import composed
from minitf.ops.error_function import erfc_array, widened
from minitf.ops.exponential import exp, sigmoid
from minitf.ops.powers import square
from minitf.ops.trigonometry import tanh

_erfc = widened(erfc_array)


@op
def gelu(features: FloatTensor, approximate: bool = False):
    """Return x times the probability that a standard normal number is below x.

    Parameters
    ----------
    features : Tensor
        Any shape.
    approximate : bool
        Use a formula with tanh, as the first implementations did.

    Returns
    -------
    Tensor

    Notes
    -----
    ``x / 2 * erfc(-x / sqrt(2))``, or ``x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x**3)))``.

    References
    ----------
    D. Hendrycks and K. Gimpel, "Gaussian error linear units", 2016.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.gelu([-1.0, 0.0, 1.0]).numpy().round(3)
    array([-0.159,  0.   ,  0.841], dtype=float32)
    """
    return features


@gelu.kernel("numpy")
def _(x, *, approximate):
    if approximate:
        return 0.5 * x * (1 + np.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))
    return 0.5 * x * _erfc(-0.7071067811865476 * x)


@gelu.gradient
def _(node, dy):
    x = node.inputs[0]
    if node["approximate"]:
        t = tanh(0.7978845608028654 * (x + 0.044715 * x * x * x))
        slope = 0.7978845608028654 + 0.1070322243 * square(x)
        return dy * (0.5 * (1 + t) + 0.5 * x * (1 - square(t)) * slope)
    return dy * gelu_slope(x)


@gelu.scalar
def _(x, approximate):
    if approximate:
        return 0.5 * x * (1.0 + math.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))
    return 0.5 * x * math.erfc(-0.7071067811865476 * x)


@op
def gelu_slope(x: FloatTensor):
    """Return the derivative of the exact `gelu`, elementwise.

    Parameters
    ----------
    x : Tensor
        Any shape.

    Returns
    -------
    Tensor

    Notes
    -----
    ``erfc(-x / sqrt(2)) / 2 + x * exp(-x**2 / 2) / sqrt(2 pi)``: the product rule, where the
    derivative of a share of the bell curve is the bell curve.

    Examples
    --------
    >>> from minitf.ops.activation import gelu_slope
    >>> gelu_slope([-1.0, 0.0, 1.0]).numpy().round(3)
    array([-0.083,  0.5  ,  1.083], dtype=float32)
    """
    return x


@gelu_slope.kernel("numpy")
def _(x):
    return 0.5 * _erfc(-0.7071067811865476 * x) + x * (0.3989422804014327 * np.exp(-0.5 * x * x))


@gelu_slope.gradient
def _(node, dy):
    squared = square(node.inputs[0])
    return dy * ((2 - squared) * (0.3989422804014327 * exp(-0.5 * squared)))


@gelu_slope.scalar
def _(x):
    bell = 0.3989422804014327 * math.exp(-0.5 * x * x)
    return 0.5 * math.erfc(-0.7071067811865476 * x) + x * bell


@op(name="silu")
def silu_(features: FloatTensor):
    """Return x times the logistic function of x; see `silu`."""
    return features


@silu_.kernel("numpy")
def _(x):
    return x / (1 + np.exp(-x))


@silu_.gradient
def _(node, dy):
    x = node.inputs[0]
    s = sigmoid(x)
    return dy * (s * (1 + x * (1 - s)))


@silu_.scalar
def _(x):
    e = math.exp(-abs(x))
    return (x if x > 0.0 else x * e) / (1.0 + e)


@composed
def silu(features: Any, beta: Any = 1.0) -> Tensor:
    """Return x / (1 + exp(-beta x)), elementwise; also known as swish.

    Parameters
    ----------
    features : Tensor
        Any shape.
    beta : float or Tensor
        How fast it turns from 0 to x.

    Returns
    -------
    Tensor

    References
    ----------
    P. Ramachandran et al., "Searching for activation functions", 2017.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.silu([-1.0, 0.0, 1.0]).numpy().round(3)
    array([-0.269,  0.   ,  0.731], dtype=float32)
    """
    if isinstance(beta, (int, float)) and beta == 1:
        return silu_(features)
    features = as_tensor(features)
    return features * sigmoid(beta * features)


swish = silu


@op
def softsign(features: FloatTensor):
    """Return x / (1 + abs(x)), elementwise.

    Parameters
    ----------
    features : Tensor
        Any shape.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.softsign([-1.0, 0.0, 3.0]).numpy().tolist()
    [-0.5, 0.0, 0.75]
    """
    return features


@softsign.kernel("numpy")
def _(x):
    return x / (1 + np.abs(x))


@softsign.gradient
def _(node, dy):
    return dy / square(1 + abs(node.inputs[0]))


@softsign.scalar
def _(x):
    return x / (1.0 + abs(x))


@op
def log_sigmoid(x: FloatTensor):
    """Return log(1 / (1 + exp(-x))), elementwise, without overflow.

    Parameters
    ----------
    x : Tensor
        Any shape.

    Returns
    -------
    Tensor

    Notes
    -----
    Computed as ``min(x, 0) - log(1 + exp(-abs(x)))``.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.log_sigmoid([-1000.0, 0.0]).numpy().round(3)
    array([-1.00e+03, -6.93e-01], dtype=float32)
    """
    return x


@log_sigmoid.kernel("numpy")
def _(x):
    return np.minimum(x, x.dtype.type(0)) - np.log1p(np.exp(-np.abs(x)))


@log_sigmoid.gradient
def _(node, dy):
    return dy * sigmoid(-node.inputs[0])


@log_sigmoid.scalar
def _(x):
    return (0.0 if x >= 0.0 else x) - math.log1p(math.exp(-abs(x)))
