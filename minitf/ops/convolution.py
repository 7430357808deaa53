"""Convolutions as programs call them: `conv2d` and its relatives.

Each puts its arguments into one form (a number per spatial axis, channels last) and leaves the work
to the three ops of `minitf.ops.conv`. A transposed convolution is the derivative of a convolution
with respect to its input (`minitf.ops.conv_transpose`); a depthwise one is a convolution with as
many groups as channels.
"""

from __future__ import annotations

from typing import Any

from minitf.errors import ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops.array import reshape, transpose
from minitf.ops.composed import composed
from minitf.ops.conv import conv
from minitf.ops.math import add
from minitf.ops.windows import Ints, Padding, as_padding, is_channels_first, per_axis


def channels_last(x: Any) -> Tensor:
    """Move the channels of (batch, channels, *sizes) to the end."""
    x = as_tensor(x)
    rank = len(x.shape)
    return transpose(x, [0, *range(2, rank), 1]) if rank > 2 else x


def channels_second(x: Any, name: str | None = None) -> Tensor:
    """Move the channels of (batch, *sizes, channels) behind the batch."""
    rank = len(x.shape)
    return transpose(x, [0, rank - 1, *range(1, rank - 1)], name=name)


def window_arguments(rank: int, strides: Any, padding: Any, dilations: Any,
                     first: bool) -> tuple[Ints, Padding, Ints]:  # fmt: skip
    """Return strides, padding and dilations as the ops of `minitf.ops.conv` take them."""
    return (
        per_axis(1 if strides is None else strides, rank, "strides", first),
        as_padding(padding, rank, first),
        per_axis(1 if dilations is None else dilations, rank, "dilations", first),
    )


def _convolve(rank: int, input: Any, filters: Any, strides: Any, padding: Any, data_format: Any,
              dilations: Any, name: str | None) -> Tensor:  # fmt: skip
    first = is_channels_first(data_format, rank)
    numbers = window_arguments(rank, strides, padding, dilations, first)
    if first:
        return channels_second(conv(channels_last(input), filters, *numbers), name)
    return conv(input, filters, *numbers, name=name)


@composed
def conv2d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Slide filters over images.

    Parameters
    ----------
    input : Tensor
        Images (batch, height, width, channels).
    filters : Tensor
        Shape (rows, cols, channels, filters). With channels / g in the third place, the channels
        and filters are divided into g groups that do not see each other.
    strides : int or sequence of int
        One number; (rows, cols); or (1, rows, cols, 1).
    padding : {"SAME", "VALID"} or sequence of pairs
        "SAME": zeros around the image, so that height and width are divided by the strides and
        rounded up. "VALID": none. Or (before, after) for each of the four axes.
    data_format : {"NHWC", "NCHW"}
        Whether channels come last or second.
    dilations : int or sequence of int, optional
        Steps between the elements of a window; 1 by default.

    Returns
    -------
    Tensor
        Shape (batch, rows of positions, cols of positions, filters).

    Raises
    ------
    ShapeError
        Where the channels of input and filters differ, or the window is larger than the image.

    Notes
    -----
    ``y[b, i, j, f] = sum_(r, s, c) x[b, i * stride + r, j * stride + s, c] * w[r, s, c, f]``:
    nothing is flipped, so mathematicians call this a cross-correlation.

    References
    ----------
    V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016.

    Examples
    --------
    >>> import minitf as tf
    >>> image = tf.reshape([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], [1, 3, 3, 1])
    >>> box = tf.reshape([1.0, 1.0, 1.0, 1.0], [2, 2, 1, 1])
    >>> tf.nn.conv2d(image, box, strides=1, padding="VALID").numpy()[0, :, :, 0].tolist()
    [[12.0, 16.0], [24.0, 28.0]]
    """
    return _convolve(2, input, filters, strides, padding, data_format, dilations, name)


@composed
def conv1d(
    input: Any,
    filters: Any,
    stride: Any,
    padding: Any,
    data_format: str = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Slide filters over sequences.

    Parameters
    ----------
    input : Tensor
        Shape (batch, length, channels).
    filters : Tensor
        Shape (window, channels, filters).
    stride, padding, dilations
        As of `conv2d`, for one axis.
    data_format : {"NWC", "NCW"}
        Whether channels come last or second.

    Returns
    -------
    Tensor
        Shape (batch, positions, filters).

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.reshape([1.0, 2.0, 4.0], [1, 3, 1])
    >>> tf.nn.conv1d(x, tf.reshape([-1.0, 1.0], [2, 1, 1]), 1, "VALID").numpy().ravel().tolist()
    [1.0, 2.0]
    """
    return _convolve(1, input, filters, stride, padding, data_format, dilations, name)


@composed
def conv3d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Slide filters over volumes (or over images in time).

    Parameters
    ----------
    input : Tensor
        Shape (batch, depth, height, width, channels).
    filters : Tensor
        Shape (layers, rows, cols, channels, filters).
    strides, padding, dilations
        As of `conv2d`, for three axes.
    data_format : {"NDHWC", "NCDHW"}
        Whether channels come last or second.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> x, w = tf.ones([1, 4, 4, 4, 2]), tf.ones([3, 3, 3, 2, 5])
    >>> tf.nn.conv3d(x, w, strides=2, padding="SAME").shape
    (1, 2, 2, 2, 5)
    """
    return _convolve(3, input, filters, strides, padding, data_format, dilations, name)


@composed
def convolution(
    input: Any,
    filters: Any,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Slide filters over one, two or three spatial axes, as many as the filters have.

    Parameters
    ----------
    input : Tensor
        Shape (batch, *sizes, channels).
    filters : Tensor
        Shape (*window, channels, filters).
    strides, padding, dilations, data_format
        As of `conv2d`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.convolution(tf.ones([1, 8, 3]), tf.ones([2, 3, 4])).shape
    (1, 7, 4)
    """
    filters = as_tensor(filters)
    rank = len(filters.shape) - 2
    return _convolve(rank, input, filters, strides, padding, data_format, dilations, name)


@composed
def atrous_conv2d(
    value: Any, filters: Any, rate: int, padding: Any, name: str | None = None
) -> Tensor:
    """Slide filters with holes over images: `conv2d` with dilations.

    Parameters
    ----------
    value : Tensor
        Images (batch, height, width, channels).
    filters : Tensor
        Shape (rows, cols, channels, filters).
    rate : int
        Steps between the elements of a window.
    padding : {"SAME", "VALID"}
        As of `conv2d`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> x, w = tf.ones([1, 9, 9, 1]), tf.ones([3, 3, 1, 1])
    >>> tf.nn.atrous_conv2d(x, w, rate=2, padding="VALID").shape
    (1, 5, 5, 1)
    """
    return _convolve(2, value, filters, 1, padding, "NHWC", rate, name)


@composed
def depthwise_conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Slide filters over images, each over one channel.

    Parameters
    ----------
    input : Tensor
        Images (batch, height, width, channels).
    filter : Tensor
        Shape (rows, cols, channels, multiplier): so many filters for each channel.
    strides, padding, data_format, dilations
        As of `conv2d`.

    Returns
    -------
    Tensor
        Shape (batch, rows, cols, channels * multiplier); the results of one channel stand together.

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.reshape([1.0, 10.0], [1, 1, 1, 2])
    >>> w = tf.reshape([1.0, 2.0, 3.0, 4.0], [1, 1, 2, 2])
    >>> tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], "SAME").numpy().ravel().tolist()
    [1.0, 2.0, 30.0, 40.0]
    """
    filters = _one_group_each(as_tensor(filter))
    return _convolve(2, input, filters, strides, padding, data_format, dilations, name)


def _one_group_each(filter: Tensor) -> Tensor:
    """Return depthwise filters (rows, cols, channels, multiplier) in the form that `conv` takes."""
    shape: Any = filter.shape
    if len(shape) != 4 or not shape.is_fully_defined():
        raise ShapeError(
            f"the filter has the shape (rows, cols, channels, multiplier), got {shape}"
        )
    rows, cols, channels, multiplier = shape
    return reshape(filter, (rows, cols, 1, channels * multiplier))


@composed
def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Filter each channel by itself, then mix the channels of each pixel.

    Parameters
    ----------
    input : Tensor
        Images (batch, height, width, channels).
    depthwise_filter : Tensor
        Shape (rows, cols, channels, multiplier).
    pointwise_filter : Tensor
        Shape (1, 1, channels * multiplier, filters).
    strides, padding, data_format, dilations
        Of the first step; as of `conv2d`.

    Returns
    -------
    Tensor
        Shape (batch, rows, cols, filters).

    References
    ----------
    F. Chollet, "Xception: deep learning with depthwise separable convolutions", 2017.

    Examples
    --------
    >>> import minitf as tf
    >>> x, each = tf.ones([1, 8, 8, 3]), tf.ones([3, 3, 3, 2])
    >>> tf.nn.separable_conv2d(x, each, tf.ones([1, 1, 6, 4]), 1, "SAME").shape
    (1, 8, 8, 4)
    """
    pointwise = as_tensor(pointwise_filter)
    if tuple(pointwise.shape[:2]) != (1, 1):
        raise ShapeError(f"the pointwise filter has the window (1, 1), got {pointwise.shape}")
    filters = _one_group_each(as_tensor(depthwise_filter))
    middle = _convolve(2, input, filters, strides, padding, data_format, dilations, None)
    return _convolve(2, middle, pointwise, 1, "VALID", data_format, None, name)


@composed
def bias_add(
    value: Any, bias: Any, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """Add one number to each channel.

    Parameters
    ----------
    value : Tensor
        Shape (batch, ..., channels), or (batch, channels, ...) where `data_format` says so.
    bias : Tensor
        Shape (channels,).
    data_format : str, optional
        Channels come second where it starts with "NC", else last.

    Returns
    -------
    Tensor
        Of the shape of `value`.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.bias_add([[1.0, 2.0], [3.0, 4.0]], [10.0, 20.0]).numpy().tolist()
    [[11.0, 22.0], [13.0, 24.0]]
    """
    value = as_tensor(value)
    bias = as_tensor(bias, hint=value.dtype)
    rank = len(value.shape)
    first = rank > 2 and (data_format or "").startswith("NC")
    channels = value.shape[1 if first else -1] if rank else None
    if rank < 2 or len(bias.shape) != 1 or not bias.shape.is_compatible_with((channels,)):
        raise ShapeError(
            f"one bias for each of {channels} channels of {value.shape}, got {bias.shape}"
        )
    if first:
        bias = reshape(bias, [-1] + [1] * (rank - 2))
    return add(value, bias, name=name)
