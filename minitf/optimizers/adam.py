"""Adam."""

from __future__ import annotations

from typing import Any

from minitf.errors import InvalidArgumentError
from minitf.graph.tensor import Tensor
from minitf.ops.powers import sqrt
from minitf.ops.state import Variable
from minitf.optimizers.optimizer import Optimizer


class Adam(Optimizer):
    """Steps of a length that adapts to each element's gradients.

    Parameters
    ----------
    learning_rate : float, Variable or schedule
        Step length r.
    beta_1, beta_2 : float
        How slowly the mean of the gradients, and of their squares, forgets.
    epsilon : float
        Keeps the division from blowing up.
    name : str, optional
        Prefix of the names of its Variables.

    Notes
    -----
    ``m <- m + (g - m)(1 - b1)``, ``v <- v + (g^2 - v)(1 - b2)``,
    ``w <- w - a m / (sqrt(v) + eps)`` with ``a = r sqrt(1 - b2^t) / (1 - b1^t)`` in step t, which
    corrects for means that started at zero.

    References
    ----------
    Kingma and Ba, "Adam: a method for stochastic optimization", 2015, section 2 (the form at its
    end, with epsilon outside of the corrected root).

    Examples
    --------
    >>> import minitf as tf
    >>> w = tf.Variable(1.0)
    >>> _ = tf.optimizers.Adam(learning_rate=0.5).apply_gradients([(tf.constant(2.0), w)])
    >>> round(float(w), 4)
    0.5
    """

    slots = ("m", "v")

    def __init__(self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999,
                 epsilon: float = 1e-7, name: str | None = None):  # fmt: skip
        super().__init__(learning_rate, name)
        if not 0 <= beta_1 < 1 or not 0 <= beta_2 < 1:
            raise InvalidArgumentError(f"Adam: betas lie in [0, 1), got {beta_1} and {beta_2}")
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def prepare(self, rate: Any, taken: Tensor) -> Tensor:
        """Return the corrected step length."""
        return rate * sqrt(1 - self.beta_2**taken) / (1 - self.beta_1**taken)

    def update(self, gradient: Tensor, variable: Variable, slots: dict[str, Variable],
               common: Any) -> None:  # fmt: skip
        """Move one Variable."""
        g, a = gradient, common
        m = slots["m"] + (g - slots["m"]) * (1 - self.beta_1)
        v = slots["v"] + (g * g - slots["v"]) * (1 - self.beta_2)
        slots["m"].assign(m)
        slots["v"].assign(v)
        variable.assign_sub(a * m / (sqrt(v) + self.epsilon))
