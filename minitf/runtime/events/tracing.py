"""`tf.summary`, its second part: graphs, and those that run while somebody watches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minitf.errors import FailedPreconditionError
from minitf.graph.context import context
from minitf.graph.convert import as_tensor
from minitf.graph.graph import Graph
from minitf.graph.observe import observers
from minitf.graph.operation import Operation
from minitf.graph.tensor import Tensor
from minitf.runtime.events.graph_def import graph_def, held_graphs
from minitf.runtime.events.messages import FUNCTION_GRAPHS, RUN_METADATA, metadata_message
from minitf.runtime.events.summary import should_record_summaries, state, write_value


def graph(graph_data: Any) -> Tensor:
    """Record a graph.

    Parameters
    ----------
    graph_data : Graph, or encoded GraphDef
        For a traced function, `function.get_concrete_function(...).graph`. An event file holds one
        such graph; a later one replaces it.

    Returns
    -------
    Tensor
        Of type bool: whether it was written.
    """
    if state.writer is None or should_record_summaries() is False:
        return as_tensor(False)
    encoded = graph_def(graph_data) if isinstance(graph_data, Graph) else bytes(graph_data)
    state.writer.add(graph_def=encoded)
    return as_tensor(True)


class _GraphCollector:
    """Watches runs, and keeps the graphs that were run."""

    wants_all = True  # so that they are seen as they were written

    def __init__(self) -> None:
        self.graphs: dict[Graph, None] = {}  # in order of appearance

    def saw(self, node: Operation, outputs: Sequence[Any], start: int, end: int) -> None:
        """Keep the graph of an operation that has run."""
        if node.graph is not None:
            self.graphs[node.graph] = None


_collectors: list[_GraphCollector] = []


def trace_on(graph: bool = True, profiler: bool = False, profiler_outdir: Any = None) -> None:
    """Keep the graphs that run from now on, until `trace_export` or `trace_off`.

    Parameters
    ----------
    graph : bool
        Whether to keep them.
    profiler, profiler_outdir : optional
        Accepted as in TensorFlow; `tf.profiler.Trace` shows how long operations take.
    """
    if not _collectors:
        _collectors.append(_GraphCollector())
        if graph:
            observers.append(_collectors[0])


def trace_off() -> None:
    """Stop what `trace_on` has begun, and forget the graphs."""
    for collector in _collectors:
        if collector in observers:
            observers.remove(collector)
    _collectors.clear()


def trace_export(name: str, step: Any = None, profiler_outdir: Any = None) -> None:
    """Record the graphs that have run since `trace_on`, and stop.

    Parameters
    ----------
    name : str
        The tag.
    step : int, optional
        As for `scalar`.
    profiler_outdir : optional
        Accepted as in TensorFlow.

    Raises
    ------
    FailedPreconditionError
        Without `trace_on`.
    """
    if not _collectors:
        raise FailedPreconditionError("trace_export: call tf.summary.trace_on() first")
    graphs = list(_collectors[0].graphs)
    trace_off()
    inside = {inner.name for g in graphs for node in g.operations for inner in held_graphs(node)}
    outermost = [graph_def(g) for g in graphs if g.name not in inside]
    content = RUN_METADATA(
        function_graphs=[FUNCTION_GRAPHS(pre_optimization_graph=g) for g in outermost]
    )
    metadata = metadata_message("graph_run_metadata_graph", content=b"1")
    write_value(context.scope + name, content, step, metadata, np.asarray)
