"""The degree that generalises.

A polynomial with more coefficients fits better, and predicts worse from some degree on. Find that
degree without cheating: fit some of the data, judge by the others, and repeat it with several
splits, so that luck averages out.

`x` and `y` have shape (n,). A polynomial is an array `c` of shape (degree + 1,), the constant
first: `y_hat = c[0] + c[1] x + c[2] x^2 + ...`

    >>> import numpy as np
    >>> fit(np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 5.0]), 2).round(6)  # it is 1 + x^2
    array([1., 0., 1.])
    >>> typical_error(np.array([0.0, 2.0]), np.array([1.0, 2.0]), np.array([5.0, 4.0]))
    2.1213203435596424

Approach: `split` shuffles the numbers of the rows and cuts. `fit` solves a least-squares problem
whose columns are the powers of x. `typical_error` is the root of the mean squared error.
`best_degree` averages the error on the hidden rows over the splits with the seeds 0, 1, ...,
repeats - 1, and takes the degree where it is smallest.

Difficulty: 2 of 5
Minutes: 25
Section: 01_deep_learning/learning.md#a-better-fit-is-not-a-better-model
Forbidden: sklearn
Hint 1: `np.random.default_rng(seed).permutation(n)` gives the numbers 0 to n - 1 in an order that
depends on the seed alone.
Hint 2: `np.vander(x, degree + 1, increasing=True)` has the columns 1, x, x^2, ...; give it and `y`
to `np.linalg.lstsq`, whose first result are the coefficients.
Hint 3: In `best_degree`, for each degree make the list of `typical_error(fit(x[train], y[train],
degree), x[hidden], y[hidden])` over the splits, and keep the degree with the smallest mean. The
rows that were fitted have no say.
"""

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
    powers = np.vander(x, degree + 1, increasing=True)  # (n, degree + 1): 1, x, x^2, ...
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
