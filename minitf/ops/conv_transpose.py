"""Transposed convolutions: from few positions to many, as generators and decoders need it.

What a convolution does to its gradient on the way back, done on the way forward.
"""

from __future__ import annotations

from typing import Any

from minitf.errors import ShapeError
from minitf.graph.convert import as_tensor, plain
from minitf.graph.tensor import Tensor
from minitf.ops.array import unstack
from minitf.ops.composed import composed
from minitf.ops.conv import conv_backprop_input
from minitf.ops.convolution import channels_last, channels_second, window_arguments
from minitf.ops.windows import is_channels_first


def _transposed(rank: int, input: Any, filters: Any, output_shape: Any, strides: Any, padding: Any,
                data_format: Any, dilations: Any, name: str | None) -> Tensor:  # fmt: skip
    first = is_channels_first(data_format, rank)
    numbers = window_arguments(rank, strides, padding, dilations, first)
    input, filters = as_tensor(input), as_tensor(filters)
    if first:
        input = channels_last(input)
    sizes = _sizes(output_shape, rank, input, filters, first)
    if first:
        return channels_second(conv_backprop_input(input, filters, sizes, *numbers), name)
    return conv_backprop_input(input, filters, sizes, *numbers, name=name)


def _sizes(output_shape: Any, rank: int, input: Tensor, filters: Tensor, first: bool) -> list[Any]:
    """Return the spatial part of the output's shape; the rest of it follows from the inputs."""
    shape = plain(output_shape)
    dims = list(unstack(shape) if isinstance(shape, Tensor) else shape)
    if len(dims) != rank + 2:
        raise ShapeError(f"output_shape has {rank + 2} entries, got {shape}")
    batch, channels = dims[0], dims.pop(1 if first else -1)
    expected = input.shape[0], filters.shape[-2] if len(filters.shape) > 1 else None
    for given, follows in zip((batch, channels), expected, strict=True):
        if isinstance(given, int) and follows is not None and given != follows:
            raise ShapeError(
                f"output_shape {shape} contradicts the input {input.shape} and the filters "
                f"{filters.shape}, which give batch {expected[0]} and {expected[1]} channels"
            )
    return dims[1:]


@composed
def conv2d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Lay the filters down at each position of the input, times its value, and add up.

    It is the derivative of `conv2d` with respect to its input (and no inverse of it).

    Parameters
    ----------
    input : Tensor
        Shape (batch, rows, cols, channels): the positions.
    filters : Tensor
        Shape (rows, cols, output channels, channels): as for the convolution that leads back.
    output_shape : sequence of int
        Shape of the result, (batch, height, width, output channels). Several heights lead to the
        same number of positions, so it has to be said.
    strides, padding, data_format, dilations
        Of the convolution that leads back; see `conv2d`.

    Returns
    -------
    Tensor
        Of shape `output_shape`.

    Raises
    ------
    ShapeError
        Where `output_shape` would not lead back to the shape of the input.

    References
    ----------
    M. D. Zeiler et al., "Deconvolutional networks", 2010.

    Examples
    --------
    >>> import minitf as tf
    >>> x, w = tf.reshape([1.0, 2.0], [1, 1, 2, 1]), tf.ones([2, 2, 1, 1])
    >>> tf.nn.conv2d_transpose(x, w, [1, 2, 4, 1], strides=2).numpy()[0, :, :, 0].tolist()
    [[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]
    """
    return _transposed(2, input, filters, output_shape, strides, padding, data_format, dilations,
                       name)  # fmt: skip


@composed
def conv1d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Lay filters down along a sequence; `conv2d_transpose` for one axis.

    Parameters
    ----------
    input : Tensor
        Shape (batch, positions, channels).
    filters : Tensor
        Shape (window, output channels, channels).
    output_shape : sequence of int
        Shape of the result, (batch, length, output channels).
    strides, padding, data_format, dilations
        As of `conv1d`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> x, w = tf.reshape([1.0, 2.0], [1, 2, 1]), tf.ones([3, 1, 1])
    >>> tf.nn.conv1d_transpose(x, w, [1, 4, 1], 1, "VALID").numpy().ravel().tolist()
    [1.0, 3.0, 3.0, 2.0]
    """
    return _transposed(1, input, filters, output_shape, strides, padding, data_format, dilations,
                       name)  # fmt: skip


@composed
def conv3d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Lay filters down in a volume; `conv2d_transpose` for three axes.

    Parameters
    ----------
    input : Tensor
        Shape (batch, depth, height, width, channels).
    filters : Tensor
        Shape (layers, rows, cols, output channels, channels).
    output_shape : sequence of int
        Shape of the result, channels last unless `data_format` says otherwise.
    strides, padding, data_format, dilations
        As of `conv3d`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> x, w = tf.ones([1, 2, 2, 2, 5]), tf.ones([3, 3, 3, 4, 5])
    >>> tf.nn.conv3d_transpose(x, w, [1, 4, 4, 4, 4], 2).shape
    (1, 4, 4, 4, 4)
    """
    return _transposed(3, input, filters, output_shape, strides, padding, data_format, dilations,
                       name)  # fmt: skip


@composed
def conv_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Lay filters down along one, two or three spatial axes, as many as the filters have.

    Parameters
    ----------
    input : Tensor
        Shape (batch, *positions, channels).
    filters : Tensor
        Shape (*window, output channels, channels).
    output_shape : sequence of int
        Shape of the result.
    strides, padding, data_format, dilations
        As of `convolution`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> x, w = tf.ones([1, 3, 2]), tf.ones([2, 4, 2])
    >>> tf.nn.conv_transpose(x, w, [1, 6, 4], strides=2).shape
    (1, 6, 4)
    """
    filters = as_tensor(filters)
    rank = len(filters.shape) - 2
    return _transposed(rank, input, filters, output_shape, strides, padding, data_format,
                       dilations, name)  # fmt: skip


@composed
def atrous_conv2d_transpose(
    value: Any, filters: Any, output_shape: Any, rate: int, padding: Any, name: str | None = None
) -> Tensor:
    """Lay filters with holes down on images: `conv2d_transpose` with dilations.

    Parameters
    ----------
    value : Tensor
        Shape (batch, rows, cols, channels).
    filters : Tensor
        Shape (rows, cols, output channels, channels).
    output_shape : sequence of int
        Shape of the result.
    rate : int
        Steps between the elements of a filter.
    padding : {"SAME", "VALID"}
        As of `conv2d`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> x, w = tf.ones([1, 5, 5, 1]), tf.ones([3, 3, 2, 1])
    >>> tf.nn.atrous_conv2d_transpose(x, w, [1, 9, 9, 2], rate=2, padding="VALID").shape
    (1, 9, 9, 2)
    """
    return _transposed(2, value, filters, output_shape, 1, padding, "NHWC", rate, name)
