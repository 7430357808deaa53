"""Python's operators on Tensors and Variables: one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitf.graph.tensor import Tensor
from minitf.ops import linalg, math


def _reversed(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda x, y: function(y, x)


BINARY = {
    "add": math.add,
    "sub": math.subtract,
    "mul": math.multiply,
    "matmul": linalg.matmul,
}
COMPARE = {"gt": math.greater}
UNARY = {"neg": math.negative}


def install(cls: type) -> None:
    """Give a class Python's operators, computed by ops."""
    for name, function in (BINARY | COMPARE | UNARY).items():
        setattr(cls, f"__{name}__", _method(function))
    for name, function in BINARY.items():
        setattr(cls, f"__r{name}__", _method(_reversed(function)))


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    def operator(self: Any, *other: Any) -> Any:
        return function(self, *other)

    operator.__doc__ = function.__doc__
    return operator


install(Tensor)
# NumPy must not take over: array + tensor is a tensor, computed by Tensor.__radd__.
Tensor.__array_priority__ = 100  # type: ignore[attr-defined]
