"""Colours and brightness of images, whose last axis are the channels.

Whole numbers stand for brightness from 0 to the largest of their type, fractions for 0 to 1. The
adjustments work on fractions, and return the type that they were given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitf.dtypes import as_dtype, float16, float32
from minitf.errors import DTypeError, InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor, plain
from minitf.graph.tensor import Tensor
from minitf.ops.array import known_size, stack, unstack
from minitf.ops.composed import composed
from minitf.ops.division import divide, divide_no_nan, floordiv
from minitf.ops.math import abs_, add, cast, multiply
from minitf.ops.powers import pow_, rsqrt
from minitf.ops.products import matmul
from minitf.ops.rearrange import tile
from minitf.ops.reduction import reduce_max, reduce_mean, reduce_min
from minitf.ops.rounding import clip_by_value, floor, maximum, saturate_cast
from minitf.ops.source import identity, zeros_like
from minitf.ops.statistics import reduce_std
from minitf.ops.where import where

LUMINANCE = (0.2989, 0.5870, 0.1140)  # how bright red, green and blue look: ITU-R BT.601


@composed
def convert_image_dtype(
    image: Any, dtype: Any, saturate: bool = False, name: str | None = None
) -> Tensor:
    """Convert images to another type, and their brightness to its range.

    Parameters
    ----------
    image : Tensor
        Any shape.
    dtype : DType
        Floating, or of integer type.
    saturate : bool
        Whether numbers beyond the new type's range are cut off; they wrap around otherwise.
    name : str, optional
        Name of the result.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.convert_image_dtype(tf.constant([0, 255], tf.uint8), tf.float32).numpy().tolist()
    [0.0, 1.0]
    >>> tf.image.convert_image_dtype([0.5, 2.0], tf.uint8, saturate=True).numpy().tolist()
    [127, 255]
    """
    image, dtype = as_tensor(image), as_dtype(dtype)
    old = image.dtype
    for kind in (old, dtype):
        if not (kind.is_floating or kind.is_integer):
            raise DTypeError(f"images hold fractions or whole numbers, not {kind.name}")
    convert = saturate_cast if saturate else cast
    if old is dtype:
        return identity(image, name=name)
    if dtype.is_floating:
        scale = 1 / old.max if old.is_integer else 1.0
        return multiply(cast(image, dtype), scale, name=name)
    if old.is_floating:  # the half makes all numbers as likely when fractions are cut off
        return convert(multiply(image, dtype.max + 0.5), dtype, name=name)
    if old.max > dtype.max:
        return convert(floordiv(image, (old.max + 1) // (dtype.max + 1)), dtype, name=name)
    return multiply(convert(image, dtype), (dtype.max + 1) // (old.max + 1), name=name)


def _adjusted(image: Any, change: Callable[[Tensor], Any], saturate: bool = True) -> Any:
    """Change images as fractions, and return them as what they were."""
    image = as_tensor(image)
    floats = image if image.dtype in (float16, float32) else convert_image_dtype(image, float32)
    return convert_image_dtype(change(floats), image.dtype, saturate)


@composed
def rgb_to_grayscale(images: Any, name: str | None = None) -> Tensor:
    """Replace the three colours by the brightness that they appear to have.

    Parameters
    ----------
    images : Tensor
        Shape (..., 3): red, green, blue.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        Shape (..., 1), of the same type.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.rgb_to_grayscale([[[1.0, 1.0, 1.0]]]).numpy().round(3).item()
    1.0
    """
    images = _check_channels(images, 3)
    floats = convert_image_dtype(images, float32)
    weights = [[share] for share in LUMINANCE]
    return convert_image_dtype(matmul(floats, weights), images.dtype)


@composed
def grayscale_to_rgb(images: Any, name: str | None = None) -> Tensor:
    """Repeat the only channel three times.

    Parameters
    ----------
    images : Tensor
        Shape (..., 1).
    name : str, optional
        Name of the result.

    Returns
    -------
    Tensor
        Shape (..., 3).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.grayscale_to_rgb([[[1], [2]]]).numpy().tolist()
    [[[1, 1, 1], [2, 2, 2]]]
    """
    images = _check_channels(images, 1)
    return tile(images, [1] * (len(images.shape) - 1) + [3], name=name)


def _check_channels(images: Any, count: int) -> Tensor:
    images = as_tensor(images)
    if not images.shape or images.shape[-1] not in (count, None):
        raise ShapeError(f"expected {count} channel(s) on the last axis, got {images.shape}")
    return images


# -- brightness -------------------------------------------------------------------------------


@composed
def adjust_brightness(image: Any, delta: Any) -> Tensor:
    """Add the same to every pixel.

    Parameters
    ----------
    image : Tensor
        Any shape.
    delta : number or Tensor
        What to add, where 1 is the range of brightness.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.adjust_brightness(tf.constant([0, 200], tf.uint8), 0.4).numpy().tolist()
    [102, 255]
    """
    return _adjusted(image, lambda x: add(x, _like(delta, x)))


@composed
def adjust_contrast(images: Any, contrast_factor: Any) -> Tensor:
    """Move every pixel away from the mean of its image and channel, or towards it.

    Parameters
    ----------
    images : Tensor
        Shape (..., height, width, channels).
    contrast_factor : number or Tensor
        How many times the distance from the mean becomes.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.adjust_contrast([[[1.0], [3.0]]], 2.0).numpy().tolist()
    [[[0.0], [4.0]]]
    """

    def change(x: Tensor) -> Any:
        mean = reduce_mean(x, axis=[-3, -2], keepdims=True)
        return (x - mean) * _like(contrast_factor, x) + mean

    return _adjusted(_at_least_3d(images), change)


@composed
def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Tensor:
    """Apply a power law: brightness becomes gain * brightness^gamma.

    Parameters
    ----------
    image : Tensor
        Any shape.
    gamma : number or Tensor
        >= 0; above 1 it makes an image darker, below brighter.
    gain : number or Tensor
        A factor.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.adjust_gamma([0.0, 0.5, 1.0], 2.0).numpy().tolist()
    [0.0, 0.25, 1.0]
    """
    known = plain(gamma)
    if not isinstance(known, Tensor) and known < 0:
        raise InvalidArgumentError(f"gamma must be >= 0, got {known}")
    return _adjusted(image, lambda x: multiply(_like(gain, x), pow_(x, _like(gamma, x))))


def _like(number: Any, x: Tensor) -> Tensor:
    return cast(number, x.dtype)


@composed
def per_image_standardization(image: Any) -> Tensor:
    """Shift and scale every image to mean 0 and variance 1.

    Parameters
    ----------
    image : Tensor
        Shape (..., height, width, channels).

    Returns
    -------
    Tensor
        Of type float32.

    Notes
    -----
    (x - mean) / max(deviation, 1 / sqrt(n)) for n numbers, so that an image of one colour becomes
    zero instead of NaN.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.per_image_standardization([[[1.0], [3.0]]]).numpy().tolist()
    [[[-1.0], [1.0]]]
    """
    x = cast(_at_least_3d(image), float32)
    axes = [-3, -2, -1]
    count = known_size(x, -3) * known_size(x, -2) * known_size(x, -1)
    least = rsqrt(cast(count, float32))
    deviation = maximum(reduce_std(x, axes, keepdims=True), least)
    return divide(x - reduce_mean(x, axes, keepdims=True), deviation)


def _at_least_3d(image: Any) -> Tensor:
    image = as_tensor(image)
    if len(image.shape) < 3:
        raise ShapeError(f"expected axes (..., height, width, channels), got {image.shape}")
    return image


# -- colours ----------------------------------------------------------------------------------


@composed
def rgb_to_hsv(images: Any, name: str | None = None) -> Tensor:
    """Describe colours by hue, saturation and value, each from 0 to 1.

    Parameters
    ----------
    images : Tensor
        Shape (..., 3): red, green and blue from 0 to 1.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        Shape (..., 3).

    Notes
    -----
    The value is the largest of the three, the saturation is their range divided by it, and the hue
    is the place on a circle on which red, green and blue lie at 0, 1/3 and 2/3.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.rgb_to_hsv([[0.0, 0.5, 0.0]]).numpy().round(3).tolist()
    [[0.333..., 1.0, 0.5]]
    """
    images = _check_channels(images, 3)
    red, green, blue = unstack(images, 3, axis=-1)
    value = reduce_max(images, axis=-1)
    spread = value - reduce_min(images, axis=-1)
    sixth = divide_no_nan(zeros_like(spread) + 1 / 6, spread)
    hue = where(
        red == value,
        sixth * (green - blue),
        where(green == value, sixth * (blue - red) + 1 / 3, sixth * (red - green) + 2 / 3),
    )
    hue = where(spread > 0, where(hue < 0, hue + 1, hue), zeros_like(hue))
    return stack([hue, divide_no_nan(spread, value), value], axis=-1)


@composed
def hsv_to_rgb(images: Any, name: str | None = None) -> Tensor:
    """Return the red, green and blue of colours given by hue, saturation and value.

    Parameters
    ----------
    images : Tensor
        Shape (..., 3), each from 0 to 1.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        Shape (..., 3).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.hsv_to_rgb([[0.0, 1.0, 0.5]]).numpy().tolist()
    [[0.5, 0.0, 0.0]]
    """
    hue, saturation, value = unstack(_check_channels(images, 3), 3, axis=-1)
    place = hue * 6
    red, green, blue = abs_(place - 3) - 1, 2 - abs_(place - 2), 2 - abs_(place - 4)
    pure = [clip_by_value(colour, 0.0, 1.0) for colour in (red, green, blue)]
    return stack([(1 - saturation * (1 - colour)) * value for colour in pure], axis=-1)


@composed
def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Tensor:
    """Move colours along the circle of hues.

    Parameters
    ----------
    image : Tensor
        Shape (..., 3).
    delta : number or Tensor
        How far, from -1 to 1; 1 is all round.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.adjust_hue([[[1.0, 0.0, 0.0]]], 0.5).numpy().round(3).tolist()
    [[[0.0, 1.0, 1.0]]]
    """
    known = plain(delta)
    if not isinstance(known, Tensor) and not -1 <= known <= 1:
        raise InvalidArgumentError(f"delta must be in [-1, 1], got {known}")

    def change(x: Tensor) -> Any:
        hue, saturation, value = unstack(rgb_to_hsv(x), 3, axis=-1)
        moved = hue + _like(delta, x)
        return hsv_to_rgb(stack([moved - floor(moved), saturation, value], axis=-1))

    return _adjusted(image, change, saturate=False)


@composed
def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Tensor:
    """Make colours stronger, or greyer.

    Parameters
    ----------
    image : Tensor
        Shape (..., 3).
    saturation_factor : number or Tensor
        How many times the saturation becomes; 0 leaves greys.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.adjust_saturation([[[1.0, 0.5, 0.5]]], 2.0).numpy().tolist()
    [[[1.0, 0.0, 0.0]]]
    """

    def change(x: Tensor) -> Any:
        hue, saturation, value = unstack(rgb_to_hsv(x), 3, axis=-1)
        stronger = clip_by_value(saturation * _like(saturation_factor, x), 0.0, 1.0)
        return hsv_to_rgb(stack([hue, stronger, value], axis=-1))

    return _adjusted(image, change, saturate=False)
