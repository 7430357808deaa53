"""CartPole: a pole stands on a cart; pushes to the left and right are to keep it upright.

The physics, limits and rewards are those of CartPole-v1, which follow A. Barto, R. Sutton, C.
Anderson, "Neuronlike adaptive elements that can solve difficult learning control problems", 1983.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

GRAVITY, CART, POLE = 9.8, 1.0, 0.1  # m/s^2, kg, kg
HALF_LENGTH = 0.5  # of the pole, m
FORCE, SECONDS = 10.0, 0.02  # of a push, N; of a step
FARTHEST, STEEPEST, LONGEST = 2.4, math.radians(12), 500  # m, rad, steps


class CartPoles:
    """Some carts side by side, each with a pole.

    Parameters
    ----------
    count : int
        How many.
    rng : numpy.random.Generator
        Draws the states they begin with.

    Attributes
    ----------
    states : ndarray, shape (count, 4)
        Place and speed of each cart, angle and angular speed of its pole.
    steps : ndarray, shape (count,)
        How long each pole has stood.
    """

    def __init__(self, count: int, rng: np.random.Generator):
        self.rng = rng
        self.states = np.zeros((count, 4))
        self.steps = np.zeros(count, int)
        self.reset(np.ones(count, bool))

    def reset(self, chosen: Array) -> None:
        """Begin anew with the carts that are chosen (count,)."""
        self.states[chosen] = self.rng.uniform(-0.05, 0.05, (chosen.sum(), 4))
        self.steps[chosen] = 0

    def push(self, right: Array) -> tuple[Array, Array]:
        """Push each cart, to the right where that is 1; return who fell, and who may stop.

        Every step is worth a reward of 1. A pole that stands for `LONGEST` steps has not fallen.
        """
        _, speed, angle, turn = self.states.T
        force = np.where(right, FORCE, -FORCE)
        mass, sine, cosine = CART + POLE, np.sin(angle), np.cos(angle)
        pressed = (force + POLE * HALF_LENGTH * turn**2 * sine) / mass
        turning = (GRAVITY * sine - cosine * pressed) / (
            HALF_LENGTH * (4 / 3 - POLE * cosine**2 / mass)
        )
        moving = pressed - POLE * HALF_LENGTH * turning * cosine / mass
        change = np.stack([speed, moving, turn, turning], axis=1)
        self.states = self.states + SECONDS * change  # Euler's method
        self.steps += 1
        fell = (abs(self.states[:, 0]) > FARTHEST) | (abs(self.states[:, 2]) > STEEPEST)
        return fell, self.steps >= LONGEST
