"""`keras.backend`: the older names of the ops, which many programs call `K`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minitf import activations
from minitf.dtypes import as_dtype
from minitf.graph.context import name_scope
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.keras import ops
from minitf.keras import random as draws
from minitf.keras.config import backend
from minitf.keras.ops import (
    abs,
    all,
    any,
    arange,
    cast,
    cos,
    equal,
    exp,
    greater,
    greater_equal,
    less,
    less_equal,
    log,
    maximum,
    minimum,
    not_equal,
    ones_like,
    prod,
    reshape,
    round,
    sign,
    sin,
    square,
    squeeze,
    stack,
    stop_gradient,
    tile,
    transpose,
    zeros_like,
)
from minitf.keras.ops.promotion import result_type
from minitf.layers.layer import inherited_training
from minitf.layers.symbolic import clear_session
from minitf.layers.symbolic import is_symbolic as is_keras_tensor
from minitf.naming import auto_name
from minitf.ops import source
from minitf.ops.mapping import foldl, foldr, map_fn
from minitf.ops.norms import l2_normalize as _l2_normalize
from minitf.ops.products import matmul
from minitf.ops.state import Variable
from minitf.settings import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)

# -- values -----------------------------------------------------------------------------------


def is_tensor(x: Any) -> bool:
    """Return whether x is a Tensor."""
    return isinstance(x, Tensor)


def is_float_dtype(dtype: Any) -> bool:
    """Return whether a dtype is floating."""
    return as_dtype(dtype).is_floating


def is_int_dtype(dtype: Any) -> bool:
    """Return whether a dtype is of integer type."""
    return as_dtype(dtype).is_integer


def standardize_dtype(dtype: Any) -> str:
    """Return the name of a dtype; that of floats for None."""
    return floatx() if dtype is None else as_dtype(dtype).name


def get_uid(prefix: str = "") -> int:
    """Return 1 more for every call with the same prefix."""
    name = auto_name(f"uid {prefix}")
    return int(name.rpartition("_")[2]) + 1 if name != f"uid {prefix}" else 1


def variable(value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None) -> Any:
    """Return a Variable."""
    return Variable(as_tensor(value, hint=as_dtype(dtype or floatx())), name=name,
                    constraint=constraint)  # fmt: skip


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Any:
    """Return a Tensor of a value, repeated to a shape; numbers are of type `floatx()`."""
    return source.constant(value, dtype or floatx(), shape, name)


def get_value(x: Any) -> Any:
    """Return the value of a Variable or Tensor as an array."""
    return np.array(as_tensor(x)) if is_tensor(x) or hasattr(x, "numpy") else x


eval = get_value


def set_value(x: Any, value: Any) -> None:
    """Give a Variable another value."""
    x.assign(np.asarray(value, x.dtype.numpy))


def batch_get_value(tensors: Sequence[Any]) -> list[Any]:
    """Return the values of Variables or Tensors as arrays."""
    return [get_value(x) for x in tensors]


def batch_set_value(tuples: Sequence[tuple[Any, Any]]) -> None:
    """Give Variables other values, from pairs (Variable, value)."""
    for x, value in tuples:
        set_value(x, value)


def update(x: Any, new_x: Any) -> Any:
    """Give a Variable another value."""
    return x.assign(new_x)


def update_add(x: Any, increment: Any) -> Any:
    """Add to a Variable."""
    return x.assign_add(increment)


def update_sub(x: Any, decrement: Any) -> Any:
    """Subtract from a Variable."""
    return x.assign_sub(decrement)


def moving_average_update(x: Any, value: Any, momentum: float) -> Any:
    """Bring a Variable closer to a value."""
    return x.assign(x * momentum + cast(value, x.dtype) * (1 - momentum))


def int_shape(x: Any) -> tuple[int | None, ...]:
    """Return the sizes of the axes; None for those that are not known."""
    return tuple(x.shape)


def shape(x: Any) -> Any:
    """Return the sizes of the axes as a Tensor."""
    return source.shape(as_tensor(x))


def ndim(x: Any) -> int:
    """Return the number of axes."""
    return len(x.shape)


def dtype(x: Any) -> str:
    """Return the name of the element type."""
    return x.dtype.name


def count_params(x: Any) -> int:
    """Return the number of elements."""
    return int(np.prod(x.shape))


def learning_phase() -> int:
    """Return 1 where a model is being trained, else 0."""
    return int(bool(inherited_training()))


class Function:
    """What a part of a model computes, as a function on arrays; see `function`."""

    def __init__(self, inputs: Any, outputs: Any):
        from minitf.models import Model

        self.inputs = [t for t in inputs if is_keras_tensor(t)]
        self.alone = not isinstance(outputs, (list, tuple))
        self.model = Model(self.inputs, outputs if self.alone else list(outputs))

    def __call__(self, inputs: Any) -> Any:
        """Return the outputs for some inputs, as arrays."""
        given = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        training = bool(given[len(self.inputs)]) if len(given) > len(self.inputs) else False
        values = [as_tensor(v, hint=t.dtype) for v, t in zip(given, self.inputs, strict=False)]
        found = self.model(values if len(values) > 1 else values[0], training=training)
        found = found if isinstance(found, (list, tuple)) else [found]
        return get_value(found[0]) if self.alone else batch_get_value(found)


def function(inputs: Sequence[Any], outputs: Any, updates: Any = None,
             name: str | None = None) -> Callable[[Any], Any]:  # fmt: skip
    """Return a function on arrays that computes one part of a model from another.

    Examples
    --------
    >>> from minitf import keras
    >>> x = keras.Input((2,))
    >>> f = keras.backend.function([x], [2 * x])
    >>> f([[[1.0, 2.0]]])[0].tolist()
    [[2.0, 4.0]]
    """
    return Function(inputs, outputs)


# -- the ops, under other names or with other arguments ----------------------------------------


def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Return a Variable of zeros."""
    return Variable(ops.zeros(shape, dtype), name=name)


def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Return a Variable of ones."""
    return Variable(ops.ones(shape, dtype), name=name)


def eye(size: int, dtype: Any = None, name: str | None = None) -> Any:
    """Return the identity matrix."""
    return ops.eye(size, dtype=dtype)


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the sum along axes."""
    return ops.sum(x, axis, keepdims)


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the mean along axes."""
    return ops.mean(x, axis, keepdims)


def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the largest element along axes."""
    return ops.max(x, axis, keepdims)


def min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the smallest element along axes."""
    return ops.min(x, axis, keepdims)


def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the standard deviation along axes."""
    return ops.std(x, axis, keepdims)


def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the variance along axes."""
    return ops.var(x, axis, keepdims)


def argmax(x: Any, axis: int = -1) -> Any:
    """Return the index of the largest element along an axis."""
    return cast(ops.argmax(x, axis), "int64")


def argmin(x: Any, axis: int = -1) -> Any:
    """Return the index of the smallest element along an axis."""
    return cast(ops.argmin(x, axis), "int64")


def cumsum(x: Any, axis: int = 0) -> Any:
    """Return the sums of the first elements along an axis."""
    return ops.cumsum(x, axis)


def cumprod(x: Any, axis: int = 0) -> Any:
    """Return the products of the first elements along an axis."""
    return ops.cumprod(x, axis)


def sqrt(x: Any) -> Any:
    """Return the square root; 0 of negative numbers, which rounding errors may leave behind."""
    return ops.sqrt(clip(x, 0.0, None))


def pow(x: Any, a: Any) -> Any:
    """Return x to the power of a."""
    return ops.power(x, a)


def clip(x: Any, min_value: Any, max_value: Any) -> Any:
    """Return x, and the bound where x lies beyond it."""
    low = -np.inf if min_value is None else min_value
    return ops.clip(x, low, np.inf if max_value is None else max_value)


def gather(reference: Any, indices: Any) -> Any:
    """Return rows by number."""
    return ops.take(reference, indices, axis=0)


def expand_dims(x: Any, axis: int = -1) -> Any:
    """Return x with an axis of size 1 put in; the last one, if none is said."""
    return ops.expand_dims(x, axis)


def concatenate(tensors: Sequence[Any], axis: int = -1) -> Any:
    """Return tensors one behind the other; along the last axis, if none is said."""
    return ops.concatenate(tensors, axis)


def repeat(x: Any, n: int) -> Any:
    """Return each example n times in a row: (batch, features) becomes (batch, n, features)."""
    return ops.repeat(ops.expand_dims(x, 1), n, axis=1)


def permute_dimensions(x: Any, pattern: Any) -> Any:
    """Return x with its axes in another order."""
    return ops.transpose(x, pattern)


def reverse(x: Any, axes: Any) -> Any:
    """Return x with the order along axes reversed."""
    return ops.flip(x, axes)


def flatten(x: Any) -> Any:
    """Return the elements along one axis."""
    return ops.ravel(x)


def batch_flatten(x: Any) -> Any:
    """Return the elements of each example along one axis."""
    return ops.reshape(x, [-1, int(np.prod(x.shape[1:]))])


def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    """Return every entry along an axis several times in a row."""
    return ops.repeat(x, rep, axis)


def one_hot(indices: Any, num_classes: int) -> Any:
    """Return vectors of zeros, with a one at the number of a class."""
    return ops.one_hot(indices, num_classes)


def cast_to_floatx(x: Any) -> Any:
    """Return an array or Tensor of the default floating type."""
    return cast(x, floatx()) if is_tensor(x) or hasattr(x, "graph_tensor") else (
        np.asarray(x, floatx()))  # fmt: skip


def dot(x: Any, y: Any) -> Any:
    """Return the matrix product; of more axes, over the last of x and the last but one of y."""
    return ops.dot(x, y)


def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """Return the products of the matrices of two batches, over one axis of each."""
    x, y = as_tensor(x), as_tensor(y)
    rank = len(x.shape), len(y.shape)
    if axes is None:
        axes = [rank[0] - 1, 1 if rank[1] == 2 else rank[1] - 2]
    first, second = (axes, axes) if isinstance(axes, int) else axes
    a, b = ops.moveaxis(x, first, -1), ops.moveaxis(y, second, 1)
    a = expand_dims(a, 1) if rank[0] == 2 else a
    b = expand_dims(b, 2) if rank[1] == 2 else b
    rows, columns = a.shape[1:-1], b.shape[2:]
    found = matmul(ops.reshape(a, [-1, int(np.prod(rows)), a.shape[-1]]),
                   ops.reshape(b, [-1, b.shape[1], int(np.prod(columns))]))  # fmt: skip
    kept = [*(rows if rank[0] > 2 else []), *(columns if rank[1] > 2 else [])]
    return ops.reshape(found, [-1, *(kept or [1])])


def bias_add(x: Any, bias: Any, data_format: str | None = None) -> Any:
    """Return x plus a bias for each channel."""
    first = (data_format or image_data_format()) == "channels_first"
    if first and len(x.shape) > 2:
        return x + ops.reshape(bias, [-1, *[1] * (len(x.shape) - 2)])
    return x + bias


def l2_normalize(x: Any, axis: Any = None) -> Any:
    """Return x divided by its norm along an axis."""
    return _l2_normalize(x, axis)


def in_top_k(predictions: Any, targets: Any, k: int) -> Any:
    """Return whether the targets are among the k best predictions."""
    return ops.in_top_k(targets, predictions, k)


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """Return one of two values, or of what two functions return."""
    condition = as_tensor(condition)
    if callable(then_expression) and not condition.shape:
        return ops.cond(condition, then_expression, else_expression)
    values = [v() if callable(v) else v for v in (then_expression, else_expression)]
    missing = len(as_tensor(values[0]).shape) - len(condition.shape)
    for _ in range(missing):
        condition = expand_dims(condition, -1)
    return ops.where(condition, *values)


def relu(x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """Return max(x, 0), or one of its relatives."""
    return activations.relu(x, alpha, max_value, threshold)


def hard_sigmoid(x: Any) -> Any:
    """Return 0.2 x + 0.5, limited to 0 ... 1: Keras 2's function, steeper than Keras 3's."""
    return clip(0.2 * as_tensor(x) + 0.5, 0.0, 1.0)


sigmoid, tanh, elu = activations.sigmoid, activations.tanh, activations.elu
softplus, softsign = activations.softplus, activations.softsign
softmax = activations.softmax


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Return the cross-entropy of truth values, elementwise."""
    return ops.binary_crossentropy(target, output, from_logits)


def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False,
                             axis: int = -1) -> Any:  # fmt: skip
    """Return the cross-entropy of probabilities of classes."""
    return ops.categorical_crossentropy(target, output, from_logits, axis)


def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False,
                                    axis: int = -1) -> Any:  # fmt: skip
    """Return the cross-entropy of class numbers."""
    return ops.sparse_categorical_crossentropy(target, output, from_logits, axis)


# -- windows ----------------------------------------------------------------------------------


def _form(data_format: str | None) -> str:
    return data_format or image_data_format()


def conv1d(x: Any, kernel: Any, strides: int = 1, padding: str = "valid",
           data_format: str | None = None, dilation_rate: int = 1) -> Any:  # fmt: skip
    """Return convolutions of sequences."""
    return ops.conv(x, kernel, strides, padding, _form(data_format), dilation_rate)


def conv2d(x: Any, kernel: Any, strides: Any = (1, 1), padding: str = "valid",
           data_format: str | None = None, dilation_rate: Any = (1, 1)) -> Any:  # fmt: skip
    """Return convolutions of images."""
    return ops.conv(x, kernel, strides, padding, _form(data_format), dilation_rate)


def pool2d(x: Any, pool_size: Any, strides: Any = (1, 1), padding: str = "valid",
           data_format: str | None = None, pool_mode: str = "max") -> Any:  # fmt: skip
    """Return the largest elements, or the means ("avg"), of windows of images."""
    pool = ops.max_pool if pool_mode == "max" else ops.average_pool
    return pool(x, pool_size, strides, padding, _form(data_format))


def spatial_2d_padding(x: Any, padding: Any = ((1, 1), (1, 1)),
                       data_format: str | None = None) -> Any:  # fmt: skip
    """Return images surrounded by zeros."""
    none = (0, 0)
    first = _form(data_format) == "channels_first"
    return ops.pad(x, [none, none, *padding] if first else [none, *padding, none])


def temporal_padding(x: Any, padding: Any = (1, 1)) -> Any:
    """Return sequences surrounded by zeros."""
    return ops.pad(x, [(0, 0), padding, (0, 0)])


def resize_images(x: Any, height_factor: int, width_factor: int, data_format: str,
                  interpolation: str = "nearest") -> Any:  # fmt: skip
    """Return images whose sides are some times as long."""
    height, width = x.shape[2:4] if data_format == "channels_first" else x.shape[1:3]
    size = (height * height_factor, width * width_factor)
    return ops.image.resize(x, size, interpolation, data_format=data_format)


# -- random numbers ---------------------------------------------------------------------------


def dropout(x: Any, level: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """Return x with elements set to 0 at random, and the others scaled up."""
    return draws.dropout(x, level, noise_shape, seed)


def random_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None,
                  seed: Any = None) -> Any:  # fmt: skip
    """Return normal numbers."""
    return draws.normal(shape, mean, stddev, dtype, seed)


def truncated_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None,
                     seed: Any = None) -> Any:  # fmt: skip
    """Return normal numbers within two deviations of the mean."""
    return draws.truncated_normal(shape, mean, stddev, dtype, seed)


def random_uniform(shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None,
                   seed: Any = None) -> Any:  # fmt: skip
    """Return numbers from [minval, maxval)."""
    return draws.uniform(shape, minval, maxval, dtype, seed)


def random_bernoulli(shape: Any, p: float = 0.0, dtype: Any = None, seed: Any = None) -> Any:
    """Return 1 with the probability p, else 0."""
    return cast(draws.uniform(shape, seed=seed) < p, dtype or floatx())


__all__ = [
    "abs", "all", "any", "arange", "argmax", "argmin", "backend", "batch_dot", "batch_flatten",
    "batch_get_value", "batch_set_value", "bias_add", "binary_crossentropy", "cast",
    "cast_to_floatx", "categorical_crossentropy", "clear_session", "clip", "concatenate",
    "constant", "conv1d", "conv2d", "cos", "count_params", "cumprod", "cumsum", "dot",
    "dropout", "dtype", "elu", "epsilon", "equal", "eval", "exp", "expand_dims", "eye",
    "flatten", "floatx", "foldl", "foldr", "function", "gather", "get_uid", "get_value",
    "greater", "greater_equal", "hard_sigmoid", "image_data_format", "in_top_k", "int_shape",
    "is_float_dtype", "is_int_dtype", "is_keras_tensor", "is_tensor", "l2_normalize",
    "learning_phase", "less", "less_equal", "log", "map_fn", "max", "maximum", "mean", "min",
    "minimum", "moving_average_update", "name_scope", "ndim", "not_equal", "one_hot", "ones",
    "ones_like", "permute_dimensions", "pool2d", "pow", "prod", "random_bernoulli",
    "random_normal", "random_uniform", "relu", "repeat", "repeat_elements", "reshape",
    "resize_images", "result_type", "reverse", "round", "set_epsilon", "set_floatx",
    "set_image_data_format", "set_value", "shape", "sigmoid", "sign", "sin", "softmax",
    "softplus", "softsign", "sparse_categorical_crossentropy", "spatial_2d_padding", "sqrt",
    "square", "squeeze", "stack", "standardize_dtype", "std", "stop_gradient", "sum", "switch",
    "tanh", "temporal_padding", "tile", "transpose", "truncated_normal", "update", "update_add",
    "update_sub", "var", "variable", "zeros", "zeros_like"
]  # fmt: skip
