"""TFRecord framing: a file of records, each with its length and two checksums.

A record is::

    length           uint64, little-endian
    masked checksum  uint32, of the eight bytes of the length
    data             length bytes
    masked checksum  uint32, of the data

The checksum is CRC-32C (Castagnoli). It is masked, because the checksum of data that contain
checksums would be weak. Python takes a tenth of a microsecond for a byte, so after some
megabytes a compiled loop takes over, which needs a second to load, and hardly more than that for a
gigabyte.

References
----------
RFC 3720, section 12.1 and appendix B.4: CRC-32C, with test vectors. TensorFlow's guide "TFRecord
and tf.train.Example": framing and mask.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import IO

from minitf.errors import DataLossError
from minitf.kernels.fused import can_compile

HEADER, TRAILER = 12, 4  # bytes around the data
ENOUGH = 4 * 2**20  # bytes: the compiled loop is loaded when so many have been looked at
CHUNK = 2**20  # bytes to ask a file for at a time, so that a wrong length takes no memory

_POLYNOMIAL = 0x82F63B78  # x^32 + x^28 + ... + 1, its bits reversed


def _table() -> tuple[int, ...]:
    """Return the remainders of the 256 bytes."""
    remainders = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        remainders.append(value)
    return tuple(remainders)


_TABLE = _table()


class _Effort:
    """How many bytes Python has looked at, and the compiled loop, once there is one."""

    done = 0
    compiled: Callable[[bytes], int] | None = None


def crc32c(data: bytes) -> int:
    """Return the CRC-32C of some bytes.

    Examples
    --------
    >>> from minitf.runtime.events.records import crc32c
    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    if _Effort.compiled is not None:
        return _Effort.compiled(data)
    _Effort.done += len(data)
    if _Effort.done > ENOUGH and can_compile():
        _Effort.compiled = _compiled()
        return _Effort.compiled(data)
    remainder = 0xFFFFFFFF
    for byte in data:
        remainder = _TABLE[(remainder ^ byte) & 0xFF] ^ remainder >> 8
    return remainder ^ 0xFFFFFFFF


def _compiled() -> Callable[[bytes], int]:
    from minitf.kernels import checksum_loops  # imports numba

    tables = checksum_loops.with_zeros(_TABLE)
    return lambda data: checksum_loops.crc32c(data, tables)


def masked_crc32c(data: bytes) -> int:
    """Return the checksum as it stands in a record: rotated by 15 bits, plus a constant."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def record(data: bytes) -> bytes:
    """Return `data` as a record.

    Examples
    --------
    >>> from minitf.runtime.events.records import record
    >>> len(record(b"four"))
    20
    """
    length = struct.pack("<Q", len(data))
    checks = (struct.pack("<I", masked_crc32c(part)) for part in (length, data))
    return length + next(checks) + data + next(checks)


def read_records(stream: IO[bytes], name: str) -> Iterator[bytes]:
    """Yield the data of the records of a file.

    Parameters
    ----------
    stream : binary file
        Open for reading, at the beginning of a record.
    name : str
        What errors call the file.

    Raises
    ------
    DataLossError
        Where the file ends inside of a record, or a checksum is wrong.

    Examples
    --------
    >>> import io
    >>> from minitf.runtime.events.records import read_records, record
    >>> list(read_records(io.BytesIO(record(b"one") + record(b"two")), "two records"))
    [b'one', b'two']
    """
    at = 0
    while header := _read(stream, HEADER):
        length, check = _split(header, HEADER, name, at)
        if check != masked_crc32c(header[:8]):
            hint = "" if at else "; is it a TFRecord file, and the compression right?"
            raise DataLossError(f"{name} is damaged: corrupted record at {at}{hint}")
        size = int.from_bytes(length, "little")
        data, check = _split(_read(stream, size + TRAILER), size + TRAILER, name, at)
        if check != masked_crc32c(data):
            raise DataLossError(f"{name} is damaged: corrupted record at {at}: the checksum of its "
                                f"{size} bytes is wrong")  # fmt: skip
        yield data
        at += HEADER + size + TRAILER


def _split(content: bytes, size: int, name: str, at: int) -> tuple[bytes, int]:
    """Return what stands before a checksum, and the checksum."""
    if len(content) < size:
        raise DataLossError(f"{name} is damaged: truncated record at {at}: {size} bytes should "
                            f"follow, there are {len(content)}")  # fmt: skip
    return content[:-TRAILER], int.from_bytes(content[-TRAILER:], "little")


def _read(stream: IO[bytes], size: int) -> bytes:
    """Return the next bytes of a file, fewer at its end."""
    content = stream.read(min(size, CHUNK))
    if len(content) == size:
        return content
    parts = [content]
    while parts[-1] and (size := size - len(parts[-1])):
        parts.append(stream.read(min(size, CHUNK)))
    return b"".join(parts)
