"""Blocks of pixels: traded for channels and back, and cut out as patches."""

from __future__ import annotations

import math
from itertools import chain, product
from typing import Any

from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor, plain
from minitf.graph.op import Tensor
from minitf.ops.array import concat, known_size, reshape, transpose
from minitf.ops.composed import composed
from minitf.ops.rearrange import pad
from minitf.ops.source import identity
from minitf.ops.windows import Axis, slide


@composed
def space_to_depth(
    input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """Turn blocks of pixels into channels.

    Parameters
    ----------
    input : Tensor
        Shape (batch, height, width, channels).
    block_size : int
        Side b of a block; divides height and width.
    data_format : {"NHWC", "NCHW"}
        Where the channels stand.

    Returns
    -------
    Tensor
        Shape (batch, height / b, width / b, b * b * channels).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.space_to_depth(tf.reshape(tf.range(4), [1, 2, 2, 1]), 2).numpy().tolist()
    [[[[0, 1, 2, 3]]]]
    """
    x, b = _channels_last(input, data_format), block_size
    height, width, channels = (known_size(x, i) for i in (1, 2, 3))
    _check_divides(b, height, width)
    blocks = reshape(x, [-1, height // b, b, width // b, b, channels])
    joined = reshape(transpose(blocks, [0, 1, 3, 2, 4, 5]),
                     [-1, height // b, width // b, b * b * channels], name=name)  # fmt: skip
    return _channels_back(joined, data_format)


@composed
def depth_to_space(
    input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """Turn channels into blocks of pixels: what `space_to_depth` did, undone.

    Parameters
    ----------
    input : Tensor
        Shape (batch, height, width, channels).
    block_size : int
        Side b of a block; b * b divides channels.
    data_format : {"NHWC", "NCHW"}
        Where the channels stand.

    Returns
    -------
    Tensor
        Shape (batch, height * b, width * b, channels / (b * b)).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.depth_to_space(tf.reshape(tf.range(4), [1, 1, 1, 4]), 2).numpy().tolist()
    [[[[0], [1]], [[2], [3]]]]
    """
    x, b = _channels_last(input, data_format), block_size
    height, width, channels = (known_size(x, i) for i in (1, 2, 3))
    _check_divides(b * b, channels)
    blocks = reshape(x, [-1, height, width, b, b, channels // (b * b)])
    spread = reshape(transpose(blocks, [0, 1, 3, 2, 4, 5]),
                     [-1, height * b, width * b, channels // (b * b)], name=name)  # fmt: skip
    return _channels_back(spread, data_format)


def _channels_last(input: Any, data_format: str) -> Any:
    input = as_tensor(input)
    if len(input.shape) != 4:
        raise ShapeError(f"four axes are needed, got shape {input.shape}")
    if data_format not in ("NHWC", "NCHW"):
        raise InvalidArgumentError(f"data_format is NHWC or NCHW, got {data_format!r}")
    return input if data_format == "NHWC" else transpose(input, [0, 2, 3, 1])


def _channels_back(output: Any, data_format: str) -> Any:
    return output if data_format == "NHWC" else transpose(output, [0, 3, 1, 2])


def _check_divides(divisor: int, *sizes: Any) -> None:
    for size in sizes:
        if isinstance(size, int) and size % divisor:
            raise ShapeError(f"{divisor} does not divide size {size}")


@composed
def space_to_batch_nd(
    input: Any, block_shape: Any, paddings: Any, name: str | None = None
) -> Tensor:
    """Turn the places within blocks into further members of the batch.

    Parameters
    ----------
    input : Tensor
        Shape (batch, *sizes, ...), one size per number of `block_shape`.
    block_shape : sequence of int
        Sides of a block.
    paddings : sequence of pairs of int
        Zeros to put before and after each axis first, so that blocks fit.

    Returns
    -------
    Tensor
        Shape (batch * product of the sides, *sizes / sides, ...).

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.reshape(tf.range(4), [1, 2, 2, 1])
    >>> tf.space_to_batch_nd(x, [2, 2], [[0, 0], [0, 0]]).shape
    (4, 1, 1, 1)
    """
    input, sides = as_tensor(input), plain(block_shape)
    n, rank = len(sides), len(input.shape)
    x = pad(input, [(0, 0), *plain(paddings), *[(0, 0)] * (rank - n - 1)])
    batch, *sizes = [known_size(x, i) for i in range(rank)]
    for size, side in zip(sizes, sides, strict=False):
        _check_divides(side, size)
    counts = [size // side for size, side in zip(sizes, sides, strict=False)]
    blocks = reshape(x, [batch, *chain(*zip(counts, sides, strict=True)), *sizes[n:]])
    inner, outer = range(2, 2 * n + 1, 2), range(1, 2 * n, 2)
    moved = transpose(blocks, [*inner, 0, *outer, *range(2 * n + 1, rank + n)])
    return reshape(moved, [batch * math.prod(sides), *counts, *sizes[n:]], name=name)


@composed
def batch_to_space(input: Any, block_shape: Any, crops: Any, name: str | None = None) -> Tensor:
    """Turn members of the batch into places within blocks: `space_to_batch_nd` undone.

    Parameters
    ----------
    input : Tensor
        Shape (batch, *sizes, ...), one size per number of `block_shape`.
    block_shape : sequence of int
        Sides of a block; their product divides the batch.
    crops : sequence of pairs of int
        How much to cut off before and after each axis in the end.

    Returns
    -------
    Tensor
        Shape (batch / product of the sides, *sizes * sides - crops, ...).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.batch_to_space(tf.zeros([4, 1, 1, 3]), [2, 2], [[0, 0], [0, 0]]).shape
    (1, 2, 2, 3)
    """
    input, sides = as_tensor(input), plain(block_shape)
    n, rank = len(sides), len(input.shape)
    batch, *sizes = [known_size(input, i) for i in range(rank)]
    _check_divides(math.prod(sides), batch)
    batch = batch // math.prod(sides)
    blocks = reshape(input, [*sides, batch, *sizes])
    order = chain(*((n + 1 + i, i) for i in range(n)))
    moved = transpose(blocks, [n, *order, *range(2 * n + 1, rank + n)])
    grown = [size * side for size, side in zip(sizes, sides, strict=False)]
    whole = reshape(moved, [batch, *grown, *sizes[n:]])
    cuts = [slice(a, size - b) for size, (a, b) in zip(grown, plain(crops), strict=True)]
    return identity(whole[(slice(None), *cuts)], name=name)


@composed
def extract_patches(
    images: Any, sizes: Any, strides: Any, rates: Any, padding: str, name: str | None = None
) -> Tensor:
    """Cut images into patches, each laid out as the channels of one pixel.

    Parameters
    ----------
    images : Tensor
        Shape (batch, height, width, channels).
    sizes, strides, rates : sequence of 4 int
        Of the patches, of the steps between them, of the steps inside of them: [1, rows, cols, 1].
    padding : {"VALID", "SAME"}
        Whether patches stay inside of the image, or are filled up with zeros.

    Returns
    -------
    Tensor
        Shape (batch, rows, cols, patch height * patch width * channels).

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.reshape(tf.range(9), [1, 3, 3, 1])
    >>> patches = tf.image.extract_patches(x, [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID")
    >>> patches[0, 0, 0].numpy().tolist()
    [0, 1, 3, 4]
    """
    images = as_tensor(images)
    if len(images.shape) != 4 or None in images.shape[1:3]:
        raise ShapeError(f"images have four axes and known sides, got shape {images.shape}")
    if padding.upper() not in ("VALID", "SAME"):
        raise InvalidArgumentError(f"padding is 'VALID' or 'SAME', got {padding!r}")
    window, steps, gaps = (tuple(numbers[1:3]) for numbers in (sizes, strides, rates))
    axes = slide(images.shape[1:3], window, steps, gaps, padding.upper())
    padded = pad(images, [(0, 0), *((a.before, a.after) for a in axes), (0, 0)])
    rows, cols = ([_every(axis, i) for i in range(axis.window)] for axis in axes)
    return concat([padded[:, row, col] for row, col in product(rows, cols)], -1, name=name)


def _every(axis: Axis, i: int) -> slice:
    """Return where element `i` of all windows stands along an axis that has been padded."""
    first = i * axis.dilation
    return slice(first, first + (axis.positions - 1) * axis.stride + 1, axis.stride)
