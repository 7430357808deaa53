"""Python's operators on Tensors and Variables: one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.op import OpFunction
from minitf.graph.tensor import Tensor
from minitf.ops import bitwise, division, index, linalg, logic, math, powers
from minitf.ops.source import constant, identity

Binary = Callable[[Any, Any], Any]


def either(logical: OpFunction, bits: OpFunction) -> Binary:
    """Return the operator that is logical between truth values and bitwise between integers."""

    def operator(x: Any, y: Any) -> Any:
        x, y = math.paired(x, y)
        return logical(x, y) if x.dtype.is_bool else bits(x, y)

    operator.__doc__ = logical.__doc__
    return operator


def invert(x: Any) -> Any:
    """Return the opposite: `not` for truth values, every bit turned for integers."""
    return logic.logical_not(x) if x.dtype.is_bool else bitwise.invert(x)


def equals(x: Any, y: Any) -> Any:
    """Return whether elements are equal; False as a whole for what is no tensor of that shape."""
    return _compared(logic.equal, x, y, False)


def differs(x: Any, y: Any) -> Any:
    """Return whether elements differ; True as a whole for what is no tensor of that shape."""
    return _compared(logic.not_equal, x, y, True)


def _compared(function: OpFunction, x: Any, y: Any, otherwise: bool) -> Any:
    # Python compares whenever it looks for something in a list: that must not fail.
    if y is None:
        return otherwise
    try:
        return function(x, y)
    except ShapeError:
        return constant(otherwise)
    except InvalidArgumentError:
        if hasattr(y, "dtype") or isinstance(y, (int, float)):
            raise  # numbers of another dtype: a mistake that wants to be told
        return NotImplemented


BINARY: dict[str, Binary] = {
    "add": math.add,
    "sub": math.subtract,
    "mul": math.multiply,
    "truediv": division.divide,
    "floordiv": division.floordiv,
    "mod": division.floormod,
    "pow": powers.pow_,
    "matmul": linalg.matmul,
    "and": either(logic.logical_and, bitwise.bitwise_and),
    "or": either(logic.logical_or, bitwise.bitwise_or),
    "xor": either(logic.logical_xor, bitwise.bitwise_xor),
}
ONE_WAY: dict[str, Callable[..., Any]] = {
    "eq": equals,
    "ne": differs,
    "lt": logic.less,
    "le": logic.less_equal,
    "gt": logic.greater,
    "ge": logic.greater_equal,
    "neg": math.negative,
    "pos": identity,
    "abs": math.abs_,
    "invert": invert,
    "getitem": index.getitem,
}


def install(cls: type, **others: Callable[..., Any]) -> None:
    """Give a class Python's operators, computed by ops, or by others with these names."""
    for name, function in (BINARY | ONE_WAY | others).items():
        setattr(cls, f"__{name}__", function)
    for name, function in BINARY.items():
        setattr(cls, f"__r{name}__", _reversed(function))


def _reversed(function: Binary) -> Binary:
    return lambda x, y: function(y, x)


install(Tensor)
# NumPy must not take over: array + tensor is a tensor, computed by Tensor.__radd__.
Tensor.__array_priority__ = 100  # type: ignore[attr-defined]
