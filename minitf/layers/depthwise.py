"""Convolutions in two cheap steps: each channel by itself, and then a mix of the channels."""

from __future__ import annotations

from typing import Any

from minitf.layers.arguments import describe, make, positive, told
from minitf.layers.conv import Convolution, Numbers
from minitf.ops.array import reshape
from minitf.ops.conv import conv

__all__ = [
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
]


def each_channel(layer: Convolution, x: Any, filters: Any) -> Any:
    """Return the convolution of each channel with its own filters (*window, channels, multiplier).

    It is one with as many groups as channels, each of which sees one channel.
    """
    *window, channels, multiplier = filters.shape
    return conv(x, reshape(filters, (*window, 1, channels * multiplier)), *layer.windows)


class BaseDepthwiseConv(Convolution):
    """A depthwise convolution over a number of axes that subclasses say."""

    def __init__(
        self,
        kernel_size: Numbers,
        strides: Numbers = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Numbers = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(kernel_size, strides, padding, data_format, dilation_rate, activation,
                         use_bias, activity_regularizer=activity_regularizer, **kwargs)  # fmt: skip
        self.depth_multiplier = positive(self, "depth_multiplier", depth_multiplier)
        describe(self, "depthwise", depthwise_initializer, depthwise_regularizer,
                 depthwise_constraint)  # fmt: skip
        describe(self, "bias", bias_initializer, bias_regularizer, bias_constraint)

    def build_filters(self, channels: int) -> None:
        """Create the kernel: (*window, channels, multiplier)."""
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.kernel = make(self, "depthwise", shape, "kernel")

    def outputs(self, channels: int) -> int:
        """Return the number of channels of the output."""
        return channels * self.depth_multiplier

    def convolve(self, x: Any) -> Any:
        """Return the convolution of each channel of `x`."""
        return each_channel(self, x, self.kernel)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        names = ("depth_multiplier", *told("depthwise"))
        return {**super().get_config(), **self.settings(*names)}


class DepthwiseConv1D(BaseDepthwiseConv):
    """Slide filters over sequences, each over one channel; see `DepthwiseConv2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.DepthwiseConv1D(3)(keras.ops.ones((1, 8, 4))).shape
    (1, 6, 4)
    """

    rank = 1


class DepthwiseConv2D(BaseDepthwiseConv):
    """Slide filters over images, each over one channel.

    Parameters
    ----------
    kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias
        As of `Conv2D`.
    depth_multiplier : int
        How many filters each channel has.
    depthwise_initializer, ..., bias_constraint, **kwargs
        As of `Dense`.

    Notes
    -----
    Kernel (rows, columns, channels, multiplier); the output has channels * multiplier channels,
    those of one channel side by side.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.DepthwiseConv2D(3, depth_multiplier=2)
    >>> layer(keras.ops.ones((1, 8, 8, 4))).shape, [w.shape for w in layer.weights]
    ((1, 6, 6, 8), [(3, 3, 4, 2), (8,)])
    """

    rank = 2


class BaseSeparableConv(Convolution):
    """A separable convolution over a number of axes that subclasses say."""

    def __init__(
        self,
        filters: int,
        kernel_size: Numbers,
        strides: Numbers = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Numbers = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(kernel_size, strides, padding, data_format, dilation_rate, activation,
                         use_bias, activity_regularizer=activity_regularizer, **kwargs)  # fmt: skip
        self.filters = positive(self, "filters", filters)
        self.depth_multiplier = positive(self, "depth_multiplier", depth_multiplier)
        describe(self, "depthwise", depthwise_initializer, depthwise_regularizer,
                 depthwise_constraint)  # fmt: skip
        describe(self, "pointwise", pointwise_initializer, pointwise_regularizer,
                 pointwise_constraint)  # fmt: skip
        describe(self, "bias", bias_initializer, bias_regularizer, bias_constraint)

    def build_filters(self, channels: int) -> None:
        """Create the kernels: (*window, channels, multiplier) and (1, ..., middle, filters)."""
        each = (*self.kernel_size, channels, self.depth_multiplier)
        self.depthwise_kernel = make(self, "depthwise", each, "depthwise_kernel")
        mixed = (*[1] * self.rank, channels * self.depth_multiplier, self.filters)
        self.pointwise_kernel = make(self, "pointwise", mixed, "pointwise_kernel")

    def outputs(self, channels: int) -> int:
        """Return the number of filters."""
        return self.filters

    def convolve(self, x: Any) -> Any:
        """Return a mix of what each channel of `x` gives by itself."""
        middle = each_channel(self, x, self.depthwise_kernel)
        ones = (1,) * self.rank
        return conv(middle, self.pointwise_kernel, ones, "VALID", ones)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        names = ("filters", "depth_multiplier", *told("depthwise", "pointwise"))
        return {**super().get_config(), **self.settings(*names)}


class SeparableConv1D(BaseSeparableConv):
    """Filter each channel of sequences, then mix the channels; see `SeparableConv2D`.

    Parameters
    ----------
    padding : {"valid", "same", "causal"}
        "causal" puts all zeros before the sequence.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.SeparableConv1D(5, 3)(keras.ops.ones((1, 8, 4))).shape
    (1, 6, 5)
    """

    rank = 1
    paddings = ("valid", "same", "causal")


class SeparableConv2D(BaseSeparableConv):
    """Filter each channel of images by itself, then mix the channels of each pixel.

    Parameters
    ----------
    filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias
        As of `Conv2D`; the window is that of the first step.
    depth_multiplier : int
        How many filters each channel has in the first step.
    depthwise_initializer, pointwise_initializer, ..., bias_constraint, **kwargs
        As of `Dense`.

    References
    ----------
    Chollet, "Xception: deep learning with depthwise separable convolutions", 2017.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.SeparableConv2D(5, 3)
    >>> layer(keras.ops.ones((1, 8, 8, 4))).shape, [w.shape for w in layer.weights]
    ((1, 6, 6, 5), [(3, 3, 4, 1), (1, 1, 4, 5), (5,)])
    """

    rank = 2


SeparableConvolution1D, SeparableConvolution2D = SeparableConv1D, SeparableConv2D
