"""Where a classifier changes its mind.

The chapter coloured the plane by a network's answers. Build the tools for that: the points of a
grid, the cells through which the boundary runs, and a search for one point on the boundary, to as
many digits as you like.

A classifier is any function `model` that takes points, shape (n, 2), and returns the probability
of class 1 for each, shape (n,). It answers 1 where that is greater than one half.

    >>> import numpy as np
    >>> def disc(points):  # 1 inside the circle of radius 1, and 1/2 on it
    ...     return 1 / (1 + (points**2).sum(axis=1))
    >>> grid(0.0, 2.0, 3)[:4]
    array([[0., 0.],
           [1., 0.],
           [2., 0.],
           [0., 1.]])
    >>> cells(disc(grid(0.0, 2.0, 3)).reshape(3, 3) > 0.5)
    array([[ True, False],
           [False, False]])
    >>> crossing(disc, np.array([0.0, 0.0]), np.array([2.0, 0.0])).round(6)
    array([1., 0.])

Approach: `grid` is a meshgrid, flattened row by row. In `cells`, compare whole shifted arrays with
each other instead of looping: a cell is crossed if its four corners do not agree. `crossing` is
bisection: ask in the middle, keep the half whose ends disagree, repeat.

Difficulty: 3 of 5
Minutes: 25
Section: 01_deep_learning/depth.md#two-spirals
Forbidden: matplotlib, scipy
Hint 1: `np.meshgrid(side, side)` gives the first and the second coordinates, each of shape (n, n);
`np.stack(..., axis=-1).reshape(-1, 2)` makes points of them, the first coordinate changing
fastest.
Hint 2: The lower left corners of all cells are `yes[:-1, :-1]`, the lower right ones
`yes[:-1, 1:]`, and so on: four arrays of shape (n - 1, n - 1). A cell is crossed if any corner says
yes and not all do.
Hint 3: In `crossing`, `say = lambda p: model(p[None])[0] > 0.5`. If `say(a) == say(b)`, raise a
ValueError. Then, `steps` times: `middle = (a + b) / 2`; if the middle says what `a` says, it
becomes the new `a`, else the new `b`.
"""

from collections.abc import Callable

import numpy as np


def grid(low: float, high: float, n: int) -> np.ndarray:
    """Return the points of a square grid, shape (n * n, 2).

    The first coordinate changes fastest: the first n points are the lowest row, from the left to
    the right. Both coordinates go from `low` to `high`, ends included.
    """
    raise NotImplementedError("TODO: all pairs of coordinates, row by row")


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
    raise NotImplementedError("TODO: do the four corners agree?")


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
    raise NotImplementedError("TODO: halve the way, keep the half whose ends disagree")
