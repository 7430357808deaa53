"""Derivatives of functions, as functions: two lines each around a tape or an accumulator.

=========  ==================  =============================================================
`vjp`      u @ J               reverse: cost of about two evaluations, for any number of inputs
`jvp`      J @ v               forward: the same, for any number of outputs
`hvp`      H @ v               forward over reverse: about two gradients
`hessian`  H                   reverse over reverse: one backprop per element of the gradient
=========  ==================  =============================================================

J is the matrix of first derivatives of a function, H that of second derivatives of a function
with one number as its result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitf.autodiff.forward import ForwardAccumulator
from minitf.autodiff.tape import GradientTape
from minitf.errors import ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor


def jvp(fn: Callable[..., Any], primals: Any, tangents: Any) -> tuple[Any, Any]:
    """Return ``fn(*primals)`` and how it changes when the primals change by the tangents.

    Parameters
    ----------
    fn : callable
        Takes tensors, returns a nested structure of tensors.
    primals : list of Tensor
        The arguments: floating tensors.
    tangents : list of Tensor
        The direction: one tensor of the same shape for each.

    Returns
    -------
    outputs, tangents
        Two structures as `fn` returns them; zeros where an output does not depend on the primals.

    Examples
    --------
    >>> import minitf as tf
    >>> y, dy = tf.autodiff.jvp(tf.exp, [0.0], [2.0])
    >>> float(y), float(dy)
    (1.0, 2.0)
    """
    primals = _tensors(primals)
    with ForwardAccumulator(primals, _like(primals, tangents)) as forward:
        outputs = fn(*primals)
    return outputs, forward.jvp(outputs, unconnected_gradients="zero")


def vjp(fn: Callable[..., Any], primals: Any, cotangents: Any = None) -> tuple[Any, list[Any]]:
    """Return ``fn(*primals)`` and the gradients of its weighted sum for each of the primals.

    Parameters
    ----------
    fn : callable
        Takes tensors, returns a nested structure of tensors.
    primals : list of Tensor
        The arguments: floating tensors.
    cotangents : structure of Tensors, optional
        Weights, in the form of the outputs; ones by default.

    Returns
    -------
    outputs, gradients
        The structure that `fn` returns, and a list of one tensor per primal.

    Examples
    --------
    >>> import minitf as tf
    >>> y, (dx,) = tf.autodiff.vjp(tf.exp, [[0.0, 0.0]], [1.0, 3.0])
    >>> y.numpy().tolist(), dx.numpy().tolist()
    ([1.0, 1.0], [1.0, 3.0])
    """
    primals = _tensors(primals)
    with GradientTape() as tape:
        tape.watch(primals)
        outputs = fn(*primals)
    if cotangents is not None and isinstance(outputs, Tensor):
        cotangents = as_tensor(cotangents, hint=outputs.dtype)
    return outputs, tape.gradient(outputs, primals, cotangents, unconnected_gradients="zero")


def hvp(fn: Callable[..., Any], primals: Any, tangents: Any) -> tuple[Any, list[Any]]:
    """Return ``fn(*primals)`` and the product of its Hessian with a direction.

    Parameters
    ----------
    fn : callable
        Takes tensors, returns a tensor of one element.
    primals : list of Tensor
        The arguments: floating tensors.
    tangents : list of Tensor
        The direction: one tensor of the same shape for each.

    Returns
    -------
    output, products
        The value of `fn`, and a list of one tensor per primal.

    Notes
    -----
    The Hessian is never formed: its product with v is the derivative of the gradient in the
    direction v, so it is one tape inside one accumulator (Pearlmutter, 1994, "Fast exact
    multiplication by the Hessian").

    Examples
    --------
    >>> import minitf as tf
    >>> y, (product,) = tf.autodiff.hvp(lambda x: tf.reduce_sum(x * x * x), [[1.0, 2.0]],
    ...                                 [[1.0, 1.0]])
    >>> product.numpy().tolist()
    [6.0, 12.0]
    """
    primals = _tensors(primals)
    with ForwardAccumulator(primals, _like(primals, tangents)) as forward:
        output, slopes = vjp(_scalar(fn), primals)
    return output, forward.jvp(slopes, unconnected_gradients="zero")


def hessian(fn: Callable[..., Any], primals: Any) -> Any:
    """Return all second derivatives of ``fn(*primals)``.

    Parameters
    ----------
    fn : callable
        Takes tensors, returns a tensor of one element.
    primals : Tensor or list of Tensor
        The arguments: floating tensors, of shapes S.

    Returns
    -------
    Tensor or list of list of Tensor
        Shape S + S for one tensor; for a list, block ``[i][j]`` of shape S_i + S_j.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.autodiff.hessian(lambda x: x[0] * x[0] * x[1], tf.constant([1.0, 2.0])).numpy().tolist()
    [[4.0, 2.0], [2.0, 0.0]]
    """
    flat = _tensors(primals if isinstance(primals, (list, tuple)) else [primals])
    with GradientTape(persistent=True) as tape:
        tape.watch(flat)
        _, slopes = vjp(_scalar(fn), flat)
    blocks = [tape.jacobian(slope, flat, unconnected_gradients="zero") for slope in slopes]
    return blocks if isinstance(primals, (list, tuple)) else blocks[0][0]


def _tensors(primals: Any) -> list[Any]:
    return [as_tensor(p) for p in _as_list(primals)]


def _as_list(value: Any) -> list[Any]:
    return [*value] if isinstance(value, (list, tuple)) else [value]


def _like(primals: list[Any], tangents: Any) -> list[Any]:
    """Return tangents (numbers, arrays) as tensors of their primals' dtypes."""
    given = _as_list(tangents)
    hints = [p.dtype for p in primals] + [None] * len(given)
    return [as_tensor(t, hint=hint) for t, hint in zip(given, hints, strict=False)]


def _scalar(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return `fn`, its result checked to be one number: only then is there one Hessian."""

    def checked(*args: Any) -> Any:
        output = as_tensor(fn(*args))
        if output.shape.num_elements() not in (1, None):
            raise ShapeError(f"a Hessian belongs to one number, got an output of {output.shape}")
        return output

    return checked
