"""Adagrad and Adadelta: steps divided by how large an element's gradients have been."""

from __future__ import annotations

from typing import Any

from minitf.graph.tensor import Tensor
from minitf.initializers import Constant
from minitf.ops.powers import sqrt, square
from minitf.ops.state import Variable
from minitf.optimizers.memory import Slots
from minitf.optimizers.optimizer import Optimizer


class Adagrad(Optimizer):
    """Steps divided by the root of the sum of all squared gradients, so that they only shrink.

    Parameters
    ----------
    learning_rate : float, Variable or schedule
        Step length r.
    initial_accumulator_value : float
        What the sums begin with.
    epsilon : float
        Keeps the division from blowing up.
    **options
        See `Optimizer`: weight_decay, clipnorm, use_ema, name, ...

    Notes
    -----
    ``a <- a + g^2``, ``w <- w - r g / sqrt(a + eps)``.

    References
    ----------
    Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic
    optimization", 2011.

    Examples
    --------
    >>> import minitf as tf
    >>> w = tf.Variable(1.0)
    >>> adagrad = tf.optimizers.Adagrad(learning_rate=0.5, initial_accumulator_value=12.0)
    >>> _ = adagrad.apply_gradients([(tf.constant(2.0), w)])
    >>> round(float(w), 4)
    0.75
    """

    slots = (("accumulator",),)

    def __init__(self, learning_rate: Any = 0.001, initial_accumulator_value: float = 0.1,
                 epsilon: float = 1e-7, **options: Any):  # fmt: skip
        super().__init__(learning_rate, **options)
        self.initial_accumulator_value, self.epsilon = initial_accumulator_value, epsilon

    def first_value(self, variable: Variable, slot: str) -> Tensor:
        """Return what the sums begin with."""
        if slot == "accumulator":
            return Constant(self.initial_accumulator_value)(variable.shape, variable.dtype)
        return super().first_value(variable, slot)

    def update(self, g: Any, w: Variable, slots: Slots, r: Any) -> None:
        """Move one Variable."""
        a = slots["accumulator"] + square(g)
        slots["accumulator"].assign(a)
        w.assign_sub(r * g / sqrt(a + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {**super().get_config(), "epsilon": self.epsilon,
                "initial_accumulator_value": self.initial_accumulator_value}  # fmt: skip


class Adadelta(Optimizer):
    """Steps divided by how large recent gradients were, and as large as recent steps.

    The ratio gives a step the unit of the weights, so in the paper there is no learning rate (r=1).

    Parameters
    ----------
    learning_rate : float, Variable or schedule
        Step length r.
    rho : float
        How slowly the means of squares forget.
    epsilon : float
        Keeps the division from blowing up, and lets the first step begin.
    **options
        See `Optimizer`: weight_decay, clipnorm, use_ema, name, ...

    Notes
    -----
    ``a <- rho a + (1 - rho) g^2``, ``d = -g sqrt(x + eps) / sqrt(a + eps)``,
    ``x <- rho x + (1 - rho) d^2``, ``w <- w + r d``.

    References
    ----------
    Zeiler, "ADADELTA: an adaptive learning rate method", 2012, algorithm 1.

    Examples
    --------
    >>> import minitf as tf
    >>> w = tf.Variable(1.0)
    >>> adadelta = tf.optimizers.Adadelta(learning_rate=0.5, rho=0.0, epsilon=1.0)
    >>> _ = adadelta.apply_gradients([(tf.constant(2.0), w)])
    >>> round(float(w), 4)
    0.5528
    """

    slots = (("accumulated_grad", "accumulated_delta_var"),)

    def __init__(self, learning_rate: Any = 0.001, rho: float = 0.95, epsilon: float = 1e-7,
                 **options: Any):  # fmt: skip
        super().__init__(learning_rate, **options)
        self.rho, self.epsilon = rho, epsilon

    def update(self, g: Any, w: Variable, slots: Slots, r: Any) -> None:
        """Move one Variable."""
        rho, eps = self.rho, self.epsilon
        a = slots["accumulated_grad"] * rho + square(g) * (1 - rho)
        d = -g * sqrt(slots["accumulated_delta_var"] + eps) / sqrt(a + eps)
        x = slots["accumulated_delta_var"] * rho + square(d) * (1 - rho)
        slots["accumulated_grad"].assign(a)
        slots["accumulated_delta_var"].assign(x)
        w.assign_add(r * d)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {**super().get_config(), "rho": self.rho, "epsilon": self.epsilon}
