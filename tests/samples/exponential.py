"""Sample calls of the ops in minitf.ops.exponential."""

import numpy as np


def unary(rng):
    return (rng.normal(size=(2, 3)),), {}


def number(rng):
    return (np.float64(rng.normal()),), {}


def large(rng):
    return (np.array([-40.0, -3.0, 3.0, 40.0]),), {}


def positive(rng):
    return (rng.uniform(0.2, 3, (2, 3)),), {}


def weights(rng):
    return (rng.normal(size=(2, 3)), rng.uniform(0.2, 3, 3)), {}


SAMPLES = {
    "exp": [unary, number],
    "expm1": [unary, number],
    "log": [positive],
    "log1p": [positive, lambda rng: ((rng.uniform(-0.7, 0, 4),), {})],
    "sigmoid": [unary, number, large],
    "softplus": [unary, number, large],
    "xlogy": [weights, lambda rng: ((rng.normal(size=(2, 1)), rng.uniform(0.2, 3, (1, 2))), {})],
    "xlog1py": [weights],
}
