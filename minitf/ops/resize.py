"""Changing the size of images.

Every method but "nearest" makes a pixel of the result as a weighted mean of pixels of the image,
first along one axis and then along the other. The weights along an axis are a matrix A with a row
for each new pixel, so that for one channel ::

    result = A_rows @ image @ A_columns^T

That is linear, so the derivative is the same with both matrices transposed. A method is nothing but
a formula for A; for "nearest", each row of A has a single one.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from minitf.dtypes import float32, int32
from minitf.errors import DTypeError, InvalidArgumentError, ShapeError
from minitf.graph.convert import plain
from minitf.graph.op import Tensor, op
from minitf.graph.spec import TensorSpec, normalize_axis
from minitf.ops.array import known_size, unstack
from minitf.ops.composed import composed
from minitf.ops.image import check_image, pad_to_bounding_box
from minitf.ops.math import cast
from minitf.ops.rounding import floor, maximum, minimum, round_
from minitf.ops.source import identity

TABLE = 1024  # TensorFlow looks bicubic weights up in a table of so many steps per pixel
SPARSE = 16  # so many times more pixels than weights in a row: then most of them are skipped
CACHED = 16  # matrices kept: a loop over batches needs the same two again and again


class ResizeMethod:
    """The names of the methods of `resize`.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.ResizeMethod.NEAREST_NEIGHBOR
    'nearest'
    """

    BILINEAR = "bilinear"
    NEAREST_NEIGHBOR = "nearest"
    BICUBIC = "bicubic"
    AREA = "area"
    LANCZOS3 = "lanczos3"
    LANCZOS5 = "lanczos5"
    GAUSSIAN = "gaussian"
    MITCHELLCUBIC = "mitchellcubic"


# -- weights ----------------------------------------------------------------------------------


class Filter(NamedTuple):
    """How much a pixel counts at distance d >= 0, and from which distance on it does not."""

    weight: Callable[[Any], Any]
    radius: float


def keys_cubic(d: Any) -> Any:
    """Return the cubic of Keys (1981), with a = -1/2."""
    near, far = ((1.5 * d - 2.5) * d) * d + 1, ((-0.5 * d + 2.5) * d - 4) * d + 2
    return np.where(d < 1, near, far)


def mitchell_cubic(d: Any) -> Any:
    """Return the cubic of Mitchell and Netravali (1988), with B = C = 1/3."""
    near = (7 / 6 * d - 2) * d * d + 8 / 9
    return np.where(d < 1, near, ((-7 / 18 * d + 2) * d - 10 / 3) * d + 16 / 9)


def lanczos(d: Any, radius: float) -> Any:
    """Return sinc(d) sinc(d / radius)."""
    return np.sinc(d) * np.sinc(d / radius)


FILTERS = {
    "bilinear": Filter(lambda d: 1 - d, 1),
    "bicubic": Filter(keys_cubic, 2),
    "mitchellcubic": Filter(mitchell_cubic, 2),
    "lanczos3": Filter(lambda d: lanczos(d, 3), 3),
    "lanczos5": Filter(lambda d: lanczos(d, 5), 5),
    "gaussian": Filter(lambda d: np.exp(-2 * d * d), 1.5),
}
METHODS = ("nearest", "area", *FILTERS)


@functools.lru_cache(CACHED)
def weights(old: int, new: int, method: str, antialias: bool) -> Any:
    """Return the matrix, shape (new, old), that takes `old` pixels of an axis to `new` ones.

    Pixel i is the interval from i to i + 1, and is measured in its middle.
    """
    scale = np.float32(old) / np.float32(max(new, 1))
    middles = (np.arange(new, dtype=np.float32) + np.float32(0.5)) * scale
    if method == "nearest":
        found = np.arange(old) == np.minimum(middles.astype(int), old - 1)[:, None]
    elif method == "area":
        found = overlaps(old, new) / scale
    else:
        found = filtered(old, middles, FILTERS[method], method, float(scale), antialias)
    return found.astype(np.float32)


def overlaps(old: int, new: int) -> Any:
    """Return how much of each old pixel lies in each new one."""
    edges = np.arange(new + 1) * (old / max(new, 1))
    pixels = np.arange(old)
    return np.maximum(
        np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels), 0
    )


def filtered(
    old: int, middles: Any, filter_: Filter, method: str, scale: float, antialias: bool
) -> Any:
    """Return weights by distance, which add up to 1; at a border, fewer pixels share them.

    To see no patterns that are not there, an image that shrinks has to be smoothed: antialiasing
    stretches the filter over as many pixels as are to become one.
    """
    if method == "bicubic" and not antialias:
        middles = 0.5 + np.rint((middles - 0.5) * TABLE) / TABLE
    stretch = max(scale, 1.0) if antialias else 1.0
    distances = np.abs(np.arange(old) + 0.5 - middles[:, None]) / stretch
    found = np.where(distances < filter_.radius, filter_.weight(distances), 0)
    return found / found.sum(axis=1, keepdims=True)


# -- the op -----------------------------------------------------------------------------------


@op
def resample(images: Tensor, axis: int, size: int, method: str, antialias: bool):
    """Change the number of pixels along one axis.

    Parameters
    ----------
    images : Tensor
        Of floating type; of any for the method "nearest".
    axis : int
        The axis.
    size : int
        The new number of pixels.
    method : str
        See `resize`.
    antialias : bool
        See `resize`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> from minitf.ops.resize import resample
    >>> resample([0.0, 3.0], 0, 3, "bilinear", False).numpy().tolist()
    [0.0, 1.5, 3.0]
    """
    if method not in METHODS:
        raise InvalidArgumentError(f"method is one of {', '.join(METHODS)}, got {method!r}")
    if method != "nearest" and not images.dtype.is_floating:
        raise DTypeError(f"the means of {images.dtype.name} are fractions: cast to float32 first")
    shape = list(images.shape)
    axis = normalize_axis(axis, len(shape))
    if shape[axis] == 0:
        raise ShapeError(f"images must have pixels, got shape {images.shape}")
    shape[axis] = size
    return TensorSpec(shape, images.dtype)


@resample.kernel("numpy")
def _(images, *, axis, size, method, antialias):
    matrix, places, few = taps(images.shape[axis], size, method, antialias, False)
    if method == "nearest":
        return np.take(images, places[:, 0], axis)
    return along(matrix, places, few, images, axis)


@resample.gradient
def _(node, dy):
    old = known_size(node.inputs[0], node["axis"])
    how = (node["axis"], old, node["method"], node["antialias"])
    return resample_backprop(dy, *how)


@op
def resample_backprop(dy: Tensor, axis: int, size: int, method: str, antialias: bool):
    """Return the derivative of `resample` for images that had `size` pixels along the axis.

    Examples
    --------
    >>> from minitf.ops.resize import resample_backprop
    >>> resample_backprop([1.0, 1.0, 1.0], 0, 2, "bilinear", False).numpy().tolist()
    [1.5, 1.5]
    """
    shape = list(dy.shape)
    shape[axis] = size
    return TensorSpec(shape, dy.dtype)


@resample_backprop.kernel("numpy")
def _(dy, *, axis, size, method, antialias):
    return along(*taps(size, dy.shape[axis], method, antialias, True), dy, axis)


@resample_backprop.gradient
def _(node, dy):
    new = known_size(node.inputs[0], node["axis"])
    return resample(dy, node["axis"], new, node["method"], node["antialias"])


@functools.lru_cache(CACHED)
def taps(old: int, new: int, method: str, antialias: bool, transposed: bool) -> Any:
    """Return a matrix of weights; the columns of the few in each row that count; and these few.

    They stand side by side: what lies before the first and behind the last of them is 0.
    """
    matrix = weights(old, new, method, antialias)
    matrix = matrix.T if transposed else matrix
    if not matrix.size:
        return matrix, np.zeros((len(matrix), 1), int), matrix
    counts = matrix != 0
    first = counts.argmax(axis=1)
    last = matrix.shape[1] - 1 - counts[:, ::-1].argmax(axis=1)
    places = np.arange(max(1, np.max(last - first, initial=0) + 1))
    places = places + np.minimum(first, matrix.shape[1] - len(places))[:, None]
    return matrix, places, np.take_along_axis(matrix, places, axis=1)


def along(matrix: Any, places: Any, few: Any, x: Any, axis: int) -> Any:
    """Return the product of a matrix with every vector that lies along an axis.

    A matrix product multiplies with all the zeros, too, and is faster all the same while there are
    not too many of them.
    """
    axis %= x.ndim
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    flat = x.reshape(math.prod(before), x.shape[axis], math.prod(after))
    if x.shape[axis] < SPARSE * places.shape[1]:
        found = matrix.astype(x.dtype) @ flat
    else:
        found = np.zeros((len(flat), len(matrix), flat.shape[2]), x.dtype)
        for place, weight in zip(places.T, few.T.astype(x.dtype), strict=True):
            found += np.take(flat, place, axis=1) * weight[:, None]
    return found.reshape(*before, len(matrix), *after)


# -- the functions ----------------------------------------------------------------------------


@composed
def resize(
    images: Any,
    size: Any,
    method: str = ResizeMethod.BILINEAR,
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
    name: str | None = None,
) -> Tensor:
    """Change the size of images.

    Parameters
    ----------
    images : Tensor
        Shape (height, width, channels), or (batch, height, width, channels).
    size : sequence of 2 int, or Tensor
        The new height and width.
    method : str
        "bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian" or
        "mitchellcubic"; see `ResizeMethod`.
    preserve_aspect_ratio : bool
        Whether to keep the proportions: `size` is then what the result must fit into.
    antialias : bool
        Whether to smooth an image that shrinks ("area" always does, "nearest" never).
    name : str, optional
        Name of the result.

    Returns
    -------
    Tensor
        Of type float32; for "nearest", of the type of the images.

    Raises
    ------
    InvalidArgumentError
        If the method is none of the above, or the new size is not positive.

    Notes
    -----
    Pixel i covers the interval from i to i + 1, so its middle, i + 1/2, lies at (i + 1/2) old / new
    in the old image. The derivative with respect to the images is exact for all methods.

    References
    ----------
    R. Keys, 1981, "Cubic convolution interpolation for digital image processing", IEEE Transactions
    on Acoustics, Speech, and Signal Processing 29 (6). D. Mitchell, A. Netravali, 1988,
    "Reconstruction filters in computer graphics", SIGGRAPH '88.

    Examples
    --------
    >>> import minitf as tf
    >>> image = tf.reshape([0.0, 4.0, 8.0, 12.0], [2, 2, 1])
    >>> tf.image.resize(image, [2, 4])[:, :, 0].numpy().tolist()
    [[0.0, 1.0, 3.0, 4.0], [8.0, 9.0, 11.0, 12.0]]
    >>> tf.image.resize(image, [1, 1], method="area").numpy().item()
    6.0
    """
    images, method = check_image(images), str(method).lower()
    height, width = _two_sizes(size)
    if preserve_aspect_ratio:
        height, width = _fitting(images, height, width)
    if method != "nearest":
        images = cast(images, float32)
    axes = [(-3, height), (-2, width)]
    if not _shrinks_first(images, height, width):
        axes.reverse()
    for axis, new in axes:
        images = resample(images, axis, new, method, bool(antialias))
    return identity(images, name=name) if name else images


def _two_sizes(size: Any) -> Any:
    found = plain(size)
    if isinstance(found, Tensor):
        return unstack(found, 2)
    if not isinstance(found, tuple) or len(found) != 2:
        raise ShapeError(f"size must be (height, width), got {size!r}")
    if any(isinstance(n, int) and n < 1 for n in found):
        raise InvalidArgumentError(f"a size must be > 0, got {found}")
    return found


def _fitting(images: Any, height: Any, width: Any) -> list[Any]:
    """Return the largest size of the images' proportions that fits."""
    old = [cast(known_size(images, axis), float32) for axis in (-3, -2)]
    scale = minimum(cast(height, float32) / old[0], cast(width, float32) / old[1])
    return [cast(round_(scale * side), int32) for side in old]


def _shrinks_first(images: Any, height: Any, width: Any) -> bool:
    """Return whether to change the height first, which leaves less to do for the width."""
    sizes = (height, width, *images.shape[-3:-1])
    if not all(isinstance(n, int) for n in sizes):
        return False
    return height * sizes[3] < width * sizes[2]


@composed
def resize_with_pad(
    image: Any,
    target_height: Any,
    target_width: Any,
    method: str = ResizeMethod.BILINEAR,
    antialias: bool = False,
) -> Tensor:
    """Change the size of images, keeping their proportions, and fill up with zeros.

    Parameters
    ----------
    image : Tensor
        Shape (height, width, channels), or (batch, height, width, channels).
    target_height, target_width : int
        The new size.
    method, antialias
        As for `resize`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.resize_with_pad(tf.ones([1, 2, 1]), 2, 2)[:, :, 0].numpy().tolist()
    [[1.0, 1.0], [0.0, 0.0]]
    """
    image = check_image(image)
    old, new = image.shape[-3:-1], (int(target_height), int(target_width))
    if 0 in old or min(new) < 1:
        raise ShapeError(f"sides must be positive, got {tuple(old)} and {new}")
    sides, before = _fitted_later(image, new) if None in old else _fitted(old, new)
    padded = pad_to_bounding_box(resize(image, sides, method, antialias=antialias), *before, *new)
    padded.set_shape([*image.shape[:-3], *new, image.shape[-1]])
    return padded


def _fitted(old: Any, new: tuple[int, int]) -> tuple[list[int], list[int]]:
    """Return the sides of an image that keeps its proportions, and what stands before it."""
    shrink = max(np.float32(o) / np.float32(n) for o, n in zip(old, new, strict=True))
    sides = [np.float32(o) / shrink for o in old]
    before = [max(0, math.floor((n - s) / 2)) for n, s in zip(new, sides, strict=True)]
    return [math.floor(s) for s in sides], before


def _fitted_later(image: Any, new: tuple[int, int]) -> tuple[list[Any], list[Any]]:
    """Return the same where a graph knows the old sides."""
    old = [cast(known_size(image, axis), float32) for axis in (-3, -2)]
    shrink = maximum(*(o / float(n) for o, n in zip(old, new, strict=True)))
    sides = [o / shrink for o in old]
    before = [maximum(0.0, floor((n - s) / 2.0)) for n, s in zip(new, sides, strict=True)]
    return [cast(floor(s), int32) for s in sides], [cast(b, int32) for b in before]
