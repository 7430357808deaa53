"""What is in a checkpoint, without the program that wrote it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from minitf.dtypes import DType, as_dtype
from minitf.errors import MissingFileError, NotFoundError
from minitf.models.checkpoint import SUFFIX, existing, latest_checkpoint, unpack

IN_TENSORFLOW = "/.ATTRIBUTES/VARIABLE_VALUE"  # stands behind the names there


class CheckpointReader:
    """The values of a checkpoint, by name.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Examples
    --------
    >>> import minitf as tf, tempfile
    >>> path = tf.train.Checkpoint(w=tf.Variable([1.0, 2.0])).save(tempfile.mkdtemp() + "/model")
    >>> reader = tf.train.load_checkpoint(path)
    >>> reader.get_variable_to_shape_map(), reader.get_tensor("w").tolist()
    ({'w': [2]}, [1.0, 2.0])
    """

    def __init__(self, path: Path):
        self._path, self._values = path, unpack(path)

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """Return the shapes of all values, by name."""
        return {name: list(value.shape) for name, value in self._values.items()}

    def get_variable_to_dtype_map(self) -> dict[str, DType]:
        """Return the types of all values, by name."""
        return {name: as_dtype(value.dtype) for name, value in self._values.items()}

    def has_tensor(self, tensor_str: str) -> bool:
        """Return whether there is a value of a name."""
        return tensor_str.removesuffix(IN_TENSORFLOW) in self._values

    def get_tensor(self, tensor_str: str) -> np.ndarray[Any, Any]:
        """Return the value of a name."""
        name = tensor_str.removesuffix(IN_TENSORFLOW)
        if name not in self._values:
            raise NotFoundError(f"{self._path.name} has no value {name!r}; it has "
                                f"{', '.join(sorted(self._values))}")  # fmt: skip
        return self._values[name]


def load_checkpoint(ckpt_dir_or_file: str | Path) -> CheckpointReader:
    """Return what is in a checkpoint.

    Parameters
    ----------
    ckpt_dir_or_file : str or pathlib.Path
        What `Checkpoint.save` returned; or a directory, whose newest checkpoint is meant.

    Returns
    -------
    CheckpointReader

    Raises
    ------
    MissingFileError
        If there is none.
    """
    path = ckpt_dir_or_file
    if Path(path).is_dir():
        newest = latest_checkpoint(path)
        if newest is None:
            raise MissingFileError(f"there is no checkpoint in {path}")
        path = newest
    return CheckpointReader(existing(path))


def list_variables(ckpt_dir_or_file: str | Path) -> list[tuple[str, list[int]]]:
    """Return the names and shapes of all values in a checkpoint, in the order of the names.

    Examples
    --------
    >>> import minitf as tf, tempfile
    >>> path = tf.train.Checkpoint(w=tf.Variable([1.0, 2.0])).save(tempfile.mkdtemp() + "/model")
    >>> tf.train.list_variables(path)
    [('w', [2])]
    """
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())


def load_variable(ckpt_dir_or_file: str | Path, name: str) -> np.ndarray[Any, Any]:
    """Return one value of a checkpoint."""
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name)


def get_checkpoint_state(
    checkpoint_dir: str | Path, latest_filename: str | None = None
) -> SimpleNamespace | None:
    """Return which checkpoints are in a directory, or None.

    Returns
    -------
    SimpleNamespace or None
        Its ``model_checkpoint_path`` is the newest, ``all_model_checkpoint_paths`` are all, the
        oldest first.
    """
    newest = latest_checkpoint(checkpoint_dir)
    if newest is None:
        return None
    files = sorted(Path(checkpoint_dir).glob(f"*{SUFFIX}"), key=lambda p: p.stat().st_mtime_ns)
    paths = [str(p)[: -len(SUFFIX)] for p in files]
    return SimpleNamespace(model_checkpoint_path=newest, all_model_checkpoint_paths=paths)
