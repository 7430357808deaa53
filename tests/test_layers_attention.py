"""Attention layers, where Keras' stored values (test_keras_reference) do not reach."""

import doctest
from importlib import import_module

import numpy as np
import pytest

import minitf as tf
from minitf.errors import Error, ShapeError
from minitf.layers.attention import AdditiveAttention, Attention
from minitf.layers.calls import mask_of
from minitf.layers.embedding import Embedding
from minitf.layers.multi_head_attention import (
    GroupedQueryAttention,
    GroupQueryAttention,
    MultiHeadAttention,
    attention_equations,
)
from minitf.layers.symbolic import Input


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def by_hand(layer, query, value, seen):
    """Return multi-head attention, a head at a time, in NumPy."""
    q, k, v = (np.einsum("btn,nhd->bhtd", x, dense.kernel) + dense.bias.numpy()[:, None]
               for x, dense in ((query, layer.query_dense), (value, layer.key_dense),
                                (value, layer.value_dense)))  # fmt: skip
    scores = np.einsum("bhtd,bhsd->bhts", q, k) / np.sqrt(layer.key_dim)
    weights = np.exp(np.where(seen, scores, -np.inf))
    weights /= weights.sum(-1, keepdims=True)
    heads = np.einsum("bhts,bhsd->bthd", weights, v)
    return np.einsum("bthd,hdn->btn", heads, layer.output_dense.kernel), weights


def test_multi_head_attention_by_hand():
    layer = MultiHeadAttention(2, 3, value_dim=5)
    query, value = numbers(2, 4, 6), numbers(2, 7, 8, seed=1)
    output, weights = layer(query, value, return_attention_scores=True)
    expected = by_hand(layer, query, value, True)
    np.testing.assert_allclose(output, expected[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(weights, expected[1], rtol=1e-4, atol=1e-6)


def test_nobody_sees_the_future():
    layer = MultiHeadAttention(2, 3)
    x, other = numbers(1, 6, 4), numbers(1, 6, 4)
    other[:, 4:] = 9
    before, after = (layer(v, v, use_causal_mask=True).numpy() for v in (x, other))
    np.testing.assert_allclose(before[:, :4], after[:, :4], rtol=1e-5, atol=1e-6)
    assert not np.allclose(before[:, 4:], after[:, 4:])


@pytest.mark.parametrize("scores", [False, True])
@pytest.mark.parametrize(
    "layer", [MultiHeadAttention(2, 3), GroupedQueryAttention(3, 4, 2)], ids=["heads", "groups"]
)
def test_padding_has_no_influence(layer, scores):
    words = np.array([[1, 2, 3, 0, 0]])
    x = Embedding(5, 4, mask_zero=True)(words)
    found = tf.nest.flatten(layer(x, x, return_attention_scores=scores))
    short = x[:, :3]
    expected = layer(short, short)
    np.testing.assert_allclose(found[0][:, :3], expected, rtol=1e-4, atol=1e-6)
    assert found[0]._keras_mask.numpy().tolist() == [[True, True, True, False, False]]
    if scores:
        assert not np.any(found[1].numpy()[..., 3:])


@pytest.mark.parametrize("symbolic", [False, True], ids=["called", "model"])
def test_heads_take_the_masks_off_their_inputs(symbolic):
    masks = []

    class Watching(tf.keras.layers.Layer):
        supports_masking = True

        def call(self, inputs, mask=None):
            masks.append(mask is not None)
            return inputs

    embed, heads = Embedding(5, 4, mask_zero=True), MultiHeadAttention(1, 2)
    before, after, behind = Watching(), Watching(), Watching()

    def run(words):
        x = before(embed(words))
        found = heads(x, x)
        return [tf.keras.layers.Add()([found, x]), behind(found), after(x)]

    words = np.array([[1, 2, 0]])
    if symbolic:
        i = Input((3,))
        model = tf.keras.Model(i, run(i))
        masks.clear()
        found = model(words)
    else:
        found = run(words)
    assert mask_of(found[0]) is None
    # A model's layers with one input get the mask that was known when the model was made.
    assert masks[0]
    assert sorted(masks[1:]) == [symbolic, True]


def test_a_layer_built_for_two_shapes_remembers_both():
    layer = MultiHeadAttention(2, 3)
    layer.build((None, 4, 5), (None, 6, 5))
    shapes = {"query_shape": (None, 4, 5), "value_shape": (None, 6, 5)}
    assert layer.get_build_config() == {"shapes_dict": shapes}
    other = MultiHeadAttention.from_config(layer.get_config())
    other.build_from_config(layer.get_build_config())
    assert [w.shape for w in other.weights] == [w.shape for w in layer.weights]


def test_masks_are_combined():
    layer = MultiHeadAttention(1, 2)
    x = numbers(1, 4, 3)
    value_mask = np.array([[True, True, True, False]])
    attention_mask = np.array([[[False, True, True, True]] * 4])
    _, weights = layer(
        x, x, value_mask=value_mask, attention_mask=attention_mask, use_causal_mask=True,
        return_attention_scores=True,
    )  # fmt: skip
    seen = weights.numpy()[0, 0] > 0
    assert seen.astype(int).tolist() == [[0, 0, 0, 0], [0, 1, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0]]


def test_a_sliding_window():
    _, weights = MultiHeadAttention(1, 2, sliding_window=2)(
        numbers(1, 4, 3), numbers(1, 4, 3), return_attention_scores=True
    )
    seen = weights.numpy()[0, 0] > 0
    assert seen.astype(int).tolist() == [[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [0, 0, 1, 1]]


@pytest.mark.parametrize("make", [
    lambda: MultiHeadAttention(2, 3, dropout=0.5),
    lambda: GroupedQueryAttention(3, 4, 2, dropout=0.5),
])  # fmt: skip
def test_dropout(make):
    layer, x = make(), numbers(2, 5, 4)
    assert np.array_equal(layer(x, x), layer(x, x, training=False))
    assert not np.allclose(layer(x, x, training=True), layer(x, x, training=True))


@pytest.mark.parametrize("kind", [Attention, AdditiveAttention])
def test_dropout_of_one_head(kind):
    layer, pair = kind(dropout=0.5), [numbers(2, 5, 4), numbers(2, 30, 4, seed=1)]
    assert np.array_equal(layer(pair), layer(pair))
    _, weights = layer(pair, training=True, return_attention_scores=True)
    assert 0.2 < np.mean(weights.numpy() == 0) < 0.8


def test_unknown_sizes():
    layer = MultiHeadAttention(2, 3)
    x = Input((None, 4))
    assert layer(x, x, use_causal_mask=True).shape == (None, None, 4)

    @tf.function(input_signature=[tf.TensorSpec([None, None, 4])])
    def run(x):
        return layer(x, x, use_causal_mask=True)

    for size in (3, 5):
        value = numbers(2, size, 4)
        np.testing.assert_allclose(
            run(value), layer(value, value, use_causal_mask=True), rtol=1e-5, atol=1e-6
        )


def test_attention_of_symbols():
    query, value = Input((3, 4)), Input((5, 4))
    assert Attention()([query, value]).shape == (None, 3, 4)
    assert AdditiveAttention()([query, value]).shape == (None, 3, 4)


def test_the_parts_that_a_file_names():
    layer = MultiHeadAttention(2, 3, name="attention")
    layer(numbers(1, 4, 5), numbers(1, 4, 5))
    paths = [w.path for w in layer.weights]
    assert paths == [f"attention/{part}/{name}"
                     for part in ("query", "key", "value", "attention_output")
                     for name in ("kernel", "bias")]  # fmt: skip
    assert layer._query_dense is layer.query_dense


def test_a_subclass_that_attends_differently():
    class Mean(MultiHeadAttention):
        def _compute_attention(self, query, key, value, *rest):
            return query * 0 + tf.reduce_mean(value, 1, keepdims=True), None

    layer, x = Mean(2, 3), numbers(1, 4, 5)
    y = layer(x, x).numpy()
    np.testing.assert_allclose(y, np.repeat(y[:, :1], 4, axis=1), rtol=1e-5)


def test_groups_share_keys():
    assert GroupQueryAttention is GroupedQueryAttention
    layer, x = GroupedQueryAttention(3, 4, 2), numbers(1, 5, 8)
    layer(x, x)
    assert [w.shape for w in layer.weights if w.name == "kernel"] == [
        (8, 4, 3), (8, 2, 3), (8, 2, 3), (4, 3, 8)]  # fmt: skip


def test_equations_of_several_axes():
    assert attention_equations(6, (2, 3)) == ("abcdef,abghef->abecdgh", "abecdgh,abghef->abcdef")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: MultiHeadAttention(2, 3, attention_axes=3)(numbers(1, 4, 5), numbers(1, 4, 5)),
         "attention_axes are between"),
        (lambda: MultiHeadAttention(2, 3)(numbers(1, 4, 5), numbers(1, 4, 5), numbers(1, 3, 5)),
         "value and key differ"),
        (lambda: MultiHeadAttention(2, 3, dropout=2.0), "dropout"),
        (lambda: GroupedQueryAttention(3, 4, 3), "a multiple of"),
        (lambda: Attention(score_mode="dott"), "did you mean 'dot'"),
        (lambda: Attention()(numbers(1, 4, 5)), "list"),
        (lambda: Attention()([numbers(1, 4, 5)] * 2, mask=np.ones((1, 4), bool)), "mask is a list"),
    ],
)  # fmt: skip
def test_what_is_refused(call, said):
    with pytest.raises(Error, match=said):
        call()


@pytest.mark.parametrize("module", ["attention", "multi_head_attention"])
def test_the_examples_run(module):
    found = doctest.testmod(import_module(f"minitf.layers.{module}"))
    assert not found.failed


def test_an_attention_mask_of_another_shape_is_told():
    layer, x = MultiHeadAttention(2, 3, name="mha"), np.ones((2, 4, 3), np.float32)
    with pytest.raises(ShapeError, match=r"'mha'.*here \(batch, 4, 4\), got \(2, 4, 7\)"):
        layer(x, x, attention_mask=np.ones((2, 4, 7), bool))
