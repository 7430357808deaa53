"""Sample calls of the ops in minitf.ops.resize."""

# shape, axis, new size, method, antialias
CALLS = [
    ((2, 3, 1), 0, 5, "bilinear", False),
    ((2, 5), 1, 2, "bilinear", True),
    ((1, 4, 2), -2, 3, "bicubic", False),
    ((6, 2), 0, 4, "bicubic", True),
    ((7,), 0, 3, "area", False),
    ((3, 2), 0, 4, "area", True),
    ((2, 4), 1, 6, "lanczos3", False),
    ((9,), 0, 2, "lanczos5", True),
    ((5, 1), 0, 3, "gaussian", True),
    ((4, 2), 0, 7, "mitchellcubic", False),
    ((2, 5), 1, 3, "nearest", False),
    ((1, 2), 0, 3, "nearest", False),
]


def forward(shape, axis, size, method, antialias):
    return lambda rng: ((rng.normal(size=shape), axis, size, method, antialias), {})


def backward(shape, axis, size, method, antialias):
    def sample(rng):
        grown = list(shape)
        grown[axis] = size
        return (rng.normal(size=grown), axis, shape[axis], method, antialias), {}

    return sample


SAMPLES = {
    "resample": [
        *[forward(*call) for call in CALLS],
        lambda rng: ((rng.integers(0, 9, (3, 2)), 0, 5, "nearest", False), {}),
    ],
    "resample_backprop": [backward(*call) for call in CALLS],
}
