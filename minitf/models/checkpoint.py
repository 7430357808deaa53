"""Checkpoints: the values of Variables in one file, whole or not at all, read without executing.

A checkpoint is an uncompressed zip archive: ``manifest.json`` names every value with its shape,
dtype and SHA-256, and each value is a ``.npy`` file. Anything that differs from the manifest (a
file cut short, a flipped bit, an entry too many) is an error before a single Variable has changed.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from minitf.errors import DataError, DataLossError, DTypeError, NotFoundError, ShapeError
from minitf.ops.state import Variable
from minitf.optimizers.optimizer import Optimizer
from minitf.paths import write_whole
from minitf.runtime.module import Module

FORMAT, VERSION, SUFFIX = "minitf checkpoint", 1, ".ckpt"
Values = dict[str, np.ndarray[Any, Any]]


class Checkpoint:
    """Saves and restores the Variables of some objects.

    Parameters
    ----------
    root : object, optional
        An object whose attributes are saved.
    **objects : Variable, Module, Optimizer, or list or dict of them
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
        self._objects = dict(vars(root)) if root is not None else {}
        self._objects |= objects
        self.save_counter = 0
        for name, value in objects.items():
            setattr(self, name, value)

    def write(self, file_prefix: str | Path) -> str:
        """Write all values to ``file_prefix.ckpt`` and return the path without the suffix."""
        path = Path(f"{file_prefix}{SUFFIX}")
        path.parent.mkdir(parents=True, exist_ok=True)
        values = {name: np.asarray(v.numpy()) for name, v in named_variables(self._objects)}
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
        values = unpack(_existing(save_path))
        variables = dict(named_variables(self._objects))
        for name in variables.keys() & values.keys():
            _check_fits(name, variables[name], values[name])
        for name in variables.keys() & values.keys():
            variables[name].assign(values[name])
        waiting = _leave_for_optimizers(self._objects, values, set(variables))
        missing = sorted(variables.keys() - values.keys())
        return RestoreStatus(missing, sorted(values.keys() - variables.keys() - waiting))

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
        """Write a checkpoint, delete those that are too old, and return its path."""
        if checkpoint_number is not None:
            self.checkpoint.save_counter = int(checkpoint_number) - 1
        path = self.checkpoint.save(self.directory / self._name)
        for old in self.checkpoints[: -self._keep] if self._keep else []:
            Path(old + SUFFIX).unlink()
        return path

    def restore_or_initialize(self) -> str | None:
        """Restore the newest checkpoint, if there is one, and return its path."""
        self.checkpoint.restore(self.latest_checkpoint)
        return self.latest_checkpoint


def latest_checkpoint(checkpoint_dir: str | Path) -> str | None:
    """Return the path of the newest numbered checkpoint in a directory, or None.

    Examples
    --------
    >>> import minitf as tf, tempfile
    >>> tf.train.latest_checkpoint(tempfile.mkdtemp()) is None
    True
    """
    found = _numbered(Path(checkpoint_dir), "*")
    return max(found, key=lambda p: Path(p + SUFFIX).stat().st_mtime_ns, default=None)


def _numbered(directory: Path, name: str) -> list[str]:
    found = [str(p)[: -len(SUFFIX)] for p in directory.glob(f"{name}-*{SUFFIX}")]
    return sorted((p for p in found if p.rpartition("-")[2].isdigit()),
                  key=lambda p: int(p.rpartition("-")[2]))  # fmt: skip


# -- what an object holds ----------------------------------------------------------------------


def named_variables(value: Any, path: str = "", seen: frozenset[int] = frozenset()
                    ) -> Iterator[tuple[str, Variable]]:  # fmt: skip
    """Yield the Variables below an object, with paths such as ``model/layers/0/w``."""
    if id(value) in seen:
        return
    if isinstance(value, Variable):
        yield path, value
        return
    for key, part in _parts(value):
        yield from named_variables(part, f"{path}/{key}" if path else str(key), seen | {id(value)})


def _parts(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Optimizer):
        return list(value.named_state().items())
    if isinstance(value, Mapping):
        return sorted(value.items(), key=lambda item: str(item[0]))
    if isinstance(value, (list, tuple)):
        return list(enumerate(value))
    if isinstance(value, (Module, Checkpoint)):
        return sorted(vars(value).items())
    return []


def _leave_for_optimizers(objects: dict[str, Any], values: Values, known: set[str]) -> set[str]:
    """Leave values with Optimizers that will create the Variables for them in their first step."""
    taken: set[str] = set()
    for name, value in objects.items():
        if isinstance(value, Optimizer):
            mine = {k: v for k, v in values.items() if k.startswith(f"{name}/") and k not in known}
            value.restore_later({k[len(name) + 1 :]: v for k, v in mine.items()})
            taken |= mine.keys()
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
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, RuntimeError, OSError) as error:
        raise DataLossError(f"{path.name} is damaged or is no checkpoint: {error}") from error


def _read_archive(archive: zipfile.ZipFile, path: Path) -> Values:
    manifest = json.loads(archive.read("manifest.json"))
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise DataError(f"{path.name} is no minitf checkpoint")
    if manifest.get("version") != VERSION:
        raise DataError(
            f"{path.name} has version {manifest.get('version')}; this minitf reads {VERSION}"
        )
    entries = manifest["entries"]
    expected = {"manifest.json", *(e["file"] for e in entries.values())}
    if set(archive.namelist()) != expected or len(archive.namelist()) != len(expected):
        raise DataLossError(f"{path.name}: the archive does not hold what its manifest says")
    return {name: _read_value(archive, name, entry, path) for name, entry in entries.items()}


def _read_value(archive: zipfile.ZipFile, name: str, entry: dict[str, Any], path: Path) -> Any:
    dtype, shape = np.dtype(entry["dtype"]), tuple(entry["shape"])
    size = archive.getinfo(entry["file"]).file_size
    if size > dtype.itemsize * int(np.prod(shape, dtype=np.int64)) + 4096:  # npy's header is short
        raise DataLossError(f"{path.name}: {name!r} is larger than its shape {shape} allows")
    raw = archive.read(entry["file"])
    if hashlib.sha256(raw).hexdigest() != entry["sha256"]:
        raise DataLossError(
            f"{path.name}: the checksum of {name!r} does not fit; the file was altered"
        )
    array = np.lib.format.read_array(io.BytesIO(raw), allow_pickle=False)
    if array.shape != shape or array.dtype != dtype:
        raise DataLossError(
            f"{path.name}: {name!r} is {array.dtype} {array.shape}, not as promised"
        )
    return array


def _existing(save_path: str | Path) -> Path:
    for path in (Path(f"{save_path}{SUFFIX}"), Path(save_path)):
        if path.is_file():
            return path
    raise DataError(f"no checkpoint {save_path}{SUFFIX}")
