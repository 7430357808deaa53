"""Pooling as programs call it: `max_pool2d` and its relatives.

Each puts its arguments into one form (a number per spatial axis, channels last) and leaves the work
to the ops of `minitf.ops.pool`.
"""

from __future__ import annotations

from typing import Any

from minitf.errors import InvalidArgumentError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops.composed import composed
from minitf.ops.convolution import channels_last, channels_second, window_arguments
from minitf.ops.pool import avg_pool_, max_pool_
from minitf.ops.windows import is_channels_first, per_axis


def _pool(op: Any, rank: int, input: Any, ksize: Any, strides: Any, padding: Any,
          data_format: Any, name: str | None, dilations: Any = None) -> Tensor:  # fmt: skip
    first = is_channels_first(data_format, rank)
    window = per_axis(ksize, rank, "ksize", first)
    numbers = window_arguments(rank, strides, padding, dilations, first)
    if first:
        return channels_second(op(channels_last(input), window, *numbers), name)
    return op(input, window, *numbers, name=name)


@composed
def max_pool2d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    name: str | None = None,
) -> Tensor:
    """Return the largest element of each window of images, channel by channel.

    Parameters
    ----------
    input : Tensor
        Images (batch, height, width, channels).
    ksize, strides : int or sequence of int
        Size of the window, and steps between positions: one number, (rows, cols), or
        (1, rows, cols, 1).
    padding : {"SAME", "VALID"} or sequence of pairs
        As of `conv2d`; what is outside of the image is never the largest.
    data_format : {"NHWC", "NCHW"}
        Whether channels come last or second.

    Returns
    -------
    Tensor
        Shape (batch, rows of positions, cols of positions, channels).

    Notes
    -----
    The derivative goes to the first of several equal elements.

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.reshape([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [1, 2, 4, 1])
    >>> tf.nn.max_pool2d(x, 2, 2, "VALID").numpy().ravel().tolist()
    [6.0, 8.0]
    """
    return _pool(max_pool_, 2, input, ksize, strides, padding, data_format, name)


@composed
def max_pool1d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NWC",
    name: str | None = None,
) -> Tensor:
    """Return the largest element of each window of sequences; `max_pool2d` for one axis.

    Parameters
    ----------
    input : Tensor
        Shape (batch, length, channels).
    ksize, strides, padding
        As of `max_pool2d`.
    data_format : {"NWC", "NCW"}
        Whether channels come last or second.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.reshape([1.0, 3.0, 2.0, 0.0], [1, 4, 1])
    >>> tf.nn.max_pool1d(x, 2, 1, "SAME").numpy().ravel().tolist()
    [3.0, 3.0, 2.0, 0.0]
    """
    return _pool(max_pool_, 1, input, ksize, strides, padding, data_format, name)


@composed
def max_pool3d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NDHWC",
    name: str | None = None,
) -> Tensor:
    """Return the largest element of each window of volumes; `max_pool2d` for three axes.

    Parameters
    ----------
    input : Tensor
        Shape (batch, depth, height, width, channels).
    ksize, strides, padding
        As of `max_pool2d`.
    data_format : {"NDHWC", "NCDHW"}
        Whether channels come last or second.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.max_pool3d(tf.ones([1, 4, 4, 4, 5]), 2, 2, "VALID").shape
    (1, 2, 2, 2, 5)
    """
    return _pool(max_pool_, 3, input, ksize, strides, padding, data_format, name)


@composed
def max_pool(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """Return the largest element of each window over all spatial axes of a tensor.

    Parameters
    ----------
    input : Tensor
        Shape (batch, *sizes, channels).
    ksize, strides, padding
        As of `max_pool2d`.
    data_format : str, optional
        Channels come second where it starts with "NC", else last.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.max_pool(tf.ones([1, 8, 8, 5]), 3, 2, "SAME").shape
    (1, 4, 4, 5)
    """
    input = as_tensor(input)
    rank = len(input.shape) - 2
    return _pool(max_pool_, rank, input, ksize, strides, padding, data_format, name)


@composed
def avg_pool2d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    name: str | None = None,
) -> Tensor:
    """Return the average of each window of images, channel by channel.

    Parameters
    ----------
    input : Tensor
        Images (batch, height, width, channels).
    ksize, strides : int or sequence of int
        Size of the window, and steps between positions: one number, (rows, cols), or
        (1, rows, cols, 1).
    padding : {"SAME", "VALID"} or sequence of pairs
        As of `conv2d`; what is outside of the image is not counted.
    data_format : {"NHWC", "NCHW"}
        Whether channels come last or second.

    Returns
    -------
    Tensor
        Shape (batch, rows of positions, cols of positions, channels).

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.reshape([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1, 2, 3, 1])
    >>> tf.nn.avg_pool2d(x, 2, 2, "SAME").numpy().ravel().tolist()
    [3.0, 4.5]
    """
    return _pool(avg_pool_, 2, input, ksize, strides, padding, data_format, name)


@composed
def avg_pool1d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NWC",
    name: str | None = None,
) -> Tensor:
    """Return the average of each window of sequences; `avg_pool2d` for one axis.

    Parameters
    ----------
    input : Tensor
        Shape (batch, length, channels).
    ksize, strides, padding
        As of `avg_pool2d`.
    data_format : {"NWC", "NCW"}
        Whether channels come last or second.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.reshape([1.0, 3.0, 2.0, 0.0], [1, 4, 1])
    >>> tf.nn.avg_pool1d(x, 2, 1, "VALID").numpy().ravel().tolist()
    [2.0, 2.5, 1.0]
    """
    return _pool(avg_pool_, 1, input, ksize, strides, padding, data_format, name)


@composed
def avg_pool3d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NDHWC",
    name: str | None = None,
) -> Tensor:
    """Return the average of each window of volumes; `avg_pool2d` for three axes.

    Parameters
    ----------
    input : Tensor
        Shape (batch, depth, height, width, channels).
    ksize, strides, padding
        As of `avg_pool2d`.
    data_format : {"NDHWC", "NCDHW"}
        Whether channels come last or second.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.avg_pool3d(tf.ones([1, 4, 4, 4, 5]), 2, 2, "VALID").shape
    (1, 2, 2, 2, 5)
    """
    return _pool(avg_pool_, 3, input, ksize, strides, padding, data_format, name)


@composed
def avg_pool(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """Return the average of each window over all spatial axes of a tensor.

    Parameters
    ----------
    input : Tensor
        Shape (batch, *sizes, channels).
    ksize, strides, padding
        As of `avg_pool2d`.
    data_format : str, optional
        Channels come second where it starts with "NC", else last.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.avg_pool(tf.ones([1, 8, 5]), 3, 2, "SAME").shape
    (1, 4, 5)
    """
    input = as_tensor(input)
    rank = len(input.shape) - 2
    return _pool(avg_pool_, rank, input, ksize, strides, padding, data_format, name)


@composed
def pool(
    input: Any,
    window_shape: Any,
    pooling_type: str,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Return the largest or the average element of each window, with holes if wanted.

    Parameters
    ----------
    input : Tensor
        Shape (batch, *sizes, channels).
    window_shape : sequence of int
        One number per spatial axis.
    pooling_type : {"MAX", "AVG"}
        What to take of each window.
    strides, padding, dilations, data_format
        As of `convolution`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.reshape([1.0, 5.0, 2.0, 4.0], [1, 4, 1])
    >>> tf.nn.pool(x, [2], "MAX", dilations=[2]).numpy().ravel().tolist()
    [2.0, 5.0]
    """
    kinds = {"MAX": max_pool_, "AVG": avg_pool_}
    if pooling_type not in kinds:
        raise InvalidArgumentError(f"pooling_type is 'MAX' or 'AVG', got {pooling_type!r}")
    input = as_tensor(input)
    rank = len(input.shape) - 2
    return _pool(kinds[pooling_type], rank, input, window_shape, strides, padding, data_format,
                 name, dilations)  # fmt: skip
