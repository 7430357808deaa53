"""The format of MNIST's files: one array behind a header of a few bytes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from minitf.data.contents import unpacked
from minitf.data.files import problem

IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | Path) -> np.ndarray[Any, Any]:
    """Return the array that a file in the IDX format of MNIST holds, packed by gzip or not.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.

    Returns
    -------
    ndarray
        Of the shape and element type that the file's header states.

    Raises
    ------
    DataError
        If the file is missing, is not an IDX file, or does not hold what its header states.

    Notes
    -----
    The header is ``0 0 type rank``, one byte each, then `rank` sizes of four bytes, most
    significant byte first; the elements follow in C order.
    """
    path = Path(path)
    content = unpacked(path)
    start = 4 + 4 * content[3] if len(content) >= 4 else 4
    if len(content) < start or content[:2] != b"\0\0" or content[2] not in IDX_TYPES:
        raise problem(f"{path}: damaged, or not an IDX file: it begins with {content[:4]!r}")
    dtype = np.dtype(IDX_TYPES[content[2]])
    shape = tuple(np.frombuffer(content, ">u4", content[3], offset=4).tolist())
    expected = start + math.prod(shape) * dtype.itemsize
    if len(content) != expected:
        raise problem(f"{path}: damaged: shape {shape} needs {expected} bytes, got {len(content)}")
    array = np.frombuffer(content, dtype, offset=start).reshape(shape)
    return array.astype(dtype.newbyteorder("="))  # a copy, in this machine's byte order
