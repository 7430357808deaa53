"""GRU: a recurrent layer whose gates say how much of its state to keep."""

from __future__ import annotations

from typing import Any

from minitf import activations
from minitf.kernels import recurrence  # noqa: F401  # attaches faster kernels
from minitf.layers.recurrent_cell import CellRNN, RecurrentCell, of_cell, project
from minitf.ops import gru
from minitf.ops.array import split
from minitf.ops.filling import zeros
from minitf.ops.linalg import matmul

__all__ = ["GRU", "GRUCell"]


class GRUCell(RecurrentCell):
    """One step of `GRU`.

    Parameters
    ----------
    units : int
        Size of the output, which is the state.
    activation : str or function, optional
        Of the state to go to; tanh by default.
    recurrent_activation : str or function, optional
        Of the gates; sigmoid by default.
    use_bias : bool
        Whether something is added.
    kernel_initializer, recurrent_initializer, bias_initializer : str or Initializer
        First values of the weights.
    kernel_regularizer, recurrent_regularizer, bias_regularizer : str or Regularizer, optional
        What they add to the loss.
    kernel_constraint, recurrent_constraint, bias_constraint : str or Constraint, optional
        What they are forced into after each step of training.
    dropout, recurrent_dropout : float
        Probability of each feature of the input, and of the state, to be dropped in training.
    reset_after : bool
        Whether the gate r works on the product with the state, or on the state before that.
    seed : int, optional
        Makes what is dropped repeatable.
    **kwargs
        As of every layer.

    Notes
    -----
    The weights hold the columns of z, r, g side by side::

        z, r = recurrent_activation(x W + b + h R + b')    what to keep, what to show to g
        g = activation(x W + b + r * (h R + b'))           what to go to, with reset_after
        g = activation(x W + b + (r * h) R)                ... and without: then there is no b'
        h = z * h + (1 - z) * g

    Examples
    --------
    >>> from minitf import keras
    >>> cell = keras.layers.GRUCell(4)
    >>> h, states = cell(keras.ops.ones((2, 3)), cell.get_initial_state(2))
    >>> h.shape, len(states)
    ((2, 4), 1)
    """

    gates = 3

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
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
        reset_after: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(
            units,
            activation,
            use_bias,
            kernel_initializer,
            recurrent_initializer,
            bias_initializer,
            kernel_regularizer,
            recurrent_regularizer,
            bias_regularizer,
            kernel_constraint,
            recurrent_constraint,
            bias_constraint,
            dropout,
            recurrent_dropout,
            seed,
            **kwargs,
        )
        self.recurrent_activation = activations.get(recurrent_activation or "linear")
        self.reset_after = reset_after

    @property
    def bias_shape(self) -> tuple[int, ...]:
        """Shape of the bias: with `reset_after`, b and b' are its rows."""
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def call(self, inputs: Any, states: Any, training: Any = False) -> Any:
        """Return the output, and the next state, which is the same."""
        input_masks, state_masks = self.masks(inputs, training)
        h = states[0] if isinstance(states, (list, tuple)) else states
        x = project(inputs, self.kernel, input_masks)  # (batch, 3 units)
        if self.bias is not None:
            x = x + (self.bias[0] if self.reset_after else self.bias)
        x_z, x_r, x_g = split(x, 3, -1)
        n_z, n_r, n = self._inner(h, state_masks)
        z, r = self.recurrent_activation(x_z + n_z), self.recurrent_activation(x_r + n_r)
        g = self.activation(x_g + n(r))
        y = z * h + (1 - z) * g
        return y, [y] if isinstance(states, (list, tuple)) else y

    def _inner(self, h: Any, masks: Any) -> tuple[Any, Any, Any]:
        """Return what the state adds to z and to r, and a function of r that it adds to g."""
        if self.reset_after:
            inner = project(h, self.recurrent_kernel, masks)
            z, r, n = split(inner if self.bias is None else inner + self.bias[1], 3, -1)
            return z, r, lambda gate: gate * n
        first, last = split(self.recurrent_kernel, [2 * self.units, self.units], 1)
        z, r = split(project(h, first, masks and masks[:2]), 2, -1)
        shown = h if masks is None else h * masks[2]
        return z, r, lambda gate: matmul(gate * shown, last)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal cell."""
        gate = activations.serialize(self.recurrent_activation)
        own = {"recurrent_activation": gate, "reset_after": self.reset_after}
        return {**super().get_config(), **own}


class GRU(CellRNN):
    """A recurrent layer of gated units.

    Parameters
    ----------
    units, activation, recurrent_activation, use_bias, dropout, recurrent_dropout, seed, reset_after
        As of `GRUCell`, and so are the initializers, regularizers and constraints.
    activity_regularizer : str or Regularizer, optional
        What the outputs add to the loss.
    return_sequences, return_state, go_backwards, stateful, unroll
        As of `RNN`.
    use_cudnn : "auto" or bool
        False computes with a loop over `GRUCell`. Otherwise, with the standard activations,
        `reset_after`, no `recurrent_dropout` and no `unroll`, the sequence is one op, which is
        faster.
    **kwargs
        As of every layer.

    Notes
    -----
    The formulas stand at `GRUCell`.

    References
    ----------
    K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical
    machine translation", 2014.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.GRU(4, return_sequences=True)(keras.ops.ones((2, 5, 3))).shape
    (2, 5, 4)
    """

    reset_after = of_cell("reset_after")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        reset_after: bool = True,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ):
        kwargs.pop("implementation", None)
        cell = GRUCell(
            units,
            activation,
            recurrent_activation,
            use_bias,
            kernel_initializer,
            recurrent_initializer,
            bias_initializer,
            kernel_regularizer,
            recurrent_regularizer,
            bias_regularizer,
            kernel_constraint,
            recurrent_constraint,
            bias_constraint,
            dropout,
            recurrent_dropout,
            reset_after,
            seed,
            name="gru_cell",
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
        )
        super().__init__(
            cell,
            use_cudnn=use_cudnn,
            activity_regularizer=activity_regularizer,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            **kwargs,
        )

    def _run(self, sequences: Any, states: Any, mask: Any, training: Any) -> tuple[Any, Any]:
        if not self._is_standard(GRUCell) or not self.reset_after:
            return super()._run(sequences, states, mask, training)
        cell = self.cell
        rows, valid = self._rows(sequences, mask, training)
        bias = zeros(cell.bias_shape, self.compute_dtype) if cell.bias is None else cell.bias
        hs, _ = gru.gru(rows, cell.kernel, cell.recurrent_kernel, bias, *states, valid)
        return self._masked(hs[1:], valid), [hs[-1]]
