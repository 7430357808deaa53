"""Graph: Operations written down, not yet run."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from reprlib import repr as shorten
from typing import TYPE_CHECKING, Any, NamedTuple

from minitf.errors import (
    GraphError,
    InvalidArgumentError,
    NotFoundError,
    UsageError,
    user_line,
)
from minitf.graph.context import context, set_context
from minitf.graph.device import Device, device
from minitf.graph.operation import Operation
from minitf.graph.registry import OPS
from minitf.graph.spec import TensorSpec
from minitf.graph.tensor import Tensor

if TYPE_CHECKING:
    from minitf.graph.op import OpDef


_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")


class Capture(NamedTuple):
    """A value from outside that a graph uses: the outer tensor and the placeholder inside."""

    outer: Tensor
    inner: Tensor


class _Blocks(threading.local):
    """The blocks that one thread has open on a graph."""

    def __init__(self) -> None:
        self.entered: list[Any] = []
        self.control_inputs: tuple[Operation, ...] = ()


class Graph:
    """Operations written down, not yet run.

    The list of operations is in topological order because an operation can only use tensors that
    exist when it is made; for the same reason a graph has no cycles. A graph holds no values: each
    run keeps its own (see `minitf.runtime.executor`).

    Several threads may write into one graph: each is in its own blocks (name scopes, devices,
    control dependencies), and names stay unique.

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
    seed : int or None
        What `tf.random.set_seed` has set in this graph.
    variables : list of Variable
        Those created while the graph was written.
    finalized : bool
        Whether it takes no further operations.
    grows : bool
        Whether eager calls that get one of its tensors are written into it.

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

    grows = False

    def __init__(self, name: str = "", outer: Graph | None = None, captures_by: str = "constant"):
        self.name = name
        self.outer = outer
        self.captures_by = captures_by
        self.operations: list[Operation] = []
        self.captures: list[Capture] = []
        self.seed: int | None = None
        self.variables: list[Any] = []
        self.finalized = False
        self._by_name: dict[str, Operation] = {}
        self._used_names: dict[str, int] = {}
        self._captured: dict[Tensor, Tensor] = {}
        self._blocks = _Blocks()
        self._lock = threading.RLock()

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
        node = Operation(definition, inputs, attributes, variables, line=user_line())
        node.outputs = [Tensor(None, spec, node, i) for i, spec in enumerate(specs)]
        node.device = context.device
        node.control_inputs = self._blocks.control_inputs
        node.gradient_of = context.gradient_of
        node.graph = self
        with self._lock:
            node.name = self._full_name(definition.name if name is None else name)
            self._by_name[node.name] = node
            self.operations.append(node)
        return node

    def _full_name(self, name: str) -> str:
        """Return the name of a new operation; one that ends in "/" is whole, as that of a scope."""
        if not isinstance(name, str):
            raise UsageError(f"a name is a string, got {name!r}")
        full = context.scope + name
        if not _NAME.fullmatch(full):
            raise InvalidArgumentError(
                f"{full!r} is not a name: it begins with a letter, a digit or a dot, and goes on "
                "with these and _ / > \\ -"
            )
        whole = name.rstrip("/")
        if whole == name:
            return self.unique_name(full)
        if whole in self._by_name:
            return self.unique_name(whole)
        self._used_names.setdefault(whole.lower(), 1)  # by the scope, where there is one
        return whole

    def unique_name(self, name: str) -> str:
        """Return `name`, with ``_1``, ``_2``, ... behind it where it is taken."""
        key = name.lower()  # as in TensorFlow: names that differ only in case are confusing
        with self._lock:
            count = self._used_names.get(key, 0)
            self._used_names[key] = count + 1
            if count == 0:
                return name
            while f"{key}_{count}" in self._used_names:
                count += 1
            self._used_names[f"{key}_{count}"] = 1
            return f"{name}_{count}"

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
            if self.outer is not None and tensor.operation is not None:
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
        told = f"{tensor.name} belongs to {tensor.graph!r}, not to {self!r}"
        graph = tensor.operation.graph
        if graph and graph.captures_by == "placeholder":  # a function, or a part of one
            raise GraphError(f"{told}: what is made inside of a branch, loop or function has a "
                             "value only there; return it, assign it to a name that exists before, "
                             "or collect it in a tf.TensorArray")  # fmt: skip
        raise GraphError(f"{told}: fetch its value with Session.run and pass that, or build both "
                         "parts in one graph")  # fmt: skip

    def evaluate_now(self, tensor: Tensor) -> Any:
        """Return the value of a tensor that needs no arguments (functions' graphs can do this)."""
        raise GraphError(f"{tensor.name} has no value while {self!r} is being written")

    # -- reading ------------------------------------------------------------------------------

    def get_operations(self) -> list[Operation]:
        """Return the operations in topological order."""
        return list(self.operations)

    def get_operation_by_name(self, name: str) -> Operation:
        """Return the operation of that name."""
        if not isinstance(name, str):
            raise UsageError(f"a name is a string, got {name!r}")
        if name not in self._by_name:
            raise NotFoundError(f"no operation {name!r} in {self!r}{self._nearest(name)}")
        return self._by_name[name]

    def get_tensor_by_name(self, name: str) -> Tensor:
        """Return the tensor called ``operation:output``."""
        if not isinstance(name, str):
            raise UsageError(f"a name is a string, got {name!r}")
        operation, _, index = name.partition(":")
        if not index.isdigit():
            hint = f"; did you mean '{operation}:0'?" if operation in self._by_name else ""
            raise InvalidArgumentError(f"a tensor is named like 'matmul:0', got {name!r}{hint}")
        outputs = self.get_operation_by_name(operation).outputs
        if int(index) >= len(outputs):
            raise NotFoundError(f"{operation!r} has {len(outputs)} output(s), no {name!r}")
        return outputs[int(index)]

    def as_graph_element(
        self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True
    ) -> Tensor | Operation:
        """Return the tensor or operation meant by an object or a name."""
        found = self._find(obj)
        if isinstance(found, Operation) and not allow_operation:
            outputs = ", ".join(t.name for t in found.outputs) or "none"
            raise UsageError(
                f"expected a tensor, got the operation {found.name!r}; its outputs: {outputs}"
            )
        if isinstance(found, Tensor) and not allow_tensor:
            raise UsageError(f"expected an operation, got the tensor {found.name!r}")
        return found

    def _find(self, element: Any) -> Tensor | Operation:
        if isinstance(element, str):
            if ":" in element:
                return self.get_tensor_by_name(element)
            return self.get_operation_by_name(element)
        if hasattr(element, "graph_tensor"):  # a Variable
            with set_context(graph=self):
                return element.graph_tensor()  # type: ignore[no-any-return]
        if not isinstance(element, (Tensor, Operation)):
            raise UsageError(f"expected a tensor, an operation or a name, got {shorten(element)}")
        node = element.operation if isinstance(element, Tensor) else element
        if node is None:
            raise GraphError(f"an eager tensor of shape {element.shape} is not part of {self!r}")  # type: ignore[union-attr]
        if node.graph is not self:
            raise GraphError(f"{element!r} is not part of {self!r}")
        return element

    def reading(self, variable: Any) -> Tensor:
        """Return an edge that reads a Variable, for a fetch: even of a finalized graph."""
        with self._lock, self.control_dependencies(None):
            finalized, self.finalized = self.finalized, False
            try:
                return self._find(variable)  # type: ignore[return-value]
            finally:
                self.finalized = finalized

    def _nearest(self, name: str) -> str:
        import difflib

        close = difflib.get_close_matches(name.partition(":")[0], self._by_name, 1)
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
        self._blocks.entered.append(block)
        return self

    def __exit__(self, *error: Any) -> None:
        self._blocks.entered.pop().__exit__(*error)

    @contextmanager
    def control_dependencies(self, control_inputs: Iterable[Any] | None) -> Iterator[None]:
        """Let the operations made inside the block wait for `control_inputs`; None clears all."""
        if isinstance(control_inputs, (Tensor, Operation)):
            raise UsageError(f"control_dependencies takes a list, got {control_inputs!r}")
        before = self._blocks.control_inputs
        wanted = [] if control_inputs is None else [*before, *self._nodes(control_inputs)]
        self._blocks.control_inputs = tuple(dict.fromkeys(wanted))
        try:
            yield
        finally:
            self._blocks.control_inputs = before

    def _nodes(self, elements: Iterable[Any]) -> Iterator[Operation]:
        for element in elements:
            if isinstance(element, Tensor) and element.operation is None:
                continue  # an eager tensor has been computed already
            found = self.as_graph_element(element)
            yield found.op if isinstance(found, Tensor) else found

    def device(self, name: str | Device | None) -> Any:
        """Run the operations made inside the block on one device."""
        return device(name)

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
