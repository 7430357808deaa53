"""Read the pickles that some old public data sets are stored in, without running them.

A pickle is a program for a stack machine. Most of its instructions push numbers and texts, or
gather what lies on the stack into lists and dicts. Two are dangerous: `global` fetches any function
by name, and `reduce` calls it. Python's own reader obeys both. The machine here knows the plain
instructions and the few names that an array is written with; whatever else a file asks for is
an error.

References
----------
Python's documented list of the instructions: the source of the standard module `pickletools`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

from minitf.errors import DataError

BYTE, SHORT, STOP = ord("K"), ord("M"), ord(".")  # small numbers are most of a data set
PLAIN = "biufO"  # kinds of dtypes that are read


def read_pickled(content: bytes) -> Any:
    """Return the value that a pickle holds: numbers, texts, lists, tuples, dicts and arrays.

    Parameters
    ----------
    content : bytes
        A pickle of protocol 2, 3 or 4. Texts that Python 2 wrote are bytes.

    Returns
    -------
    object

    Raises
    ------
    DataError
        If the pickle is damaged, or holds anything else.
    """
    try:
        return _finished(_Machine(content).run())
    except (IndexError, KeyError, TypeError, ValueError, struct.error) as error:
        raise DataError(f"damaged, or not plain data: {error or type(error).__name__}") from error


class _Machine:
    """Runs a pickle.

    Attributes
    ----------
    content, at : bytes and int
        The program, and the place of the next instruction.
    stack : list
        The values in work; `marks` holds the heights at which collections begin.
    memo : dict
        Values that the program refers to again.
    """

    def __init__(self, content: bytes):
        self.content, self.at = content, 0
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def run(self) -> Any:
        """Return the value that is on top of the stack at the end."""
        content, at, push = self.content, self.at, self.stack.append
        while (code := content[at]) != STOP:
            if code == BYTE:
                push(content[at + 1])
                at += 2
            elif code == SHORT:
                push(content[at + 1] | content[at + 2] << 8)
                at += 3
            elif code in INSTRUCTIONS:
                self.at = at + 1
                INSTRUCTIONS[code](self)
                at = self.at
            else:
                raise ValueError(f"instruction {code:#04x} is not known here")
        return self.stack.pop()

    def take(self, count: int) -> bytes:
        """Return the next bytes of the program."""
        taken = self.content[self.at : self.at + count]
        if count < 0 or len(taken) != count:
            raise ValueError("it ends too early")
        self.at += count
        return taken

    def skip(self, count: int) -> None:
        """Go over the next bytes of the program, which tell nothing here."""
        self.take(count)

    def number(self, form: str) -> Any:
        """Return the next number of the program, in a form of the module `struct`."""
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def line(self) -> str:
        """Return the rest of the line."""
        end = self.content.index(b"\n", self.at)
        return self.take(end + 1 - self.at)[:-1].decode("ascii")

    def since_mark(self) -> list[Any]:
        """Remove and return what lies above the last mark."""
        start = self.marks.pop()
        found = self.stack[start:]
        del self.stack[start:]
        return found

    def top(self, kind: type) -> Any:
        """Return the value on top, which must be of a kind."""
        if type(self.stack[-1]) is not kind:
            raise TypeError(f"expected a {kind.__name__}, got {type(self.stack[-1]).__name__}")
        return self.stack[-1]

    def pop(self, count: int) -> tuple[Any, ...]:
        """Remove and return the uppermost values."""
        return tuple(self.stack.pop() for _ in range(count))[::-1]


# -- the instructions -------------------------------------------------------------------------


def _push(make: Callable[[_Machine], Any]) -> Callable[[_Machine], None]:
    """Return the instruction that pushes what `make` makes of the program's next bytes."""
    return lambda m: m.stack.append(make(m))


def _text(form: str, decode: bool) -> Callable[[_Machine], None]:
    """Return the instruction that pushes a text whose length comes first, in a form."""

    def make(m: _Machine) -> Any:
        content = m.take(m.number(form))
        return content.decode("utf-8", "surrogatepass") if decode else content

    return _push(make)


def _put(form: str) -> Callable[[_Machine], None]:
    def put(m: _Machine) -> None:
        m.memo[m.number(form)] = m.stack[-1]

    return put


def _memoize(m: _Machine) -> None:
    m.memo[len(m.memo)] = m.stack[-1]


def _append(m: _Machine) -> None:
    value = m.stack.pop()
    m.top(list).append(value)


def _append_all(m: _Machine) -> None:
    values = m.since_mark()
    m.top(list).extend(values)


def _set_item(m: _Machine) -> None:
    key, value = m.pop(2)
    m.top(dict)[key] = value


def _set_items(m: _Machine) -> None:
    values = m.since_mark()
    m.top(dict).update(zip(values[::2], values[1::2], strict=True))


def _global(m: _Machine) -> Any:
    module = m.line()
    return _named(module, m.line())


def _named(module: str, name: str) -> Any:
    """Return what stands for a function of NumPy; there are only those that write arrays."""
    try:
        return KNOWN[f"{module}.{name}"]
    except KeyError:
        raise ValueError(f"it asks for {module}.{name}, which is refused") from None


def _reduce(m: _Machine) -> Any:
    function, arguments = m.pop(2)
    if function not in KNOWN.values():
        raise TypeError("only the functions that make arrays are called")
    return function(*arguments)


def _build(m: _Machine) -> None:
    state = m.stack.pop()
    target = m.stack[-1]
    if isinstance(target, np.dtype):
        if state[1] == ">":
            raise ValueError("arrays of big-endian numbers are not read")
    else:
        m.top(_Stored).state = state


INSTRUCTIONS: dict[int, Callable[[_Machine], None]] = {
    0x80: lambda m: m.skip(1),  # protocol
    0x95: lambda m: m.skip(8),  # frame: how much to read at once
    ord("N"): _push(lambda m: None),
    0x88: _push(lambda m: True),
    0x89: _push(lambda m: False),
    ord("J"): _push(lambda m: m.number("<i")),
    0x8A: _push(lambda m: int.from_bytes(m.take(m.number("B")), "little", signed=True)),
    ord("G"): _push(lambda m: m.number(">d")),
    ord("U"): _text("B", decode=False),
    ord("T"): _text("<i", decode=False),
    ord("C"): _text("B", decode=False),
    ord("B"): _text("<I", decode=False),
    0x8E: _text("<Q", decode=False),
    0x8C: _text("B", decode=True),
    ord("X"): _text("<I", decode=True),
    ord("]"): _push(lambda m: []),
    ord("}"): _push(lambda m: {}),
    ord(")"): _push(lambda m: ()),
    ord("("): lambda m: m.marks.append(len(m.stack)),
    ord("t"): _push(lambda m: tuple(m.since_mark())),
    0x85: _push(lambda m: m.pop(1)),
    0x86: _push(lambda m: m.pop(2)),
    0x87: _push(lambda m: m.pop(3)),
    ord("a"): _append,
    ord("e"): _append_all,
    ord("s"): _set_item,
    ord("u"): _set_items,
    ord("q"): _put("B"),
    ord("r"): _put("<I"),
    0x94: _memoize,
    ord("h"): _push(lambda m: m.memo[m.number("B")]),
    ord("j"): _push(lambda m: m.memo[m.number("<I")]),
    ord("c"): _push(_global),
    0x93: _push(lambda m: _named(*m.pop(2))),
    ord("R"): _push(_reduce),
    ord("b"): _build,
}


# -- arrays -----------------------------------------------------------------------------------


class _Stored:
    """An array whose content comes later in the program: (version, shape, dtype, order, data)."""

    state: Any = None

    def array(self) -> np.ndarray[Any, Any]:
        """Return the array."""
        _, shape, dtype, by_columns, data = self.state
        count = math.prod(shape)
        if dtype.hasobject:
            flat = np.empty(len(data), object)
            for i, value in enumerate(data):  # at once, NumPy would look into the lists
                flat[i] = value
        else:
            flat = np.frombuffer(data, dtype).copy()
        if len(flat) != count:
            raise ValueError(f"an array of shape {shape} needs {count} elements, got {len(flat)}")
        return flat.reshape(shape, order="F" if by_columns else "C")


def _dtype(name: Any, *_: Any) -> np.dtype[Any]:
    dtype = np.dtype(name.decode("ascii") if isinstance(name, bytes) else str(name))
    if dtype.kind not in PLAIN:
        raise ValueError(f"arrays of {dtype} are not read")
    return dtype


def _begin_array(*_: Any) -> _Stored:
    return _Stored()


def _array_type() -> None:
    """Stand for the class of arrays, which is only mentioned."""


def _encode(text: str, encoding: str) -> bytes:
    """Return bytes that protocol 2 can only write as a text."""
    if encoding != "latin1":
        raise ValueError(f"encoding {encoding!r} is not known here")
    return text.encode("latin-1")


def _no_bytes() -> bytes:
    """Return what protocol 2 writes as a call."""
    return b""


KNOWN: dict[str, Callable[..., Any]] = {
    "numpy.ndarray": _array_type,
    "numpy.dtype": _dtype,
    "numpy.core.multiarray._reconstruct": _begin_array,
    "numpy._core.multiarray._reconstruct": _begin_array,
    "_codecs.encode": _encode,
    "__builtin__.bytes": _no_bytes,
}


def _finished(value: Any) -> Any:
    """Return a value with arrays in the place of what stands for them: it, or the entries of it."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    return _plain(value)


def _plain(value: Any) -> Any:
    return value.array() if isinstance(value, _Stored) else value
