"""Layers called on symbolic tensors: the graph whose Operations are layers.

`Input` gives a Tensor without a value: an edge of a LayerGraph. A layer called on such a Tensor
computes nothing. The call is written down as an Operation whose definition is a `LayerCall`, and
the shapes of its outputs are found by tracing the layer's `call`. Ordinary ops on such a Tensor are
written into the same graph, so ``x + y`` and ``tf.reduce_mean(x)`` work as well.

A functional model is what lies between its inputs and outputs in this graph (see
`minitf.models.functional`).

Who points to whom: a Tensor to its Operation, an Operation to its inputs and its layer, a layer to
the Operations of its calls. The graph itself keeps nothing, so that a model is freed when the
program forgets it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from minitf.dtypes import as_dtype, bool_
from minitf.errors import InvalidArgumentError
from minitf.graph.context import init_scope, name_scope, set_context
from minitf.graph.graph import Graph
from minitf.graph.nest import flatten, pack_like
from minitf.graph.operation import Operation
from minitf.graph.spec import TensorSpec
from minitf.graph.tensor import Tensor
from minitf.graph.trace import FunctionGraph
from minitf.layers.calls import mask_of
from minitf.layers.layer import Layer, set_call_writer
from minitf.layers.shapes import shapes_of
from minitf.naming import forget_names
from minitf.ops.source import placeholder


class LayerGraph(Graph):
    """A graph of layer calls, into which ops write where they get one of its tensors."""

    grows = True

    def add(self, *args: Any, **kwargs: Any) -> Operation:
        """Write an operation down, and let its tensors alone keep it."""
        node = super().add(*args, **kwargs)
        self.operations.clear()
        self._by_name.clear()
        return node

    def capture(self, tensor: Tensor) -> Tensor:
        """Return the tensor of this graph that stands for a value from outside."""
        inner = super().capture(tensor)
        self._captured.clear()
        return inner

    def __repr__(self) -> str:
        return "<the graph of layers>"


LAYERS = LayerGraph("layers")


@dataclass(frozen=True)
class Hole:
    """Stands in the arguments of a recorded call for the input of that number."""

    position: int


class LayerCall:
    """One call of a layer, as the definition of an Operation.

    Attributes
    ----------
    layer : Layer
        Who is called.
    arguments : (tuple, dict)
        Positional and keyword arguments, with a `Hole` for every symbolic tensor.
    count : int
        How many inputs of the Operation fill holes; the masks of some of them follow.
    structure : nested structure
        The form of the outputs; an Operation's outputs are these, and behind them their masks.
    """

    stateful = ordered = writes = False
    variable = None

    def __init__(self, layer: Layer, arguments: Any, count: int):
        self.layer, self.arguments, self.count = layer, arguments, count
        self.takes_one = arguments == ((Hole(0),), {})
        self.name = layer.name
        self.structure: Any = None
        self.outputs = 0
        self.masked: list[int] = []

    def call(self, values: Any) -> Any:
        """Call the layer with values in the places of the symbolic tensors."""
        if self.takes_one:
            return self.layer(values[0])
        args, kwargs = self.filled(values)
        return self.layer(*args, **kwargs)

    def filled(self, values: Any) -> Any:
        """Return the arguments with values in the places of the symbolic tensors."""
        leaves = flatten(self.arguments)
        filled = [values[v.position] if isinstance(v, Hole) else v for v in leaves]
        return pack_like(self.arguments, filled)

    def infer(self, inputs: list[Tensor], masks: list[Tensor | None]) -> list[TensorSpec]:
        """Trace the layer on inputs like these and return the specs of its outputs and masks."""
        graph = FunctionGraph(self.layer.name)
        with init_scope(), graph.as_default():
            stand_ins = [_stand_in(t, mask) for t, mask in zip(inputs, masks, strict=True)]
            outputs = self.call(stand_ins)
        self.layer.clear_losses()
        leaves = flatten(outputs)
        self.structure, self.outputs = pack_like(outputs, range(len(leaves))), len(leaves)
        self.masked = [i for i, t in enumerate(leaves) if mask_of(t) is not None]
        self._check(leaves)
        return [t.spec for t in leaves] + [mask_of(leaves[i]).spec for i in self.masked]

    def _check(self, leaves: list[Any]) -> None:
        strange = next((t for t in leaves if not isinstance(t, Tensor)), self)
        if strange is not self:
            raise InvalidArgumentError(
                f"layer {self.name!r} returned {strange!r} where a tensor is expected"
            )


def _stand_in(tensor: Tensor, mask: Tensor | None) -> Tensor:
    made = placeholder(tensor.dtype, tensor.shape)
    if mask is not None:
        made._keras_mask = placeholder(bool_, mask.shape)
    return made


def is_symbolic(value: Any) -> bool:
    """Return whether a value is an edge of the graph of layers.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.backend.is_keras_tensor(keras.Input((3,)))
    True
    """
    return type(value) is Tensor and value.operation is not None and value.operation.graph is LAYERS


is_keras_tensor = is_symbolic  # Keras' name for it


class _SymbolicTensors(type):
    """The type of `KerasTensor`, of which every edge of the graph of layers is an instance."""

    def __instancecheck__(cls, value: Any) -> bool:
        return is_symbolic(value)


class KerasTensor(metaclass=_SymbolicTensors):
    """An edge of the graph of layers, which programs ask for with `isinstance`.

    Parameters
    ----------
    shape : tuple of int or None
        With the batch axis.
    dtype : str
        Element type.
    name : str, optional
        Its name.

    Examples
    --------
    >>> from minitf import keras
    >>> x = keras.Input((3,))
    >>> isinstance(x, keras.KerasTensor), isinstance(x + 1, keras.KerasTensor)
    (True, True)
    >>> isinstance(keras.ops.ones((2, 3)), keras.KerasTensor)
    False
    """

    def __new__(cls, shape: Any, dtype: str = "float32", name: str | None = None) -> Any:
        """Return an input of the graph."""
        return Input(batch_shape=shape, dtype=dtype, name=name)


def write_call(layer: Layer, args: Any, kwargs: Any) -> Any:
    """Write the call of a layer down; return its outputs, symbolic."""
    leaves = flatten((args, kwargs))
    tensors = [leaf for leaf in leaves if is_symbolic(leaf)]
    numbers = iter(range(len(tensors)))
    holes = [Hole(next(numbers)) if is_symbolic(leaf) else leaf for leaf in leaves]
    call = LayerCall(layer, pack_like((args, kwargs), holes), len(tensors))
    masks = [mask_of(t) for t in tensors]
    specs = call.infer(tensors, masks)
    return _write(call, (*tensors, *[m for m in masks if m is not None]), specs)


def _write(call: LayerCall, inputs: tuple[Tensor, ...], specs: list[TensorSpec]) -> Any:
    with init_scope(), set_context(graph=LAYERS), name_scope(None):
        node = LAYERS.add(call, inputs, {}, specs, name="layer")
    node.name = call.name
    for i, mask in zip(call.masked, node.outputs[call.outputs :], strict=True):
        node.outputs[i]._keras_mask = mask
    call.layer._inbound_nodes.append(node)
    return pack_like(call.structure, node.outputs[: call.outputs])


def infer_shapes(layer: Layer, *shapes: Any, **named: Any) -> Any:
    """Return the shapes of the outputs for shapes of the inputs, by tracing the layer.

    Every argument of `call` is given by its shape; keywords end in ``_shape``.
    """
    graph = FunctionGraph(layer.name)
    with init_scope(), graph.as_default():
        args = [stand_ins(shape, layer.compute_dtype) for shape in shapes]
        kwargs = {k.removesuffix("_shape"): stand_ins(v, layer.compute_dtype)
                  for k, v in named.items() if v is not None}  # fmt: skip
        if len(kwargs) == 1 and not args:
            args, kwargs = list(kwargs.values()), {}
        outputs = layer(*args, **kwargs)
    layer.clear_losses()
    return shapes_of(outputs)


def stand_ins(shapes: Any, dtype: Any = "float32") -> Any:
    """Return placeholders for a shape, or for a list or dict of shapes."""
    if isinstance(shapes, dict):
        return {key: stand_ins(shape, dtype) for key, shape in shapes.items()}
    if any(isinstance(size, (list, tuple)) for size in shapes):
        return [stand_ins(shape, dtype) for shape in shapes]
    return placeholder(dtype, tuple(shapes))


set_call_writer(write_call, is_symbolic, infer_shapes)


class InputLayer(Layer):
    """The layer that stands for an input of a functional model.

    Parameters
    ----------
    shape : tuple of int or None
        Without the batch axis.
    batch_size : int, optional
        Size of the batch axis, where it is fixed.
    dtype : str, optional
        Element type; float32 by default.
    batch_shape : tuple, optional
        With the batch axis, instead of `shape`.
    name : str, optional
        Its name.

    Raises
    ------
    InvalidArgumentError
        Without a shape, or with two.
    """

    def __init__(self, shape: Any = None, batch_size: int | None = None, dtype: Any = None,
                 sparse: Any = None, ragged: Any = None, batch_shape: Any = None,
                 input_tensor: Any = None, optional: bool = False, name: str | None = None,
                 input_shape: Any = None, **kwargs: Any):  # fmt: skip
        super().__init__(name=name or kwargs.pop("_name", None), dtype=_input_dtype(dtype))
        shape = input_shape if shape is None else shape
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        if sparse or ragged:
            raise InvalidArgumentError(
                "Input: models of minitf take dense tensors: give them ragged.to_tensor(), or "
                "tf.sparse.to_dense(sparse)"
            )
        if (shape is None) == (batch_shape is None):
            raise InvalidArgumentError("Input: give either shape= or batch_shape=")
        if batch_shape is None:
            sizes = (shape,) if isinstance(shape, int) else tuple(shape)
            batch_shape = (batch_size, *sizes)
        self.batch_shape = tuple(batch_shape)
        self.optional = optional
        self.built = True
        spec = TensorSpec(self.batch_shape, as_dtype(self.dtype))
        call = LayerCall(self, ((), {}), 0)
        call.structure, call.outputs = 0, 1
        self._symbol = _write(call, (), [spec])

    def call(self, *args: Any) -> Any:
        """Do nothing: a value takes its place."""
        raise InvalidArgumentError(f"{self.name!r} is an Input, which is not called")

    @property
    def dtype(self) -> str:
        """Element type of the input."""
        return self.variable_dtype

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal layer."""
        return {"batch_shape": self.batch_shape, "dtype": self.dtype, "sparse": False,
                "ragged": False, "name": self.name, "optional": self.optional}  # fmt: skip


def _input_dtype(dtype: Any) -> str | None:
    return None if dtype is None else as_dtype(dtype).name


def Input(shape: Any = None, batch_size: int | None = None, dtype: Any = None, sparse: Any = None,
          batch_shape: Any = None, name: str | None = None, tensor: Any = None,
          optional: bool = False, ragged: Any = None, type_spec: Any = None) -> Tensor:  # fmt: skip
    """Return a symbolic tensor: an input of a functional model.

    Parameters
    ----------
    shape : tuple of int or None
        Without the batch axis; None for a size that may differ.
    batch_size : int, optional
        Size of the batch axis, where it is fixed.
    dtype : str, optional
        Element type; float32 by default.
    batch_shape : tuple, optional
        With the batch axis, instead of `shape`.
    name : str, optional
        Its name, by which `fit` finds it in a dict of arrays.

    Returns
    -------
    Tensor
        An edge of the graph of layers.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.Input(shape=(28, 28)).shape
    (None, 28, 28)
    """
    if type_spec is not None:
        batch_shape, dtype = type_spec.shape, type_spec.dtype
    if tensor is not None:
        batch_shape, dtype, shape = tensor.shape, tensor.dtype, None
    made = InputLayer(shape, batch_size, dtype, sparse, ragged, batch_shape, None, optional, name)
    return made._symbol


def clear_session(free_memory: bool = True) -> None:
    """Let the names of layers count from the beginning again.

    Parameters
    ----------
    free_memory : bool
        Accepted as in Keras; a model is freed when the program forgets it.
    """
    forget_names()
    LAYERS._used_names.clear()
