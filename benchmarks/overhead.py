"""What a framework spends around tiny operations: eager, under a tape, and inside a function."""

from __future__ import annotations

import numpy as np
from timing import median, repeated, time_blocks

CHAIN = 100  # operations in one traced chain, and eager operations under one tape

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


def chains(tf):
    """Traced chains of CHAIN tiny operations, which no pass may shorten."""

    @tf.function
    def products(x, w):
        for _ in range(CHAIN):
            x = tf.matmul(x, w)
        return x

    @tf.function
    def elementwise(x, w):
        for _ in range(CHAIN // 2):
            x = tf.tanh(x + w)
        return x

    return {"matmul 4x4": products, "add, tanh 4x4": elementwise}


def graph_tf(tf, budget):
    """Time per operation inside a function, and of calling a function that does nothing."""
    x, w = tf.constant(square()), tf.constant(square())

    @tf.function
    def same(x):
        return x

    call = measure({"call": repeated(lambda: same(x))}, budget)["call"]
    calls = {name: repeated(lambda chain=chain: chain(x, w)) for name, chain in chains(tf).items()}
    whole = measure(calls, budget)
    inside = {name: max(total - call, 0.0) / CHAIN for name, total in whole.items()}
    return {"graph": {"call of a function that returns its argument": call, **inside}}
