"""Attention in several heads, each with projections of its own."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase
from typing import Any

from minitf import regularizers
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.layers.activation import Softmax
from minitf.layers.arguments import describe, fraction, positive, settings, told
from minitf.layers.attention import both, causal_mask, huge, positive_or_none, window_mask
from minitf.layers.calls import mask_of
from minitf.layers.einsum_dense import EinsumDense
from minitf.layers.layer import Layer
from minitf.layers.regularization import Dropout
from minitf.ops.array import expand_dims, known_size
from minitf.ops.einsum import einsum
from minitf.ops.math import cast
from minitf.ops.rearrange import repeat
from minitf.ops.where import where

__all__ = ["GroupQueryAttention", "GroupedQueryAttention", "MultiHeadAttention"]


class _HeadAttention(Layer):
    """What attention with heads shares: projections, masks, and the weighted mean."""

    use_bias: bool
    _scale: float  # of the scores
    _rate: float  # of dropout
    _window: int | None
    _equations: tuple[str, str]  # of scores and outputs
    _heads_axis: int  # of the scores
    _softmax: Softmax
    _dropout_layer: Dropout

    def _describe(self, kernel: Sequence[Any], bias: Sequence[Any], activity: Any) -> None:
        """Keep what the projections are told of their weights and outputs."""
        describe(self, "kernel", *kernel)
        describe(self, "bias", *bias)
        self._projections_activity = regularizers.get(activity)

    def _activity_config(self) -> dict[str, Any]:
        return {"activity_regularizer": regularizers.serialize(self._projections_activity)}

    def _project(self, name: str, shape: Any, sizes: Sequence[int], bound: int = 1,
                 activation: Any = None) -> EinsumDense:  # fmt: skip
        """Return a linear map of the last `bound` axes of an input to axes of these sizes."""
        free = len(shape) - bound
        letters = ascii_lowercase[: len(shape) + len(sizes)]
        rest, summed, made = letters[:free], letters[free : len(shape)], letters[len(shape) :]
        dense = EinsumDense(
            f"{rest}{summed},{summed}{made}->{rest}{made}",
            output_shape=[*[None] * (free - 1), *sizes],
            bias_axes=made if self.use_bias else None,
            activation=activation,
            activity_regularizer=self._projections_activity,
            name=name,
            dtype=self.dtype_policy,
            **{key: getattr(self, key) for key in told("kernel", "bias")},
        )
        dense._build(tuple(shape))
        return dense

    def _mask(self, query: Any, value: Any, masks: Sequence[Any], given: Any,
              causal: bool) -> Any:  # fmt: skip
        """Return which keys each query may see, (batch, T, S), from all that is said of it.

        Parameters
        ----------
        query, value : Tensor
            The inputs.
        masks : sequence of Tensor or None
            Of query, value, and key.
        given : Tensor or None
            An attention mask.
        causal : bool
            Whether query i sees no key after i.
        """
        seen = None if given is None else self._checked_mask(query, value, given)
        for mask, axis in zip(masks, (-1, -2, -2), strict=True):
            if mask is not None:
                seen = both(seen, expand_dims(cast(as_tensor(mask), "bool"), axis))
        sizes = known_size(query, 1), known_size(value, 1)
        if causal:
            seen = both(seen, causal_mask(*sizes))
        return seen if self._window is None else both(seen, window_mask(*sizes, self._window))

    def _checked_mask(self, query: Any, value: Any, given: Any) -> Any:
        seen = cast(as_tensor(given), "bool")
        wanted = (query.shape[1], value.shape[1])
        pairs = zip(seen.shape[-2:], wanted, strict=False)
        wrong = any(a not in (1, None, b) and b is not None for a, b in pairs)
        if query.ndim == 3 and (seen.ndim < 2 or wrong):
            raise ShapeError(
                f"layer {self.name!r}: attention_mask has shape (batch, T, S), here "
                f"(batch, {wanted[0]}, {wanted[1]}), got {tuple(seen.shape)}"
            )
        return seen

    def _attend(self, query: Any, key: Any, value: Any, seen: Any, training: Any,
                wants_weights: bool) -> tuple[Any, Any]:  # fmt: skip
        """Return the means of the values, and their weights."""
        scores, combine = self._equations
        weights = einsum(scores, query * self._scale, key)  # (batch, heads, T, S)
        if seen is not None:
            for _ in range(len(weights.shape) - len(seen.shape)):  # one mask for all heads
                seen = expand_dims(seen, self._heads_axis)
        if seen is None or self._rate > 0 or wants_weights or len(query.shape) != 4:
            weights = self._softmax(weights, mask=seen)
        else:  # as in Keras: who may see nothing sees everything, where nobody looks
            weights = self._softmax(where(seen, weights, -huge(weights)))
        dropped = self._dropout_layer(weights, training=training) if self._rate > 0 else weights
        return einsum(combine, dropped, value), weights


class MultiHeadAttention(_HeadAttention):
    """Attention in several heads.

    Parameters
    ----------
    num_heads : int
        How many.
    key_dim : int
        Size of queries and keys in each head.
    value_dim : int, optional
        Size of values in each head; `key_dim` by default.
    dropout : float
        Probability of each weight to be dropped in training.
    use_bias : bool
        Whether the projections add something.
    output_shape : int or tuple of int, optional
        Size of the output; that of the query by default.
    attention_axes : int or tuple of int, optional
        Axes along which queries attend to keys; all between batch and features by default.
    sliding_window : int, optional
        Let a query see only keys less than so many steps away.
    flash_attention : bool, optional
        Accepted as in Keras, without effect.
    kernel_initializer, bias_initializer : str or Initializer
        First values of the projections' weights.
    kernel_regularizer, bias_regularizer, activity_regularizer : str or Regularizer, optional
        What the projections' weights and outputs add to the loss.
    kernel_constraint, bias_constraint : str or Constraint, optional
        What their weights are forced into after each step of training.
    use_gate : bool
        Whether the outputs of the heads are multiplied by ``sigmoid`` of a projection of the query.
    seed : int, optional
        Makes what is dropped repeatable.
    **kwargs
        As of every layer.

    Notes
    -----
    Called as ``layer(query, value, key=value)`` with shapes (batch, T, n), (batch, S, m),
    (batch, S, m). In each head, with projections q, k, v::

        weights = softmax(q k^T / sqrt(key_dim))        (T, S)
        output = weights v                              (T, value_dim)

    and the outputs of all heads are projected to the size of the query. ``attention_mask``
    (batch, T, S) is true where a query may see a key; the masks that the inputs carry and, with
    ``use_causal_mask=True``, that of the past are combined with it. With
    ``return_attention_scores=True`` the weights (batch, heads, T, S) are returned, too.

    As in Keras, the output carries the mask of the query, and the inputs lose theirs: a layer that
    takes them afterwards sees no mask, except, in a functional model, one with a single input and
    an argument `mask`. Pass `attention_mask` where several layers of attention are to heed one.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", 2017, section 3.2.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.MultiHeadAttention(num_heads=2, key_dim=3)
    >>> x = keras.ops.ones((1, 5, 4))
    >>> y, weights = layer(x, x, use_causal_mask=True, return_attention_scores=True)
    >>> y.shape, weights.shape, weights[0, 0, 1].numpy().tolist()
    ((1, 5, 4), (1, 2, 5, 5), [0.5, 0.5, 0.0, 0.0, 0.0])
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.num_heads = positive(self, "num_heads", num_heads)
        self.key_dim = positive(self, "key_dim", key_dim)
        self.value_dim = self.key_dim if not value_dim else positive(self, "value_dim", value_dim)
        self.dropout = fraction(self, "dropout", dropout)
        self.use_bias, self.use_gate, self.seed = use_bias, use_gate, seed
        self._output_shape = _as_tuple(output_shape) if output_shape else None
        self._attention_axes = None if attention_axes is None else _as_tuple(attention_axes)
        self._window = positive_or_none(self, "sliding_window", sliding_window)
        self._describe(
            (kernel_initializer, kernel_regularizer, kernel_constraint),
            (bias_initializer, bias_regularizer, bias_constraint),
            activity_regularizer,
        )
        self._rate, self._scale = self.dropout, self.key_dim**-0.5

    attention_axes = property(lambda self: self._attention_axes, doc="Where queries attend.")
    query_dense = property(lambda self: self._query_dense, doc="The projection of the query.")
    key_dense = property(lambda self: self._key_dense, doc="The projection of the key.")
    value_dense = property(lambda self: self._value_dense, doc="The projection of the value.")
    output_dense = property(lambda self: self._output_dense, doc="That of all heads' outputs.")

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        """Create the projections."""
        key_shape = value_shape if key_shape is None else key_shape
        if tuple(value_shape[1:-1]) != tuple(key_shape[1:-1]):
            raise ShapeError(f"layer {self.name!r}: value and key differ in the last axis at most, "
                             f"got {value_shape} and {key_shape}")  # fmt: skip
        keys, values = (self.num_heads, self.key_dim), (self.num_heads, self.value_dim)
        self._query_dense = self._project("query", query_shape, keys)
        self._key_dense = self._project("key", key_shape, keys)
        if self.use_gate:
            self._gate_dense = self._project("gate", query_shape, values, activation="sigmoid")
        self._value_dense = self._project("value", value_shape, values)
        self._build_attention(len(query_shape))
        heads = (*query_shape[:-1], *values)
        output = self._output_shape or (query_shape[-1],)
        self._output_dense = self._project("attention_output", heads, output, bound=2)

    def _build_attention(self, rank: int) -> None:
        axes = self._attention_axes or range(1, rank - 1)
        self._attention_axes = tuple(axis if axis >= 0 else rank + axis for axis in axes)
        if not all(0 < axis < rank - 1 for axis in self._attention_axes):
            raise InvalidArgumentError(f"layer {self.name!r}: attention_axes are between batch and "
                                       f"features of {rank} axes, got {tuple(axes)}")  # fmt: skip
        count = len(self._attention_axes)
        self._equations = attention_equations(rank + 1, self._attention_axes)
        self._heads_axis = -2 * count - 1
        self._softmax = Softmax(axis=list(range(-count, 0)), dtype=self.dtype_policy)
        self._dropout_layer = Dropout(self.dropout, seed=self.seed, dtype=self.dtype_policy)

    def call(
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: Any = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """Return the outputs, and the weights where they are asked for."""
        key = value if key is None else key
        carried = mask_of(query)
        _drop_masks(query, value, key)
        seen = self._mask(query, value, (query_mask, value_mask, key_mask), attention_mask,
                          use_causal_mask)  # fmt: skip
        gate = self._gate_dense(query) if self.use_gate else None
        heads, weights = self._compute_attention(
            self._query_dense(query), self._key_dense(key), self._value_dense(value),
            seen, training, return_attention_scores,
        )  # fmt: skip
        output = self._output_dense(heads if gate is None else heads * gate)
        if carried is not None:
            output._keras_mask = carried
        return (output, weights) if return_attention_scores else output

    def _compute_attention(
        self,
        query: Any,
        key: Any,
        value: Any,
        attention_mask: Any = None,
        training: Any = None,
        return_attention_scores: bool = False,
    ) -> Any:
        """Return the outputs of the heads and the weights; subclasses may attend differently."""
        return self._attend(query, key, value, attention_mask, training, return_attention_scores)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        names = ("num_heads", "key_dim", "value_dim", "dropout", "use_bias", "use_gate", "seed",
                 "attention_axes", *told("kernel", "bias"))  # fmt: skip
        own = {"output_shape": self._output_shape, "sliding_window": self._window}
        return {**super().get_config(), **settings(self, *names), **own, **self._activity_config()}


class GroupedQueryAttention(_HeadAttention):
    """Attention in several heads, of which groups share keys and values.

    Parameters
    ----------
    head_dim : int
        Size of queries, keys and values in each head.
    num_query_heads, num_key_value_heads : int
        How many heads queries have, and how many keys and values; the first is a multiple of the
        second.
    dropout : float
        Probability of each weight to be dropped in training.
    use_bias : bool
        Whether the projections add something.
    sliding_window : int, optional
        Let a query see only keys less than so many steps away.
    flash_attention : bool, optional
        Accepted as in Keras, without effect.
    kernel_initializer, bias_initializer : str or Initializer
        First values of the projections' weights.
    kernel_regularizer, bias_regularizer, activity_regularizer : str or Regularizer, optional
        What the projections' weights and outputs add to the loss.
    kernel_constraint, bias_constraint : str or Constraint, optional
        What their weights are forced into after each step of training.
    use_gate : bool
        Whether the outputs of the heads are multiplied by ``sigmoid`` of a projection of the query.
    seed : int, optional
        Makes what is dropped repeatable.
    **kwargs
        As of every layer.

    Notes
    -----
    Called as `MultiHeadAttention` is. Fewer keys and values are to be kept while a text is written;
    with as many as queries it is `MultiHeadAttention`.

    References
    ----------
    J. Ainslie et al., "GQA: training generalized multi-query Transformer models from multi-head
    checkpoints", 2023.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.GroupQueryAttention(4, num_query_heads=6, num_key_value_heads=2)
    >>> x = keras.ops.ones((1, 5, 8))
    >>> layer(x, x).shape
    (1, 5, 8)
    """

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.head_dim = positive(self, "head_dim", head_dim)
        self.num_query_heads = positive(self, "num_query_heads", num_query_heads)
        self.num_key_value_heads = positive(self, "num_key_value_heads", num_key_value_heads)
        self.num_repeats, rest = divmod(self.num_query_heads, self.num_key_value_heads)
        if rest:
            raise InvalidArgumentError(f"layer {self.name!r}: num_query_heads is a multiple of "
                                       f"num_key_value_heads, got {num_query_heads} and "
                                       f"{num_key_value_heads}")  # fmt: skip
        self.dropout = fraction(self, "dropout", dropout)
        self.use_bias, self.use_gate, self.seed = use_bias, use_gate, seed
        self.sliding_window = positive_or_none(self, "sliding_window", sliding_window)
        self._describe(
            (kernel_initializer, kernel_regularizer, kernel_constraint),
            (bias_initializer, bias_regularizer, bias_constraint),
            activity_regularizer,
        )
        self.activity_regularizer = self._projections_activity
        self._window = self.sliding_window
        self._rate, self._scale = self.dropout, self.head_dim**-0.5
        self._equations, self._heads_axis = attention_equations(4, (1,)), -3

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        """Create the projections."""
        key_shape = value_shape if key_shape is None else key_shape
        queries = (self.num_query_heads, self.head_dim)
        keys = (self.num_key_value_heads, self.head_dim)
        self._query_dense = self._project("query", query_shape, queries)
        self._key_dense = self._project("key", key_shape, keys)
        if self.use_gate:
            self._gate_dense = self._project("gate", query_shape, queries, activation="sigmoid")
        self._value_dense = self._project("value", value_shape, keys)
        self._softmax = Softmax(axis=-1, dtype=self.dtype_policy)
        self._dropout_layer = Dropout(self.dropout, seed=self.seed, dtype=self.dtype_policy)
        self._output_dense = self._project(
            "attention_output", (*query_shape[:-1], *queries), (query_shape[-1],), bound=2
        )

    def call(
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: Any = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """Return the outputs, and the weights where they are asked for."""
        key = value if key is None else key
        seen = self._mask(query, value, (query_mask, value_mask, key_mask), attention_mask,
                          use_causal_mask)  # fmt: skip
        gate = self._gate_dense(query) if self.use_gate else None
        keys = repeat(self._key_dense(key), self.num_repeats, axis=2)
        values = repeat(self._value_dense(value), self.num_repeats, axis=2)
        heads, weights = self._attend(self._query_dense(query), keys, values, seen, training,
                                      return_attention_scores)  # fmt: skip
        output = self._output_dense(heads if gate is None else heads * gate)
        return (output, weights) if return_attention_scores else output

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        names = ("head_dim", "num_query_heads", "num_key_value_heads", "use_bias", "use_gate",
                 "sliding_window", "dropout", "seed", *told("kernel", "bias"))  # fmt: skip
        return {**super().get_config(), **settings(self, *names), **self._activity_config()}


GroupQueryAttention = GroupedQueryAttention


def attention_equations(rank: int, axes: tuple[int, ...]) -> tuple[str, str]:
    """Return the einsum equations of scores and of outputs.

    Parameters
    ----------
    rank : int
        Of the projections: batch, other axes, heads, features.
    axes : tuple of int
        Along which queries attend to keys.

    Examples
    --------
    >>> from minitf.layers.multi_head_attention import attention_equations
    >>> attention_equations(4, (1,))
    ('abcd,aecd->acbe', 'acbe,aecd->abcd')
    """
    query = ascii_lowercase[:rank]
    fresh = iter(ascii_lowercase[rank:])
    key = "".join(next(fresh) if i in axes else letter for i, letter in enumerate(query))
    batch = "".join(query[i] for i in range(rank - 1) if i not in axes)
    scores = batch + "".join(query[i] for i in axes) + "".join(key[i] for i in axes)
    return f"{query},{key}->{scores}", f"{scores},{key}->{query}"


def _drop_masks(*tensors: Any) -> None:
    """Take the masks off, as Keras does: who uses these tensors next sees them without."""
    for tensor in tensors:
        if mask_of(tensor) is not None:
            tensor._keras_mask = None


def _as_tuple(value: Any) -> tuple[int, ...]:
    return (value,) if isinstance(value, int) else tuple(value)
