"""`tf.io.read_file`, `tf.image.decode_jpeg` and their relatives: files as tensors.

A file's content is a tensor of one string of bytes. Image files are taken apart by Pillow.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from minitf.data.pictures import open_image, pillow
from minitf.dtypes import as_dtype, string, uint8
from minitf.errors import InvalidArgumentError, no_access
from minitf.graph.spec import TensorSpec
from minitf.graph.tensor import Tensor
from minitf.ops.composed import composed
from minitf.ops.photometry import convert_image_dtype
from minitf.ops.script import numpy_function
from minitf.paths import write_whole

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}  # of Pillow, for numbers of channels
TEXT = TensorSpec((), string)


@composed
def read_file(filename: Any, name: str | None = None) -> Tensor:
    """Return the content of a file.

    Parameters
    ----------
    filename : str, or Tensor of one
        The path.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        One string of bytes.

    Raises
    ------
    DataError
        If the file is missing.

    Examples
    --------
    >>> from minitf.data import read_file
    >>> read_file("setup.cfg").numpy()[:10]
    b'[metadata]'
    """
    return numpy_function(lambda path: _text(_bytes_of(path)), [_as_text(filename)], TEXT)


@composed
def write_file(filename: Any, contents: Any, name: str | None = None) -> None:
    """Write a file: whole, or not at all. Folders are made where they are missing.

    Parameters
    ----------
    filename : str, or Tensor of one
        The path.
    contents : str or bytes, or Tensor of one
        What to write.
    name : str, optional
        Accepted as in TensorFlow.
    """

    def write(path: Any, content: Any) -> list[Any]:
        target = Path(_plain(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, _raw(content))
        return []

    numpy_function(write, [_as_text(filename), _as_text(contents)], [])


@composed
def decode_image(
    contents: Any,
    channels: int | None = None,
    dtype: Any = uint8,
    name: str | None = None,
    expand_animations: bool = True,
) -> Tensor:
    """Take an image file of any format apart into pixels.

    Parameters
    ----------
    contents : bytes, or Tensor of one string
        The content of a PNG, JPEG, GIF, BMP, ... file.
    channels : int, optional
        1 gray, 3 colours, 4 with opacity; as in the file if 0 or None.
    dtype : DType
        uint8 from 0 to 255, or a floating type from 0 to 1.
    name : str, optional
        Accepted as in TensorFlow.
    expand_animations : bool
        Whether a GIF becomes all of its pictures, along a new first axis.

    Returns
    -------
    Tensor, shape (height, width, channels)
        Or (pictures, height, width, channels).

    Raises
    ------
    DataError
        If it is no image.

    Examples
    --------
    >>> import numpy as np
    >>> from minitf.data import decode_image, encode_png
    >>> png = encode_png(np.full((2, 3, 1), 7, np.uint8))
    >>> decode_image(png)[0, 0].numpy().tolist(), decode_image(png, channels=3).shape.as_list()
    ([7], [2, 3, 3])
    """
    count = _channels(channels)

    def decode(content: Any) -> Any:
        image = open_image(io.BytesIO(_raw(content)))
        if expand_animations and image.format == "GIF":
            return _all_pictures(image)
        return pixels(image, count)

    shape = None if expand_animations else (None, None, count or None)
    return _decoded(contents, decode, shape, dtype)


def _decoder(method: str, kind: str) -> Callable[..., Tensor]:
    """Return the function of a format; Pillow finds out by itself what it is."""

    def decode(contents: Any, channels: int = 0, *args: Any, dtype: Any = uint8, **kwargs: Any):
        count = _channels(channels)

        def take(content: Any) -> Any:
            return pixels(open_image(io.BytesIO(_raw(content))), count)

        return _decoded(contents, take, (None, None, count or None), dtype)

    decode.__name__ = decode.__qualname__ = method
    decode.__doc__ = (
        f"Take {kind} apart into pixels of shape (height, width, channels); see `decode_image`."
    )
    return composed(decode)


decode_jpeg = _decoder("decode_jpeg", "a JPEG file")
decode_png = _decoder("decode_png", "a PNG file")
decode_bmp = _decoder("decode_bmp", "a BMP file")


@composed
def decode_gif(contents: Any, name: str | None = None) -> Tensor:
    """Take a GIF apart into pixels of shape (pictures, height, width, 3).

    Parameters
    ----------
    contents : bytes, or Tensor of one string
        The content of the file.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        Of type uint8.
    """

    def decode(content: Any) -> Any:
        return _all_pictures(open_image(io.BytesIO(_raw(content))))

    return _decoded(contents, decode, (None, None, None, 3), uint8)


@composed
def encode_png(image: Any, compression: int = -1, name: str | None = None) -> Tensor:
    """Return the content of a PNG file for an image.

    Parameters
    ----------
    image : tensor of uint8, shape (height, width, channels)
        Of 1 to 4 channels.
    compression : int
        0 (none) to 9 (best); -1 leaves it to Pillow.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        One string of bytes.
    """
    options = {} if compression == -1 else {"compress_level": compression}
    return _encoded(image, "PNG", options)


@composed
def encode_jpeg(
    image: Any, format: str = "", quality: int = 95, *args: Any, **kwargs: Any
) -> Tensor:
    """Return the content of a JPEG file for an image.

    Parameters
    ----------
    image : tensor of uint8, shape (height, width, channels)
        Of 1 or 3 channels.
    format : str
        Accepted as in TensorFlow.
    quality : int
        1 (worst) to 100 (best).
    *args, **kwargs
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        One string of bytes.
    """
    return _encoded(image, "JPEG", {"quality": quality})


# -- details ----------------------------------------------------------------------------------


def pixels(image: Any, channels: int) -> np.ndarray[Any, Any]:
    """Return an image of Pillow's as an array; 0 channels means as many as it has."""
    if image.mode.startswith("I;16"):  # 16 bits, of which the upper 8 stay
        image = pillow().fromarray((np.asarray(image) >> 8).astype(np.uint8))
    mode = MODES.get(channels)
    if mode is None:
        mode = "L" if image.mode == "1" else image.mode
        mode = mode if mode in MODES.values() else "RGB"
    array = np.asarray(image.convert(mode))
    return array.reshape(*array.shape[:2], -1)


def _all_pictures(image: Any) -> np.ndarray[Any, Any]:
    frames = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        frames.append(np.asarray(image.convert("RGB")))
    return np.stack(frames)


def _decoded(contents: Any, decode: Callable[[Any], Any], shape: Any, dtype: Any) -> Tensor:
    """Return the pixels of a file's content, in the type that was asked for."""
    wanted = uint8 if shape is None else TensorSpec(shape, uint8)
    found = numpy_function(decode, [_as_text(contents)], wanted)
    return found if as_dtype(dtype) is uint8 else convert_image_dtype(found, as_dtype(dtype))


def _encoded(image: Any, kind: str, options: dict[str, Any]) -> Tensor:
    def encode(array: Any) -> Any:
        if array.ndim != 3 or array.dtype != np.uint8 or array.shape[2] not in MODES:
            raise InvalidArgumentError(
                f"expected uint8 of shape (height, width, 1 to 4), got {array.dtype} {array.shape}"
            )
        stream = io.BytesIO()
        shown = array[:, :, 0] if array.shape[2] == 1 else array
        pillow().fromarray(shown).save(stream, format=kind, **options)
        return _text(stream.getvalue())

    return numpy_function(encode, [image], TEXT)


def _channels(channels: int | None) -> int:
    if channels not in (None, 0, 1, 3, 4):
        raise InvalidArgumentError(f"channels is 0, 1, 3 or 4, got {channels!r}")
    return channels or 0


def _bytes_of(path: Any) -> bytes:
    try:
        return Path(_plain(path)).read_bytes()
    except OSError as error:
        raise no_access(_plain(path), error) from error


def _as_text(value: Any) -> Any:
    """Return a path or content as what becomes a tensor."""
    return str(value) if isinstance(value, Path) else value


def _text(content: bytes) -> np.ndarray[Any, Any]:
    """Return bytes as an array of one string; NumPy alone would drop zeros at the end."""
    array = np.empty((), object)
    array[()] = content
    return array


def _plain(value: Any) -> str:
    element = value.item() if isinstance(value, np.ndarray) else value
    return element.decode() if isinstance(element, bytes) else str(element)


def _raw(value: Any) -> bytes:
    element = value.item() if isinstance(value, np.ndarray) else value
    return element if isinstance(element, bytes) else str(element).encode()
