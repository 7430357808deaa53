"""Convolutions, and transposed ones: filters that slide over sequences, images and volumes.

All are subclasses of `Convolution`, which knows about windows, bias and activation; a subclass says
which filters it has and which op they go through.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minitf import activations
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.layers.arguments import (
    choice,
    describe,
    known,
    make,
    per_axis,
    positive,
    refuse_quantization,
    settings,
    told,
)
from minitf.layers.input_spec import InputSpec
from minitf.layers.spatial import Spatial
from minitf.ops.array import known_size
from minitf.ops.conv import conv, conv_backprop_input
from minitf.ops.math import cast

__all__ = [
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Convolution3D",
    "Convolution3DTranspose",
]

Numbers = int | Sequence[int]


class Convolution(Spatial):
    """What all convolutions share: a window, a bias, an activation."""

    paddings: tuple[str, ...] = ("valid", "same")

    def __init__(self, kernel_size: Numbers, strides: Numbers, padding: str,
                 data_format: str | None, dilation_rate: Numbers, activation: Any, use_bias: bool,
                 **kwargs: Any):  # fmt: skip
        refuse_quantization(type(self).__name__, kwargs)
        super().__init__(data_format, **kwargs)
        self.kernel_size = per_axis(self, "kernel_size", kernel_size, self.rank)
        self.strides = per_axis(self, "strides", strides, self.rank)
        self.padding = choice(self, "padding", padding, self.paddings)
        self.dilation_rate = per_axis(self, "dilation_rate", dilation_rate, self.rank)
        self.activation = activations.get(activation)
        self.use_bias = use_bias

    def build(self, input_shape: Any) -> None:
        """Create the weights for inputs of a shape."""
        if len(input_shape) != self.rank + 2:
            raise ShapeError(
                f"layer {self.name!r}: expected an input with batch, {self.rank} spatial axes and "
                f"channels, got the shape {input_shape}"
            )
        (channels,) = known(self, (input_shape[self.channel_axis],))
        self.build_filters(channels)
        self.bias = make(self, "bias", (self.outputs(channels),)) if self.use_bias else None
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={self.channel_axis: channels})

    def build_filters(self, channels: int) -> None:
        """Create the filters for a number of channels."""
        raise NotImplementedError(f"{type(self).__name__} does not say which filters it has")

    def outputs(self, channels: int) -> int:
        """Return the number of channels of the output."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it makes")

    def convolve(self, x: Any) -> Any:
        """Return what the filters make of `x`, whose channels come last."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to convolve")

    def call(self, inputs: Any) -> Any:
        """Return activation(convolution + bias)."""
        y = self.convolve(self.to_last(cast(inputs, self.compute_dtype)))
        if self.bias is not None:
            y = y + self.bias
        y = self.from_last(y)
        return y if self.activation is None else self.activation(y)

    @property
    def window_padding(self) -> Any:
        """What is put around the input, as ops say it; causal: all of it before."""
        if self.padding != "causal":
            return self.padding.upper()
        extents = zip(self.kernel_size, self.dilation_rate, strict=True)
        return tuple(((size - 1) * dilation, 0) for size, dilation in extents)

    @property
    def windows(self) -> tuple[Any, ...]:
        """Strides, padding and dilations, as ops take them."""
        return self.strides, self.window_padding, self.dilation_rate

    def settings(self, *names: str) -> dict[str, Any]:
        """Return the arguments of every convolution, and further ones, for the config."""
        common = ("kernel_size", "strides", "padding", "data_format", "dilation_rate", "activation",
                  "use_bias", *told("bias"), "activity_regularizer")  # fmt: skip
        return settings(self, *common, *names)


class BaseConv(Convolution):
    """A convolution over a number of axes that subclasses say."""

    def __init__(
        self,
        filters: int,
        kernel_size: Numbers,
        strides: Numbers = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Numbers = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(kernel_size, strides, padding, data_format, dilation_rate, activation,
                         use_bias, activity_regularizer=activity_regularizer, **kwargs)  # fmt: skip
        self.filters = positive(self, "filters", filters)
        self.groups = positive(self, "groups", groups)
        if self.filters % self.groups:
            raise InvalidArgumentError(
                f"layer {self.name!r}: {filters} filters cannot be divided into {groups} groups"
            )
        describe(self, "kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        describe(self, "bias", bias_initializer, bias_regularizer, bias_constraint)

    def build_filters(self, channels: int) -> None:
        """Create the kernel: (*window, channels / groups, filters)."""
        if channels % self.groups:
            raise ShapeError(
                f"layer {self.name!r}: {channels} channels cannot be divided into {self.groups} "
                "groups"
            )
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.kernel = make(self, "kernel", shape)

    def outputs(self, channels: int) -> int:
        """Return the number of filters."""
        return self.filters

    def convolve(self, x: Any) -> Any:
        """Return the convolution of `x` with the kernel."""
        return self.to_last(self.convolution_op(self.from_last(x), self.kernel))

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """Return the convolution alone: what subclasses replace, or call with another kernel."""
        return self.from_last(conv(self.to_last(inputs), kernel, *self.windows))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **self.settings("filters", "groups", *told("kernel"))}


class Conv1D(BaseConv):
    """Slide filters over sequences; see `Conv2D`.

    Parameters
    ----------
    filters, kernel_size, strides, data_format, dilation_rate, groups, activation, use_bias
        As of `Conv2D`, for one axis.
    padding : {"valid", "same", "causal"}
        "causal" puts all zeros before the sequence: no output depends on later inputs.
    kernel_initializer, ..., bias_constraint, **kwargs
        As of `Dense`.

    References
    ----------
    van den Oord et al., "WaveNet: a generative model for raw audio", 2016, section 2.1 (causal
    convolutions).

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.Conv1D(5, 3, padding="causal", dilation_rate=2)
    >>> layer(keras.ops.ones((2, 10, 4))).shape, [w.shape for w in layer.weights]
    ((2, 10, 5), [(3, 4, 5), (5,)])
    """

    rank = 1
    paddings = ("valid", "same", "causal")


class Conv2D(BaseConv):
    """Slide filters over images.

    Parameters
    ----------
    filters : int
        How many there are: channels of the output.
    kernel_size, strides, dilation_rate : int or (int, int)
        Size of the window, steps between its positions, and steps between its elements; for rows
        and columns.
    padding : {"valid", "same"}
        Whether zeros are put around, so that the output has the size of the input / strides.
    data_format : {"channels_last", "channels_first"}, optional
        Inputs are (batch, rows, columns, channels) or (batch, channels, rows, columns).
    groups : int
        Into how many groups channels and filters are divided, which do not see each other.
    activation : str or function, optional
        Applied at the end.
    use_bias : bool
        Whether a number for each filter is added.
    kernel_initializer, ..., bias_constraint, **kwargs
        As of `Dense`.

    Notes
    -----
    ``y[b, i, j, f] = activation(bias[f] + sum_(r, s, c) x[b, i * stride + r, j * stride + s, c] *
    kernel[r, s, c, f])``; kernel (rows, columns, channels / groups, filters), bias (filters,).

    References
    ----------
    LeCun et al., "Gradient-based learning applied to document recognition", 1998.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")
    >>> layer(keras.ops.ones((2, 28, 28, 1))).shape, [w.shape for w in layer.weights]
    ((2, 14, 14, 8), [(3, 3, 1, 8), (8,)])
    """

    rank = 2


class Conv3D(BaseConv):
    """Slide filters over volumes; see `Conv2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.Conv3D(8, 3)(keras.ops.ones((1, 5, 6, 7, 2))).shape
    (1, 3, 4, 5, 8)
    """

    rank = 3


# -- transposed -----------------------------------------------------------------------------------


class BaseConvTranspose(Convolution):
    """A transposed convolution over a number of axes that subclasses say."""

    def __init__(
        self,
        filters: int,
        kernel_size: Numbers,
        strides: Numbers = 1,
        padding: str = "valid",
        output_padding: Numbers | None = None,
        data_format: str | None = None,
        dilation_rate: Numbers = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(kernel_size, strides, padding, data_format, dilation_rate, activation,
                         use_bias, activity_regularizer=activity_regularizer, **kwargs)  # fmt: skip
        self.filters = positive(self, "filters", filters)
        self.output_padding = self._checked(output_padding)
        describe(self, "kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        describe(self, "bias", bias_initializer, bias_regularizer, bias_constraint)

    def _checked(self, output_padding: Any) -> Any:
        if output_padding is None:
            return None
        numbers = per_axis(self, "output_padding", output_padding, self.rank, least=0)
        if any(n >= stride for n, stride in zip(numbers, self.strides, strict=True)):
            raise InvalidArgumentError(
                f"layer {self.name!r}: output_padding is less than strides {self.strides}, got "
                f"{output_padding!r}"
            )
        return numbers

    def build_filters(self, channels: int) -> None:
        """Create the kernel: (*window, filters, channels), as for the way back."""
        self.kernel = make(self, "kernel", (*self.kernel_size, self.filters, channels))

    def outputs(self, channels: int) -> int:
        """Return the number of filters."""
        return self.filters

    def convolve(self, x: Any) -> Any:
        """Return filters laid down at each position of `x`, and added up."""
        sizes = [self._size(known_size(x, i + 1), i) for i in range(self.rank)]
        return conv_backprop_input(x, self.kernel, sizes, *self.windows)

    def _size(self, count: Any, i: int) -> Any:
        """Return the output's size along an axis, from the number of positions.

        Several sizes lead to one number of positions; `output_padding` chooses among them.
        """
        stride, extra = self.strides[i], self.output_padding and self.output_padding[i]
        extent = (self.kernel_size[i] - 1) * self.dilation_rate[i] + 1
        if self.padding == "valid":
            extra = max(stride - extent, 0) if extra is None else extra
            return (count - 1) * stride + extent + extra
        return count * stride if extra is None else (count - 1) * stride + extent % 2 + extra

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        names = ("filters", "output_padding", *told("kernel"))
        return {**super().get_config(), **self.settings(*names)}


class Conv1DTranspose(BaseConvTranspose):
    """Lay filters down along sequences; see `Conv2DTranspose`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.Conv1DTranspose(3, 4, strides=2)(keras.ops.ones((1, 5, 2))).shape
    (1, 12, 3)
    """

    rank = 1


class Conv2DTranspose(BaseConvTranspose):
    """Lay filters down at each position of an image, times its value, and add up.

    The derivative of `Conv2D` with respect to its input, used on the way forward: with strides, it
    makes small images large.

    Parameters
    ----------
    filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias
        As of `Conv2D`; strides are steps in the output.
    output_padding : int or (int, int), optional
        Further rows and columns of the output, fewer than strides.
    kernel_initializer, ..., bias_constraint, **kwargs
        As of `Dense`.

    Notes
    -----
    The output has ``size * stride`` rows with padding "same", and
    ``(size - 1) * stride + kernel_size`` with "valid" (where the kernel is not smaller than the
    stride); kernel (rows, columns, filters, channels).

    References
    ----------
    Zeiler et al., "Deconvolutional networks", 2010.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.Conv2DTranspose(3, 4, strides=2, padding="same")
    >>> layer(keras.ops.ones((1, 7, 7, 16))).shape, [w.shape for w in layer.weights]
    ((1, 14, 14, 3), [(4, 4, 3, 16), (3,)])
    """

    rank = 2


class Conv3DTranspose(BaseConvTranspose):
    """Lay filters down in volumes; see `Conv2DTranspose`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.Conv3DTranspose(3, 2, strides=2)(keras.ops.ones((1, 2, 3, 4, 5))).shape
    (1, 4, 6, 8, 3)
    """

    rank = 3


Convolution1D, Convolution2D, Convolution3D = Conv1D, Conv2D, Conv3D
Convolution1DTranspose = Conv1DTranspose
Convolution2DTranspose = Conv2DTranspose
Convolution3DTranspose = Conv3DTranspose
