"""PNG: an image as bytes that every browser shows."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np

from minitf.errors import ShapeError

_COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # channels: gray, gray and alpha, RGB, RGBA


def png(pixels: Any) -> bytes:
    r"""Return an image in the PNG format.

    Parameters
    ----------
    pixels : array of uint8, shape (height, width, channels)
        1 channel is gray, 2 are gray and alpha, 3 RGB, 4 RGBA.

    Returns
    -------
    bytes

    References
    ----------
    W3C, "Portable Network Graphics (PNG) Specification", sections 5 (chunks) and 11.2.2 (IHDR).

    Examples
    --------
    >>> import numpy as np
    >>> from minitf.runtime.events.png import png
    >>> png(np.zeros([2, 3, 1], np.uint8))[:8]
    b'\x89PNG\r\n\x1a\n'
    """
    height, width, channels = pixels.shape
    if channels not in _COLOR_TYPES:
        raise ShapeError(f"an image has 1 to 4 channels, got {channels}")
    rows = np.ascontiguousarray(pixels, np.uint8).reshape(height, width * channels)
    filtered = np.pad(rows, [(0, 0), (1, 0)])  # before each row: filter 0, bytes as they are
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOR_TYPES[channels], 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(filtered.tobytes())), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check
