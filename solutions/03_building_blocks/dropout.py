"""Inverted dropout.

While a network is trained, dropout sets each number of a layer to 0 with the probability `rate`, at
random and independently for each number of each example. Those that are kept are divided by the
share that is kept, so that the mean stays what it was. When the network is applied, nothing is
changed.

    >>> import numpy as np
    >>> keep = mask((2, 4), 0.5, np.random.default_rng(0))   # 0, or 1 / (1 - 0.5)
    >>> keep
    array([[2., 0., 0., 0.],
           [2., 2., 2., 2.]])
    >>> forward(np.array([[1.0, 2.0]]), 0.5, False, np.random.default_rng(0))[0]
    array([[1., 2.]])

Approach: `random.random(shape)` gives numbers between 0 and 1; each is below `rate` with the
probability `rate`. The mask holds the factors 0 and 1 / (1 - rate), so that forwards and backwards
are one multiplication each, by the *same* mask.

Difficulty: 2 of 5
Minutes: 15
Section: 03_building_blocks/regularisation.md#dropout
Forbidden: minitf.nn.dropout, minitf.layers.regularization, minitf.keras.layers.Dropout
Hint 1: `random.random(shape) >= rate` is True where a number is kept.
Hint 2: True and False count as 1 and 0, so dividing that by (1 - rate) gives the mask.
Hint 3: `forward` returns `x * m, m` while training, and `x, np.ones(x.shape)` otherwise. `backward`
returns `g * m`: what was dropped had no influence on the loss, and what was kept had 1 / (1 - rate)
times as much.
"""

import numpy as np


def mask(shape: tuple[int, ...], rate: float, random: np.random.Generator) -> np.ndarray:
    """Return the factors by which the numbers of a layer are multiplied while training.

    Parameters
    ----------
    shape : tuple of int
    rate : float
        The probability of each number to be dropped, 0 <= rate < 1.
    random : numpy.random.Generator
        Where the chances come from.

    Returns
    -------
    array of float, of that shape
        0 with the probability `rate`, else 1 / (1 - rate).

    Raises
    ------
    ValueError
        If the rate is not in [0, 1).
    """
    if not 0 <= rate < 1:
        raise ValueError(f"rate lies in [0, 1), got {rate}")
    kept = random.random(shape) >= rate
    return kept / (1 - rate)


def forward(
    x: np.ndarray, rate: float, training: bool, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers that the next layer gets, and the mask by which they were multiplied.

    Parameters
    ----------
    x : array of any shape
        It is left as it is.
    rate, random
        As for `mask`.
    training : bool
        Without training nothing is dropped, and the mask is all ones.

    Returns
    -------
    (array, array), in the shape of x
    """
    m = mask(x.shape, rate, random) if training else np.ones(x.shape)
    return x * m, m


def backward(g: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Return the derivative of the loss with respect to x.

    Parameters
    ----------
    g : array
        The derivative with respect to what `forward` returned.
    m : array, in the shape of g
        The mask that `forward` returned.
    """
    return g * m  # the derivative of x * m, for a mask that does not depend on x
