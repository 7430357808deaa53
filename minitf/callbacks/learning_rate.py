"""Callbacks that set the learning rate."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from minitf.callbacks.callback import Callback, Logs
from minitf.callbacks.monitor import MonitorCallback
from minitf.errors import InvalidArgumentError, warn


def learning_rate_of(model: Any) -> float:
    """Return the learning rate of a model's optimizer now."""
    optimizer: Any = getattr(model, "optimizer", None)
    if not hasattr(optimizer, "learning_rate"):
        raise InvalidArgumentError(f"the optimizer has no learning_rate: {optimizer!r}")
    return float(np.asarray(optimizer.learning_rate))


class LearningRateScheduler(Callback):
    """Set the learning rate at the beginning of every epoch.

    Parameters
    ----------
    schedule : callable
        Called with the number of the epoch (from 0) and the learning rate until now, or with the
        epoch alone if it takes one argument; returns the new learning rate.
    verbose : {0, 1}
        Whether to say what it is.

    Raises
    ------
    InvalidArgumentError
        Where `schedule` returns no number.

    Examples
    --------
    >>> from minitf import keras
    >>> def halve_later(epoch, lr):
    ...     return lr if epoch < 10 else lr / 2
    >>> schedule = keras.callbacks.LearningRateScheduler(halve_later)
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0):
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Ask the schedule."""
        now = learning_rate_of(self.model)
        new = self.schedule(epoch, now) if _takes_two(self.schedule) else self.schedule(epoch)
        self.model.optimizer.learning_rate = self._checked(new)
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {new}.")

    def _checked(self, value: Any) -> float:
        if isinstance(value, (bool, str)) or value is None or np.ndim(value) > 0:
            raise InvalidArgumentError(
                f"LearningRateScheduler: the schedule returns a number, got {value!r}"
            )
        return float(value)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Add the learning rate to the logs."""
        if logs is not None:
            logs["learning_rate"] = learning_rate_of(self.model)


def _takes_two(function: Callable[..., Any]) -> bool:
    """Return whether a function can be called with two arguments."""
    try:
        inspect.signature(function).bind(0, 0.0)
    except TypeError:
        return False
    except ValueError:  # a built-in that does not tell
        return True
    return True


class ReduceLROnPlateau(MonitorCallback):
    """Reduce the learning rate when a number has stopped getting better.

    Parameters
    ----------
    monitor, mode, min_delta
        The number, its direction, and what counts as better; see `MonitorCallback`.
    factor : float
        What the learning rate is multiplied by, below 1.
    patience : int
        Epochs without improvement after which it is reduced.
    verbose : {0, 1}
        Whether to say so.
    cooldown : int
        Epochs after a reduction that do not count.
    min_lr : float
        Where it ends.
    **kwargs
        ``epsilon`` is an older name of `min_delta`.

    Raises
    ------
    InvalidArgumentError
        Where `factor` is not below 1.

    Examples
    --------
    >>> from minitf import keras
    >>> reduce = keras.callbacks.ReduceLROnPlateau(factor=0.2, patience=5, min_lr=0.001)
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **kwargs: Any,
    ):
        min_delta = kwargs.pop("epsilon", min_delta)
        if kwargs:
            warn(f"ReduceLROnPlateau: ignores {', '.join(kwargs)}")
        super().__init__(monitor, mode, min_delta=min_delta)
        if factor >= 1.0:
            raise InvalidArgumentError(f"ReduceLROnPlateau: factor is below 1, got {factor}")
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        self._reset()

    def _reset(self) -> None:
        self.best = None
        self.cooldown_counter = 0
        self.wait = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Forget earlier runs."""
        self._reset()

    def in_cooldown(self) -> bool:
        """Return whether epochs do not count now."""
        return self.cooldown_counter > 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare, and reduce the learning rate where patience has run out."""
        logs = {} if logs is None else logs
        logs["learning_rate"] = learning_rate_of(self.model)
        current = self.get_monitor_value(logs)
        if current is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(epoch, logs["learning_rate"])

    def _reduce(self, epoch: int, rate: float) -> None:
        if rate <= np.float32(self.min_lr):
            return
        new = max(rate * self.factor, self.min_lr)
        self.model.optimizer.learning_rate = new
        self.cooldown_counter = self.cooldown
        self.wait = 0
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {new}.")
