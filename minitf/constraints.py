"""Constraints: what weights are brought back to after each step.

An optimizer replaces a Variable's value by what its constraint makes of it. Norms are taken along
the axes given: in a Dense layer's kernel of shape (inputs, units), axis 0 is one unit's weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops.powers import sqrt, square
from minitf.ops.reduction import reduce_sum
from minitf.ops.rounding import clip_by_value, maximum
from minitf.serialization import custom_object_scope, look_up, serialize_keras_object

EPSILON = 1e-7  # keeps the division from blowing up where all weights are 0


class Constraint:
    """A function from weights to allowed weights; subclasses say which.

    A program's own subclass overrides `__call__`, and `get_config` to be saved.
    """

    def __call__(self, w: Any) -> Any:
        """Return the allowed weights that take the place of some."""
        return w

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Constraint:
        """Return the constraint that a config describes."""
        return cls(**config)


def _norm(w: Tensor, axis: Any) -> Tensor:
    return sqrt(reduce_sum(square(w), axis, keepdims=True))


class MaxNorm(Constraint):
    """Weights whose norm is at most a limit.

    Parameters
    ----------
    max_value : float
        The limit.
    axis : int or sequence of int
        Along which the norms are taken.

    Notes
    -----
    ``w min(|w|, max) / (|w| + epsilon)``.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.constraints.MaxNorm(1.0)(keras.ops.array([[3.0], [4.0]])).numpy().round(2).tolist()
    [[0.6000000238418579], [0.800000011920929]]
    """

    def __init__(self, max_value: float = 2, axis: Any = 0):
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Any) -> Tensor:
        """Return shortened weights."""
        w = as_tensor(w)
        norm = _norm(w, self.axis)
        return w * (clip_by_value(norm, 0.0, self.max_value) / (EPSILON + norm))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {"max_value": self.max_value, "axis": self.axis}


class NonNeg(Constraint):
    """Weights that are not negative.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.constraints.NonNeg()(keras.ops.array([-1.0, 2.0])).numpy().tolist()
    [0.0, 2.0]
    """

    def __call__(self, w: Any) -> Tensor:
        """Return the weights, 0 in place of negative ones."""
        return maximum(w, 0.0)


class UnitNorm(Constraint):
    """Weights of norm 1.

    Parameters
    ----------
    axis : int or sequence of int
        Along which the norms are taken.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.constraints.UnitNorm()(keras.ops.array([2.0, 0.0])).numpy().round(3).tolist()
    [1.0, 0.0]
    """

    def __init__(self, axis: Any = 0):
        self.axis = axis

    def __call__(self, w: Any) -> Tensor:
        """Return the weights, divided by their norm."""
        w = as_tensor(w)
        return w / (EPSILON + _norm(w, self.axis))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {"axis": self.axis}


class MinMaxNorm(Constraint):
    """Weights whose norm lies in an interval.

    Parameters
    ----------
    min_value, max_value : float
        The interval.
    rate : float
        How far a norm outside goes back to it in one step: 1 is all the way.
    axis : int or sequence of int
        Along which the norms are taken.

    Notes
    -----
    ``w (rate clip(|w|, min, max) + (1 - rate) |w|) / (|w| + epsilon)``.

    Examples
    --------
    >>> from minitf import keras
    >>> inside = keras.constraints.MinMaxNorm(1.0, 2.0, rate=0.5)
    >>> inside(keras.ops.array([4.0, 0.0])).numpy().round(3).tolist()
    [3.0, 0.0]
    """

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0,
                 axis: Any = 0):  # fmt: skip
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Any) -> Tensor:
        """Return weights with a norm in, or nearer to, the interval."""
        w = as_tensor(w)
        norm = _norm(w, self.axis)
        inside = clip_by_value(norm, self.min_value, self.max_value)
        wanted = self.rate * inside + (1 - self.rate) * norm
        return w * (wanted / (EPSILON + norm))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {"min_value": self.min_value, "max_value": self.max_value, "rate": self.rate,
                "axis": self.axis}  # fmt: skip


# -- by name --------------------------------------------------------------------------------------

max_norm, non_neg, unit_norm, min_max_norm = MaxNorm, NonNeg, UnitNorm, MinMaxNorm

KNOWN: dict[str, Any] = {
    "max_norm": MaxNorm,
    "non_neg": NonNeg,
    "unit_norm": UnitNorm,
    "min_max_norm": MinMaxNorm,
}
KNOWN |= {cls.__name__: cls for cls in KNOWN.values()}


def get(identifier: Any) -> Any:
    """Return the constraint that is meant by a name, a config, or the object itself.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.constraints.get("max_norm").max_value
    2
    """
    return look_up(identifier, "constraint", KNOWN)


def serialize(constraint: Any) -> Any:
    """Return a constraint as plain data."""
    return serialize_keras_object(constraint)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the constraint that plain data describes."""
    with custom_object_scope(custom_objects or {}):
        return get(config)


__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "serialize",
    "unit_norm",
]
