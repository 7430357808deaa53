"""A training loop with early stopping.

Write what `fit` does: go through the training data in batches, in a new order each epoch; then look
at the validation loss; stop when it has not become better for some epochs; and end with the best
weights, not with the last ones.

The model is anything with these four methods (the grader brings its own, and yours can be made of a
Keras model in four lines):

    model.step(x, y)          takes one step on a batch, returns its mean loss
    model.loss(x, y)          returns the mean loss, without a step
    model.get_weights()       returns a list of arrays
    model.set_weights(list)   puts such a list back

    >>> import numpy as np
    >>> [rows.tolist() for rows in batches(5, 2, np.random.default_rng(1))]
    [[4, 0], [1, 2], [3]]
    >>> stopper = EarlyStopping(patience=2)
    >>> [stopper.update(loss, []) for loss in (0.9, 0.5, 0.6, 0.5)]    # 0.5 is no better than 0.5
    [False, False, False, True]
    >>> stopper.best, stopper.best_epoch
    (0.5, 1)

Approach: Write and grade the three parts one after another. `fit` does nothing but call the model,
`batches` and the stopper, in the right order.

Difficulty: 3 of 5
Minutes: 35
Section: 03_building_blocks/regularisation.md#early-stopping
Forbidden: minitf.callbacks, minitf.keras.callbacks
Hint 1: `random.permutation(n)` is a new order of 0 ... n - 1; `order[i : i + size]` cuts a piece
off, and a shorter one at the end.
Hint 2: `update` compares with the *best* loss so far, not with the last one. If it is better:
remember loss, epoch and *copies* of the weights. Otherwise ask whether `epoch - best_epoch` has
reached the patience.
Hint 3: Batches may differ in size, so the mean loss of an epoch is `sum(loss * len(rows)) / n`. At
the end of `fit`, call `model.set_weights(stopper.weights)`, whether it was stopped or not.
"""

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
    raise NotImplementedError("TODO: draw an order, and cut it into pieces")


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
        raise NotImplementedError("TODO: remember the best so far, count the patience")


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
    raise NotImplementedError("TODO: train, look at the validation data, end with the best weights")
