"""Adamax: Adam with a maximum in place of the mean of squares."""

from __future__ import annotations

from typing import Any

from minitf.ops.math import abs_
from minitf.ops.rounding import maximum
from minitf.ops.state import Variable
from minitf.optimizers.memory import Slots
from minitf.optimizers.optimizer import Optimizer


class Adamax(Optimizer):
    """Steps divided by the largest gradient of each element, which is slowly forgotten.

    Parameters
    ----------
    learning_rate : float, Variable or schedule
        Step length r.
    beta_1, beta_2 : float
        How slowly the mean of the gradients, and their maximum, forget.
    epsilon : float
        Keeps the division from blowing up.
    **options
        See `Optimizer`: weight_decay, clipnorm, use_ema, name, ...

    Notes
    -----
    ``m <- m + (g - m)(1 - b1)``, ``u <- max(b2 u, |g|)``,
    ``w <- w - a m / (u + eps)`` with ``a = r / (1 - b1^t)`` in step t.

    References
    ----------
    Kingma and Ba, "Adam: a method for stochastic optimization", 2015, section 7.1.

    Examples
    --------
    >>> import minitf as tf
    >>> w = tf.Variable(1.0)
    >>> _ = tf.optimizers.Adamax(learning_rate=0.5).apply_gradients([(tf.constant(2.0), w)])
    >>> round(float(w), 4)
    0.5
    """

    slots = (("momentum", "norm"),)

    def __init__(self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999,
                 epsilon: float = 1e-7, **options: Any):  # fmt: skip
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def prepare(self, r: Any, t: Any) -> Any:
        """Return the corrected step length a."""
        return r / (1 - self.beta_1**t)

    def update(self, g: Any, w: Variable, slots: Slots, a: Any) -> None:
        """Move one Variable."""
        m = slots["momentum"] + (g - slots["momentum"]) * (1 - self.beta_1)
        u = maximum(slots["norm"] * self.beta_2, abs_(g))
        slots["momentum"].assign(m)
        slots["norm"].assign(u)
        w.assign_sub(a * m / (u + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2,
                "epsilon": self.epsilon}  # fmt: skip
