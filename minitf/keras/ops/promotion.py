"""Which element type results where types meet, and which inputs an op then gets.

minitf's ops want inputs of one type. The functions of `keras.ops` convert, as NumPy does, but never
to wider types than a network needs::

    int32 + float32 -> float32        int64 / int32 -> float32        sqrt(int32) -> float32
    float16 + 1.5   -> float16        uint8 + int8  -> int16          bool + 1    -> int32

Numbers in the program text take the type of their partner if they can. What is decided here is a
join in the lattice of types of JAX.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minitf.dtypes import DType, as_dtype, bool_, complex64, complex128, from_numpy, int32
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops.math import cast
from minitf.settings import floatx

Function = Callable[..., Any]


def join(a: DType, b: DType) -> DType:
    """Return the type that holds what either of two types does, floats for whole numbers too."""
    if a is b or b.is_bool:
        return a
    if a.is_bool:
        return b
    if a.is_complex or b.is_complex:
        return complex128 if max(a.size, b.size) > 8 or "float64" in (a.name, b.name) else complex64
    if a.is_floating and b.is_floating:
        return a if a.size >= b.size else b
    if a.is_floating or b.is_floating:
        return a if a.is_floating else b
    both = from_numpy(np.promote_types(a.numpy, b.numpy))
    return as_dtype(floatx()) if both.is_floating else both


def result_type(*dtypes: Any) -> str:
    """Return the name of the type that results where types meet.

    Parameters
    ----------
    *dtypes : dtype, or one of Python's types
        Python's types give way to the others of their kind.

    Examples
    --------
    >>> from minitf.keras.ops.promotion import result_type
    >>> result_type("int32", "float16"), result_type("int32", float), result_type("uint8", "int8")
    ('float16', 'float32', 'int16')
    """
    weak = [d for d in dtypes if d in (bool, int, float)]
    firm = [as_dtype(d) for d in dtypes if d not in (bool, int, float)]
    return _settled(functools.reduce(join, firm) if firm else None, weak).name


def _settled(firm: DType | None, weak: Sequence[Any]) -> DType:
    """Return a type after numbers of the program text have had their say."""
    if float in weak:
        return firm if firm and (firm.is_floating or firm.is_complex) else as_dtype(floatx())
    if int in weak:
        return firm if firm and not firm.is_bool else int32
    return firm or bool_


def tensor(x: Any) -> Tensor:
    """Return a value as a Tensor."""
    return as_tensor(x)


def floats(x: Any) -> Any:
    """Return a value as a Tensor of floating type."""
    found = as_tensor(x)
    return found if found.dtype.is_differentiable else cast(found, floatx())


def numbers(x: Any) -> Any:
    """Return a value as a Tensor of numbers: truth values count as 0 and 1."""
    found = as_tensor(x)
    return cast(found, int32) if found.dtype.is_bool else found


def alike(*values: Any) -> list[Any]:
    """Return values as Tensors of one type."""
    weak = [type(v) for v in values if type(v) in (bool, int, float)]
    rest = [v if type(v) in (bool, int, float) else as_tensor(v) for v in values]
    firm = [v.dtype for v in rest if isinstance(v, Tensor)]
    dtype = _settled(functools.reduce(join, firm) if firm else None, weak)
    return [cast(v, dtype) if isinstance(v, Tensor) else as_tensor(v, hint=dtype) if type(v) is int
            and dtype.is_integer else cast(v, dtype) for v in rest]  # fmt: skip


def alike_floats(*values: Any) -> list[Any]:
    """Return values as Tensors of one floating type."""
    return alike(*values) if any(type(v) is float for v in values) else [
        floats(v) for v in alike(*values)]  # fmt: skip


def _named(op: Function, names: Sequence[str], name: str | None,
           call: Function) -> Function:  # fmt: skip
    """Return `call` with the name and documentation of an op and the arguments of Keras."""
    found = functools.wraps(op)(call)
    found.__name__ = found.__qualname__ = name or op.__name__.rstrip("_")
    found.__module__ = __name__.rpartition(".")[0]
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    found.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(n, kind) for n in names]
    )
    return found


def unary(op: Function, prepare: Function = tensor, name: str | None = None) -> Function:
    """Return an op as a function ``f(x)`` of Keras, for inputs that `prepare` converts."""

    def call(x: Any) -> Any:
        return op(prepare(x))

    return _named(op, ["x"], name, call)


def of_floats(op: Function, name: str | None = None) -> Function:
    """Return an op as a function ``f(x)`` of Keras, which takes whole numbers too."""
    return unary(op, floats, name)


def binary(op: Function, prepare: Function = alike, name: str | None = None) -> Function:
    """Return an op as a function ``f(x1, x2)`` of Keras, for inputs that `prepare` makes alike."""

    def call(x1: Any, x2: Any) -> Any:
        return op(*prepare(x1, x2))

    return _named(op, ["x1", "x2"], name, call)
