"""Sample calls of the ops in minitf.ops.cumulative."""

from itertools import product


def ways(rows):
    """Every direction, with and without the element itself, along each axis."""

    def way(axis, exclusive, reverse):
        how = {"axis": axis, "exclusive": exclusive, "reverse": reverse}
        return lambda rng: ((rows(rng, (3, 4)),), how)

    return [
        lambda rng: ((rows(rng, 4),), {}),
        *[way(*choice) for choice in product([0, -1], [False, True], [False, True])],
    ]


def normal(rng, shape):
    return rng.normal(size=shape)


def away(rng, shape):
    """Numbers of both signs, none of them near 0."""
    return rng.choice([-1, 1], shape) * rng.uniform(0.5, 1.5, shape)


def integers(rng):
    return (rng.integers(-3, 4, (2, 3)),), {"axis": 1, "exclusive": True}


SAMPLES = {
    "cumsum": [*ways(normal), integers],
    "cumprod": [*ways(away), integers],
    "cumulative_logsumexp": [
        lambda rng: ((rng.normal(size=4), 0, False), {}),
        lambda rng: ((rng.normal(size=(2, 4)), -1, True), {}),
        lambda rng: ((10 * rng.normal(size=(3, 2)), 0, False), {}),
    ],
    "shift": [
        lambda rng: ((rng.normal(size=4), 0, False, 0.0), {}),
        lambda rng: ((rng.normal(size=(2, 3)), -1, True, 1.5), {}),
    ],
    "decayed_sum": [
        lambda rng: ((rng.normal(size=4), rng.normal(size=4)), {}),
        lambda rng: ((rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), 1, True), {}),
    ],
}
