"""Adafactor: the squares of a matrix's gradients, remembered by row and column."""

from __future__ import annotations

from typing import Any, NamedTuple

from minitf.graph.tensor import Tensor
from minitf.ops.array import expand_dims
from minitf.ops.filling import zeros
from minitf.ops.powers import pow_, rsqrt, sqrt, square
from minitf.ops.reduction import reduce_mean
from minitf.ops.rounding import maximum, minimum
from minitf.ops.state import Variable
from minitf.optimizers.memory import Slots
from minitf.optimizers.optimizer import Optimizer


class Factors(NamedTuple):
    """The learning rate of the step, and how slowly its means forget."""

    rho: Any
    beta: Any


class Adafactor(Optimizer):
    """Adam for large matrices: a row and a column stand for the mean of squared gradients.

    Parameters
    ----------
    learning_rate : float, Variable or schedule
        Step length r.
    beta_2_decay : float
        c of the formula, below 0: how fast the means become slow to forget.
    epsilon_1 : float
        Added to squared gradients.
    epsilon_2 : float
        A Variable smaller than this moves as if it had this size.
    clip_threshold : float
        The largest root mean square of a step, d, before it is scaled.
    relative_step : bool
        Kept for configs: as in Keras, the rate is cut down to ``1 / sqrt(t)`` in any case.
    **options
        See `Optimizer`: weight_decay, clipnorm, use_ema, name, ...

    Notes
    -----
    In step t, with ``rho = min(r, 1 / sqrt(t))`` and ``b = 1 - t^c``:
    ``R <- b R + (1 - b) mean_columns(g^2 + eps1)``, ``C <- b C + (1 - b) mean_rows(g^2 + eps1)``,
    ``V = R C / mean(R)``, ``u = g / sqrt(V)``, and with rms the root of the mean square
    ``w <- w - rho max(eps2, rms(w)) u / max(1, rms(u) / d)``. Of a vector, V itself is kept.

    References
    ----------
    Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost", 2018,
    algorithms 4 and 5.

    Examples
    --------
    >>> import minitf as tf
    >>> w = tf.Variable([[4.0, 4.0]])
    >>> adafactor = tf.optimizers.Adafactor(learning_rate=0.5)
    >>> _ = adafactor.apply_gradients([(tf.constant([[2.0, 2.0]]), w)])
    >>> w.numpy().tolist()
    [[2.0, 2.0]]
    """

    slots = (("r", "c", "velocity"),)

    def __init__(self, learning_rate: Any = 0.001, beta_2_decay: float = -0.8,
                 epsilon_1: float = 1e-30, epsilon_2: float = 1e-3, clip_threshold: float = 1.0,
                 relative_step: bool = True, **options: Any):  # fmt: skip
        super().__init__(learning_rate, **options)
        self.beta_2_decay = beta_2_decay
        self.epsilon_1, self.epsilon_2 = epsilon_1, epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = relative_step

    def first_value(self, variable: Variable, slot: str) -> Tensor:
        """Return zeros; of a vector, Keras' files hold an integer in place of R and of C."""
        shape = list(variable.shape)
        if slot in ("r", "c") and len(shape) < 2:
            return zeros((), "int32")
        left_out = {"r": -1, "c": -2}.get(slot)
        if left_out is not None:
            del shape[left_out]
        return zeros(shape, variable.dtype)

    def slot_name(self, variable: Variable, slot: str) -> str:
        """Return the name of what is remembered of a Variable; as Keras names it."""
        return variable.name if slot in ("r", "c") else super().slot_name(variable, slot)

    def prepare(self, r: Any, t: Any) -> Factors:
        """Return rho and b."""
        return Factors(minimum(r, rsqrt(t)), 1 - pow_(t, self.beta_2_decay))

    def update(self, g: Any, w: Variable, slots: Slots, of: Factors) -> None:
        """Move one Variable."""
        v = self._mean_square(square(g) + self.epsilon_1, slots, of.beta)
        slots["velocity"].assign(v)
        u = g / sqrt(v)
        size = maximum(self.epsilon_2, _rms(w))
        w.assign_sub(of.rho * size * u / maximum(1.0, _rms(u) / self.clip_threshold))

    def _mean_square(self, squares: Tensor, slots: Slots, b: Any) -> Any:
        """Return V; of a matrix, from its rows and columns."""
        if len(squares.shape) < 2:
            return slots["velocity"] * b + squares * (1 - b)
        rows = slots["r"] * b + reduce_mean(squares, -1) * (1 - b)
        columns = slots["c"] * b + reduce_mean(squares, -2) * (1 - b)
        slots["r"].assign(rows)
        slots["c"].assign(columns)
        share = rows / reduce_mean(rows, -1, keepdims=True)
        return expand_dims(share, -1) * expand_dims(columns, -2)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {**super().get_config(), "beta_2_decay": self.beta_2_decay,
                "epsilon_1": self.epsilon_1, "epsilon_2": self.epsilon_2,
                "clip_threshold": self.clip_threshold,
                "relative_step": self.relative_step}  # fmt: skip


def _rms(x: Any) -> Tensor:
    return sqrt(reduce_mean(square(x)))
