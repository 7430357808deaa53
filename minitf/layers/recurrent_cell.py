"""What the cells of SimpleRNN, LSTM and GRU share, and what these layers share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from minitf import activations, regularizers
from minitf.errors import InvalidArgumentError
from minitf.layers.arguments import describe, make, positive, settings, size_along, told
from minitf.layers.input_spec import InputSpec
from minitf.layers.layer import Layer
from minitf.layers.rnn import RNN, time_first
from minitf.ops.array import concat, expand_dims, known_size, split
from minitf.ops.cumulative import cumsum
from minitf.ops.filling import ones, zeros
from minitf.ops.linalg import matmul
from minitf.ops.math import cast
from minitf.ops.random import dropout as drop
from minitf.ops.source import zeros_like
from minitf.ops.where import where

STANDARD = (activations.tanh, activations.sigmoid)
WEIGHTS = told("kernel", "recurrent", "bias")


class RecurrentCell(Layer):
    """A cell whose gates are functions of ``x @ kernel + h @ recurrent_kernel + bias``.

    Both matrices hold the weights of all gates side by side. What is dropped is drawn once per
    sequence (Gal and Ghahramani, "A theoretically grounded application of dropout in recurrent
    neural networks", 2016), and for each gate anew where the state is dropped as well.

    Attributes
    ----------
    gates : int
        How many blocks of columns the matrices have.
    size_name : str
        What the argument `units` is called by the user.
    """

    gates = 1
    size_name = "units"
    bias_initializer: Any

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ):
        kwargs.pop("implementation", None)  # of Keras, whose results do not depend on it
        super().__init__(**kwargs)
        self.units = positive(self, self.size_name, units)
        self.activation = activations.get(activation or "linear")
        self.use_bias = use_bias
        describe(self, "kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        describe(self, "recurrent", recurrent_initializer, recurrent_regularizer,
                 recurrent_constraint)  # fmt: skip
        describe(self, "bias", bias_initializer, bias_regularizer, bias_constraint)
        self.dropout = min(1.0, max(0.0, dropout))
        self.recurrent_dropout = min(1.0, max(0.0, recurrent_dropout))
        self.seed = seed
        self.state_size: Any = self.units
        self.output_size = self.units
        self._masks: Any = None

    def build(self, input_shape: Any) -> None:
        """Create the weights for one step of the inputs."""
        features, width = size_along(self, input_shape, -1), self.gates * self.units
        self.kernel = make(self, "kernel", (features, width))
        self.recurrent_kernel = make(
            self, "recurrent", (self.units, width), name="recurrent_kernel"
        )
        self.bias = None
        if self.use_bias:
            self.bias = make(self, "bias", self.bias_shape, initializer=self.first_bias)

    @property
    def bias_shape(self) -> tuple[int, ...]:
        """Shape of the bias."""
        return (self.gates * self.units,)

    def first_bias(self, shape: Any, dtype: Any = None) -> Any:
        """Return the first values of the bias."""
        return self.bias_initializer(shape, dtype=dtype)

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """Return the states before the first step, zeros."""
        sizes = self.state_size if isinstance(self.state_size, list) else [self.state_size]
        return [zeros([batch_size, size], self.compute_dtype) for size in sizes]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal cell."""
        names = ("units", "activation", "use_bias", "dropout", "recurrent_dropout", "seed")
        return {**super().get_config(), **settings(self, *names, *WEIGHTS)}

    # -- dropout ------------------------------------------------------------------------------

    @contextmanager
    def steady_masks(self, batch_size: Any, training: Any) -> Iterator[None]:
        """Drop the same features at every step that is taken inside the block."""
        self._masks = self._draw_masks(batch_size, training)
        try:
            yield
        finally:
            self._masks = None

    def masks(self, inputs: Any, training: Any) -> tuple[Any, Any]:
        """Return what to multiply inputs and state with: a mask per gate, one for all, or None."""
        return self._masks or self._draw_masks(known_size(inputs, 0), training)

    def mask_shapes(self, batch_size: Any) -> tuple[list[Any], list[Any]]:
        """Return the shapes of a mask of the inputs, and of the state."""
        return [batch_size, self.kernel.shape[0]], [batch_size, self.units]

    def _draw_masks(self, batch_size: Any, training: Any) -> tuple[Any, Any]:
        count = self.gates if self.recurrent_dropout else 1
        shapes = self.mask_shapes(batch_size)
        rates = self.dropout, self.recurrent_dropout
        return tuple(  # type: ignore[return-value]
            [drop(ones(shape, self.compute_dtype), rate, seed=self.seed) for _ in range(count)]
            if training and 0 < rate < 1
            else None
            for shape, rate in zip(shapes, rates, strict=True)
        )


def project(x: Any, kernel: Any, masks: Any, multiply: Any = matmul) -> Any:
    """Return ``x @ kernel``, where each gate's block of columns may see x under its own mask."""
    if masks is None or len(masks) == 1:
        return multiply(x if masks is None else x * masks[0], kernel)
    blocks = split(kernel, len(masks), axis=-1)
    return concat([multiply(x * m, k) for m, k in zip(masks, blocks, strict=True)], -1)


def of_cell(name: str) -> Any:
    """Return a property that reads an attribute of the cell."""
    return property(lambda self: getattr(self.cell, name), doc=f"The `{name}` of the cell.")


class CellRNN(RNN):
    """An RNN around one cell of this package, whose arguments are its own."""

    units, use_bias, activation = of_cell("units"), of_cell("use_bias"), of_cell("activation")
    dropout, recurrent_dropout = of_cell("dropout"), of_cell("recurrent_dropout")
    recurrent_activation = of_cell("recurrent_activation")

    def __init__(self, cell: Any, use_cudnn: Any = "auto", **kwargs: Any):
        if use_cudnn not in ("auto", True, False):
            raise InvalidArgumentError(f"use_cudnn is 'auto', True or False, got {use_cudnn!r}")
        super().__init__(cell, **kwargs)
        self.use_cudnn = use_cudnn
        self.input_spec = InputSpec(ndim=3)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer: the cell's are among them."""
        cell, config = self.cell.get_config(), super().get_config()
        del config["cell"]
        activity = regularizers.serialize(self.activity_regularizer)
        return {**cell, **config, "activity_regularizer": activity}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Return the layer that a config describes."""
        return cls(**config)

    # -- the whole sequence as one op ---------------------------------------------------------

    def _is_standard(self, cell_class: Any) -> bool:
        """Return whether the op for whole sequences computes what the cell does."""
        cell: Any = self.cell
        return (
            type(cell) is cell_class
            and (cell.activation, cell.recurrent_activation) == STANDARD
            and not cell.recurrent_dropout
            and not self.unroll
            and self.use_cudnn is not False
        )

    def _rows(self, sequences: Any, mask: Any, training: Any) -> tuple[Any, list[Any]]:
        """Return the inputs as (steps, batch, features) after dropout, and the mask likewise."""
        dropped, _ = self.cell.masks(sequences, training)
        if dropped is not None:
            sequences = sequences * expand_dims(dropped[0], 1)
        mask = [] if mask is None else [time_first(mask, self.go_backwards)]
        return time_first(sequences, self.go_backwards), mask

    def _masked(self, outputs: Any, mask: list[Any]) -> Any:
        """Return outputs without those of masked steps that repeat no output before them."""
        for valid in mask:
            if not self.zero_output_for_mask:  # a step is silent until the first that counts
                valid = cumsum(cast(valid, "int32"), 0) > 0
            outputs = where(expand_dims(valid, -1), outputs, zeros_like(outputs))
        return outputs


for _name in WEIGHTS:  # kernel_initializer, recurrent_regularizer, and so on, which programs read
    setattr(CellRNN, _name, of_cell(_name))
