"""Adam, and AdamW, which is Adam with weight decay."""

from __future__ import annotations

from typing import Any

from minitf.errors import InvalidArgumentError
from minitf.graph.tensor import Tensor
from minitf.ops.powers import sqrt
from minitf.ops.rounding import maximum
from minitf.ops.state import Variable
from minitf.optimizers.memory import Slots
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
        Keeps the division from blowing up; None, in programs for Keras 2, is the default.
    amsgrad : bool
        Divide by the largest v so far, so that no element's steps grow again.
    **options
        See `Optimizer`: weight_decay, clipnorm, use_ema, name, ...

    Notes
    -----
    ``m <- m + (g - m)(1 - b1)``, ``v <- v + (g^2 - v)(1 - b2)``,
    ``w <- w - a m / (sqrt(v) + eps)`` with ``a = r sqrt(1 - b2^t) / (1 - b1^t)`` in step t, which
    corrects for means that started at zero.

    References
    ----------
    Kingma and Ba, "Adam: a method for stochastic optimization", 2015, section 2 (the form at its
    end, with epsilon outside of the corrected root); Reddi, Kale and Kumar, "On the convergence of
    Adam and beyond", 2018 (amsgrad).

    Examples
    --------
    >>> import minitf as tf
    >>> w = tf.Variable(1.0)
    >>> _ = tf.optimizers.Adam(learning_rate=0.5).apply_gradients([(tf.constant(2.0), w)])
    >>> round(float(w), 4)
    0.5
    """

    slots: tuple[tuple[str, ...], ...] = (("momentum", "velocity"),)

    def __init__(self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999,
                 epsilon: float | None = 1e-7, amsgrad: bool = False,
                 **options: Any):  # fmt: skip
        super().__init__(learning_rate, **options)
        if not 0 <= beta_1 < 1 or not 0 <= beta_2 < 1:
            raise InvalidArgumentError(f"Adam: betas lie in [0, 1), got {beta_1} and {beta_2}")
        self.beta_1, self.beta_2 = beta_1, beta_2
        self.epsilon = 1e-7 if epsilon is None else epsilon
        self.amsgrad = amsgrad
        if amsgrad:
            self.slots = (*self.slots, ("velocity_hat",))

    def prepare(self, r: Any, t: Any) -> Tensor:
        """Return the corrected step length a."""
        return r * sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)

    def update(self, g: Any, w: Variable, slots: Slots, a: Any) -> None:
        """Move one Variable."""
        m = slots["momentum"] + (g - slots["momentum"]) * (1 - self.beta_1)
        v = slots["velocity"] + (g * g - slots["velocity"]) * (1 - self.beta_2)
        slots["momentum"].assign(m)
        slots["velocity"].assign(v)
        if self.amsgrad:
            v = maximum(slots["velocity_hat"], v)
            slots["velocity_hat"].assign(v)
        w.assign_sub(a * m / (sqrt(v) + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2,
                "epsilon": self.epsilon, "amsgrad": self.amsgrad}  # fmt: skip


class AdamW(Adam):
    """Adam whose weights decay by themselves, not by way of the gradient.

    A penalty on the squares of the weights would enter the gradient, and Adam would divide it by
    sqrt(v): weights with large gradients would hardly decay.

    Parameters
    ----------
    learning_rate : float, Variable or schedule
        Step length r.
    weight_decay : float
        d; ``w <- w - r d w`` goes before each step.
    beta_1, beta_2, epsilon, amsgrad, **options
        As for `Adam`.

    References
    ----------
    Loshchilov and Hutter, "Decoupled weight decay regularization", 2019.

    Examples
    --------
    >>> import minitf as tf
    >>> w = tf.Variable(1.0)
    >>> adamw = tf.optimizers.AdamW(learning_rate=0.5, weight_decay=0.2)
    >>> _ = adamw.apply_gradients([(tf.constant(2.0), w)])
    >>> round(float(w), 4)
    0.4
    """

    def __init__(self, learning_rate: Any = 0.001, weight_decay: float = 0.004,
                 beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float | None = 1e-7,
                 amsgrad: bool = False, **options: Any):  # fmt: skip
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad,
                         weight_decay=weight_decay, **options)  # fmt: skip
        if weight_decay is None:
            raise InvalidArgumentError("AdamW: weight_decay must be a number, got None")
