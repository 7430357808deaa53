"""Operation: one use of an OpDef."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from minitf.errors import NotFoundError, SourceLine, UnimplementedError
from minitf.graph.context import default_session
from minitf.graph.device import Device
from minitf.graph.spec import TensorSpec
from minitf.graph.tensor import Tensor

if TYPE_CHECKING:
    from minitf.graph.graph import Graph
    from minitf.graph.op import OpDef


class Deferred(NamedTuple):
    """Stands in an attribute for a number that the graph computes: input `position` holds it."""

    position: int


class Operation:
    """One use of an OpDef: its inputs, attributes, device, and the line that made it.

    It is not a computation in progress: the values of a run belong to that run's Executor. In a
    Graph its inputs and outputs are edges; on a Tape they are the eager tensors of a call that has
    already happened.

    Attributes
    ----------
    definition : OpDef
        What is computed.
    name : str
        Unique in its graph.
    inputs : tuple of Tensor
        The tensors that flow in; those that stand for deferred attributes come last.
    attributes : dict
        Everything else that the call said. A number that the graph computes is `Deferred` here.
    outputs : list of Tensor
        The tensors that flow out.
    variables : tuple of Variable
        The Variables that it reads; their gradients follow those of the inputs.
    device : Device or None
        Where the user asked it to run.
    control_inputs : tuple of Operation
        Operations that must have run before, without passing a value.
    line : (str, int)
        The user's file and line.
    gradient_of : str or None
        Name of the operation whose derivative this one belongs to.
    graph : Graph or None
        The graph that holds it; None on a tape.
    """

    __slots__ = ("definition", "name", "inputs", "attributes", "outputs", "variables", "device",
                 "control_inputs", "line", "gradient_of", "graph")  # fmt: skip

    def __init__(
        self,
        definition: OpDef,
        inputs: tuple[Tensor, ...],
        attributes: dict[str, Any],
        variables: tuple[Any, ...] = (),
        name: str = "",
        line: SourceLine | None = None,
    ):
        self.definition = definition
        self.name = name or definition.name
        self.inputs = inputs
        self.attributes = attributes
        self.outputs: list[Tensor] = []
        self.variables = variables
        self.device: Device | None = None
        self.control_inputs: tuple[Operation, ...] = ()
        self.line = line
        self.gradient_of: str | None = None
        self.graph: Graph | None = None

    @property
    def type(self) -> str:
        """Name of the OpDef."""
        return self.definition.name

    @property
    def output(self) -> Tensor:
        """The first output."""
        return self.outputs[0]

    @property
    def sources(self) -> tuple[Any, ...]:
        """What gradients flow to: the inputs, then the Variables that are read."""
        return self.inputs + self.variables

    def __getitem__(self, attribute: str) -> Any:
        """Return an attribute as the call gave it: deferred numbers as their Tensors."""
        if attribute not in self.attributes:
            raise NotFoundError(f"{self.type} has no attribute {attribute!r}")
        return fill(self.attributes[attribute], self.inputs)

    get_attr = __getitem__

    @property
    def ordered(self) -> bool:
        """Whether it acts on the world outside, itself or in a graph that it holds."""
        held = (getattr(a, "ordered", False) for a in self.attributes.values())
        return self.definition.ordered or any(held)

    @property
    def deferred_count(self) -> int:
        """How many of the last inputs are numbers for attributes."""
        return len(_positions(tuple(self.attributes.values())))

    @property
    def has_deferred(self) -> bool:
        """Whether an attribute is computed by the graph."""
        return self.deferred_count > 0

    def kernel(self, backends: tuple[str, ...]) -> Callable[..., Any]:
        """Return a function of the input arrays alone, on the first backend that has a kernel."""
        kernel = self.definition.find_kernel(backends)
        if kernel is None:
            raise UnimplementedError(
                f"{self.type} has no kernel for {' or '.join(backends)}; it has: "
                f"{', '.join(self.definition.kernels)}"
            )
        return bind(kernel, self.attributes, len(self.inputs))

    def run(self, feed_dict: Any = None, session: Any = None) -> None:
        """Run it in a session (the innermost `with Session()` one by default)."""
        (session or default_session()).run(self, feed_dict)

    def output_specs(self) -> list[TensorSpec]:
        """Return the specs of the outputs."""
        return [t.spec for t in self.outputs]

    def __repr__(self) -> str:
        inputs = ", ".join(t.name if t.operation else str(t.shape) for t in self.inputs)
        return f"<tf.Operation {self.name!r} type={self.type} inputs=({inputs})>"


def _holds_deferred(value: Any) -> bool:
    if isinstance(value, Deferred):
        return True
    return isinstance(value, tuple) and any(map(_holds_deferred, value))


def fill(value: Any, inputs: Any) -> Any:
    """Return an attribute's value with every `Deferred` replaced by the input it points to."""
    if isinstance(value, Deferred):
        return inputs[value.position]
    if isinstance(value, tuple) and _holds_deferred(value):
        return tuple(fill(v, inputs) for v in value)
    return value


def bind(kernel: Callable[..., Any], attributes: dict[str, Any], count: int) -> Callable[..., Any]:
    """Return `kernel` as a function of the input arrays, its attributes already given."""
    if not attributes:
        return kernel
    deferred = [k for k, v in attributes.items() if _holds_deferred(v)]
    if not deferred:
        return functools.partial(kernel, **attributes)
    first = min(_positions(tuple(attributes[k] for k in deferred)))

    def run(*arrays: Any) -> Any:
        numbers = [a.item() if i >= first else a for i, a in enumerate(arrays)]
        known = attributes | {k: fill(attributes[k], numbers) for k in deferred}
        return kernel(*arrays[:first], **known)

    return run


def _positions(value: Any) -> list[int]:
    if isinstance(value, Deferred):
        return [value.position]
    return [p for v in value for p in _positions(v)] if isinstance(value, tuple) else []
