"""Images turned, cut and filled up. They have the axes (..., height, width, channels)."""

from __future__ import annotations

from typing import Any

from minitf.dtypes import float64, int32
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor, plain
from minitf.graph.tensor import Tensor
from minitf.ops.array import known_size
from minitf.ops.array import transpose as transpose_axes
from minitf.ops.composed import composed
from minitf.ops.cond import switch_case
from minitf.ops.index import slice_
from minitf.ops.math import cast
from minitf.ops.rearrange import pad, reverse
from minitf.ops.rounding import maximum, minimum


def check_image(image: Any) -> Tensor:
    """Return an image, or a batch of them, as a Tensor."""
    image = as_tensor(image)
    if len(image.shape) not in (3, 4):
        raise ShapeError(
            "an image has the axes (height, width, channels), or a batch axis in front of them; "
            f"got shape {image.shape}"
        )
    return image


# -- turning ----------------------------------------------------------------------------------


@composed
def flip_left_right(image: Any) -> Tensor:
    """Show images in a mirror: the left side becomes the right one.

    Parameters
    ----------
    image : Tensor
        Shape (height, width, channels), or (batch, height, width, channels).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.flip_left_right([[[1], [2]]]).numpy().tolist()
    [[[2], [1]]]
    """
    return reverse(check_image(image), [-2])


@composed
def flip_up_down(image: Any) -> Tensor:
    """Turn images upside down, as water does.

    Parameters
    ----------
    image : Tensor
        Shape (height, width, channels), or (batch, height, width, channels).

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.flip_up_down([[[1]], [[2]]]).numpy().tolist()
    [[[2]], [[1]]]
    """
    return reverse(check_image(image), [-3])


@composed
def transpose(image: Any, name: str | None = None) -> Tensor:
    """Exchange the rows and the columns of images.

    Parameters
    ----------
    image : Tensor
        Shape (height, width, channels), or (batch, height, width, channels).
    name : str, optional
        Name of the result.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.transpose(tf.zeros([2, 3, 1])).shape
    (3, 2, 1)
    """
    image = check_image(image)
    *batch, rows, columns, channels = range(len(image.shape))
    return transpose_axes(image, [*batch, columns, rows, channels], name=name)


@composed
def rot90(image: Any, k: Any = 1, name: str | None = None) -> Tensor:
    """Turn images by 90 degrees, counter-clockwise.

    Parameters
    ----------
    image : Tensor
        Shape (height, width, channels), or (batch, height, width, channels).
    k : int, or Tensor
        How often. Where a graph computes it, the images must be square.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.rot90([[[1], [2]], [[3], [4]]])[:, :, 0].numpy().tolist()
    [[2, 4], [1, 3]]
    """
    image, times = check_image(image), plain(k)
    turns = [
        lambda: image,
        lambda: reverse(transpose(image), [-3]),
        lambda: reverse(image, [-3, -2]),
        lambda: reverse(transpose(image), [-2]),
    ]
    if isinstance(times, Tensor):
        return switch_case(cast(times, int32) % 4, turns)
    return turns[int(times) % 4]()


# -- cutting and filling up -------------------------------------------------------------------


@composed
def crop_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Tensor:
    """Cut a rectangle out of images.

    Parameters
    ----------
    image : Tensor
        Shape (height, width, channels), or (batch, height, width, channels).
    offset_height, offset_width : int
        Where the rectangle begins.
    target_height, target_width : int
        Its size.

    Returns
    -------
    Tensor

    Raises
    ------
    OutOfRangeError
        If the rectangle does not lie inside of the images.

    Examples
    --------
    >>> import minitf as tf
    >>> image = tf.reshape(tf.range(9), [3, 3, 1])
    >>> tf.image.crop_to_bounding_box(image, 1, 0, 2, 2)[:, :, 0].numpy().tolist()
    [[3, 4], [6, 7]]
    """
    image = check_image(image)
    _check_numbers(0, offset_height=offset_height, offset_width=offset_width)
    _check_numbers(1, target_height=target_height, target_width=target_width)
    rest = len(image.shape) - 3
    begin = [*[0] * rest, offset_height, offset_width, 0]
    return slice_(image, begin, [*[-1] * rest, target_height, target_width, -1])


@composed
def pad_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Tensor:
    """Put images into a larger rectangle of zeros.

    Parameters
    ----------
    image : Tensor
        Shape (height, width, channels), or (batch, height, width, channels).
    offset_height, offset_width : int
        Rows of zeros above, and columns of zeros to the left.
    target_height, target_width : int
        Size of the result.

    Returns
    -------
    Tensor

    Raises
    ------
    InvalidArgumentError
        If the images do not fit.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.pad_to_bounding_box([[[7]]], 1, 0, 2, 2)[:, :, 0].numpy().tolist()
    [[0, 0], [7, 0]]
    """
    image = check_image(image)
    below = target_height - offset_height - known_size(image, -3)
    right = target_width - offset_width - known_size(image, -2)
    _check_numbers(
        0, offset_height=offset_height, offset_width=offset_width, rows_below=below,
        columns_to_the_right=right,
    )  # fmt: skip
    rest = [(0, 0)] * (len(image.shape) - 3)
    return pad(image, [*rest, (offset_height, below), (offset_width, right), (0, 0)])


def _check_numbers(least: int, **numbers: Any) -> None:
    """Check the numbers that are known now."""
    for name, number in numbers.items():
        if not isinstance(plain(number), Tensor) and int(number) < least:
            raise InvalidArgumentError(f"{name} must be >= {least}, got {int(number)}")


@composed
def central_crop(image: Any, central_fraction: Any) -> Tensor:
    """Cut the same part off every side of images.

    Parameters
    ----------
    image : Tensor
        Shape (height, width, channels), or (batch, height, width, channels).
    central_fraction : float
        How much to keep of the height and the width, in (0, 1].

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.central_crop(tf.zeros([8, 6, 3]), 0.5).shape
    (4, 4, 3)
    """
    image, fraction = check_image(image), float(central_fraction)
    if not 0.0 < fraction <= 1.0:
        raise InvalidArgumentError(f"central_fraction must be in (0, 1], got {fraction}")
    sides = [known_size(image, axis) for axis in (-3, -2)]
    margins = [_margin(side, fraction) for side in sides]
    sizes = [side - 2 * margin for side, margin in zip(sides, margins, strict=True)]
    return crop_to_bounding_box(image, *margins, *sizes)


def _margin(side: Any, fraction: float) -> Any:
    if isinstance(side, int):
        return int((side - side * fraction) / 2)
    side = cast(side, float64)
    return cast((side - side * fraction) / 2, int32)


@composed
def resize_with_crop_or_pad(image: Any, target_height: Any, target_width: Any) -> Tensor:
    """Give images another size by cutting off, or adding zeros, on all sides.

    Parameters
    ----------
    image : Tensor
        Shape (height, width, channels), or (batch, height, width, channels).
    target_height, target_width : int
        The new size.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> image = tf.reshape(tf.range(1, 4), [1, 3, 1])
    >>> tf.image.resize_with_crop_or_pad(image, 2, 1)[:, :, 0].numpy().tolist()
    [[2], [0]]
    """
    image, new = check_image(image), (target_height, target_width)
    _check_numbers(1, target_height=target_height, target_width=target_width)
    old = [known_size(image, axis) for axis in (-3, -2)]
    pairs = list(zip(old, new, strict=True))
    cut = [_largest((o - n) // 2, 0) for o, n in pairs]
    add = [_largest((n - o) // 2, 0) for o, n in pairs]
    cropped = crop_to_bounding_box(image, *cut, *[_smallest(o, n) for o, n in pairs])
    return pad_to_bounding_box(cropped, *add, *new)


def _largest(a: Any, b: Any) -> Any:
    return maximum(a, b) if isinstance(a, Tensor) or isinstance(b, Tensor) else max(a, b)


def _smallest(a: Any, b: Any) -> Any:
    return minimum(a, b) if isinstance(a, Tensor) or isinstance(b, Tensor) else min(a, b)
