"""Element types: TensorFlow's names over NumPy's dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.errors import DTypeError


class DType:
    """The type of a tensor's elements, such as ``tf.float32``.

    There is one object per type, so ``is`` and ``==`` agree; comparison with a name or a NumPy
    dtype works too.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.float32 == "float32", tf.float32.is_floating, tf.int32.max
    (True, True, 2147483647)
    """

    __slots__ = ("name", "as_numpy_dtype", "numpy", "is_floating", "is_integer", "is_bool",
                 "is_complex", "is_differentiable")  # fmt: skip

    def __init__(self, name: str, numpy_type: Any):
        self.name = name
        self.as_numpy_dtype = numpy_type
        self.numpy = np.dtype(numpy_type)
        self.is_floating = self.numpy.kind == "f"
        self.is_integer = self.numpy.kind in "iu"
        self.is_bool = self.numpy.kind == "b"
        self.is_complex = self.numpy.kind == "c"
        # Whether derivatives exist: of lists of floating or complex arrays too.
        self.is_differentiable = self.is_floating or self.is_complex or name == "variant"

    @property
    def min(self) -> Any:
        """Smallest finite value."""
        return self._limits().min.item() if self.is_floating else int(self._limits().min)

    @property
    def max(self) -> Any:
        """Largest finite value."""
        return self._limits().max.item() if self.is_floating else int(self._limits().max)

    def _limits(self) -> Any:
        if self.is_floating:
            return np.finfo(self.numpy)
        if self.is_integer:
            return np.iinfo(self.numpy)
        raise DTypeError(f"{self.name} has no smallest or largest value")

    @property
    def size(self) -> int:
        """Bytes of one element."""
        return self.numpy.itemsize

    @property
    def base_dtype(self) -> DType:
        """The type itself (TensorFlow's reference types do not exist here)."""
        return self

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DType):
            return self is other
        try:
            return other is not None and self is as_dtype(other)
        except TypeError:
            return False

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __reduce__(self) -> str:
        return "bool_" if self.name == "bool" else self.name


float16 = half = DType("float16", np.float16)
float32 = DType("float32", np.float32)
float64 = double = DType("float64", np.float64)
int8 = DType("int8", np.int8)
int16 = DType("int16", np.int16)
int32 = DType("int32", np.int32)
int64 = DType("int64", np.int64)
uint8 = DType("uint8", np.uint8)
uint16 = DType("uint16", np.uint16)
uint32 = DType("uint32", np.uint32)
uint64 = DType("uint64", np.uint64)
bool_ = DType("bool", np.bool_)
complex64 = DType("complex64", np.complex64)
complex128 = DType("complex128", np.complex128)
string = DType("string", np.object_)
# A list of arrays in one tensor: loops keep their history in it, TensorArray its elements. It has
# derivatives because the arrays may have.
variant = DType("variant", np.object_)

_ALL = (float32, float64, float16, int32, int64, bool_, uint8, int8, int16, uint16, uint32, uint64,
        complex64, complex128, string)  # fmt: skip
_BY_NUMPY = {d.numpy: d for d in _ALL}
_BY_NAME = {d.name: d for d in _ALL} | {
    "half": float16,
    "double": float64,
    "float": float32,
    "variant": variant,
}
# The numbers that types have in TensorFlow's files; tf.zeros(1, 1) is a vector of float32.
_BY_NUMBER = {1: float32, 2: float64, 3: int32, 4: uint8, 5: int16, 6: int8, 7: string,
              8: complex64, 9: int64, 10: bool_, 17: uint16, 18: complex128, 19: float16,
              22: uint32, 23: uint64}  # fmt: skip
_BY_PYTHON = {float: float32, int: int32, bool: bool_, complex: complex128, str: string,
              object: string}  # fmt: skip


def from_numpy(dtype: np.dtype[Any]) -> DType:
    """Return the DType of a NumPy dtype (strings of any width are one type)."""
    found = _BY_NUMPY.get(dtype)
    if found is None:
        if dtype.kind in "US":
            return string
        raise DTypeError(f"NumPy's dtype {dtype} has no counterpart in minitf")
    return found


def as_dtype(type_value: Any) -> DType:
    """Convert a DType, a name, a NumPy dtype, a Python type or TensorFlow's number to a DType.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.as_dtype("float64"), tf.as_dtype(int)
    (tf.float64, tf.int32)
    """
    if isinstance(type_value, DType):
        return type_value
    if isinstance(type_value, str) and type_value in _BY_NAME:
        return _BY_NAME[type_value]
    if isinstance(type_value, type) and type_value in _BY_PYTHON:
        return _BY_PYTHON[type_value]
    if type(type_value) is int and type_value in _BY_NUMBER:
        return _BY_NUMBER[type_value]
    is_class = isinstance(type_value, type) and not issubclass(type_value, np.generic)
    if type_value is None or is_class:  # which NumPy takes for float64 and object
        raise DTypeError(f"{type_value!r} is not a dtype")
    try:
        dtype = np.dtype(type_value)
    except TypeError as error:
        raise DTypeError(f"{type_value!r} is not the name of a dtype") from error
    return from_numpy(dtype)
