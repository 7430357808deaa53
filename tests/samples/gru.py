"""Sample calls of the ops in minitf.ops.gru."""

import numpy as np


def arrays(rng, *shapes):
    return tuple(rng.normal(size=shape) for shape in shapes)


def forward(rng, steps, batch, features, units, masks=0):
    shapes = [(steps, batch, features), (features, 3 * units), (units, 3 * units), (2, 3 * units)]
    given = arrays(rng, *shapes, (batch, units))
    return (*given, [rng.random((steps, batch)) < 0.5 for _ in range(masks)]), {}


def backward(rng, steps, batch, units, masks=0):
    states = arrays(rng, *[(steps + 1, batch, units)] * 2)
    gates, kernel = arrays(rng, (steps, batch, 4 * units), (units, 3 * units))
    gates = 1 / (1 + np.exp(-gates))
    return (*states, gates, kernel, [rng.random((steps, batch)) < 0.5 for _ in range(masks)]), {}


SAMPLES = {
    "gru": [
        lambda rng: forward(rng, 3, 2, 1, 2),
        lambda rng: forward(rng, 4, 3, 2, 1, masks=1),
        lambda rng: forward(rng, 1, 1, 1, 1),
    ],
    "gru_backprop": [
        lambda rng: backward(rng, 3, 2, 2),
        lambda rng: backward(rng, 4, 3, 1, masks=1),
    ],
}
