"""Activations by name; their values are compared with Keras' in tests/keras_reference."""

import numpy as np
import pytest

import minitf as tf
from minitf import activations

X = np.array([[-3.0, -0.5, 0.0], [0.2, 1.5, 4.0]], np.float32)


@pytest.mark.parametrize("name", activations.KNOWN)
def test_a_name_means_its_function_and_back(name):
    function = activations.get(name)
    assert function is getattr(activations, name)
    assert activations.serialize(function) == name
    assert activations.deserialize(name) is function


@pytest.mark.parametrize("name", sorted(set(activations.KNOWN) - {"threshold", "glu"}))
def test_numbers_arrays_and_graphs_give_the_same(name):
    function = activations.get(name)
    expected = np.asarray(function(tf.constant(X)))
    np.testing.assert_array_equal(np.asarray(function(X)), expected)
    np.testing.assert_allclose(tf.function(function)(tf.constant(X)).numpy(), expected, 1e-6, 1e-6)


@pytest.mark.parametrize("name", sorted(set(activations.KNOWN) - {"threshold", "glu"}))
def test_float16_stays_float16(name):
    assert activations.get(name)(tf.constant(X.astype(np.float16))).dtype == tf.float16


def test_older_names():
    assert activations.get("swish") is activations.silu
    assert activations.get("hard_swish") is activations.hard_silu


def test_none_is_linear():
    assert activations.get(None) is activations.linear
    assert activations.get(None)("unchanged") == "unchanged"


def test_a_function_is_itself():
    def cube(x):
        return x**3

    assert activations.get(cube) is cube
    assert activations.serialize(cube)["config"] == "cube"


@pytest.mark.parametrize(
    ("op", "name"),
    [(tf.nn.relu, "relu"), (tf.nn.softmax, "softmax"), (tf.nn.swish, "silu"), (tf.tanh, "tanh"),
     (tf.nn.sigmoid, "sigmoid"), (tf.nn.gelu, "gelu")],
)  # fmt: skip
def test_ops_are_saved_by_the_name_of_their_activation(op, name):
    assert activations.serialize(op) == name


@pytest.mark.parametrize(("wrong", "right"), [("rleu", "relu"), ("sigmoyd", "sigmoid")])
def test_an_unknown_name_suggests_the_nearest(wrong, right):
    with pytest.raises(ValueError, match=f"unknown activation '{wrong}'; did you mean '{right}'"):
        activations.get(wrong)


def test_what_is_no_activation():
    with pytest.raises(TypeError, match="activation"):
        activations.get(3.5)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_sparsemax_is_the_nearest_distribution(axis):
    x = np.random.default_rng(0).normal(size=(5, 7)).astype(np.float32)
    p = activations.sparsemax(x, axis).numpy()
    np.testing.assert_allclose(p.sum(axis), 1.0, rtol=1e-5)
    assert p.min() == 0.0
    # Nothing that is not 0 may be further from its x than anything else: the distance is tau.
    tau = np.where(p > 0, x - p, np.nan)
    largest, smallest = np.nanmax(tau, axis), np.nanmin(tau, axis)
    np.testing.assert_allclose(largest, smallest, rtol=1e-4, atol=1e-6)
    assert (np.where(p > 0, -np.inf, x).max(axis) <= largest + 1e-6).all()


def test_glu_needs_two_halves():
    with pytest.raises(ValueError, match=r"glu: axis -1 of \(2, 3\)"):
        activations.glu(X)


def test_softmax_of_all_elements():
    assert activations.softmax(X, axis=None).numpy().sum() == pytest.approx(1.0)
