"""Grades initialisers.py: by counting, by statistics of large samples, and by a deep network."""

import numpy as np
import pytest

from minitf.course.grading import expect, expect_true

pytestmark = pytest.mark.exercise("03/initialisers", points=10)

LARGE = (400, 600)  # 240,000 numbers: their variance is known to half a percent


def drawn(draw, shape=LARGE, kind="he", seed=1):
    return np.asarray(draw(shape, kind, np.random.default_rng(seed)))


def test_a_dense_layer_has_the_fans_of_its_matrix(work):
    expect(
        work.fans((300, 100)),
        (300, 100),
        "the fans of weights of the shape (300, 100)",
        misconception="Weights have the shape (inputs, units): fan_in comes first.",
    )


def test_a_convolution_counts_its_positions_too(work):
    expect(
        work.fans((3, 5, 16, 32)),
        (240, 480),
        "the fans of a convolution of the shape (3, 5, 16, 32)",
        misconception=(
            "One unit adds up 3 * 5 positions of 16 channels. Positions count for both fans."
        ),
    )


@pytest.mark.parametrize(
    ("kind", "wanted"), [("lecun", 1 / 50), ("he", 2 / 50), ("glorot", 2 / 250)]
)
def test_the_variance_follows_the_formula(work, kind, wanted):
    expect(
        work.variance((50, 200), kind),
        wanted,
        f"the variance {kind!r} for the shape (50, 200)",
        misconception=(
            "With fan_in 50 and fan_out 200: lecun 1/50, he 2/50, glorot 2/250. Glorot "
            "is one over the *mean* of both fans."
        ),
    )


def test_normal_numbers_have_that_variance(work):
    values = drawn(work.normal)
    expect(values.shape, LARGE, "the shape of the numbers")
    expect(
        float(values.var()),
        2 / 400,
        "the variance of 240,000 normal numbers, 'he'",
        rtol=0.02,
        misconception="NumPy wants the standard deviation, the root of the variance.",
    )
    expect(float(values.mean()), 0.0, "their mean", atol=1e-3)


def test_uniform_numbers_have_that_variance(work):
    values = drawn(work.uniform)
    expect(
        float(values.var()),
        2 / 400,
        "the variance of 240,000 uniform numbers, 'he'",
        rtol=0.02,
        misconception=(
            "Numbers that are spread evenly over [-a, a] have the variance a^2 / 3, so "
            "a is the root of three times the variance."
        ),
    )
    expect(
        float(values.mean()),
        0.0,
        "their mean",
        atol=1e-3,
        misconception="The interval lies around zero, from -a to a.",
    )


def test_uniform_numbers_end_at_a(work):
    values = drawn(work.uniform)
    a = np.sqrt(3 * 2 / 400)
    expect(
        float(abs(values).max()),
        a,
        "the largest of 240,000 uniform numbers",
        rtol=1e-3,
        misconception=(
            "It should end sharply at the root of three times the variance; a normal "
            "distribution does not."
        ),
    )


def test_the_generator_decides(work):
    one, again, other = (drawn(work.normal, (3, 4), seed=s) for s in (5, 5, 6))
    expect_true(
        np.array_equal(one, again) and not np.array_equal(one, other),
        "the same numbers from the same generator, and others from another",
        misconception=(
            "Draw from `random`, the generator that was passed. `np.random.normal` is "
            "another one, which the caller cannot seed."
        ),
    )


def test_a_signal_survives_twenty_relu_layers(work):
    random = np.random.default_rng(0)
    h = random.normal(size=(200, 300))
    for _ in range(20):
        h = np.maximum(h @ work.normal((300, 300), "he", random), 0)
    size = float(np.mean(h**2))
    expect_true(
        0.3 < size < 3,
        "a mean square between 0.3 and 3 after 20 relu layers (it starts with 1)",
        got=size,
        misconception=(
            "Too small by a little in each layer is nothing after twenty. He's variance "
            "is 2 / fan_in, since a relu cuts off half of each sum's square."
        ),
    )
