"""Warping: images turned, stretched and shifted.

Each pixel of the result is taken from one place of the image::

    x' = a0 x + a1 y + a2
    y' = b0 x + b1 y + b2

where (x, y) is the pixel's column and row in the result, and (x', y') the place in the image. The
place lies between pixels. So what is taken is the nearest pixel, or a mean of the four around it,
with weights (1 - u)(1 - v), u (1 - v), (1 - u) v and u v, where (u, v) is how far beyond the first
of them the place lies.

One op finds the pixels and their weights (`warp_taps`, of which no gradient flows back to the
transformation); taking and adding them up is `gather` and arithmetic, whose gradients are known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minitf.dtypes import float32, int32
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.op import FloatTensor, op
from minitf.graph.spec import TensorSpec
from minitf.graph.tensor import Tensor
from minitf.ops.array import expand_dims, known_size, reshape, squeeze, unstack
from minitf.ops.broadcasting import broadcast_to
from minitf.ops.composed import composed
from minitf.ops.gather import gather
from minitf.ops.math import cast
from minitf.ops.reduction import reduce_sum
from minitf.ops.shapes import ensure_shape

TAPS = {"nearest": 1, "bilinear": 4}


# -- places outside of the image ----------------------------------------------------------------


def clamped(at: Any, size: int) -> Any:
    """Continue an image abcd as aaaa|abcd|dddd."""
    return np.clip(at, 0, size - 1)


def reflected(at: Any, size: int) -> Any:
    """Continue an image abcd as dcba|abcd|dcba."""
    there = np.mod(at, np.float32(2 * size))
    return clamped(np.where(there < size, there, np.float32(2 * size - 1) - there), size)


def wrapped(at: Any, size: int) -> Any:
    """Continue an image abcd as abcd|abcd|abcd; between d and the next a lies nothing.

    The formula is TensorFlow's, which is right for places less than a whole image away.
    """
    if size == 1:
        return np.zeros_like(at)
    period = np.float32(size - 1)
    below = at + size * (np.trunc(-at / period) + 1)
    above = at - size * np.trunc(at / period)
    return clamped(np.where(at < 0, below, np.where(at > size - 1, above, at)), size)


FILL: dict[str, Callable[[Any, int], Any]] = {
    "reflect": reflected,
    "wrap": wrapped,
    "nearest": clamped,
    "constant": lambda at, size: at,
}


# -- the op -----------------------------------------------------------------------------------


@op(differentiable=False)
def warp_taps(transforms: FloatTensor, height: int, width: int, interpolation: str, fill_mode: str):
    """Find the pixels that each pixel of a warped image is a mean of.

    Parameters
    ----------
    transforms : Tensor
        Shape (n, 8): for each image a0, a1, a2, b0, b1, b2 and two numbers that are not used.
    height, width : int
        Size of the image and of the result.
    interpolation, fill_mode : str
        See `warp`.

    Returns
    -------
    places, weights : Tensor
        Shape (n, height * width, taps): row by row, the numbers of the pixels and their weights,
        which are 0 for pixels outside of the image.

    Examples
    --------
    >>> from minitf.ops.warp import warp_taps
    >>> shift = [[1.0, 0.0, 0.25, 0.0, 1.0, 0.0, 0.0, 0.0]]
    >>> places, weights = warp_taps(shift, 1, 2, "bilinear", "nearest")
    >>> places.numpy()[0, 0, :2].tolist(), weights.numpy()[0, 0, :2].tolist()
    ([0, 1], [0.75, 0.25])
    """
    if interpolation not in TAPS:
        raise InvalidArgumentError(f"interpolation is one of {', '.join(TAPS)}, got "
                                   f"{interpolation!r}")  # fmt: skip
    if fill_mode not in FILL:
        raise InvalidArgumentError(f"fill_mode is one of {', '.join(FILL)}, got {fill_mode!r}")
    if len(transforms.shape) != 2 or transforms.shape[1] not in (None, 8):
        raise ShapeError(f"transforms must be of shape (n, 8), got {transforms.shape}")
    pixels = None if None in (height, width) else height * width
    shape = (transforms.shape[0], pixels, TAPS[interpolation])
    return TensorSpec(shape, int32), TensorSpec(shape, float32)


@warp_taps.kernel("numpy")
def _(transforms, *, height, width, interpolation, fill_mode):
    rows, columns = np.divmod(np.arange(height * width), max(width, 1))
    at = rows.astype(np.float32), columns.astype(np.float32)
    shape = (len(transforms), height * width, TAPS[interpolation])
    places, weights = np.empty(shape, np.int32), np.empty(shape, np.float32)
    find = nearest if interpolation == "nearest" else around
    for i, (a0, a1, a2, b0, b1, b2, *_) in enumerate(transforms.astype(np.float32)):
        # image by image, so that all steps find their numbers in the processor's cache
        x = FILL[fill_mode](a0 * at[1] + a1 * at[0] + a2, width)
        y = FILL[fill_mode](b0 * at[1] + b1 * at[0] + b2, height)
        for k, (column, row, weight) in enumerate(find(x, y)):
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            places[i, :, k] = np.where(inside, row * np.float32(width) + column, 0)
            weights[i, :, k] = weight * inside
    return places, weights


def nearest(x: Any, y: Any) -> list[Any]:
    """Return (column, row, weight) of the nearest pixels; halves are rounded away from 0."""
    return [(np.trunc(x + np.copysign(np.float32(0.5), x)),
             np.trunc(y + np.copysign(np.float32(0.5), y)), np.float32(1))]  # fmt: skip


def around(x: Any, y: Any) -> list[Any]:
    """Return (column, row, weight) of the four pixels around each place."""
    column, row = np.floor(x), np.floor(y)
    u, v = x - column, y - row
    return [(column, row, (1 - u) * (1 - v)), (column + 1, row, u * (1 - v)),
            (column, row + 1, (1 - u) * v), (column + 1, row + 1, u * v)]  # fmt: skip


# -- the function -------------------------------------------------------------------------------


@composed
def warp(images: Any, transforms: Any, interpolation: str = "bilinear",
         fill_mode: str = "reflect", fill_value: float = 0.0) -> Tensor:  # fmt: skip
    """Turn, stretch and shift images.

    Parameters
    ----------
    images : Tensor
        Shape (n, height, width, channels), or (height, width, channels).
    transforms : Tensor
        Shape (n, 8), or (8,) for all images: a0, a1, a2, b0, b1, b2, 0, 0. The pixel (x, y) of the
        result is taken from the place (a0 x + a1 y + a2, b0 x + b1 y + b2) of the image.
    interpolation : str
        "bilinear" or "nearest".
    fill_mode : str
        How an image abcd goes on: "reflect" as dcba|abcd|dcba, "wrap" as abcd|abcd|abcd, "nearest"
        as aaaa|abcd|dddd, "constant" as kkkk|abcd|kkkk.
    fill_value : float
        The k of "constant".

    Returns
    -------
    Tensor
        Of the shape and type of the images. Gradients flow to the images, not to the transforms.

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.warp import warp
    >>> image = tf.reshape([1.0, 2.0, 3.0], [1, 3, 1])
    >>> left = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    >>> warp(image, left, fill_mode="constant", fill_value=9.0)[0, :, 0].numpy().tolist()
    [2.0, 3.0, 9.0]
    """
    images, transforms = as_tensor(images), as_tensor(transforms, hint=float32)
    if len(images.shape) == 3:
        return squeeze(warp(expand_dims(images, 0), transforms, interpolation, fill_mode,
                            fill_value), 0)  # fmt: skip
    if len(images.shape) != 4:
        raise ShapeError(f"images must have 3 or 4 dimensions, got shape {images.shape}")
    count, height, width, channels = (known_size(images, axis) for axis in range(4))
    if len(transforms.shape) == 1 or transforms.shape[0] == 1:
        transforms = broadcast_to(reshape(transforms, [1, -1]), [count, 8])
    places, weights = warp_taps(transforms, height, width, interpolation, fill_mode)
    pixels = reshape(images, [count, height * width, channels])
    precise = pixels if images.dtype.is_floating else cast(pixels, float32)
    found = blend(precise, places, cast(weights, precise.dtype), TAPS[interpolation])
    if fill_mode == "constant" and fill_value:
        inside = cast(reduce_sum(weights, 2, keepdims=True), precise.dtype)
        found = found + fill_value * (1 - inside)
    found = reshape(cast(found, images.dtype), [count, height, width, channels])
    return ensure_shape(found, images.shape)


def blend(pixels: Any, places: Any, weights: Any, count: int) -> Any:
    """Return the sums of the pixels at some places, each times its weight."""
    picks = zip(unstack(places, count, 2), unstack(weights, count, 2), strict=True)
    terms = [gather(pixels, at, batch_dims=1) * expand_dims(weight, -1) for at, weight in picks]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total
