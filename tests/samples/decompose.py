"""Sample calls of the ops in minitf.ops.decompose."""

import numpy as np


def normal(rng, *shape):
    return np.asarray(rng.normal(size=shape))


def apart(rng, n, m):
    """A matrix whose singular values are 1, 2, ...: none near another, none near 0."""
    left, _ = np.linalg.qr(normal(rng, n, n))
    right, _ = np.linalg.qr(normal(rng, m, m))
    values = np.eye(n, m) * np.arange(1.0, m + 1)
    return left @ values @ right


def symmetric(rng, n):
    basis, _ = np.linalg.qr(normal(rng, n, n))
    return basis * np.arange(1.0, n + 1) @ basis.T


TALL, WIDE, SQUARE = (4, 2), (2, 4), (3, 3)


def of(shape, **flags):
    return lambda rng: ((apart(rng, *shape),), flags)


SAMPLES = {
    "cholesky": [
        lambda rng: ((symmetric(rng, 3),), {}),
        lambda rng: ((np.stack([symmetric(rng, 2), symmetric(rng, 2)]),), {}),
    ],
    "qr": [
        of(TALL),
        of(WIDE),
        of(SQUARE),
        of(SQUARE, full_matrices=True),
        lambda rng: ((np.stack([apart(rng, 3, 2), apart(rng, 3, 2)]),), {}),
    ],
    "svd": [
        of(TALL, full_matrices=False, compute_uv=True),
        of(WIDE, full_matrices=False, compute_uv=True),
        of(SQUARE, full_matrices=True, compute_uv=True),
        of(TALL, full_matrices=False, compute_uv=False),
        lambda rng: ((np.stack([apart(rng, 2, 2), apart(rng, 2, 2)]), False, True), {}),
    ],
    "eigh": [
        lambda rng: ((symmetric(rng, 3), True), {}),
        lambda rng: ((symmetric(rng, 4), False), {}),
        lambda rng: ((np.stack([symmetric(rng, 2), symmetric(rng, 2)]), True), {}),
    ],
}
