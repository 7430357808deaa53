# message: how much of the *old* average is kept

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
    others = tuple(range(x.ndim - 1))
    return x.mean(others), x.var(others)


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
        if training:
            mean, variance = statistics(x)
            keep = 1 - self.momentum
            self.moving_mean = keep * self.moving_mean + (1 - keep) * mean
            self.moving_variance = keep * self.moving_variance + (1 - keep) * variance
        else:
            mean, variance = self.moving_mean, self.moving_variance
        return self.gamma * (x - mean) / np.sqrt(variance + self.epsilon) + self.beta
