"""Checks on data, as ops: eager they look at once, in a graph whenever it runs."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.errors import InvalidArgumentError, NumericsError
from minitf.graph.op import AnyTensor, BoolTensor, FloatTensor, op


@op(view=True, ordered=True)
def check_numerics(tensor: FloatTensor, message: str):
    """Return a tensor unchanged, if all of its elements are finite.

    Parameters
    ----------
    tensor : Tensor
        Floating dtype, any shape.
    message : str
        Put in front of the error.

    Returns
    -------
    Tensor

    Raises
    ------
    NumericsError
        Where an element is NaN or infinite.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.debugging.check_numerics(tf.constant([1.0, 2.0]), "weights").numpy().tolist()
    [1.0, 2.0]
    """
    return tensor


@check_numerics.kernel("numpy")
def _(tensor, *, message):
    found = describe(np.asarray(tensor))
    if found:
        raise NumericsError(f"{message + ': ' if message else ''}the tensor holds {found}")
    return tensor


@check_numerics.gradient
def _(node, dy):
    return check_numerics(dy, "gradient of " + node["message"])


def describe(array: np.ndarray[Any, Any]) -> str:
    """Return how many NaN and infinite elements an array has and where the first is, or ""."""
    if array.dtype.kind != "f":
        return ""
    wrong = ~np.isfinite(array)
    if not wrong.any():
        return ""
    nans = int(np.isnan(array).sum())
    first = tuple(int(i) for i in np.argwhere(wrong)[0])
    count = f"{nans} NaN and {int(wrong.sum()) - nans} infinite of {array.size} elements"
    return f"{count}, first at {first}"


@op(ordered=True, differentiable=False, view=True)
def assert_true(condition: BoolTensor, message: str = "", data: AnyTensor = 0):
    """Do nothing where all of a condition is true, else stop.

    Parameters
    ----------
    condition : Tensor
        Of type bool, any shape.
    message : str
        Put in front of the error.
    data : Tensor
        Shown in the error.

    Returns
    -------
    Tensor
        The condition.

    Raises
    ------
    InvalidArgumentError
        Where an element is False.

    Examples
    --------
    >>> import minitf as tf
    >>> _ = tf.debugging.Assert(tf.constant(1.0) > 0.0, [tf.constant(1.0)])
    """
    return condition


@assert_true.kernel("numpy")
def _(condition, data, *, message):
    if not np.all(condition):
        count = int(np.size(condition) - np.count_nonzero(condition))
        shown = np.array2string(np.asarray(data), threshold=6, precision=4)
        found = f"{count} of {np.size(condition)} elements; data: {shown}"
        raise InvalidArgumentError(f"{message or 'assertion failed'} ({found})")
    return condition
