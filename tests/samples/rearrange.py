"""Sample calls of the ops in minitf.ops.rearrange."""

import numpy as np


def normal(rng, *shape):
    return np.asarray(rng.normal(size=shape))


def padded(mode, paddings, **value):
    return lambda rng: ((normal(rng, 3, 4), paddings, mode), value)


def folded(mode):
    return lambda rng: ((normal(rng, 6, 5), (3, 4), ((1, 2), (0, 1)), mode), {})


SAMPLES = {
    "tile": [
        lambda rng: ((normal(rng, 2, 3), [2, 1]), {}),
        lambda rng: ((normal(rng, 2, 2), [3, 2]), {}),
        lambda rng: ((normal(rng, 2), [0]), {}),
        lambda rng: ((normal(rng), []), {}),
    ],
    "tile_backprop": [
        lambda rng: ((normal(rng, 4, 3), (2, 3), (2, 1)), {}),
        lambda rng: ((normal(rng, 6), (2,), (3,)), {}),
    ],
    "repeat_indices": [lambda rng: ((np.array([2, 0, 3]),), {})],
    "pad": [
        padded("CONSTANT", [[1, 2], [0, 1]]),
        padded("constant", [[0, 0], [2, 0]], constant_values=7.5),
        padded("REFLECT", [[1, 2], [3, 0]]),
        padded("SYMMETRIC", [[3, 1], [2, 4]]),
    ],
    "pad_backprop": [folded("REFLECT"), folded("SYMMETRIC")],
    "reverse": [
        lambda rng: ((normal(rng, 2, 3), [0]), {}),
        lambda rng: ((normal(rng, 2, 3, 2), [0, -1]), {}),
    ],
    "reverse_sequence": [
        lambda rng: ((normal(rng, 3, 4), np.array([2, 4, 0]), 1), {}),
        lambda rng: ((normal(rng, 4, 2, 2), np.array([3, 1])), {"seq_axis": 0, "batch_axis": 2}),
    ],
    "roll": [
        lambda rng: ((normal(rng, 5), 2, 0), {}),
        lambda rng: ((normal(rng, 3, 4), [1, -6], [0, -1]), {}),
    ],
}
