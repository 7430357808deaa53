"""Operations that only say that others must have run."""

from __future__ import annotations

from typing import Any

from minitf.errors import FailedPreconditionError
from minitf.graph.context import context
from minitf.graph.graph import get_default_graph
from minitf.graph.nest import flatten
from minitf.graph.op import op
from minitf.graph.operation import Operation
from minitf.graph.tensor import Tensor


@op(name="no_op", ordered=True, differentiable=False)
def do_nothing():
    """Compute nothing; with control inputs, a common end of other operations."""
    return ()


@do_nothing.kernel("numpy")
def _():
    return ()


def no_op(name: str | None = None) -> Operation | None:
    """Return an operation that does nothing (None when eager).

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.Graph().as_default():
    ...     print(tf.no_op().type)
    no_op
    """
    return None if context.graph is None else do_nothing(name=name)


def group(*inputs: Any, name: str | None = None) -> Operation | None:
    """Return an operation that runs after all of `inputs` (None when eager: they have run).

    Parameters
    ----------
    *inputs : Operation, Tensor, or nested structures of them
        What must have run.
    name : str, optional
        Name of the operation.

    Examples
    --------
    >>> import minitf as tf
    >>> v = tf.Variable(1.0)
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     both = tf.group(v.assign_add(1.0), tf.constant(2.0))
    ...     print(session.run(both), v.numpy())
    None 2.0
    """
    if context.graph is None:
        return None
    wanted = [i for i in flatten(list(inputs)) if isinstance(i, (Tensor, Operation))]
    with context.graph.control_dependencies(wanted):
        return do_nothing(name=name or "group")


def global_variables_initializer() -> Operation | None:
    """Return an operation that gives all Variables of the graph their first values.

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     v = tf.Variable(tf.zeros([2]) + 1.0)
    ...     session.run(tf.compat.v1.global_variables_initializer())
    ...     print(session.run(v))
    [1. 1.]
    """
    return variables_initializer(get_default_graph().variables)


def variables_initializer(var_list: Any, name: str = "init") -> Operation | None:
    """Return an operation that gives some Variables their first values."""
    for variable in var_list:
        if variable.initializer is None and variable.array is None:
            raise FailedPreconditionError(f"variable {variable.name!r} has no initializer")
    return group(*[v.initializer for v in var_list if v.initializer is not None], name=name)


def global_variables(scope: str | None = None) -> list[Any]:
    """Return the Variables that were created in the default graph."""
    return [v for v in get_default_graph().variables if v.name.startswith(scope or "")]


def trainable_variables(scope: str | None = None) -> list[Any]:
    """Return the trainable Variables that were created in the default graph."""
    return [v for v in global_variables(scope) if v.trainable]
