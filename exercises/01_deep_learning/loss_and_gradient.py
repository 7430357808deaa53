"""A loss and its gradient.

The line of the chapter had one input. Here a model has `d` of them, `y_hat = x @ w + b`, and the
loss is the mean squared error, `mean((y_hat - y)^2)`. Write it, its gradient, and gradient descent
with NumPy. `x` has shape (n, d), `y` shape (n,), `w` shape (d,), and `b` is a float.

    >>> import numpy as np
    >>> x, y = np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([1.0, 3.0])
    >>> w, b = np.array([2.0, 1.0]), 0.0  # it predicts 2 and 2: the errors are 1 and -1
    >>> loss(x, y, w, b)
    1.0
    >>> gradient(x, y, w, b)
    (array([ 1., -2.]), 0.0)

Approach: Work out `error = y_hat - y`, shape (n,), first. The loss is the mean of its squares. By
the chain rule `dL/dw_j = mean(2 error_i x_ij)` and `dL/db = mean(2 error_i)`, means over the
examples `i`.

Difficulty: 1 of 5
Minutes: 15
Section: 01_deep_learning/learning.md#the-way-downhill
Forbidden: minitf, numpy.gradient, numpy.linalg
Hint 1: A gradient has the shape of what it belongs to: `dw` that of `w`, (d,), and `db` is one
number.
Hint 2: The sum over examples in `dw` is a product of matrices: `x.T @ error` has shape (d,).
Hint 3: In `descend`, compute both derivatives before you change anything, then
`w = w - rate * dw` and `b = b - rate * db`. Put the loss into the list once before the loop, and
once after each step.
"""

import numpy as np


def predict(x: np.ndarray, w: np.ndarray, b: float) -> np.ndarray:
    """Return the predictions, shape (n,)."""
    raise NotImplementedError("TODO: weigh the inputs, add the bias")


def loss(x: np.ndarray, y: np.ndarray, w: np.ndarray, b: float) -> float:
    """Return the mean squared error."""
    raise NotImplementedError("TODO: average the squared errors")


def gradient(x: np.ndarray, y: np.ndarray, w: np.ndarray, b: float) -> tuple[np.ndarray, float]:
    """Return the derivatives of the loss with respect to `w`, shape (d,), and `b`, a float."""
    raise NotImplementedError("TODO: the two derivatives, by the chain rule")


def descend(x: np.ndarray, y: np.ndarray, w: np.ndarray, b: float, rate: float,
            steps: int) -> tuple[np.ndarray, float, list[float]]:  # fmt: skip
    """Take steps of gradient descent.

    Parameters
    ----------
    x : array of shape (n, d)
    y : array of shape (n,)
    w : array of shape (d,)
        Where to begin. It is left as it is; the result is a new array.
    b : float
        Where to begin.
    rate : float
        The learning rate.
    steps : int
        How many steps to take.

    Returns
    -------
    (array of shape (d,), float, list of steps + 1 floats)
        Weights and bias at the end, and the loss before the first step and after each.
    """
    raise NotImplementedError("TODO: step against the gradient, and keep the losses")
