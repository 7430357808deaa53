# message: With `>= 0`, the sum 0 counts as a yes

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
    sums = x @ w + b  # (n,): one number per example, the bias is added to each
    return (sums >= 0).astype(int)


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
    p = predict(x[None], w, b)[0]  # a matrix with one row gives an array with one answer
    error = y - p  # 1: it should have fired; -1: it should not have; 0: nothing to learn
    return w + error * x, b + float(error)  # new objects: whoever passed w keeps theirs


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
    w, b = np.zeros(x.shape[1]), 0.0
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for row, label in zip(x, y):
            # asked with the weights of this moment: each example profits from those before it
            wrong += int(predict(row[None], w, b)[0] != label)
            w, b = update(row, label, w, b)
        mistakes.append(wrong)
        if not wrong:  # nothing changed, so nothing would change in the next epoch either
            break
    return w, b, mistakes
