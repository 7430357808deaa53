"""Merging layers and their functions (see also tests/keras_reference)."""

import numpy as np
import pytest

import minitf as tf
from minitf import keras
from minitf.errors import InvalidArgumentError, ShapeError

layers = keras.layers


def numbers(*shape, seed=1):
    return np.random.RandomState(seed).randn(*shape).astype("float32")


X, Y = numbers(2, 3), numbers(2, 3, seed=2)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (layers.add, X + Y),
        (layers.subtract, X - Y),
        (layers.multiply, X * Y),
        (layers.average, (X + Y) / 2),
        (layers.maximum, np.maximum(X, Y)),
        (layers.minimum, np.minimum(X, Y)),
        (layers.concatenate, np.concatenate([X, Y], -1)),
        (lambda xs: layers.concatenate(xs, axis=0), np.concatenate([X, Y], 0)),
        (lambda xs: layers.dot(xs, axes=1), (X * Y).sum(-1, keepdims=True)),
    ],
)
def test_functions_for_numbers_and_symbols(function, expected):
    np.testing.assert_allclose(function([X, Y]), expected, rtol=1e-5, atol=1e-6)
    a, b = keras.Input((3,)), keras.Input((3,))
    model = keras.Model([a, b], function([a, b]))
    np.testing.assert_allclose(model([X, Y]), expected, rtol=1e-5, atol=1e-6)


def test_cosine_of_an_angle():
    cosine = layers.Dot(axes=1, normalize=True)([X, Y]).numpy().ravel()
    expected = (X * Y).sum(1) / np.linalg.norm(X, axis=1) / np.linalg.norm(Y, axis=1)
    np.testing.assert_allclose(cosine, expected, rtol=1e-5)


def test_whole_numbers_and_fractions_may_be_merged():
    whole = np.ones((2, 3), "int32")
    np.testing.assert_allclose(layers.Add()([X, whole]), X + 1, rtol=1e-6)
    assert layers.Concatenate()([X, whole]).shape == (2, 6)
    assert layers.Add()([whole, whole]).dtype == tf.int32


def masked(x, mask):
    x = tf.constant(x)
    x._keras_mask = None if mask is None else tf.constant(mask)
    return x


STEPS = numbers(1, 3, 2)
A, B = [[True, True, False]], [[False, True, False]]


@pytest.mark.parametrize(
    ("kind", "first", "second", "expected"),
    [
        ("Add", A, B, A),
        ("Add", A, None, None),
        ("Average", B, B, B),
        ("Concatenate", A, B, A),
        ("Concatenate", A, None, [[True] * 3]),
        ("Maximum", A, B, A),
        ("Multiply", A, B, A),
    ],
)
def test_masks_of_merged_inputs(kind, first, second, expected):
    y = getattr(layers, kind)()([masked(STEPS, first), masked(STEPS, second)])
    found = getattr(y, "_keras_mask", None)
    assert (None if found is None else found.numpy().tolist()) == expected


def test_masked_elements_do_not_take_part():
    x, y = masked(np.full((1, 3, 1), 3.0, "float32"), A), masked(
        np.full((1, 3, 1), 5.0, "float32"), B)  # fmt: skip
    assert layers.Multiply()([x, y]).numpy().ravel().tolist() == [3, 15, 0]
    assert layers.Maximum()([x, y]).numpy().ravel().tolist()[:2] == [3, 5]


@pytest.mark.parametrize(
    ("layer", "shapes", "message"),
    [
        (layers.Add(name="a"), [(2, 3), (2, 4)], r"'a'.*do not fit.*\(2, 3\).*\(2, 4\)"),
        (layers.Add(name="a"), [(2, 3), (4, 3)], "'a'.*batches of different sizes"),
        (layers.Subtract(name="a"), [(2, 3)] * 3, "'a': 2 inputs are expected, got 3"),
        (layers.Concatenate(name="a"), [(2, 3, 1), (2, 4, 1)], "'a'.*axis -1 only"),
        (layers.Concatenate(name="a"), [(2, 3), (2, 3, 1)], "'a'.*same number"),
        (layers.Concatenate(axis=3, name="a"), [(2, 3), (2, 3)], "'a'.*axis 3"),
        (layers.Dot(axes=1, name="a"), [(2, 3), (2, 4)], "'a'.*sizes 3 and 4"),
        (layers.Dot(axes=0, name="a"), [(2, 3), (2, 3)], "'a'.*behind the batch"),
        (layers.Dot(axes=2, name="a"), [(2, 3), (2, 3)], "'a'.*behind the batch"),
    ],
)
def test_inputs_that_do_not_fit(layer, shapes, message):
    with pytest.raises((ShapeError, InvalidArgumentError), match=message):
        layer([numbers(*shape) for shape in shapes])


@pytest.mark.parametrize("layer", [layers.Add(name="a"), layers.Concatenate(name="a"),
                                   layers.Dot(1, name="a")])  # fmt: skip
def test_one_input_is_no_list(layer):
    with pytest.raises(InvalidArgumentError, match=r"'a': a list of inputs.*\(2, 3\)"):
        layer(X)


def test_dot_needs_axes():
    with pytest.raises(InvalidArgumentError, match="axes.*'last'"):
        layers.Dot(axes="last")
