"""RMSprop."""

from __future__ import annotations

from typing import Any

from minitf.ops.powers import sqrt, square
from minitf.ops.state import Variable
from minitf.optimizers.memory import Slots
from minitf.optimizers.optimizer import Optimizer


class RMSprop(Optimizer):
    """Steps divided by the root of the mean of recent squared gradients.

    Parameters
    ----------
    learning_rate : float, Variable or schedule
        Step length r.
    rho : float
        How slowly the means forget.
    momentum : float
        How much of the last step is kept, mu.
    epsilon : float
        Keeps the division from blowing up; None, in programs for Keras 2, is the default.
    centered : bool
        Divide by the variance: subtract the squared mean of the gradients.
    **options
        See `Optimizer`: weight_decay, clipnorm, use_ema, name, ...

    Notes
    -----
    ``v <- rho v + (1 - rho) g^2``, ``w <- w - s`` with ``s = r g / sqrt(v + eps)``. With momentum
    ``p <- mu p + s``, ``w <- w - p``. Centered, ``a <- rho a + (1 - rho) g`` and ``v - a^2`` takes
    the place of v in s.

    References
    ----------
    Hinton, "Neural networks for machine learning", lecture 6e, 2012; Graves, "Generating sequences
    with recurrent neural networks", 2013, section 4.2 (centered).

    Examples
    --------
    >>> import minitf as tf
    >>> w = tf.Variable(1.0)
    >>> rmsprop = tf.optimizers.RMSprop(learning_rate=0.25, rho=0.75)
    >>> _ = rmsprop.apply_gradients([(tf.constant(2.0), w)])
    >>> round(float(w), 4)
    0.5
    """

    def __init__(self, learning_rate: Any = 0.001, rho: float = 0.9, momentum: float = 0.0,
                 epsilon: float | None = 1e-7, centered: bool = False,
                 **options: Any):  # fmt: skip
        super().__init__(learning_rate, **options)
        self.rho, self.momentum = rho, momentum
        self.epsilon = 1e-7 if epsilon is None else epsilon
        self.centered = centered
        self.slots = (("velocity",), ("momentum",) * (momentum > 0),
                      ("average_gradient",) * centered)  # fmt: skip

    def update(self, g: Any, w: Variable, slots: Slots, r: Any) -> None:
        """Move one Variable."""
        rho, mu = self.rho, self.momentum
        v = slots["velocity"] * rho + square(g) * (1 - rho)
        slots["velocity"].assign(v)
        if self.centered:
            a = slots["average_gradient"] * rho + g * (1 - rho)
            slots["average_gradient"].assign(a)
            v = v - square(a)
        step = r * g / sqrt(v + self.epsilon)
        if mu > 0:
            step = slots["momentum"] * mu + step
            slots["momentum"].assign(step)
        w.assign_sub(step)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {**super().get_config(), "rho": self.rho, "momentum": self.momentum,
                "epsilon": self.epsilon, "centered": self.centered}  # fmt: skip
