"""Rectifiers: activations that treat positive and negative numbers differently.

The rule for one element takes the attributes of the op behind its inputs, by their names.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitf.graph.convert import as_tensor
from minitf.graph.op import FloatTensor, Tensor, op
from minitf.ops.array import concat
from minitf.ops.broadcasting import elementwise
from minitf.ops.composed import composed
from minitf.ops.rounding import minimum
from minitf.ops.where import where

SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772


@op
def relu(features: Tensor):
    """Return max(x, 0), elementwise.

    Parameters
    ----------
    features : Tensor
        Any shape.

    Returns
    -------
    Tensor

    Notes
    -----
    The derivative at 0 is taken as 0.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.relu([-1.0, 2.0]).numpy().tolist()
    [0.0, 2.0]
    """
    return features


@relu.kernel("numpy")
def _(x):
    return np.maximum(x, x.dtype.type(0))


@relu.gradient
def _(node, dy):
    return relu_grad(dy, node.outputs[0])


@relu.scalar
def _(x):
    return 0.0 if x <= 0.0 else x


@op
def relu_grad(dy: FloatTensor, y: FloatTensor):
    """Return dy where y > 0, else 0: what `relu` does to a gradient.

    Parameters
    ----------
    dy, y : Tensor
        Of one shape.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> from minitf.ops.rectifier import relu_grad
    >>> relu_grad([10.0, 20.0], [0.0, 2.0]).numpy().tolist()
    [0.0, 20.0]
    """
    return elementwise(dy, y)


@relu_grad.kernel("numpy")
def _(dy, y):
    return dy * (y > 0)  # many times faster than np.where


@relu_grad.gradient
def _(node, d):
    return relu_grad(d, node.inputs[1]), None


@relu_grad.scalar
def _(dy, y):
    return dy * (1.0 if y > 0.0 else 0.0)


@op
def relu6(features: Tensor):
    """Return x limited to 0 ... 6, elementwise.

    Parameters
    ----------
    features : Tensor
        Any shape.

    Returns
    -------
    Tensor

    References
    ----------
    A. Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.relu6([-1.0, 2.0, 8.0]).numpy().tolist()
    [0.0, 2.0, 6.0]
    """
    return features


@relu6.kernel("numpy")
def _(x):
    return np.minimum(np.maximum(x, x.dtype.type(0)), x.dtype.type(6))


@relu6.gradient
def _(node, dy):
    y = node.outputs[0]
    return relu_grad(relu_grad(dy, y), 6 - y)


@relu6.scalar
def _(x):
    return 0.0 if x <= 0.0 else 6.0 if x >= 6.0 else x


@op
def leaky_relu(features: FloatTensor, alpha: float = 0.2):
    """Return x where x > 0, else alpha x.

    Parameters
    ----------
    features : Tensor
        Any shape.
    alpha : float
        Slope of the negative side.

    Returns
    -------
    Tensor

    References
    ----------
    A. L. Maas et al., "Rectifier nonlinearities improve neural network acoustic models", 2013.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.leaky_relu([-1.0, 2.0], alpha=0.5).numpy().tolist()
    [-0.5, 2.0]
    """
    return features


@leaky_relu.kernel("numpy")
def _(x, *, alpha):
    slope = x.dtype.type(alpha)
    return np.maximum(x, slope * x) if 0 < alpha <= 1 else np.where(x > 0, x, slope * x)


@leaky_relu.gradient
def _(node, dy):
    return leaky_relu_grad(dy, node.inputs[0], node["alpha"])


@leaky_relu.scalar
def _(x, alpha):
    return x if x > 0.0 else alpha * x


@op
def leaky_relu_grad(dy: FloatTensor, x: FloatTensor, alpha: float):
    """Return dy where x > 0, else alpha dy: what `leaky_relu` does to a gradient.

    Parameters
    ----------
    dy, x : Tensor
        Of one shape.
    alpha : float
        Slope of the negative side.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> from minitf.ops.rectifier import leaky_relu_grad
    >>> leaky_relu_grad([10.0, 20.0], [-1.0, 2.0], 0.5).numpy().tolist()
    [5.0, 20.0]
    """
    return elementwise(dy, x)


@leaky_relu_grad.kernel("numpy")
def _(dy, x, *, alpha):
    slope = x.dtype.type(alpha)
    # the maximum of a truth value and a slope is 1 or the slope, four times faster than np.where
    return dy * (np.maximum(x > 0, slope) if 0 <= alpha <= 1 else np.where(x > 0, 1, slope))


@leaky_relu_grad.gradient
def _(node, d):
    return leaky_relu_grad(d, node.inputs[1], node["alpha"]), None


@leaky_relu_grad.scalar
def _(dy, x, alpha):
    return dy if x > 0.0 else dy * alpha


@op
def elu(features: FloatTensor):
    """Return x where x > 0, else exp(x) - 1.

    Parameters
    ----------
    features : Tensor
        Any shape.

    Returns
    -------
    Tensor

    References
    ----------
    D.-A. Clevert et al., "Fast and accurate deep network learning by exponential linear units
    (ELUs)", 2016.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.elu([-1.0, 2.0]).numpy().round(3)
    array([-0.632,  2.   ], dtype=float32)
    """
    return features


@elu.kernel("numpy")
def _(x):
    zero = x.dtype.type(0)
    return np.expm1(np.minimum(x, zero)) + np.maximum(x, zero)


@elu.gradient
def _(node, dy):
    return dy * (minimum(node.outputs[0], 0) + 1)


@elu.scalar
def _(x):
    return x if x > 0.0 else math.expm1(x)


@op
def selu(features: FloatTensor):
    """Return scale * x where x > 0, else scale * alpha * (exp(x) - 1).

    With these two numbers, layers of suitably drawn weights keep mean 0 and variance 1.

    Parameters
    ----------
    features : Tensor
        Any shape.

    Returns
    -------
    Tensor

    References
    ----------
    G. Klambauer et al., "Self-normalizing neural networks", 2017.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.selu([-1.0, 1.0]).numpy().round(3)
    array([-1.111,  1.051], dtype=float32)
    """
    return features


@selu.kernel("numpy")
def _(x):
    zero = x.dtype.type(0)
    negative = SELU_SCALE * SELU_ALPHA * np.expm1(np.minimum(x, zero))
    return negative + SELU_SCALE * np.maximum(x, zero)


@selu.gradient
def _(node, dy):
    y = node.outputs[0]
    return dy * where(y < 0, y + SELU_SCALE * SELU_ALPHA, SELU_SCALE)


@selu.scalar
def _(x):
    return 1.0507009873554805 * x if x > 0.0 else 1.7580993408473766 * math.expm1(x)


@composed
def crelu(features: Any, axis: int = -1, name: str | None = None) -> Tensor:
    """Return relu(x) and relu(-x), side by side.

    Parameters
    ----------
    features : Tensor
        Any shape with at least one axis.
    axis : int
        Along which the two are joined: it doubles.

    Returns
    -------
    Tensor

    References
    ----------
    W. Shang et al., "Understanding and improving convolutional neural networks via concatenated
    rectified linear units", 2016.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.crelu([-1.0, 2.0]).numpy().tolist()
    [0.0, 2.0, 1.0, 0.0]
    """
    features = as_tensor(features)
    return relu(concat([features, -features], axis), name=name)
