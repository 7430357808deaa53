"""First weights of the right size.

A unit adds up `fan_in` inputs; its output goes to `fan_out` units. Weights with mean 0 and the
right variance keep a signal as large as it is, from layer to layer:

    "lecun"    1 / fan_in                     for linear layers
    "he"       2 / fan_in                     for relu layers
    "glorot"   2 / (fan_in + fan_out)         a compromise with the way back

For a dense layer with the weights (k, m), fan_in is k and fan_out is m. For a convolution with the
weights (height, width, channels in, channels out), each unit sees height * width positions of all
channels in, so fan_in is height * width * channels in; likewise fan_out with channels out.

    >>> fans((300, 100))
    (300, 100)
    >>> fans((3, 3, 16, 32))
    (144, 288)
    >>> variance((300, 100), "glorot")
    0.005

Approach: `variance` asks `fans`; `normal` and `uniform` ask `variance`. A uniform distribution on
[-a, a] has the variance a^2 / 3.

Difficulty: 2 of 5
Minutes: 20
Section: 03_building_blocks/layers.md#what-the-variance-should-be
Forbidden: minitf.initializers, minitf.keras.initializers
Hint 1: `*positions, inputs, outputs = shape` takes the last two sizes off any shape; `math.prod` of
an empty list is 1.
Hint 2: The generators want a *standard deviation*, which is the root of the variance:
`random.normal(0.0, variance ** 0.5, shape)`.
Hint 3: From a^2 / 3 = variance follows a = (3 * variance) ** 0.5, and then `random.uniform(-a, a,
shape)`.
"""

import math

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
    *positions, inputs, outputs = shape
    field = math.prod(positions)  # 1 for a dense layer, which has no positions
    return field * inputs, field * outputs


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
