"""Numbers for strings: 64 bits that depend on every byte, and look random.

The same numbers as TensorFlow's, so that a model that was trained on buckets of words there finds
the same words in the same buckets here. `farm` is the 64-bit fingerprint of FarmHash; `sip` is
SipHash-2-4, which takes a secret key, so that nobody can choose strings that collide.

References
----------
G. Pike, "FarmHash", 2014. J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF",
INDOCRYPT 2012.
"""

from __future__ import annotations

MASK = 2**64 - 1
K0, K1, K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
CAT = 0xC6A4A7935BD1E995
Pair = tuple[int, int]


def rotate(x: int, by: int) -> int:
    """Return 64 bits turned to the right."""
    return (x >> by | x << 64 - by) & MASK


def fold(x: int) -> int:
    """Return 64 bits with the high ones mixed into the low ones."""
    return x ^ x >> 47


def word(s: bytes, at: int, size: int = 8) -> int:
    """Return the number in some bytes, the lowest first; places below 0 count from the end."""
    at += len(s) if at < 0 else 0
    return int.from_bytes(s[at : at + size], "little")


# -- FarmHash -------------------------------------------------------------------------------------


def farm(s: bytes) -> int:
    """Return the fingerprint of some bytes.

    Examples
    --------
    >>> from minitf.ops.fingerprint import farm
    >>> farm(b"") == 0x9AE16A3B2F90404F
    True
    """
    if len(s) <= 16:
        return _farm_16(s)
    if len(s) <= 32:
        return _farm_32(s)
    return _farm_64(s) if len(s) <= 64 else _farm_long(s)


def _pair(u: int, v: int, by: int) -> int:
    """Return 64 bits made of two words."""
    a = fold((u ^ v) * by & MASK)
    b = fold((v ^ a) * by & MASK)
    return b * by & MASK


def _farm_16(s: bytes) -> int:
    n = len(s)
    by = K2 + 2 * n & MASK
    if n >= 8:
        a, b = word(s, 0) + K2 & MASK, word(s, -8)
        c, d = rotate(b, 37) * by + a & MASK, (rotate(a, 25) + b) * by & MASK
        return _pair(c, d, by)
    if n >= 4:
        return _pair(n + (word(s, 0, 4) << 3), word(s, -4, 4), by)
    if n:
        y, z = s[0] + (s[n >> 1] << 8), n + (s[-1] << 2)
        return fold((y * K2 ^ z * K0) & MASK) * K2 & MASK
    return K2


def _farm_32(s: bytes) -> int:
    by = K2 + 2 * len(s) & MASK
    a, b, c, d = word(s, 0) * K1 & MASK, word(s, 8), word(s, -8) * by & MASK, word(s, -16) * K2
    u = rotate(a + b & MASK, 43) + rotate(c, 30) + d & MASK
    return _pair(u, a + rotate(b + K2 & MASK, 18) + c & MASK, by)


def _farm_64(s: bytes) -> int:
    by = K2 + 2 * len(s) & MASK
    a, b, c, d = word(s, 0) * K2 & MASK, word(s, 8), word(s, -8) * by & MASK, word(s, -16) * K2
    y = rotate(a + b & MASK, 43) + rotate(c, 30) + d & MASK
    z = _pair(y, a + rotate(b + K2 & MASK, 18) + c & MASK, by)
    e, f = word(s, 16) * by & MASK, word(s, 24)
    g, h = (y + word(s, -32)) * by & MASK, (z + word(s, -24)) * by & MASK
    u = rotate(e + f & MASK, 43) + rotate(g, 30) + h & MASK
    return _pair(u, e + rotate(f + a & MASK, 18) + g & MASK, by)


def _half(s: bytes, at: int, a: int, b: int) -> Pair:
    """Mix 32 bytes into two words."""
    w, x, y, z = (word(s, at + i) for i in (0, 8, 16, 24))
    a = a + w & MASK
    b = rotate(b + a + z & MASK, 21)
    c = a
    a = a + x + y & MASK
    return a + z & MASK, b + rotate(a, 44) + c & MASK


def _farm_long(s: bytes) -> int:
    """Mix blocks of 64 bytes, and the last 64 once more in another way."""
    x, y = 81, 81 * K1 + 113 & MASK
    z = fold(y * K2 + 113 & MASK) * K2 & MASK
    v: Pair = (0, 0)
    w: Pair = (0, 0)
    x = x * K2 + word(s, 0) & MASK
    for at in range(0, (len(s) - 1) // 64 * 64, 64):
        x, y, z, v, w = _block(s, at, (x, y, z), v, w, K1, 1)
    by = K1 + ((z & 0xFF) << 1) & MASK
    w = (w[0] + (len(s) - 1 & 63) & MASK, w[1])
    v = (v[0] + w[0] & MASK, v[1])
    w = (w[0] + v[0] & MASK, w[1])
    x, y, z, v, w = _block(s, len(s) - 64, (x, y, z), v, w, by, 9)
    first = _pair(v[0], w[0], by) + fold(y) * K0 + z & MASK
    return _pair(first, _pair(v[1], w[1], by) + x & MASK, by)


def _block(s: bytes, at: int, xyz: tuple[int, int, int], v: Pair, w: Pair, by: int,
           nine: int) -> tuple[int, int, int, Pair, Pair]:  # fmt: skip
    x, y, z = xyz
    x = rotate(x + y + v[0] + word(s, at + 8) & MASK, 37) * by & MASK
    y = rotate(y + v[1] + word(s, at + 48) & MASK, 42) * by & MASK
    x ^= w[1] * nine & MASK
    y = y + v[0] * nine + word(s, at + 40) & MASK
    z = rotate(z + w[0] & MASK, 33) * by & MASK
    v = _half(s, at, v[1] * by & MASK, x + w[0] & MASK)
    w = _half(s, at + 32, z + w[1] & MASK, y + word(s, at + 16) & MASK)
    return z, y, x, v, w


def joined(first: int, second: int) -> int:
    """Return the fingerprint of a pair, from those of its parts."""
    result = first ^ CAT
    result ^= fold(second * CAT & MASK) * CAT & MASK
    result = fold(result * CAT & MASK) * CAT & MASK
    return fold(result)


# -- SipHash --------------------------------------------------------------------------------------


def sip(s: bytes, key: tuple[int, int]) -> int:
    """Return the keyed fingerprint of some bytes.

    Examples
    --------
    >>> from minitf.ops.fingerprint import sip
    >>> hex(sip(bytes(range(15)), (0x0706050403020100, 0x0F0E0D0C0B0A0908)))
    '0xa129ca6149be45e5'
    """
    k0, k1 = (k & MASK for k in key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D,
         k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]  # fmt: skip
    whole = len(s) // 8 * 8
    words = [word(s, at) for at in range(0, whole, 8)]
    words.append(int.from_bytes(s[whole:], "little") | (len(s) & 0xFF) << 56)
    for m in words:
        v[3] ^= m
        v = _round(_round(v))
        v[0] ^= m
    v[2] ^= 0xFF
    for _ in range(4):
        v = _round(v)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _left(x: int, by: int) -> int:
    return rotate(x, 64 - by)


def _round(v: list[int]) -> list[int]:
    a, b, c, d = v
    a, c = a + b & MASK, c + d & MASK
    b, d = _left(b, 13) ^ a, _left(d, 16) ^ c
    a = _left(a, 32)
    c, a = c + b & MASK, a + d & MASK
    b, d = _left(b, 17) ^ c, _left(d, 21) ^ a
    return [a, b, _left(c, 32), d]
