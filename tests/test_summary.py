"""`model.summary()`: Keras' columns and totals, in plain ASCII."""

from __future__ import annotations

import pytest

from minitf import keras
from minitf.errors import InvalidArgumentError
from tests.keras_reference.exchange import attention, nested, subclassed

layers = keras.layers


def lines(model, **options):
    """Return the lines of a summary."""
    found = []
    model.summary(print_fn=found.append, **options)
    assert len(found) == 1
    return found[0].splitlines()


def cells(model, **options):
    """Return the cells of the rows, their lines joined, behind the header."""
    rows, row = [], None
    for line in lines(model, **options):
        if line.startswith("+"):
            rows, row = rows + ([row] if row else []), None
        elif line.startswith("|"):
            parts = [part.strip() for part in line[1:-1].split("|")]
            row = [f"{a} {b}".strip() for a, b in zip(row or [""] * len(parts), parts, strict=True)]
    return rows


def classifier():
    return keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(128),
                             layers.Dropout(0.2), layers.Dense(10)], name="digits")  # fmt: skip


def test_the_table_of_a_chain(capsys):
    classifier().summary(line_length=60)
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert printed.startswith('Model: "digits"\n+')
    assert " Total params: 101,770 (397.54 KB)\n" in printed
    assert " Trainable params: 101,770 (397.54 KB)\n" in printed
    assert printed.endswith(" Non-trainable params: 0 (0.00 B)\n")
    rows = cells(classifier(), line_length=90)
    assert rows[0] == ["Layer (type)", "Output Shape", "Param #"]
    assert rows[1][1:] == ["(None, 784)", "0"]
    assert rows[2][1:] == ["(None, 128)", "100,480"]
    assert {len(line) for line in lines(classifier(), line_length=60) if line[0] in "+|"} == {60}


def test_the_optimizer_counts():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    assert lines(model)[-4:] == [
        " Total params: 29 (120.00 B)", " Trainable params: 9 (36.00 B)",
        " Non-trainable params: 0 (0.00 B)", " Optimizer params: 20 (84.00 B)",
    ]  # fmt: skip


def test_connections_of_a_graph():
    rows = cells(attention(keras), line_length=140)
    assert rows[0][-1] == "Connected to"
    found = {row[0].split(" ")[0].rstrip("0123456789_"): row[3] for row in rows[1:]}
    assert found["input_layer"] == "-"
    name = rows[1][0].split(" ")[0]
    assert found["multi_head_attention"] == f"{name}[0][0], {name}[0][0]"


def test_a_shared_layer_has_all_its_connections():
    rows = {row[0].split(" ")[0]: row for row in cells(nested(keras), line_length=140)}
    assert rows["encoder"][3] == "left[0][0], right[0][0]"
    assert rows["both"][3].startswith("concatenate")
    assert rows["encoder"][2] == "44"


def test_inner_models_are_listed_if_wanted():
    plain, wide = cells(nested(keras)), cells(nested(keras), expand_nested=True, line_length=120)
    assert len(wide) == len(plain) + 5
    assert sum(row[0].startswith("- ") for row in wide) == 5


def test_what_is_trained_is_told():
    model = classifier()
    model.layers[1].trainable = False
    rows = cells(model, show_trainable=True, line_length=100)
    assert [row[-1] for row in rows] == ["Trainable", "-", "N", "-", "Y"]
    assert " Non-trainable params: 100,480 (392.50 KB)" in lines(model)


def test_an_unbuilt_model():
    rows = cells(subclassed(keras))
    assert rows[1][1:] == ["?", "0 (unbuilt)"]


def test_some_layers_only():
    model = classifier()
    names = [layer.name for layer in model.layers]
    rows = cells(model, layer_range=(names[1], names[2]))
    assert [row[0].split(" ")[0] for row in rows[1:]] == names[1:3]
    with pytest.raises(InvalidArgumentError, match="no layers"):
        model.summary(layer_range=("absent", names[1]))


def test_several_outputs_have_their_shapes():
    x = keras.Input((4, 2))
    model = keras.Model(x, layers.LSTM(3, return_state=True)(x))
    assert cells(model)[-1][1] == "[(None, 3), (None, 3), (None, 3)]"


def test_too_narrow_is_said():
    with pytest.raises(InvalidArgumentError, match="too few"):
        classifier().summary(line_length=20)
