"""From Python values to Tensors."""

from __future__ import annotations

from functools import lru_cache
from reprlib import repr as shorten
from typing import Any

import numpy as np

from minitf.dtypes import DType, as_dtype, bool_, from_numpy, string
from minitf.errors import DTypeError, InvalidArgumentError
from minitf.graph.composite import Composite
from minitf.graph.context import context
from minitf.graph.registry import OPS
from minitf.graph.tensor import Tensor, eager_tensor

_NARROW = {np.dtype(np.float64): np.float32, np.dtype(np.int64): np.int32}


def convert_to_tensor(
    value: Any, dtype: Any = None, dtype_hint: Any = None, name: str | None = None
) -> Tensor:
    """Convert numbers, lists, arrays and Variables to a Tensor; Tensors pass unchanged.

    Parameters
    ----------
    value : number, (nested) list, array, Variable or Tensor
        Python's floats become float32, its ints int32 (int64 where they need it).
    dtype : DType, optional
        The element type wanted; a Tensor of another type is an error.
    dtype_hint : DType, optional
        The element type preferred, used where the value allows it.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.convert_to_tensor([1, 2, 3]).dtype
    tf.int32
    """
    wanted = None if dtype is None else as_dtype(dtype)
    hint = None if dtype_hint is None else as_dtype(dtype_hint)
    tensor = as_tensor(value, wanted, hint, "convert_to_tensor: value")
    if wanted is not None and tensor.dtype is not wanted:
        raise DTypeError(
            f"convert_to_tensor: expected dtype {wanted.name}, got a tensor of {tensor.dtype.name};"
            " convert it with tf.cast"
        )
    return tensor


def _read(variable: Any) -> Tensor:
    """Return the value of a Variable, in mixed precision in the dtype that is computed in."""
    tensor: Tensor = variable.graph_tensor()
    wanted = context.autocast
    if wanted is None or tensor.dtype is wanted or not tensor.dtype.is_floating:
        return tensor
    return OPS["cast"](tensor, wanted)  # type: ignore[no-any-return]


def is_tensor(x: Any) -> bool:
    """Return whether something is a Tensor, stands for one (a Variable), or is made of some.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.is_tensor(tf.constant(1.0)), tf.is_tensor([1.0])
    (True, False)
    """
    return isinstance(x, (Tensor, Composite)) or hasattr(x, "graph_tensor")


def as_tensor(
    value: Any, dtype: DType | None = None, hint: DType | None = None, argument: str = "value"
) -> Tensor:
    """Return a value as a Tensor of the current graph (or an eager one)."""
    if isinstance(value, Tensor):
        return value
    if type(value) in (int, float) and value and context.graph is None:  # 0.0 equals -0.0
        return _number(value, dtype, hint, argument)
    if hasattr(value, "graph_tensor"):  # Variables and what else stands for a tensor
        return _read(value)
    if isinstance(value, (list, tuple)) and _holds_tensor(value):
        return _stack(value, dtype, hint)
    if isinstance(value, Composite):
        raise DTypeError(f"{argument} is a {type(value).__name__}, which is not one Tensor; "
                         f"{value.instead}")  # fmt: skip
    tensor = eager_tensor(as_array(value, dtype, hint, argument))
    # A number in the program text is part of the graph; a tensor made outside would be captured.
    return tensor if context.graph is None else OPS["constant"](tensor)


def as_operand(value: Any, hint: DType | None = None) -> Any:
    """Return a value as a Tensor; ragged and sparse tensors stay, for the rule of an op."""
    return value if isinstance(value, Composite) else as_tensor(value, hint=hint)


@lru_cache(1024, typed=True)
def _number(value: Any, dtype: DType | None, hint: DType | None, argument: str) -> Tensor:
    """Return a number as an eager Tensor; the same one for the same number, since none changes."""
    return eager_tensor(as_array(value, dtype, hint, argument))


def as_array(
    value: Any, dtype: DType | None = None, hint: DType | None = None, argument: str = "value"
) -> np.ndarray[Any, Any]:
    """Return a Python value as an array that shares memory with nothing."""
    if value is None:
        raise InvalidArgumentError(f"{argument} is None where a tensor is needed")
    try:
        array = np.array(value)
    except UnicodeDecodeError:  # bytes beside strings
        array = np.array(value, object)
    except ValueError as error:
        raise InvalidArgumentError(
            f"{argument} is not rectangular, rows of a tensor have one length: {shorten(value)}"
        ) from error
    if array.dtype.kind in "US":
        array = np.array(value, object)  # so that numbers among strings stay numbers, and are seen
    if array.dtype == object:
        if not _strings(array):
            raise _no_tensor(value, array, argument)
        array = _texts(array)
    if not array.dtype.isnative:  # big-endian, as many file formats are
        array = array.astype(array.dtype.newbyteorder("="))
    if dtype is not None:
        return _exactly(array, dtype, argument)
    firm = isinstance(value, (np.ndarray, np.generic)) or hasattr(value, "__array__")
    if hint is not None and _fits(array, hint, firm):
        return array.astype(hint.numpy)
    if not firm and array.size == 0 and array.dtype == np.float64:
        return array.astype(np.float32)
    if not firm and array.dtype in _NARROW and _range_fits(array):
        return array.astype(_NARROW[array.dtype])
    from_numpy(array.dtype)  # refuses what has no counterpart
    return array


def _exactly(array: np.ndarray[Any, Any], dtype: DType, argument: str) -> np.ndarray[Any, Any]:
    given = from_numpy(array.dtype)
    if dtype is string and not array.size:
        return array.astype(object)
    if (given is string) != (dtype is string) or (given.is_complex and not dtype.is_complex):
        raise DTypeError(f"{argument} is of type {given.name} and cannot be {dtype.name}")
    if given.is_floating and dtype.is_integer and np.any(array != np.trunc(array)):
        raise DTypeError(f"{argument} holds fractions and cannot be {dtype.name}")
    if dtype.is_integer and given is not bool_ and array.size and not _within(array, dtype):
        raise InvalidArgumentError(f"{argument} does not fit into {dtype.name}")
    return array.astype(dtype.numpy)


def _no_tensor(value: Any, array: np.ndarray[Any, Any], argument: str) -> InvalidArgumentError:
    """Return the error for a value that NumPy could only make an array of objects of."""
    if all(isinstance(v, int) for v in array.flat):
        return InvalidArgumentError(f"{argument} does not fit into int64: {shorten(value)}")
    strange = next(v for v in array.flat if not isinstance(v, (str, bytes)))
    among = "" if strange is value else f", with {type(strange).__name__} in it,"
    return DTypeError(
        f"{argument} of type {type(value).__name__}{among} is not a tensor: {shorten(value)}"
    )


def _fits(array: np.ndarray[Any, Any], hint: DType, firm: bool) -> bool:
    """Return whether a value may quietly take its partner's dtype: never losing a fraction."""
    kind, wanted = array.dtype.kind, hint.numpy.kind
    if kind in "iu" and wanted in "iu":
        return array.size == 0 or _within(array, hint)
    if kind == wanted:
        return True
    if kind == "b":
        return not firm and wanted in "iufc"
    return kind in "iuf" and wanted in ("c" if kind == "f" else "fc")


def _within(array: np.ndarray[Any, Any], dtype: DType) -> bool:
    return bool(array.min().item() >= dtype.min and array.max().item() <= dtype.max)


def _range_fits(array: np.ndarray[Any, Any]) -> bool:
    if array.dtype.kind == "f" or not array.size:
        return True
    return bool(array.min() >= -(2**31) and array.max() < 2**31)


def _texts(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return strings with bytes that are UTF-8 as text, so that equal strings are equal objects."""
    if not any(isinstance(v, bytes) for v in array.flat):
        return array
    texts = np.empty(array.shape, object)
    for i, value in np.ndenumerate(array):
        texts[i] = _text(value)
    return texts


def _text(value: Any) -> Any:
    try:
        return value.decode() if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        return value  # a picture, say


def _strings(array: np.ndarray[Any, Any]) -> bool:
    return all(isinstance(v, (str, bytes)) for v in array.flat)


def _holds_tensor(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_tensor, value))
    return isinstance(value, Tensor) or hasattr(value, "graph_tensor")


def _stack(values: Any, dtype: DType | None, hint: DType | None) -> Tensor:
    """Return a list with Tensors in it as one Tensor, whose new first axis counts the list.

    A dtype that the program asks for is that of every part; without one the parts must agree.
    """
    hint = dtype or hint or _first_dtype(values)
    parts = [_stack(v, dtype, hint) if isinstance(v, (list, tuple)) else as_tensor(v, hint=hint)
             for v in values]  # fmt: skip
    if dtype is not None:
        parts = [p if p.dtype is dtype else OPS["cast"](p, dtype) for p in parts]
    return OPS["stack"](parts, 0)  # type: ignore[no-any-return]


def _first_dtype(values: Any) -> DType | None:
    for value in values:
        if isinstance(value, (list, tuple)):
            found = _first_dtype(value)
        else:
            found = as_dtype(value.dtype) if hasattr(value, "graph_tensor") or isinstance(
                value, Tensor) else None  # fmt: skip
        if found is not None:
            return found
    return None


def plain(value: Any) -> Any:
    """Return an attribute with lists as tuples and NumPy's numbers as Python's.

    An eager Tensor is read; a Tensor of a graph stays, to be deferred.
    """
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, bytes):
        return _text(value)
    if isinstance(value, (list, tuple, range)):
        return tuple([plain(v) for v in value])
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if hasattr(value, "graph_tensor"):
        value = value.graph_tensor()
    if isinstance(value, Tensor) and value.operation is None:
        return plain(value.tolist())
    return value
