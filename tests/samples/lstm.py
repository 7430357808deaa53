"""Sample calls of the ops in minitf.ops.lstm."""

import numpy as np


def arrays(rng, *shapes):
    return tuple(rng.normal(size=shape) for shape in shapes)


def forward(rng, steps, batch, features, units, masks=0):
    shapes = [(steps, batch, features), (features, 4 * units), (units, 4 * units), (4 * units,)]
    given = arrays(rng, *shapes, (batch, units), (batch, units))
    return (*given, [rng.random((steps, batch)) < 0.5 for _ in range(masks)]), {}


def backward(rng, steps, batch, units, masks=0):
    states = arrays(rng, *[(steps + 1, batch, units)] * 3)
    gates, kernel = arrays(rng, (steps, batch, 4 * units), (units, 4 * units))
    gates = 1 / (1 + np.exp(-gates))
    return (*states, gates, kernel, [rng.random((steps, batch)) < 0.5 for _ in range(masks)]), {}


SAMPLES = {
    "lstm": [
        lambda rng: forward(rng, 3, 2, 1, 2),
        lambda rng: forward(rng, 4, 3, 2, 1, masks=1),
        lambda rng: forward(rng, 1, 1, 1, 1),
    ],
    "lstm_backprop": [
        lambda rng: backward(rng, 3, 2, 2),
        lambda rng: backward(rng, 4, 3, 1, masks=1),
    ],
}
