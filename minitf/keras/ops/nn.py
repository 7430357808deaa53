"""`keras.ops.nn`: activations, convolutions, pooling, normalization, attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitf import activations
from minitf.activations import (
    celu,
    elu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softmax,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    tanh_shrink,
    threshold,
)
from minitf.dtypes import bool_, float32
from minitf.graph.convert import as_tensor
from minitf.graph.spec import normalize_axes
from minitf.keras.ops.core import shape
from minitf.keras.ops.promotion import alike, alike_floats, floats
from minitf.keras.ops.reductions import max as _max
from minitf.keras.ops.reductions import mean
from minitf.ops import blocks, convolution, cross_entropy, filling, likeness, pooling, rectifier
from minitf.ops import conv_transpose as transposed
from minitf.ops import norm as norms
from minitf.ops.array import reshape, squeeze
from minitf.ops.convolution import channels_last, channels_second
from minitf.ops.diagonal import band_part
from minitf.ops.einsum import einsum
from minitf.ops.exponential import log
from minitf.ops.math import cast
from minitf.ops.norms import norm as _norm
from minitf.ops.powers import rsqrt, square
from minitf.ops.rearrange import repeat
from minitf.ops.reduction import reduce_sum
from minitf.ops.rounding import clip_by_value, maximum
from minitf.ops.softmax import softmax as _softmax
from minitf.ops.trigonometry import tanh as _tanh
from minitf.ops.where import where
from minitf.scoring import probability
from minitf.settings import epsilon as small
from minitf.settings import floatx, image_data_format

__all__ = [
    "average_pool", "batch_normalization", "binary_crossentropy", "categorical_crossentropy",
    "celu", "conv", "conv_transpose", "depth_to_space", "depthwise_conv",
    "dot_product_attention", "elu", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu",
    "hard_swish", "hard_tanh", "layer_normalization", "leaky_relu", "log_sigmoid",
    "log_softmax", "max_pool", "moments", "multi_hot", "normalize", "one_hot", "psnr", "relu",
    "relu6", "rms_normalization", "selu", "separable_conv", "sigmoid", "silu", "soft_shrink",
    "softmax", "softplus", "softsign", "space_to_depth", "sparse_categorical_crossentropy",
    "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "swish", "tanh_shrink",
    "threshold"
]  # fmt: skip


swish, hard_swish = silu, hard_silu


def relu(x: Any) -> Any:
    """Return max(x, 0)."""
    return rectifier.relu(as_tensor(x))


def gelu(x: Any, approximate: bool = True) -> Any:
    """Return x times the probability that a normal number is smaller; approximated by a tanh."""
    return activations.gelu(x, approximate)


# -- encodings and losses ---------------------------------------------------------------------


def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None,
            sparse: bool = False) -> Any:  # fmt: skip
    """Return vectors of zeros, with a one at the number of a class."""
    x = as_tensor(x)
    x = x if x.dtype.is_integer else cast(x, "int32")
    return filling.one_hot(x, num_classes, axis=axis, dtype=dtype or floatx())


def multi_hot(inputs: Any, num_classes: int | None = None, axis: int = -1, dtype: Any = None,
              sparse: bool = False) -> Any:  # fmt: skip
    """Return vectors of zeros, with ones at the numbers of all classes of an example."""
    inputs = as_tensor(inputs)
    return _max(one_hot(inputs, num_classes, axis, dtype), 1 if len(inputs.shape) > 1 else 0)  # type: ignore[arg-type]


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Return -t log p - (1 - t) log(1 - p), elementwise."""
    target, output = alike_floats(target, output)
    if from_logits:
        return cross_entropy.sigmoid_cross_entropy_with_logits(target, output)
    p = clip_by_value(output, small(), 1 - small())
    return -(target * log(p) + (1 - target) * log(1 - p))


def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False,
                             axis: int = -1) -> Any:  # fmt: skip
    """Return -sum(t log p) along an axis; probabilities are made to add up to 1 first."""
    return probability.categorical_crossentropy(target, output, from_logits, axis=axis)


def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False,
                                    axis: int = -1) -> Any:  # fmt: skip
    """Return -log p of the class whose number is the target."""
    output = floats(output)
    if not from_logits:
        output = log(clip_by_value(output, small(), 1 - small()))
    target = as_tensor(target)
    if len(target.shape) == len(output.shape) and target.shape[-1] == 1:
        target = squeeze(target, -1)
    return cross_entropy.sparse_softmax_cross_entropy_with_logits(cast(target, "int64"), output)


# -- windows ----------------------------------------------------------------------------------


def _per_axis(value: Any, rank: int) -> list[int]:
    return [value] * rank if isinstance(value, int) else list(value)


def _in_last(call: Callable[[Any], Any], x: Any, data_format: str | None) -> Any:
    """Return what a function makes of a tensor with channels last, in the form of the tensor."""
    x = floats(x)
    if (data_format or image_data_format()) == "channels_first":
        return channels_second(call(channels_last(x)))
    return call(x)


def max_pool(inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid",
             data_format: str | None = None) -> Any:  # fmt: skip
    """Return the largest elements of windows."""
    return _pooled("MAX", inputs, pool_size, strides, padding, data_format)


def average_pool(inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid",
                 data_format: str | None = None) -> Any:  # fmt: skip
    """Return the means of windows."""
    return _pooled("AVG", inputs, pool_size, strides, padding, data_format)


def _pooled(kind: str, inputs: Any, size: Any, strides: Any, padding: str, form: Any) -> Any:
    rank = len(as_tensor(inputs).shape) - 2
    window = _per_axis(size, rank)
    steps = window if strides is None else _per_axis(strides, rank)
    return _in_last(lambda x: pooling.pool(x, window, kind, steps, padding.upper()), inputs, form)


def conv(inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid",
         data_format: str | None = None, dilation_rate: Any = 1) -> Any:  # fmt: skip
    """Return convolutions: sums of windows times a kernel of shape (*window, in, out)."""
    rank = len(as_tensor(inputs).shape) - 2
    how = (_per_axis(strides, rank), padding.upper())
    rates = _per_axis(dilation_rate, rank)
    inputs, kernel = alike_floats(inputs, kernel)
    return _in_last(lambda x: convolution.convolution(x, kernel, *how, dilations=rates), inputs,
                    data_format)  # fmt: skip


def depthwise_conv(inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid",
                   data_format: str | None = None, dilation_rate: Any = 1) -> Any:  # fmt: skip
    """Return convolutions of each channel by itself; the kernel is (*window, in, multiplier)."""
    inputs, kernel = alike_floats(inputs, kernel)
    *window, channels, multiplier = shape(kernel)
    grouped = reshape(kernel, [*window, 1, channels * multiplier])  # a group for each channel
    return conv(inputs, grouped, strides, padding, data_format, dilation_rate)


def separable_conv(inputs: Any, depthwise_kernel: Any, pointwise_kernel: Any, strides: Any = 1,
                   padding: str = "valid", data_format: str | None = None,
                   dilation_rate: Any = 1) -> Any:  # fmt: skip
    """Return convolutions of each channel by itself, and then mixtures of the channels."""
    middle = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(middle, pointwise_kernel, 1, "valid", data_format)


def conv_transpose(inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid",
                   output_padding: Any = None, data_format: str | None = None,
                   dilation_rate: Any = 1) -> Any:  # fmt: skip
    """Return transposed convolutions; the kernel is (*window, out, in)."""
    inputs, kernel = alike_floats(inputs, kernel)
    rank = len(inputs.shape) - 2
    steps, rates = _per_axis(strides, rank), _per_axis(dilation_rate, rank)
    extra = [None] * rank if output_padding is None else _per_axis(output_padding, rank)

    def call(x: Any) -> Any:
        batch, *sizes, _ = shape(x)
        spans = [(k - 1) * rate + 1 for k, rate in zip(kernel.shape, rates, strict=False)]
        new = [_longer(*each, padding.lower())
               for each in zip(sizes, spans, steps, extra, strict=True)]  # fmt: skip
        target = [batch, *new, kernel.shape[-2]]
        return transposed.conv_transpose(x, kernel, target, steps, padding.upper(),
                                         dilations=rates)  # fmt: skip

    return _in_last(call, inputs, data_format)


def _longer(size: Any, span: int, step: int, extra: int | None, padding: str) -> Any:
    """Return the size that a transposed convolution gives to an axis."""
    if extra is None:
        return size * step + (max(span - step, 0) if padding == "valid" else 0)
    return (size - 1) * step + span - (2 * (span // 2) if padding == "same" else 0) + extra


def depth_to_space(x: Any, block_size: int, data_format: str = "channels_last") -> Any:
    """Return images whose blocks of pixels were channels."""
    return _in_last(lambda t: blocks.depth_to_space(t, block_size), x, data_format)


def space_to_depth(x: Any, block_size: int, data_format: str = "channels_last") -> Any:
    """Return images whose channels were blocks of pixels."""
    return _in_last(lambda t: blocks.space_to_depth(t, block_size), x, data_format)


# -- normalization ----------------------------------------------------------------------------


def moments(x: Any, axes: Any, keepdims: bool = False, synchronized: bool = False) -> Any:
    """Return mean and variance along axes."""
    return tuple(norms.moments(floats(x), axes, keepdims=keepdims))


def batch_normalization(x: Any, mean: Any, variance: Any, axis: int, offset: Any = None,
                        scale: Any = None, epsilon: float = 1e-3) -> Any:  # fmt: skip
    """Return x with the mean 0 and variance 1, then `offset` and `scale`, of each channel."""
    x = floats(x)
    spread = [1] * len(x.shape)
    spread[axis] = -1
    mean, variance, offset, scale = (None if v is None else reshape(floats(v), spread)
                                     for v in (mean, variance, offset, scale))  # fmt: skip
    return norms.batch_normalization(x, mean, variance, offset, scale, epsilon)


def layer_normalization(x: Any, gamma: Any = None, beta: Any = None, axis: Any = -1,
                        epsilon: float | None = None, **kwargs: Any) -> Any:  # fmt: skip
    """Return x with mean 0 and variance 1 along axes, times `gamma`, plus `beta`."""
    x = floats(x)
    epsilon = small() if epsilon is None else epsilon
    axes = normalize_axes(axis, len(x.shape))
    center, variance = norms.moments(x, axes, keepdims=True)
    spread = [n if i in axes else 1 for i, n in enumerate(x.shape)]
    gamma, beta = (None if v is None else reshape(floats(v), spread) for v in (gamma, beta))
    return norms.batch_normalization(x, center, variance, beta, gamma, epsilon)


def rms_normalization(x: Any, scale: Any = None, axis: Any = -1,
                      epsilon: float | None = None) -> Any:  # fmt: skip
    """Return x divided by the root of its mean square along axes, times `scale`."""
    x = floats(x)
    epsilon = small() if epsilon is None else epsilon
    found = x * rsqrt(mean(square(x), axis, True) + epsilon)
    return found if scale is None else found * scale


def normalize(x: Any, axis: int = -1, order: int = 2, epsilon: float | None = None) -> Any:
    """Return x divided by its norm along an axis."""
    x = floats(x)
    epsilon = small() if epsilon is None else epsilon
    if order == 2:
        # The limit stands inside of the root, whose derivative at 0 is infinite.
        return x * rsqrt(maximum(reduce_sum(square(x), axis, keepdims=True), epsilon**2))
    return x / maximum(_norm(x, order, axis, True), epsilon)


def psnr(x1: Any, x2: Any, max_val: float) -> Any:
    """Return the ratio of the largest signal to the mean squared difference, in decibel."""
    x1, x2 = alike_floats(x1, x2)
    a, b = (reshape(x, [1, 1, -1]) for x in (x1, x2))
    return likeness.psnr(a, b, max_val)


# -- attention --------------------------------------------------------------------------------


def dot_product_attention(query: Any, key: Any, value: Any, bias: Any = None, mask: Any = None,
                          scale: float | None = None, is_causal: bool = False,
                          flash_attention: Any = None,
                          attn_logits_soft_cap: float | None = None) -> Any:  # fmt: skip
    """Return softmax(Q K^T scale + bias) V, for each head.

    Parameters
    ----------
    query : Tensor
        Shape (batch, t, heads, size).
    key, value : Tensor
        Shape (batch, s, heads, size); fewer heads are shared by the query's.
    bias, mask : Tensor, optional
        Broadcast to (batch, heads, t, s). What the mask does not hold for is not attended to.
    scale : float, optional
        1 / sqrt(size) by default.
    is_causal : bool
        Whether a step sees only those up to itself.
    flash_attention : optional
        Accepted as in Keras.
    attn_logits_soft_cap : float, optional
        Bound that large logits are bent to.

    Returns
    -------
    Tensor
        Shape (batch, t, heads, size).
    """
    query, key, value = alike(query, key, value)
    heads, kept = query.shape[2], key.shape[2]
    if kept != heads:
        key, value = (repeat(t, heads // kept, axis=2) for t in (key, value))
    width = query.shape[-1]
    scale = width**-0.5 if scale is None else scale
    logits = cast(einsum("btnh,bsnh->bnts", query, key), float32) * scale
    if attn_logits_soft_cap:
        logits = attn_logits_soft_cap * _tanh(logits / attn_logits_soft_cap)
    logits = logits if bias is None else logits + cast(as_tensor(bias), float32)
    if mask is not None:
        logits = where(cast(as_tensor(mask), bool_), logits, float32.min / 2)
    if is_causal:
        below = band_part(filling.ones(shape(logits)[-2:], bool_), -1, 0)
        logits = where(below, logits, float32.min / 2)
    weights = cast(_softmax(logits, -1), value.dtype)
    return einsum("bnts,bsnh->btnh", weights, value)
