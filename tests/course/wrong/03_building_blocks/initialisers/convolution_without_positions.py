# message: Positions count for both fans

import numpy as np


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return how many inputs a unit adds up, and to how many units an input goes.

    Parameters
    ----------
    shape : tuple of int
        (k, m) of a dense layer, or (height, width, channels in, channels out) of a convolution.

    Returns
    -------
    (int, int)
        fan_in and fan_out.
    """
    *_, inputs, outputs = shape
    return inputs, outputs


def variance(shape: tuple[int, ...], kind: str) -> float:
    """Return the variance that the weights of a layer should have.

    Parameters
    ----------
    shape : tuple of int
        As for `fans`.
    kind : {"lecun", "he", "glorot"}
    """
    fan_in, fan_out = fans(shape)
    return {"lecun": 1 / fan_in, "he": 2 / fan_in, "glorot": 2 / (fan_in + fan_out)}[kind]


def normal(shape: tuple[int, ...], kind: str, random: np.random.Generator) -> np.ndarray:
    """Return normal numbers with mean 0 and the right variance.

    Parameters
    ----------
    shape, kind
        As for `variance`.
    random : numpy.random.Generator
        Where the numbers come from.
    """
    return random.normal(0.0, variance(shape, kind) ** 0.5, shape)


def uniform(shape: tuple[int, ...], kind: str, random: np.random.Generator) -> np.ndarray:
    """Return numbers spread evenly around 0, with the right variance.

    Parameters
    ----------
    shape, kind, random
        As for `normal`.
    """
    a = (3 * variance(shape, kind)) ** 0.5  # since the variance is a^2 / 3
    return random.uniform(-a, a, shape)
