"""Activations: the functions between a network's linear maps, under their Keras names.

Without something that is not linear in between, layers on top of each other would be one linear
map. All but softmax, log_softmax, sparsemax and glu work on each number alone. Nearly all are ops
(`minitf.ops.rectifier`, `minitf.ops.activation`, ...); the others are a formula in ops.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from minitf.errors import ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.spec import normalize_axes
from minitf.graph.tensor import Tensor
from minitf.ops import activation, rectifier, trigonometry
from minitf.ops import exponential as exps
from minitf.ops import softmax as normalized
from minitf.ops.array import expand_dims, known_size, reshape, split, transpose
from minitf.ops.cumulative import cumsum
from minitf.ops.filling import range as range_
from minitf.ops.math import abs_, cast
from minitf.ops.powers import sqrt, square
from minitf.ops.reduction import reduce_sum
from minitf.ops.rounding import clip_by_value, maximum, minimum
from minitf.ops.sorting import sort
from minitf.ops.source import shape
from minitf.ops.where import where
from minitf.serialization import custom_object_scope, look_up, serialize_keras_object

# -- rectifiers: mostly two straight lines --------------------------------------------------------


def relu(
    x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Tensor:
    """Return max(x, 0), elementwise, or one of its relatives.

    Parameters
    ----------
    x : Tensor
        Any shape.
    negative_slope : float
        Slope of what lies below the threshold.
    max_value : float, optional
        Larger results are cut down to this.
    threshold : float
        What lies at or below it counts as negative.

    Notes
    -----
    ``x`` above the threshold, at most `max_value`; ``negative_slope * (x - threshold)`` below.

    Examples
    --------
    >>> from minitf import keras
    >>> x = keras.ops.array([-2.0, 1.0, 8.0])
    >>> keras.activations.relu(x, negative_slope=0.5, max_value=6.0).numpy().tolist()
    [-1.0, 1.0, 6.0]
    """
    x = as_tensor(x)
    if not threshold and max_value is None:
        return rectifier.leaky_relu(x, negative_slope) if negative_slope else rectifier.relu(x)
    above = where(x > threshold, x, 0) if threshold else rectifier.relu(x)
    if max_value is not None:
        above = clip_by_value(above, 0, max_value)
    if not negative_slope:
        return above
    return above - negative_slope * rectifier.relu(threshold - x)


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    """Return x where x > 0, else negative_slope x."""
    return rectifier.leaky_relu(x, negative_slope)


def relu6(x: Any) -> Tensor:
    """Return x limited to 0 ... 6."""
    return rectifier.relu6(x)


def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """Return x where x > 0, else alpha (exp(x) - 1)."""
    y = rectifier.elu(x)
    return y if alpha == 1 else where(y > 0, y, alpha * y)


def celu(x: Any, alpha: float = 1.0) -> Tensor:
    """Return x where x > 0, else alpha (exp(x / alpha) - 1): smooth at 0 for every alpha.

    References
    ----------
    J. T. Barron, "Continuously differentiable exponential linear units", 2017.
    """
    return maximum(x, 0) + alpha * exps.expm1(minimum(x, 0) / alpha)


def selu(x: Any) -> Tensor:
    """Return 1.0507 (x where x > 0, else 1.6733 (exp(x) - 1)); keeps mean 0 and variance 1.

    References
    ----------
    G. Klambauer et al., "Self-normalizing neural networks", 2017.
    """
    return rectifier.selu(x)


def threshold(x: Any, threshold: float, default_value: float) -> Tensor:
    """Return x where x > threshold, else a default value."""
    x = as_tensor(x)
    return where(x > threshold, x, default_value)


def soft_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """Return x, moved towards 0 by a threshold; 0 where it is nearer to 0 than that."""
    return maximum(x - threshold, 0) + minimum(x + threshold, 0)


def hard_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """Return x where abs(x) > threshold, else 0."""
    x = as_tensor(x)
    return where(abs_(x) > threshold, x, 0)


def linear(x: Any) -> Any:
    """Return x: no activation.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.activations.get(None) is keras.activations.linear
    True
    """
    return x


# -- smooth rectifiers ----------------------------------------------------------------------------


def softplus(x: Any) -> Tensor:
    """Return log(1 + exp(x))."""
    return exps.softplus(x)


def squareplus(x: Any, b: float = 4) -> Tensor:
    """Return (x + sqrt(x^2 + b)) / 2.

    References
    ----------
    J. T. Barron, "Squareplus: a softplus-like algebraic rectifier", 2021.
    """
    x = as_tensor(x)
    return (x + sqrt(square(x) + b)) / 2


def sparse_plus(x: Any) -> Tensor:
    """Return 0 up to -1, (x + 1)^2 / 4 from there to 1, and x beyond."""
    x = as_tensor(x)
    return where(x <= -1, 0, where(x < 1, square(x + 1) / 4, x))


def silu(x: Any) -> Tensor:
    """Return x sigmoid(x); also known as swish.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.activations.silu(keras.ops.array([-1.0, 1.0])).numpy().round(3).tolist()
    [-0.26899999380111694, 0.7310000061988831]
    """
    return activation.silu(x)


def hard_silu(x: Any) -> Tensor:
    """Return x hard_sigmoid(x).

    References
    ----------
    A. Howard et al., "Searching for MobileNetV3", 2019, section 5.2.
    """
    return x * hard_sigmoid(x)


def gelu(x: Any, approximate: bool = False) -> Tensor:
    """Return x times the probability that a standard normal number is below x.

    References
    ----------
    D. Hendrycks and K. Gimpel, "Gaussian error linear units", 2016.
    """
    return activation.gelu(x, approximate)


def mish(x: Any) -> Tensor:
    """Return x tanh(softplus(x)).

    References
    ----------
    D. Misra, "Mish: a self regularized non-monotonic activation function", 2019.
    """
    return x * trigonometry.tanh(exps.softplus(x))


# -- from one bound to another --------------------------------------------------------------------


def sigmoid(x: Any) -> Tensor:
    """Return 1 / (1 + exp(-x)), between 0 and 1."""
    return exps.sigmoid(x)


def log_sigmoid(x: Any) -> Tensor:
    """Return log(sigmoid(x)), without overflow."""
    return activation.log_sigmoid(x)


def hard_sigmoid(x: Any) -> Tensor:
    """Return x / 6 + 1/2, limited to 0 ... 1."""
    return rectifier.relu6(x + 3.0) / 6.0


def sparse_sigmoid(x: Any) -> Tensor:
    """Return (x + 1) / 2, limited to 0 ... 1."""
    return clip_by_value((x + 1) / 2, 0, 1)


def tanh(x: Any) -> Tensor:
    """Return (exp(x) - exp(-x)) / (exp(x) + exp(-x)), between -1 and 1."""
    return trigonometry.tanh(x)


def hard_tanh(x: Any) -> Tensor:
    """Return x, limited to -1 ... 1."""
    return clip_by_value(x, -1, 1)


def tanh_shrink(x: Any) -> Tensor:
    """Return x - tanh(x)."""
    return x - trigonometry.tanh(x)


def softsign(x: Any) -> Tensor:
    """Return x / (1 + abs(x)), between -1 and 1."""
    return activation.softsign(x)


def exponential(x: Any) -> Tensor:
    """Return exp(x)."""
    return exps.exp(x)


# -- of a whole axis ------------------------------------------------------------------------------


def softmax(x: Any, axis: Any = -1) -> Tensor:
    """Return exp(x), divided by its sum along an axis: a probability distribution.

    Parameters
    ----------
    x : Tensor
        Any shape.
    axis : int, tuple of int or None
        The axis of the choices, or several; None for all elements.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.activations.softmax(keras.ops.array([[0.0, 0.0]])).numpy().tolist()
    [[0.5, 0.5]]
    """
    return _along(normalized.softmax, x, axis)


def log_softmax(x: Any, axis: Any = -1) -> Tensor:
    """Return log(softmax(x)), without overflow."""
    return _along(normalized.log_softmax, x, axis)


def _along(function: Callable[..., Tensor], x: Any, axis: Any) -> Tensor:
    x = as_tensor(x)
    if isinstance(axis, int):
        return function(x, axis)
    every = range(len(x.shape))
    axes = normalize_axes(axis, len(every))
    order = [a for a in every if a not in axes] + list(axes)
    moved = transpose(x, order)
    flat = reshape(moved, [*(known_size(x, a) for a in order[: len(order) - len(axes)]), -1])
    return transpose(reshape(function(flat, -1), shape(moved)), np.argsort(order).tolist())


def sparsemax(x: Any, axis: int = -1) -> Tensor:
    """Return the probability distribution nearest to x; most of its entries are exactly 0.

    Notes
    -----
    ``max(x - tau, 0)``, where tau makes the sum 1: with x sorted, k the last place in which
    ``k x_k > sum(x_1 ... x_k) - 1``, it is ``(sum(x_1 ... x_k) - 1) / k``. (Keras 3.15 takes the
    sum of sums there; its results sum to 1 only where a single entry is left.)

    References
    ----------
    A. F. T. Martins and R. F. Astudillo, "From softmax to sparsemax", 2016.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.activations.sparsemax(keras.ops.array([2.0, 1.5, 0.0])).numpy().tolist()
    [0.75, 0.25, 0.0]
    """
    x = as_tensor(x)
    largest_first = sort(x, axis, "DESCENDING")
    places = cast(range_(1, shape(x)[axis] + 1), x.dtype)
    for _ in range(-axis - 1 if axis < 0 else len(x.shape) - axis - 1):
        places = expand_dims(places, -1)
    supported = places * largest_first > cumsum(largest_first, axis) - 1
    k = reduce_sum(cast(supported, x.dtype), axis, keepdims=True)
    tau = (reduce_sum(where(supported, largest_first, 0), axis, keepdims=True) - 1) / k
    return maximum(x - tau, 0)


def glu(x: Any, axis: int = -1) -> Tensor:
    """Return the first half of an axis times the sigmoid of the second, its gate.

    References
    ----------
    Y. N. Dauphin et al., "Language modeling with gated convolutional networks", 2017.
    """
    x = as_tensor(x)
    if x.shape[axis] is not None and x.shape[axis] % 2:
        raise ShapeError(f"glu: axis {axis} of {x.shape} cannot be split into halves")
    first, gate = split(x, 2, axis)
    return first * exps.sigmoid(gate)


# -- by name --------------------------------------------------------------------------------------

swish, hard_swish = silu, hard_silu

KNOWN: dict[str, Any] = {
    function.__name__: function
    for function in (
        celu, elu, exponential, gelu, glu, hard_shrink, hard_sigmoid, hard_silu, hard_tanh,
        leaky_relu, linear, log_sigmoid, log_softmax, mish, relu, relu6, selu, sigmoid, silu,
        soft_shrink, softmax, softplus, softsign, sparse_plus, sparse_sigmoid, sparsemax,
        squareplus, tanh, tanh_shrink, threshold,
    )
}  # fmt: skip
ALIASES = {"swish": silu, "hard_swish": hard_silu}


def get(identifier: Any) -> Callable[..., Any]:
    """Return the activation that is meant by a name, a config, or the function itself.

    Parameters
    ----------
    identifier : str, dict, function, layer or None
        None is `linear`.

    Raises
    ------
    InvalidArgumentError
        For an unknown name.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.activations.get("relu") is keras.activations.relu
    True
    """
    found = look_up(identifier, "activation", KNOWN | ALIASES)
    return linear if found is None else found


def serialize(activation: Any) -> Any:
    """Return an activation as plain data: its name, if it is one of those here.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.activations.serialize(keras.activations.swish)
    'silu'
    """
    name = getattr(activation, "__name__", None) or getattr(activation, "name", None)
    is_ours = getattr(activation, "__module__", "").startswith("minitf.")
    if is_ours and name in KNOWN and not hasattr(activation, "get_config"):
        return name  # tf.nn.relu counts as relu
    return serialize_keras_object(activation)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the activation that plain data describes."""
    with custom_object_scope(custom_objects or {}):
        return get(config)


__all__ = [*KNOWN, *ALIASES, "deserialize", "get", "serialize"]
