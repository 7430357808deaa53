"""Sample calls of the ops in minitf.ops.segment."""

import numpy as np

IDS = [2, 0, 2, -1, 0]


def rows(rng):
    return (rng.permutation(10).reshape(5, 2) / 2 + 0.5, np.array(IDS), 4), {}


def numbers(rng):
    return (rng.permutation(6).reshape(2, 3) / 2 + 0.5, np.array([[0, 1, 0], [1, 1, 0]]), 2), {}


def integers(rng):
    return (rng.integers(0, 9, (5, 2)), np.array(IDS, np.int32), 3), {}


def nothing_empty(rng):
    """Every segment has a row: the extreme of none depends on the dtype."""
    return (rng.permutation(10).reshape(5, 2) / 2, np.array([2, 0, 1, -1, 0]), 3), {}


WAYS = [rows, numbers, integers]
EXTREMES = [nothing_empty, numbers, integers]

SAMPLES = {
    "unsorted_segment_sum": WAYS,
    "unsorted_segment_max": EXTREMES,
    "unsorted_segment_min": EXTREMES,
    "unsorted_segment_prod": WAYS,
    "count_segments": [lambda rng: ((np.sort(rng.integers(0, 5, 6)),), {})],
}
