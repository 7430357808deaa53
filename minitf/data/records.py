r"""Files of elements, for `Dataset.cache(filename)` and `Dataset.save`.

The layout, numbers with the least significant byte first::

    b"minitf elements 1\n"
    structure       length (4 bytes), JSON: {"t": [...]} a tuple, {"d": {name: ...}} a dict,
                    0 an array, 1 an array of strings
    for each element
        1           1 byte
        leaves      each an .npy file; strings as four: shape, lengths, which are bytes, all bytes
    0               1 byte: the end
    count           8 bytes
    SHA-256         32 bytes, of all that comes before

The file is written under another name, and gets its own when it is complete. It is read without
running anything (no pickles), after its checksum has been found right.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from minitf.data.element import Element, leaves
from minitf.errors import DataError, DataLossError, InvalidArgumentError, no_access

MAGIC = b"minitf elements 1\n"
TAIL = 8 + 32
KINDS = (str, bytes)


def written(elements: Iterator[Element], path: Path) -> Iterator[Element]:
    """Yield elements while they are written; the file appears when the end is reached."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            stream, count, structure = _Hashed(file), 0, None
            stream.write(MAGIC)
            for element in elements:
                if count == 0:
                    structure = structure_of(element)
                    _write_structure(stream, structure)
                elif structure_of(element) != structure:
                    raise InvalidArgumentError(f"element {count} differs in structure from those "
                                               "before it, and cannot be kept")  # fmt: skip
                stream.write(b"\1")
                for leaf in leaves(element):
                    _write_leaf(stream, leaf)
                count += 1
                yield element
            if count == 0:
                _write_structure(stream, 0)
            stream.write(b"\0" + count.to_bytes(8, "little"))
            file.write(stream.digest.digest())
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):  # it has its own name by now
            Path(temporary).unlink()


class _Hashed:
    """A file to write to that remembers the digest of what was written."""

    def __init__(self, file: IO[bytes]):
        self.file, self.digest = file, hashlib.sha256()

    def write(self, content: Any) -> int:
        self.digest.update(content)
        return self.file.write(content)


def check_file(path: Path) -> None:
    """Raise an error unless a file holds elements, and what was written."""
    try:
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if stream.read(len(MAGIC)) != MAGIC or size < len(MAGIC) + TAIL:
                raise DataError(f"{path} does not hold elements of a dataset")
            stream.seek(0)
            digest, left = hashlib.sha256(), size - 32
            while left and (chunk := stream.read(min(left, 2**20))):
                digest.update(chunk)
                left -= len(chunk)
            if digest.digest() != stream.read(32):
                raise DataLossError(f"{path} is damaged: its checksum is wrong; delete it")
    except DataError:
        raise
    except OSError as error:
        raise no_access(path, error) from error


def count_of(path: Path) -> int:
    """Return how many elements a file holds, after checking it."""
    check_file(path)
    with path.open("rb") as stream:
        stream.seek(-TAIL, os.SEEK_END)
        return int.from_bytes(stream.read(8), "little")


def read_elements(path: Path) -> Iterator[Element]:
    """Yield the elements of a file."""
    try:
        with path.open("rb") as stream:
            stream.seek(len(MAGIC))
            structure = json.loads(stream.read(int.from_bytes(stream.read(4), "little")))
            while stream.read(1) == b"\1":
                yield _element(structure, stream)
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise DataLossError(f"{path} is damaged: {error}") from error


# -- details ----------------------------------------------------------------------------------


def structure_of(element: Element) -> Any:
    """Return the form of an element as plain data; a leaf tells whether it holds strings."""
    if isinstance(element, tuple):
        return {"t": [structure_of(part) for part in element]}
    if isinstance(element, dict):
        return {"d": {str(key): structure_of(part) for key, part in element.items()}}
    if not isinstance(element, np.ndarray):
        raise InvalidArgumentError("a dataset of datasets cannot be kept in a file")
    return int(element.dtype.hasobject)


def _write_structure(stream: _Hashed, structure: Any) -> None:
    text = json.dumps(structure).encode()
    stream.write(len(text).to_bytes(4, "little") + text)


def _write_leaf(stream: _Hashed, array: np.ndarray[Any, Any]) -> None:
    parts = _of_strings(array) if array.dtype.hasobject else [array]
    for part in parts:
        np.lib.format.write_array(stream, part, allow_pickle=False)


def _of_strings(array: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
    """Return arrays of numbers for one of strings: shape, lengths, which are bytes, all bytes."""
    texts = list(array.flat)
    if not all(isinstance(text, KINDS) for text in texts):
        raise InvalidArgumentError("only tensors of numbers and of strings can be kept in a file")
    packed = [t if isinstance(t, bytes) else t.encode("utf-8", "surrogatepass") for t in texts]
    return [
        np.array(array.shape, np.int64),
        np.array([len(p) for p in packed], np.int64),
        np.array([isinstance(t, bytes) for t in texts], bool),
        np.frombuffer(b"".join(packed), np.uint8),
    ]


def _element(structure: Any, stream: IO[bytes]) -> Element:
    if structure == 0:
        return _array(stream)
    if structure == 1:
        return _strings(*(_array(stream) for _ in range(4)))
    if "t" in structure:
        return tuple(_element(part, stream) for part in structure["t"])
    return {key: _element(part, stream) for key, part in structure["d"].items()}


def _array(stream: IO[bytes]) -> np.ndarray[Any, Any]:
    return np.lib.format.read_array(stream, allow_pickle=False)


def _strings(shape: Any, lengths: Any, are_bytes: Any, content: Any) -> np.ndarray[Any, Any]:
    array, whole, at = np.empty(len(lengths), object), content.tobytes(), 0
    for i, (length, is_bytes) in enumerate(zip(lengths.tolist(), are_bytes, strict=True)):
        text = whole[at : at + length]
        array[i] = text if is_bytes else text.decode("utf-8", "surrogatepass")
        at += length
    return array.reshape(shape)
