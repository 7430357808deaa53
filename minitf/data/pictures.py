"""Image files, read and written with Pillow: `keras.utils.load_img` and its relatives."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np

from minitf.data.files import problem
from minitf.errors import DTypeError, InvalidArgumentError, MissingPackageError, ShapeError, warn
from minitf.graph.tensor import Tensor
from minitf.ops.array import transpose
from minitf.ops.composed import composed
from minitf.ops.resize import resize
from minitf.settings import floatx, image_data_format

MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
FORMATS = ("channels_last", "channels_first")
GRAY_MODES = ("L", "I;16", "I")


def pillow() -> Any:
    """Return Pillow's module `Image`, which is loaded when it is first needed."""
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingPackageError(
            "image files are read and written with Pillow, which is not installed. "
            "Install it with: pip install pillow"
        ) from error
    return Image


@composed
def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: Any = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Any:
    """Read an image file.

    Parameters
    ----------
    path : str, pathlib.Path or io.BytesIO
        PNG, JPEG, BMP, GIF or what else Pillow reads.
    color_mode : {"rgb", "rgba", "grayscale"}
        What it is converted to.
    target_size : (int, int), optional
        Height and width that it is resized to.
    interpolation : {"nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"}
        How it is resized.
    keep_aspect_ratio : bool
        Whether to cut off what does not fit, rather than to distort.

    Returns
    -------
    PIL.Image.Image

    Raises
    ------
    DataError
        If the file is missing, or is no image.
    """
    if color_mode not in MODES:
        raise InvalidArgumentError(f"color_mode is one of {list(MODES)}, got {color_mode!r}")
    image = open_image(path)
    if not (color_mode == "grayscale" and image.mode in GRAY_MODES):
        image = image.convert(MODES[color_mode])
    if target_size is None or image.size == (target_size[1], target_size[0]):
        return image
    return _resized(image, target_size, interpolation, keep_aspect_ratio)


def open_image(path: Any) -> Any:
    """Return an image file's content as Pillow holds it, read completely."""
    if not isinstance(path, (str, bytes, os.PathLike, io.BytesIO)):
        raise DTypeError(f"expected a path or a BytesIO, got {type(path).__name__}")
    library = pillow()
    source = path if isinstance(path, io.BytesIO) else os.fsdecode(path)
    try:
        image = library.open(source)
        image.load()
    except (OSError, SyntaxError, ValueError, library.DecompressionBombError) as error:
        raise problem(f"{source}: cannot be read as an image: {error}") from error
    return image


def _resized(image: Any, size: Any, interpolation: str, keep_aspect_ratio: bool) -> Any:
    methods = {m.name.lower(): m for m in pillow().Resampling}
    if interpolation not in methods:
        raise InvalidArgumentError(
            f"interpolation is one of {sorted(methods)}, got {interpolation!r}"
        )
    height, width = size
    box = _middle(image.size, width, height) if keep_aspect_ratio else None
    return image.resize((width, height), methods[interpolation], box=box)


def _middle(size: tuple[Any, Any], width: int, height: int) -> tuple[int, int, int, int]:
    """Return (left, top, right, bottom) of the largest part with the proportions of a size."""
    inner_width = min(size[0], size[1] * width // height)
    inner_height = min(size[1], size[0] * height // width)
    left, top = (size[0] - inner_width) // 2, (size[1] - inner_height) // 2
    return left, top, left + inner_width, top + inner_height


@composed
def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> Any:
    """Turn an image of Pillow's into an array.

    Parameters
    ----------
    img : PIL.Image.Image
        Or an array of 2 or 3 axes.
    data_format : {"channels_last", "channels_first"}, optional
        Where the colours are in the result: last unless given.
    dtype : dtype, optional
        That of `keras.config.floatx` unless given.

    Returns
    -------
    ndarray, shape (height, width, channels)

    Examples
    --------
    >>> import numpy as np
    >>> from minitf import keras
    >>> keras.utils.img_to_array(np.zeros((2, 3))).shape
    (2, 3, 1)
    """
    array = np.asarray(img, dtype or floatx())
    if array.ndim not in (2, 3):
        raise ShapeError(f"an image has 2 or 3 axes, got shape {array.shape}")
    array = array[..., None] if array.ndim == 2 else array
    return array.transpose(2, 0, 1) if _is_first(data_format) else array


@composed
def array_to_img(
    x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None
) -> Any:
    """Turn an array into an image of Pillow's.

    Parameters
    ----------
    x : array_like, shape (height, width, channels)
        Of 1 (gray), 3 (red, green, blue) or 4 channels (and opacity).
    data_format : {"channels_last", "channels_first"}, optional
        Where the colours are in `x`: last unless given.
    scale : bool
        Whether to map the smallest value to 0 and the largest to 255.
    dtype : dtype, optional
        To compute with; That of `keras.config.floatx` unless given.

    Returns
    -------
    PIL.Image.Image
    """
    library = pillow()
    array = np.asarray(x, dtype or floatx())
    if array.ndim != 3:
        raise ShapeError(f"an image has the shape (height, width, channels), got {array.shape}")
    array = array.transpose(1, 2, 0) if _is_first(data_format) else array
    if array.shape[2] not in (1, 3, 4):
        raise ShapeError(f"an image has 1, 3 or 4 channels, got {array.shape[2]}")
    if scale:
        array = array - array.min()
        array = array / (array.max() or 1) * 255
    if array.shape[2] == 1:
        array = array[:, :, 0]
        return library.fromarray(array.astype("int32" if array.max() > 255 else "uint8"))
    return library.fromarray(array.astype("uint8"))


@composed
def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array as an image file.

    Parameters
    ----------
    path : str, pathlib.Path or file object
        Its ending tells the format, unless `file_format` does.
    x : array_like, shape (height, width, channels)
        The image.
    data_format, scale
        As for `array_to_img`.
    file_format : str, optional
        Such as "png" or "jpeg".
    **kwargs
        Of Pillow's `Image.save`.
    """
    form = file_format
    if form is None and isinstance(path, (str, Path)):
        form = Path(path).suffix[1:]
    form = "jpeg" if (form or "").lower() == "jpg" else form
    image = array_to_img(x, data_format, scale)
    if image.mode == "RGBA" and form == "jpeg":
        warn("save_img: JPEG knows no opacity; it is left out")
        image = image.convert("RGB")
    image.save(path, format=form, **kwargs)


@composed
def smart_resize(
    x: Any, size: Any, interpolation: str = "bilinear", data_format: str = "channels_last"
) -> Any:
    """Resize images without distortion: the largest part in the middle with the new proportions.

    Parameters
    ----------
    x : array_like, shape (..., height, width, channels)
        An image, or several of one size.
    size : (int, int)
        New height and width.
    interpolation : str
        A method of `tf.image.resize`.
    data_format : {"channels_last", "channels_first"}
        Where the colours are.

    Returns
    -------
    ndarray, or Tensor if `x` is one

    Examples
    --------
    >>> import numpy as np
    >>> from minitf import keras
    >>> wide = np.arange(8.0).reshape(1, 2, 4, 1)
    >>> keras.preprocessing.image.smart_resize(wide, (2, 2)).ravel().tolist()
    [1.0, 2.0, 5.0, 6.0]
    """
    images = x if isinstance(x, Tensor) else np.asarray(x)
    if len(size) != 2 or len(images.shape) not in (3, 4):
        raise ShapeError(
            f"expected one or several images, and (height, width), got {images.shape} and {size}"
        )
    first = _is_first(data_format)
    if first:
        images = _turned(images, (1, 2, 0))
    height, width = images.shape[-3:-1]
    left, top, right, bottom = _middle((width, height), size[1], size[0])
    resized = resize(images[..., top:bottom, left:right, :], size, interpolation)
    resized = _turned(resized, (2, 0, 1)) if first else resized
    return resized if isinstance(x, Tensor) else resized.numpy()


def _turned(images: Any, order: tuple[int, int, int]) -> Any:
    """Return images whose last three axes are in another order."""
    lead = len(images.shape) - 3
    return transpose(images, [*range(lead), *(lead + axis for axis in order)])


def _is_first(data_format: str | None) -> bool:
    if data_format is not None and data_format not in FORMATS:
        raise InvalidArgumentError(f"data_format is one of {FORMATS}, got {data_format!r}")
    return (data_format or image_data_format()) == "channels_first"
