"""Colours as television sends them: brightness, and two differences of colour.

Y is the brightness alone; U and V (or I and Q, turned by 33 degrees) are small where an image has
little colour, and may be stored more coarsely, because the eye sees them less sharply.
"""

from __future__ import annotations

from typing import Any

from minitf.errors import DTypeError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops.composed import composed
from minitf.ops.einsum import tensordot

# Rows: what is given; columns: what comes out.
RGB_TO_YUV = ((0.299, -0.14714119, 0.61497538),
              (0.587, -0.28886916, -0.51496512),
              (0.114, 0.43601035, -0.10001026))  # fmt: skip
YUV_TO_RGB = ((1.0, 1.0, 1.0), (0.0, -0.394642334, 2.03206185), (1.13988303, -0.58062185, 0.0))
RGB_TO_YIQ = ((0.299, 0.59590059, 0.2115),
              (0.587, -0.27455667, -0.52273617),
              (0.114, -0.32134392, 0.31119955))  # fmt: skip
YIQ_TO_RGB = ((1.0, 1.0, 1.0), (0.95598634, -0.27201283, -1.10674021),
              (0.6208248, -0.64720424, 1.70423049))  # fmt: skip


@composed
def rgb_to_yuv(images: Any) -> Tensor:
    """Split red, green and blue into brightness Y, blue minus Y and red minus Y.

    Parameters
    ----------
    images : Tensor
        Shape (..., 3), floating, from 0 to 1.

    Returns
    -------
    Tensor
        The same shape: Y from 0 to 1, U and V around 0.

    Examples
    --------
    >>> import minitf as tf
    >>> print(tf.image.rgb_to_yuv([1.0, 0.0, 0.0]).numpy().round(2))
    [ 0.3  -0.15  0.61]
    """
    return _mixed(images, RGB_TO_YUV)


@composed
def yuv_to_rgb(images: Any) -> Tensor:
    """Return red, green and blue of what `rgb_to_yuv` has made.

    Parameters
    ----------
    images : Tensor
        Shape (..., 3), floating.

    Returns
    -------
    Tensor
        The same shape.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.yuv_to_rgb([0.5, 0.0, 0.0]).numpy().tolist()
    [0.5, 0.5, 0.5]
    """
    return _mixed(images, YUV_TO_RGB)


@composed
def rgb_to_yiq(images: Any) -> Tensor:
    """Split red, green and blue into brightness Y, orange to blue (I), and purple to green (Q).

    Parameters
    ----------
    images : Tensor
        Shape (..., 3), floating, from 0 to 1.

    Returns
    -------
    Tensor
        The same shape: Y from 0 to 1, I and Q around 0.

    Examples
    --------
    >>> import minitf as tf
    >>> print(tf.image.rgb_to_yiq([0.0, 1.0, 0.0]).numpy().round(2))
    [ 0.59 -0.27 -0.52]
    """
    return _mixed(images, RGB_TO_YIQ)


@composed
def yiq_to_rgb(images: Any) -> Tensor:
    """Return red, green and blue of what `rgb_to_yiq` has made.

    Parameters
    ----------
    images : Tensor
        Shape (..., 3), floating.

    Returns
    -------
    Tensor
        The same shape.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.image.yiq_to_rgb([0.5, 0.0, 0.0]).numpy().tolist()
    [0.5, 0.5, 0.5]
    """
    return _mixed(images, YIQ_TO_RGB)


def _mixed(images: Any, matrix: tuple[tuple[float, ...], ...]) -> Tensor:
    images = as_tensor(images)
    if not images.shape or images.shape[-1] not in (3, None):
        raise ShapeError(f"expected 3 channels on the last axis, got {images.shape}")
    if not images.dtype.is_floating:
        raise DTypeError(
            f"expected brightness from 0 to 1 as a floating type, got {images.dtype.name}; use "
            "tf.image.convert_image_dtype"
        )
    return tensordot(images, as_tensor(matrix, images.dtype), 1)
