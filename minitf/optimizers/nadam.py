"""Nadam: Adam with Nesterov's look ahead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from minitf.ops.math import cast
from minitf.ops.powers import sqrt
from minitf.ops.state import Variable
from minitf.optimizers.memory import Slots
from minitf.optimizers.optimizer import Optimizer, Pairs


class Factors(NamedTuple):
    """What the updates of one step have in common: see the formula of `Nadam`."""

    r: Any
    of_m: Any
    of_g: Any
    of_v: Any


class Nadam(Optimizer):
    """Adam that uses the momentum of the next step already.

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
    With ``u_t = b1 (1 - 0.96^t / 2)`` and ``p_t = u_1 u_2 ... u_t`` in step t:
    ``m <- m + (g - m)(1 - b1)``, ``v <- v + (g^2 - v)(1 - b2)``,
    ``m' = u_{t+1} m / (1 - p_{t+1}) + (1 - u_t) g / (1 - p_t)``, ``v' = v / (1 - b2^t)``,
    ``w <- w - r m' / (sqrt(v') + eps)``.

    References
    ----------
    Dozat, "Incorporating Nesterov momentum into Adam", 2016.

    Examples
    --------
    >>> import minitf as tf
    >>> w = tf.Variable(1.0)
    >>> _ = tf.optimizers.Nadam(learning_rate=0.5).apply_gradients([(tf.constant(2.0), w)])
    >>> round(float(w), 3)
    0.469
    """

    slots = (("momentum", "velocity"),)

    def __init__(self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999,
                 epsilon: float = 1e-7, **options: Any):  # fmt: skip
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self._p: Variable | None = None

    def build(self, variables: Iterable[Variable]) -> None:
        """Create what is remembered of each Variable, and p."""
        variables = list(variables)
        super().build(variables)
        if self._p is None:
            dtype = variables[0].dtype if variables else "float32"
            self._p = self.add_variable((), "ones", dtype)

    def _u(self, t: Any) -> Any:
        return self.beta_1 * (1.0 - 0.5 * 0.96**t)

    def take_step(self, pairs: Pairs, rate: Any) -> None:
        """Move all Variables."""
        assert self._p is not None
        self._p.assign(self._p * self._u(cast(self.iterations + 1, self._p.dtype)))
        super().take_step(pairs, rate)

    def prepare(self, r: Any, t: Any) -> Factors:
        """Return the factors of m, g and v."""
        u, u_next = self._u(t), self._u(t + 1)
        p: Any = cast(self._p, t.dtype)
        of_v = 1 / (1 - self.beta_2**t)
        return Factors(r, u_next / (1 - p * u_next), (1 - u) / (1 - p), of_v)

    def update(self, g: Any, w: Variable, slots: Slots, of: Factors) -> None:
        """Move one Variable."""
        m = slots["momentum"] + (g - slots["momentum"]) * (1 - self.beta_1)
        v = slots["velocity"] + (g * g - slots["velocity"]) * (1 - self.beta_2)
        slots["momentum"].assign(m)
        slots["velocity"].assign(v)
        m_ahead = of.of_m * m + of.of_g * g
        w.assign_sub(of.r * m_ahead / (sqrt(of.of_v * v) + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2,
                "epsilon": self.epsilon}  # fmt: skip
