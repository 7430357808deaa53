"""The values of the lists in a `tf.train.Feature`: checked, written and read.

Numbers are written one after the other into one field, integers as varints (see
`minitf.runtime.events.wire`), floating ones as four bytes. Other programs may write a field for
each, which is read too.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, MutableSequence
from typing import Any

import numpy as np

from minitf.errors import DataError, InvalidArgumentError, UsageError
from minitf.runtime.events.wire import BLOCK, SINGLE, varint

Array = np.ndarray[Any, Any]


def as_bytes(values: Iterable[Any]) -> list[bytes]:
    found = list(values)
    for value in found:
        if not isinstance(value, bytes):
            raise UsageError(f"a BytesList holds bytes, got {value!r} of type "
                             f"{type(value).__name__}; a str needs .encode()")  # fmt: skip
    return [bytes(v) for v in found]  # those of NumPy too


def as_integers(values: Iterable[Any]) -> list[int]:
    found = _listed(values, "iu")
    if set(map(type, found)) - {int}:
        found = list(map(_integer, found))
    if found and not (min(found) >= -(2**63) and max(found) < 2**63):
        raise InvalidArgumentError("an Int64List holds numbers of 64 bits, got numbers from "
                                   f"{min(found)} to {max(found)}")  # fmt: skip
    return found


def _integer(value: Any) -> int:
    if isinstance(value, (bool, np.bool_)) or not hasattr(value, "__index__"):
        raise UsageError(f"an Int64List holds integers, got {value!r}")
    return operator.index(value)


def as_floats(values: Iterable[Any]) -> list[float]:
    found = _listed(values, "iuf")
    if set(map(type, found)) - {int, float}:
        found = list(map(_float, found))
    with np.errstate(over="ignore"):  # what is too large for float32 is infinite
        return np.array(found, np.float64).astype(np.float32).tolist()


def _float(value: Any) -> float:
    if isinstance(value, (str, bytes)) or not hasattr(value, "__float__") or np.ndim(value):
        raise UsageError(f"a FloatList holds numbers, got {value!r}")
    return float(value)


def _listed(values: Any, kinds: str) -> list[Any]:
    """Return values as a list; those of an array of the right kind become Python's at once."""
    plain = isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype.kind in kinds
    return values.tolist() if plain else list(values)


class Values(MutableSequence[Any]):
    """The values of a list: a Python list that holds values of one type only.

    Parameters
    ----------
    checked : callable
        Returns values as a list of the right type, or raises an error.
    changed : callable
        Called after each change.
    """

    def __init__(self, checked: Callable[[Iterable[Any]], list[Any]], changed: Callable[[], None]):
        self._checked, self._changed = checked, changed
        self._values: list[Any] = []

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: Any) -> Any:
        return self._values[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __setitem__(self, index: Any, value: Any) -> None:
        several = isinstance(index, slice)
        self._values[index] = self._checked(value) if several else self._checked([value])[0]
        self._changed()

    def __delitem__(self, index: Any) -> None:
        del self._values[index]
        self._changed()

    def insert(self, index: int, value: Any) -> None:
        """Insert a value before another."""
        self._values[index:index] = self._checked([value])
        self._changed()

    def extend(self, values: Iterable[Any]) -> None:
        """Append several values."""
        if isinstance(values, Values) and values._checked is self._checked:
            self._values += values._values
        elif isinstance(values, Iterable):
            self._values += self._checked(values)
        else:
            raise UsageError(f"value is a sequence of values, got {values!r}")
        self._changed()

    def __eq__(self, other: object) -> bool:
        return self._values == (other._values if isinstance(other, Values) else other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._values)


def read_bytes(found: Iterable[tuple[int, Any]]) -> Array:
    """Return the values of a BytesList that were written as (kind, value)."""
    values = [value for kind, value in found if kind == BLOCK[0]]
    return np.array([*values, None], object)[:-1]  # never of NumPy's bytes, which lose zeros


def read_floats(found: Iterable[tuple[int, Any]]) -> Array:
    """Return the values of a FloatList, written one by one or many in one field."""
    content = b"".join(value for kind, value in found if kind in (BLOCK[0], SINGLE[0]))
    if len(content) % 4:
        raise DataError(f"the {len(content)} bytes of a FloatList are no numbers of float32")
    return np.frombuffer(content, "<f4").astype(np.float32)


def read_integers(found: Iterable[tuple[int, Any]]) -> Array:
    """Return the values of an Int64List, written one by one or many in one field."""
    content = b"".join(v if kind == BLOCK[0] else varint(v) for kind, v in found)
    digits = np.frombuffer(content, np.uint8)
    last = digits < 128  # of a number: the others have the top bit
    if not len(digits) or last.all():
        return digits.astype(np.int64)
    begins = np.flatnonzero(np.r_[True, last[:-1]])
    place = np.arange(len(digits)) - np.repeat(begins, np.diff(np.r_[begins, len(digits)]))
    if not last[-1] or place.max() > 9:
        raise DataError(f"the {len(digits)} bytes of an Int64List are no numbers of 64 bits")
    shifted = (digits & 127).astype(np.uint64) << (7 * place).astype(np.uint64)
    return np.bitwise_or.reduceat(shifted, begins).astype(np.int64)


def written_integers(values: Iterable[int]) -> bytes:
    """Return integers as the content of an Int64List, all in one field."""
    numbers = np.array(list(values), np.int64).astype(np.uint64)[:, None]
    place = np.arange(10)
    digits = numbers >> (7 * place).astype(np.uint64)  # and those above
    last = np.maximum(np.count_nonzero(digits, axis=1, keepdims=True), 1) - 1
    coded = (digits & 127).astype(np.uint8) | np.where(place < last, 128, 0).astype(np.uint8)
    return coded[place <= last].tobytes()
