"""ModelCheckpoint: save the model while it is being trained."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from minitf.callbacks.callback import Logs
from minitf.callbacks.monitor import MonitorCallback
from minitf.errors import DataError, InvalidArgumentError, NotFoundError, warn


class ModelCheckpoint(MonitorCallback):
    """Save the model, or its weights, after epochs or after so many batches.

    Parameters
    ----------
    filepath : path
        Where to. It may hold fields that `str.format` fills: ``{epoch:02d}`` (from 1), ``{batch}``,
        and whatever the logs have, such as ``{val_loss:.2f}``. It ends in ".keras", or in
        ".weights.h5" with `save_weights_only`.
    monitor, mode
        The number that tells what is best; see `MonitorCallback`.
    verbose : {0, 1}
        Whether to say what is saved.
    save_best_only : bool
        Whether to save only what is better than everything before.
    save_weights_only : bool
        Whether to call `model.save_weights` instead of `model.save`.
    save_freq : "epoch" or int
        When to save: after every epoch, or after so many batches.
    initial_value_threshold : float, optional
        With `save_best_only`: the value to beat at first.

    Raises
    ------
    InvalidArgumentError
        Where the path has another ending, or `save_freq` another form.
    NotFoundError
        Where the path has a field that the logs do not have.
    DataError
        Where the path is that of a directory.

    Examples
    --------
    >>> from minitf import keras
    >>> keep = keras.callbacks.ModelCheckpoint("{epoch:02d}-{loss:.2f}.keras", monitor="loss")
    >>> keep.file_path(0, None, {"loss": 0.25})
    '01-0.25.keras'
    """

    def __init__(
        self,
        filepath: Any,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: Any = "epoch",
        initial_value_threshold: float | None = None,
    ):
        super().__init__(monitor, mode, initial_value_threshold)
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        check_save_freq("ModelCheckpoint", save_freq)
        endings = (".weights.h5",) if save_weights_only else (".keras", ".h5")
        if not self.filepath.endswith(endings):
            what = "weights" if save_weights_only else "the whole model"
            raise InvalidArgumentError(
                f"ModelCheckpoint: the path for {what} ends in {endings[0]!r}, got "
                f"{self.filepath!r}"
            )
        self._counter = BatchCounter(save_freq)
        self._current_epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Remember the epoch."""
        self._current_epoch = epoch

    def wants_batch_end(self, batch: int, mode: str) -> bool:
        """Return whether batches are counted."""
        return self.save_freq != "epoch"

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Save, if enough batches have gone by."""
        if self._counter.is_due(batch):
            self._save(self._current_epoch, batch, logs or {})

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save, unless it is done after batches."""
        if self.save_freq == "epoch":
            self._save(epoch, None, logs or {})

    def _save(self, epoch: int, batch: int | None, logs: Logs) -> None:
        path = self.file_path(epoch, batch, logs)
        if self.save_best_only and not self._is_best(epoch, logs, path):
            return
        if not self.save_best_only:
            self._say(f"\nEpoch {epoch + 1}: saving model to {path}")
        if Path(path).is_dir():
            raise DataError(f"ModelCheckpoint: {path!r} is a directory, not a file")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        save = self.model.save_weights if self.save_weights_only else self.model.save
        save(path, overwrite=True)
        self._say(f"\nEpoch {epoch + 1}: finished saving model to {path}")

    def _is_best(self, epoch: int, logs: Logs, path: str) -> bool:
        """Compare with the best so far; where there is nothing to compare, save anyway."""
        current = logs.get(self.monitor)
        if current is None or np.ndim(current) > 0:
            warn(
                f"Can save best model only with one number `{self.monitor}` available, skipping "
                f"the comparison. Available metrics are: {','.join(logs)}"
            )
            return True
        head = f"\nEpoch {epoch + 1}: {self.monitor}"
        before = "None" if self.best is None else f"{self.best:.5f}"
        if not self._is_improvement(current, self.best):
            self._say(f"{head} did not improve from {before}")
            return False
        self._say(f"{head} improved from {before} to {current:.5f}, saving model to {path}")
        self.best = current
        return True

    def file_path(self, epoch: int, batch: int | None, logs: Logs) -> str:
        """Return the path with its fields filled in."""
        known = logs if batch is None else {"batch": batch + 1, **logs}
        try:
            return self.filepath.format(epoch=epoch + 1, **known)
        except KeyError as error:
            raise NotFoundError(
                f"ModelCheckpoint: the path {self.filepath!r} has a field {error} that the logs "
                f"do not have; they have: {', '.join(['epoch', *known])}"
            ) from error

    def _say(self, message: str) -> None:
        if self.verbose > 0:
            print(message)


class BatchCounter:
    """Tells when so many batches have gone by, over the ends of epochs.

    Parameters
    ----------
    every : int, or anything else
        How many; where it is no number, the time never comes.
    """

    def __init__(self, every: Any):
        self.every = every
        self.since = 0
        self.last = -1

    def is_due(self, batch: int) -> bool:
        """Count the batches since the last call (there may be several), and start anew when due."""
        if not isinstance(self.every, int):
            return False
        is_new_epoch = batch <= self.last
        self.since += batch + 1 if is_new_epoch else batch - self.last
        self.last = batch
        if self.since < self.every:
            return False
        self.since = 0
        return True


def check_save_freq(who: str, save_freq: Any) -> None:
    """Refuse what is neither "epoch" nor a number of batches."""
    is_number = isinstance(save_freq, int) and not isinstance(save_freq, bool) and save_freq > 0
    if save_freq != "epoch" and not is_number:
        raise InvalidArgumentError(
            f"{who}: save_freq is 'epoch' or a number of batches, got {save_freq!r}"
        )
