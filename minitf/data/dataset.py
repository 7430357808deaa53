"""`tf.data.Dataset`: where elements come from.

What can be done with them stands in `mapping`, `ordering`, `batching`, `joining`, `grouping` and
`storing`.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator as PythonIterator
from itertools import count
from types import SimpleNamespace
from typing import Any

import numpy as np

from minitf.data.batching import Batching
from minitf.data.calls import Turns
from minitf.data.element import (
    Element,
    as_element,
    check_lengths,
    rows,
    side_by_side,
    spec_of,
    to_array,
    without_axis,
)
from minitf.data.grouping import Grouping
from minitf.data.joining import Joining
from minitf.data.mapping import Mapping
from minitf.data.ordering import Ordering
from minitf.data.pipeline import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, Origin
from minitf.data.sources import generated, lines, numbers, promised_spec, promises_of
from minitf.data.storing import Storing
from minitf.dtypes import as_dtype, int64, string
from minitf.errors import InvalidArgumentError, NotFoundError
from minitf.graph.convert import plain
from minitf.graph.spec import TensorSpec
from minitf.ops.composed import composed
from minitf.ops.seeds import program_stream


class Dataset(Mapping, Ordering, Batching, Joining, Grouping, Storing):
    """Elements to loop over: an input pipeline, `tf.data.Dataset`.

    A dataset is made by one of the functions here, and changed by methods that return new ones. It
    holds no elements, but knows how to make them; each loop over it makes them anew.

    Examples
    --------
    >>> import minitf as tf
    >>> ds = tf.data.Dataset.from_tensor_slices(([1.0, 2.0, 3.0], [0, 1, 0]))
    >>> for x, y in ds.map(lambda x, y: (x * 10, y)).batch(2):
    ...     print(x.numpy(), y.numpy())
    [10. 20.] [0 1]
    [30.] [0]
    """

    # -- sources ------------------------------------------------------------------------------

    @staticmethod
    @composed
    def from_tensor_slices(tensors: Any, name: str | None = None) -> Dataset:
        """Take tensors apart along their first axis.

        Parameters
        ----------
        tensors : tensor, or nested structure (tuples, dicts) of tensors
            All of the same first size.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> ds = tf.data.Dataset.from_tensor_slices({"x": [[1, 2], [3, 4]], "y": [0, 1]})
        >>> next(iter(ds))["x"].numpy().tolist()
        [1, 2]
        """
        whole, origin = as_element(tensors), Origin.here("from_tensor_slices")
        size = check_lengths(whole)
        spec = without_axis(spec_of(whole))
        return Dataset(lambda: side_by_side(whole, rows), spec, size, origin)

    @staticmethod
    @composed
    def from_tensors(tensors: Any, name: str | None = None) -> Dataset:
        """Make a dataset of one element.

        Parameters
        ----------
        tensors : tensor, or nested structure of tensors
            The element.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> [x.numpy().tolist() for x in tf.data.Dataset.from_tensors([1, 2])]
        [[1, 2]]
        """
        element = as_element(tensors)
        return Dataset(
            lambda: iter([element]), lambda: spec_of(element), 1, Origin.here("from_tensors")
        )

    @staticmethod
    @composed
    def from_generator(
        generator: Callable[..., Any],
        output_types: Any = None,
        output_shapes: Any = None,
        args: Any = None,
        output_signature: Any = None,
        name: str | None = None,
    ) -> Dataset:
        """Take what a Python generator yields.

        Parameters
        ----------
        generator : callable
            Returns something to iterate over; called once for each loop.
        output_types : nested structure of DType, optional
            Types of the elements.
        output_shapes : nested structure of shapes, optional
            Shapes of the elements, None for sizes that differ; not checked unless given.
        args : sequence of tensors, optional
            Arguments of the generator; it gets them as arrays.
        output_signature : nested structure of TensorSpec, optional
            Types and shapes in one; in place of `output_types`.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> def squares():
        ...     for i in range(3):
        ...         yield i, [float(i * i)]
        >>> signature = (tf.TensorSpec((), tf.int32), tf.TensorSpec((1,), tf.float32))
        >>> ds = tf.data.Dataset.from_generator(squares, output_signature=signature)
        >>> [(int(i), y.numpy().tolist()) for i, y in ds]
        [(0, [0.0]), (1, [1.0]), (2, [4.0])]
        """
        if not callable(generator):
            raise InvalidArgumentError(
                f"generator must be a function that returns an iterator, got {generator!r}; "
                "write lambda: ..."
            )
        promises = promises_of(output_types, output_shapes, output_signature)
        arguments = [to_array(a) for a in args or ()]
        origin, turns = Origin.here("from_generator"), Turns()

        def start() -> PythonIterator[Element]:
            return generated(generator(*arguments), promises, turns.begin(), origin)

        def spec() -> Any:
            return promised_spec(promises, start, origin)

        return Dataset(start, spec, UNKNOWN_CARDINALITY, origin)

    @staticmethod
    @composed
    def range(*args: Any, output_type: Any = int64, name: str | None = None) -> Dataset:
        """Count.

        Parameters
        ----------
        *args : int
            Stop; or start and stop; or start, stop and step, as of Python's `range`.
        output_type : DType
            int64 by default.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> [int(x) for x in tf.data.Dataset.range(1, 7, 2)]
        [1, 3, 5]
        """
        counted, dtype = range(*(int(a) for a in args)), as_dtype(output_type)

        def start() -> PythonIterator[Element]:
            return (np.array(i, dtype.numpy) for i in counted)

        return Dataset(start, TensorSpec((), dtype), len(counted), Origin.here("range"))

    @staticmethod
    @composed
    def counter(
        start: Any = 0, step: Any = 1, dtype: Any = int64, name: str | None = None
    ) -> Dataset:
        """Count without end.

        Parameters
        ----------
        start, step : int
            The first number, and the difference between two.
        dtype : DType
            int64 by default.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> [int(x) for x in tf.data.Dataset.counter(5, 2).take(3)]
        [5, 7, 9]
        """
        first, by, kind = int(start), int(step), as_dtype(dtype)
        return Dataset(
            lambda: (np.array(i, kind.numpy) for i in count(first, by)),
            TensorSpec((), kind),
            INFINITE_CARDINALITY,
            Origin.here("counter"),
        )

    @staticmethod
    @composed
    def random(
        seed: Any = None, rerandomize_each_iteration: bool | None = None, name: str | None = None
    ) -> Dataset:
        """Draw whole numbers below 2^32 without end.

        Parameters
        ----------
        seed : int, optional
            Together with the program's seed, decides the numbers.
        rerandomize_each_iteration : bool, optional
            Whether each loop has numbers of its own; they are the same unless it is True.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset
            Of int64.

        Examples
        --------
        >>> import minitf as tf
        >>> a, b = tf.data.Dataset.random(seed=7).take(2)
        >>> 0 <= int(a) < 2**32
        True
        """
        stream = program_stream(seed)
        always = None if rerandomize_each_iteration else stream.next()
        return Dataset(
            lambda: numbers(always or stream.next()),
            TensorSpec((), int64),
            INFINITE_CARDINALITY,
            Origin.here("random"),
        )

    @staticmethod
    @composed
    def list_files(
        file_pattern: Any, shuffle: bool | None = None, seed: Any = None, name: str | None = None
    ) -> Dataset:
        """List the files that fit a pattern.

        Parameters
        ----------
        file_pattern : str, or sequence of str
            With ``*``, ``?``, ``[...]`` as in a shell, and ``**`` for any folders.
        shuffle : bool, optional
            Whether to list them in random order (another one each time): True by default.
        seed : int, optional
            Decides the order; see `shuffle`.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset
            Of strings.

        Raises
        ------
        NotFoundError
            If no file fits.

        Examples
        --------
        >>> import minitf as tf
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     Path(folder, "a.txt").touch()
        ...     names = [n.numpy().decode() for n in tf.data.Dataset.list_files(folder + "/*.txt")]
        >>> Path(names[0]).name
        'a.txt'
        """
        from glob import glob

        patterns = [str(p) for p in np.ravel(plain(file_pattern))]
        names = sorted({n for p in patterns for n in glob(p, recursive=True)})
        if not names:
            raise NotFoundError(f"no file fits {' or '.join(patterns)}")
        found = Dataset.from_tensor_slices(names)
        return found if shuffle is False else found.shuffle(len(names), seed)

    # -- options ------------------------------------------------------------------------------

    def with_options(self, options: Options, name: str | None = None) -> Dataset:
        """Return the dataset itself: `Options` change nothing here.

        Examples
        --------
        >>> import minitf as tf
        >>> options = tf.data.Options()
        >>> options.deterministic = True
        >>> len(tf.data.Dataset.range(3).with_options(options))
        3
        """
        return self


class Options(SimpleNamespace):
    """What TensorFlow can be told about how a pipeline runs; kept, and not acted upon.

    Examples
    --------
    >>> import minitf as tf
    >>> options = tf.data.Options()
    >>> options.experimental_optimization.map_parallelization = True
    """

    def __init__(self) -> None:
        groups = ("autotune", "experimental_distribute", "experimental_optimization", "threading")
        super().__init__(deterministic=True, **{name: SimpleNamespace() for name in groups})


@composed
def text_lines(
    filenames: Any,
    compression_type: str | None = None,
    buffer_size: Any = None,
    num_parallel_reads: Any = None,
    name: str | None = None,
) -> Dataset:
    """Read text files line by line: `tf.data.TextLineDataset`.

    Parameters
    ----------
    filenames : str, or sequence of str
        UTF-8 text files, one after the other.
    compression_type : {"", "GZIP"}, optional
        How they are packed.
    buffer_size, num_parallel_reads, name : optional
        Accepted as in TensorFlow.

    Returns
    -------
    Dataset
        Of strings, without the ends of the lines.

    Examples
    --------
    >>> import minitf as tf
    >>> [line.numpy() for line in tf.data.TextLineDataset("setup.cfg").take(1)]
    [b'[metadata]']
    """
    names = [str(n) for n in np.ravel(plain(filenames))]
    kind = compression_type or ""
    if kind not in ("", "GZIP"):
        raise InvalidArgumentError(f"compression_type is '' or 'GZIP', got {kind!r}")
    origin = Origin.here("TextLineDataset")
    spec = TensorSpec((), string)
    return Dataset(lambda: lines(names, kind == "GZIP", origin), spec, UNKNOWN_CARDINALITY, origin)


TextLineDataset = text_lines
