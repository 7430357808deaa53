"""Symbolic derivatives of graphs: more graph."""

from __future__ import annotations

from typing import Any

from minitf.autodiff.backprop import UnconnectedGradients, as_seeds, backprop, unconnected
from minitf.autodiff.jacobian import jacobians
from minitf.errors import GraphError
from minitf.graph.context import context, name_scope
from minitf.graph.graph import Graph
from minitf.graph.tensor import Tensor

Gradients = list[Tensor | None]


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    gate_gradients: bool = False,
    aggregation_method: Any = None,
    stop_gradients: Any = None,
    unconnected_gradients: str = UnconnectedGradients.NONE,
) -> Gradients:
    """Write the derivative of the sum of `ys` for each of `xs` into the graph.

    The new operations stand under the name scope `name`, and each says in `gradient_of` which
    operation it differentiates.

    Parameters
    ----------
    ys : Tensor or list of Tensor
        What is differentiated.
    xs : Tensor, Variable, or list of them
        What is differentiated for: placeholders, Variables, or values on the way to `ys`.
    grad_ys : Tensor or list of Tensor, optional
        Weights of the elements of `ys`; ones by default.
    name : str
        Name scope of the new operations.
    gate_gradients, aggregation_method
        Accepted as in TensorFlow, without effect.
    stop_gradients : Tensor or list of Tensor, optional
        Tensors to be taken as constants: gradients do not flow further back from them.
    unconnected_gradients : {"none", "zero"}
        What to return for an x that does not reach `ys`.

    Returns
    -------
    list of Tensor or None
        One per x, of its shape.

    Raises
    ------
    GraphError
        Outside of a graph; use `tf.GradientTape` there.

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.Graph().as_default():
    ...     x = tf.placeholder(tf.float32, [])
    ...     (slope,) = tf.gradients(x * x, x)
    ...     with tf.Session() as session:
    ...         print(session.run(slope, {x: 3.0}))
    6.0
    >>> slope.op.name.startswith("gradients/"), slope.op.gradient_of
    (True, 'multiply')
    """
    graph = _graph("gradients")
    targets = [_tensor(graph, y) for y in _as_list(ys)]
    sources = _sources(graph, xs)
    stop = {_tensor(graph, t) for t in _as_list([] if stop_gradients is None else stop_gradients)}
    with name_scope(name):
        seeds = as_seeds(grad_ys, targets)
        found = backprop(graph.operations[:], targets, seeds, sources, stop)
        return unconnected(found, sources, unconnected_gradients)


def hessians(
    ys: Any,
    xs: Any,
    gate_gradients: bool = False,
    aggregation_method: Any = None,
    name: str = "hessians",
) -> Gradients:
    """Write the second derivatives of the sum of `ys` for each of `xs` into the graph.

    Parameters
    ----------
    ys : Tensor or list of Tensor
        What is differentiated.
    xs : Tensor, Variable, or list of them
        What is differentiated for; of completely known shapes S.
    gate_gradients, aggregation_method
        Accepted as in TensorFlow, without effect.
    name : str
        Name scope of the new operations.

    Returns
    -------
    list of Tensor or None
        One per x, of shape S + S; derivatives between two different xs are not computed.

    Raises
    ------
    GraphError
        Outside of a graph, or for an x of unknown shape.

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.Graph().as_default():
    ...     x = tf.placeholder(tf.float32, [2])
    ...     (hessian,) = tf.hessians(tf.reduce_sum(x * x * x), x)
    ...     with tf.Session() as session:
    ...         print(session.run(hessian, {x: [1.0, 2.0]}))
    [[ 6.  0.]
     [ 0. 12.]]
    """
    graph = _graph("hessians")
    sources = _sources(graph, xs)
    with name_scope(name):
        slopes = gradients(ys, sources)
        return [_hessian(graph, slope, x) for slope, x in zip(slopes, sources, strict=True)]


def _hessian(graph: Graph, slope: Tensor | None, x: Any) -> Tensor | None:
    if slope is None:
        return None
    operations = graph.operations[:]

    def row(seed: Tensor) -> Gradients:
        return unconnected(backprop(operations, [slope], [seed], [x]), [x], "zero")

    return jacobians(row, slope, [x])[0]


def _graph(function: str) -> Graph:
    if context.graph is None:
        raise GraphError(
            f"{function}: derivatives of this kind are written into a graph: call it inside "
            "`with graph.as_default():` or a tf.function; eagerly, use tf.GradientTape"
        )
    return context.graph


def _as_list(value: Any) -> list[Any]:
    return [*value] if isinstance(value, (list, tuple)) else [value]


def _sources(graph: Graph, xs: Any) -> list[Any]:
    """Return the xs: Variables as they are, tensors as this graph knows them."""
    return [x if hasattr(x, "graph_tensor") else _tensor(graph, x) for x in _as_list(xs)]


def _tensor(graph: Graph, value: Any) -> Tensor:
    found = value if isinstance(value, Tensor) else graph.as_graph_element(value)
    if not isinstance(found, Tensor):
        raise GraphError(f"gradients: only tensors and Variables have derivatives, got {value!r}")
    return graph.capture(found)
