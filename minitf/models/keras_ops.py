"""Ops between layers, as Keras' files write them.

Keras gives each op that is used on symbolic tensors a class with a config. Where minitf's op is the
same computation, a functional model's file says it in Keras' words, and opens there; any other op
is written in minitf's own, which only minitf reads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from minitf.graph.operation import Operation

NUMPY, NN = "keras.src.ops.numpy", "keras.src.ops.nn"


class KerasOp(NamedTuple):
    """What Keras calls an op, and what it is called with.

    Attributes
    ----------
    config : dict
        Arguments of the class.
    args : list
        What it is called on: tensors, a list of them, indices.
    """

    module: str
    class_name: str
    config: dict[str, Any]
    args: list[Any]


# The class in Keras, and what its arguments are called here.
NAMES: dict[str, tuple[str, str, dict[str, str]]] = {
    **{name: (NUMPY, cls, {}) for name, cls in {
        "add": "Add", "subtract": "Subtract", "multiply": "Multiply", "truediv": "TrueDivide",
        "divide": "TrueDivide", "maximum": "Maximum", "minimum": "Minimum", "matmul": "Matmul",
        "negative": "Negative", "exp": "Exp", "log": "Log", "sqrt": "Sqrt", "square": "Square",
        "abs": "Absolute", "tanh": "Tanh", "sin": "Sin", "cos": "Cos", "pow": "Power",
    }.items()},
    **{name: (NUMPY, cls, {"axis": "axis", "keepdims": "keepdims"}) for name, cls in {
        "reduce_mean": "Mean", "reduce_sum": "Sum", "reduce_max": "Max", "reduce_min": "Min",
    }.items()},
    **{name: (NUMPY, cls, {"axis": "axis"}) for name, cls in {
        "concat": "Concatenate", "stack": "Stack", "expand_dims": "ExpandDims",
        "squeeze": "Squeeze",
    }.items()},
    "reshape": (NUMPY, "Reshape", {"newshape": "shape"}),
    "transpose": (NUMPY, "Transpose", {"axes": "perm"}),
    "relu": (NN, "Relu", {}),
    "sigmoid": (NN, "Sigmoid", {}),
    "softplus": (NN, "Softplus", {}),
    "gelu": (NN, "Gelu", {"approximate": "approximate"}),
    "softmax": (NN, "Softmax", {"axis": "axis"}),
    "getitem": (NUMPY, "GetItem", {}),
}  # fmt: skip
JOINED = ("concat", "stack")  # called on one list of tensors


def as_keras(node: Operation) -> KerasOp | None:
    """Return what Keras calls an op; None where it has none, or the op is told more than that."""
    if node.type not in NAMES or node.deferred_count:
        return None
    module, class_name, names = NAMES[node.type]
    rest = set(node.attributes) - set(names.values()) - {"key"}
    if any(node.attributes[name] for name in rest):
        return None  # such as a matmul that transposes
    config = {theirs: node.attributes[mine] for theirs, mine in names.items()}
    inputs: list[Any] = list(node.inputs)
    if node.type == "getitem":
        inputs.append(_index(node.attributes["key"]))
    return KerasOp(module, class_name, config, [inputs] if node.type in JOINED else inputs)


def _index(key: Any) -> list[Any]:
    """Return an index in Python's words; an op's attribute has slices as tuples, None as ()."""
    words = {"...": ..., "new": None}
    return [slice(*(None if n == () else n for n in part)) if isinstance(part, tuple)
            else words.get(part, part) for part in key]  # fmt: skip


def getitem(x: Any, key: Any) -> Any:
    """Pick from a tensor as a file says: a list there is a tuple of indices."""
    return x[tuple(key) if isinstance(key, list) else key]


# What an op of a file is here, where it is not called the same in `keras.ops`.
READ: dict[str, Callable[..., Any]] = {"GetItem": getitem}
