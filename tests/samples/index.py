"""Sample calls of the ops in minitf.ops.index."""

import numpy as np


def normal(rng, *shape):
    return np.asarray(rng.normal(size=shape))


OPEN = ()
ALL = (OPEN, OPEN, OPEN)
BACKWARDS = (OPEN, OPEN, -1)
KEYS = [
    (1,),
    (-1, (1, OPEN, OPEN)),
    (BACKWARDS, (OPEN, OPEN, 2)),
    ((-2, OPEN, OPEN), (4, 0, -2)),
    ("...", 0),
    ("new", 0, "...", "new"),
    (ALL, "new", (1, 2, OPEN)),
    (),
]


def indexed(key):
    return lambda rng: ((normal(rng, 3, 4), key), {})


def filled(key, shape):
    return lambda rng: ((normal(rng, *shape), (3, 4), key), {})


SAMPLES = {
    "getitem": [indexed(key) for key in KEYS],
    "getitem_backprop": [
        filled((1,), (4,)),
        filled((BACKWARDS, (OPEN, OPEN, 2)), (3, 2)),
        filled(("new", 0, "...", "new"), (1, 4, 1)),
    ],
    "slice": [
        lambda rng: ((normal(rng, 3, 4), [1, 0], [2, 3]), {}),
        lambda rng: ((normal(rng, 3, 4), [0, 2], [-1, -1]), {}),
        lambda rng: ((normal(rng, 5),), {"begin": [1], "size": [0]}),
    ],
    "slice_backprop": [
        lambda rng: ((normal(rng, 2, 3), (3, 4), (1, 0)), {}),
        lambda rng: ((normal(rng, 3), (3,), (0,)), {}),
    ],
}
