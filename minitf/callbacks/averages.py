"""SwapEMAWeights: evaluate, and save, the average of the weights over time."""

from __future__ import annotations

from typing import Any

from minitf.callbacks.callback import Callback, Logs
from minitf.errors import InvalidArgumentError


class SwapEMAWeights(Callback):
    """Swap the weights and their moving averages for the time of an evaluation.

    The optimizer keeps the averages, if it was made with ``use_ema=True``. They generalise better
    than the weights of any one step (B. T. Polyak, A. B. Juditsky, "Acceleration of Stochastic
    Approximation by Averaging", 1992).

    Parameters
    ----------
    swap_on_epoch : bool
        Whether to keep them swapped from the end of an epoch to the beginning of the next: then
        callbacks that follow in the list, such as ModelCheckpoint, see the averages.

    Raises
    ------
    InvalidArgumentError
        Where the optimizer keeps no averages.
    """

    def __init__(self, swap_on_epoch: bool = False):
        self.swap_on_epoch = swap_on_epoch
        self._is_swapped = False

    def _pairs(self) -> list[tuple[Any, Any]]:
        """Return the trainable Variables with their averages."""
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        if not getattr(optimizer, "use_ema", False):
            raise InvalidArgumentError(
                "SwapEMAWeights: the optimizer keeps no averages; make it with use_ema=True"
            )
        return list(optimizer.averages.items())

    def _swap(self, wanted: bool) -> None:
        if wanted is self._is_swapped:
            return
        for variable, average in self._pairs():
            value = variable.numpy()
            variable.assign(average.numpy())
            average.assign(value)
        self._is_swapped = wanted

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Go on training with the weights."""
        if self.swap_on_epoch:
            self._swap(False)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Swap for what comes between epochs."""
        if not self.swap_on_epoch:
            return
        self._swap(True)
        if epoch == self.params["epochs"] - 1:
            # At the end of `fit` the optimizer puts its averages into the model: let it find them.
            for variable, average in self._pairs():
                average.assign(variable.numpy())

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Evaluate the averages."""
        self._swap(True)

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Swap back."""
        self._swap(False)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Predict with the averages."""
        self._swap(True)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Swap back."""
        self._swap(False)
