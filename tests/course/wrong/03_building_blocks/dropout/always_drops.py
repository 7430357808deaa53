# message: Applied, the layer hands on what it gets

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
    m = mask(x.shape, rate, random)
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
