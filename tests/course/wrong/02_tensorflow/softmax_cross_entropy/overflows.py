# message: no power is above 1

import numpy as np

Array = np.ndarray


def log_softmax(logits: Array) -> Array:
    """Return the logarithms of the probabilities.

    Parameters
    ----------
    logits : array, shape (n, classes)
        Any finite numbers.

    Returns
    -------
    array, shape (n, classes)
    """
    shifted = logits
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def cross_entropy(labels: Array, logits: Array) -> tuple[Array, Array]:
    """Return the loss of each row, and its derivative for the logits.

    Parameters
    ----------
    labels : array of int, shape (n,)
        The true class of each row.
    logits : array, shape (n, classes)

    Returns
    -------
    loss : array, shape (n,)
    slope : array, shape (n, classes)
        Row i is the derivative of loss[i] for logits[i].
    """
    log_p = log_softmax(logits)
    rows = np.arange(len(labels))
    slope = np.exp(log_p)  # a new array, so it may be changed
    slope[rows, labels] -= 1
    return -log_p[rows, labels], slope
