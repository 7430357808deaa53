"""Checkpoints: the values of Variables in one file, whole or not at all, read without executing.

A checkpoint is an uncompressed zip archive: ``manifest.json`` names every value with its shape,
dtype and SHA-256, and each value is a ``.npy`` file. Anything that differs from the manifest (a
file cut short, a flipped bit, an entry too many) is an error before a single Variable has changed.

The Variables of a model have the names that they have in its ``.weights.h5`` file. Of an iterator
over a dataset the number of elements is saved that it has returned.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from minitf.data.pipeline import Iterator as DatasetIterator
from minitf.errors import (
    DataError,
    DataLossError,
    DTypeError,
    InvalidArgumentError,
    MissingFileError,
    NotFoundError,
    ShapeError,
    warn,
)
from minitf.graph.context import init_scope
from minitf.ops.state import Variable
from minitf.ops.transaction import alone_with, together
from minitf.optimizers.optimizer import Optimizer
from minitf.paths import write_whole
from minitf.runtime.module import Module

FORMAT, VERSION, SUFFIX = "minitf checkpoint", 1, ".ckpt"
KINDS = "biuf"  # NumPy's letters for the types of numbers
Values = dict[str, np.ndarray[Any, Any]]


class Checkpoint:
    """Saves and restores the Variables of some objects.

    Parameters
    ----------
    root : object, optional
        An object whose attributes are saved.
    **objects : Variable, Module, Model, Optimizer, metric, iterator, or list or dict of them
        What is saved, by name.

    Examples
    --------
    >>> import minitf as tf, tempfile
    >>> w = tf.Variable([1.0, 2.0])
    >>> path = tf.train.Checkpoint(w=w).write(tempfile.mkdtemp() + "/model")
    >>> _ = w.assign([0.0, 0.0])
    >>> _ = tf.train.Checkpoint(w=w).read(path)
    >>> w.numpy().tolist()
    [1.0, 2.0]
    """

    def __init__(self, root: Any = None, **objects: Any):
        self._root = root
        self.save_counter = 0
        for name, value in objects.items():
            if hasattr(self, name):
                raise InvalidArgumentError(f"Checkpoint: {name!r} is taken; choose another name")
            setattr(self, name, value)

    def write(self, file_prefix: str | Path) -> str:
        """Write all values to ``file_prefix.ckpt`` and return the path without the suffix."""
        path = Path(f"{file_prefix}{SUFFIX}")
        path.parent.mkdir(parents=True, exist_ok=True)
        variables = named_variables(self)
        with alone_with(frozenset(variables.values())):  # no run changes them half-way
            values = {name: np.asarray(v.numpy()) for name, v in variables.items()}
        values |= {name: np.asarray(i.taken) for name, i in _iterators(self).items()}
        write_whole(path, pack(values))
        return str(file_prefix)

    def save(self, file_prefix: str | Path) -> str:
        """Write all values to a file with a running number, and return its path."""
        self.save_counter += 1
        return self.write(f"{file_prefix}-{self.save_counter}")

    def read(self, save_path: str | Path) -> RestoreStatus:
        """Give the Variables the values of a file.

        Returns
        -------
        RestoreStatus
            Says which names met no partner.

        Raises
        ------
        DataError, DataLossError
            For a file that is missing, is no checkpoint, or was damaged.
        ShapeError, DTypeError
            For a value that does not fit its Variable; nothing has changed then.
        """
        values = unpack(existing(save_path))
        variables, iterators = named_variables(self), _iterators(self)
        found = sorted(variables.keys() & values.keys())
        for name in found:
            _check_fits(name, variables[name], values[name])
        with init_scope(), together(frozenset(variables.values())):
            for name in found:
                variables[name].assign(values[name])
        for name in iterators.keys() & values.keys():
            iterators[name].go_to(int(values[name]))
        here = variables.keys() | iterators.keys()
        surplus = values.keys() - here
        left = {name: values[name] for name in surplus}
        waiting = _leave_for_optimizers(self, left) | _leave_for_layers(self, left)
        _warn_of_unbuilt(self, surplus - waiting)
        return RestoreStatus(sorted(here - values.keys()), sorted(surplus - waiting))

    def restore(self, save_path: str | Path | None) -> RestoreStatus:
        """Do as `read`; None restores nothing. The running number goes on from the file's."""
        if save_path is None:
            return RestoreStatus([], [])
        status = self.read(save_path)
        if number := re.search(r"-(\d+)$", str(save_path)):
            self.save_counter = int(number[1])
        return status


class RestoreStatus:
    """What a restore left over.

    Attributes
    ----------
    missing : list of str
        Variables that the file has no value for.
    surplus : list of str
        Values of the file that no Variable wanted.
    """

    def __init__(self, missing: list[str], surplus: list[str]):
        self.missing = missing
        self.surplus = surplus

    def assert_consumed(self) -> RestoreStatus:
        """Raise unless every Variable has found a value and every value a Variable."""
        if self.missing or self.surplus:
            raise NotFoundError(
                f"restore: without a value in the file: {self.missing or 'none'}; "
                f"without a Variable here: {self.surplus or 'none'}"
            )
        return self

    def assert_existing_objects_matched(self) -> RestoreStatus:
        """Raise unless every Variable has found a value."""
        if self.missing:
            raise NotFoundError(f"restore: without a value in the file: {self.missing}")
        return self

    def expect_partial(self) -> RestoreStatus:
        """Accept whatever is left over."""
        return self


class CheckpointManager:
    """Keeps the last few checkpoints of a directory.

    Parameters
    ----------
    checkpoint : Checkpoint
        What is saved.
    directory : path
        Where.
    max_to_keep : int or None
        Older ones are deleted; None keeps all.
    checkpoint_name : str
        First part of the files' names.
    """

    def __init__(self, checkpoint: Checkpoint, directory: str | Path, max_to_keep: int | None = 5,
                 checkpoint_name: str = "ckpt"):  # fmt: skip
        if max_to_keep is not None and max_to_keep < 1:
            raise InvalidArgumentError(f"max_to_keep is a number >= 1 or None, got {max_to_keep}")
        self.checkpoint = checkpoint
        self.directory = Path(directory)
        self._keep = max_to_keep
        self._name = checkpoint_name

    @property
    def checkpoints(self) -> list[str]:
        """Paths of the checkpoints in the directory, the oldest first."""
        return _numbered(self.directory, self._name)

    @property
    def latest_checkpoint(self) -> str | None:
        """Path of the newest checkpoint."""
        return self.checkpoints[-1] if self.checkpoints else None

    def save(self, checkpoint_number: int | None = None) -> str:
        """Write a checkpoint, delete those that are too old, and return its path.

        Its number is greater than that of any other, also if an earlier process wrote those.
        """
        last = max(map(_number, self.checkpoints), default=0)
        if checkpoint_number is None:
            checkpoint_number = max(last, self.checkpoint.save_counter) + 1
        self.checkpoint.save_counter = int(checkpoint_number) - 1
        path = self.checkpoint.save(self.directory / self._name)
        for old in self.checkpoints[: -self._keep] if self._keep else []:
            Path(old + SUFFIX).unlink(missing_ok=True)
        return path

    def restore_or_initialize(self) -> str | None:
        """Restore the newest checkpoint, if there is one, and return its path."""
        self.checkpoint.restore(self.latest_checkpoint)
        return self.latest_checkpoint


def latest_checkpoint(checkpoint_dir: str | Path) -> str | None:
    """Return the path of the newest checkpoint in a directory, or None.

    Examples
    --------
    >>> import minitf as tf, tempfile
    >>> tf.train.latest_checkpoint(tempfile.mkdtemp()) is None
    True
    """
    directory = Path(checkpoint_dir)
    files = directory.glob(f"*{SUFFIX}") if directory.is_dir() else []
    found = [str(p)[: -len(SUFFIX)] for p in files]
    return max(found, key=lambda p: (Path(p + SUFFIX).stat().st_mtime_ns, _number(p)), default=None)


def _numbered(directory: Path, name: str) -> list[str]:
    """Return the paths ``name-1``, ``name-2``, ... of the checkpoints in a directory, in order."""
    files = directory.iterdir() if directory.is_dir() else []
    found = [str(p)[: -len(SUFFIX)] for p in files
             if re.fullmatch(rf"{re.escape(name)}-\d+{re.escape(SUFFIX)}", p.name)]  # fmt: skip
    return sorted(found, key=_number)


def _number(path: str) -> int:
    number = re.search(r"\d+$", path)
    return int(number[0]) if number else 0


# -- what an object holds ----------------------------------------------------------------------


def named_variables(value: Any) -> dict[str, Variable]:
    """Return the Variables below an object, by paths such as ``model/layers/0/w``.

    Raises
    ------
    InvalidArgumentError
        Where two Variables would have one path.
    """
    found: dict[str, Variable] = {}
    for path, variable in _walk(value):
        if isinstance(variable, Variable) and found.setdefault(path, variable) is not variable:
            raise InvalidArgumentError(f"two Variables would be saved as {path!r}; rename one")
    return found


def _walk(
    value: Any, path: str = "", above: frozenset[int] = frozenset()
) -> Iterator[tuple[str, Any]]:
    """Yield the Variables, Optimizers, layers and iterators below an object, with their paths."""
    if id(value) in above:
        return
    if isinstance(value, (Variable, Optimizer, DatasetIterator)) or _is_layer(value):
        yield path, value
    for key, part in _parts(value):
        yield from _walk(part, f"{path}/{key}" if path else str(key), above | {id(value)})


def _parts(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Optimizer):
        return list(value.named_state().items())
    if isinstance(value, Checkpoint):
        own = {k: v for k, v in vars(value).items() if k not in ("_root", "save_counter")}
        root = value._root
        return (_parts(root) or sorted(getattr(root, "__dict__", {}).items())) + list(own.items())
    if isinstance(value, Mapping):
        return sorted(value.items(), key=lambda item: str(item[0]))
    if isinstance(value, (list, tuple)):
        return list(enumerate(value))
    if _is_layer(value):
        return _layer_parts(value)
    if hasattr(value, "update_state"):  # a metric
        return list(enumerate(value.variables))
    return sorted(vars(value).items()) if isinstance(value, Module) else []


def _is_layer(value: Any) -> bool:
    return isinstance(value, Module) and hasattr(value, "load_own_variables")


def _layer_parts(layer: Any) -> list[tuple[str, Any]]:
    """Return the Variables and Optimizers of a layer by their places in Keras' files."""
    from minitf.models.walk import parts_of  # for programs without layers nothing is loaded

    found: list[tuple[str, Any]] = []
    for place, part in parts_of(layer).items():
        if isinstance(part, Optimizer):
            found.append((place, part))
        elif _is_layer(part):
            start = f"{place}/vars" if place else "vars"
            found += [(f"{start}/{i}", v) for i, v in enumerate(part._own_variables())]
    return found


def _iterators(checkpoint: Checkpoint) -> dict[str, DatasetIterator]:
    return {path: found for path, found in _walk(checkpoint) if isinstance(found, DatasetIterator)}


def _warn_of_unbuilt(checkpoint: Checkpoint, surplus: set[str]) -> None:
    """Say which layers could not be restored, since their Variables do not exist yet."""
    for path, layer in _walk(checkpoint):
        if _is_layer(layer) and not layer.built and any(s.startswith(f"{path}/") for s in surplus):
            warn(f"restore: {path!r} keeps its values, since it has not been built: call "
                          "it on data, or build() it, before restoring")  # fmt: skip


def _leave_for_optimizers(checkpoint: Checkpoint, values: Values) -> set[str]:
    """Leave values with Optimizers that will create the Variables for them in their first step."""
    taken: set[str] = set()
    for path, optimizer in _walk(checkpoint):
        if isinstance(optimizer, Optimizer):
            mine = {name for name in values if name.startswith(f"{path}/slots/")}
            optimizer.restore_later({name[len(path) + 1 :]: values[name] for name in mine})
            taken |= mine
    return taken


def _leave_for_layers(checkpoint: Checkpoint, values: Values) -> set[str]:
    """Leave values with layers that will create the Variables for them when they are built."""
    from minitf.models.walk import parts_of  # for programs without layers nothing is loaded

    taken: set[str] = set()
    for path, layer in _walk(checkpoint):
        for place, part in parts_of(layer).items() if _is_layer(layer) else ():
            start = "/".join(filter(None, [path, place, "vars/"]))
            mine = {name for name in values if name.startswith(start)}
            if mine and _is_layer(part) and not part.built:
                part.restore_later({int(name[len(start) :]): values[name] for name in mine})
                taken |= mine
    return taken


def _check_fits(name: str, variable: Variable, array: np.ndarray[Any, Any]) -> None:
    if not variable.shape.is_compatible_with(array.shape):
        raise ShapeError(f"restore: {name!r} has shape {variable.shape}, the file {array.shape}")
    if array.dtype != variable.dtype.numpy:
        raise DTypeError(f"restore: {name!r} is {variable.dtype.name}, the file {array.dtype}")


# -- the file ----------------------------------------------------------------------------------


def pack(values: Values) -> bytes:
    """Return values as the bytes of a checkpoint."""
    entries: dict[str, Any] = {}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for i, (name, array) in enumerate(values.items()):
            if array.dtype.kind not in KINDS:
                raise DTypeError(f"save: {name!r} holds no numbers, and only numbers are saved")
            raw = io.BytesIO()
            np.lib.format.write_array(raw, np.asarray(array, order="C"), allow_pickle=False)
            entries[name] = {"file": f"values/{i}.npy", "shape": list(array.shape),
                             "dtype": array.dtype.name,
                             "sha256": hashlib.sha256(raw.getvalue()).hexdigest()}  # fmt: skip
            archive.writestr(_dated(f"values/{i}.npy"), raw.getvalue())
        manifest = {"format": FORMAT, "version": VERSION, "entries": entries}
        archive.writestr(_dated("manifest.json"), json.dumps(manifest, indent=1))
    return content.getvalue()


def _dated(name: str) -> zipfile.ZipInfo:
    """Return an entry with a fixed date, so that equal values give equal files."""
    return zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))


def unpack(path: Path) -> Values:
    """Return the values of a checkpoint, every one of them checked."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read_archive(archive, path)
    except DataError:
        raise
    except Exception as error:  # whatever strange bytes make zipfile, json and numpy stumble over
        raise DataLossError(f"{path.name} is damaged or is no checkpoint: {error}") from error


def _read_archive(archive: zipfile.ZipFile, path: Path) -> Values:
    _check_sizes(archive, path)
    manifest = json.loads(archive.read("manifest.json"))
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise DataError(f"{path.name} is no minitf checkpoint")
    if manifest.get("version") != VERSION:
        found = manifest.get("version")
        raise DataError(f"{path.name} has version {found}; this minitf reads {VERSION}")
    entries = manifest["entries"]
    expected = ["manifest.json", *(e["file"] for e in entries.values())]
    if sorted(archive.namelist()) != sorted(expected):
        raise DataLossError(f"{path.name}: the archive does not hold what its manifest says")
    return {name: _read_value(archive, name, entry, path) for name, entry in entries.items()}


def _check_sizes(archive: zipfile.ZipFile, path: Path) -> None:
    """Refuse entries that would take more memory than the file is long: we compress nothing."""
    if sum(e.file_size for e in archive.infolist()) > path.stat().st_size:
        raise DataLossError(f"{path.name}: its entries are longer than the file itself")


def _read_value(archive: zipfile.ZipFile, name: str, entry: dict[str, Any], path: Path) -> Any:
    raw = archive.read(entry["file"])
    if hashlib.sha256(raw).hexdigest() != entry["sha256"]:
        raise DataLossError(f"{path.name}: the checksum of {name!r} does not fit; it was altered")
    content = io.BytesIO(raw)
    found = _read_header(content)
    if found != (entry["shape"], entry["dtype"]) or np.dtype(found[1]).kind not in KINDS:
        raise DataLossError(f"{path.name}: {name!r} is {found[1]} {found[0]}, not as promised")
    content.seek(0)
    return np.lib.format.read_array(content, allow_pickle=False)


def _read_header(content: io.BytesIO) -> tuple[list[int], str]:
    """Return shape and dtype of a ``.npy`` file, whose data must be all of the rest."""
    if np.lib.format.read_magic(content) != (1, 0):
        raise DataLossError("a value is in a version of the npy format that is not used here")
    shape, _, dtype = np.lib.format.read_array_header_1_0(content)
    if math.prod(shape) * dtype.itemsize != len(content.getvalue()) - content.tell():
        raise DataLossError("a value is not as long as its shape says")
    return list(shape), dtype.name


def existing(save_path: str | Path) -> Path:
    """Return the file of a checkpoint."""
    for path in (Path(f"{save_path}{SUFFIX}"), Path(save_path)):
        if path.is_file():
            return path
    raise MissingFileError(f"no checkpoint {save_path}{SUFFIX}")
