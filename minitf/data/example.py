"""`tf.train.Example`: what one record of a TFRecord file says, by name.

An Example is a message of protocol buffers with messages inside::

    Example   features   Features
    Features  feature    a map from names to Features
    Feature   one of     bytes_list BytesList, float_list FloatList, int64_list Int64List
    ...List   value      bytes, numbers of float32, or numbers of int64

A part that has not been set reads as empty, and is set by the first change in it, as in Google's
implementation: ``example.features.feature["x"].int64_list.value.append(3)`` works on an empty
Example.

References
----------
TensorFlow's ``example.proto`` and ``feature.proto``; "Encoding" and "Python Generated Code Guide",
the Protocol Buffers documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

import numpy as np

from minitf.data.feature_values import (
    Values,
    as_bytes,
    as_floats,
    as_integers,
    read_bytes,
    read_floats,
    read_integers,
    written_integers,
)
from minitf.errors import DataError, InvalidArgumentError, UsageError
from minitf.ops.script import show_array
from minitf.runtime.events.messages import ENTRY
from minitf.runtime.events.wire import BLOCK, Message, fields

__all__ = ["BytesList", "Example", "Feature", "Features", "FloatList", "Int64List"]


class Part:
    """A message: what all of them can do.

    Parameters
    ----------
    **parts : object
        What it holds, by name; None leaves a part unset.
    """

    form: ClassVar[Message]
    kinds: ClassVar[dict[str, type[Part]]] = {}  # the types of its parts that are messages

    def __init__(self, **parts: Any):
        self._held: dict[str, Any] = {}
        self._present: dict[str, None] = {}  # the parts that are set, in the order of setting
        self._changed: Callable[[], None] = _nothing
        for name, value in parts.items():
            if name not in self.form.fields:
                raise InvalidArgumentError(f"{type(self).__name__} has no part {name!r}, it has "
                                           f"{' and '.join(self.form.fields)}")  # fmt: skip
            if value is not None:
                self._fill(name, value)

    # -- changing it ----------------------------------------------------------------------------

    def MergeFromString(self, serialized: bytes) -> int:
        """Add what a message in bytes says, and return its length."""
        content = _content(serialized)
        found: dict[int, list[tuple[int, Any]]] = {}
        for number, kind, value in fields(content):
            found.setdefault(number, []).append((kind, value))
        for name, (number, _) in self.form.fields.items():
            if number in found:
                self._read(name, found[number])
        return len(content)

    def ParseFromString(self, serialized: bytes) -> int:
        """Become what a message in bytes says, and return its length."""
        self.Clear()
        try:
            return self.MergeFromString(serialized)
        except DataError as error:
            raise DataError(f"not a tf.train.{type(self).__name__}: {error.args[0]}") from error

    @classmethod
    def FromString(cls, serialized: bytes) -> Any:
        """Return what a message in bytes says."""
        made = cls()
        made.ParseFromString(serialized)
        return made

    def MergeFrom(self, other: Any) -> None:
        """Add what another message of this type says."""
        if type(other) is not type(self):
            raise UsageError(f"expected a {type(self).__name__}, got {type(other).__name__}")
        for name in list(other._present):
            self._merge(name, other._held[name])
            self._set(name)

    def CopyFrom(self, other: Any) -> None:
        """Become equal to another message of this type."""
        if other is not self:
            self.Clear()
            self.MergeFrom(other)

    def Clear(self) -> None:
        """Become empty."""
        for part in self._held.values():
            part._changed = _nothing
        self._held, self._present = {}, {}

    def ClearField(self, field_name: str) -> None:
        """Unset a part."""
        self._forget(field_name)

    def _forget(self, name: str) -> None:
        self._present.pop(name, None)
        if name in self._held:
            self._held.pop(name)._changed = _nothing

    def _set(self, name: str) -> None:
        """Take note that a part is set."""
        self._present[name] = None
        self._changed()

    # -- what differs from one type to another ------------------------------------------------

    def _merge(self, name: str, part: Any) -> None:
        """Add what a part of another message says."""
        getattr(self, name).MergeFrom(part)

    def _fill(self, name: str, value: Any) -> None:
        """Set a part to what the constructor was given."""
        kind = self.kinds[name]
        given = kind(**value) if isinstance(value, dict) else value
        if type(given) is not kind:
            raise UsageError(f"{type(self).__name__}: {name} is a tf.train.{kind.__name__}, got "
                             f"{type(value).__name__}")  # fmt: skip
        getattr(self, name).MergeFrom(given)
        self._set(name)

    def _read(self, name: str, found: list[tuple[int, Any]]) -> None:
        """Set a part to what was written as (kind, value)."""
        for _, value in found:
            getattr(self, name).MergeFromString(block(value))
            self._set(name)

    def _written(self, name: str) -> Any:
        """Return a part as it is to be written."""
        return self._held[name].SerializeToString()

    def _lines(self, name: str) -> Iterator[str]:
        """Yield a part as lines of text."""
        yield from _nested(name, self._held[name])

    def _make(self, name: str) -> Any:
        """Return a part that is empty."""
        return self.kinds[name]()

    # -- looking at it ------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        if name not in type(self).form.fields:
            raise AttributeError(f"{type(self).__name__} has no part {name!r}")
        if name not in self._held:
            part = self._held[name] = self._make(name)
            part._changed = lambda: self._set(name)
        return self._held[name]

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            raise UsageError(f"{name} cannot be assigned to; change what it holds, or pass it to "
                             f"tf.train.{type(self).__name__}({name}=...)")  # fmt: skip
        object.__setattr__(self, name, value)

    def HasField(self, field_name: str) -> bool:
        """Return whether a part is set."""
        return field_name in self._present

    def SerializeToString(self, deterministic: bool = True) -> bytes:
        """Return the message in bytes; equal messages have equal ones."""
        ordered = [name for name in self.form.fields if name in self._present]
        return self.form(**{name: self._written(name) for name in ordered})

    def ByteSize(self) -> int:
        """Return the number of bytes that it takes."""
        return len(self.SerializeToString())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Part):
            return NotImplemented
        same = type(other) is type(self)
        return same and other.SerializeToString() == self.SerializeToString()

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> Any:
        return type(self).FromString, (self.SerializeToString(),)

    def __repr__(self) -> str:
        lines = [line for name in self._present for line in self._lines(name)]
        return "".join(line + "\n" for line in lines)


class _List(Part):
    """A list of values of one type."""

    checked: ClassVar[Any]
    read: ClassVar[Any]

    def _make(self, name: str) -> Values:
        return Values(type(self).checked, _nothing)

    def _fill(self, name: str, value: Any) -> None:
        self.value.extend(value)

    def _read(self, name: str, found: list[tuple[int, Any]]) -> None:
        self.value.extend(type(self).read(found).tolist())

    def _set(self, name: str) -> None:
        if len(self.value):
            super()._set(name)
        else:
            self._present.clear()
            self._changed()

    def _merge(self, name: str, part: Any) -> None:
        self.value.extend(part)

    def _lines(self, name: str) -> Iterator[str]:
        return (f"value: {_shown(value)}" for value in self.value)


class BytesList(_List):
    """A list of strings of bytes.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.train.BytesList(value=[b"a", b"bc"]).value
    [b'a', b'bc']
    """

    form, checked, read = Message(value=(1, BLOCK)), as_bytes, read_bytes

    def _written(self, name: str) -> Any:
        return list(self.value)


class FloatList(_List):
    """A list of numbers, kept as float32.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.train.FloatList(value=[0.5, 2]).value
    [0.5, 2.0]
    """

    form, checked, read = Message(value=(1, BLOCK)), as_floats, read_floats

    def _written(self, name: str) -> Any:
        return np.array(list(self.value), "<f4").tobytes()


class Int64List(_List):
    """A list of integers.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.train.Int64List(value=range(3)).value
    [0, 1, 2]
    """

    form, checked, read = Message(value=(1, BLOCK)), as_integers, read_integers

    def _written(self, name: str) -> Any:
        return written_integers(self.value)


class Feature(Part):
    """One list of values: of bytes, of floats, or of integers.

    Parameters
    ----------
    bytes_list : BytesList, optional
    float_list : FloatList, optional
    int64_list : Int64List, optional

    Examples
    --------
    >>> import minitf as tf
    >>> feature = tf.train.Feature(int64_list=tf.train.Int64List(value=[3]))
    >>> feature.WhichOneof("kind"), feature.int64_list.value[0]
    ('int64_list', 3)
    """

    form = Message(bytes_list=(1, BLOCK), float_list=(2, BLOCK), int64_list=(3, BLOCK))
    kinds: ClassVar = {"bytes_list": BytesList, "float_list": FloatList, "int64_list": Int64List}

    def _set(self, name: str) -> None:
        for other in set(self._held) - {name}:
            self._forget(other)
        super()._set(name)

    def WhichOneof(self, oneof_group: str) -> str | None:
        """Return the name of the list that is set; the group is called "kind"."""
        if oneof_group != "kind":
            raise InvalidArgumentError(f"the group is called 'kind', got {oneof_group!r}")
        return next(iter(self._present), None)


class FeatureMap(dict[str, Feature]):
    """Features by name; to ask for one that is missing adds it, empty."""

    def __init__(self) -> None:
        super().__init__()
        self._changed: Callable[[], None] = _nothing

    def __missing__(self, key: str) -> Feature:
        if not isinstance(key, str):
            raise UsageError(f"features have names, got {key!r}")
        feature = Feature()
        super().__setitem__(key, feature)
        feature._changed = self._changed
        self._changed()
        return feature

    def __setitem__(self, key: str, value: Any) -> None:
        raise UsageError("a feature cannot be assigned; write feature[name].CopyFrom(value)")


class Features(Part):
    """Features by name.

    Parameters
    ----------
    feature : dict of str to Feature, optional

    Examples
    --------
    >>> import minitf as tf
    >>> ids = tf.train.Feature(int64_list=tf.train.Int64List(value=[3, 4]))
    >>> tf.train.Features(feature={"ids": ids}).feature["ids"].int64_list.value
    [3, 4]
    """

    form = Message(feature=(1, BLOCK))

    def _make(self, name: str) -> FeatureMap:
        return FeatureMap()

    def _fill(self, name: str, value: Any) -> None:
        if not isinstance(value, dict):
            raise UsageError(f"feature is a dict of names and features, got {value!r}")
        self._merge(name, value)

    def _merge(self, name: str, part: Any) -> None:
        for key, feature in part.items():
            self.feature[key].CopyFrom(feature)

    def _read(self, name: str, found: list[tuple[int, Any]]) -> None:
        for key, content in entries(found):
            self.feature[key].ParseFromString(content)

    def _written(self, name: str) -> Any:
        ordered = sorted(self.feature.items())
        return [ENTRY(key=key, value=feature.SerializeToString()) for key, feature in ordered]

    def _lines(self, name: str) -> Iterator[str]:
        for key, feature in self.feature.items():
            yield "feature {"
            yield f"  key: {_shown(key.encode())}"
            yield from (f"  {line}" for line in _nested("value", feature))
            yield "}"


class Example(Part):
    """What one record says: features by name.

    Parameters
    ----------
    features : Features, optional

    Examples
    --------
    >>> import minitf as tf
    >>> label = tf.train.Feature(int64_list=tf.train.Int64List(value=[7]))
    >>> example = tf.train.Example(features=tf.train.Features(feature={"label": label}))
    >>> content = example.SerializeToString()
    >>> tf.train.Example.FromString(content).features.feature["label"].int64_list.value
    [7]
    """

    form = Message(features=(1, BLOCK))
    kinds: ClassVar = {"features": Features}


# -- details ----------------------------------------------------------------------------------


def entries(found: Iterable[tuple[int, Any]]) -> Iterator[tuple[str, bytes]]:
    """Yield the names of features, and the features in bytes."""
    for _, entry in found:
        key, content = b"", b""
        for number, _, value in fields(block(entry)):
            if number == 1:
                key = block(value)
            elif number == 2:
                content = block(value)
        try:
            yield key.decode(), content
        except UnicodeDecodeError as error:
            raise DataError(f"the name of a feature is no text: {key!r}") from error


def block(value: Any) -> bytes:
    """Return what a field holds, if it is bytes."""
    if not isinstance(value, bytes):
        raise DataError("no message of a protocol buffer: a number where a part should be")
    return value


def _nothing() -> None:
    """Nobody is to be told of a change."""


def _content(serialized: Any) -> bytes:
    if not isinstance(serialized, (bytes, bytearray, memoryview)):
        raise UsageError(f"expected a message as bytes, got {type(serialized).__name__}; "
                         "of a Tensor take .numpy()")  # fmt: skip
    return bytes(serialized)


def _nested(name: str, part: Part) -> Iterator[str]:
    yield f"{name} {{"
    yield from (f"  {line}" for line in repr(part).splitlines())
    yield "}"


_ESCAPES = {ord(c): "\\" + e for c, e in zip("\n\r\t\"'\\", "nrt\"'\\", strict=True)}


def _shown(value: Any) -> str:
    """Return a value as the text format of protocol buffers has it."""
    if isinstance(value, bytes):
        shown = (_ESCAPES.get(b) or (chr(b) if 32 <= b < 127 else f"\\{b:03o}") for b in value)
        return f'"{"".join(shown)}"'
    return str(value) if isinstance(value, int) else show_array(np.float32(value), -1)
