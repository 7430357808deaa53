"""`tf.lookup`: tables from words to numbers and back, filled from tensors or from text files.

A table never changes, and is an attribute of the operations that look things up in it (see
`minitf.ops.lookup`). Those that grow stand in `minitf.data.growing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from minitf.dtypes import DType, as_dtype, int64, string
from minitf.errors import (
    DataError,
    DTypeError,
    FailedPreconditionError,
    InvalidArgumentError,
    ShapeError,
    no_access,
)
from minitf.graph.convert import as_array, as_tensor, plain
from minitf.graph.tensor import Tensor, eager_tensor
from minitf.ops.composed import composed
from minitf.ops.fingerprint import farm
from minitf.ops.lookup import Table, always, look_up
from minitf.ops.source import constant
from minitf.ops.strings import raw, text

Array = np.ndarray[Any, Any]


# -- what fills a table -----------------------------------------------------------------------


class TextFileIndex:
    """What of a line of a text file is meant, other than a column.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.lookup.TextFileIndex.WHOLE_LINE, tf.lookup.TextFileIndex.LINE_NUMBER
    (-2, -1)
    """

    WHOLE_LINE = -2
    LINE_NUMBER = -1


class KeyValueTensorInitializer:
    """Keys and values for a table, as tensors.

    Parameters
    ----------
    keys, values : tensor
        Of one length.
    key_dtype, value_dtype : DType, optional
        Their types; those of the tensors by default.
    name : str, optional
        Accepted as in TensorFlow.

    Examples
    --------
    >>> import minitf as tf
    >>> filling = tf.lookup.KeyValueTensorInitializer(["to", "be"], [0, 1], value_dtype=tf.int64)
    >>> filling.key_dtype, filling.value_dtype
    (tf.string, tf.int64)
    """

    def __init__(
        self, keys: Any, values: Any, key_dtype: Any = None, value_dtype: Any = None,
        name: str | None = None,
    ):  # fmt: skip
        self._keys = _vector(keys, key_dtype, "keys")
        self._values = _vector(values, value_dtype, "values")
        if len(self._keys) != len(self._values):
            raise ShapeError(f"KeyValueTensorInitializer: {len(self._keys)} keys and "
                             f"{len(self._values)} values")  # fmt: skip
        self.key_dtype, self.value_dtype = (
            as_dtype(a.dtype) for a in (self._keys, self._values)
        )  # fmt: skip

    def pairs(self) -> Iterator[tuple[Any, Any]]:
        """Yield (key, value), as Python's."""
        return zip(elements_of(self._keys), elements_of(self._values), strict=True)


class TextFileInitializer:
    """Keys and values for a table, from the lines of a text file.

    Parameters
    ----------
    filename : str or pathlib.Path
        A file in UTF-8.
    key_dtype : DType
        tf.string, or an integer type.
    key_index : int
        The column of the key, counted from 0; or `TextFileIndex.WHOLE_LINE` or
        `TextFileIndex.LINE_NUMBER`.
    value_dtype, value_index
        The same for the value.
    vocab_size : int, optional
        How many lines to read, of those that must be there; all by default.
    delimiter : str
        What stands between columns.
    name : str, optional
        Accepted as in TensorFlow.
    value_index_offset : int
        Added to values that are numbers of lines.

    Examples
    --------
    >>> import minitf as tf
    >>> index = tf.lookup.TextFileIndex
    >>> filling = tf.lookup.TextFileInitializer(
    ...     "setup.cfg", tf.string, index.WHOLE_LINE, tf.int64, index.LINE_NUMBER, vocab_size=2)
    >>> tf.lookup.StaticHashTable(filling, -1)["name = minitf"].numpy()
    np.int64(1)
    """

    def __init__(
        self, filename: Any, key_dtype: Any, key_index: int, value_dtype: Any, value_index: int,
        vocab_size: int | None = None, delimiter: str = "\t", name: str | None = None,
        value_index_offset: int = 0,
    ):  # fmt: skip
        self._path = Path(plain(filename))
        self.key_dtype, self.value_dtype = as_dtype(key_dtype), as_dtype(value_dtype)
        self._columns = (key_index, value_index)
        self._count, self._delimiter, self._offset = vocab_size, delimiter, value_index_offset
        _check_column("key", key_index, self.key_dtype)
        _check_column("value", value_index, self.value_dtype)

    def pairs(self) -> Iterator[tuple[Any, Any]]:
        """Yield (key, value), as Python's."""
        lines = self._lines()
        if self._count is not None and len(lines) < self._count:
            raise InvalidArgumentError(f"TextFileInitializer: vocab_size is {self._count}, but "
                                       f"{self._path} has {len(lines)} lines")  # fmt: skip
        key, value = self._columns
        for number, line in enumerate(lines[: self._count]):
            parts = line.split(self._delimiter) if max(key, value) >= 0 else []
            yield (
                self._part(key, self.key_dtype, number, 0, line, parts),
                self._part(value, self.value_dtype, number, self._offset, line, parts),
            )

    def _lines(self) -> list[str]:
        try:
            lines = text(self._path.read_bytes()).replace("\r", "").split("\n")
        except OSError as error:
            raise no_access(self._path, error) from error
        return lines if lines[-1] else lines[:-1]

    def _part(self, column: int, dtype: DType, number: int, offset: int, line: str,
              parts: list[str]) -> Any:  # fmt: skip
        if column == TextFileIndex.LINE_NUMBER:
            return number + offset
        if column >= len(parts) > 0:
            raise DataError(f"{self._path}: line {number}, {line!r}, has {len(parts)} column(s), "
                            f"there is no number {column}")  # fmt: skip
        found = line if column == TextFileIndex.WHOLE_LINE else parts[column]
        try:
            return found if dtype is string else dtype.numpy.type(found).item()
        except ValueError as error:
            raise DataError(f"{self._path}: line {number}: {found!r} is not of type "
                            f"{dtype.name}") from error  # fmt: skip


# -- tables -----------------------------------------------------------------------------------


class Lookup:
    """What all tables can do.

    Attributes
    ----------
    key_dtype, value_dtype : DType
        Their types.
    name : str
    """

    key_dtype: DType
    value_dtype: DType
    name: str

    def lookup(self, *args: Any, **kwargs: Any) -> Tensor:
        """Return the values of keys."""
        raise NotImplementedError

    def __getitem__(self, keys: Any) -> Tensor:
        return self.lookup(keys)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} from {self.key_dtype.name} to {self.value_dtype.name}>"


class StaticHashTable(Lookup):
    """A table that is filled once.

    Parameters
    ----------
    initializer : KeyValueTensorInitializer or TextFileInitializer
        What it holds.
    default_value : number or str
        The value of all other keys.
    name : str, optional
        Its name.
    experimental_is_anonymous : bool
        Accepted as in TensorFlow.

    Examples
    --------
    >>> import minitf as tf
    >>> filling = tf.lookup.KeyValueTensorInitializer(["to", "be"], [7, 8])
    >>> table = tf.lookup.StaticHashTable(filling, default_value=-1)
    >>> table.lookup([["to", "or"], ["be", "not"]]).numpy().tolist()
    [[7, -1], [8, -1]]
    """

    def __init__(self, initializer: Any, default_value: Any, name: str | None = None,
                 experimental_is_anonymous: bool = False):  # fmt: skip
        self.key_dtype, self.value_dtype = initializer.key_dtype, initializer.value_dtype
        self.name = name or "hash_table"
        default = as_array(default_value, self.value_dtype, argument="default_value")
        if default.ndim:
            raise ShapeError(f"default_value is a single value, got shape {default.shape}")
        self.default_value = eager_tensor(default)
        self._table = _filled(initializer, always(elements_of(default.reshape(1))[0]))

    @composed
    def lookup(self, keys: Any, name: str | None = None) -> Tensor:
        """Return the values of keys.

        Parameters
        ----------
        keys : Tensor
            Of the table's type, any shape.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Tensor
            Of the shape of `keys`.
        """
        return look_up(keys, self._table)

    def size(self, name: str | None = None) -> Tensor:
        """Return the number of keys, as int64."""
        return constant(len(self._table), int64)

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """Return all keys, and their values."""
        entries = self._table.entries
        return (
            constant(listed(entries, self.key_dtype)),
            constant(listed(entries.values(), self.value_dtype)),
        )


class StaticVocabularyTable(Lookup):
    """A table from words to numbers, which sorts all other words into buckets behind the last one.

    Parameters
    ----------
    initializer : KeyValueTensorInitializer or TextFileInitializer, or None
        Words (or integers), and their numbers, of type int64: 0, 1, ...
    num_oov_buckets : int
        Numbers for words that are not in the vocabulary; a hash tells which one.
    lookup_key_dtype : DType, optional
        The type of the keys that are looked up; needed where there is no initializer.
    name : str, optional
        Its name.
    experimental_is_anonymous : bool
        Accepted as in TensorFlow.

    Examples
    --------
    >>> import minitf as tf
    >>> filling = tf.lookup.KeyValueTensorInitializer(["to", "be"], [0, 1], value_dtype=tf.int64)
    >>> table = tf.lookup.StaticVocabularyTable(filling, num_oov_buckets=3)
    >>> table.lookup(["be", "or", "not"]).numpy().tolist(), int(table.size())
    ([1, 3, 3], 5)
    """

    def __init__(
        self, initializer: Any, num_oov_buckets: int, lookup_key_dtype: Any = None,
        name: str | None = None, experimental_is_anonymous: bool = False,
    ):  # fmt: skip
        if num_oov_buckets < 1:
            raise InvalidArgumentError(f"StaticVocabularyTable: num_oov_buckets must be at least "
                                       f"1, got {num_oov_buckets}; a StaticHashTable needs "
                                       "none")  # fmt: skip
        self.name, self.value_dtype = name or "hash_table", int64
        self._buckets = int(num_oov_buckets)
        if initializer is None:
            kind = string if lookup_key_dtype is None else as_dtype(lookup_key_dtype)
            self._table = Table({}, kind, int64, _bucket(0, self._buckets))
        else:
            if initializer.value_dtype is not int64:
                raise DTypeError("StaticVocabularyTable: the values must be int64, got "
                                 f"{initializer.value_dtype.name}; pass value_dtype=tf.int64 to "
                                 "the initializer")  # fmt: skip
            self._table = _filled(initializer, always(None))
            self._table.missing = _bucket(len(self._table), self._buckets)
        self.key_dtype = as_dtype(lookup_key_dtype or self._table.key_dtype)

    @composed
    def lookup(self, keys: Any, name: str | None = None) -> Tensor:
        """Return the numbers of keys.

        Parameters
        ----------
        keys : Tensor
            Of the table's type, any shape.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Tensor
            Of type int64 and the shape of `keys`.
        """
        return look_up(keys, self._table)

    def size(self, name: str | None = None) -> Tensor:
        """Return the number of keys and buckets, as int64."""
        return constant(len(self._table) + self._buckets, int64)


# -- details ----------------------------------------------------------------------------------


def _filled(initializer: Any, missing: Callable[[Any], Any]) -> Table:
    """Return the table of an initializer; no key may have two values."""
    entries: dict[Any, Any] = {}
    for key, value in initializer.pairs():
        if entries.setdefault(key, value) != value:
            raise FailedPreconditionError(f"the key {key!r} has two values, {entries[key]!r} and "
                                          f"{value!r}")  # fmt: skip
    return Table(entries, initializer.key_dtype, initializer.value_dtype, missing)


def _bucket(first: int, count: int) -> Callable[[Any], int]:
    """Return what sorts a missing key into one of the buckets from `first` on."""
    return lambda key: first + farm(raw(str(key))) % count


def _vector(values: Any, dtype: Any, argument: str) -> Array:
    kind = None if dtype is None else as_dtype(dtype)
    array = np.asarray(as_tensor(values, kind))
    if array.ndim != 1 or (kind is not None and array.dtype != kind.numpy):
        wanted = "" if kind is None else f" of {kind.name}"
        raise InvalidArgumentError(
            f"KeyValueTensorInitializer: {argument} must be a vector{wanted}, got {array.dtype} of "
            f"shape {array.shape}"
        )
    return array


def elements_of(array: Array) -> list[Any]:
    """Return the elements of an array as Python's; strings as text."""
    listed = array.reshape(-1).tolist()
    return list(map(text, listed)) if array.dtype.hasobject else listed


def listed(values: Any, dtype: DType) -> Array:
    found = np.array([*values, None], object)[:-1]
    return found.astype(dtype.numpy)


def _check_column(what: str, column: int, dtype: DType) -> None:
    """Refuse a column that does not exist, or whose type is wrong."""
    if column < TextFileIndex.WHOLE_LINE:
        raise InvalidArgumentError(f"TextFileInitializer: {what}_index is a column, WHOLE_LINE or "
                                   f"LINE_NUMBER, got {column}")  # fmt: skip
    if column == TextFileIndex.LINE_NUMBER and not dtype.is_integer:
        raise InvalidArgumentError("TextFileInitializer: the number of a line is an integer, "
                                   f"{what}_dtype is {dtype.name}")  # fmt: skip
