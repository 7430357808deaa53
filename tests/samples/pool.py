"""Sample calls of the ops in minitf.ops.pool."""

import numpy as np

from minitf.ops.windows import counts, slide, taps

# sizes, channels, window, strides, padding, dilations
CALLS = [
    ((5,), 2, (2,), (2,), "VALID", (1,)),
    ((5,), 2, (3,), (2,), "SAME", (1,)),
    ((6,), 1, (2,), (1,), "VALID", (3,)),
    ((4, 4), 1, (2, 2), (2, 2), "VALID", (1, 1)),
    ((3, 4), 2, (2, 3), (1, 2), "SAME", (1, 1)),
    ((3, 3), 1, (2, 2), (2, 2), ((1, 0), (0, 1)), (1, 1)),
    ((5,), 1, (1,), (2,), "VALID", (1,)),
    ((2, 3, 2), 1, (2, 2, 1), (1, 2, 1), "SAME", (1, 1, 1)),
]


def parts(rng, sizes, channels, window, strides, padding, dilations):
    """Return an input without ties, its largest elements, and how they were found."""
    axes = slide(sizes, window, strides, dilations, padding)
    x = rng.permutation(np.arange(2.0 * np.prod(sizes) * channels)).reshape(2, *sizes, channels)
    y = np.full((2, *counts(axes), channels), -np.inf)
    for _, inside, outside in taps(axes):
        y[outside] = np.maximum(y[outside], x[inside])
    how = {"window": window, "strides": strides, "padding": padding, "dilations": dilations}
    return x / 8, y / 8, how


def forward(call):
    def sample(rng):
        x, _, how = parts(rng, *call)
        return (x,), how

    return sample


def backprop(call, sizes_of_output):
    def sample(rng):
        x, y, how = parts(rng, *call)
        third = rng.normal(size=(y if sizes_of_output else x).shape)
        # what is largest only decides; rounded to integers, it has no derivative to be compared
        return ((x * 8).astype(int), (y * 8).astype(int), third), how

    return sample


def backprop_average(call):
    def sample(rng):
        x, y, how = parts(rng, *call)
        return (rng.normal(size=y.shape), x.shape[1:-1]), how

    return sample


SAMPLES = {
    "max_pool": [
        *[forward(call) for call in CALLS],
        lambda rng: ((rng.integers(0, 9, (1, 4, 2)), (2,), (2,), "VALID", (1,)), {}),
    ],
    "max_pool_backprop": [backprop(call, True) for call in CALLS],
    "max_pool_select": [backprop(call, False) for call in CALLS],
    "avg_pool": [forward(call) for call in CALLS],
    "avg_pool_backprop": [backprop_average(call) for call in CALLS],
}
