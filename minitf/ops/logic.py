"""Questions about elements, answered by truth values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitf.dtypes import bool_
from minitf.graph.op import BoolTensor, FloatTensor, Tensor, op
from minitf.ops.broadcasting import elementwise
from minitf.ops.math import abs_, paired


@op(differentiable=False)
def equal(x: Tensor, y: Tensor):
    """Return whether x and y are equal, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor
        Of type bool.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.equal([1, 5], 5).numpy().tolist()
    [False, True]
    """
    return elementwise(x, y, dtype=bool_)


equal.kernel("numpy")(np.equal)


@equal.scalar
def _(x, y):
    return x == y


@op(differentiable=False)
def not_equal(x: Tensor, y: Tensor):
    """Return whether x and y differ, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor
        Of type bool.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.not_equal([1, 5], 5).numpy().tolist()
    [True, False]
    """
    return elementwise(x, y, dtype=bool_)


not_equal.kernel("numpy")(np.not_equal)


@not_equal.scalar
def _(x, y):
    return x != y


@op(differentiable=False)
def greater(x: Tensor, y: Tensor):
    """Return whether x > y, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor
        Of type bool.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.greater([1, 5], 3).numpy().tolist()
    [False, True]
    """
    return elementwise(x, y, dtype=bool_)


greater.kernel("numpy")(np.greater)


@greater.scalar
def _(x, y):
    return x > y


@op(differentiable=False)
def greater_equal(x: Tensor, y: Tensor):
    """Return whether x >= y, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor
        Of type bool.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.greater_equal([1, 3], 3).numpy().tolist()
    [False, True]
    """
    return elementwise(x, y, dtype=bool_)


greater_equal.kernel("numpy")(np.greater_equal)


@greater_equal.scalar
def _(x, y):
    return x >= y


@op(differentiable=False)
def less(x: Tensor, y: Tensor):
    """Return whether x < y, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor
        Of type bool.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.less([1, 5], 3).numpy().tolist()
    [True, False]
    """
    return elementwise(x, y, dtype=bool_)


less.kernel("numpy")(np.less)


@less.scalar
def _(x, y):
    return x < y


@op(differentiable=False)
def less_equal(x: Tensor, y: Tensor):
    """Return whether x <= y, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor
        Of type bool.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.less_equal([1, 4], 3).numpy().tolist()
    [True, False]
    """
    return elementwise(x, y, dtype=bool_)


less_equal.kernel("numpy")(np.less_equal)


@less_equal.scalar
def _(x, y):
    return x <= y


@op(differentiable=False)
def logical_and(x: BoolTensor, y: BoolTensor):
    """Return whether x and y are true, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Of type bool, of shapes that broadcast.

    Returns
    -------
    Tensor
        Of type bool.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.logical_and([True, True], [True, False]).numpy().tolist()
    [True, False]
    """
    return elementwise(x, y, dtype=bool_)


logical_and.kernel("numpy")(np.logical_and)


@logical_and.scalar
def _(x, y):
    return x and y


@op(differentiable=False)
def logical_or(x: BoolTensor, y: BoolTensor):
    """Return whether x or y, or both, are true, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Of type bool, of shapes that broadcast.

    Returns
    -------
    Tensor
        Of type bool.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.logical_or([False, True], False).numpy().tolist()
    [False, True]
    """
    return elementwise(x, y, dtype=bool_)


logical_or.kernel("numpy")(np.logical_or)


@logical_or.scalar
def _(x, y):
    return x or y


@op(differentiable=False)
def logical_xor(x: BoolTensor, y: BoolTensor):
    """Return whether one of x and y is true and the other is not, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Of type bool, of shapes that broadcast.

    Returns
    -------
    Tensor
        Of type bool.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.logical_xor([True, True], [True, False]).numpy().tolist()
    [False, True]
    """
    return elementwise(x, y, dtype=bool_)


logical_xor.kernel("numpy")(np.logical_xor)


@logical_xor.scalar
def _(x, y):
    return x != y


@op(differentiable=False)
def logical_not(x: BoolTensor):
    """Return whether x is false, elementwise.

    Parameters
    ----------
    x : Tensor
        Of type bool, any shape.

    Returns
    -------
    Tensor
        Of type bool.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.logical_not([True, False]).numpy().tolist()
    [False, True]
    """
    return x


logical_not.kernel("numpy")(np.logical_not)


@logical_not.scalar
def _(x):
    return not x


@op(differentiable=False)
def is_nan(x: FloatTensor):
    """Return whether x is not a number (NaN), elementwise.

    Parameters
    ----------
    x : Tensor
        Floating dtype, any shape.

    Returns
    -------
    Tensor
        Of type bool.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.is_nan([1.0, float("nan")]).numpy().tolist()
    [False, True]
    """
    return elementwise(x, dtype=bool_)


is_nan.kernel("numpy")(np.isnan)


@is_nan.scalar
def _(x):
    return x != x


@op(differentiable=False)
def is_inf(x: FloatTensor):
    """Return whether x is infinite, elementwise.

    Parameters
    ----------
    x : Tensor
        Floating dtype, any shape.

    Returns
    -------
    Tensor
        Of type bool.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.is_inf([1.0, -float("inf")]).numpy().tolist()
    [False, True]
    """
    return elementwise(x, dtype=bool_)


is_inf.kernel("numpy")(np.isinf)


@is_inf.scalar
def _(x):
    return math.isinf(x)


@op(differentiable=False)
def is_finite(x: FloatTensor):
    """Return whether x is neither infinite nor NaN, elementwise.

    Parameters
    ----------
    x : Tensor
        Floating dtype, any shape.

    Returns
    -------
    Tensor
        Of type bool.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.is_finite([1.0, float("nan")]).numpy().tolist()
    [True, False]
    """
    return elementwise(x, dtype=bool_)


is_finite.kernel("numpy")(np.isfinite)


@is_finite.scalar
def _(x):
    return math.isfinite(x)


def approximate_equal(x: Any, y: Any, tolerance: float = 1e-05, name: str | None = None) -> Tensor:
    """Return whether x and y differ by less than `tolerance`, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Numbers of one dtype, of shapes that broadcast.
    tolerance : float
        What the difference must stay below.

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.logic import approximate_equal
    >>> approximate_equal([1.0, 2.0], [1.000001, 2.1]).numpy().tolist()
    [True, False]
    """
    x, y = paired(x, y)
    return less(abs_(x - y), tolerance, name=name)
