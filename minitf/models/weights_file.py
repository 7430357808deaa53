"""HDF5 files of arrays: written in memory, and read with nothing taken on trust.

In Keras' layout every part of a model has a group (see `minitf.models.walk`), in it a group
``vars`` whose attribute ``name`` is the part's name, and in that its arrays: ``0``, ``1``, ...

HDF5 can do far more than hold arrays: a link may point into another file, a dataset may be pieced
together from other files, or declare terabytes and store none. All of that is refused before any
data is read: only groups and plain arrays of numbers remain, each in one place, each as long in
the file as its shape says.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from minitf.errors import DataError, DataLossError, Error, NotFoundError

Array = np.ndarray[Any, Any]
KINDS = "biuf"  # NumPy's letters for the types of numbers


# -- writing --------------------------------------------------------------------------------------


class WeightsWriter:
    """Collects the arrays of a model's parts.

    Examples
    --------
    >>> writer = WeightsWriter()
    >>> writer.store("layers/dense", "dense")["0"] = np.ones(2)
    >>> with open_weights(writer.content(), "example") as file:
    ...     file.arrays("layers/dense")["0"].tolist()
    [1.0, 1.0]
    """

    def __init__(self) -> None:
        import h5py

        self._bytes = io.BytesIO()
        self.file = h5py.File(self._bytes, "w")

    def store(self, place: str, name: str | None) -> Store:
        """Return a mapping that takes the arrays of the part at a place."""
        group = self.file.create_group(f"{place}/vars" if place else "vars")
        if isinstance(name, str):
            group.attrs["name"] = name
        return Store(group)

    def content(self) -> bytes:
        """Return the finished file."""
        self.file.close()
        return self._bytes.getvalue()


class Store:
    """Writes what it is given into a group."""

    def __init__(self, group: Any):
        self._group = group

    def __setitem__(self, key: str, value: Any) -> None:
        write_array(self._group, key, value)


def write_array(group: Any, key: str, value: Any) -> None:
    """Write an array, a Tensor or a Variable into a group of an HDF5 file."""
    array = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
    if array.dtype.kind not in KINDS:
        raise DataError(f"save: {key!r} holds {array.dtype}, and only numbers are saved")
    group.create_dataset(key, data=array)


# -- reading --------------------------------------------------------------------------------------


@contextmanager
def open_weights(source: bytes | Path, name: str) -> Iterator[WeightsFile]:
    """Open an HDF5 file, checked from end to end, for the length of a block.

    Parameters
    ----------
    source : bytes or Path
        The file, or what it holds.
    name : str
        What to call it in errors.

    Raises
    ------
    DataError
        Where it is none, or holds anything but groups and plain arrays.
    DataLossError
        Where it is damaged.
    """
    import h5py

    with explained(name):
        file = h5py.File(io.BytesIO(source) if isinstance(source, bytes) else source, "r")
    with file:
        with explained(name):
            datasets = dict(_datasets(file, name))
        yield WeightsFile(file, datasets, name)


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn whatever strange bytes make the HDF5 library stumble over into one kind of error."""
    try:
        yield
    except Error:
        raise
    except FileNotFoundError as error:
        raise DataError(f"there is no file {name}") from error
    except (OSError, RuntimeError, LookupError, ValueError, TypeError, OverflowError,
            AttributeError, MemoryError) as error:  # fmt: skip
        raise DataLossError(f"{name} is damaged, or is no HDF5 file: {error}") from error


def _datasets(file: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield all arrays with their paths; refuse what is no group and no plain array."""
    import h5py

    seen: set[Any] = set()
    waiting = [("", file)]
    while waiting:
        path, group = waiting.pop()
        for key in group:
            where = f"{path}/{key}" if path else key
            if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                raise DataError(f"{name}: {where!r} is a link, which a file of weights has not")
            item = group[key]
            address = h5py.h5o.get_info(item.id).addr
            if address in seen:
                raise DataError(f"{name}: {where!r} stands in two places")
            seen.add(address)
            if isinstance(item, h5py.Group):
                waiting.append((where, item))
            else:
                _check_plain(item, f"{name}: {where!r}")
                yield where, item


def _check_plain(item: Any, what: str) -> None:
    import h5py

    if not isinstance(item, h5py.Dataset) or item.dtype.kind not in KINDS:
        kind = getattr(item, "dtype", type(item).__name__)
        raise DataError(f"{what} is no array of numbers, but {kind}")
    if item.external or item.is_virtual:
        raise DataError(f"{what} lies in other files, which are not read")
    stored = item.id.get_storage_size()
    if item.shape is None or stored < item.size * item.dtype.itemsize:
        raise DataError(f"{what} declares the shape {item.shape} and stores {stored} bytes: it is "
                        "compressed, or cut short")  # fmt: skip


class WeightsFile:
    """The arrays of an open file.

    Parameters
    ----------
    file : h5py.File
        Open.
    datasets : dict of str to h5py.Dataset
        All of its arrays, by path, checked.
    name : str
        What to call it in errors.

    Attributes
    ----------
    used : set of str
        The paths of the arrays that some part was offered.
    """

    def __init__(self, file: Any, datasets: dict[str, Any], name: str):
        self.file, self.datasets, self.name = file, datasets, name
        self.used: set[str] = set()

    def arrays(self, place: str) -> Arrays:
        """Return the arrays of the part at a place."""
        prefix = f"{place}/vars/" if place else "vars/"
        paths = [path for path in self.datasets if path.startswith(prefix)]
        self.used.update(paths)
        return Arrays({p[len(prefix) :]: self.datasets[p] for p in paths}, f"{self.name}: {place}")

    def attribute(self, name: str, path: str = "/") -> Any:
        """Return an attribute of a group as text or list of texts; None if there is none."""
        with explained(self.name):
            found = self.file[path].attrs.get(name)
        if found is None or isinstance(found, str):
            return found
        if isinstance(found, bytes):
            return found.decode()
        return [v.decode() if isinstance(v, bytes) else str(v) for v in np.atleast_1d(found)]

    def long_attribute(self, name: str, path: str) -> list[str]:
        """Return a list of texts that may be cut into pieces: name, or name0, name1, ..."""
        whole = self.attribute(name, path)
        if whole is not None:
            return list(whole)
        pieces: list[list[str]] = []
        while (piece := self.attribute(f"{name}{len(pieces)}", path)) is not None:
            pieces.append(piece)
        return [text for piece in pieces for text in piece]


class Arrays(Mapping[str, Array]):
    """The arrays of one part, read when they are asked for."""

    def __init__(self, datasets: dict[str, Any], what: str):
        self._datasets, self._what = datasets, what

    def __getitem__(self, key: str) -> Array:
        if key not in self._datasets:
            raise NotFoundError(f"{self._what} holds no array {key!r}")
        with explained(self._what):
            return np.asarray(self._datasets[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._datasets)

    def __len__(self) -> int:
        return len(self._datasets)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the arrays, without reading these."""
        return {key: tuple(dataset.shape) for key, dataset in self._datasets.items()}
