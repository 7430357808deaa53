"""Ftrl: follow the regularized leader."""

from __future__ import annotations

from typing import Any

from minitf.errors import InvalidArgumentError
from minitf.graph.tensor import Tensor
from minitf.initializers import Constant
from minitf.ops.powers import pow_, square
from minitf.ops.rounding import clip_by_value
from minitf.ops.state import Variable
from minitf.optimizers.memory import Slots
from minitf.optimizers.optimizer import Optimizer


class Ftrl(Optimizer):
    """Chooses, in each step, the weights that would have been best so far, few of them not 0.

    Made for wide linear models whose inputs are mostly 0, such as the prediction of clicks.

    Parameters
    ----------
    learning_rate : float, Variable or schedule
        Step length r.
    learning_rate_power : float
        -p: how fast the steps shrink, at most 0.
    initial_accumulator_value : float
        What the sums n begin with.
    l1_regularization_strength, l2_regularization_strength : float
        l1 and l2 of the formula.
    l2_shrinkage_regularization_strength : float
        s of the formula: a penalty on the squares of the weights, by way of the gradient.
    beta : float
        Of the paper; larger means smaller first steps.
    **options
        See `Optimizer`: weight_decay, clipnorm, use_ema, name, ...

    Notes
    -----
    ``n' = n + g^2``, ``z <- z + g + 2 s w - (n'^p - n^p) w / r``,
    ``w <- (clip(z, -l1, l1) - z) / (n'^p / r + 2 l2 + beta / r)``, ``n <- n'``.

    References
    ----------
    McMahan et al., "Ad click prediction: a view from the trenches", 2013, algorithm 1.

    Examples
    --------
    >>> import minitf as tf
    >>> w = tf.Variable(0.0)
    >>> ftrl = tf.optimizers.Ftrl(learning_rate=0.5, initial_accumulator_value=12.0)
    >>> _ = ftrl.apply_gradients([(tf.constant(2.0), w)])
    >>> round(float(w), 4)
    -0.25
    """

    slots = (("accumulator", "linear"),)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **options: Any,
    ):
        super().__init__(learning_rate, **options)
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta
        if learning_rate_power > 0:
            raise InvalidArgumentError(f"Ftrl: learning_rate_power <= 0, got {learning_rate_power}")
        for name, value in self._strengths().items():
            if value < 0:
                raise InvalidArgumentError(f"Ftrl: {name} >= 0, got {value}")

    def _strengths(self) -> dict[str, float]:
        names = ("initial_accumulator_value", "l1_regularization_strength",
                 "l2_regularization_strength", "l2_shrinkage_regularization_strength")  # fmt: skip
        return {name: getattr(self, name) for name in names}

    def first_value(self, variable: Variable, slot: str) -> Tensor:
        """Return what the sums begin with."""
        if slot == "accumulator":
            return Constant(self.initial_accumulator_value)(variable.shape, variable.dtype)
        return super().first_value(variable, slot)

    def update(self, g: Any, w: Variable, slots: Slots, r: Any) -> None:
        """Move one Variable."""
        p, l1, l2 = -self.learning_rate_power, *list(self._strengths().values())[1:3]
        shrink = self.l2_shrinkage_regularization_strength
        n = slots["accumulator"] + square(g)
        n_p = pow_(n, p)
        grown = n_p - pow_(slots["accumulator"], p)
        z = slots["linear"] + (g + 2 * shrink * w if shrink else g) - grown / r * w
        slots["accumulator"].assign(n)
        slots["linear"].assign(z)
        w.assign((clip_by_value(z, -l1, l1) - z) / (n_p / r + 2 * l2 + self.beta / r))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {**super().get_config(), "learning_rate_power": self.learning_rate_power,
                **self._strengths(), "beta": self.beta}  # fmt: skip
