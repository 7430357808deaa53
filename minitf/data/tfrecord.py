"""TFRecord files: records of bytes, one after the other, each with its length and checksums.

How a record is framed stands in `minitf.runtime.events.records`; what is usually in one, in
`minitf.data.example`.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from minitf.data.dataset import Dataset
from minitf.data.element import Array, is_dataset
from minitf.data.pipeline import AUTOTUNE, UNKNOWN_CARDINALITY, Origin
from minitf.dtypes import string
from minitf.errors import (
    DataLossError,
    Error,
    FailedPreconditionError,
    InvalidArgumentError,
    UsageError,
    no_access,
)
from minitf.graph.convert import as_array, plain
from minitf.graph.spec import TensorSpec
from minitf.ops.composed import composed
from minitf.ops.strings import raw
from minitf.runtime.events.records import read_records
from minitf.runtime.events.records import record as framed


class TFRecordOptions:
    """How a TFRecord file is packed.

    Parameters
    ----------
    compression_type : {"", "GZIP"}, optional
        Whether it is packed by gzip.
    compression_level : int, optional
        0 (none) to 9 (best).
    flush_mode, input_buffer_size, output_buffer_size, window_bits : optional
        Accepted as in TensorFlow.
    compression_method, mem_level, compression_strategy : optional
        Accepted as in TensorFlow.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.io.TFRecordOptions("GZIP", compression_level=9).compression_type
    'GZIP'
    """

    def __init__(
        self,
        compression_type: str | None = None,
        flush_mode: Any = None,
        input_buffer_size: Any = None,
        output_buffer_size: Any = None,
        window_bits: Any = None,
        compression_level: int | None = None,
        compression_method: Any = None,
        mem_level: Any = None,
        compression_strategy: Any = None,
    ):
        self.compression_type = _kind(compression_type)
        self.compression_level = compression_level


class TFRecordWriter:
    """Writes a TFRecord file.

    Parameters
    ----------
    path : str or pathlib.Path
        The file; one that is there is replaced.
    options : TFRecordOptions or str, optional
        How to pack it: "GZIP", or "" for not at all.

    Examples
    --------
    >>> import minitf as tf
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with tf.io.TFRecordWriter(folder + "/words.tfrecord") as writer:
    ...         writer.write(b"to")
    ...         writer.write(b"be")
    ...     dataset = tf.data.TFRecordDataset(folder + "/words.tfrecord")
    ...     print([record.numpy() for record in dataset])
    [b'to', b'be']
    """

    def __init__(self, path: Any, options: Any = None):
        given = options if isinstance(options, TFRecordOptions) else TFRecordOptions(options)
        self._name = _plain(path)
        level = 9 if given.compression_level is None else given.compression_level
        try:
            if given.compression_type:
                self._file: Any = gzip.GzipFile(self._name, "wb", level)
            else:
                self._file = open(self._name, "wb")  # noqa: SIM115  (it stays open)
        except OSError as error:
            raise no_access(self._name, error, "written") from error

    def write(self, record: bytes) -> None:
        """Write a record.

        Parameters
        ----------
        record : bytes or str
            Usually ``example.SerializeToString()``.
        """
        if not isinstance(record, (bytes, str)):
            raise UsageError(
                f"TFRecordWriter.write: expected bytes, got {type(record).__name__}; of a Tensor "
                "take .numpy(), of an Example .SerializeToString()"
            )
        if self._file.closed:
            raise FailedPreconditionError(f"TFRecordWriter.write: {self._name} is closed")
        self._file.write(framed(raw(record)))

    def flush(self) -> None:
        """Hand everything to the operating system."""
        self._file.flush()

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def __enter__(self) -> TFRecordWriter:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()


class DatasetWriter:
    """Writes the elements of a dataset to a file: `tf.data.experimental.TFRecordWriter`.

    Parameters
    ----------
    filename : str or pathlib.Path
        The file.
    compression_type : {"", "GZIP"}, optional
        How to pack it.
    """

    def __init__(self, filename: Any, compression_type: str | None = None):
        self._filename, self._kind = filename, compression_type

    def write(self, dataset: Dataset) -> None:
        """Write all elements, which are strings."""
        with TFRecordWriter(self._filename, self._kind) as writer:
            for element in dataset:
                if isinstance(element, (tuple, dict)) or element.spec != TEXT:
                    raise UsageError("TFRecordWriter.write: the elements must be single strings; "
                                     "serialize them first, in dataset.map")  # fmt: skip
                writer.write(element.numpy())


@composed
def TFRecordDataset(
    filenames: Any,
    compression_type: str | None = None,
    buffer_size: Any = None,
    num_parallel_reads: Any = None,
    name: str | None = None,
) -> Dataset:
    """Read TFRecord files record by record: `tf.data.TFRecordDataset`.

    Parameters
    ----------
    filenames : str, sequence of str, or Dataset of them
        The files.
    compression_type : {"", "GZIP"}, optional
        How they are packed.
    buffer_size : optional
        Accepted as in TensorFlow.
    num_parallel_reads : int, optional
        How many files to read at the same time, one record of each in turn. One after the other by
        default.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Dataset
        Of strings of bytes.

    Raises
    ------
    DataLossError
        When a record is asked for that is damaged.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.data.TFRecordDataset(["train.tfrecord"]).element_spec
    TensorSpec(shape=(), dtype=tf.string)
    """
    kind, origin = _kind(compression_type), Origin.here("TFRecordDataset")
    files = filenames if is_dataset(filenames) else Dataset.from_tensor_slices(_names(filenames))

    def read(file: Any) -> Dataset:
        name = _plain(file)
        return Dataset(lambda: _records(name, kind, origin), TEXT, UNKNOWN_CARDINALITY, origin)

    count = None if num_parallel_reads is None else int(num_parallel_reads)
    if count is None or count == 1:
        found = files.flat_map(read)
    else:
        at_once = None if count == AUTOTUNE else count
        found = files.interleave(read, at_once, 1, num_parallel_calls=at_once)
    return Dataset(found.elements, TEXT, UNKNOWN_CARDINALITY, origin)


TEXT = TensorSpec((), string)


# -- details ----------------------------------------------------------------------------------


def _records(name: str, kind: str, origin: Origin) -> Iterator[Array]:
    """Yield the records of a file as arrays of one string."""
    try:
        with _opened(name, kind) as stream:
            for content in read_records(stream, name):
                yield as_array(content)
    except Error as error:
        raise origin.located(error) from error.__cause__
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        damage = DataLossError(f"{name} is damaged, or not packed by gzip: {error}")
        raise origin.located(damage) from error
    except OSError as error:
        raise origin.located(no_access(name, error)) from error


def _opened(name: str, kind: str) -> IO[bytes]:
    return gzip.open(name, "rb") if kind else Path(name).open("rb")  # type: ignore[return-value]


def _kind(compression_type: Any) -> str:
    kind = compression_type or ""
    if kind not in ("", "GZIP"):
        raise InvalidArgumentError(f"compression_type is '' or 'GZIP', got {kind!r}")
    return str(kind)


def _names(filenames: Any) -> Array:
    listed = [_plain(name) for name in np.ravel(plain(filenames))]
    return np.array([*listed, None], object)[:-1]  # of strings, even if there are none


def _plain(path: Any) -> str:
    return str(plain(path))
