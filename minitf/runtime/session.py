"""Session: a Graph, and the Devices allowed to run it; feeds and fetches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from reprlib import repr as shorten
from typing import Any

import numpy as np

from minitf.errors import (
    Error,
    FailedPreconditionError,
    GraphError,
    ShapeError,
    UsageError,
    located,
    user_line,
)
from minitf.graph.context import context, set_context
from minitf.graph.convert import as_array
from minitf.graph.graph import Graph, get_default_graph
from minitf.graph.nest import flatten, pack_like
from minitf.graph.operation import Operation
from minitf.graph.tensor import Tensor
from minitf.runtime.compile import Compiled
from minitf.runtime.passes.cut import cut
from minitf.runtime.passes.prune import needed_operations


class Session:
    """Runs parts of a Graph.

    A run is given values for some edges (feeds), is asked for others (fetches), and evaluates
    exactly the operations that lie between. Variables keep their values from run to run.

    Parameters
    ----------
    target : str
        Only ``""`` exists: this process.
    graph : Graph, optional
        The graph to run; the default graph if none is given.
    config : object, optional
        Accepted for compatibility.

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.Graph().as_default() as g:
    ...     x = tf.placeholder(tf.float32, [])
    ...     y = 3.0 * x
    >>> with tf.Session(graph=g) as session:
    ...     print(session.run({"triple": y}, feed_dict={x: 2.0}))
    {'triple': np.float32(6.0)}
    """

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None):
        if not isinstance(graph, Graph | None):
            raise UsageError(f"Session: expected a tf.Graph, got {graph!r}")
        self.graph = get_default_graph() if graph is None else graph
        self.closed = False
        self._compiled: dict[Any, Compiled] = {}
        self._reads: dict[Any, Tensor] = {}
        self._entered: list[Any] = []

    # -- running ------------------------------------------------------------------------------

    def run(self, fetches: Any, feed_dict: Mapping[Any, Any] | None = None, options: Any = None,
            run_metadata: Any = None) -> Any:  # fmt: skip
        """Evaluate `fetches` and return their values in the same structure.

        Parameters
        ----------
        fetches : Tensor, Operation, Variable or name, or nested structure of them
            What is wanted. An Operation is run for what it does and gives None.
        feed_dict : mapping of Tensor (or name) to value, optional
            Values of edges for this run; any edge can be fed, placeholders must be where needed.

        Returns
        -------
        like `fetches`
            NumPy arrays.

        Raises
        ------
        GraphError, NotFoundError
            For a fetch or feed that is not part of the graph.
        FailedPreconditionError
            For a placeholder that is needed and not fed, a Variable without a value, or a session
            that is closed.
        """
        if self.closed:
            raise FailedPreconditionError("Session.run: this session is closed")
        try:
            leaves = [self._element(f) for f in flatten(fetches)]
            feeds, arrays = self._feeds({} if feed_dict is None else feed_dict)
        except Error as error:
            raise located(error, "Session.run", user_line()) from error.__cause__
        compiled = self._compile(leaves, feeds)
        with set_context(graph=None, recorders=[], device=None, scope="", gradient_of=None):
            found = iter(compiled.run(arrays))
        values = [_owned(next(found)) if isinstance(f, Tensor) else None for f in leaves]
        return pack_like(fetches, values) if values else fetches

    def _element(self, fetch: Any) -> Tensor | Operation:
        if hasattr(fetch, "graph_tensor"):  # a Variable
            if fetch not in self._reads:
                self._reads[fetch] = self.graph.reading(fetch)
            return self._reads[fetch]
        return self.graph.as_graph_element(fetch)

    def _compile(self, leaves: Sequence[Any], feeds: list[Tensor]) -> Compiled:
        key = (tuple(leaves), tuple(feeds))
        if key not in self._compiled:
            tensors = [f for f in leaves if isinstance(f, Tensor)]
            effects = [f for f in leaves if isinstance(f, Operation)]
            _check_order(self.graph)
            compiled = Compiled(self.graph, feeds, tensors, effects)
            _check_fed(compiled)
            self._compiled[key] = compiled
        return self._compiled[key]

    def _feeds(self, feed_dict: Mapping[Any, Any]) -> tuple[list[Tensor], list[Any]]:
        if not isinstance(feed_dict, Mapping):
            raise UsageError(f"feed_dict: expected {{tensor: value}}, got {shorten(feed_dict)}")
        values: dict[Tensor, Any] = {}
        for key, value in feed_dict.items():
            if hasattr(key, "graph_tensor"):
                raise GraphError(f"feed_dict: {key.name!r} is a Variable: assign to it")
            tensor: Any = self.graph.as_graph_element(key, allow_operation=False)
            if tensor in values:
                raise GraphError(f"feed_dict: {tensor.name} is fed twice")
            values[tensor] = feed_array(tensor, value)
        return list(values), list(values.values())

    # -- blocks -------------------------------------------------------------------------------

    def as_default(self) -> Session:
        """Use as ``with session.as_default():``; the block does not close the session."""
        return _Default(self)  # type: ignore[return-value]

    def __enter__(self) -> Session:
        self._entered.append(self.as_default())
        return self._entered[-1].__enter__()  # type: ignore[no-any-return]

    def __exit__(self, *error: Any) -> None:
        self._entered.pop().__exit__(*error)
        self.close()

    def close(self) -> None:
        """Refuse further runs, and forget the plans."""
        self.closed = True
        self._compiled.clear()

    def list_devices(self) -> list[str]:
        """Return the names of the devices that have run something."""
        plans = [c.plan for c in self._compiled.values()]
        return sorted({d.name for plan in plans for d in plan.devices})

    def __repr__(self) -> str:
        return f"<tf.Session of {self.graph!r}{', closed' if self.closed else ''}>"


class _Default:
    """The block of `Session.as_default`."""

    def __init__(self, session: Session):
        self.session = session
        self.block = session.graph.as_default()

    def __enter__(self) -> Session:
        self.block.__enter__()
        context.sessions.append(self.session)
        return self.session

    def __exit__(self, *error: Any) -> None:
        last = max(i for i, s in enumerate(context.sessions) if s is self.session)
        del context.sessions[last]
        self.block.__exit__(*error)


class InteractiveSession(Session):
    """A Session that is the default one from its start, for notebooks."""

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None):
        super().__init__(target, graph, config)
        self.__enter__()

    def close(self) -> None:
        """Stop being the default session, and refuse further runs."""
        if self._entered:
            self._entered.pop().__exit__(None, None, None)
        super().close()


def feed_array(tensor: Tensor, value: Any) -> Any:
    """Return a fed value as an array of the edge's dtype, its shape checked."""
    if isinstance(value, Tensor) and value.operation is not None:
        raise GraphError(f"feed_dict: the value for {tensor.name} is itself an edge of a graph: "
                         f"{value.name}")  # fmt: skip
    wanted = tensor.dtype
    if type(value) is np.ndarray and value.dtype == wanted.numpy:
        array = value
    else:
        array = as_array(value, wanted, argument=f"feed_dict: the value for {tensor.name}")
    if not tensor.shape.is_compatible_with(array.shape):
        raise ShapeError(
            f"feed_dict: {tensor.name} takes values of shape {tensor.shape}, got {array.shape}"
        )
    return array


def _check_order(graph: Graph) -> None:
    """Refuse a graph in which somebody has tied an operation to a later one."""
    earlier: set[Operation] = set()
    for node in graph.operations:
        for origin in (*(t.op for t in node.inputs), *node.control_inputs):
            if origin not in earlier:
                raise GraphError(
                    f"Session.run: {node.name!r} needs {origin.name!r}, which was not written "
                    "before it: a graph has no cycles (tf.while_loop repeats things)"
                )
        earlier.add(node)


def _check_fed(compiled: Compiled) -> None:
    """Refuse a run that needs a placeholder without a value, before anything is computed."""
    program = cut(compiled.program)
    fed, needed = {t.op for t in program.feeds}, needed_operations(program)
    missing = [
        n.output
        for n in program.graph.operations
        if n.type == "placeholder" and n in needed and n not in fed
    ]
    if missing:
        listed = ", ".join(f"{t.name} ({t.dtype.name}, shape {t.shape})" for t in missing)
        raise FailedPreconditionError(
            f"Session.run: no value for {listed}: pass feed_dict={{tensor: value}}"
        )


def _owned(array: Any) -> Any:
    """Return a fetched value as an array that shares nothing with the run's Variables or feeds."""
    array = np.asarray(array)
    return array.copy() if array.ndim else array[()]
