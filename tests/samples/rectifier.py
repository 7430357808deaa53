"""Sample calls of the ops in minitf.ops.rectifier: no element near a corner."""

import numpy as np


def away_from(corners, rng, *shape):
    """Return random numbers that keep a distance from some numbers."""
    x = rng.uniform(-3, 3, shape) * (1 if len(corners) == 1 else 4)
    for corner in corners:
        x = np.where(abs(x - corner) < 0.1, corner + 0.3, x)
    return x


SAMPLES = {
    "relu": [
        lambda rng: ((away_from([0], rng, 2, 3),), {}),
        lambda rng: ((np.float64(-1.5),), {}),
        lambda rng: ((np.array([3, -2]),), {}),
    ],
    "relu_grad": [
        lambda rng: ((rng.normal(size=(2, 3)), away_from([0], rng, 2, 3)), {}),
    ],
    "relu6": [
        lambda rng: ((away_from([0, 6], rng, 4, 3),), {}),
        lambda rng: ((np.array([3, -2, 9]),), {}),
    ],
    "leaky_relu": [
        lambda rng: ((away_from([0], rng, 2, 3),), {}),
        lambda rng: ((away_from([0], rng, 2, 3),), {"alpha": 0.5}),
        lambda rng: ((away_from([0], rng, 2, 3),), {"alpha": 1.5}),
        lambda rng: ((away_from([0], rng, 2, 3),), {"alpha": -0.5}),
    ],
    "leaky_relu_grad": [
        lambda rng: ((rng.normal(size=(2, 3)), away_from([0], rng, 2, 3), 0.3), {}),
        lambda rng: ((rng.normal(size=(2, 3)), away_from([0], rng, 2, 3), 1.5), {}),
    ],
    "elu": [lambda rng: ((away_from([0], rng, 2, 3),), {})],
    "selu": [lambda rng: ((away_from([0], rng, 2, 3),), {})],
}
