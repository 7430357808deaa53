"""Sample calls of the ops in minitf.ops.powers."""

import numpy as np


def positive(rng):
    return (rng.uniform(0.2, 3, (2, 3)),), {}


def any_sign(rng):
    return (rng.choice([-1, 1], (2, 3)) * rng.uniform(0.3, 2, (2, 3)),), {}


SAMPLES = {
    "square": [any_sign, lambda rng: ((rng.integers(-5, 5, 4),), {})],
    "sqrt": [positive],
    "rsqrt": [positive],
    "reciprocal": [any_sign],
    "pow": [
        lambda rng: ((rng.uniform(0.3, 2, (2, 3)), rng.normal(size=3)), {}),
        lambda rng: ((rng.uniform(0.3, 2, (2, 1)), np.float64(2.5)), {}),
        lambda rng: ((rng.integers(-5, 5, (2, 3)), rng.integers(0, 4, 3)), {}),
    ],
}
