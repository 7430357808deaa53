"""Callbacks that write down, or show, how training goes."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from minitf.callbacks.callback import Callback, Logs
from minitf.data.progress import Progbar
from minitf.errors import UsageError


class History(Callback):
    """Keeps the results of all epochs; every `fit` has one and returns it.

    Attributes
    ----------
    epoch : list of int
        The epochs of this run.
    history : dict of str to list
        Of every quantity its value after each epoch.
    """

    def __init__(self) -> None:
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start a new list of epochs."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write the results of an epoch down."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        self.model.history = self


class CSVLogger(Callback):
    """Writes the results of all epochs to a file, one row each.

    Parameters
    ----------
    filename : path
    separator : str
        What stands between the columns.
    append : bool
        Whether to go on with a file that exists, instead of starting it anew.

    Notes
    -----
    The columns are those of the first epoch, and their ``val_`` counterparts; later epochs without
    a value have ``NA`` there. Each row is on its way to the disk when its epoch has ended.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.callbacks.CSVLogger("training.csv", append=True).sep
    ','
    """

    def __init__(self, filename: Any, separator: str = ",", append: bool = False):
        if len(separator) != 1:
            raise UsageError(f"CSVLogger: separator is one character, got {separator!r}")
        self.filename = str(filename)
        self.sep = separator
        self.append = append
        self.keys: list[str] | None = None
        self.csv_file: Any = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Open the file."""
        path = Path(self.filename)
        self.append_header = not (self.append and path.exists() and path.stat().st_size)
        self._close()
        self.csv_file = path.open("a" if self.append else "w", newline="", encoding="utf-8")
        self.keys = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write a row."""
        logs = logs or {}
        writer = csv.writer(self.csv_file, delimiter=self.sep, lineterminator="\n")
        if self.keys is None:
            self.keys = _columns(logs)
            if self.append_header:
                writer.writerow(["epoch", *self.keys])
        writer.writerow([epoch, *(_cell(logs.get(key, "NA")) for key in self.keys)])
        self.csv_file.flush()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Close the file."""
        self._close()

    def _close(self) -> None:
        if self.csv_file is not None:
            self.csv_file.close()


def _columns(logs: Logs) -> list[str]:
    names = sorted(logs)
    if any(name.startswith("val_") for name in names):
        return names
    return names + [f"val_{name}" for name in names]


def _cell(value: Any) -> Any:
    if isinstance(value, str) or np.ndim(value) == 0 or not isinstance(value, Iterable):
        return value
    return f'"[{", ".join(map(str, value))}]"'


class ProgbarLogger(Callback):
    """Shows progress and results on the screen; `fit`, `evaluate` and `predict` use one.

    On a terminal it is a bar, elsewhere a line now and then and one per epoch; nothing with
    ``verbose=0``.
    """

    def __init__(self) -> None:
        self.seen = 0
        self.target: int | None = None
        self.verbose = 1
        self.epochs = 1
        self.progbar: Progbar | None = None
        self._is_in_fit = False

    def set_params(self, params: Any) -> None:
        """Take how much to show, and how many epochs and steps there will be."""
        super().set_params(params)
        verbose = params.get("verbose", 1)
        self.verbose = 1 if verbose == "auto" else int(verbose)
        self.epochs = params.get("epochs", 1)
        self.target = params.get("steps")

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Remember that evaluations are validations from now on, and are not shown."""
        self._is_in_fit = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Show evaluations again."""
        self._is_in_fit = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Show which epoch begins."""
        if self.verbose and self.epochs > 1:
            print(f"Epoch {epoch + 1}/{self.epochs}", flush=True)
        self._start()

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Start a bar, unless this is a validation."""
        if not self._is_in_fit:
            self._start()

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Start a bar."""
        self._start()

    def wants_batch_end(self, batch: int, mode: str) -> bool:
        """Return whether it is time to draw the bar again."""
        if mode == "test" and self._is_in_fit:
            return False
        self.seen = batch + 1
        return self._bar().notice(self.seen)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Show the results so far."""
        self._update(batch, logs)

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Show the results so far, unless this is a validation."""
        if not self._is_in_fit:
            self._update(batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Show how far it has come."""
        self._update(batch, None)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Show the results of the epoch."""
        self._finish(logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Show the results, unless this is a validation."""
        if not self._is_in_fit:
            self._finish(logs)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Show that it is done."""
        self._finish(None)

    def _start(self) -> None:
        self.seen = 0
        self.progbar = None
        self._bar()

    def _bar(self) -> Progbar:
        if self.progbar is None:
            # A metric is an average already: of the epoch so far.
            self.progbar = Progbar(self.target, verbose=self.verbose, stateless_metrics=())
        return self.progbar

    def _update(self, batch: int, logs: Logs | None) -> None:
        self.seen = batch + 1
        self._bar().update(self.seen, (logs or {}).items(), finalize=False)

    def _finish(self, logs: Logs | None) -> None:
        bar = self._bar()
        if self.target is None:
            self.target = bar.target = self.seen
        bar.update(self.seen or self.target, (logs or {}).items(), finalize=True)
