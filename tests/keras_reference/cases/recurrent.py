"""Recurrent layers, their cells, and the wrappers around layers."""

from tests.keras_reference.case import bools, ints, layer, obj, x

SEQUENCES = dict(return_sequences=True)
EVERYTHING = dict(return_sequences=True, return_state=True)
# Each with the number of its states, and an option of its own.
KINDS = {
    "SimpleRNN": (1, dict(activation="relu")),
    "LSTM": (2, dict(unit_forget_bias=False)),
    "GRU": (1, dict(reset_after=False)),
}
OF_WEIGHTS = dict(kernel_regularizer="l2", recurrent_regularizer="l1", bias_regularizer="l2",
                  kernel_constraint="max_norm", recurrent_constraint="unit_norm",
                  bias_constraint="non_neg", kernel_initializer="ones",
                  recurrent_initializer="zeros", bias_initializer="ones")  # fmt: skip


def settings_of(name):
    """Return the cases of one kind of recurrent layer."""
    states, own = KINDS[name]
    gated = dict(activation="softsign", recurrent_activation="hard_sigmoid")
    first = dict(initial_state=[x(3, 4) for _ in range(states)])
    return [
        layer(name, dict(units=4), x(2, 5, 3)),
        layer(name, dict(units=4, **SEQUENCES), x(2, 5, 3)),
        layer(name, dict(units=4, **EVERYTHING), x(2, 5, 3), call=dict(training=True)),
        layer(name, dict(units=4, go_backwards=True, **EVERYTHING), x(2, 5, 3)),
        layer(name, dict(units=4, unroll=True, **EVERYTHING), x(2, 5, 3)),
        layer(name, dict(units=4, use_bias=False), x(2, 5, 3)),
        layer(name, dict(units=4, **own), x(2, 5, 3)),
        layer(name, dict(units=4, **own, **EVERYTHING), x(2, 5, 3), call=dict(mask=bools(2, 5))),
        layer(name, dict(units=4, activation=None), x(2, 5, 3)),
        layer(
            name,
            dict(units=4, **(gated if name != "SimpleRNN" else {})),
            x(2, 5, 3),
            call=dict(mask=bools(2, 5)),
        ),
        layer(name, dict(units=4, **EVERYTHING), x(3, 5, 2), call=dict(mask=bools(3, 5))),
        layer(name, dict(units=4), x(3, 5, 2), call=dict(mask=bools(3, 5))),
        layer(
            name,
            dict(units=4, zero_output_for_mask=True, **EVERYTHING),
            x(3, 5, 2),
            call=dict(mask=bools(3, 5)),
        ),
        layer(
            name,
            dict(units=4, go_backwards=True, **EVERYTHING),
            x(3, 5, 2),
            call=dict(mask=bools(3, 5)),
        ),
        layer(
            name, dict(units=4, unroll=True, **EVERYTHING), x(3, 5, 2), call=dict(mask=bools(3, 5))
        ),
        layer(name, dict(units=4, **EVERYTHING), x(3, 5, 2), call=first),
        layer(name, dict(units=4, **EVERYTHING), x(3, 5, 2), call=first | dict(mask=bools(3, 5))),
        layer(name, dict(units=4, stateful=True, **SEQUENCES), x(2, 5, 3)),
        layer(name, dict(units=4, stateful=True), x(2, 5, 3), call=dict(mask=bools(2, 5))),
        layer(name, dict(units=4, dropout=0.3, recurrent_dropout=0.2, seed=1), x(2, 5, 3)).check(
            config="more"
        ),
        layer(name, dict(units=4, **OF_WEIGHTS), x(2, 5, 3)),
        layer(name, dict(units=4), x(2, 5)).check(fails=True),
        layer(name, dict(units=0), x(2, 5, 3)).check(fails=True),
        layer("Bidirectional", dict(layer=obj(f"layers.{name}", 4)), x(2, 5, 3)),
        layer("Bidirectional", dict(layer=obj(f"layers.{name}", 4, **EVERYTHING)), x(2, 5, 3)),
        layer(
            "Bidirectional",
            dict(layer=obj(f"layers.{name}", 4, **SEQUENCES)),
            x(3, 5, 3),
            call=dict(mask=bools(3, 5)),
        ),
        layer(
            "Bidirectional",
            dict(layer=obj(f"layers.{name}", 4)),
            x(3, 5, 3),
            call=dict(mask=bools(3, 5)),
        ),
        layer("RNN", dict(cell=obj(f"layers.{name}Cell", 4), **SEQUENCES), x(2, 5, 3)),
    ]


def convolving(rank, filters=3, window=2):
    """Return the cases of a recurrent layer over images of a rank."""
    name, given = f"ConvLSTM{rank}D", dict(filters=filters, kernel_size=window)
    images, dense = x(2, 3, *(5, 4, 3)[:rank], 2), dict(padding="same", **EVERYTHING)
    return [
        layer(name, given, images),
        layer(name, given | dense, images),
        layer(name, given | dense | dict(go_backwards=True), images, call=dict(mask=bools(2, 3))),
    ]


OF_IMAGES = dict(filters=2, kernel_size=3)
IMAGES = x(2, 3, 5, 4, 2)
LSTM, GRU = obj("layers.LSTM", 3, **SEQUENCES), obj("layers.GRU", 3, **EVERYTHING)

CASES = [
    *(case for name in KINDS for case in settings_of(name)),
    *(case for rank in (1, 2, 3) for case in convolving(rank)),
    layer("ConvLSTM2D", dict(strides=2, **OF_IMAGES), IMAGES),
    layer("ConvLSTM2D", dict(dilation_rate=2, padding="same", **OF_IMAGES), IMAGES),
    layer("ConvLSTM2D", dict(strides=2, dilation_rate=2, **OF_IMAGES), IMAGES).check(fails=True),
    layer("ConvLSTM2D", dict(stateful=True, use_bias=False, **OF_IMAGES), IMAGES),
    layer("ConvLSTM2D", dict(unit_forget_bias=False, activation="relu", **OF_IMAGES), IMAGES),
    layer("ConvLSTM2D", OF_IMAGES | OF_WEIGHTS, IMAGES),
    layer("ConvLSTM2D", OF_IMAGES, x(2, 5, 4, 2)).check(fails=True),
    layer("ConvLSTM2D", OF_IMAGES, x(2, 3, 2, 4, 2)).check(fails=True),
    layer("RNN", dict(cell=[obj("layers.LSTMCell", 3), obj("layers.GRUCell", 2)]), x(2, 4, 3)),
    layer(
        "RNN",
        dict(cell=[obj("layers.GRUCell", 3), obj("layers.SimpleRNNCell", 2)], **EVERYTHING),
        x(2, 4, 3),
        call=dict(mask=bools(2, 4)),
    ),
    layer(
        "RNN",
        dict(
            cell=obj(
                "layers.StackedRNNCells", [obj("layers.LSTMCell", 3), obj("layers.LSTMCell", 2)]
            ),
            **SEQUENCES,
        ),
        x(2, 4, 3),
    ),
    layer("RNN", dict(cell=obj("layers.LSTMCell", 3), stateful=True), x(2, 4, 3)),
    layer("RNN", dict(cell=obj("layers.GRUCell", 3, reset_after=False), unroll=True), x(2, 4, 3)),
    # Keras' SimpleRNN takes an activity_regularizer, and forgets it.
    layer("LSTM", dict(units=4, activity_regularizer="l2", **SEQUENCES), x(2, 5, 3)),
    layer("GRU", dict(units=4, activity_regularizer="l1"), x(2, 5, 3)),
    layer("LSTMCell", dict(units=3), x(2, 4), call=dict(states=[x(2, 3), x(2, 3)])),
    layer("GRUCell", dict(units=3), x(2, 4), call=dict(states=[x(2, 3)])),
    layer("SimpleRNNCell", dict(units=3), x(2, 4), call=dict(states=[x(2, 3)])),
    *(
        layer("Bidirectional", dict(layer=LSTM, merge_mode=m), x(2, 4, 3))
        for m in ("sum", "mul", "ave", None)
    ),
    layer(
        "Bidirectional", dict(layer=LSTM, merge_mode="sum"), x(2, 4, 3), call=dict(mask=bools(2, 4))
    ),
    layer("Bidirectional", dict(layer=GRU, merge_mode=None), x(2, 4, 3)),
    layer(
        "Bidirectional",
        dict(layer=LSTM, backward_layer=obj("layers.GRU", 2, go_backwards=True, **SEQUENCES)),
        x(2, 4, 3),
    ),
    layer(
        "Bidirectional",
        dict(layer=obj("layers.LSTM", 3, **EVERYTHING)),
        x(2, 4, 3),
        call=dict(initial_state=[x(2, 3) for _ in range(4)]),
    ),
    layer("Bidirectional", dict(layer=LSTM, merge_mode="max"), x(2, 4, 3)).check(fails=True),
    layer("Bidirectional", dict(layer=LSTM, backward_layer=LSTM), x(2, 4, 3)).check(fails=True),
    layer("TimeDistributed", dict(layer=obj("layers.Dense", 3)), x(2, 4, 5)),
    layer(
        "TimeDistributed",
        dict(layer=obj("layers.Dense", 3)),
        x(2, 4, 5),
        call=dict(mask=bools(2, 4)),
    ),
    layer("TimeDistributed", dict(layer=obj("layers.Conv2D", 2, 2)), x(2, 3, 4, 4, 1)),
    layer("TimeDistributed", dict(layer=obj("layers.LSTM", 3)), x(2, 3, 4, 2)),
    layer("TimeDistributed", dict(layer=obj("layers.Flatten")), x(2, 3, 4, 2)),
    layer("TimeDistributed", dict(layer=obj("layers.Embedding", 5, 2)), ints(2, 3, 4, below=5)),
    layer("TimeDistributed", dict(layer=obj("layers.Dense", 3)), x(2, 4)).check(fails=True),
    layer(
        "TimeDistributed",
        dict(layer=obj("layers.Dense", 3)),
        x(2, 4, 5),
        call=dict(mask=bools(2, 3)),
    ).check(fails=True),
]
