"""Softmax cross-entropy.

The loss of every classifier, from logits, so that it stays finite whatever the logits are. For
one row of logits s and the label y,

    p_j  = exp(s_j) / sum_k exp(s_k)                 softmax: positive, sums to 1
    loss = -log p_y                                  how surprised the classifier is
    d loss / d s_j = p_j - [j == y]                  as simple as it gets

These formulas are right, and useless as they stand: exp(1000) is infinite, and so is log(0).
Subtract the largest logit of each row first: it changes no probability, and afterwards no power
is above 1. And take the logarithm before you divide, not after.

    >>> import numpy as np
    >>> log_softmax(np.array([[0.0, 1000.0]])).tolist()
    [[-1000.0, 0.0]]
    >>> loss, slope = cross_entropy(np.array([1]), np.array([[0.0, 0.0]]))
    >>> loss.round(4).tolist(), slope.tolist()
    ([0.6931], [[0.5, -0.5]])

The result has the dtype of the logits, and the arrays that came in are left as they were.
`minitf.course.use("02/softmax_cross_entropy")` lets minitf's classifiers train with your loss.

Approach: Write `log_softmax` from log p_j = s_j - m - log sum_k exp(s_k - m), with m the largest
logit. Then the loss is minus one of its numbers in each row, and the probabilities are its
exponentials.

Difficulty: 2 of 5
Minutes: 25
Section: 02_tensorflow/logistic_regression.md#staying-finite
Forbidden: minitf, scipy
Hint 1: `x.max(axis=-1, keepdims=True)` has the shape (n, 1), so it can be subtracted from (n,
classes).
Hint 2: `log_p[np.arange(n), labels]` takes from row i the number at labels[i].
Hint 3: The slope: take `np.exp(log_p)`, and subtract 1 at `[np.arange(n), labels]`.
"""

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
    shifted = logits - logits.max(axis=-1, keepdims=True)
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
