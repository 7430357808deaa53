"""Regularizers: what large weights, or outputs, cost.

The cost is added to the loss, so training weighs it against mistakes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops.filling import eye
from minitf.ops.linalg import matmul
from minitf.ops.math import abs_
from minitf.ops.norms import l2_normalize
from minitf.ops.powers import square
from minitf.ops.reduction import reduce_sum
from minitf.serialization import custom_object_scope, look_up, serialize_keras_object


class Regularizer:
    """A function from a tensor to what it costs; subclasses say how much.

    A program's own subclass overrides `__call__`, and `get_config` to be saved.
    """

    def __call__(self, x: Any) -> Any:
        """Return the cost of a tensor, a scalar."""
        return 0.0

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        raise NotImplementedError(f"{type(self).__name__} has no get_config(), so cannot be saved")

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Regularizer:
        """Return the regularizer that a config describes."""
        return cls(**config)


class L1L2(Regularizer):
    """The sum of the absolute values and the sum of the squares, each with a factor.

    Parameters
    ----------
    l1, l2 : float
        The factors.

    Notes
    -----
    ``l1 sum |x| + l2 sum x^2``.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.regularizers.L1L2(l1=1.0, l2=0.5)(keras.ops.array([-2.0, 1.0])))
    5.5
    """

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0):
        self.l1, self.l2 = _factor("L1L2", "l1", l1, 0.0), _factor("L1L2", "l2", l2, 0.0)

    def __call__(self, x: Any) -> Any:
        """Return the cost of a tensor."""
        cost: Any = 0.0
        if self.l1:
            cost = cost + self.l1 * reduce_sum(abs_(x))
        if self.l2:
            cost = cost + self.l2 * reduce_sum(square(x))
        return cost

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {"l1": self.l1, "l2": self.l2}


class L1(Regularizer):
    """The sum of the absolute values, which pulls weights to exactly 0.

    Parameters
    ----------
    l1 : float
        Its factor.

    Notes
    -----
    ``l1 sum |x|``.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.regularizers.L1(0.5)(keras.ops.array([-2.0, 1.0])))
    1.5
    """

    def __init__(self, l1: float | None = 0.01):
        self.l1 = _factor("L1", "l1", l1, 0.01)

    def __call__(self, x: Any) -> Tensor:
        """Return the cost of a tensor."""
        return self.l1 * reduce_sum(abs_(x))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {"l1": self.l1}


class L2(Regularizer):
    """The sum of the squares, which keeps weights small ("weight decay").

    Parameters
    ----------
    l2 : float
        Its factor.

    Notes
    -----
    ``l2 sum x^2``.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.regularizers.L2(0.5)(keras.ops.array([-2.0, 1.0])))
    2.5
    """

    def __init__(self, l2: float | None = 0.01):
        self.l2 = _factor("L2", "l2", l2, 0.01)

    def __call__(self, x: Any) -> Tensor:
        """Return the cost of a tensor."""
        return self.l2 * reduce_sum(square(x))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {"l2": self.l2}


class OrthogonalRegularizer(Regularizer):
    """The mean cosine, without its sign, between different rows (or columns) of a matrix.

    Parameters
    ----------
    factor : float
        Its factor.
    mode : {"rows", "columns"}
        What shall be orthogonal to each other.

    Examples
    --------
    >>> from minitf import keras
    >>> cost = keras.regularizers.OrthogonalRegularizer(factor=1.0)
    >>> float(cost(keras.ops.eye(3))), float(cost(keras.ops.ones((2, 4))))
    (0.0, 1.0)
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows"):
        if mode not in ("rows", "columns"):
            raise InvalidArgumentError(
                f"OrthogonalRegularizer: mode is 'rows' or 'columns', got {mode!r}"
            )
        self.factor, self.mode = _factor("OrthogonalRegularizer", "factor", factor, 0.01), mode

    def __call__(self, inputs: Any) -> Tensor:
        """Return the cost of a matrix."""
        x = as_tensor(inputs)
        if len(x.shape) != 2:
            raise ShapeError(f"OrthogonalRegularizer: expected a matrix, got shape {x.shape}")
        in_rows = self.mode == "rows"
        n: Any = x.shape[0 if in_rows else 1]
        x = l2_normalize(x, axis=1 if in_rows else 0)
        cosines = matmul(x, x, transpose_a=not in_rows, transpose_b=in_rows)  # (n, n)
        between = abs_(cosines * (1 - eye(n, dtype=x.dtype)))
        return self.factor * reduce_sum(between) / (n * (n - 1.0))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {"factor": self.factor, "mode": self.mode}


def _factor(owner: str, name: str, value: Any, default: float) -> float:
    """Return a factor as a float; None means the default."""
    value = default if value is None else value
    is_number = isinstance(value, (int, float)) or getattr(value, "ndim", None) == 0
    if not is_number or not math.isfinite(value) or value < 0:
        raise InvalidArgumentError(f"{owner}: {name} is a finite number >= 0, got {value!r}")
    return float(value)


# -- by name --------------------------------------------------------------------------------------

l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer

KNOWN: dict[str, Any] = {
    "l1": L1,
    "l2": L2,
    "l1_l2": L1L2,
    "l1l2": L1L2,
    "orthogonal_regularizer": OrthogonalRegularizer,
}
KNOWN |= {cls.__name__: cls for cls in KNOWN.values()}


def get(identifier: Any) -> Any:
    """Return the regularizer that is meant by a name, a config, or the object itself.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.regularizers.get("l2").l2
    0.01
    """
    return look_up(identifier, "regularizer", KNOWN)


def serialize(regularizer: Any) -> Any:
    """Return a regularizer as plain data."""
    return serialize_keras_object(regularizer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the regularizer that plain data describes."""
    with custom_object_scope(custom_objects or {}):
        return get(config)


__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]
