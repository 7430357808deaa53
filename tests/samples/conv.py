"""Sample calls of the ops in minitf.ops.conv: each of the three in all modes of a convolution."""

from minitf.ops.windows import counts, slide

# (sizes, channels), (window, channels seen, filters), strides, padding, dilations
CALLS = [
    ((5,), 2, (3,), 2, 2, (1,), "VALID", (1,)),
    ((6,), 1, (3,), 1, 2, (2,), "SAME", (1,)),
    ((6,), 3, (2,), 1, 3, (1,), "SAME", (2,)),
    ((4, 3), 1, (3, 2), 1, 2, (1, 1), "SAME", (1, 1)),
    ((5, 4), 1, (2, 2), 1, 1, (2, 1), "VALID", (1, 2)),
    ((3, 3), 2, (1, 1), 2, 2, (1, 1), "VALID", (1, 1)),
    ((3, 3), 2, (2, 2), 1, 4, (1, 1), "VALID", (1, 1)),  # depthwise
    ((2, 3), 4, (2, 2), 2, 2, (1, 1), "SAME", (1, 1)),  # two groups
    ((3, 3), 1, (2, 2), 1, 1, (1, 1), ((1, 0), (2, 1)), (1, 1)),
    ((7,), 1, (2,), 1, 1, (3,), "SAME", (1,)),  # windows that leave elements out
    ((2, 2, 2), 1, (2, 1, 2), 1, 2, (1, 1, 1), "VALID", (1, 1, 1)),
    ((2, 3, 2), 2, (2, 2, 2), 2, 1, (1, 2, 1), "SAME", (1, 1, 1)),
]


def parts(rng, sizes, channels, window, seen, filters, strides, padding, dilations):
    """Return input, filters and output of a convolution, and what its derivatives must be told."""
    axes = slide(sizes, window, strides, dilations, padding)
    x = rng.normal(size=(1 if len(sizes) > 1 else 2, *sizes, channels))
    w = rng.normal(size=(*window, seen, filters))
    y = rng.normal(size=(len(x), *counts(axes), filters))
    return x, w, y, {"strides": strides, "padding": padding, "dilations": dilations}


def forward(call):
    def sample(rng):
        x, w, _, how = parts(rng, *call)
        return (x, w), how

    return sample


def backprop_input(call):
    def sample(rng):
        x, w, y, how = parts(rng, *call)
        return (y, w), {"sizes": x.shape[1:-1], "groups": x.shape[-1] // w.shape[-2], **how}

    return sample


def backprop_filter(call):
    def sample(rng):
        x, w, y, how = parts(rng, *call)
        return (x, y), {"window": w.shape[:-2], "groups": x.shape[-1] // w.shape[-2], **how}

    return sample


SAMPLES = {
    "conv": [forward(call) for call in CALLS],
    "conv_backprop_input": [backprop_input(call) for call in CALLS],
    "conv_backprop_filter": [backprop_filter(call) for call in CALLS],
}
