"""The same work for every framework: initial weights and batches drawn once, with NumPy.

A recipe names its networks, each a list of arrays ``[weight, bias, weight, bias, ...]`` with
weights of shape (inputs, outputs), and holds a few batches that training goes round in a circle.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

BATCHES = 4
SANITY_STEPS = 20  # after so many steps the losses of all frameworks are compared

# So many steps count as the beginning of a training: one to two seconds of TensorFlow's time, in
# which whatever compiles kernels has to compile them.
EARLY_STEPS = {"logreg": 2000, "mlp": 300, "dqn": 2000, "gan": 300}


class Recipe(NamedTuple):
    """Everything a framework needs to know to do the same training steps as the others."""

    networks: dict[str, list[np.ndarray]]
    batches: list[tuple[np.ndarray, ...]]
    optimizer: str
    learning_rate: float


def dense(rng: np.random.Generator, *sizes: int) -> list[np.ndarray]:
    """Weights (He normal) and zero biases of a chain of dense layers."""
    arrays = []
    for inputs, outputs in itertools.pairwise(sizes):
        weight = rng.normal(0.0, np.sqrt(2.0 / inputs), (inputs, outputs))
        arrays += [weight.astype(np.float32), np.zeros(outputs, np.float32)]
    return arrays


def digits(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Images (128, 784) in [-1, 1) and labels (128,)."""
    return 2 * rng.random((128, 784), np.float32) - 1, rng.integers(0, 10, 128, np.int32)


def transitions(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """States (64, 4), actions (64,), rewards (64,), next states (64, 4), unfinished (64,)."""
    states, following = rng.normal(size=(2, 64, 4)).astype(np.float32)
    actions = rng.integers(0, 2, 64, np.int32)
    rewards = rng.normal(size=64).astype(np.float32)
    unfinished = (rng.random(64) < 0.9).astype(np.float32)
    return states, actions, rewards, following, unfinished


def noise_and_images(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Noise (128, 64) and images (128, 784) in [-1, 1)."""
    noise = rng.normal(size=(128, 64)).astype(np.float32)
    return noise, 2 * rng.random((128, 784), np.float32) - 1


def recipe(workload: str) -> Recipe:
    """Make the recipe of one workload; equal on every call."""
    rng = np.random.default_rng(20)
    if workload == "logreg":
        networks, draw, optimizer = {"net": dense(rng, 784, 10)}, digits, ("SGD", 0.01)
    elif workload == "mlp":
        networks, draw, optimizer = {"net": dense(rng, 784, 512, 512, 10)}, digits, ("Adam", 1e-4)
    elif workload == "dqn":
        networks = {"net": dense(rng, 4, 64, 64, 2), "frozen": dense(rng, 4, 64, 64, 2)}
        draw, optimizer = transitions, ("Adam", 1e-3)
    elif workload == "gan":
        networks = {"generator": dense(rng, 64, 256, 784), "judge": dense(rng, 784, 256, 1)}
        draw, optimizer = noise_and_images, ("Adam", 2e-4)
    else:
        raise ValueError(f"no workload {workload!r}")
    return Recipe(networks, [draw(rng) for _ in range(BATCHES)], *optimizer)
