"""What a graph already tells about a value before it runs.

`tf.reshape(x, [tf.shape(x)[0], 28 * 28])` computes a shape with ops. Its numbers decide the spec of
the result, so the small integer ops that programs compute shapes with are followed back to
constants and to the known dimensions of other tensors. A number that stays unknown is None.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.errors import Error
from minitf.graph.operation import Deferred, Operation
from minitf.graph.tensor import Tensor

Array = np.ndarray[Any, Any]

# Ops that programs compute shapes with. Their NumPy kernels work on arrays of Python objects too,
# so a None travels through them like any other number.
_MOVING = {"stack", "unstack", "concat", "reshape", "expand_dims", "squeeze", "getitem", "identity",
           "gather", "slice"}  # fmt: skip
_COUNTING = {"add", "subtract", "multiply", "floordiv", "floormod", "maximum", "minimum",
             "reduce_prod", "reduce_sum"}  # fmt: skip
_LARGEST = 64  # shapes are short; longer vectors are data


def static_value(tensor: Tensor) -> Array | None:
    """Return what is known of a tensor as an array of objects, None for an unknown number.

    Returns None as a whole where nothing can be said.
    """
    if tensor.operation is None:
        return np.asarray(tensor.tolist(), object) if _short(tensor) else None
    node = tensor.operation
    if node.type == "constant":
        return static_value(node.attributes["value"])
    if node.type == "shape":
        return np.array(list(node.inputs[0].shape), object)
    if node.type == "size":
        return np.array(node.inputs[0].shape.num_elements(), object)
    if node.type == "cast" and tensor.dtype.is_integer:
        return static_value(node.inputs[0])
    if node.type == "range" and _short(tensor):
        return _counted(node)
    if node.type in _MOVING | _COUNTING and not node.has_deferred and _short(tensor):
        return _follow(node, tensor.index)
    return None


def _short(tensor: Tensor) -> bool:
    count = tensor.shape.num_elements()
    return tensor.dtype.is_integer and count is not None and count <= _LARGEST


def _counted(node: Operation) -> Array:
    """Return the numbers of a range; that it is known to be short says that its ends are known."""
    known: dict[str, Any] = dict(node.attributes)
    for name, value in node.attributes.items():
        if isinstance(value, Deferred):
            known[name] = static_value(node.inputs[value.position]).item()  # type: ignore[union-attr]
    return np.asarray(node.definition.kernels["numpy"](**known), object)


def _follow(node: Operation, index: int) -> Array | None:
    values = [static_value(t) for t in node.inputs]
    if any(v is None for v in values):
        return None
    unknown = any(x is None for v in values for x in v.flat)  # type: ignore[union-attr]
    if unknown and node.type in _COUNTING:
        return np.full(node.outputs[index].shape, None, object)
    if node.type == "gather":
        values[1] = values[1].astype(np.int64)  # type: ignore[union-attr]
    try:
        result = node.definition.kernels["numpy"](*values, **node.attributes)
    except (Error, TypeError, ValueError, IndexError):
        return None  # the run itself will report it, with the values at hand
    return np.asarray(result[index] if isinstance(result, (tuple, list)) else result, object)


def get_static_value(tensor: Tensor, partial: bool = False) -> Array | None:
    """Return the value of a tensor where it is known now, else None.

    Parameters
    ----------
    tensor : Tensor
        Eager, or an edge of a graph that computes a shape.
    partial : bool
        Whether numbers that are not known yet may be None in the result.

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.Graph().as_default():
    ...     x = tf.placeholder(tf.float32, [None, 3])
    ...     print(tf.get_static_value(tf.shape(x)[1]), tf.get_static_value(tf.shape(x)))
    3 None
    """
    if tensor.operation is None:
        return np.asarray(tensor)
    found = static_value(tensor)
    if found is None or (not partial and any(x is None for x in found.flat)):
        return None
    return found if partial else found.astype(tensor.dtype.numpy)
