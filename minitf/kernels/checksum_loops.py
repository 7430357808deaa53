"""CRC-32C at the speed of the machine; see `minitf.runtime.events.records`."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

COMPILE = numba.njit(error_model="numpy", nogil=True, cache=True, no_cfunc_wrapper=True)


def with_zeros(table: Any) -> np.ndarray[Any, Any]:
    """Return, for k < 8, the remainders of the 256 bytes with k bytes of zeros behind them."""
    tables = [np.array(table, np.uint32)]
    for _ in range(7):
        tables.append(tables[0][tables[-1] & 255] ^ tables[-1] >> 8)
    return np.stack(tables)


@COMPILE
def _crc32c(data, table):  # type: ignore[no-untyped-def]
    """Return the CRC-32C of an array of bytes, eight bytes at a time."""
    rest = np.uint32(0xFFFFFFFF)
    eights = len(data) // 8 * 8
    for i in range(0, eights, 8):
        following = np.uint32(0)
        for k in range(4):
            rest ^= np.uint32(data[i + k]) << np.uint32(8 * k)
        for k in range(4):
            byte = rest >> np.uint32(8 * k) & np.uint32(255)
            following ^= table[7 - k, byte] ^ table[3 - k, data[i + 4 + k]]
        rest = following
    for i in range(eights, len(data)):
        rest = table[0, (rest ^ data[i]) & np.uint32(255)] ^ rest >> np.uint32(8)
    return rest ^ np.uint32(0xFFFFFFFF)


def crc32c(data: bytes, tables: np.ndarray[Any, Any]) -> int:
    """Return the CRC-32C of some bytes."""
    return int(_crc32c(np.frombuffer(data, np.uint8), tables))
