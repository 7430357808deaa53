"""A dense layer and its gradients.

Write what a dense layer with a relu does, forwards and backwards, for a batch of `n` examples with
`k` numbers each, and `m` units:

    z = x @ w + b          x (n, k), w (k, m), b (m,), z (n, m)
    y = max(z, 0)          y (n, m)

On the way back the layer is given `g`, the derivative of the loss with respect to each of its
outputs, (n, m). It says how the loss changes with its weights, its biases and its inputs. The loss
is one number for the whole batch, so the contributions of all examples are *added*.

    >>> import numpy as np
    >>> x = np.array([[1.0, 2.0]])                           # n = 1, k = 2
    >>> w, b = np.array([[1.0, -1.0, 0.0], [1.0, 1.0, -1.0]]), np.zeros(3)   # m = 3
    >>> z = sums(x, w, b)
    >>> z
    array([[ 3.,  1., -2.]])
    >>> through_relu(z, np.array([[1.0, 1.0, 1.0]]))         # the third unit is off
    array([[1., 1., 0.]])

Approach: Every gradient has the shape of its thing. Write down the shapes of what you have; usually
only one product gives the shape that you need.

Difficulty: 2 of 5
Minutes: 20
Section: 03_building_blocks/layers.md#backwards-through-a-dense-layer
Hint 1: `x.T` has the shape (k, n) and `delta` has (n, m). What does their product have?
Hint 2: A bias enters the sum of each example with the factor 1, so its gradient is the sum of delta
over the examples: over axis 0.
Hint 3: `through_relu` lets g pass where z is greater than 0, so it is `g * (z > 0)`. And
`gradients` returns `x.T @ delta, delta.sum(axis=0), delta @ w.T`.
"""

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
    dx = delta @ w.T  # the product over m: an input enters the sums of all units
    return dw, db, dx
