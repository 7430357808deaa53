"""BackupAndRestore: go on where an interrupted training has stopped."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from minitf.callbacks.callback import Callback, Logs
from minitf.callbacks.checkpoint import BatchCounter, check_save_freq
from minitf.errors import DataError, DataLossError, FailedPreconditionError, InvalidArgumentError
from minitf.paths import write_whole


class BackupAndRestore(Callback):
    """Keep a backup of the training in a directory, and resume from it.

    When `fit` is called in a process that comes after one that was killed, weights, optimizer and
    number of the epoch are taken from the backup, and the rest of the epochs are run. A training
    that comes to its end deletes the backup.

    Parameters
    ----------
    backup_dir : path
        For this alone.
    save_freq : "epoch" or int
        When to write the backup: after every epoch, or after so many batches. Training goes on at
        the beginning of an epoch either way.
    double_checkpoint : bool
        Whether to keep the backup before as well, for the case that the last one is damaged.
    delete_checkpoint : bool
        Whether to delete the directory when training is complete.

    Raises
    ------
    FailedPreconditionError
        Where the model is not built: it has no weights to put the saved ones into.

    Notes
    -----
    A backup is a file with weights and a small file that names it and the epoch. The small one is
    written last, and at once, so whenever the process is killed they fit together.

    Examples
    --------
    >>> from minitf import keras
    >>> keep = keras.callbacks.BackupAndRestore("backup", save_freq=100)
    """

    def __init__(
        self,
        backup_dir: Any,
        save_freq: Any = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ):
        if not backup_dir:
            raise InvalidArgumentError("BackupAndRestore: backup_dir is empty")
        check_save_freq("BackupAndRestore", save_freq)
        self.backup_dir = os.fspath(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self._directory = Path(self.backup_dir)
        self._counter = BatchCounter(save_freq)
        self._epoch = 0

    @property
    def _latest(self) -> Path:
        return self._directory / "training_metadata.json"

    @property
    def _previous(self) -> Path:
        return self._directory / "training_metadata.json.bkp"

    # -- restoring ----------------------------------------------------------------------------

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Restore the backup, if there is one."""
        if not getattr(self.model, "built", True):
            raise FailedPreconditionError(
                "BackupAndRestore: the model is not built; call it on a batch, or give its first "
                "layer an input_shape, before fit()"
            )
        try:
            self._restore(self._latest)
        except (DataError, OSError):
            if not self._previous.exists():
                raise
            self._restore(self._previous)

    def _restore(self, metadata: Path) -> None:
        """Take weights and epoch from a backup; nothing where there is none."""
        if not metadata.exists():
            return
        try:
            state = json.loads(metadata.read_text(encoding="utf-8"))
            epoch, weights = int(state["epoch"]), Path(state["weights"]).name
        except (ValueError, KeyError, TypeError) as error:
            raise DataLossError(f"BackupAndRestore: {metadata} is damaged: {error}") from error
        optimizer: Any = getattr(self.model, "optimizer", None)
        if not getattr(optimizer, "built", True):
            optimizer.build(self.model.trainable_variables)  # so that its state has a place
        self.model.load_weights(str(self._directory / weights))
        self.model._initial_epoch = epoch
        self._epoch = epoch

    # -- saving -------------------------------------------------------------------------------

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write a backup, unless it is done after batches."""
        self._epoch = epoch + 1
        if self.save_freq == "epoch":
            self._save(batch=0)

    def wants_batch_end(self, batch: int, mode: str) -> bool:
        """Return whether batches are counted."""
        return self.save_freq != "epoch"

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Write a backup, if enough batches have gone by."""
        if self._counter.is_due(batch):
            self._save(batch)

    def _save(self, batch: int) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        weights = self._directory / f"{self._epoch}_{batch}.weights.h5"
        self.model.save_weights(str(weights), overwrite=True)
        if self.double_checkpoint and self._latest.exists():
            write_whole(self._previous, self._latest.read_bytes())
        state = {"epoch": self._epoch, "batch": batch, "weights": weights.name}
        write_whole(self._latest, json.dumps(state).encode())
        self._forget_others()

    def _forget_others(self) -> None:
        """Delete the weights that no backup names."""
        kept = [f.read_text(encoding="utf-8") for f in (self._latest, self._previous) if f.exists()]
        for file in self._directory.glob("*.weights.h5"):
            if not any(f'"{file.name}"' in text for text in kept):
                file.unlink()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Delete the backup, unless it is to be kept."""
        if self.delete_checkpoint and self._directory.exists():
            shutil.rmtree(self._directory)
