"""Callbacks that watch one number and act when it stops getting better."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from minitf.callbacks.callback import Callback, Logs
from minitf.errors import InvalidArgumentError, warn

# Which way is up, where a metric does not say so itself: parts of names.
_BETTER_IF_HIGHER = ("acc", "auc", "precision", "recall", "f1", "fbeta", "iou", "r2", "similarity")
_BETTER_IF_LOWER = ("loss", "error", "mse", "mae", "mape", "msle", "rmse", "perplexity", "entropy",
                    "divergence")  # fmt: skip


class MonitorCallback(Callback):
    """What callbacks share that watch one number.

    Parameters
    ----------
    monitor : str
        Its name in the logs, such as ``"val_loss"``.
    mode : {"auto", "min", "max"}
        Whether lower or higher is better. "auto" knows it of the loss and of metrics.
    baseline : float, optional
        The value to beat at first.
    min_delta : float
        What a value must be better by in order to count as better.

    Attributes
    ----------
    best : float or None
        The best value so far.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: str = "auto",
        baseline: float | None = None,
        min_delta: float = 0,
    ):
        if mode not in ("auto", "min", "max"):
            kind = type(self).__name__
            warn(f"{kind}: unknown mode {mode!r}, falling back to 'auto'")
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best = baseline
        self.min_delta = abs(min_delta)
        self.monitor_op: Any = None

    def _set_monitor_op(self) -> None:
        """Choose the comparison; not before training, since the metrics must exist."""
        higher = self.mode == "max" or (self.mode == "auto" and self._is_better_if_higher())
        self.monitor_op = np.greater if higher else np.less

    def _is_better_if_higher(self) -> bool:
        name = self.monitor.removeprefix("val_")
        for metric in _all_metrics(self.model):
            direction = getattr(metric, "_direction", None)
            if metric.name == name and direction in ("up", "down"):
                return direction == "up"
        if any(part in name for part in _BETTER_IF_LOWER):
            return False
        if any(part in name for part in _BETTER_IF_HIGHER):
            return True
        raise InvalidArgumentError(
            f"{type(self).__name__}: whether {self.monitor!r} is better when it is higher is not "
            "known; pass mode='max' or mode='min'"
        )

    def _is_improvement(self, value: Any, reference: Any) -> bool:
        """Return whether a value is better than another, by more than `min_delta`."""
        if self.monitor_op is None:
            self._set_monitor_op()
        if reference is None:
            return True
        delta = self.min_delta if self.monitor_op is np.greater else -self.min_delta
        return bool(self.monitor_op(value - delta, reference))

    def get_monitor_value(self, logs: Logs | None) -> Any:
        """Return the watched number, or warn and return None where the logs do not have it."""
        value = (logs or {}).get(self.monitor)
        if value is None:
            warn(
                f"{type(self).__name__}: `{self.monitor}` is not available. Available metrics "
                f"are: {','.join(logs or ())}"
            )
        return value


def _all_metrics(model: Any) -> Iterator[Any]:
    """Yield the metrics of a model, and those that its metrics consist of."""
    for metric in getattr(model, "metrics", None) or ():
        yield metric
        yield from getattr(metric, "metrics", None) or ()


class EarlyStopping(MonitorCallback):
    """Stop training when a number has stopped getting better.

    Parameters
    ----------
    monitor, mode, min_delta
        The number, its direction, and what counts as better; see `MonitorCallback`.
    patience : int
        Epochs without improvement after which training stops.
    verbose : {0, 1}
        Whether to say so.
    baseline : float, optional
        Epochs that do not beat it count as no improvement.
    restore_best_weights : bool
        Whether to end with the weights of the best epoch instead of the last.
    start_from_epoch : int
        Epochs at the beginning that are not looked at.

    Examples
    --------
    >>> import numpy as np
    >>> from minitf import keras
    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.zeros([4, 2])  # nothing to learn from
    >>> stop = keras.callbacks.EarlyStopping(monitor="loss", patience=3, min_delta=0.5)
    >>> history = model.fit(x, np.zeros([4, 1]), epochs=20, verbose=0, callbacks=[stop])
    >>> len(history.history["loss"])
    4
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ):
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._reset()

    def _reset(self) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_weights: Any = None
        self.best_epoch = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Forget earlier runs."""
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare, and stop where patience has run out."""
        current = self.get_monitor_value(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        if self._is_improvement(current, self.best):
            self.best, self.best_epoch = current, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self._is_improvement(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Put the best weights back, if asked to."""
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose > 0:
                print("Restoring model weights from the end of the best epoch: "
                      f"{self.best_epoch + 1}.")  # fmt: skip
            self.model.set_weights(self.best_weights)
