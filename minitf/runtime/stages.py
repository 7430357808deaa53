"""What becomes of a graph on its way to a run: every stage, as a graph that can be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minitf.graph.graph import Graph
from minitf.graph.nest import flatten
from minitf.graph.operation import Operation
from minitf.graph.tensor import Tensor
from minitf.runtime.function import ConcreteFunction
from minitf.runtime.passes import FUSING, STANDARD, run_passes
from minitf.runtime.placer import place
from minitf.runtime.program import Program


def stages(source: ConcreteFunction | Graph, fetches: Any = None, feeds: Sequence[Tensor] = ()
           ) -> dict[str, Graph]:  # fmt: skip
    """Return a graph as it was written, and as each pass leaves it.

    Parameters
    ----------
    source : ConcreteFunction or Graph
        A traced function, or a graph together with `fetches`.
    fetches : Tensor or Operation, or nested structure of them, optional
        What a run of a plain graph is asked for.
    feeds : sequence of Tensor, optional
        What a run of a plain graph is given.

    Returns
    -------
    dict of str to Graph
        By the name of the pass; ``"traced"`` is the graph as it was written. A pass that runs
        twice appears as it left the graph the last time.

    Examples
    --------
    >>> import minitf as tf
    >>> @tf.function
    ... def f(x):
    ...     return tf.square(x + 0.0) * tf.square(x + 0.0)
    >>> graphs = tf.show.stages(f.get_concrete_function(tf.TensorSpec([3])))
    >>> [(name, len(graphs[name].operations)) for name in ("traced", "share", "fuse")]
    [('traced', 8), ('share', 5), ('fuse', 3)]
    """
    program = program_of(source, fetches, feeds)
    found = run_passes(program, (*STANDARD, place, *FUSING))
    return {name: stage.graph for name, stage in found}


def program_of(source: ConcreteFunction | Graph, fetches: Any, feeds: Sequence[Tensor]) -> Program:
    """Return a traced function, or a graph and what is wanted of it, as a Program."""
    if isinstance(source, ConcreteFunction):
        graph = source.graph
        return Program(graph, graph.inputs, list(graph.results), graph.effects)
    wanted = [source.as_graph_element(f) for f in flatten(fetches)]
    tensors = [f for f in wanted if isinstance(f, Tensor)]
    effects = [f for f in wanted if isinstance(f, Operation)]
    return Program(source, list(feeds), tensors, effects)
