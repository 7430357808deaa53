"""Attention layers. A mask that is drawn leaves some queries with nothing to see."""

from tests.keras_reference.case import bools, layer, x

SCORES = dict(return_attention_scores=True)
CAUSAL = dict(use_causal_mask=True)
PAIR, TRIPLE = [x(2, 3, 4), x(2, 5, 4)], [x(2, 3, 4), x(2, 5, 6), x(2, 5, 4)]


def masks(value=5):
    """Return masks of query and value."""
    return dict(mask=[bools(2, 3), bools(2, value)])


def simple(name):
    """Return the cases of a layer of one head."""
    return [
        layer(name, {}, PAIR),
        layer(name, {}, PAIR, call=SCORES),
        layer(name, {}, PAIR, call=masks()),
        layer(name, {}, PAIR, call=CAUSAL | SCORES),
        layer(name, {}, [x(2, 3, 4), x(2, 3, 4)], call=masks(3) | CAUSAL | SCORES),
        layer(name, dict(dropout=0.5), PAIR, call=dict(training=False)),
        layer(name, dict(use_scale=True), PAIR),
        layer(name, dict(use_scale=False), PAIR),
        layer(name, {}, x(2, 3, 4)).check(fails=True),
        layer(name, {}, [x(2, 3, 4)]).check(fails=True),
        layer(name, {}, PAIR, call=dict(mask=bools(2, 3))).check(fails=True),
    ]


HEADS = dict(num_heads=2, key_dim=3)
GROUPS = dict(head_dim=3, num_query_heads=4, num_key_value_heads=2)
OTHER = dict(value=x(2, 5, 6))
SELF = dict(value=x(2, 5, 4))
WEIGHTS = dict(kernel_initializer="ones", bias_initializer="ones", kernel_regularizer="l2",
               bias_regularizer="l1", activity_regularizer="l2", kernel_constraint="max_norm",
               bias_constraint="non_neg")  # fmt: skip


def in_heads(name, base):
    """Return the cases of a layer of several heads."""
    query = x(2, 5, 4)
    return [
        layer(name, base, query, call=SELF),
        layer(name, base, query, call=SELF | SCORES),
        layer(name, base, query, call=SELF | dict(key=x(2, 5, 4))),
        layer(name, base, query, call=SELF | CAUSAL),
        layer(name, base, query, call=SELF | CAUSAL | SCORES),
        layer(name, base, query, call=SELF | dict(attention_mask=bools(2, 5, 5))),
        layer(name, base, query, call=SELF | SCORES | dict(attention_mask=bools(2, 5, 5))),
        layer(name, base, query, call=SELF | CAUSAL | dict(attention_mask=bools(2, 5, 5))),
        layer(name, base, query, call=SELF | dict(attention_mask=bools(2, 4, 5, 5)))
        if name != "MultiHeadAttention"
        else layer(name, base, query, call=SELF | dict(attention_mask=bools(2, 2, 5, 5))),
        layer(name, base | dict(dropout=0.4, seed=1), query, call=SELF | dict(training=False)),
        layer(name, base | dict(use_bias=False), query, call=SELF),
        layer(name, base | dict(use_gate=True), query, call=SELF),
        layer(name, base | dict(sliding_window=2), query, call=SELF | CAUSAL),
        layer(name, base | dict(sliding_window=2), query, call=SELF | SCORES),
        layer(name, base | WEIGHTS, query, call=SELF),
        layer(name, base | dict(sliding_window=0), query, call=SELF).check(fails=True),
    ]


CASES = [
    *simple("Attention"),
    *simple("AdditiveAttention"),
    layer("Attention", {}, TRIPLE),
    layer("AdditiveAttention", {}, TRIPLE),
    layer("Attention", dict(score_mode="concat"), PAIR),
    layer("Attention", dict(score_mode="concat", use_scale=True), PAIR, call=masks()),
    layer("Attention", dict(score_mode="cosine"), PAIR).check(fails=True),
    *in_heads("MultiHeadAttention", HEADS),
    *in_heads("GroupQueryAttention", GROUPS),
    layer("MultiHeadAttention", HEADS, x(2, 3, 4), call=OTHER),
    layer("MultiHeadAttention", HEADS, x(2, 3, 4), call=OTHER | dict(key=x(2, 5, 7))),
    layer(
        "MultiHeadAttention",
        HEADS,
        x(2, 3, 4),
        call=OTHER | dict(value_mask=bools(2, 5), key_mask=bools(2, 5)),
    ),
    layer("MultiHeadAttention", HEADS | dict(value_dim=5), x(2, 3, 4), call=OTHER | SCORES),
    layer("MultiHeadAttention", HEADS | dict(output_shape=7), x(2, 3, 4), call=OTHER),
    layer("MultiHeadAttention", HEADS | dict(output_shape=(7, 2)), x(2, 3, 4), call=OTHER),
    layer("MultiHeadAttention", HEADS, x(2, 3, 4, 5), call=dict(value=x(2, 2, 4, 5))),
    layer(
        "MultiHeadAttention",
        HEADS | dict(attention_axes=(2, 3)),
        x(2, 3, 4, 5, 2),
        call=dict(value=x(2, 3, 2, 3, 2)) | SCORES,
    ),
    layer(
        "MultiHeadAttention",
        HEADS | dict(attention_axes=2),
        x(2, 3, 4, 5),
        call=dict(value=x(2, 3, 2, 5), attention_mask=bools(2, 3, 4, 2)),
    ),
    layer(
        "MultiHeadAttention",
        HEADS | dict(attention_axes=[-2]),
        x(2, 3, 4, 5),
        call=dict(value=x(2, 3, 2, 5)),
    ),
    layer("MultiHeadAttention", dict(num_heads=0, key_dim=3), x(2, 3, 4), call=OTHER).check(
        fails=True
    ),
    layer("MultiHeadAttention", dict(num_heads=2, key_dim=-1), x(2, 3, 4), call=OTHER).check(
        fails=True
    ),
    layer("MultiHeadAttention", HEADS, x(2, 3, 4), call=OTHER | dict(key=x(2, 4, 7))).check(
        fails=True
    ),
    layer(
        "GroupQueryAttention",
        GROUPS | dict(num_query_heads=3),
        x(2, 3, 4),
        call=dict(value=x(2, 5, 4)),
    ).check(fails=True),
]
