"""Sample calls of the ops in minitf.ops.activation."""

import numpy as np

SAMPLES = {
    "gelu": [
        lambda rng: ((rng.normal(size=(2, 3)),), {}),
        lambda rng: ((rng.normal(size=(2, 3)),), {"approximate": True}),
        lambda rng: ((np.float64(rng.normal()),), {}),
    ],
    "gelu_slope": [
        lambda rng: ((rng.normal(size=(2, 3)),), {}),
        lambda rng: ((np.float64(rng.normal()),), {}),
    ],
    "silu": [
        lambda rng: ((rng.normal(size=(2, 3)),), {}),
        lambda rng: ((np.array([-30.0, 30.0]),), {}),
    ],
    "softsign": [lambda rng: ((rng.choice([-1, 1], (2, 3)) * rng.uniform(0.1, 3, (2, 3)),), {})],
    "log_sigmoid": [
        lambda rng: ((rng.normal(size=(2, 3)),), {}),
        lambda rng: ((np.array([-30.0, 30.0]),), {}),
    ],
}
