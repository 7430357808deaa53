"""Debugging: checks that stop a program where it goes wrong.

The checks on data (`assert_equal`, `check_numerics`, ...) are ops: eager they check at once, in a
graph whenever it runs. `enable_check_numerics` watches every operation and stops at the first whose
result holds NaN or infinity.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minitf.dtypes import DType, as_dtype, float32
from minitf.errors import DTypeError, NumericsError, ShapeError, UsageError, located
from minitf.graph.convert import as_tensor
from minitf.graph.device import HOST
from minitf.graph.observe import observers
from minitf.graph.operation import Operation
from minitf.graph.tensor import Tensor
from minitf.ops.checks import assert_true, check_numerics, describe


def Assert(condition: Any, data: Any, summarize: int | None = None, name: str | None = None) -> Any:
    """Stop where a condition is false, and show data.

    Parameters
    ----------
    condition : Tensor
        Of type bool.
    data : sequence of Tensor
        The first is shown in the error.

    Examples
    --------
    >>> import minitf as tf
    >>> _ = tf.debugging.Assert(tf.constant(True), [tf.constant(1.0)])
    """
    shown = data[0] if isinstance(data, (list, tuple)) and data else data
    return assert_true(condition, "", as_tensor(shown), name=name)


def _comparison(symbol: str, compare: Any) -> Any:
    """Return the assertion that two tensors compare elementwise as `symbol` says."""

    def check(x: Any, y: Any, message: str | None = None, summarize: int | None = None,
              name: str | None = None) -> Any:  # fmt: skip
        x = as_tensor(x, hint=getattr(y, "dtype", None))
        y = as_tensor(y, hint=x.dtype)
        text = f"{message + ': ' if message else ''}expected x {symbol} y"
        return assert_true(compare(x, y), text, x, name=name)

    check.__doc__ = f"""Stop unless ``x {symbol} y`` holds for all elements.

    Parameters
    ----------
    x, y : Tensor
        Shapes that broadcast, one dtype.
    message : str, optional
        Put in front of the error.

    Raises
    ------
    InvalidArgumentError
        Where an element does not compare so.
    """
    return check


assert_equal = _comparison("==", lambda x, y: x == y)
assert_none_equal = _comparison("!=", lambda x, y: x != y)
assert_less = _comparison("<", lambda x, y: x < y)
assert_less_equal = _comparison("<=", lambda x, y: x <= y)
assert_greater = _comparison(">", lambda x, y: x > y)
assert_greater_equal = _comparison(">=", lambda x, y: x >= y)


def _comparison_with_zero(symbol: str, compare: Any) -> Any:
    """Return the assertion that a tensor compares elementwise with 0 as `symbol` says."""

    def check(x: Any, message: str | None = None, summarize: int | None = None,
              name: str | None = None) -> Any:  # fmt: skip
        x = as_tensor(x)
        text = f"{message + ': ' if message else ''}expected x {symbol} 0"
        return assert_true(compare(x), text, x, name=name)

    check.__doc__ = f"""Stop unless all elements are {symbol} 0.

    Parameters
    ----------
    x : Tensor
        Numbers, any shape.
    message : str, optional
        Put in front of the error.

    Raises
    ------
    InvalidArgumentError
        Where an element is not.
    """
    return check


assert_negative = _comparison_with_zero("<", lambda x: x < 0)
assert_non_positive = _comparison_with_zero("<=", lambda x: x <= 0)
assert_non_negative = _comparison_with_zero(">=", lambda x: x >= 0)
assert_positive = _comparison_with_zero(">", lambda x: x > 0)


def assert_near(
    x: Any, y: Any, rtol: Any = None, atol: Any = None, message: str | None = None,
    summarize: int | None = None, name: str | None = None,
) -> Any:  # fmt: skip
    """Stop unless ``abs(x - y) <= atol + rtol * abs(y)`` holds for all elements.

    Parameters
    ----------
    x, y : Tensor
        Shapes that broadcast, one floating dtype.
    rtol, atol : number, optional
        Ten times the precision of the dtype by default.
    message : str, optional
        Put in front of the error.

    Raises
    ------
    InvalidArgumentError
        Where two elements are further apart.

    Examples
    --------
    >>> import minitf as tf
    >>> _ = tf.debugging.assert_near(0.1 + 0.2, 0.3)
    """
    x = as_tensor(x, hint=getattr(y, "dtype", None))
    y = as_tensor(y, hint=x.dtype)
    fine = 10 * np.finfo(x.dtype.numpy).eps if x.dtype.is_floating else 0
    rtol, atol = fine if rtol is None else rtol, fine if atol is None else atol
    text = f"{message + ': ' if message else ''}expected x near y, rtol={rtol:g}, atol={atol:g}"
    return assert_true(abs(x - y) <= abs(y) * rtol + atol, text, x - y, name=name)


def assert_all_finite(x: Any, message: str = "", name: str | None = None) -> Any:
    """Return a tensor unchanged, if all of its elements are finite."""
    return check_numerics(x, message, name=name)


def assert_shapes(shapes: Any, data: Any = None, summarize: Any = None, message: str | None = None,
                  name: str | None = None) -> None:  # fmt: skip
    """Check the shapes of tensors against each other, now, with letters for sizes that must agree.

    Parameters
    ----------
    shapes : sequence of (Tensor, shape), or dict
        A shape is a sequence of ints (this size), strings (a size that must be the same wherever
        the string stands) and None (any size).
    message : str, optional
        Put in front of the error.

    Raises
    ------
    ShapeError
        Where a shape differs.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.debugging.assert_shapes([(tf.zeros([4, 3]), ("n", 3)), (tf.zeros([4]), ("n",))])
    """
    sizes: dict[str, int] = {}
    for tensor, wanted in shapes.items() if isinstance(shapes, dict) else shapes:
        got = as_tensor(tensor).shape
        fits = len(got) == len(wanted)
        for have, want in zip(got, wanted, strict=False):
            if have is not None and want is not None:  # else it is not known, or does not matter
                need = sizes.setdefault(want, have) if isinstance(want, str) else want
                fits = fits and need == have
        if not fits:
            known = f" with {sizes}" if sizes else ""
            raise ShapeError(
                f"{message or 'assert_shapes'}: expected {tuple(wanted)}{known}, got {got}"
            )


def assert_rank(x: Any, rank: int, message: str | None = None, name: str | None = None) -> None:
    """Check the number of dimensions, now.

    Raises
    ------
    ShapeError
        Where it differs.
    """
    shape = as_tensor(x).shape
    if len(shape) != int(rank):
        raise ShapeError(f"{message or 'assert_rank'}: expected {rank} dimension(s), got {shape}")


def assert_rank_at_least(
    x: Any, rank: int, message: str | None = None, name: str | None = None
) -> None:
    """Check that there are enough dimensions, now.

    Raises
    ------
    ShapeError
        Where there are fewer.
    """
    shape = as_tensor(x).shape
    if len(shape) < int(rank):
        raise ShapeError(f"{message or 'assert_rank_at_least'}: expected at least {rank} "
                         f"dimension(s), got {shape}")  # fmt: skip


def assert_rank_in(
    x: Any, ranks: Sequence[int], message: str | None = None, name: str | None = None
) -> None:
    """Check that the number of dimensions is one of several, now.

    Raises
    ------
    ShapeError
        Where it is none of them.
    """
    shape = as_tensor(x).shape
    if len(shape) not in map(int, ranks):
        raise ShapeError(f"{message or 'assert_rank_in'}: expected {' or '.join(map(str, ranks))} "
                         f"dimension(s), got {shape}")  # fmt: skip


def assert_scalar(tensor: Any, message: str | None = None, name: str | None = None) -> Tensor:
    """Check that a tensor has no dimensions, now, and return it.

    Raises
    ------
    ShapeError
        Where it has some.
    """
    found = as_tensor(tensor)
    assert_rank(found, 0, message or "assert_scalar")
    return found


def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> None:
    """Check that the dtype is one of integers, now.

    Raises
    ------
    DTypeError
        Where it is not.
    """
    dtype = as_tensor(x).dtype
    if not dtype.is_integer:
        raise DTypeError(f"{message or 'assert_integer'}: expected integers, got {dtype.name}")


def assert_same_float_dtype(tensors: Any = None, dtype: Any = None) -> DType:
    """Check that tensors are of one floating dtype, now, and return it.

    Parameters
    ----------
    tensors : sequence of Tensor, optional
        None among them are left out.
    dtype : DType, optional
        Which; that of the first tensor by default, or float32 if there is none.

    Raises
    ------
    DTypeError
        Where one is of another type, or they are no floating numbers.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.debugging.assert_same_float_dtype([tf.constant(1.0), tf.constant([2.0])])
    tf.float32
    """
    found = [as_tensor(t).dtype for t in tensors or () if t is not None]
    wanted = found[0] if dtype is None and found else as_dtype(dtype or float32)
    others = [d.name for d in found if d is not wanted]
    if others or not wanted.is_floating:
        raise DTypeError(f"assert_same_float_dtype: expected a floating type, {wanted.name}, got "
                         f"{' and '.join(others) or wanted.name}")  # fmt: skip
    return wanted


def assert_proper_iterable(values: Any) -> None:
    """Check that something is to be iterated over, and is no tensor, array or string.

    Raises
    ------
    UsageError
        Where it is not.
    """
    single = (Tensor, np.ndarray, str, bytes)
    if isinstance(values, single) or not hasattr(values, "__iter__"):
        raise UsageError("assert_proper_iterable: expected a list or the like, got "
                         f"{type(values).__name__}")  # fmt: skip


def assert_type(
    tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None
) -> None:
    """Check the dtype, now.

    Raises
    ------
    DTypeError
        Where it differs.
    """
    dtype = as_tensor(tensor).dtype
    if dtype is not as_dtype(tf_type):
        raise DTypeError(f"{message or 'assert_type'}: expected {tf_type}, got {dtype.name}")


def is_numeric_tensor(tensor: Any) -> bool:
    """Return whether something is a Tensor of numbers."""
    return isinstance(tensor, Tensor) and tensor.dtype.numpy.kind in "iufc"


class _NumericsWatch:
    """Stops at the first operation whose outputs are not finite."""

    wants_all = True

    def saw(self, node: Operation, outputs: Sequence[Any], start: int, end: int) -> None:
        """Look at what an operation gave."""
        for i, array in enumerate(outputs):
            found = describe(np.asarray((node.device or HOST).fetch(array)))
            if found:
                error = NumericsError(f"output {i} of {node.name!r} holds {found}")
                raise located(error, node.type, node.line)


_watch = _NumericsWatch()


def enable_check_numerics(stack_height_limit: int = 30, path_length_limit: int = 50) -> None:
    """Stop at the first operation, eager or in a graph, that makes NaN or infinity.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.debugging.enable_check_numerics()
    >>> try:
    ...     tf.math.log(tf.constant(-1.0))
    ... except tf.errors.NumericsError as error:
    ...     print(str(error)[:40])
    log: output 0 of 'log' holds 1 NaN and 0
    >>> tf.debugging.disable_check_numerics()
    """
    if _watch not in observers:
        observers.append(_watch)


def disable_check_numerics() -> None:
    """Stop checking every operation."""
    if _watch in observers:
        observers.remove(_watch)
