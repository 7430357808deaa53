"""Sample calls of the ops in minitf.ops.error_function."""

import numpy as np


def anywhere(rng):
    return (rng.normal(size=(2, 3)),), {}


def far_out(rng):
    return (np.array([-6.0, -1.0, 0.0, 1e-9, 1.0, 4.0]),), {}


SAMPLES = {
    "erf": [anywhere, far_out, lambda rng: ((np.float64(rng.normal()),), {})],
    "erfc": [anywhere, far_out],
    "erfinv": [
        lambda rng: ((rng.uniform(-0.9, 0.9, (2, 3)),), {}),
        lambda rng: ((np.array([-0.5, 0.0, 0.5]),), {}),
    ],
}
