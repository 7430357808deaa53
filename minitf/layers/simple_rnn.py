"""SimpleRNN: a dense layer whose output comes back with the next input."""

from __future__ import annotations

from typing import Any

from minitf.layers.recurrent_cell import CellRNN, RecurrentCell, project

__all__ = ["SimpleRNN", "SimpleRNNCell"]


class SimpleRNNCell(RecurrentCell):
    """One step of `SimpleRNN`.

    Parameters
    ----------
    units : int
        Size of the output, which is the state.
    activation : str or function, optional
        tanh by default.
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
    seed : int, optional
        Makes what is dropped repeatable.
    **kwargs
        As of every layer.

    Notes
    -----
    ``h = activation(x @ kernel + h @ recurrent_kernel + bias)``.

    Examples
    --------
    >>> from minitf import keras
    >>> cell = keras.layers.SimpleRNNCell(4)
    >>> h, states = cell(keras.ops.ones((2, 3)), cell.get_initial_state(2))
    >>> h.shape, len(states)
    ((2, 4), 1)
    """

    def call(self, sequence: Any, states: Any, training: Any = False) -> Any:
        """Return the output, and the next state, which is the same."""
        input_masks, state_masks = self.masks(sequence, training)
        h = states[0] if isinstance(states, (list, tuple)) else states
        y = project(sequence, self.kernel, input_masks)
        if self.bias is not None:
            y = y + self.bias
        y = self.activation(y + project(h, self.recurrent_kernel, state_masks))
        return y, [y] if isinstance(states, (list, tuple)) else y


class SimpleRNN(CellRNN):
    """A recurrent layer whose state is its output.

    Parameters
    ----------
    units, activation, use_bias, dropout, recurrent_dropout, seed
        As of `SimpleRNNCell`, and so are the initializers, regularizers and constraints.
    activity_regularizer : str or Regularizer, optional
        What the outputs add to the loss.
    return_sequences, return_state, go_backwards, stateful, unroll
        As of `RNN`.
    **kwargs
        As of every layer.

    Notes
    -----
    ``h[t] = activation(x[t] @ kernel + h[t - 1] @ recurrent_kernel + bias)``. Gradients pass
    through one recurrent product per step, so they fade or explode over many of them.

    References
    ----------
    J. Elman, "Finding structure in time", Cognitive Science 14, 1990.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.SimpleRNN(4, return_sequences=True)(keras.ops.ones((2, 5, 3))).shape
    (2, 5, 4)
    """

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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ):
        kwargs.pop("implementation", None)
        cell = SimpleRNNCell(
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
            name="simple_rnn_cell",
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
        )
        super().__init__(
            cell,
            activity_regularizer=activity_regularizer,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            **kwargs,
        )
