"""Graph: Operations written down, not yet run."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from minitf.errors import GraphError, NotFoundError, user_line
from minitf.graph.context import context, set_context
from minitf.graph.device import Device, device, get_device
from minitf.graph.operation import Operation
from minitf.graph.registry import OPS
from minitf.graph.spec import TensorSpec
from minitf.graph.tensor import Tensor

if TYPE_CHECKING:
    from minitf.graph.op import OpDef


class Capture(NamedTuple):
    """A value from outside that a graph uses: the outer tensor and the placeholder inside."""

    outer: Tensor
    inner: Tensor


class Graph:
    """Operations written down, not yet run.

    The list of operations is in topological order because an operation can only use tensors that
    exist when it is made; for the same reason a graph has no cycles. A graph holds no values: each
    run keeps its own (see `minitf.runtime.executor`).

    Parameters
    ----------
    name : str, optional
        Shown in drawings and errors.
    outer : Graph or None, optional
        For the graph of a function: the graph that it was traced in.
    captures_by : {"constant", "placeholder"}, optional
        How a tensor from outside enters: written down as a constant, or as an argument that each
        run passes along (the graphs of functions).

    Attributes
    ----------
    operations : list of Operation
        In topological order. Read it freely; new ones are added by calling ops.
    captures : list of Capture
        Outside tensors that have become arguments.

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.Graph() as g:
    ...     x = tf.placeholder(tf.float32, [2], name="x")
    ...     y = tf.square(x) + 1.0
    >>> [op.type for op in g.operations]
    ['placeholder', 'square', 'constant', 'add']
    >>> with tf.Session(graph=g) as session:
    ...     print(session.run(y, {x: [2.0, 3.0]}))
    [ 5. 10.]
    """

    def __init__(self, name: str = "", outer: Graph | None = None, captures_by: str = "constant"):
        self.name = name
        self.outer = outer
        self.captures_by = captures_by
        self.operations: list[Operation] = []
        self.captures: list[Capture] = []
        self.control_inputs: tuple[Operation, ...] = ()
        self.seed: int | None = None
        self.variables: list[Any] = []
        self.finalized = False
        self._by_name: dict[str, Operation] = {}
        self._used_names: dict[str, int] = {}
        self._captured: dict[Tensor, Tensor] = {}
        self._entered: list[Any] = []
        self.lock = threading.RLock()

    # -- writing ------------------------------------------------------------------------------

    def add(
        self,
        definition: OpDef,
        inputs: tuple[Tensor, ...],
        attributes: dict[str, Any],
        specs: Iterable[TensorSpec],
        variables: tuple[Any, ...] = (),
        name: str | None = None,
    ) -> Operation:
        """Write one operation down and return it; `op` calls this, after its checks."""
        if self.finalized:
            raise GraphError(f"{self!r} is finalized and takes no further operations")
        full = self.unique_name(context.scope + (name or definition.name).rstrip("/"))
        node = Operation(definition, inputs, attributes, variables, full, user_line())
        node.outputs = [Tensor(None, spec, node, i) for i, spec in enumerate(specs)]
        node.device = context.device
        node.control_inputs = self.control_inputs
        node.gradient_of = context.gradient_of
        node.graph = self
        self.operations.append(node)
        self._by_name[full] = node
        return node

    def unique_name(self, name: str, scope: bool = False) -> str:
        """Return `name`, with ``_1``, ``_2``, ... behind it where it is taken."""
        key = name.lower()  # as in TensorFlow: names that differ only in case are confusing
        count = self._used_names.get(key, 0)
        self._used_names[key] = count + 1
        if count == 0:
            return name
        return self.unique_name(f"{name}_{count}", scope)

    def capture(self, tensor: Tensor) -> Tensor:
        """Return the tensor of this graph that stands for `tensor`, from outside or from here."""
        if tensor.operation is not None and tensor.operation.graph is self:
            return tensor
        if tensor not in self._captured:
            self._check_reachable(tensor)
            self._captured[tensor] = self._enter(tensor)
        return self._captured[tensor]

    def _enter(self, tensor: Tensor) -> Tensor:
        with set_context(graph=self, gradient_of=None):
            if self.captures_by == "constant":
                return OPS["constant"](tensor)  # type: ignore[no-any-return]
            if self.outer is not None:
                tensor = self.outer.capture(tensor)
            inner: Tensor = OPS["placeholder"](tensor.spec, name="captured")
        self.captures.append(Capture(tensor, inner))
        return inner

    def _check_reachable(self, tensor: Tensor) -> None:
        if tensor.operation is None:
            return
        outer = self.outer
        while outer is not None:
            if tensor.operation.graph is outer:
                return
            outer = outer.outer
        raise GraphError(
            f"{tensor.name} belongs to {tensor.graph!r}, not to {self!r}: fetch its value with "
            "Session.run and pass that, or build both parts in one graph"
        )

    def evaluate_now(self, tensor: Tensor) -> Any:
        """Return the value of a tensor that needs no arguments (functions' graphs can do this)."""
        raise GraphError(f"{tensor.name} has no value while {self!r} is being written")

    # -- reading ------------------------------------------------------------------------------

    def get_operations(self) -> list[Operation]:
        """Return the operations in topological order."""
        return list(self.operations)

    def get_operation_by_name(self, name: str) -> Operation:
        """Return the operation of that name."""
        if name not in self._by_name:
            raise NotFoundError(f"no operation {name!r} in {self!r}{self._nearest(name)}")
        return self._by_name[name]

    def get_tensor_by_name(self, name: str) -> Tensor:
        """Return the tensor called ``operation:output``."""
        operation, colon, index = name.partition(":")
        if not colon or not index.isdigit():
            raise NotFoundError(f"a tensor is named like 'matmul:0', got {name!r}")
        outputs = self.get_operation_by_name(operation).outputs
        if int(index) >= len(outputs):
            raise NotFoundError(f"{operation!r} has {len(outputs)} output(s), no {name!r}")
        return outputs[int(index)]

    def as_graph_element(self, element: Any) -> Tensor | Operation:
        """Return the tensor or operation meant by an object or a name."""
        if isinstance(element, str):
            if ":" in element:
                return self.get_tensor_by_name(element)
            return self.get_operation_by_name(element)
        if hasattr(element, "graph_tensor"):  # a Variable
            with set_context(graph=self):
                return element.graph_tensor()  # type: ignore[no-any-return]
        node = element.operation if isinstance(element, Tensor) else element
        if not isinstance(node, Operation):
            raise GraphError(f"expected a tensor, an operation or a name, got {element!r}")
        if node.graph is not self:
            raise GraphError(f"{element!r} is not part of {self!r}")
        return element  # type: ignore[no-any-return]

    def _nearest(self, name: str) -> str:
        import difflib

        close = difflib.get_close_matches(name, self._by_name, 1)
        return f"; did you mean {close[0]!r}?" if close else ""

    # -- blocks -------------------------------------------------------------------------------

    @contextmanager
    def as_default(self) -> Iterator[Graph]:
        """Write the calls made inside the block into this graph."""
        with set_context(graph=self, scope="", recorders=[]):
            yield self

    def __enter__(self) -> Graph:
        block = self.as_default()
        block.__enter__()
        self._entered.append(block)
        return self

    def __exit__(self, *error: Any) -> None:
        self._entered.pop().__exit__(*error)

    @contextmanager
    def control_dependencies(self, control_inputs: Iterable[Any] | None) -> Iterator[None]:
        """Let the operations made inside the block wait for `control_inputs`; None clears all."""
        before = self.control_inputs
        wanted = () if control_inputs is None else before + tuple(map(self._node, control_inputs))
        self.control_inputs = tuple(dict.fromkeys(wanted))
        try:
            yield
        finally:
            self.control_inputs = before

    def _node(self, element: Any) -> Operation:
        found = self.as_graph_element(element)
        return found.op if isinstance(found, Tensor) else found

    def device(self, name: str | Device | None) -> Any:
        """Run the operations made inside the block on one device."""
        return device(None if name is None else get_device(name))

    def finalize(self) -> None:
        """Refuse further operations."""
        self.finalized = True

    def __repr__(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        return f"<tf.Graph{name}: {len(self.operations)} operations>"


_default = threading.local()


def get_default_graph() -> Graph:
    """Return the graph that calls are written into; TensorFlow 1's default graph outside of all.

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.Graph() as g:
    ...     tf.compat.v1.get_default_graph() is g
    True
    """
    if context.graph is not None:
        return context.graph
    if not hasattr(_default, "graph"):
        _default.graph = Graph("default")
    return _default.graph  # type: ignore[no-any-return]


def reset_default_graph() -> None:
    """Forget TensorFlow 1's default graph and start an empty one."""
    writing = context.graph is not None and context.graph is getattr(_default, "graph", None)
    _default.graph = Graph("default")
    if writing:
        context.graph = _default.graph


def disable_eager_execution() -> None:
    """Write every call of this thread into the default graph, as TensorFlow 1 did."""
    context.graph = get_default_graph()


def enable_eager_execution() -> None:
    """Compute calls at once again, as TensorFlow 2 does."""
    context.graph = None


def control_dependencies(control_inputs: Iterable[Any] | None) -> Any:
    """Let the operations made inside the block wait for others, without using their values.

    Eagerly nothing waits, because calls run in the order in which they are written.

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.Graph() as g:
    ...     first = tf.constant(1.0)
    ...     with tf.control_dependencies([first]):
    ...         second = tf.constant(2.0)
    >>> [op.name for op in second.op.control_inputs]
    ['constant']
    """
    if context.graph is None:
        return nullcontext()
    return context.graph.control_dependencies(control_inputs)
