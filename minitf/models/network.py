"""Network: the part of the graph of layers between some inputs and some outputs.

It is found by walking back from the outputs. Its nodes are Operations: calls of layers, and
ordinary ops used between them. To run it is to call them again, in order, on other tensors: on
numbers, on placeholders of a traced training step, or on symbolic tensors of another model.

Layers are listed by depth, the distance to the outputs: those farthest away first, equal ones in
the order in which the walk found them. It is the order of Keras, which its files depend on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minitf.errors import GraphError, InvalidArgumentError
from minitf.graph.nest import flatten
from minitf.graph.operation import Operation, fill
from minitf.graph.tensor import Tensor
from minitf.layers.calls import mask_of, signature_of
from minitf.layers.layer import Layer
from minitf.layers.symbolic import InputLayer, LayerCall, is_symbolic


class Network:
    """The calls that lead from inputs to outputs.

    Parameters
    ----------
    inputs, outputs : list of Tensor
        Symbolic.

    Attributes
    ----------
    nodes : list of Operation
        In an order in which they can run.
    owners : list of Layer and Operation
        Layers, and the nodes of ordinary ops, by falling depth, each once; no constants.
    layers : list of Layer
        The layers among them.

    Raises
    ------
    GraphError
        Where an output depends on an input that is not among `inputs`.
    """

    def __init__(self, inputs: list[Tensor], outputs: list[Tensor]):
        self.inputs, self.outputs = inputs, outputs
        self._check_symbolic()
        self._found: dict[Operation, None] = {}
        self._order: dict[Any, int] = {}  # when the walk first met a layer or an op
        for output in outputs:
            self._walk(output)
        depths, fed = self._depths(), self._input_nodes
        self.nodes = sorted(self._found, key=lambda n: (-depths[n], self._order[owner(n)]))
        by_depth = sorted(self._order, key=lambda who: (-self._depth_of[who], self._order[who]))
        replaced = {owner(t.op) for t in inputs} - {owner(n) for n in self.nodes if n not in fed}
        self.owners = [who for who in by_depth if not _is_constant(who)]
        self.layers = [who for who in by_depth if isinstance(who, InputLayer)
                       or isinstance(who, Layer) and who not in replaced]  # fmt: skip

    def _check_symbolic(self) -> None:
        for kind, tensors in (("input", self.inputs), ("output", self.outputs)):
            for tensor in tensors:
                if not is_symbolic(tensor):
                    raise InvalidArgumentError(f"Model: an {kind} must come from keras.Input or a "
                                               f"layer called on one, got {tensor!r}")  # fmt: skip

    def _walk(self, output: Tensor) -> None:
        """Find what a tensor needs: a walk in depth that keeps a stack of its own."""
        waiting: list[tuple[Tensor, bool]] = [(output, False)]
        while waiting:
            tensor, is_done = waiting.pop()
            node = tensor.op
            if is_done:
                self._found.setdefault(node)
            elif node not in self._found:
                self._order.setdefault(owner(node), len(self._order))
                waiting.append((tensor, True))
                if not any(tensor is given for given in self.inputs):
                    self._check_input(node)
                    waiting += [(t, False) for t in reversed(needed(node))]

    def _check_input(self, node: Operation) -> None:
        if isinstance(owner(node), InputLayer):
            raise GraphError(
                f"Model: the graph is disconnected: an output needs the input {node.name!r}, "
                "which is not among the model's inputs"
            )

    def _depths(self) -> dict[Operation, int]:
        """Return every node's distance to the outputs; a layer is where its farthest call is."""
        depths: dict[Operation, int] = {}
        owners: dict[Any, int] = {}
        for node in reversed(self._found):
            depth = max(depths.get(node, 0), owners.get(owner(node), 0))
            owners[owner(node)] = depths[node] = depth
            if node not in self._input_nodes:
                for tensor in needed(node):
                    depths[tensor.op] = max(depths.get(tensor.op, 0), depth + 1)
        for tensor in self.inputs:  # those that no output needs
            if tensor.op not in self._found:
                self._found[tensor.op] = None
                self._order[owner(tensor.op)] = -1
                depths[tensor.op] = owners[owner(tensor.op)] = 0
        self._depth_of = owners
        return depths

    @property
    def _input_nodes(self) -> set[Operation]:
        return {t.op for t in self.inputs}

    def run(self, values: Iterable[Any]) -> list[Any]:
        """Return the outputs for values of the inputs."""
        found: dict[Tensor, Any] = dict(zip(self.inputs, values, strict=True))
        masks: dict[Tensor, Any] = {}  # of outputs, also when a later layer takes them off
        for node in self.nodes:
            if not all(t in found for t in node.outputs):
                found |= zip(node.outputs, self._outputs(node, found, masks), strict=False)
        return [found[t] for t in self.outputs]

    def _outputs(self, node: Operation, found: dict[Tensor, Any], masks: Any) -> list[Any]:
        call = node.definition
        if not isinstance(call, LayerCall):
            return again(node, [found[t] for t in node.inputs])
        values = [found[t] for t in needed(node)]
        known = [masks.get(t) for t in needed(node)]
        lost = call.takes_one and known[0] is not None and mask_of(values[0]) is None
        if lost and "mask" in signature_of(type(call.layer).call).names:
            outputs = call.layer(values[0], mask=known[0])
        else:
            outputs = call.call(values)
        leaves = [outputs] if isinstance(outputs, Tensor) else flatten(outputs)
        if call.masked:
            masks |= _masks(call, node.outputs, values, known, leaves)
        return leaves


def _masks(call: LayerCall, symbols: Any, values: list[Any], known: list[Any],
           leaves: list[Any]) -> dict[Tensor, Any]:  # fmt: skip
    """Return the masks of a call's outputs; those they do not carry follow from its inputs'."""
    found = {symbols[i]: mask_of(leaves[i]) for i in call.masked}
    if any(m is not None for m in known) and any(m is None for m in found.values()):
        inputs, before = call.filled(values)[0][:1], call.filled(known)[0][:1]
        made = flatten(call.layer.compute_mask(*inputs, *before)) if inputs else []
        for i in call.masked:
            if i < len(made) and found[symbols[i]] is None:
                found[symbols[i]] = made[i]
    return found


def _is_constant(who: Any) -> bool:
    return isinstance(who, Operation) and who.type == "constant"


def again(node: Operation, inputs: list[Any]) -> list[Any]:
    """Return the outputs of an ordinary op, called once more on other inputs."""
    definition = node.definition
    fixed = len(inputs) - node.deferred_count
    attributes = {k: fill(v, inputs) for k, v in node.attributes.items()}
    found = definition.apply(tuple(inputs[:fixed]), attributes)
    return found if isinstance(found, list) else [found]


def owner(node: Operation) -> Any:
    """Return the layer that a node calls; the node itself for an ordinary op."""
    definition = node.definition
    return definition.layer if isinstance(definition, LayerCall) else node


def needed(node: Operation) -> list[Tensor]:
    """Return the inputs of a node without the masks that they carry."""
    definition = node.definition
    count = definition.count if isinstance(definition, LayerCall) else len(node.inputs)
    return list(node.inputs[:count])
