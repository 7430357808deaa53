"""Two independent chains of matmuls: on two workers at once, and one after the other.

Both run in one process with one BLAS thread, in alternating blocks, so that their ratio is formed
from neighbours. NumPy releases Python's global lock inside a matmul; this is where it shows.
Two bare threads with the same matmuls tell what the machine has to give at that moment.
"""

from __future__ import annotations

import threading

import numpy as np
from timing import calls_per_block, median, repeated, seconds_of

SIZE, LENGTH = 768, 8


def matrix() -> np.ndarray:
    """Make an orthogonal matrix: products of any length keep their size."""
    return np.linalg.qr(np.random.default_rng(20).normal(size=(SIZE, SIZE)))[0].astype(np.float32)


def functions(tf):
    """``one(x, w)`` runs one chain; ``both(x, y, w)`` runs two, each on a device of its own."""

    def chain(x, w):
        for _ in range(LENGTH):
            x = tf.matmul(x, w)
        return x

    @tf.function
    def one(x, w):
        return chain(x, w)

    @tf.function
    def both(x, y, w):
        with tf.device("/cpu:0"):
            left = chain(x, w)
        with tf.device("/cpu:1"):
            right = chain(y, w)
        return left, right

    return one, both


def bare_threads(x, y, w):
    """Run both chains in NumPy, one of them in a thread of its own, without a framework."""

    def chain(value):
        for _ in range(LENGTH):
            value = np.matmul(value, w)

    other = threading.Thread(target=chain, args=(y,))
    other.start()
    chain(x)
    other.join()


def must_agree(pairs):
    """Refuse to time a schedule that computes something else."""
    for ours, reference in pairs:
        if not np.array_equal(np.asarray(ours), np.asarray(reference)):
            raise SystemExit("overlap: the two schedules gave different numbers")


def measure(tf, budget):
    """Milliseconds of both schedules, and their ratio."""
    tf.config.threading.set_inter_op_parallelism_threads(2)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    one, both = functions(tf)
    x, y, w = tf.constant(matrix()), tf.constant(matrix() * 0.5), tf.constant(matrix())
    must_agree(zip(both(x, y, w), (one(x, w), one(y, w)), strict=True))
    arrays = [np.array(t) for t in (x, y, w)]
    schedules = (
        repeated(lambda: (one(x, w), one(y, w))),
        repeated(lambda: both(x, y, w)),
        repeated(lambda: bare_threads(*arrays)),
    )
    return compare(schedules, budget)


def compare(schedules, budget):
    """Alternate blocks of the schedules; figures of each and of the ratio of the first two."""
    count = max(calls_per_block(repeat, budget) for repeat in schedules)
    rounds = [[seconds_of(repeat, count) for repeat in schedules] for _ in range(budget.blocks)]
    in_turn, at_once, bare = zip(*rounds, strict=True)
    per_call = 1e3 / count
    return {
        "overlap": {
            "one after the other": median(in_turn, per_call),
            "on two workers": median(at_once, per_call),
            "two bare threads, NumPy": median(bare, per_call),
        },
        "speedup": {
            f"2 x {LENGTH} matmuls of {SIZE}x{SIZE}": median(
                [turn / once for turn, once in zip(in_turn, at_once, strict=True)]
            )
        },
    }
