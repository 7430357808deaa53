"""Lamb: Adam for very large batches."""

from __future__ import annotations

from typing import Any, NamedTuple

from minitf.ops.powers import sqrt, square
from minitf.ops.reduction import reduce_sum
from minitf.ops.state import Variable
from minitf.ops.where import where
from minitf.optimizers.memory import Slots
from minitf.optimizers.optimizer import Optimizer


class Factors(NamedTuple):
    """The learning rate, and the corrections of m and v."""

    r: Any
    of_m: Any
    of_v: Any


class Lamb(Optimizer):
    """Adam whose step is as long as the Variable itself (times the rate), layer by layer.

    Parameters
    ----------
    learning_rate : float, Variable or schedule
        Step length r.
    beta_1, beta_2 : float
        How slowly the mean of the gradients, and of their squares, forgets.
    epsilon : float
        Keeps the division from blowing up.
    **options
        See `Optimizer`: weight_decay, clipnorm, use_ema, name, ...

    Notes
    -----
    ``m <- m + (g - m)(1 - b1)``, ``v <- v + (g^2 - v)(1 - b2)``,
    ``d = m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps)`` in step t,
    ``w <- w - r d |w| / |d|``; the ratio of norms counts as 1 where one of them is 0.

    References
    ----------
    You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", 2020.

    Examples
    --------
    >>> import minitf as tf
    >>> w = tf.Variable([3.0, 4.0])
    >>> _ = tf.optimizers.Lamb(learning_rate=0.5).apply_gradients([(tf.constant([2.0, 0.0]), w)])
    >>> w.numpy().round(4).tolist()
    [0.5, 4.0]
    """

    slots = (("momentum", "velocity"),)

    def __init__(self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999,
                 epsilon: float = 1e-7, **options: Any):  # fmt: skip
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def prepare(self, r: Any, t: Any) -> Factors:
        """Return the rate and the corrections."""
        return Factors(r, 1 / (1 - self.beta_1**t), 1 / (1 - self.beta_2**t))

    def update(self, g: Any, w: Variable, slots: Slots, of: Factors) -> None:
        """Move one Variable."""
        m = slots["momentum"] + (g - slots["momentum"]) * (1 - self.beta_1)
        v = slots["velocity"] + (g * g - slots["velocity"]) * (1 - self.beta_2)
        slots["momentum"].assign(m)
        slots["velocity"].assign(v)
        d = of.of_m * m / (sqrt(of.of_v * v) + self.epsilon)
        size, length = sqrt(reduce_sum(square(w))), sqrt(reduce_sum(square(d)))
        ratio = where((size > 0) & (length > 0), size / length, 1.0)
        w.assign_sub(of.r * ratio * d)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2,
                "epsilon": self.epsilon}  # fmt: skip
