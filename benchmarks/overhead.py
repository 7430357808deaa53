"""What a framework spends around tiny operations: eager, under a tape, and inside a function."""

from __future__ import annotations

import numpy as np
from timing import median, repeated, time_blocks

CHAIN = 100  # eager operations under one tape
SHORT, LONG = 50, 550  # links of the traced chains

MICROSECONDS = 1e6


def measure(repeats, budget):
    """Microseconds per call for each named ``repeat(n)``."""
    return {
        name: median(time_blocks(repeat, budget), MICROSECONDS) for name, repeat in repeats.items()
    }


def tf_operations(tf, x, w):
    """Return the tiny operations, named, as calls without arguments."""
    return {
        "add 4x4": lambda: tf.add(x, w),
        "matmul 4x4": lambda: tf.matmul(x, w),
        "relu 4x4": lambda: tf.nn.relu(x),
        "reduce_sum 4x4": lambda: tf.reduce_sum(x),
        "reshape 4x4": lambda: tf.reshape(x, [2, 8]),
        "x[0] of 4x4": lambda: x[0],
    }


def torch_operations(torch, x, w):
    """Return the same operations in PyTorch."""
    return {
        "add 4x4": lambda: torch.add(x, w),
        "matmul 4x4": lambda: torch.matmul(x, w),
        "relu 4x4": lambda: torch.relu(x),
        "reduce_sum 4x4": lambda: torch.sum(x),
        "reshape 4x4": lambda: torch.reshape(x, (2, 8)),
        "x[0] of 4x4": lambda: x[0],
    }


def square() -> np.ndarray:
    """Make a 4x4 float32 matrix whose powers neither grow nor vanish."""
    return np.linalg.qr(np.random.default_rng(20).normal(size=(4, 4)))[0].astype(np.float32)


def taped(tf, x, call):
    """``repeat(n)`` for n recorded calls, at most CHAIN of them on one tape."""

    def repeat(count):
        for start in range(0, count, CHAIN):
            with tf.GradientTape() as tape:
                tape.watch(x)
                for _ in range(min(CHAIN, count - start)):
                    call()

    return repeat


def eager_tf(tf, budget):
    """Figures of single eager operations, without and with a tape."""
    budget = budget.shrunk(0.25)
    x, w = tf.constant(square()), tf.constant(square())
    calls = tf_operations(tf, x, w)
    return {
        "eager": measure({name: repeated(call) for name, call in calls.items()}, budget),
        "tape": measure({name: taped(tf, x, call) for name, call in calls.items()}, budget),
    }


def eager_torch(torch, budget):
    """Figures of single eager operations, without and with autograd recording."""
    budget = budget.shrunk(0.25)
    x, w = torch.from_numpy(square()), torch.from_numpy(square())
    watched = x.clone().requires_grad_()
    plain, recorded = torch_operations(torch, x, w), torch_operations(torch, watched, w)
    return {
        "eager": measure({name: repeated(call) for name, call in plain.items()}, budget),
        "tape": measure({name: repeated(call) for name, call in recorded.items()}, budget),
    }


def traced(tf, link, length):
    """Trace a chain of ``length`` links, each an operation that no pass can spare."""

    @tf.function
    def chain(x, w):
        for _ in range(length):
            x = link(x, w)
        return x

    return chain


def links(tf):
    """Name the operations that chains are made of."""
    return {"matmul 4x4": tf.matmul, "add and tanh 4x4": lambda x, w: tf.tanh(x + w)}


def per_link(tf, link, x, w, budget):
    """Microseconds per link: what a longer chain takes more than a shorter one.

    So the cost of the call drops out. A difference of two noisy times needs the least disturbed
    ones: the minimum over blocks of both.
    """
    chains = {length: traced(tf, link, length) for length in (SHORT, LONG)}
    repeats = {n: repeated(lambda chain=chain: chain(x, w)) for n, chain in chains.items()}
    fastest = {n: min(time_blocks(repeat, budget)) for n, repeat in repeats.items()}
    return (fastest[LONG] - fastest[SHORT]) * MICROSECONDS / (LONG - SHORT)


def graph_tf(tf, budget):
    """Time per link of a chain inside a function, and of calling a function that does nothing."""
    x, w = tf.constant(square()), tf.constant(square())
    same = tf.function(lambda x: x)
    call = measure(
        {"call of a function that returns its argument": repeated(lambda: same(x))}, budget
    )
    inside = {name: per_link(tf, link, x, w, budget) for name, link in links(tf).items()}
    return {"graph": call | inside}
