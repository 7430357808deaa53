"""Embedding: a vector for each of a number of things."""

from __future__ import annotations

from typing import Any

from minitf.dtypes import int32, int64
from minitf.layers.arguments import describe, make, positive, refuse_quantization, settings, told
from minitf.layers.layer import Layer
from minitf.ops.gather import gather
from minitf.ops.logic import not_equal
from minitf.ops.math import cast

__all__ = ["Embedding"]


class Embedding(Layer):
    """Look up a trained vector for each whole number.

    Parameters
    ----------
    input_dim : int
        How many vectors there are: inputs are below this.
    output_dim : int
        Their length.
    embeddings_initializer, embeddings_regularizer, embeddings_constraint : optional
        Of the table.
    mask_zero : bool
        Whether 0 means "nothing here", and is masked.
    weights : array or list of one array, optional
        First values of the table, such as trained word vectors.
    input_length : int, optional
        Accepted for programs of tf.keras 2; not used.
    **kwargs
        As of every layer.

    Notes
    -----
    ``y[..., :] = embeddings[x[...], :]`` with embeddings of shape (input_dim, output_dim). The same
    as a `Dense` layer without bias on one-hot vectors, without the multiplications by 0.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.Embedding(10, 4, mask_zero=True)
    >>> layer(keras.ops.array([[1, 2, 0]])).shape
    (1, 3, 4)
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        input_length: Any = None,
        **kwargs: Any,
    ):
        refuse_quantization("Embedding", kwargs)
        super().__init__(**kwargs)
        self.input_dim = positive(self, "input_dim", input_dim)
        self.output_dim = positive(self, "output_dim", output_dim)
        describe(self, "embeddings", embeddings_initializer, embeddings_regularizer,
                 embeddings_constraint)  # fmt: skip
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero
        self.autocast = False  # whole numbers that arrive as floats must not lose digits
        if weights is not None:
            self.build()
            self.set_weights(weights if isinstance(weights, (list, tuple)) else [weights])

    def build(self, input_shape: Any = None) -> None:
        """Create the table; the inputs' shape does not matter."""
        if not self.built:
            self.embeddings = make(self, "embeddings", (self.input_dim, self.output_dim))
            self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the rows of the table that the inputs name."""
        rows = inputs if inputs.dtype in (int32, int64) else cast(inputs, int32)
        return cast(gather(self.embeddings, rows), self.compute_dtype)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return where the inputs are not 0, if 0 is masked."""
        return not_equal(inputs, 0) if self.mask_zero else None

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        names = ("input_dim", "output_dim", *told("embeddings"), "activity_regularizer",
                 "mask_zero")  # fmt: skip
        return {**super().get_config(), **settings(self, *names)}
