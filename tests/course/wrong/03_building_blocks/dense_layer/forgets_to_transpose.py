# message: Which axis is summed over

import numpy as np


def sums(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return what the units add up, before the relu.

    Parameters
    ----------
    x : array of shape (n, k)
    w : array of shape (k, m)
    b : array of shape (m,)

    Returns
    -------
    array of shape (n, m)
    """
    return x @ w + b  # b is stretched over the n rows


def through_relu(z: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return the derivative of the loss with respect to z, given that with respect to max(z, 0).

    Parameters
    ----------
    z, g : array of shape (n, m)

    Returns
    -------
    array of shape (n, m)
        Where z is exactly 0, the derivative is taken to be 0.
    """
    return g * (z > 0)


def gradients(
    x: np.ndarray, w: np.ndarray, delta: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the derivatives of the loss with respect to w, b and x.

    Parameters
    ----------
    x : array of shape (n, k)
    w : array of shape (k, m)
    delta : array of shape (n, m)
        The derivative of the loss with respect to ``x @ w + b``.

    Returns
    -------
    (array of shape (k, m), array of shape (m,), array of shape (n, k))
    """
    dw = x.T @ delta  # the product over n is the sum over the examples
    db = delta.sum(axis=0)
    square = w.shape[0] == w.shape[1]
    dx = delta @ (w if square else w.T)  # the product over m: an input enters the sums of all units
    return dw, db, dx
