"""Read what is inside of data files: packed bytes, text, tables, members of archives.

Whatever is wrong with a file, the error is a DataError that names it: a file that was cut short,
packed in another way, or is not what its name promises.
"""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from minitf.data.files import problem
from minitf.data.pickled import read_pickled
from minitf.errors import DataError

DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, tarfile.TarError,
           zipfile.BadZipFile)  # fmt: skip


def unpacked(path: Path) -> bytes:
    """Return the bytes of a file, after undoing gzip or xz where it was applied."""
    try:
        packed = path.read_bytes()
        if packed[:2] == b"\x1f\x8b":
            return gzip.decompress(packed)
        return lzma.decompress(packed) if packed[:6] == b"\xfd7zXZ\0" else packed
    except DAMAGED as error:
        raise problem(f"{path}: damaged: {error}") from error
    except OSError as error:
        raise problem(f"{path}: cannot be read: {error.strerror}") from error


def text_of(path: Path) -> str:
    """Return the content of a text file in UTF-8, packed or not."""
    return _decoded(unpacked(path), path)


def table_of(path: Path, columns: int, skip: int = 0) -> np.ndarray[Any, Any]:
    """Return a table of numbers, separated by commas, that has so many columns."""
    try:
        table = np.loadtxt(io.BytesIO(unpacked(path)), delimiter=",", ndmin=2, skiprows=skip)
    except ValueError as error:
        raise problem(f"{path}: damaged: {error}") from error
    if table.shape[1:] != (columns,):
        raise problem(f"{path}: damaged: expected {columns} numbers a line, got {table.shape[1:]}")
    return table


def zipped_text(path: Path, name: str) -> str:
    """Return a text file in UTF-8 that a zip archive holds."""
    return _decoded(_zipped(path, name), f"{path}: {name}")


def tarred(path: Path, name: str) -> bytes:
    """Return a file that a tar archive holds."""
    try:
        with tarfile.open(path) as archive:
            member = archive.extractfile(name)
            if member is None:
                raise KeyError(f"{name!r} is not a file")
            return member.read()
    except DAMAGED as error:
        raise problem(f"{path}: damaged, or not a tar archive: {error}") from error
    except KeyError as error:
        raise problem(f"{path}: damaged: {error.args[0]}") from error


def arrays_of(path: Path, *names: str) -> list[np.ndarray[Any, Any]]:
    """Return arrays of an ``.npz`` file; those of Python objects are read without running code."""
    arrays = []
    for name in names:
        content = _zipped(path, f"{name}.npy")
        try:
            arrays.append(_array(content))
        except (DataError, ValueError, TypeError, EOFError) as error:
            raise problem(f"{path}: damaged: {name}: {error.args[0]}") from error
    return arrays


def _array(content: bytes) -> np.ndarray[Any, Any]:
    """Return the array of an ``.npy`` file."""
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else (
        np.lib.format.read_array_header_2_0)  # fmt: skip
    dtype = header(stream)[2]
    if dtype.hasobject:
        found = read_pickled(content[stream.tell() :])
        if not isinstance(found, np.ndarray):
            raise ValueError("expected an array")
        return found
    return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)


def _zipped(path: Path, name: str) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read(name)
    except DAMAGED as error:
        raise problem(f"{path}: damaged, or not a zip archive: {error}") from error
    except KeyError as error:
        raise problem(f"{path}: damaged: {error.args[0]}") from error


def _decoded(content: bytes, where: Any) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise problem(f"{where}: damaged, or not a text in UTF-8: {error}") from error
