"""TFRecord framing: a file of records, each with its length and two checksums.

A record is::

    length           uint64, little-endian
    masked checksum  uint32, of the eight bytes of the length
    data             length bytes
    masked checksum  uint32, of the data

The checksum is CRC-32C (Castagnoli). It is masked, because the checksum of data that contain
checksums would be weak.

References
----------
RFC 3720, section 12.1 and appendix B.4: CRC-32C, with test vectors. TensorFlow's guide "TFRecord
and tf.train.Example": framing and mask.
"""

from __future__ import annotations

import struct

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


def crc32c(data: bytes) -> int:
    """Return the CRC-32C of some bytes.

    Examples
    --------
    >>> from minitf.runtime.events.records import crc32c
    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    remainder = 0xFFFFFFFF
    for byte in data:
        remainder = _TABLE[(remainder ^ byte) & 0xFF] ^ remainder >> 8
    return remainder ^ 0xFFFFFFFF


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
