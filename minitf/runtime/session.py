"""Session: a Graph, and the Devices allowed to run it; feeds and fetches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minitf.errors import DTypeError, FailedPreconditionError, GraphError, ShapeError
from minitf.graph.context import context, set_context
from minitf.graph.convert import as_array
from minitf.graph.graph import Graph, get_default_graph
from minitf.graph.nest import flatten, pack_like
from minitf.graph.operation import Operation
from minitf.graph.tensor import Tensor
from minitf.runtime.compile import Compiled
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
        self.graph = get_default_graph() if graph is None else graph
        self.closed = False
        self._compiled: dict[Any, Compiled] = {}
        self._reads: dict[Any, Tensor] = {}
        self._entered: Any = None

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
            For a placeholder that is needed and not fed, or a Variable without a value.
        """
        if self.closed:
            raise GraphError("Session.run: this session is closed")
        leaves = [self._element(f) for f in flatten(fetches)]
        feeds, arrays = self._feeds(feed_dict or {})
        compiled = self._compile(leaves, feeds)
        with set_context(graph=None, recorders=[], device=None, scope="", gradient_of=None):
            found = iter(compiled.run(arrays))
        values = [_owned(next(found)) if isinstance(f, Tensor) else None for f in leaves]
        return pack_like(fetches, values) if values else fetches

    def _element(self, fetch: Any) -> Tensor | Operation:
        if hasattr(fetch, "graph_tensor"):  # a Variable: read it by one operation, made once
            if fetch not in self._reads:
                with self.graph.control_dependencies(None):
                    self._reads[fetch] = self.graph.as_graph_element(fetch)  # type: ignore[assignment]
            return self._reads[fetch]
        return self.graph.as_graph_element(fetch)

    def _compile(self, leaves: Sequence[Any], feeds: list[Tensor]) -> Compiled:
        key = (tuple(leaves), tuple(feeds), len(self.graph.operations))
        if key not in self._compiled:
            tensors = [f for f in leaves if isinstance(f, Tensor)]
            effects = [f for f in leaves if isinstance(f, Operation)]
            compiled = Compiled(self.graph, feeds, tensors, effects)
            _check_fed(compiled)
            self._compiled[key] = compiled
        return self._compiled[key]

    def _feeds(self, feed_dict: Mapping[Any, Any]) -> tuple[list[Tensor], list[Any]]:
        tensors, arrays = [], []
        for key, value in feed_dict.items():
            tensor = self.graph.as_graph_element(key)
            if not isinstance(tensor, Tensor):
                raise GraphError(f"feed_dict: {key!r} is an operation; feed one of its outputs")
            tensors.append(tensor)
            arrays.append(feed_array(tensor, value))
        return tensors, arrays

    # -- blocks -------------------------------------------------------------------------------

    def as_default(self) -> Session:
        """Use as ``with session.as_default():``; the block does not close the session."""
        return _Default(self)  # type: ignore[return-value]

    def __enter__(self) -> Session:
        self._entered = self.graph.as_default()
        self._entered.__enter__()
        context.sessions.append(self)
        return self

    def __exit__(self, *error: Any) -> None:
        context.sessions.remove(self)
        self._entered.__exit__(*error)
        self.close()

    def close(self) -> None:
        """Refuse further runs, and forget the plans."""
        self.closed = True
        self._compiled.clear()

    def list_devices(self) -> list[str]:
        """Return the names of the devices that have run something."""
        plans = [c.plan for c in self._compiled.values()]
        return sorted({d.name for plan in plans for d in plan.devices})


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
        context.sessions.remove(self.session)
        self.block.__exit__(*error)


class InteractiveSession(Session):
    """A Session that is the default one from its start, for notebooks."""

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None):
        super().__init__(target, graph, config)
        self.__enter__()

    def close(self) -> None:
        """Stop being the default session, and refuse further runs."""
        if self in context.sessions:
            context.sessions.remove(self)
            self._entered.__exit__(None, None, None)
        super().close()


def feed_array(tensor: Tensor, value: Any) -> Any:
    """Return a fed value as an array of the edge's dtype, its shape checked."""
    if isinstance(value, Tensor) and value.operation is not None:
        raise GraphError(f"feed_dict: the value for {tensor.name} is itself an edge of a graph")
    wanted = tensor.dtype
    if type(value) is np.ndarray and value.dtype == wanted.numpy:
        array = value
    else:
        try:
            array = as_array(value, wanted, argument=f"the value for {tensor.name}")
        except DTypeError as error:
            raise DTypeError(f"feed_dict: {error}") from None
    if not tensor.shape.is_compatible_with(array.shape):
        raise ShapeError(
            f"feed_dict: {tensor.name} takes values of shape {tensor.shape}, got {array.shape}"
        )
    return array


def _check_fed(compiled: Compiled) -> None:
    """Refuse a run that needs a placeholder without a value, before anything is computed."""
    fed = {t.op for t in compiled.program.feeds}
    for node in needed_operations(compiled.program):
        if node.type == "placeholder" and node not in fed:
            raise FailedPreconditionError(
                f"Session.run: {node.name}:0 needs a value: pass feed_dict={{{node.name}: ...}} "
                f"with shape {node.output.shape} and dtype {node.output.dtype.name}"
            )


def _owned(array: Any) -> Any:
    """Return a fetched value as an array that shares nothing with the run's Variables or feeds."""
    array = np.asarray(array)
    return array.copy() if array.ndim else array[()]
