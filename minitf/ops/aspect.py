"""Images of other proportions: cut to them, or filled up to them."""

from __future__ import annotations

from typing import Any

from minitf.graph.tensor import Tensor
from minitf.ops.array import known_size
from minitf.ops.image import crop_to_bounding_box
from minitf.ops.rearrange import pad
from minitf.ops.rounding import maximum, minimum


def crop_to_aspect_ratio(images: Any, height: int, width: int) -> Tensor:
    """Cut the largest part of the proportions ``height : width`` out of the middle of images.

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.aspect import crop_to_aspect_ratio
    >>> crop_to_aspect_ratio(tf.zeros([4, 9, 1]), 10, 10).shape
    (4, 4, 1)
    """
    old = known_size(images, -3), known_size(images, -2)
    tall = _most(_least(old[0], old[1] * height // width), 1)
    wide = _most(_least(old[1], old[0] * width // height), 1)
    return crop_to_bounding_box(images, (old[0] - tall) // 2, (old[1] - wide) // 2, tall, wide)


def pad_to_aspect_ratio(images: Any, height: int, width: int, fill_value: float = 0.0) -> Tensor:
    """Surround images with as many pixels as make the proportions ``height : width``.

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.aspect import pad_to_aspect_ratio
    >>> pad_to_aspect_ratio(tf.zeros([4, 8, 1]), 10, 10).shape
    (8, 8, 1)
    """
    old = known_size(images, -3), known_size(images, -2)
    above = (_most(old[0], old[1] * height // width) - old[0]) // 2
    left = (_most(old[1], old[0] * width // height) - old[1]) // 2
    rest = [(0, 0)] * (len(images.shape) - 3)
    return pad(images, [*rest, (above, above), (left, left), (0, 0)], constant_values=fill_value)


def _least(a: Any, b: Any) -> Any:
    return minimum(a, b) if isinstance(a, Tensor) or isinstance(b, Tensor) else min(a, b)


def _most(a: Any, b: Any) -> Any:
    return maximum(a, b) if isinstance(a, Tensor) or isinstance(b, Tensor) else max(a, b)
