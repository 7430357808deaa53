"""Attention: for each query, the mean of the values, weighted by how well the keys match."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.errors import InvalidArgumentError, UsageError
from minitf.graph.convert import as_tensor
from minitf.layers.arguments import choice, fraction
from minitf.layers.layer import Layer
from minitf.ops.array import expand_dims, known_size
from minitf.ops.filling import range as numbers
from minitf.ops.linalg import matmul
from minitf.ops.logic import logical_and
from minitf.ops.math import abs_, cast
from minitf.ops.random import dropout as drop
from minitf.ops.reduction import reduce_sum
from minitf.ops.softmax import softmax
from minitf.ops.trigonometry import tanh
from minitf.ops.where import where

__all__ = ["AdditiveAttention", "Attention"]


class Attention(Layer):
    """Attention whose scores are products of queries and keys.

    Parameters
    ----------
    use_scale : bool
        Whether the scores are multiplied by a number that is learned.
    score_mode : {"dot", "concat"}
        Whether a score is ``q . k`` or ``weight * sum(tanh(q + k))``.
    dropout : float
        Probability of each weight to be dropped in training.
    seed : int, optional
        Makes what is dropped repeatable.
    **kwargs
        As of every layer.

    Notes
    -----
    Called as ``layer([query, value])`` or ``layer([query, value, key])`` of shapes (batch, T, n),
    (batch, S, m), (batch, S, n); the values are their own keys by default::

        weights = softmax(query key^T)          (batch, T, S)
        output = weights value                  (batch, T, m)

    ``mask=[query_mask, value_mask]``: a value that is masked gets no weight, a query that is masked
    the output 0. With ``use_causal_mask=True`` query i sees no value after i.
    ``return_attention_scores=True`` returns the weights, too.

    References
    ----------
    M. Luong, H. Pham and C. Manning, "Effective approaches to attention-based neural machine
    translation", 2015.

    Examples
    --------
    >>> from minitf import keras
    >>> query, value = keras.ops.ones((2, 3, 4)), keras.ops.ones((2, 5, 4))
    >>> keras.layers.Attention()([query, value]).shape
    (2, 3, 4)
    """

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.use_scale = use_scale
        self.score_mode = choice(self, "score_mode", score_mode, ("dot", "concat"))
        self.dropout = fraction(self, "dropout", dropout)
        self.seed = seed

    def build(self, input_shape: Any) -> None:
        """Create the numbers that are learned."""
        self._check_inputs(input_shape)
        self.scale = self.concat_score_weight = None
        if self.use_scale:
            self.scale = self.add_weight(name="scale", shape=(), initializer="ones")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight(
                name="concat_score_weight", shape=(), initializer="ones"
            )

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: Any = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """Return the outputs, and the weights where they are asked for."""
        self._check_inputs(inputs)
        query, value, *key = inputs
        query_mask, value_mask = self._masks(mask)
        scores = self._calculate_scores(query, key[0] if key else value)  # (batch, T, S)
        seen = None if value_mask is None else expand_dims(value_mask, -2)
        if use_causal_mask:
            seen = both(seen, causal_mask(known_size(scores, -2), known_size(scores, -1)))
        weights = softmax(scores if seen is None else where(seen, scores, scores - huge(scores)))
        dropped = weights
        if training and self.dropout > 0:
            dropped = drop(weights, self.dropout, seed=self.seed)
        output = matmul(dropped, value)
        if query_mask is not None:
            output = where(expand_dims(query_mask, -1), output, 0.0)
        return (output, dropped) if return_attention_scores else output

    def _calculate_scores(self, query: Any, key: Any) -> Any:
        """Return how well each key matches each query."""
        if self.score_mode == "dot":
            scores = matmul(query, key, transpose_b=True)
            return scores if self.scale is None else scores * self.scale
        sums = expand_dims(query, -2) + expand_dims(key, -3)  # (batch, T, S, n)
        sums = sums if self.scale is None else self.scale * sums
        return self.concat_score_weight * reduce_sum(tanh(sums), -1)

    def _check_inputs(self, inputs: Any) -> None:
        is_list = isinstance(inputs, (list, tuple)) and 2 <= len(inputs) <= 3
        if not is_list or isinstance(inputs[0], (int, type(None))):  # the shape of one tensor
            raise UsageError(f"layer {self.name!r} is called on a list [query, value] or "
                             f"[query, value, key], got {inputs!r}")  # fmt: skip

    def _masks(self, mask: Any) -> tuple[Any, Any]:
        if mask is None:
            return None, None
        if not isinstance(mask, (list, tuple)) or not 2 <= len(mask) <= 3:
            raise UsageError(f"layer {self.name!r}: mask is a list [query_mask, value_mask], got "
                             f"{mask!r}")  # fmt: skip
        return tuple(None if m is None else cast(as_tensor(m), "bool") for m in mask[:2])  # type: ignore[return-value]

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the mask of the query."""
        return None if previous_mask is None else previous_mask[0]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        names = ("use_scale", "score_mode", "dropout", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


class AdditiveAttention(Attention):
    """Attention whose scores are sums of a nonlinear function of query and key.

    Parameters
    ----------
    use_scale : bool
        Whether the features have weights in the sum, which are learned.
    dropout : float
        Probability of each weight to be dropped in training.
    **kwargs
        As of every layer, and `seed`.

    Notes
    -----
    ``score = sum(scale * tanh(query + key))``; the rest is as in `Attention`.

    References
    ----------
    D. Bahdanau, K. Cho and Y. Bengio, "Neural machine translation by jointly learning to align and
    translate", 2014.

    Examples
    --------
    >>> from minitf import keras
    >>> query, value = keras.ops.ones((2, 3, 4)), keras.ops.ones((2, 5, 4))
    >>> keras.layers.AdditiveAttention()([query, value]).shape
    (2, 3, 4)
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any):
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def build(self, input_shape: Any) -> None:
        """Create the weights of the features."""
        self._check_inputs(input_shape)
        self.scale = None
        if self.use_scale:
            self.scale = self.add_weight(
                name="scale", shape=(input_shape[0][-1],), initializer="glorot_uniform"
            )

    def _calculate_scores(self, query: Any, key: Any) -> Any:
        terms = tanh(expand_dims(query, -2) + expand_dims(key, -3))  # (batch, T, S, n)
        return reduce_sum(terms if self.scale is None else self.scale * terms, -1)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        config = super().get_config()
        del config["score_mode"]
        return config


# -- masks ----------------------------------------------------------------------------------------


def both(one: Any, other: Any) -> Any:
    """Return where two masks are true; None is true everywhere."""
    if one is None or other is None:
        return other if one is None else one
    return logical_and(one, other)


def causal_mask(queries: Any, keys: Any) -> Any:
    """Return a mask (1, T, S) that lets query i see the keys 0 to i."""
    return expand_dims(expand_dims(numbers(queries), 1) >= numbers(keys), 0)


def window_mask(queries: Any, keys: Any, width: int) -> Any:
    """Return a mask (1, T, S) that lets query i see the keys less than `width` away."""
    distance = abs_(expand_dims(numbers(queries), 1) - numbers(keys))
    return expand_dims(distance < width, 0)


def huge(scores: Any) -> float:
    """Return what to subtract from a score so that its weight becomes 0."""
    return 65504.0 if scores.dtype.numpy == np.float16 else 1e9


def positive_or_none(layer: Layer, name: str, value: Any) -> Any:
    """Return a whole number from 1 on, or None."""
    if value is None or (isinstance(value, int) and value > 0):
        return value
    raise InvalidArgumentError(
        f"layer {layer.name!r}: {name} is a whole number from 1 on, or None, got {value!r}"
    )
