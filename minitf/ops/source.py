"""Where values come from: constants, placeholders, copies, and questions about shapes."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.dtypes import DType, as_dtype, int32
from minitf.errors import FailedPreconditionError, GraphError, InvalidArgumentError
from minitf.graph.context import context
from minitf.graph.convert import as_array, as_tensor
from minitf.graph.device import device_of
from minitf.graph.op import AnyTensor, Raw, op
from minitf.graph.spec import TensorSpec, as_shape
from minitf.graph.tensor import Tensor, eager_tensor


@op(name="constant", differentiable=False)
def constant_value(value: Raw):
    """Return a value that is written into the graph."""
    return value.spec


@constant_value.kernel("numpy")
def _(*, value):
    return value.array


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Tensor:
    """Create a tensor from a Python value.

    Parameters
    ----------
    value : number, (nested) list, or array
        Python's floats become float32, its ints int32; arrays keep their dtype.
    dtype : DType, optional
        Element type of the result.
    shape : sequence of int, optional
        Shape of the result; a single number fills it.
    name : str, optional
        Name of the operation.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.constant([[1.0, 2.0], [3.0, 4.0]]).shape
    (2, 2)
    >>> tf.constant(7, shape=[2, 2]).numpy().tolist()
    [[7, 7], [7, 7]]
    """
    if isinstance(value, Tensor) and value.operation is not None:
        return value
    array = as_array(value, None if dtype is None else as_dtype(dtype), argument="constant: value")
    if shape is not None:
        array = _fill(array, tuple(as_shape(shape)))
    tensor = eager_tensor(array)
    if context.graph is None:
        return tensor if context.device is None else copy(tensor, context.device)
    return constant_value(tensor, name=name)


def _fill(array: Any, shape: Any) -> Any:
    if array.size == 1:
        return np.full(shape, array.reshape(()), array.dtype)
    if array.size != np.prod(shape):
        raise InvalidArgumentError(f"constant: {array.size} values cannot fill the shape {shape}")
    return array.reshape(shape)


@op(name="placeholder", differentiable=False)
def placeholder_value(spec: Raw):
    """Return a value that each run must bring along."""
    if context.graph is None:
        raise GraphError(
            "a placeholder only exists in a graph: use `with tf.Graph().as_default():`, "
            "or call tf.compat.v1.disable_eager_execution() first"
        )
    return spec


@placeholder_value.kernel("numpy")
def _(*, spec):
    raise FailedPreconditionError(f"a placeholder of shape {spec.shape} has no value: feed it")


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Tensor:
    """Reserve an edge of the graph whose value each run brings along in its `feed_dict`.

    Parameters
    ----------
    dtype : DType
        Element type of what will be fed.
    shape : sequence of int or None
        Shape of what will be fed; None for a dimension that may differ from run to run.
    name : str, optional
        Name of the operation.

    Raises
    ------
    GraphError
        Outside of a graph.

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.Graph().as_default():
    ...     x = tf.placeholder(tf.float32, [None, 3])
    ...     double = 2.0 * x
    ...     with tf.Session() as session:
    ...         print(session.run(double, {x: [[1.0, 2.0, 3.0]]}))
    [[2. 4. 6.]]
    """
    return placeholder_value(TensorSpec(shape, dtype, name), name=name)


@op(view=True)
def identity(input: AnyTensor):
    """Return a tensor with the same value.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.identity(3.0).numpy()
    np.float32(3.0)
    """
    return input


@identity.kernel("numpy")
def _(input):
    return input


@identity.gradient
def _(node, dy):
    return dy


@op(differentiable=False, view=True)
def stop_gradient(input: AnyTensor):
    """Return the value unchanged, and let no gradient pass.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.Variable(3.0)
    >>> with tf.GradientTape() as tape:
    ...     y = x * tf.stop_gradient(x)
    >>> tape.gradient(y, x).numpy()
    np.float32(3.0)
    """
    return input


@stop_gradient.kernel("numpy")
def _(input):
    return input


@op(view=True)
def copy(input: AnyTensor, device: Raw):
    """Copy a tensor to the memory of another device.

    The placer puts one on each edge that crosses from one memory to another; nothing else ever
    moves a value.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    device : Device
        Where the copy shall live.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.device("/cpu:1"):
    ...     tf.identity(tf.constant(1.0)).device
    '/cpu:1'
    """
    return input


@copy.kernel("cuda")
@copy.kernel("numpy")
def _(input, *, device):
    source = device_of(input)
    return input if source.memory == device.memory else device.put(source.fetch(input))


@copy.gradient
def _(node, dy):
    source = node.inputs[0]
    back = source.place if source.operation is None else source.operation.device
    return dy if back is None else copy(dy, back)


@op(differentiable=False)
def shape(input: AnyTensor, out_type: DType = int32):
    """Return the shape of a tensor as a tensor, known when the graph runs.

    Parameters
    ----------
    input : Tensor
        Any shape (d1, ..., dn) and dtype.
    out_type : DType
        int32 or int64.

    Returns
    -------
    Tensor
        The n dimensions.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.shape(tf.zeros([2, 3])).numpy().tolist()
    [2, 3]
    """
    return TensorSpec((len(input.shape),), out_type)


@shape.kernel("numpy")
def _(input, *, out_type):
    return np.array(input.shape, out_type.numpy)


@op(differentiable=False)
def size(input: AnyTensor, out_type: DType = int32):
    """Return the number of elements of a tensor.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    out_type : DType
        int32 or int64.

    Returns
    -------
    Tensor
        Of shape ().

    Examples
    --------
    >>> import minitf as tf
    >>> int(tf.size(tf.zeros([2, 3])))
    6
    """
    return TensorSpec((), out_type)


@size.kernel("numpy")
def _(input, *, out_type):
    return np.array(input.size, out_type.numpy)


@op(differentiable=False)
def zeros_like(input: AnyTensor, dtype: DType = None):
    """Return zeros in the shape of a tensor.

    Parameters
    ----------
    input : Tensor
        Any shape.
    dtype : DType, optional
        Element type; that of `input` by default.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.zeros_like([1.0, 2.0]).numpy().tolist()
    [0.0, 0.0]
    """
    return TensorSpec(input.shape, dtype or input.dtype)


@zeros_like.kernel("numpy")
def _(input, *, dtype):
    return np.zeros(np.shape(input), dtype.numpy if dtype else input.dtype)


@op(differentiable=False)
def ones_like(input: AnyTensor, dtype: DType = None):
    """Return ones in the shape of a tensor.

    Parameters
    ----------
    input : Tensor
        Any shape.
    dtype : DType, optional
        Element type; that of `input` by default.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.ones_like([5, 6]).numpy().tolist()
    [1, 1]
    """
    return TensorSpec(input.shape, dtype or input.dtype)


@ones_like.kernel("numpy")
def _(input, *, dtype):
    return np.ones(np.shape(input), dtype.numpy if dtype else input.dtype)


def rank(input: Any, name: str | None = None) -> Tensor:
    """Return the number of dimensions of a tensor, as a tensor of shape ().

    Examples
    --------
    >>> import minitf as tf
    >>> int(tf.rank(tf.zeros([2, 3])))
    2
    """
    return constant(len(as_tensor(input).shape), int32, name=name)
