"""Sample calls of the ops in minitf.ops.draws."""

import numpy as np

import minitf as tf

KEY = np.array([1, 2])
STREAM_KEY = np.array([7, 0, 3], np.uint64)


def to_shape(rng):
    return (KEY, [3, 4], tf.float64), {}


def from_stream(rng):
    return (STREAM_KEY, [5], tf.float32), {}


def one(rng):
    return (KEY, [], tf.float64), {}


def nothing(rng):
    return (KEY, [2, 0], tf.float64), {}


SHAPES = [to_shape, from_stream, one, nothing]

SAMPLES = {
    "standard_normal": SHAPES,
    "standard_truncated_normal": SHAPES,
    "standard_uniform": [*SHAPES, lambda rng: ((KEY, [9], tf.float16), {})],
    "uniform_integers": [
        lambda rng: ((KEY, [3, 4], -5, 5, tf.int32), {}),
        lambda rng: ((STREAM_KEY, [], 0, 256, tf.uint8), {}),
    ],
    "standard_gamma": [
        lambda rng: ((np.array([0.5, 2.0, 8.0]), KEY, [4]), {}),
        lambda rng: ((np.array(1.5), KEY, []), {}),
    ],
    "draw_poisson": [
        lambda rng: ((np.array([0.5, 2.0, 8.0]), KEY, [4], tf.int32), {}),
        lambda rng: ((np.array(1.5), KEY, [], tf.float64), {}),
    ],
    "draw_classes": [
        lambda rng: ((rng.normal(size=(4, 3)), KEY, 5, tf.int64), {}),
        lambda rng: ((np.array([[-np.inf, 0.0]]), KEY, 1, tf.int32), {}),
    ],
    "draw_candidates": [
        lambda rng: ((KEY, 5, 40, "log_uniform", True), {}),
        lambda rng: ((STREAM_KEY, 7, 3, "log_uniform", False), {}),
        lambda rng: ((KEY, 6, 6, "uniform", True), {}),
        lambda rng: ((KEY, 0, 6, "uniform", True), {}),
    ],
    "permute_rows": [
        lambda rng: ((rng.normal(size=(5, 2)), KEY, False), {}),
        lambda rng: ((rng.normal(size=7), KEY, True), {}),
        lambda rng: ((rng.integers(0, 9, 6), KEY, False), {}),
    ],
    "dropout_mask": [
        lambda rng: ((KEY, [3, 4], 0.25, tf.float64), {}),
        lambda rng: ((KEY, [2, 0], 0.5, tf.float32), {}),
        lambda rng: ((STREAM_KEY, [], 0.0, tf.float64), {}),
    ],
}
