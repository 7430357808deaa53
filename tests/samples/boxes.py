"""Sample calls of the ops in minitf.ops.boxes."""

import numpy as np


def boxes(rng, *shape):
    """Boxes of which many overlap; some have their corners the other way round."""
    return rng.integers(-2, 14, (*shape, 4)) / 10


def scores(rng, *shape):
    return rng.permutation(int(np.prod(shape))).reshape(shape) / 10


SAMPLES = {
    "non_max_suppression": [
        lambda rng: ((boxes(rng, 9), scores(rng, 9), 5), {}),
        lambda rng: ((boxes(rng, 9), scores(rng, 9), 9, 0.2, 0.25), {}),
        lambda rng: ((boxes(rng, 3), scores(rng, 3), 0), {}),
    ],
    "combined_non_max_suppression": [
        lambda rng: ((boxes(rng, 2, 7, 1), scores(rng, 2, 7, 3), 3, 6, 0.3, 0.35, True), {}),
        lambda rng: ((boxes(rng, 2, 5, 2), scores(rng, 2, 5, 2), 2, 9, 0.1, -1.0, False), {}),
    ],
    "draw_bounding_boxes": [
        lambda rng: ((rng.random((2, 6, 5, 3)), boxes(rng, 2, 4), rng.random((2, 3))), {}),
        lambda rng: ((rng.random((1, 4, 7, 1)), boxes(rng, 1, 2), rng.random((3, 1))), {}),
    ],
}
