"""LSTM: a recurrent layer with a memory that gates protect."""

from __future__ import annotations

from typing import Any

from minitf import activations
from minitf.kernels import recurrence  # noqa: F401  # attaches faster kernels
from minitf.layers.recurrent_cell import CellRNN, RecurrentCell, of_cell, project
from minitf.ops import lstm
from minitf.ops.array import concat, split
from minitf.ops.filling import ones, zeros

__all__ = ["LSTM", "LSTMCell"]


class LSTMCell(RecurrentCell):
    """One step of `LSTM`.

    Parameters
    ----------
    units : int
        Size of the output, and of the memory.
    activation : str or function, optional
        Of what could be written, and of the memory; tanh by default.
    recurrent_activation : str or function, optional
        Of the gates; sigmoid by default.
    use_bias : bool
        Whether something is added.
    kernel_initializer, recurrent_initializer, bias_initializer : str or Initializer
        First values of the weights.
    unit_forget_bias : bool
        Whether the bias of the gate f begins with ones: then the memory is kept at first.
    kernel_regularizer, recurrent_regularizer, bias_regularizer : str or Regularizer, optional
        What the weights add to the loss.
    kernel_constraint, recurrent_constraint, bias_constraint : str or Constraint, optional
        What they are forced into after each step of training.
    dropout, recurrent_dropout : float
        Probability of each feature of the input, and of the state, to be dropped in training.
    seed : int, optional
        Makes what is dropped repeatable.
    **kwargs
        As of every layer.

    Notes
    -----
    The weights hold the columns of i, f, g, o side by side::

        i, f, o = recurrent_activation(x W + h R + b)    what to write, keep, show
        g = activation(x W + h R + b)                    what could be written
        c = f * c + i * g
        h = o * activation(c)

    Examples
    --------
    >>> from minitf import keras
    >>> cell = keras.layers.LSTMCell(4)
    >>> h, states = cell(keras.ops.ones((2, 3)), cell.get_initial_state(2))
    >>> h.shape, len(states)
    ((2, 4), 2)
    """

    gates = 4

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
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
        self.unit_forget_bias = unit_forget_bias
        self.state_size = [self.units, self.units]

    def first_bias(self, shape: Any, dtype: Any = None) -> Any:
        """Return the first values of the bias: 1 for the gate f, where that is asked for."""
        if not self.unit_forget_bias:
            return self.bias_initializer(shape, dtype=dtype)
        i, g_o = (self.bias_initializer((n * self.units,), dtype=dtype) for n in (1, 2))
        return concat([i, ones((self.units,), dtype), g_o], 0)

    def of_input(self, x: Any, masks: Any) -> Any:
        """Return ``x W``, what the input adds to the gates."""
        return project(x, self.kernel, masks)

    def of_state(self, h: Any, masks: Any) -> Any:
        """Return ``h R``, what the state adds to the gates."""
        return project(h, self.recurrent_kernel, masks)

    def call(self, inputs: Any, states: Any, training: Any = False) -> Any:
        """Return the output, and the next states: output and memory."""
        h, c = states
        input_masks, state_masks = self.masks(inputs, training)
        z = self.of_input(inputs, input_masks) + self.of_state(h, state_masks)  # (batch, 4 units)
        i, f, g, o = split(z if self.bias is None else z + self.bias, 4, -1)
        gate = self.recurrent_activation
        c = gate(f) * c + gate(i) * self.activation(g)
        h = gate(o) * self.activation(c)
        return h, [h, c]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal cell."""
        gate = activations.serialize(self.recurrent_activation)
        own = {"recurrent_activation": gate, "unit_forget_bias": self.unit_forget_bias}
        return {**super().get_config(), **own}


class LSTM(CellRNN):
    """A recurrent layer of long short-term memory.

    Parameters
    ----------
    units, activation, recurrent_activation, use_bias, unit_forget_bias, dropout, \
recurrent_dropout, seed
        As of `LSTMCell`, and so are the initializers, regularizers and constraints.
    activity_regularizer : str or Regularizer, optional
        What the outputs add to the loss.
    return_sequences, return_state, go_backwards, stateful, unroll
        As of `RNN`. The states are output and memory.
    use_cudnn : "auto" or bool
        False computes with a loop over `LSTMCell`. Otherwise, with the standard activations, no
        `recurrent_dropout` and no `unroll`, the sequence is one op, which is faster.
    **kwargs
        As of every layer.

    Notes
    -----
    The memory c changes by sums, so gradients survive many steps; the formulas stand at `LSTMCell`.

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997;
    F. Gers, J. Schmidhuber and F. Cummins, "Learning to forget", Neural Computation 12(10), 2000.

    Examples
    --------
    >>> from minitf import keras
    >>> lstm = keras.layers.LSTM(4, return_state=True, name="lstm")
    >>> y, h, c = lstm(keras.ops.ones((2, 5, 3)))
    >>> y.shape, c.shape, [w.path for w in lstm.weights][0]
    ((2, 4), (2, 4), 'lstm/lstm_cell/kernel')
    """

    unit_forget_bias = of_cell("unit_forget_bias")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
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
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ):
        kwargs.pop("implementation", None)
        cell = LSTMCell(
            units,
            activation,
            recurrent_activation,
            use_bias,
            kernel_initializer,
            recurrent_initializer,
            bias_initializer,
            unit_forget_bias,
            kernel_regularizer,
            recurrent_regularizer,
            bias_regularizer,
            kernel_constraint,
            recurrent_constraint,
            bias_constraint,
            dropout,
            recurrent_dropout,
            seed,
            name="lstm_cell",
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
        if not self._is_standard(LSTMCell):
            return super()._run(sequences, states, mask, training)
        cell = self.cell
        rows, valid = self._rows(sequences, mask, training)
        bias = zeros(cell.bias_shape, self.compute_dtype) if cell.bias is None else cell.bias
        hs, cs, _ = lstm.lstm(rows, cell.kernel, cell.recurrent_kernel, bias, *states, valid)
        return self._masked(hs[1:], valid), [hs[-1], cs[-1]]
