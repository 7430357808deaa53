"""Sample calls of the ops in minitf.ops.gamma."""

import numpy as np


def positive(rng):
    return (rng.uniform(0.3, 9, (2, 3)),), {}


def negative(rng):
    return (-rng.integers(0, 3, 4) - rng.uniform(0.3, 0.7, 4),), {}


SAMPLES = {
    "lgamma": [positive, negative, lambda rng: ((np.float64(30.0),), {})],
    "digamma": [positive, negative],
    "polygamma": [
        lambda rng: ((rng.integers(0, 4, 3), rng.uniform(0.5, 5, (2, 3))), {}),
        lambda rng: ((np.array(1), -rng.uniform(0.3, 0.7, 3)), {}),
    ],
}
