"""Batch normalisation, while training and afterwards.

For a batch `x` of shape (n, m), or (..., m) with m channels last, every channel is brought to mean
0 and variance 1, and then scaled and shifted by two numbers of its own:

    y = gamma * (x - mean) / sqrt(variance + epsilon) + beta

While training, mean and variance are those of the batch, taken over all axes but the last, and a
moving average follows them:

    moving <- momentum * moving + (1 - momentum) * of this batch

Applied, the moving averages take the place of the batch's numbers, and nothing moves.

    >>> import numpy as np
    >>> norm = BatchNorm(1, momentum=0.9, epsilon=0.0)
    >>> norm(np.array([[1.0], [3.0]]), training=True)
    array([[-1.],
           [ 1.]])
    >>> norm.moving_mean, norm.moving_variance       # from 0 towards 2, from 1 towards 1
    (array([0.2]), array([1.]))

Approach: Write `statistics` for one batch, then `__call__`: first decide which mean and variance to
use, and move the averages if it is training; the formula after that is one for both cases.

Difficulty: 3 of 5
Minutes: 25
Section: 03_building_blocks/normalisation.md#training-and-application
Forbidden: minitf.layers, minitf.keras.layers, minitf.nn.batch_normalization
Hint 1: `tuple(range(x.ndim - 1))` are all axes but the last. `x.mean(axis)` and `x.var(axis)` take
a tuple.
Hint 2: `np.var` divides by the number of examples, not by one less; that is the variance wanted
here.
Hint 3: In `__call__`: with `training`, set mean and variance from `statistics(x)`, and assign
`self.moving_mean = self.momentum * self.moving_mean + (1 - self.momentum) * mean`, likewise the
variance. Otherwise take the two moving ones. Then return the formula.
"""

import numpy as np


def statistics(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and variance of each channel.

    Parameters
    ----------
    x : array of shape (..., m)

    Returns
    -------
    (array of shape (m,), array of shape (m,))
        The variance is the mean of the squared distances to the mean.
    """
    raise NotImplementedError("TODO: average over all axes but the last")


class BatchNorm:
    """Brings each channel to mean 0 and variance 1.

    Parameters
    ----------
    channels : int
        m, the size of the last axis.
    momentum : float
        How much of the moving averages is kept in each step.
    epsilon : float
        Added to the variance, so that nothing is divided by 0.

    Attributes
    ----------
    gamma, beta : array of shape (m,)
        Scale and shift; ones and zeros at first.
    moving_mean, moving_variance : array of shape (m,)
        Zeros and ones at first.
    """

    def __init__(self, channels: int, momentum: float = 0.99, epsilon: float = 1e-3):
        self.momentum, self.epsilon = momentum, epsilon
        self.gamma, self.beta = np.ones(channels), np.zeros(channels)
        self.moving_mean, self.moving_variance = np.zeros(channels), np.ones(channels)

    def __call__(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the normalised batch; while training, move the averages.

        Parameters
        ----------
        x : array of shape (..., m)
        training : bool

        Returns
        -------
        array, in the shape of x
        """
        raise NotImplementedError("TODO: choose mean and variance, move the averages, normalise")
