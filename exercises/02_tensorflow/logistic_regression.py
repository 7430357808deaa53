"""Logistic regression from scratch.

A machine that reads handwriting, in NumPy alone: no framework, no automatic derivatives. Pictures
are rows of x, (n, pixels); weights w are (pixels, classes), the bias b is (classes,).

    s = x w + b                          logits, (n, classes)
    p = softmax of each row of s         probabilities, (n, classes)
    loss = mean over the rows of -log p[i, y[i]]
    dw = x^T (p - onehot(y)) / n         (pixels, classes)
    db = sum over the rows of (p - onehot(y)) / n

Training begins with zeros and goes through the data in random order, a batch at a time: each
batch moves w and b by `rate` against their gradients.

    >>> import numpy as np
    >>> x, y = np.array([[1.0], [-1.0]]), np.array([0, 1])
    >>> w, b = train(x, y, classes=2, epochs=50, batch=2, rate=1.0, seed=0)
    >>> predict(x, w, b).tolist()
    [0, 1]

Approach: Write the functions from top to bottom; each uses the ones above. Check
`loss_and_gradients` by wiggling one weight before you train.

Difficulty: 3 of 5
Minutes: 35
Section: 02_tensorflow/logistic_regression.md#the-mathematics
Forbidden: minitf, scipy, sklearn
Hint 1: Subtract the largest logit of each row before the exponential. The loss can then be taken
from the probabilities safely enough, as `np.log(p[np.arange(n), y])`, unless p rounds to 0: the
logarithm of the softmax is safer.
Hint 2: `error = p.copy(); error[np.arange(n), y] -= 1; error /= n`. Then dw and db are one line
each, and their shapes tell you which.
Hint 3: In `train`: `random = np.random.default_rng(seed)` once; in each epoch `order =
random.permutation(n)`; then for start in range(0, n, batch): the rows order[start : start +
batch]. The last batch may be shorter; it counts too.
"""

import numpy as np

Array = np.ndarray


def probabilities(x: Array, w: Array, b: Array) -> Array:
    """Return the probability of each class for each row of x, shape (n, classes)."""
    raise NotImplementedError("TODO: the softmax of x w + b")


def predict(x: Array, w: Array, b: Array) -> Array:
    """Return the most probable class of each row, integers of shape (n,)."""
    raise NotImplementedError("TODO: the largest logit")


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
    raise NotImplementedError("TODO: p minus the one-hot label")


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
    raise NotImplementedError("TODO: shuffle, cut into batches, step against the gradient")
