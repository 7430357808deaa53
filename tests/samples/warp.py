"""Sample calls of the ops in minitf.ops.warp."""

import numpy as np


def call(count, height, width, interpolation, fill_mode):
    def sample(rng):
        turned = np.array([1, 0, 0, 0, 1, 0, 0, 0]) + rng.normal(size=(count, 8)) * 0.3
        turned[:, [2, 5]] *= 20
        return (turned, height, width, interpolation, fill_mode), {}

    return sample


SAMPLES = {
    "warp_taps": [
        call(2, 4, 5, "bilinear", "reflect"),
        call(1, 3, 4, "bilinear", "constant"),
        call(2, 1, 3, "bilinear", "wrap"),
        call(3, 3, 1, "nearest", "nearest"),
        call(1, 2, 2, "nearest", "constant"),
    ]
}
