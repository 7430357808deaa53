"""CallbackList: all callbacks of a run, told at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minitf.callbacks.callback import Callback
from minitf.callbacks.logs import History, ProgbarLogger
from minitf.errors import UsageError
from minitf.graph.nest import flatten

# A hook is also overridden where the one that it calls is.
_OLDER = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}
_BATCH_HOOKS = tuple(
    f"on_{mode}_batch_{end}" for mode in ("train", "test", "predict") for end in ("begin", "end")
)


class CallbackList(Callback):
    """Callbacks as one callback.

    A training loop calls the hooks of batches very often, and few callbacks have any. So the list
    knows who overrides which, and asks those whether they want to be called. `logs` may be given as
    a function without arguments, which is called only if somebody does.

    Parameters
    ----------
    callbacks : Callback, or (nested) list of them, optional
    add_history, add_progbar : bool
        Whether to add a History, or a ProgbarLogger, behind the others, unless there is one.
    model : Model, optional
        Told to all of them, as are `params`.
    **params : object
        ``epochs``, ``steps``, ``verbose``.

    Attributes
    ----------
    callbacks : list of Callback
        In the order in which they are told.

    Raises
    ------
    UsageError
        Where something is no Callback.
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ):
        self.callbacks: list[Any] = []
        for callback in flatten(callbacks) if callbacks else []:
            self.callbacks.append(_checked(callback))
        self.history = self._find(History, add_history)
        self._find(ProgbarLogger, add_progbar)
        self._watch()
        if model is not None:
            self.set_model(model)
        self.set_params(params)

    def _find(self, kind: type[Callback], add: bool) -> Any:
        """Return the callback of a kind; the last, as others may add to the logs before it."""
        found = [c for c in self.callbacks if isinstance(c, kind)]
        if not found and add:
            found.append(kind())
            self.callbacks += found
        return found[-1] if found else None

    def append(self, callback: Callback) -> None:
        """Add a callback behind the others."""
        self.callbacks.append(_checked(callback))
        self._watch()

    def _watch(self) -> None:
        """Find out who overrides the hooks of batches."""
        self._watchers = {
            hook: [
                (c.wants_batch_end, getattr(c, hook))
                for c in self.callbacks
                if is_overridden(c, hook)
            ]
            for hook in _BATCH_HOOKS
        }

    def set_model(self, model: Any) -> None:
        """Let all know the model, and the model its history."""
        super().set_model(model)
        if self.history is not None:
            model.history = self.history
        self._tell("set_model", model)

    def set_params(self, params: Any) -> None:
        """Let all know the parameters."""
        super().set_params(params)
        if params:
            self._tell("set_params", params)

    def _tell(self, hook: str, *arguments: Any) -> None:
        for callback in self.callbacks:
            getattr(callback, hook)(*arguments)

    # -- the whole run, epochs ----------------------------------------------------------------

    def on_train_begin(self, logs: Any = None) -> None:
        """Tell all that `fit` begins."""
        self._tell("on_train_begin", plain(logs))

    def on_train_end(self, logs: Any = None) -> None:
        """Tell all that `fit` ends."""
        self._tell("on_train_end", plain(logs))

    def on_test_begin(self, logs: Any = None) -> None:
        """Tell all that an evaluation begins."""
        self._tell("on_test_begin", plain(logs))

    def on_test_end(self, logs: Any = None) -> None:
        """Tell all that an evaluation ends."""
        self._tell("on_test_end", plain(logs))

    def on_predict_begin(self, logs: Any = None) -> None:
        """Tell all that `predict` begins."""
        self._tell("on_predict_begin", plain(logs))

    def on_predict_end(self, logs: Any = None) -> None:
        """Tell all that `predict` ends."""
        self._tell("on_predict_end", plain(logs))

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Tell all that an epoch begins."""
        self._tell("on_epoch_begin", epoch, plain(logs))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Tell all that an epoch ends."""
        self._tell("on_epoch_end", epoch, plain(logs))

    # -- batches ------------------------------------------------------------------------------

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Tell those who override it that a step of training begins."""
        self._begin("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Tell those who want it that a step of training ends."""
        self._end("on_train_batch_end", "train", batch, logs)

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Tell those who override it that a batch of an evaluation begins."""
        self._begin("on_test_batch_begin", batch, logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Tell those who want it that a batch of an evaluation ends."""
        self._end("on_test_batch_end", "test", batch, logs)

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Tell those who override it that a batch of `predict` begins."""
        self._begin("on_predict_batch_begin", batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Tell those who want it that a batch of `predict` ends."""
        self._end("on_predict_batch_end", "predict", batch, logs)

    on_batch_begin = on_train_batch_begin
    on_batch_end = on_train_batch_end

    def _begin(self, hook: str, batch: int, logs: Any) -> None:
        watchers = self._watchers[hook]
        if watchers:
            logs = plain(logs)
            for _, call in watchers:
                call(batch, logs=logs)

    def _end(self, hook: str, mode: str, batch: int, logs: Any) -> None:
        calls = [call for wants, call in self._watchers[hook] if wants(batch, mode)]
        if calls:
            logs = plain(logs)
            for call in calls:
                call(batch, logs=logs)


def _checked(callback: Any) -> Callback:
    if isinstance(callback, Callback):
        return callback
    is_class = isinstance(callback, type) and issubclass(callback, Callback)
    hint = f"; did you mean {callback.__name__}()?" if is_class else ""
    raise UsageError(f"expected a Callback, got {callback!r}{hint}")


def is_overridden(callback: Callback, hook: str) -> bool:
    """Return whether a callback does anything in a hook."""
    names = [hook, _OLDER[hook]] if hook in _OLDER else [hook]
    own = [getattr(getattr(callback, name), "__func__", None) for name in names]
    return any(f is not getattr(Callback, name) for f, name in zip(own, names, strict=True))


def plain(logs: Any) -> dict[str, Any]:
    """Return logs as one dict of Python's numbers, sorted by name; what is no number stays."""
    if callable(logs):
        logs = logs()
    numbers: dict[str, Any] = {}
    for name, value in sorted((logs or {}).items()):
        if isinstance(value, Mapping):
            numbers.update(plain(value))
        else:
            numbers[name] = _number(value)
    return numbers


def _number(value: Any) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError):
        return value
