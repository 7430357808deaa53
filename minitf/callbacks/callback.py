"""Callback: hooks that `fit`, `evaluate` and `predict` call on their way."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

from minitf.errors import UsageError

Logs = dict[str, Any]


class Callback:
    """Something that is told what a training loop does; override the hooks of interest.

    Attributes
    ----------
    model : Model
        The one that is being trained. ``model.stop_training = True`` ends the training after this
        batch.
    params : dict
        ``"epochs"``, ``"steps"`` (of one epoch, None where nobody knows) and ``"verbose"``.

    Notes
    -----
    ``logs`` is a dict of numbers: the loss and the metrics so far. At the end of an epoch those of
    the validation are among them, with ``val_`` before their names. The callbacks of one list share
    the dict, in their order, so one can add to it what later ones write down.

    Examples
    --------
    >>> import numpy as np
    >>> from minitf import keras
    >>> class Patience(keras.callbacks.Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         self.model.stop_training = epoch == 2
    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> model.compile(loss="mse")
    >>> x, y = np.ones([4, 2]), np.ones([4, 1])
    >>> history = model.fit(x, y, epochs=10, verbose=0, callbacks=[Patience()])
    >>> len(history.history["loss"])
    3
    """

    model: Any = None
    params: Any = None

    def set_params(self, params: Any) -> None:
        """Take the parameters of the run."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Take the model."""
        self.model = model

    def wants_batch_end(self, batch: int, mode: str) -> bool:
        """Return whether to be called at the end of this batch.

        Where no callback wants to, nobody computes the logs either, and a step of training stays
        cheap. It is asked at every batch, but only if the hook is overridden.

        Parameters
        ----------
        batch : int
            Number of the batch in its epoch, from 0.
        mode : {"train", "test", "predict"}
        """
        return True

    # -- the whole run ------------------------------------------------------------------------

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """React to the beginning of `fit`."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """React to the end of `fit`, with the logs of the last epoch."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """React to the beginning of `evaluate`, and of a validation."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """React to the end of `evaluate`, and of a validation, with its results."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """React to the beginning of `predict`."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """React to the end of `predict`."""

    # -- epochs -------------------------------------------------------------------------------

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """React to the beginning of an epoch (from 0)."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """React to the end of an epoch, after its validation, with the results of both."""

    # -- batches ------------------------------------------------------------------------------

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """React, before a step of training."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """React, after a step of training, with the results of the epoch so far."""
        self.on_batch_end(batch, logs=logs)

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Older name of `on_train_batch_end`."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """React, before a batch of `evaluate` or of a validation."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """React, after a batch of `evaluate` or of a validation."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """React, before a batch of `predict`."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """React, after a batch of `predict`; ``logs["outputs"]`` holds what it gave."""


HOOKS = tuple(name for name in vars(Callback) if name.startswith("on_"))


class LambdaCallback(Callback):
    """A callback made of functions.

    Parameters
    ----------
    on_epoch_begin, on_epoch_end : callable, optional
        Called with ``(epoch, logs)``.
    on_train_begin, on_train_end : callable, optional
        Called with ``(logs)``.
    on_train_batch_begin, on_train_batch_end : callable, optional
        Called with ``(batch, logs=logs)``.
    **kwargs : callable
        Any other hook of `Callback`.

    Raises
    ------
    UsageError
        Where there is no such hook.

    Examples
    --------
    >>> from minitf import keras
    >>> hello = keras.callbacks.LambdaCallback(on_train_begin=lambda logs: print("off we go"))
    >>> hello.on_train_begin({})
    off we go
    """

    def __init__(
        self,
        on_epoch_begin: Callable[..., Any] | None = None,
        on_epoch_end: Callable[..., Any] | None = None,
        on_train_begin: Callable[..., Any] | None = None,
        on_train_end: Callable[..., Any] | None = None,
        on_train_batch_begin: Callable[..., Any] | None = None,
        on_train_batch_end: Callable[..., Any] | None = None,
        **kwargs: Callable[..., Any] | None,
    ):
        given = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **kwargs,
        }
        for hook, function in given.items():
            if hook not in HOOKS:
                close = difflib.get_close_matches(hook, HOOKS, 1)
                hint = f"; did you mean {close[0]!r}?" if close else ""
                raise UsageError(f"LambdaCallback: there is no hook {hook!r}{hint}")
            if function is not None:
                setattr(self, hook, function)
