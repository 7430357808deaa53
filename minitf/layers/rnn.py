"""RNN: a cell that is applied to each step of a sequence, and carries states from one to the next.

A cell computes one step: ``output, states = cell(inputs, states)``. An RNN applies it along the
second axis of its input. What is particular to it:

- A *mask* (batch, steps) says which steps count. At others the states stay as they are, and the
  output of the step before is repeated (or zero, with `zero_output_for_mask`).
- A *stateful* RNN begins a batch with the states in which the last one ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from minitf.errors import FailedPreconditionError, InvalidArgumentError, ShapeError, UsageError
from minitf.graph.context import init_scope
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten, is_nested, map_structure, pack_like
from minitf.layers.layer import Layer
from minitf.ops.array import expand_dims, known_size, transpose
from minitf.ops.filling import zeros
from minitf.ops.math import cast
from minitf.ops.rearrange import reverse
from minitf.ops.recurrence import recur
from minitf.ops.source import zeros_like
from minitf.ops.state import Variable
from minitf.ops.where import where
from minitf.serialization import deserialize_keras_object, serialize_keras_object

__all__ = ["RNN", "StackedRNNCells"]


class RNN(Layer):
    """A cell, applied to each step of a sequence.

    Parameters
    ----------
    cell : cell, or list of cells
        Anything with a method ``call(inputs, states)``, which returns an output and the next
        states, and a `state_size`: a size, or a list of sizes. It may also have an `output_size`
        and ``get_initial_state(batch_size=...)``. Cells in a list are stacked.
    return_sequences : bool
        Whether to return the outputs of all steps, or that of the last one.
    return_state : bool
        Whether to return the last states, too.
    go_backwards : bool
        Begin with the last step; the outputs come in that order.
    stateful : bool
        Begin each batch with the states in which the one before ended.
    unroll : bool
        Write every step into a graph, instead of a loop.
    zero_output_for_mask : bool
        Whether the output of a masked step is zero instead of that of the step before.
    **kwargs
        As of every layer.

    Notes
    -----
    Called as ``rnn(sequences, initial_state=None, mask=None, training=False)`` with sequences of
    shape (batch, steps, features). Returns (batch, steps, units) or (batch, units); with
    `return_state`, that and the states.

    Examples
    --------
    >>> from minitf import keras
    >>> class Sum(keras.layers.Layer):
    ...     state_size = 3
    ...     def call(self, inputs, states):
    ...         total = states[0] + inputs
    ...         return total, [total]
    >>> keras.layers.RNN(Sum())(keras.ops.ones((1, 5, 3))).numpy().tolist()
    [[5.0, 5.0, 5.0]]
    """

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.cell: Any = StackedRNNCells(cell) if isinstance(cell, (list, tuple)) else cell
        _check_cell(self.name, self.cell)
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.supports_masking = True
        self._memory = _Memory()

    # -- states -------------------------------------------------------------------------------

    @property
    def state_size(self) -> list[Any]:
        """Sizes of the states of the cell."""
        sizes = self.cell.state_size
        return list(sizes) if isinstance(sizes, (list, tuple)) else [sizes]

    @property
    def states(self) -> Any:
        """The states that a stateful layer keeps, Variables; None before it is built."""
        return self._memory.variables

    def get_initial_state(self, batch_size: Any) -> list[Any]:
        """Return the states before the first step: zeros, if the cell does not say otherwise."""
        states = first_states(self.cell, batch_size, self.compute_dtype)
        return list(states) if is_nested(states) else [states]

    def reset_state(self, states: Any = None) -> None:
        """Set the states that a stateful layer keeps, to zero by default.

        Raises
        ------
        FailedPreconditionError
            Where the layer keeps none.
        """
        if not self.stateful:
            raise FailedPreconditionError(f"layer {self.name!r}: only with stateful=True are "
                                          "states kept, which could be reset")  # fmt: skip
        kept = flatten(self.states)
        values = [zeros_like(v) for v in kept] if states is None else flatten(states)
        for variable, value in zip(kept, values, strict=True):
            variable.assign(value)

    reset_states = reset_state

    def _states(self, sequences: Any, given: Any) -> list[Any]:
        """Return the states to begin with, in the cell's compute dtype."""
        if given is None and self.stateful:
            given = self.states
            kept, got = flatten(given)[0].shape[0], sequences.shape[0]
            if got is not None and got != kept:
                raise ShapeError(f"layer {self.name!r} is stateful: it keeps the states of "
                                 f"{kept} sequences, got {got}")  # fmt: skip
        if given is None:
            given = self.get_initial_state(known_size(sequences, 0))
        states = list(given) if isinstance(given, (list, tuple)) else [given]
        if len(states) != len(self.state_size):
            raise InvalidArgumentError(f"layer {self.name!r} has {len(self.state_size)} state(s), "
                                       f"initial_state {len(states)}")  # fmt: skip
        dtype = getattr(self.cell, "compute_dtype", self.compute_dtype)
        return map_structure(lambda s: cast(as_tensor(s), dtype), states)

    # -- the layer ----------------------------------------------------------------------------

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build the cell for the shape of one step, and create the states to keep."""
        if len(sequences_shape) < 3:
            raise ShapeError(f"layer {self.name!r}: expected sequences (batch, steps, features), "
                             f"got shape {tuple(sequences_shape)}")  # fmt: skip
        batch = sequences_shape[0]
        build_cell(self.cell, (batch, *sequences_shape[2:]))
        if self.stateful:
            if batch is None:
                raise ShapeError(f"layer {self.name!r} is stateful: it needs to know how many "
                                 "sequences a batch has, say Input(batch_size=...)")  # fmt: skip
            with init_scope():
                self._memory.variables = map_structure(
                    lambda value: Variable(value, trainable=False, name="rnn_state"),
                    self.get_initial_state(batch),
                )

    def call(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: Any = False
    ) -> Any:
        """Return the outputs, or the last one, and the states where they are asked for."""
        states = self._states(sequences, initial_state)
        mask = None if mask is None else self._checked_mask(flatten(mask)[0], sequences)
        with ExitStack() as stack:
            for cell in _cells(self.cell):
                if hasattr(cell, "steady_masks"):
                    stack.enter_context(cell.steady_masks(known_size(sequences, 0), training))
            outputs, last = self._run(sequences, states, mask, training)
        if self.stateful:
            for variable, value in zip(flatten(self.states), flatten(last), strict=True):
                variable.assign(cast(value, variable.dtype))
        result = time_first(outputs) if self.return_sequences else outputs[-1]
        return (result, *last) if self.return_state else result

    def _checked_mask(self, mask: Any, sequences: Any) -> Any:
        mask = as_tensor(mask)
        if not mask.shape.is_compatible_with(sequences.shape[:2]):
            raise ShapeError(f"layer {self.name!r}: a mask has shape (batch, steps), here "
                             f"{sequences.shape[:2]}, got {mask.shape}")  # fmt: skip
        return cast(mask, "bool")

    def _run(self, sequences: Any, states: Any, mask: Any, training: Any) -> tuple[Any, Any]:
        """Apply the cell to each step; return the outputs (steps, batch, ...) and last states."""
        rows = [time_first(sequences, self.go_backwards)]
        if mask is not None:
            rows.append(time_first(mask, self.go_backwards))
        nothing = self._no_output(known_size(sequences, 0))

        def step(row: Any, carried: Any) -> Any:
            before, states = carried
            output, found = self._apply_cell(row[0], states, training)
            if mask is not None:
                output = _if(row[1], output, nothing if self.zero_output_for_mask else before)
                found = [_if(row[1], new, old) for new, old in zip(found, flatten(states))]
            return output, [output, pack_like(states, found)]

        outputs, (_, last) = recur(step, rows, [nothing, states], unroll=self.unroll)
        return outputs, last

    def _apply_cell(self, inputs: Any, states: Any, training: Any) -> tuple[Any, list[Any]]:
        """Return the output of one step, and the leaves of the next states."""
        if isinstance(self.cell, Layer):
            output, found = self.cell(inputs, states, training=training)
        else:
            output, found = self.cell.call(inputs, states)
        return output, flatten(found)

    def _no_output(self, batch: Any) -> Any:
        size = output_size(self.cell)
        sizes = size if isinstance(size, (list, tuple)) else [size]
        dtype = getattr(self.cell, "compute_dtype", self.compute_dtype)
        return zeros([batch, *sizes], dtype)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the mask of the outputs, if they are a sequence; the states have none."""
        mask = flatten(previous_mask)[0] if self.return_sequences else None
        return [mask, *[None] * len(self.state_size)] if self.return_state else mask

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        names = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll",
                 "zero_output_for_mask")  # fmt: skip
        own = {name: getattr(self, name) for name in names}
        return {**super().get_config(), **own, "cell": serialize_keras_object(self.cell)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Return the layer that a config describes."""
        cell = deserialize_keras_object(config["cell"], custom_objects=custom_objects)
        return cls(**{**config, "cell": cell})


class _Memory:
    """Keeps Variables that are no weights of the layer: files do not hold them."""

    variables: Any = None


class StackedRNNCells(Layer):
    """Several cells as one: the output of each is the input of the next.

    Parameters
    ----------
    cells : list of cells
        The first gets the inputs.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> cells = keras.layers.StackedRNNCells([keras.layers.GRUCell(4), keras.layers.GRUCell(2)])
    >>> keras.layers.RNN(cells)(keras.ops.ones((1, 5, 3))).shape
    (1, 2)
    """

    def __init__(self, cells: Sequence[Any], **kwargs: Any):
        super().__init__(**kwargs)
        for cell in cells:
            _check_cell(self.name, cell)
        self.cells = list(cells)

    @property
    def state_size(self) -> list[Any]:
        """The sizes of the states of each cell."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> Any:
        """The size of the output of the last cell."""
        return output_size(self.cells[-1])

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """Return the states of each cell before the first step."""
        return [first_states(cell, batch_size, self.compute_dtype) for cell in self.cells]

    def build(self, input_shape: Any) -> None:
        """Build each cell for the output of the one before."""
        for cell in self.cells:
            build_cell(cell, input_shape)
            input_shape = (input_shape[0], output_size(cell))

    def call(self, inputs: Any, states: Any, training: Any = False) -> Any:
        """Return the output of the last cell, and the next states of all."""
        after = []
        for cell, before in zip(self.cells, states, strict=True):
            given = list(before) if is_nested(before) else [before]
            apply = cell if isinstance(cell, Layer) else cell.call
            told = {"training": training} if isinstance(cell, Layer) else {}
            inputs, found = apply(inputs, given, **told)
            after.append(pack_like(before, flatten(found)))
        return inputs, after

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        cells = [serialize_keras_object(cell) for cell in self.cells]
        return {**super().get_config(), "cells": cells}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Return the layer that a config describes."""
        cells = [deserialize_keras_object(c, custom_objects=custom_objects)
                 for c in config["cells"]]  # fmt: skip
        return cls(**{**config, "cells": cells})


# -- about cells ----------------------------------------------------------------------------------


def _check_cell(name: str, cell: Any) -> None:
    for wanted in ("call", "state_size"):
        if not hasattr(cell, wanted):
            raise UsageError(f"layer {name!r}: a cell has a method call(inputs, states) and a "
                             f"state_size; {cell!r} has no {wanted}")  # fmt: skip


def _cells(cell: Any) -> Iterator[Any]:
    """Yield a cell, or the cells that are stacked in it."""
    if isinstance(cell, StackedRNNCells):
        for inner in cell.cells:
            yield from _cells(inner)
    else:
        yield cell


def build_cell(cell: Any, shape: Any) -> None:
    """Create the weights of a cell, if it is a layer that has none yet."""
    if isinstance(cell, Layer) and not cell.built:
        cell._build(tuple(shape))


def output_size(cell: Any) -> Any:
    """Return the size of what a cell gives: of its first state, if it does not say."""
    size = getattr(cell, "output_size", None)
    if size is not None:
        return size
    sizes = cell.state_size
    return sizes[0] if isinstance(sizes, (list, tuple)) else sizes


def first_states(cell: Any, batch_size: Any, dtype: Any) -> Any:
    """Return the states of a cell before the first step."""
    if hasattr(cell, "get_initial_state"):
        return cell.get_initial_state(batch_size=batch_size)
    dtype, sizes = getattr(cell, "compute_dtype", dtype), cell.state_size
    if isinstance(sizes, (list, tuple)):
        return [zeros([batch_size, size], dtype) for size in sizes]
    return zeros([batch_size, sizes], dtype)


# -- about sequences ------------------------------------------------------------------------------


def time_first(x: Any, backwards: bool = False) -> Any:
    """Swap the first two axes, batch and steps; begin with the last step where asked."""
    swapped = transpose(x, [1, 0, *range(2, len(x.shape))])
    return reverse(swapped, [0]) if backwards else swapped


def _if(valid: Any, new: Any, old: Any) -> Any:
    """Return what is new for the sequences whose step counts, what was for the others."""
    for _ in range(len(new.shape) - 1):
        valid = expand_dims(valid, -1)
    return where(valid, new, old)
