"""A perceptron that learns.

A perceptron weighs its inputs, adds a bias, and answers 1 if the sum is greater than 0, else 0.
It learns from its mistakes alone. When it answers 0 and the label is 1, the weights move by `x`
and the bias by 1; when it answers 1 and the label is 0, they move the other way; a right answer
changes nothing.

Write the three functions below with NumPy. `n` is the number of examples, `d` that of features.

    >>> import numpy as np
    >>> x = np.array([[0.0, 1.0], [2.0, 1.0]])       # (2, 2): n = 2 points in the plane
    >>> predict(x, np.array([1.0, -1.0]), 0.0)       # the sums are -1 and 1
    array([0, 1])
    >>> update(x[1], 0, np.array([1.0, -1.0]), 0.0)  # it said 1, and 0 was right
    (array([-1., -2.]), -1.0)

Approach: The error `y - p`, label minus answer, is 1, -1 or 0: exactly the factor by which the
update multiplies `x` for the weights and 1 for the bias. So no `if` is needed.

Difficulty: 1 of 5
Minutes: 15
Section: 01_deep_learning/perceptron.md#learning-from-mistakes
Hint 1: `x @ w` multiplies a matrix (n, d) by a vector (d,) and gives (n,), one sum per example.
Hint 2: A comparison gives an array of True and False; `.astype(int)` turns it into 1 and 0. For a
single example, `x[None]` is a matrix with one row.
Hint 3: In `train`, loop over the epochs, and inside over `zip(x, y)`. Count the examples for which
`predict` is not the label, call `update` for each, and leave the outer loop after an epoch that
counted none.
"""

import numpy as np


def predict(x: np.ndarray, w: np.ndarray, b: float) -> np.ndarray:
    """Return the answers of a perceptron.

    Parameters
    ----------
    x : array of shape (n, d)
        One example per row.
    w : array of shape (d,)
    b : float

    Returns
    -------
    array of int, of shape (n,)
        1 where the sum is greater than 0, else 0.
    """
    raise NotImplementedError("TODO: weigh the inputs, add the bias, compare with 0")


def update(x: np.ndarray, y: int, w: np.ndarray, b: float) -> tuple[np.ndarray, float]:
    """Return the weights and the bias after learning from one example.

    Parameters
    ----------
    x : array of shape (d,)
    y : int
        The label, 0 or 1.
    w : array of shape (d,)
        It is left as it is; the result is a new array.
    b : float

    Returns
    -------
    (array of shape (d,), float)
    """
    raise NotImplementedError("TODO: move the weights and the bias by the error")


def train(x: np.ndarray, y: np.ndarray, epochs: int) -> tuple[np.ndarray, float, list[int]]:
    """Learn from all examples, in their order, until there is no mistake left.

    Parameters
    ----------
    x : array of shape (n, d)
    y : array of int, of shape (n,)
    epochs : int
        How often to go through the examples at most.

    Returns
    -------
    (array of shape (d,), float, list of int)
        Weights and bias, which start at zero, and the number of mistakes in each epoch. An epoch
        without a mistake is the last one; its 0 is in the list.
    """
    raise NotImplementedError("TODO: go through the examples, epoch by epoch")
