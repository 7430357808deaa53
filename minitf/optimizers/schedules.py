"""Learning-rate schedules: functions from the number of steps taken to the length of the next.

They are written in ops, so a traced training step holds the schedule too. In the formulas s is the
step, r the initial learning rate, and d the number of steps of a decay.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from minitf.errors import InvalidArgumentError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops.array import expand_dims
from minitf.ops.exponential import log
from minitf.ops.gather import gather
from minitf.ops.math import cast
from minitf.ops.reduction import reduce_sum
from minitf.ops.rounding import ceil, floor, maximum, minimum
from minitf.ops.trigonometry import cos
from minitf.ops.where import where
from minitf.serialization import custom_object_scope, look_up, serialize_keras_object


class LearningRateSchedule:
    """A function from the number of steps taken to a learning rate.

    A program's own schedule overrides `__call__`, and `get_config` to be saved.

    Examples
    --------
    The schedule of the Transformer (Vaswani et al., "Attention is all you need", 2017, 5.3):

    >>> import minitf as tf
    >>> from minitf import keras
    >>> class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    ...     def __call__(self, step):
    ...         step = tf.cast(step, tf.float32)
    ...         return 512**-0.5 * tf.minimum(step**-0.5, step * 4000**-1.5)
    >>> rate = WarmUp()
    >>> print(f"{float(rate(2000)):.6f} {float(rate(4000)):.6f} {float(rate(16000)):.6f}")
    0.000349 0.000699 0.000349
    """

    def __call__(self, step: Any) -> Any:
        """Return the learning rate after some steps."""
        raise NotImplementedError(f"{type(self).__name__} does not override __call__(step)")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        raise NotImplementedError(f"{type(self).__name__} has no get_config(), so cannot be saved")

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> LearningRateSchedule:
        """Return the schedule that a config describes."""
        return cls(**config)


def _steps(schedule: LearningRateSchedule, name: str, value: Any) -> Any:
    if value <= 0:
        raise InvalidArgumentError(f"{type(schedule).__name__}: {name} > 0, got {value}")
    return value


class ExponentialDecay(LearningRateSchedule):
    """Multiplies the rate by a factor every so many steps.

    Parameters
    ----------
    initial_learning_rate : float
        The rate r at the start.
    decay_steps : int
        After how many steps d the factor is reached.
    decay_rate : float
        The factor q.
    staircase : bool
        Change the rate once every d steps, not in each.
    name : str
        Kept for configs.

    Notes
    -----
    ``r q^(s / d)``, the exponent rounded down for a staircase.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.optimizers.schedules.ExponentialDecay(1.0, 100, 0.5)(200))
    0.25
    """

    def __init__(self, initial_learning_rate: float, decay_steps: int, decay_rate: float,
                 staircase: bool = False, name: str = "ExponentialDecay"):  # fmt: skip
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _steps(self, "decay_steps", decay_steps)
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        """Return the learning rate after some steps."""
        p = cast(step, "float32") / self.decay_steps
        p = floor(p) if self.staircase else p
        return self.initial_learning_rate * self.decay_rate**p

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {"initial_learning_rate": self.initial_learning_rate,
                "decay_steps": self.decay_steps, "decay_rate": self.decay_rate,
                "staircase": self.staircase, "name": self.name}  # fmt: skip


class InverseTimeDecay(LearningRateSchedule):
    """Divides the rate by a number that grows with the steps.

    Parameters
    ----------
    initial_learning_rate : float
        The rate r at the start.
    decay_steps : int
        In how many steps d the divisor grows by the decay rate.
    decay_rate : float
        By how much, q.
    staircase : bool
        Change the rate once every d steps, not in each.
    name : str
        Kept for configs.

    Notes
    -----
    ``r / (1 + q s / d)``, ``s / d`` rounded down for a staircase.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.optimizers.schedules.InverseTimeDecay(1.0, 10, 1.0)(30))
    0.25
    """

    def __init__(self, initial_learning_rate: float, decay_steps: int, decay_rate: float,
                 staircase: bool = False, name: str = "InverseTimeDecay"):  # fmt: skip
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _steps(self, "decay_steps", decay_steps)
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        """Return the learning rate after some steps."""
        p = cast(step, "float32") / self.decay_steps
        p = floor(p) if self.staircase else p
        return self.initial_learning_rate / (1 + self.decay_rate * p)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {"initial_learning_rate": self.initial_learning_rate,
                "decay_steps": self.decay_steps, "decay_rate": self.decay_rate,
                "staircase": self.staircase, "name": self.name}  # fmt: skip


class PiecewiseConstantDecay(LearningRateSchedule):
    """Keeps the rate constant between given steps.

    Parameters
    ----------
    boundaries : list of int
        The last step of each piece but the final one, ascending.
    values : list of float
        The rate in each piece: one more than boundaries.
    name : str
        Kept for configs.

    Examples
    --------
    >>> from minitf import keras
    >>> rate = keras.optimizers.schedules.PiecewiseConstantDecay([10, 20], [1.0, 0.5, 0.25])
    >>> float(rate(10)), float(rate(11)), float(rate(99))
    (1.0, 0.5, 0.25)
    """

    def __init__(self, boundaries: Any, values: Any, name: str = "PiecewiseConstant"):
        if len(boundaries) != len(values) - 1:
            raise InvalidArgumentError(
                f"PiecewiseConstantDecay: {len(boundaries)} boundaries make {len(boundaries) + 1} "
                f"pieces, got {len(values)} values"
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        """Return the learning rate after some steps."""
        step = as_tensor(step)
        passed = expand_dims(step, -1) > cast(as_tensor(list(self.boundaries)), step.dtype)
        return gather([float(v) for v in self.values], reduce_sum(cast(passed, "int32"), -1))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}


class PolynomialDecay(LearningRateSchedule):
    """Goes from one rate to another along a line, or a power of it.

    Parameters
    ----------
    initial_learning_rate : float
        The rate r at the start.
    decay_steps : int
        After how many steps d the end is reached.
    end_learning_rate : float
        The rate e from there on.
    power : float
        p of the formula; 1 is a straight line.
    cycle : bool
        Begin again (at a lower height) with a longer decay each time the end is reached.
    name : str
        Kept for configs.

    Notes
    -----
    ``(r - e) (1 - s / d)^p + e``, s at most d; or, in cycles, d the next multiple of itself.

    Examples
    --------
    >>> from minitf import keras
    >>> rate = keras.optimizers.schedules.PolynomialDecay(1.0, 100, end_learning_rate=0.0)
    >>> float(rate(25)), float(rate(1000))
    (0.75, 0.0)
    """

    def __init__(self, initial_learning_rate: float, decay_steps: int,
                 end_learning_rate: float = 0.0001, power: float = 1.0, cycle: bool = False,
                 name: str = "PolynomialDecay"):  # fmt: skip
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _steps(self, "decay_steps", decay_steps)
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        """Return the learning rate after some steps."""
        r, e, d = self.initial_learning_rate, self.end_learning_rate, self.decay_steps
        s = cast(step, "float32")
        p = s / (d * maximum(ceil(s / d), 1.0)) if self.cycle else minimum(s, float(d)) / d
        return (r - e) * (1 - p) ** self.power + e

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {"initial_learning_rate": self.initial_learning_rate,
                "decay_steps": self.decay_steps, "end_learning_rate": self.end_learning_rate,
                "power": self.power, "cycle": self.cycle, "name": self.name}  # fmt: skip


def _half_wave(fraction: Any, alpha: float, height: Any = 1.0) -> Any:
    """Return what falls from 1 (or a height) to alpha like a cosine, for a fraction from 0 to 1."""
    return (1 - alpha) * (0.5 * height * (1 + cos(math.pi * fraction))) + alpha


class CosineDecay(LearningRateSchedule):
    """Rises along a line (if wanted), then falls like a cosine from its top to its bottom.

    Parameters
    ----------
    initial_learning_rate : float
        The rate r at the start.
    decay_steps : int
        How many steps d the fall takes.
    alpha : float
        The lowest rate, as a fraction of the highest.
    name : str
        Kept for configs.
    warmup_target : float, optional
        The highest rate; without it there is no rise, and the fall begins at r.
    warmup_steps : int
        How many steps u the rise takes.

    Notes
    -----
    ``r + (target - r) s / u`` up to step u, then
    ``target ((1 - alpha) (1 + cos(pi (s - u) / d)) / 2 + alpha)``.

    References
    ----------
    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017; Goyal et
    al., "Accurate, large minibatch SGD", 2017, section 2.2 (the warm-up).

    Examples
    --------
    >>> from minitf import keras
    >>> rate = keras.optimizers.schedules.CosineDecay(0.0, 100, warmup_target=1.0, warmup_steps=10)
    >>> float(rate(5)), float(rate(10)), round(float(rate(60)), 4), float(rate(110))
    (0.5, 1.0, 0.5, 0.0)
    """

    def __init__(self, initial_learning_rate: float, decay_steps: int, alpha: float = 0.0,
                 name: str = "CosineDecay", warmup_target: float | None = None,
                 warmup_steps: int = 0):  # fmt: skip
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _steps(self, "decay_steps", decay_steps)
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def __call__(self, step: Any) -> Tensor:
        """Return the learning rate after some steps."""
        r, s, d = self.initial_learning_rate, cast(step, "float32"), self.decay_steps
        if self.warmup_target is None:
            return r * _half_wave(minimum(s, float(d)) / d, self.alpha)
        top, u = self.warmup_target, self.warmup_steps
        rising = r + (top - r) * s / max(u, 1)
        falling = top * _half_wave(minimum(s - u, float(d)) / d, self.alpha)
        return where(s < u, rising, falling)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {"initial_learning_rate": self.initial_learning_rate,
                "decay_steps": self.decay_steps, "alpha": self.alpha, "name": self.name,
                "warmup_target": self.warmup_target, "warmup_steps": self.warmup_steps}  # fmt: skip


class CosineDecayRestarts(LearningRateSchedule):
    """Falls like a cosine, then starts again from the top, more slowly each time.

    Parameters
    ----------
    initial_learning_rate : float
        The rate r at the start.
    first_decay_steps : int
        How many steps d the first fall takes.
    t_mul : float
        How many times as long each fall takes as the one before.
    m_mul : float
        How many times as high each fall begins as the one before.
    alpha : float
        The lowest rate, as a fraction of r.
    name : str
        Kept for configs.

    Notes
    -----
    ``r ((1 - alpha) m^i (1 + cos(pi f)) / 2 + alpha)`` in fall i (from 0), f the part of it that
    has passed. Falls before number i take ``d (t^i - 1) / (t - 1)`` steps together.

    References
    ----------
    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.

    Examples
    --------
    >>> from minitf import keras
    >>> rate = keras.optimizers.schedules.CosineDecayRestarts(1.0, 10)
    >>> [round(float(rate(s)), 4) for s in (0, 5, 10, 20)]
    [1.0, 0.5, 1.0, 0.5]
    """

    def __init__(self, initial_learning_rate: float, first_decay_steps: int, t_mul: float = 2.0,
                 m_mul: float = 1.0, alpha: float = 0.0, name: str = "SGDRDecay"):  # fmt: skip
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = _steps(self, "first_decay_steps", first_decay_steps)
        self.t_mul = t_mul
        self.m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        """Return the learning rate after some steps."""
        i, f = self._place(cast(step, "float32") / self.first_decay_steps)
        return self.initial_learning_rate * _half_wave(f, self.alpha, float(self.m_mul) ** i)

    def _place(self, passed: Tensor) -> tuple[Tensor, Tensor]:
        """Return which fall it is, and the part of it that has passed, counted in first falls."""
        t = float(self.t_mul)
        if t == 1:
            return floor(passed), passed - floor(passed)
        i = floor(log(1 - passed * (1 - t)) / math.log(t))
        before = (1 - t**i) / (1 - t)
        return i, (passed - before) / t**i

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {"initial_learning_rate": self.initial_learning_rate,
                "first_decay_steps": self.first_decay_steps, "t_mul": self.t_mul,
                "m_mul": self.m_mul, "alpha": self.alpha, "name": self.name}  # fmt: skip


# -- by name --------------------------------------------------------------------------------------

KNOWN: dict[str, Any] = {
    cls.__name__: cls
    for cls in (
        CosineDecay,
        CosineDecayRestarts,
        ExponentialDecay,
        InverseTimeDecay,
        PiecewiseConstantDecay,
        PolynomialDecay,
    )
}


def serialize(learning_rate_schedule: Any) -> Any:
    """Return a schedule as plain data."""
    return serialize_keras_object(learning_rate_schedule)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the schedule that plain data describes.

    Examples
    --------
    >>> from minitf import keras
    >>> schedules = keras.optimizers.schedules
    >>> config = schedules.serialize(schedules.CosineDecay(0.1, 100))
    >>> schedules.deserialize(config).decay_steps
    100
    """
    with custom_object_scope(custom_objects or {}):
        return look_up(config, "learning-rate schedule", KNOWN)


__all__ = [*KNOWN, "LearningRateSchedule", "deserialize", "serialize"]
