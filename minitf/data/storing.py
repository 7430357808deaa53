"""Elements that are kept: in memory, or in a file that other programs can go through too."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator as PythonIterator
from pathlib import Path
from typing import Any

from minitf.data.element import Element
from minitf.data.pipeline import UNKNOWN_CARDINALITY, Origin, Pipeline, first_spec
from minitf.data.records import check_file, count_of, read_elements, written
from minitf.errors import Error, FailedPreconditionError
from minitf.graph.convert import plain
from minitf.ops.composed import composed

NAME = "elements.minitf"  # in the directories that `save` writes


class Storing(Pipeline):
    """What a dataset can do to keep its elements."""

    @composed
    def cache(self, filename: Any = "", name: str | None = None) -> Any:
        """Keep the elements, so that they are made only once.

        What comes before is done once, in the first loop that reaches the end; random
        transformations belong behind.

        Parameters
        ----------
        filename : str or pathlib.Path, optional
            File to keep them in, for later programs too; in memory if it is empty. It appears when
            a loop has reached the end. Delete it when what comes before has changed.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> ds = tf.data.Dataset.range(2).map(lambda x: print("computing") or x).cache()
        >>> [int(x) for x in ds], [int(x) for x in ds]
        computing
        computing
        ([0, 1], [0, 1])
        """
        path = _path(filename)
        if path is not None:
            return self._kept_in(path, Origin.here("cache"))
        kept: list[list[Element]] = []  # empty until a loop has reached the end

        def start() -> PythonIterator[Element]:
            return iter(kept[0]) if kept else remembered(self.elements(), kept)

        return self.derived(start, lambda: self.element_spec, self._size, Origin.here("cache"))

    @composed
    def snapshot(
        self,
        path: Any,
        compression: Any = "AUTO",
        reader_func: Any = None,
        shard_func: Any = None,
        name: str | None = None,
    ) -> Any:
        """Keep the elements in a directory: ``cache`` with a file in there.

        Parameters
        ----------
        path : str or pathlib.Path
            The directory.
        compression, reader_func, shard_func, name : optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset
        """
        return self._kept_in(Path(plain(path)) / NAME, Origin.here("snapshot"))

    def _kept_in(self, path: Path, origin: Origin) -> Any:
        def start() -> PythonIterator[Element]:
            if path.exists():
                return checked(path, origin)
            path.parent.mkdir(parents=True, exist_ok=True)
            return written(self.elements(), path)

        return self.derived(start, lambda: self.element_spec, self._size, origin)

    @composed
    def save(
        self,
        path: Any,
        compression: Any = None,
        shard_func: Any = None,
        checkpoint_args: Any = None,
    ) -> None:
        """Write all elements into a directory, for `Dataset.load`.

        Parameters
        ----------
        path : str or pathlib.Path
            The directory.
        compression, shard_func, checkpoint_args : optional
            Accepted as in TensorFlow.

        Examples
        --------
        >>> import minitf as tf
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     tf.data.Dataset.range(3).save(folder)
        ...     print([int(x) for x in tf.data.Dataset.load(folder)])
        [0, 1, 2]
        """
        directory = Path(plain(path))
        directory.mkdir(parents=True, exist_ok=True)
        for _ in written(self.elements(), directory / NAME):
            pass

    @classmethod
    @composed
    def load(
        cls,
        path: Any,
        element_spec: Any = None,
        compression: Any = None,
        reader_func: Any = None,
        wait: bool = False,
    ) -> Any:
        """Return the dataset that `save` has written into a directory.

        Parameters
        ----------
        path : str or pathlib.Path
            The directory.
        element_spec : nested structure of TensorSpec, optional
            Describes the elements; the first one does unless given.
        compression, reader_func, wait : optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Raises
        ------
        DataError
            If there is none, or it is damaged.
        """
        file, origin = Path(plain(path)) / NAME, Origin.here("load")
        size = count_of(file)

        def start() -> PythonIterator[Element]:
            return checked(file, origin)

        def spec() -> Any:
            return first_spec(start, origin)

        return cls.derived(start, spec if element_spec is None else element_spec, size, origin)

    @composed
    def assert_cardinality(self, expected_cardinality: Any) -> Any:
        """State how many elements there are, where that is not known.

        Parameters
        ----------
        expected_cardinality : int
            A loop raises an error if there are more or fewer.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> ds = tf.data.Dataset.range(9).filter(lambda x: x < 5)
        >>> len(ds.apply(tf.data.experimental.assert_cardinality(5)))
        5
        """
        size, origin = int(expected_cardinality), Origin.here("assert_cardinality")

        def start() -> PythonIterator[Element]:
            return counted(self.elements(), size, origin) if size >= 0 else self.elements()

        return self.derived(
            start, lambda: self.element_spec, max(size, UNKNOWN_CARDINALITY), origin
        )


# -- details ----------------------------------------------------------------------------------


def remembered(
    elements: PythonIterator[Element], kept: list[list[Element]]
) -> PythonIterator[Element]:
    """Yield elements, and keep all of them when the end is reached."""
    found = []
    for element in elements:
        found.append(element)
        yield element
    kept[:] = [found]


def checked(path: Path, origin: Origin) -> PythonIterator[Element]:
    """Yield the elements of a file, once its checksum has turned out to be right."""
    _told(lambda: check_file(path), origin)
    return read_elements(path)


def counted(
    elements: PythonIterator[Element], size: int, origin: Origin
) -> PythonIterator[Element]:
    """Yield elements, and raise an error if there are not as many as was stated."""
    count = 0
    for element in elements:
        count += 1
        if count <= size:
            yield element
    if count != size:
        problem = FailedPreconditionError(f"expected {size} elements, got {count}")
        raise origin.located(problem)


def _told(call: Callable[[], None], origin: Origin) -> None:
    try:
        call()
    except Error as error:
        raise origin.located(error) from error.__cause__


def _path(filename: Any) -> Path | None:
    name = plain(filename)
    return Path(name) if str(name) else None
