"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from minitf.errors import InvalidArgumentError
from minitf.ops.state import Variable
from minitf.optimizers.memory import Slots
from minitf.optimizers.optimizer import Optimizer


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted.

    Parameters
    ----------
    learning_rate : float, Variable or schedule
        Step length r.
    momentum : float
        How much of the last step is kept, 0 <= mu <= 1.
    nesterov : bool
        Look ahead: use the velocity after the gradient is added.
    **options
        See `Optimizer`: weight_decay, clipnorm, use_ema, name, ...

    Notes
    -----
    Without momentum ``w <- w - r g``. With it ``v <- mu v - r g``, then ``w <- w + v``, or with
    `nesterov` ``w <- w + mu v - r g``.

    References
    ----------
    Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013,
    section 2.

    Examples
    --------
    >>> import minitf as tf
    >>> w = tf.Variable(1.0)
    >>> tf.optimizers.SGD(learning_rate=0.5).apply_gradients([(tf.constant(1.0), w)]).numpy()
    np.int64(1)
    >>> w.numpy()
    np.float32(0.5)
    """

    def __init__(self, learning_rate: Any = 0.01, momentum: float = 0.0, nesterov: bool = False,
                 **options: Any):  # fmt: skip
        super().__init__(learning_rate, **options)
        if not 0 <= momentum <= 1:
            raise InvalidArgumentError(f"SGD: momentum lies in [0, 1], got {momentum}")
        self.momentum = momentum
        self.nesterov = nesterov
        self.slots = (("momentum",),) if momentum else ()

    def update(self, g: Any, w: Variable, slots: Slots, r: Any) -> None:
        """Move one Variable."""
        mu, step = self.momentum, r * g
        if not mu:
            w.assign_sub(step)
            return
        v = slots["momentum"] * mu - step
        slots["momentum"].assign(v)
        w.assign_add(v * mu - step if self.nesterov else v)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {**super().get_config(), "momentum": self.momentum, "nesterov": self.nesterov}
