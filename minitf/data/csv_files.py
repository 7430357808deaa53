"""Tables in text files, a line for each row: `tf.data.experimental.make_csv_dataset`.

Python's `csv` takes a line apart. What a column holds is said by its default: a value, which stands
for fields that are empty; or a type alone, where every row must have a value.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from minitf.data import gfile
from minitf.data.dataset import Dataset
from minitf.data.element import Array, Element
from minitf.data.pipeline import UNKNOWN_CARDINALITY, Origin
from minitf.data.sources import opened
from minitf.dtypes import DType, as_dtype, float32, float64, int32, int64, string
from minitf.errors import DataError, Error, InvalidArgumentError, no_access
from minitf.graph.convert import as_tensor
from minitf.graph.spec import TensorSpec
from minitf.graph.tensor import Tensor
from minitf.ops.composed import composed
from minitf.ops.script import numpy_function
from minitf.ops.strings import text

TYPES = (int32, int64, float32, float64, string)  # those that a column is tried as, in this order
NAMES = [dtype.name for dtype in TYPES]


class Column(NamedTuple):
    """What one column holds.

    Attributes
    ----------
    place : int
        Which field of a line it is.
    dtype : DType
        Type of its values.
    default : ndarray or None
        Stands for fields that are empty; None if there must not be any.
    """

    place: int
    dtype: DType
    default: Array | None

    def read(self, field: str, na_value: str) -> Array:
        """Return a field's value."""
        if field not in ("", na_value):
            return value_of(field, self.dtype)
        if self.default is None:
            raise InvalidArgumentError(f"field {self.place} is empty, and has no default")
        return self.default


class Layout(NamedTuple):
    """How lines are written: as `make_csv_dataset` is told."""

    delimiter: str
    quoted: bool
    na_value: str
    header: bool
    packed: bool = False
    encoding: str = "utf-8"

    def rows(self, source: Iterable[str]) -> Any:
        """Return an iterator over the fields of lines."""
        dialect: Any = {"delimiter": self.delimiter, "strict": True}
        return csv.reader(source, quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE,
                          **dialect)  # fmt: skip

    def fields_of(self, name: str) -> Iterator[tuple[int, list[str]]]:
        """Yield (number of the line, fields) for the lines of a file that hold something."""
        try:
            with opened(name, self.packed, self.encoding) as file:
                rows = self.rows(file)
                for fields in islice(rows, int(self.header), None):
                    if fields:
                        yield rows.line_num, fields
        except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
            raise no_access(name, error) from error


def value_of(field: str, dtype: DType) -> Array:
    """Return what a field says, as an array of a type."""
    if dtype is string:
        return np.array(field, object)
    try:
        with np.errstate(over="ignore"):  # too large for float32 is infinite
            return np.array(int(field) if dtype.is_integer else float(field), dtype.numpy)
    except (ValueError, OverflowError) as error:
        raise InvalidArgumentError(f"{field!r} is not a number of type {dtype.name}") from error


def as_column(index: int, said: Any) -> Column:
    """Return a column as its default says: a value, a type, or no value of some type."""
    if isinstance(said, (DType, type)) or (isinstance(said, str) and said in NAMES):
        return Column(index, as_dtype(said), None)
    default = as_tensor(said)
    values = np.ravel(default.numpy())
    if len(values) > 1:
        raise InvalidArgumentError(f"the default of column {index} is one value, got {said!r}")
    filled = value_of(text(values[0]), string) if default.dtype is string and len(values) else None
    if filled is None and len(values):
        filled = values[0].reshape(())
    return Column(index, default.dtype, filled)


def records(names: Sequence[str], columns: Sequence[Column], layout: Layout, count: int | None,
            origin: Origin, skip: bool = False) -> Iterator[tuple[Array, ...]]:  # fmt: skip
    """Yield the rows of files, of `count` fields each; others are errors, or passed over."""
    for name in names:
        for line, fields in _located(layout.fields_of(name), origin):
            try:
                if count is not None and len(fields) != count:
                    raise InvalidArgumentError(f"{count} fields expected, got {len(fields)}")
                yield tuple(c.read(fields[c.place], layout.na_value) for c in columns)
            except (Error, IndexError) as error:
                if not skip:
                    told = InvalidArgumentError(f"{name}, line {line}: {error}")
                    raise origin.located(told) from error


def _located(rows: Iterator[Any], origin: Origin) -> Iterator[Any]:
    try:
        yield from rows
    except DataError as error:
        raise origin.located(error) from error


@composed
def csv_dataset(
    filenames: Any,
    record_defaults: Sequence[Any],
    compression_type: str | None = None,
    buffer_size: Any = None,
    header: bool = False,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    select_cols: Sequence[int] | None = None,
    exclude_cols: Sequence[int] | None = None,
) -> Dataset:
    r"""Read rows of CSV files: `tf.data.experimental.CsvDataset`.

    Parameters
    ----------
    filenames : str, or sequence of str
        The files, one after the other.
    record_defaults : list
        For each column a type, where every row must have a value; or a value for empty fields.
    compression_type : {"", "GZIP"}, optional
        How they are packed.
    buffer_size : optional
        Accepted as in TensorFlow.
    header : bool
        Whether the first line of a file is passed over.
    field_delim : str
        What stands between fields.
    use_quote_delim : bool
        Whether a field may stand in double quotes.
    na_value : str
        What else means an empty field.
    select_cols, exclude_cols : list of int, optional
        Which columns to take, by number; or which to leave out.

    Returns
    -------
    Dataset
        Of tuples, one scalar per column.

    Examples
    --------
    >>> import tempfile
    >>> import minitf as tf
    >>> path = tempfile.mkdtemp() + "/points.csv"
    >>> tf.io.write_file(path, "1,2.5,a\n2,,b\n")
    >>> ds = tf.data.experimental.CsvDataset(path, [tf.int32, 0.0, tf.string])
    >>> [(int(i), float(x), s.numpy()) for i, x, s in ds]
    [(1, 2.5, b'a'), (2, 0.0, b'b')]
    """
    layout = Layout(field_delim, use_quote_delim, na_value, header, compression_type == "GZIP")
    names, origin = [str(n) for n in np.ravel(filenames)], Origin.here("CsvDataset")
    chosen = range(len(record_defaults)) if select_cols is None else select_cols
    if exclude_cols is not None:
        every = range(len(record_defaults) + len(exclude_cols))
        chosen = [i for i in every if i not in exclude_cols]
    columns = _ascending(chosen, record_defaults)
    count = None if (select_cols or exclude_cols) else len(columns)
    spec = tuple(TensorSpec((), c.dtype) for c in columns)
    return Dataset(lambda: records(names, columns, layout, count, origin), spec,
                   UNKNOWN_CARDINALITY, origin)  # fmt: skip


CsvDataset = csv_dataset


@composed
def make_csv_dataset(
    file_pattern: Any,
    batch_size: int,
    column_names: Sequence[str] | None = None,
    column_defaults: Sequence[Any] | None = None,
    label_name: str | None = None,
    select_columns: Sequence[Any] | None = None,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    header: bool = True,
    num_epochs: int | None = None,
    shuffle: bool = True,
    shuffle_buffer_size: int = 10000,
    shuffle_seed: int | None = None,
    prefetch_buffer_size: int | None = None,
    num_parallel_reads: int | None = None,
    sloppy: bool = False,
    num_rows_for_inference: int | None = 100,
    compression_type: str | None = None,
    ignore_errors: bool = False,
    encoding: str = "utf-8",
) -> Dataset:
    r"""Read CSV files in batches, column by column.

    Parameters
    ----------
    file_pattern : str, or list of str
        Paths, which may hold * and ?.
    batch_size : int
        Rows per batch.
    column_names : list of str, optional
        Names of all columns; by default those in the first line of the first file.
    column_defaults : list, optional
        For each column that is taken, a type or a value for empty fields; see `CsvDataset`. By
        default the type is found by looking at the first rows, and 0 or "" stands for empty fields.
    label_name : str, optional
        The column that is the target.
    select_columns : list of str or of int, optional
        Which columns to take; all by default.
    field_delim, use_quote_delim, na_value, compression_type
        As for `CsvDataset`.
    header : bool
        Whether the first line of a file holds names.
    num_epochs : int, optional
        How often to read everything; for ever by default.
    shuffle : bool
        Whether rows come in random order, among `shuffle_buffer_size` of them.
    shuffle_buffer_size, shuffle_seed : int
        As for `Dataset.shuffle`.
    prefetch_buffer_size, num_parallel_reads, sloppy : optional
        Accepted as in TensorFlow; files are read one after the other.
    num_rows_for_inference : int, optional
        How many rows to look at for the types; all if None.
    ignore_errors : bool
        Whether rows that cannot be read are passed over.
    encoding : str
        That of the files.

    Returns
    -------
    Dataset
        Of dicts from names to columns, each of shape (batch_size,); with a label, of pairs (dict,
        label).

    Examples
    --------
    >>> import tempfile
    >>> import minitf as tf
    >>> path = tempfile.mkdtemp() + "/people.csv"
    >>> tf.io.write_file(path, "name,age\nAda,36\nAlan,41\n")
    >>> ds = tf.data.experimental.make_csv_dataset(path, 2, label_name="age", num_epochs=1,
    ...                                            shuffle=False)
    >>> [(x["name"].numpy().tolist(), y.numpy().tolist()) for x, y in ds]
    [([b'Ada', b'Alan'], [36, 41])]
    """
    names = gfile.glob(file_pattern)
    if not names:
        raise DataError(f"no file fits {file_pattern!r}")
    layout = Layout(field_delim, use_quote_delim, na_value, header, compression_type == "GZIP",
                    encoding)  # fmt: skip
    known = _names_in(names, layout) if column_names is None else list(column_names)
    columns = _columns(
        names, layout, known, select_columns, column_defaults, num_rows_for_inference
    )
    if label_name is not None and label_name not in columns:
        raise InvalidArgumentError(f"label_name {label_name!r} is none of {list(columns)}")
    origin = Origin.here("make_csv_dataset")

    def start() -> Iterator[Element]:
        rows = records(names, [*columns.values()], layout, len(known), origin, ignore_errors)
        return (_with_label(dict(zip(columns, row, strict=True)), label_name) for row in rows)

    spec = {name: TensorSpec((), column.dtype) for name, column in columns.items()}
    dataset = Dataset(start, _with_label(spec, label_name), UNKNOWN_CARDINALITY, origin)
    if shuffle:
        dataset = dataset.shuffle(shuffle_buffer_size, shuffle_seed)
    return dataset.repeat(num_epochs).batch(batch_size, drop_remainder=num_epochs is None)


def _ascending(chosen: Sequence[int], defaults: Sequence[Any]) -> list[Column]:
    """Return the columns that are taken, which are said from left to right."""
    if len(chosen) != len(defaults) or list(chosen) != sorted(set(chosen)):
        raise InvalidArgumentError(f"columns, in ascending order, and defaults go in pairs: "
                                   f"{list(chosen)}, {len(defaults)} defaults")  # fmt: skip
    return [as_column(i, d) for i, d in zip(chosen, defaults, strict=True)]


def _with_label(features: dict[str, Any], label: str | None) -> Any:
    if label is None:
        return features
    return {k: v for k, v in features.items() if k != label}, features[label]


def _names_in(names: Sequence[str], layout: Layout) -> list[str]:
    """Return the names of columns, which all files have to agree upon."""
    if not layout.header:
        raise InvalidArgumentError("give column_names, or files whose first line holds them")
    whole = layout._replace(header=False)
    first = [next((fields for _, fields in whole.fields_of(name)), []) for name in names]
    if any(found != first[0] for found in first):
        raise InvalidArgumentError(f"the files {names} have different names in their first lines")
    return first[0]


def _columns(names: Sequence[str], layout: Layout, known: list[str], select: Any, defaults: Any,
             look_at: int | None) -> dict[str, Column]:  # fmt: skip
    """Return the columns that are taken, by name, in the order of the file."""
    if len(set(known)) != len(known):
        raise InvalidArgumentError(f"column names must differ, got {known}")
    chosen = [known.index(s) if isinstance(s, str) else int(s) for s in select or known]
    chosen.sort()
    if defaults is None:
        defaults = _found_defaults(names, layout, chosen, look_at)
    if len(defaults) != len(chosen):
        raise InvalidArgumentError(f"{len(chosen)} columns, but {len(defaults)} column_defaults")
    return {known[i]: as_column(i, d) for i, d in zip(chosen, defaults, strict=True)}


def _found_defaults(names: Sequence[str], layout: Layout, chosen: Sequence[int],
                    look_at: int | None) -> list[Tensor]:  # fmt: skip
    """Return a 0 or "" for each column, of the first type that its fields can be read as."""
    kinds = [-1] * len(chosen)
    rows = (fields for name in names for _, fields in layout.fields_of(name))
    for fields in islice(rows, look_at):
        for at, field in enumerate(fields[i] for i in chosen):
            if field not in ("", layout.na_value):
                kinds[at] = max(kinds[at], _kind(field))
    return [as_tensor("" if TYPES[k] is string else 0, TYPES[k]) for k in kinds]


def _kind(field: str) -> int:
    """Return the place in TYPES of the first type that a field can be read as."""
    for place, dtype in enumerate(TYPES[:-1]):
        try:
            found = value_of(field, dtype)
        except InvalidArgumentError:
            continue
        if dtype.is_integer or np.isfinite(found):
            return place
    return len(TYPES) - 1


@composed
def decode_csv(
    records: Any,
    record_defaults: Sequence[Any],
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    select_cols: Sequence[int] | None = None,
    name: str | None = None,
) -> list[Tensor]:
    """Take lines of a CSV file apart: `tf.io.decode_csv`.

    Parameters
    ----------
    records : Tensor
        Strings, any shape: a line each.
    record_defaults, field_delim, use_quote_delim, na_value, select_cols
        As for `CsvDataset`.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    list of Tensor
        One per column, of the shape of `records`.

    Examples
    --------
    >>> import minitf as tf
    >>> x, y = tf.io.decode_csv(["1,2.5", "3,"], [[0], [-1.0]])
    >>> x.numpy().tolist(), y.numpy().tolist()
    ([1, 3], [2.5, -1.0])
    """
    layout = Layout(field_delim, use_quote_delim, na_value, header=False)
    chosen = range(len(record_defaults)) if select_cols is None else select_cols
    columns = _ascending(chosen, record_defaults)
    lines = as_tensor(records)

    def take_apart(given: Any) -> list[Any]:
        rows = [next(layout.rows([text(line)])) for line in np.ravel(given)]
        _check_widths(rows, None if select_cols else len(columns))
        found = [[c.read(row[c.place], na_value).item() for row in rows] for c in columns]
        return [np.array(values, column.dtype.numpy).reshape(np.shape(given))
                for values, column in zip(found, columns, strict=True)]  # fmt: skip

    return list(numpy_function(take_apart, [lines],
                               [TensorSpec(lines.shape, c.dtype) for c in columns]))  # fmt: skip


def _check_widths(rows: Sequence[Sequence[str]], count: int | None) -> None:
    wrong = [row for row in rows if count is not None and len(row) != count]
    if wrong:
        raise InvalidArgumentError(f"{count} fields expected, got {len(wrong[0])}: {wrong[0]}")
