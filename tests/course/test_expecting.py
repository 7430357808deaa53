"""The comparisons: what they let pass, and what they say of the rest."""

import numpy as np
import pytest

import minitf as tf
from minitf.course.expecting import Wrong, expect, expect_raises, expect_runs, expect_true


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (1.0000001, 1),
        (np.float32(0.1), 0.1),
        (np.array(3.0), 3.0),
        (tf.constant(3.0), 3.0),
        (3.0, np.array(3.0)),
        (np.ones((2, 3), np.float32), np.ones((2, 3))),
        (tf.Variable([1.0, 2.0]), np.array([1.0, 2.0])),
        (np.array([np.nan]), np.array([np.nan])),
        ((1, 2), [1, 2]),
        (np.array([1, 2]), [1, 2]),
        ([np.ones(2), {"a": 1}], [np.ones(2), {"a": 1.0}]),
        ({1, 2}, {2, 1}),
        ("text", "text"),
        (np.bool_(True), True),
        (None, None),
        (np.float32, np.float32),
    ],
)
def test_what_is_equal_passes(got, wanted):
    expect(got, wanted, "it")


@pytest.mark.parametrize(
    ("got", "wanted", "said"),
    [
        (-2.0, 2.0, "it has the wrong sign"),
        (None, 1.0, "no `return`"),
        (True, 1, "a number is needed; it is a bool"),
        ([None], [1.0], "it differs in [0]: expected 1.0, got None"),
        (1, True, "True or False is needed; it is an int"),
        ("1", 1, "a number is needed; it is a str"),
        ([1.0], np.ones(1), "an array or a Tensor is needed; it is a list"),
        (np.ones(1), 1.0, "a number is needed; it is an array of shape (1,)"),
        (np.ones((3, 2)), np.ones((2, 3)), "should be (2, 3); it is (3, 2): it is transposed"),
        (np.array([[1, 3], [2, 4]]), np.array([[1, 2], [3, 4]]), "it is transposed"),
        (np.ones(2, int), np.ones(2), "should be floats; they are integers (int64)"),
        (-np.arange(4.0), np.arange(4.0), "every element is -1 times what it should be"),
        (
            np.array([1.0, 2.0, 9.0]),
            np.array([1.0, 2.0, 3.0]),
            "the first is [2]: expected 3, got 9",
        ),
        (np.array([np.inf, 1.0]), np.ones(2), "some elements are NaN or infinite"),
        ([1, 2], [1, 2, 3], "3 elements are needed; there are 2"),
        ([1, 9], [1, 2], "it differs in [1]: expected 2, got 9"),
        ({"a": 1}, {"a": 1, "b": 2}, "missing: ['b']"),
        ({"a": 1, "c": 2}, {"a": 1}, "too much: ['c']"),
        ({1, 2}, {1, 3}, "missing: 3; too much: 2"),
        ([{"a": np.ones(2)}], [{"a": np.zeros(2)}], "it differs in [0]"),
        ("b", "a", "expected  'a'"),
        (0, None, "expected  None"),
        (float("nan"), 1.0, "got       nan"),
    ],
)
def test_what_differs_is_said(got, wanted, said):
    with pytest.raises(Wrong) as raised:
        expect(got, wanted, "the thing", misconception="A mistake.", section="a.md#b")
    message = str(raised.value)
    assert said in " ".join(message.split()) or said in message
    assert message.startswith("what      the thing\n")
    assert message.endswith("reread    a.md#b")
    # Where nothing was returned, that is what went wrong, and no guess is made.
    assert ("perhaps   A mistake." in message) == (got is not None)


def test_a_tensor_of_a_graph_is_not_a_value():
    with tf.Graph().as_default():
        edge = tf.constant(1.0) + 1.0
    with pytest.raises(Wrong):
        expect(edge, np.array(2.0), "a value")


def test_tolerances_can_be_chosen():
    expect(1.1, 1.0, "about one", atol=0.2)
    with pytest.raises(Wrong):
        expect(1.1, 1.0, "about one", rtol=0.01)


def test_a_condition_is_required():
    expect_true(True, "it holds")
    with pytest.raises(Wrong, match="a loss below 1"):
        expect_true(False, "a loss below 1", got=7.5)


def refuse():
    raise ValueError("three rows, four labels")


def to_do():
    raise NotImplementedError("TODO: think")


def test_an_exception_is_required():
    assert str(expect_raises(ValueError, refuse, "it", match="Four")) == "three rows, four labels"
    with pytest.raises(Wrong, match="no exception; it returned 3"):
        expect_raises(ValueError, lambda: 3, "a refusal")
    with pytest.raises(Wrong, match="three rows"):
        expect_raises(ValueError, refuse, "a refusal", match="columns")
    with pytest.raises(ValueError, match="three rows"):
        expect_raises(TypeError, refuse, "a refusal")


def test_a_to_do_is_never_the_exception_that_was_required():
    with pytest.raises(NotImplementedError):
        expect_raises(NotImplementedError, to_do, "it")
    with pytest.raises(NotImplementedError):
        expect_raises(Exception, to_do, "it")
    with pytest.raises(NotImplementedError):
        expect_runs(to_do, "it")


def test_a_likely_exception_is_explained():
    assert expect_runs(lambda: 3, "it") == 3
    with pytest.raises(Wrong, match="ValueError: three rows") as raised:
        expect_runs(refuse, "it", misconception="Count them.")
    assert "perhaps   Count them." in str(raised.value)
    assert raised.value.__cause__ is not None
