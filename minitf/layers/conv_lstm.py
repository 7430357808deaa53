"""ConvLSTM: an LSTM over a sequence of images, whose products of matrices are convolutions.

Its states are images, too. So a gate at one place of an image depends on what was seen near that
place, and not everywhere; weights are shared by all places.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minitf.errors import InvalidArgumentError, ShapeError
from minitf.layers.arguments import choice, known, make, per_axis
from minitf.layers.input_spec import InputSpec
from minitf.layers.lstm import LSTMCell
from minitf.layers.recurrent_cell import CellRNN, of_cell, project
from minitf.layers.spatial import as_data_format
from minitf.ops.conv import conv
from minitf.ops.convolution import channels_last, channels_second
from minitf.ops.filling import zeros
from minitf.ops.windows import counts, slide

__all__ = ["ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"]

Numbers = int | Sequence[int]


class ConvLSTMCell(LSTMCell):
    """One step of `ConvLSTM2D`: an `LSTMCell` that convolves where that one multiplies.

    Attributes
    ----------
    rank : int
        Number of spatial axes.
    shape : tuple
        Of an output without its batch, channels last; known when the cell is built.
    """

    size_name = "filters"

    def __init__(self, rank: int, filters: int, kernel_size: Numbers, strides: Numbers,
                 padding: str, data_format: str | None, dilation_rate: Numbers,
                 **kwargs: Any):  # fmt: skip
        super().__init__(filters, **kwargs)
        self.rank, self.filters = rank, self.units
        self.kernel_size = per_axis(self, "kernel_size", kernel_size, rank)
        self.strides = per_axis(self, "strides", strides, rank)
        self.padding = choice(self, "padding", padding, ("valid", "same"))
        self.data_format = as_data_format(self, data_format)
        self.dilation_rate = per_axis(self, "dilation_rate", dilation_rate, rank)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise InvalidArgumentError(
                f"layer {self.name!r}: strides or dilation_rate must be 1, got {self.strides} and "
                f"{self.dilation_rate}"
            )
        self.shape: tuple[int, ...] = ()

    def build(self, input_shape: Any) -> None:
        """Create the weights for one image of a sequence."""
        *sizes, channels = known(self, self._to_last(input_shape[1:]))
        axes = slide(tuple(sizes), self.kernel_size, *self._how)
        width = self.gates * self.filters
        self.sizes, self.shape = (*sizes, channels), (*counts(axes), self.filters)
        self.kernel = make(self, "kernel", (*self.kernel_size, channels, width))
        self.recurrent_kernel = make(self, "recurrent", (*self.kernel_size, self.filters, width),
                                     name="recurrent_kernel")  # fmt: skip
        self.bias = None
        if self.use_bias:
            self.bias = make(self, "bias", self.bias_shape, initializer=self.first_bias)

    @property
    def _how(self) -> tuple[Any, ...]:
        return self.strides, self.dilation_rate, self.padding.upper()

    def _to_last(self, shape: Any) -> tuple[Any, ...]:
        """Return a shape without batch, channels last."""
        first = self.data_format == "channels_first"
        return (*shape[1:], shape[0]) if first else tuple(shape)

    @property
    def output_size(self) -> Any:
        """Shape of an output, without its batch."""
        first = self.data_format == "channels_first"
        return (self.shape[-1], *self.shape[:-1]) if first else self.shape

    @output_size.setter
    def output_size(self, size: int) -> None:
        """Ignore the size of an LSTM's output: an image has a shape."""

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """Return the states before the first step, zeros."""
        return [zeros([batch_size, *self.output_size], self.compute_dtype) for _ in range(2)]

    def mask_shapes(self, batch_size: Any) -> tuple[list[Any], list[Any]]:
        """Return the shapes of a mask of the inputs, and of the state."""
        return [batch_size, *self.sizes], [batch_size, *self.shape]

    def of_input(self, x: Any, masks: Any) -> Any:
        """Return ``x * W``, what the input adds to the gates."""
        strides, dilations, padding = self._how

        def slid(x: Any, kernel: Any) -> Any:
            return conv(x, kernel, strides, padding, dilations)

        return project(x, self.kernel, masks, slid)

    def of_state(self, h: Any, masks: Any) -> Any:
        """Return ``h * R``, what the state adds to the gates; its size does not change."""
        ones = (1,) * self.rank

        def slid(h: Any, kernel: Any) -> Any:
            return conv(h, kernel, ones, "SAME", ones)

        return project(h, self.recurrent_kernel, masks, slid)

    def call(self, inputs: Any, states: Any, training: Any = False) -> Any:
        """Return the output, and the next states: output and memory."""
        if self.data_format == "channels_last":
            return super().call(inputs, states, training)
        _, after = super().call(channels_last(inputs), list(map(channels_last, states)), training)
        h, c = map(channels_second, after)
        return h, [h, c]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal cell."""
        names = ("rank", "filters", "kernel_size", "strides", "padding", "data_format",
                 "dilation_rate")  # fmt: skip
        config = super().get_config()
        del config["units"]
        return {**config, **{name: getattr(self, name) for name in names}}


class ConvLSTM(CellRNN):
    """A ConvLSTM over images of a rank that subclasses say."""

    rank: int
    filters, kernel_size, strides = of_cell("filters"), of_cell("kernel_size"), of_cell("strides")
    padding, data_format = of_cell("padding"), of_cell("data_format")
    dilation_rate, unit_forget_bias = of_cell("dilation_rate"), of_cell("unit_forget_bias")

    def __init__(
        self,
        filters: int,
        kernel_size: Numbers,
        strides: Numbers = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Numbers = 1,
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
        **kwargs: Any,
    ):
        cell = ConvLSTMCell(
            self.rank,
            filters,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            name="conv_lstm_cell",
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
            **kwargs,
        )
        self.input_spec = InputSpec(ndim=self.rank + 3)

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build the cell for the shape of one image."""
        if len(sequences_shape) != self.rank + 3:
            raise ShapeError(f"layer {self.name!r}: expected sequences (batch, steps, {self.rank} "
                             "spatial axes and channels), got shape "
                             f"{tuple(sequences_shape)}")  # fmt: skip
        super().build(sequences_shape, initial_state_shape)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        config = super().get_config()
        del config["rank"]
        return config


class ConvLSTM1D(ConvLSTM):
    """An LSTM over a sequence of rows of vectors; see `ConvLSTM2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.ConvLSTM1D(4, 3)(keras.ops.ones((2, 5, 8, 1))).shape
    (2, 6, 4)
    """

    rank = 1


class ConvLSTM2D(ConvLSTM):
    """An LSTM over a sequence of images, whose states are images.

    Parameters
    ----------
    filters : int
        Number of channels of the output, and of the memory.
    kernel_size : int or (int, int)
        Rows and columns of the window, in the image and in the state.
    strides, padding, dilation_rate : as of `Conv2D`
        How the window slides over the input. Over the state it slides by 1, padded to keep its
        size.
    data_format : {"channels_last", "channels_first"}, optional
        Where channels stand: (batch, steps, rows, columns, channels), or before the rows.
    activation, recurrent_activation, use_bias, unit_forget_bias, dropout, recurrent_dropout, seed
        As of `LSTM`, and so are the initializers, regularizers and constraints.
    return_sequences, return_state, go_backwards, stateful
        As of `RNN`. The states are output and memory.
    **kwargs
        As of every layer.

    Raises
    ------
    InvalidArgumentError
        Where the size of the images is open: the states need it.

    Notes
    -----
    The formulas of `LSTMCell`, with a convolution ``*`` in the place of each product::

        i, f, o = recurrent_activation(x * W + h * R + b)
        g = activation(x * W + h * R + b)
        c = f c + i g
        h = o activation(c)

    Kernel (rows, columns, channels, 4 filters), recurrent kernel (rows, columns, filters,
    4 filters), bias (4 filters,).

    References
    ----------
    X. Shi et al., "Convolutional LSTM network: a machine learning approach for precipitation
    nowcasting", 2015 (there the memory also adds to the gates, which Keras leaves out, and so does
    this).

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.ConvLSTM2D(4, 3, padding="same", return_sequences=True)
    >>> layer(keras.ops.ones((2, 5, 8, 8, 1))).shape, [w.shape for w in layer.weights][:2]
    ((2, 5, 8, 8, 4), [(3, 3, 1, 16), (3, 3, 4, 16)])
    """

    rank = 2


class ConvLSTM3D(ConvLSTM):
    """An LSTM over a sequence of volumes; see `ConvLSTM2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.ConvLSTM3D(2, 3)(keras.ops.ones((1, 2, 4, 5, 6, 1))).shape
    (1, 2, 3, 4, 2)
    """

    rank = 3
