"""Sample calls of the ops in minitf.ops.source."""

import numpy as np

from minitf.dtypes import float32, float64, int64
from minitf.graph.convert import as_tensor

SAMPLES = {
    "constant": [
        lambda rng: ((as_tensor(rng.normal(size=(2, 3))),), {}),
        lambda rng: ((as_tensor([True, False]),), {}),
    ],
    "identity": [
        lambda rng: ((rng.normal(size=(2, 3)),), {}),
        lambda rng: ((rng.integers(0, 9, 4),), {}),
        lambda rng: ((np.float64(rng.normal()),), {}),
    ],
    "stop_gradient": [
        lambda rng: ((rng.normal(size=(2, 3)),), {}),
        lambda rng: ((np.array([True, False]),), {}),
    ],
    "shape": [
        lambda rng: ((rng.normal(size=(2, 3)),), {}),
        lambda rng: ((rng.normal(size=(4, 0, 1)),), {"out_type": int64}),
        lambda rng: ((np.float64(1.0),), {}),
    ],
    "size": [
        lambda rng: ((rng.normal(size=(2, 3)),), {}),
        lambda rng: ((rng.normal(size=(4, 0)),), {"out_type": int64}),
        lambda rng: ((np.float64(1.0),), {}),
    ],
    "zeros_like": [
        lambda rng: ((rng.normal(size=(2, 3)),), {}),
        lambda rng: ((rng.integers(0, 9, 4),), {"dtype": float64}),
        lambda rng: ((np.float64(1.0),), {"dtype": float32}),
    ],
    "ones_like": [
        lambda rng: ((rng.normal(size=(2, 3)),), {}),
        lambda rng: ((rng.integers(0, 9, 4),), {"dtype": float64}),
        lambda rng: ((np.float64(1.0),), {"dtype": float32}),
    ],
}
