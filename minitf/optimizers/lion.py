"""Lion: steps that know directions only."""

from __future__ import annotations

from typing import Any

from minitf.errors import InvalidArgumentError
from minitf.ops.math import sign
from minitf.ops.state import Variable
from minitf.optimizers.memory import Slots
from minitf.optimizers.optimizer import Optimizer


class Lion(Optimizer):
    """Moves every element by the same length, in the direction of its momentum.

    A rate 3 to 10 times smaller than Adam's suits it, and a weight decay as many times larger.

    Parameters
    ----------
    learning_rate : float, Variable or schedule
        Step length r.
    beta_1 : float
        How much the momentum counts for the direction, beside the gradient.
    beta_2 : float
        How slowly the momentum forgets.
    **options
        See `Optimizer`: weight_decay, clipnorm, use_ema, name, ...

    Notes
    -----
    ``w <- w - r sign(b1 m + (1 - b1) g)``, ``m <- b2 m + (1 - b2) g``.

    References
    ----------
    Chen et al., "Symbolic discovery of optimization algorithms", 2023.

    Examples
    --------
    >>> import minitf as tf
    >>> w = tf.Variable(1.0)
    >>> _ = tf.optimizers.Lion(learning_rate=0.5).apply_gradients([(tf.constant(2.0), w)])
    >>> float(w)
    0.5
    """

    slots = (("momentum",),)

    def __init__(self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.99,
                 **options: Any):  # fmt: skip
        super().__init__(learning_rate, **options)
        if not 0 < beta_1 <= 1:
            raise InvalidArgumentError(f"Lion: beta_1 lies in (0, 1], got {beta_1}")
        self.beta_1, self.beta_2 = beta_1, beta_2

    def update(self, g: Any, w: Variable, slots: Slots, r: Any) -> None:
        """Move one Variable."""
        b1, b2 = self.beta_1, self.beta_2
        m = slots["momentum"].read_value()
        w.assign_sub(r * sign(m * b1 + g * (1 - b1)))
        slots["momentum"].assign(m * b2 + g * (1 - b2))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2}
