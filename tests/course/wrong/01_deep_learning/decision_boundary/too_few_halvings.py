# message: Halve the way `steps` times

from collections.abc import Callable

import numpy as np


def grid(low: float, high: float, n: int) -> np.ndarray:
    """Return the points of a square grid, shape (n * n, 2).

    The first coordinate changes fastest: the first n points are the lowest row, from the left to
    the right. Both coordinates go from `low` to `high`, ends included.
    """
    side = np.linspace(low, high, n)
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)  # (n * n, 2)


def cells(yes: np.ndarray) -> np.ndarray:
    """Return which cells of a grid the boundary crosses.

    Parameters
    ----------
    yes : array of bool, of shape (n, n)
        The classifier's answers at the points of a grid.

    Returns
    -------
    array of bool, of shape (n - 1, n - 1)
        True where the four corners of a cell do not agree.
    """
    # four views of the same array, one per corner: no loop over cells
    corners = np.stack([yes[:-1, :-1], yes[:-1, 1:], yes[1:, :-1], yes[1:, 1:]])
    return corners.any(axis=0) & ~corners.all(axis=0)


def crossing(model: Callable[[np.ndarray], np.ndarray], a: np.ndarray, b: np.ndarray,
             steps: int = 40) -> np.ndarray:  # fmt: skip
    """Return a point between `a` and `b` on the boundary of a classifier.

    Parameters
    ----------
    model : function
        Takes points, shape (n, 2); returns probabilities, shape (n,).
    a, b : array of shape (2,)
        Two points with different answers.
    steps : int
        How often to halve the way.

    Returns
    -------
    array of shape (2,)
        Within ``|b - a| / 2**steps`` of the boundary.

    Raises
    ------
    ValueError
        If `a` and `b` get the same answer: then there may be no boundary between them.
    """

    def say(point: np.ndarray) -> bool:
        return bool(model(point[None])[0] > 0.5)  # a batch of one

    if say(a) == say(b):
        raise ValueError("both ends get the same answer")
    for _ in range(10):
        middle = (a + b) / 2
        # the ends go on to disagree, so a boundary stays between them
        if say(middle) == say(a):
            a = middle
        else:
            b = middle
    return (a + b) / 2
