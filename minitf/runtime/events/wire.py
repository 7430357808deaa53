"""The wire format of protocol buffers, as far as event files and TFRecord files need it.

A message is its fields, one after the other. Before each stands a number, ``8 * field + kind``; the
kind says how the value is written: 0 as a varint, 1 as eight bytes, 5 as four, 2 as a length and
that many bytes. Strings, messages inside of messages, and entries of maps are all of kind 2, so a
message that has been encoded is just the value of a field of the next.

References
----------
"Encoding", the Protocol Buffers documentation.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any

from minitf.errors import DataError

Kind = tuple[int, Callable[[Any], bytes]]


def varint(value: int) -> bytes:
    """Return an integer as seven bits per byte, the lowest first; a top bit says: more follow.

    Examples
    --------
    >>> from minitf.runtime.events.wire import varint
    >>> varint(300).hex(" ")
    'ac 02'
    """
    value &= 2**64 - 1  # a negative number is its two's complement
    digits = bytearray()
    while value > 127:
        digits.append(value & 127 | 128)
        value >>= 7
    digits.append(value)
    return bytes(digits)


def _block(value: str | bytes) -> bytes:
    content = value.encode() if isinstance(value, str) else value
    return varint(len(content)) + content


INTEGER: Kind = (0, lambda value: varint(int(value)))
DOUBLE: Kind = (1, struct.Struct("<d").pack)
BLOCK: Kind = (2, _block)
SINGLE: Kind = (5, struct.Struct("<f").pack)


class Message:
    """One type of message: a function from the values of its fields to bytes.

    Parameters
    ----------
    **fields : (int, Kind)
        The number of each field, and how its value is written.

    Notes
    -----
    A field whose value is a list is written once per element, one whose value is None not at all.

    Examples
    --------
    >>> from minitf.runtime.events.wire import BLOCK, INTEGER, Message
    >>> point = Message(x=(1, INTEGER), labels=(2, BLOCK))
    >>> point(x=3, labels=["a", "bc"]).hex(" ")
    '08 03 12 01 61 12 02 62 63'
    """

    def __init__(self, **fields: tuple[int, Kind]):
        self.fields = fields

    def __call__(self, **values: Any) -> bytes:
        """Return the message with these values."""
        return b"".join(self._encode(name, value) for name, value in values.items())

    def _encode(self, name: str, value: Any) -> bytes:
        number, (kind, write) = self.fields[name]
        values = value if isinstance(value, list) else [] if value is None else [value]
        return b"".join(varint(8 * number + kind) + write(v) for v in values)


def fields(data: bytes) -> Iterator[tuple[int, int, Any]]:
    """Yield the fields of a message: (number, kind, value), in the order in which they stand.

    The value is an int for kind 0, else the bytes that were written.

    Raises
    ------
    DataError
        Where the bytes are no message.

    Examples
    --------
    >>> from minitf.runtime.events.wire import fields
    >>> list(fields(bytes.fromhex("08 03 12 01 61")))
    [(1, 0, 3), (2, 2, b'a')]
    """
    at = 0
    while at < len(data):
        begin = at
        key, at = read_varint(data, at)
        number, kind = key >> 3, key & 7
        value, end = _value(kind, data, at)
        if number == 0 or end > len(data):
            raise DataError(f"no message of a protocol buffer: field {number} at byte {begin} of "
                            f"{len(data)} is damaged")  # fmt: skip
        yield number, kind, value
        at = end


_SIZES = {DOUBLE[0]: 8, SINGLE[0]: 4}


def _value(kind: int, data: bytes, at: int) -> tuple[Any, int]:
    """Return what stands at a position, and where it ends, perhaps behind the end of the data."""
    if kind == INTEGER[0]:
        return read_varint(data, at)
    if kind == BLOCK[0]:
        size, at = read_varint(data, at)
    elif kind in _SIZES:
        size = _SIZES[kind]
    else:
        raise DataError(f"no message of a protocol buffer: kind {kind} at byte {at - 1}")
    return data[at : at + size], at + size


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    r"""Return the integer at a position, below 2^64, and the position behind it.

    Examples
    --------
    >>> from minitf.runtime.events.wire import read_varint
    >>> read_varint(b"\xac\x02", 0)
    (300, 2)
    """
    if at < len(data) and data[at] < 128:  # as most of them are
        return data[at], at + 1
    value = 0
    for shift, byte in zip(range(0, 70, 7), data[at : at + 10], strict=False):
        value |= (byte & 127) << shift
        if byte < 128:
            return value & 2**64 - 1, at + shift // 7 + 1
    raise DataError(f"no message of a protocol buffer: the number at byte {at} has no end")
