"""Sample calls of the ops in minitf.ops.reduction."""

import numpy as np


def distinct(rng, *shape):
    """Numbers of which no two are near each other."""
    return (rng.permutation(int(np.prod(shape))).reshape(shape) - 3) / 2


def ways(draw):
    """The ways to name axes, on arrays that `draw` makes."""
    return [
        lambda rng: ((draw(rng, 2, 3),), {}),
        lambda rng: ((draw(rng, 2, 3, 2),), {"axis": -2}),
        lambda rng: ((draw(rng, 2, 3, 2),), {"axis": [0, -1], "keepdims": True}),
        lambda rng: ((draw(rng, 2, 3, 2), (2, 0)), {}),
        lambda rng: ((draw(rng, 4),), {"axis": 0, "keepdims": True}),
        lambda rng: ((draw(rng),), {}),
        lambda rng: ((draw(rng, 2, 2), []), {}),
    ]


def normal(rng, *shape):
    return np.asarray(rng.normal(size=shape))


def truths(rng, *shape):
    return np.asarray(rng.random(shape) < 0.6)


def integers(rng):
    return (rng.integers(-9, 9, (3, 4)),), {"axis": 1}


def places(draw):
    return [
        lambda rng: ((draw(rng, 4, 3),), {}),
        lambda rng: ((draw(rng, 4, 3),), {"axis": 1}),
        lambda rng: ((draw(rng, 2, 3, 2), -2), {"output_type": "int32"}),
        lambda rng: ((rng.integers(0, 3, (4, 5)),), {"axis": -1}),
    ]


SAMPLES = {
    "reduce_sum": [*ways(normal), integers],
    "reduce_mean": [*ways(normal), integers],
    "reduce_max": [*ways(distinct), integers],
    "reduce_min": [*ways(distinct), integers],
    "reduce_prod": [*ways(normal), integers],
    "reduce_all": ways(truths),
    "reduce_any": ways(truths),
    "reduce_logsumexp": ways(normal),
    "argmax": places(distinct),
    "argmin": places(distinct),
}
