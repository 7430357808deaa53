# message: changes the caller's array

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
    # Now the largest is 0: its power is 1, all others are smaller, and the sum is at least 1.
    shifted = logits
    shifted -= logits.max(axis=-1, keepdims=True)
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
