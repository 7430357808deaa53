"""Images changed at random, so that a network does not see the same one twice.

Each change once, as a function of a key (see `minitf.ops.seeds`), and then in two public forms:
`random_...` follows the program's seed, `stateless_random_...` has its key from the caller.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitf.dtypes import float32, int32
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor, plain
from minitf.graph.tensor import Tensor
from minitf.ops import draws, sampling
from minitf.ops.array import known_size, unstack
from minitf.ops.composed import composed
from minitf.ops.image import check_image
from minitf.ops.index import slice_
from minitf.ops.photometry import (
    adjust_brightness,
    adjust_contrast,
    adjust_hue,
    adjust_saturation,
)
from minitf.ops.rearrange import reverse
from minitf.ops.seeds import next_key
from minitf.ops.where import where

Key = Any


def _flip(image: Any, key: Key, axis: int) -> Any:
    """Turn half of the images round."""
    image = check_image(image)
    shape = [known_size(image, 0), 1, 1, 1] if len(image.shape) == 4 else []
    return where(sampling.uniform(key, shape, 0, 1, float32) < 0.5, reverse(image, [axis]), image)


def _crop(value: Any, size: Any, key: Key) -> Any:
    """Cut out a block of a given size."""
    value, size = as_tensor(value), plain(size)
    rank = len(value.shape)
    sizes = unstack(size, rank) if isinstance(size, Tensor) else size
    if not isinstance(sizes, (tuple, list)) or len(sizes) != rank:
        raise ShapeError(f"size must have {rank} numbers for shape {value.shape}, got {size}")
    pairs = list(zip(value.shape, sizes, strict=True))
    if any(isinstance(n, int) and old is not None and not 0 <= n <= old for old, n in pairs):
        raise ShapeError(f"size {tuple(sizes)} does not fit into shape {value.shape}")
    rooms = [known_size(value, axis) - n + 1 for axis, n in enumerate(sizes)]
    numbers = unstack(draws.uniform_integers(key, [rank], 0, int32.max, int32), rank)
    begin = [number % room for number, room in zip(numbers, rooms, strict=True)]
    return slice_(value, begin, sizes)


def _adjust(adjust: Callable[..., Any], image: Any, low: Any, high: Any, key: Key) -> Any:
    """Adjust images by a factor (or summand) from an interval."""
    return adjust(image, sampling.uniform(key, [], low, high, float32))


def _symmetric(max_delta: Any, largest: float = float("inf")) -> tuple[Any, Any]:
    if not 0 <= max_delta <= largest:
        raise InvalidArgumentError(f"max_delta must be in [0, {largest}], got {max_delta}")
    return -max_delta, max_delta


def _interval(lower: Any, upper: Any) -> tuple[Any, Any]:
    if not 0 <= lower < upper:
        raise InvalidArgumentError(f"need 0 <= lower < upper, got {lower} and {upper}")
    return lower, upper


# -- places -----------------------------------------------------------------------------------


@composed
def random_flip_left_right(image: Any, seed: int | None = None) -> Tensor:
    """Show images in a mirror, or not: both as likely, for each image of a batch.

    Parameters
    ----------
    image : Tensor
        Shape (height, width, channels), or (batch, height, width, channels).
    seed : int, optional
        Together with the program's seed, decides; see `tf.random.set_seed`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> flipped = tf.image.random_flip_left_right(tf.constant([[[1], [2]]]))
    >>> flipped[0, :, 0].numpy().tolist() in ([1, 2], [2, 1])
    True
    """
    return _flip(image, next_key(seed), -2)


@composed
def random_flip_up_down(image: Any, seed: int | None = None) -> Tensor:
    """Turn images upside down, or not: both as likely, for each image of a batch.

    Parameters
    ----------
    image, seed
        As for `random_flip_left_right`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.random_flip_up_down(tf.zeros([5, 4, 4, 3])).shape
    (5, 4, 4, 3)
    """
    return _flip(image, next_key(seed), -3)


@composed
def stateless_random_flip_left_right(image: Any, seed: Any) -> Tensor:
    """Do as `random_flip_left_right`; equal seeds (two whole numbers) decide alike.

    Parameters
    ----------
    image : Tensor
        Shape (height, width, channels), or (batch, height, width, channels).
    seed : Tensor
        Two whole numbers.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> image = tf.random.normal([4, 4, 3])
    >>> a, b = [tf.image.stateless_random_flip_left_right(image, (1, 2)) for _ in range(2)]
    >>> bool(tf.reduce_all(a == b))
    True
    """
    return _flip(image, seed, -2)


@composed
def stateless_random_flip_up_down(image: Any, seed: Any) -> Tensor:
    """Do as `random_flip_up_down`; equal seeds (two whole numbers) decide alike.

    Parameters
    ----------
    image, seed
        As for `stateless_random_flip_left_right`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.stateless_random_flip_up_down(tf.zeros([4, 4, 3]), (1, 2)).shape
    (4, 4, 3)
    """
    return _flip(image, seed, -3)


@composed
def random_crop(value: Any, size: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """Cut a block of a given size out of a tensor, at a random place.

    Parameters
    ----------
    value : Tensor
        Any shape; a batch is cut at one place.
    size : sequence of int, or Tensor
        A size for every axis.
    seed : int, optional
        As for `random_flip_left_right`.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.random_crop(tf.zeros([8, 8, 3]), size=[5, 6, 3]).shape
    (5, 6, 3)
    """
    return _crop(value, size, next_key(seed))


@composed
def stateless_random_crop(value: Any, size: Any, seed: Any, name: str | None = None) -> Tensor:
    """Do as `random_crop`; equal seeds (two whole numbers) choose the same place.

    Parameters
    ----------
    value, size, name
        As for `random_crop`.
    seed : Tensor
        Two whole numbers.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> a, b = [tf.image.stateless_random_crop(tf.range(9), [2], (1, 2)) for _ in range(2)]
    >>> bool(tf.reduce_all(a == b))
    True
    """
    return _crop(value, size, seed)


# -- colours ----------------------------------------------------------------------------------


@composed
def random_brightness(image: Any, max_delta: float, seed: int | None = None) -> Tensor:
    """Add a random number to every pixel.

    Parameters
    ----------
    image : Tensor
        Any shape.
    max_delta : float
        The number is from [-max_delta, max_delta), where 1 is the range of brightness.
    seed : int, optional
        As for `random_flip_left_right`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> y = tf.image.random_brightness(tf.zeros([2, 2, 1]), 0.3)
    >>> bool(tf.reduce_all(tf.abs(y) <= 0.3))
    True
    """
    return _adjust(adjust_brightness, image, *_symmetric(max_delta), next_key(seed))


@composed
def stateless_random_brightness(image: Any, max_delta: float, seed: Any) -> Tensor:
    """Do as `random_brightness`; equal seeds (two whole numbers) decide alike.

    Parameters
    ----------
    image, max_delta
        As for `random_brightness`.
    seed : Tensor
        Two whole numbers.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.stateless_random_brightness(tf.zeros([2, 2, 1]), 0.3, (1, 2)).shape
    (2, 2, 1)
    """
    return _adjust(adjust_brightness, image, *_symmetric(max_delta), seed)


@composed
def random_contrast(image: Any, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """Change the contrast by a random factor.

    Parameters
    ----------
    image : Tensor
        Shape (..., height, width, channels).
    lower, upper : float
        Bounds of the factor, 0 <= lower < upper.
    seed : int, optional
        As for `random_flip_left_right`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.random_contrast(tf.ones([2, 2, 1]), 0.5, 2.0)[0, 0].numpy().tolist()
    [1.0]
    """
    return _adjust(adjust_contrast, image, *_interval(lower, upper), next_key(seed))


@composed
def stateless_random_contrast(image: Any, lower: float, upper: float, seed: Any) -> Tensor:
    """Do as `random_contrast`; equal seeds (two whole numbers) decide alike.

    Parameters
    ----------
    image, lower, upper
        As for `random_contrast`.
    seed : Tensor
        Two whole numbers.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.stateless_random_contrast(tf.ones([2, 2, 1]), 0.5, 2.0, (1, 2)).shape
    (2, 2, 1)
    """
    return _adjust(adjust_contrast, image, *_interval(lower, upper), seed)


@composed
def random_hue(image: Any, max_delta: float, seed: int | None = None) -> Tensor:
    """Move the colours a random way along the circle of hues.

    Parameters
    ----------
    image : Tensor
        Shape (..., 3).
    max_delta : float
        How far at most, from 0 to 0.5.
    seed : int, optional
        As for `random_flip_left_right`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.random_hue(tf.ones([2, 2, 3]), 0.1).shape
    (2, 2, 3)
    """
    return _adjust(adjust_hue, image, *_symmetric(max_delta, 0.5), next_key(seed))


@composed
def stateless_random_hue(image: Any, max_delta: float, seed: Any) -> Tensor:
    """Do as `random_hue`; equal seeds (two whole numbers) decide alike.

    Parameters
    ----------
    image, max_delta
        As for `random_hue`.
    seed : Tensor
        Two whole numbers.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.stateless_random_hue(tf.ones([2, 2, 3]), 0.1, (1, 2)).shape
    (2, 2, 3)
    """
    return _adjust(adjust_hue, image, *_symmetric(max_delta, 0.5), seed)


@composed
def random_saturation(image: Any, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """Change the saturation of the colours by a random factor.

    Parameters
    ----------
    image : Tensor
        Shape (..., 3).
    lower, upper : float
        Bounds of the factor, 0 <= lower < upper.
    seed : int, optional
        As for `random_flip_left_right`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.random_saturation(tf.ones([2, 2, 3]), 0.5, 2.0).shape
    (2, 2, 3)
    """
    return _adjust(adjust_saturation, image, *_interval(lower, upper), next_key(seed))


@composed
def stateless_random_saturation(image: Any, lower: float, upper: float, seed: Any = None) -> Tensor:
    """Do as `random_saturation`; equal seeds (two whole numbers) decide alike.

    Parameters
    ----------
    image, lower, upper
        As for `random_saturation`.
    seed : Tensor
        Two whole numbers.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.stateless_random_saturation(tf.ones([2, 2, 3]), 0.5, 2.0, (1, 2)).shape
    (2, 2, 3)
    """
    return _adjust(adjust_saturation, image, *_interval(lower, upper), seed)
