# message: degree + 1 coefficients

from collections.abc import Sequence

import numpy as np


def split(n: int, n_train: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Divide the rows 0 to n - 1 at random.

    Parameters
    ----------
    n : int
        How many rows there are.
    n_train : int
        How many of them to fit.
    seed : int
        The same seed gives the same split, another seed another one.

    Returns
    -------
    (array of int, of shape (n_train,), array of int, of shape (n - n_train,))
        The rows to fit and the hidden rows. Each row is in exactly one of them.
    """
    # shuffled first: data often come sorted, and then the last rows are unlike the first
    order = np.random.default_rng(seed).permutation(n)
    return order[:n_train], order[n_train:]


def fit(x: np.ndarray, y: np.ndarray, degree: int) -> np.ndarray:
    """Return the coefficients with the smallest mean squared error, shape (degree + 1,)."""
    powers = np.vander(x, max(degree, 1), increasing=True)  # (n, degree + 1): 1, x, x^2, ...
    return np.linalg.lstsq(powers, y)[0]


def typical_error(c: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    """Return the root of the mean squared error of a polynomial, in the unit of y."""
    predicted = np.vander(x, len(c), increasing=True) @ c  # (n, degree + 1) @ (degree + 1,)
    return float(np.sqrt(np.mean((predicted - y) ** 2)))


def best_degree(x: np.ndarray, y: np.ndarray, degrees: Sequence[int], n_train: int,
                repeats: int) -> int:  # fmt: skip
    """Return the degree whose error on hidden rows is smallest.

    Parameters
    ----------
    x, y : array of shape (n,)
    degrees : sequence of int
        The degrees to choose from.
    n_train : int
        How many rows to fit in each split.
    repeats : int
        How many splits to average over.

    Returns
    -------
    int
    """
    splits = [split(len(x), n_train, seed) for seed in range(repeats)]

    def hidden_error(degree: int) -> float:
        errors = [
            typical_error(fit(x[train], y[train], degree), x[hidden], y[hidden])
            for train, hidden in splits  # the same splits for every degree: a fair race
        ]
        return float(np.mean(errors))

    return min(degrees, key=hidden_error)
