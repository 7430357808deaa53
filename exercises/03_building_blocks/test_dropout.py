"""Grades dropout.py: by counting large samples, and by the definition."""

import numpy as np
import pytest

from minitf.course.grading import expect, expect_raises, expect_true

pytestmark = pytest.mark.exercise("03/dropout", points=10)


def generator(seed=0):
    return np.random.default_rng(seed)


def test_a_mask_holds_zeros_and_one_larger_number(work):
    m = np.asarray(work.mask((50, 40), 0.2, generator()))
    expect(m.shape, (50, 40), "the shape of the mask")
    expect(
        np.unique(m),
        np.array([0.0, 1.25]),
        "the values in a mask for the rate 0.2",
        misconception=(
            "What is kept is divided by 1 - rate, the share that is kept: 1 / 0.8. "
            "Without it, the next layer gets smaller sums while training than when "
            "applied."
        ),
    )


def test_the_rate_is_the_share_that_is_dropped(work):
    m = np.asarray(work.mask((1000, 100), 0.2, generator()))
    expect(
        float(np.mean(m == 0)),
        0.2,
        "the share of zeros among 100,000, for the rate 0.2",
        atol=0.01,
        misconception=(
            "The rate is the probability to be *dropped*. Is the comparison the right way round?"
        ),
    )


def test_the_mean_stays_as_it_was(work):
    for rate in (0.1, 0.5, 0.9):
        y, _ = work.forward(np.full((2000, 50), 3.0), rate, True, generator())
        expect(
            float(np.mean(y)),
            3.0,
            f"the mean of 100,000 threes after dropout with the rate {rate}",
            rtol=0.05,
            misconception="E[m] x = x only if the kept ones are multiplied by 1 / (1 - rate).",
        )


def test_each_example_has_its_own_chances(work):
    m = np.asarray(work.mask((30, 20), 0.5, generator()))
    expect_true(
        len(np.unique(m, axis=0)) == 30 and len(np.unique(m, axis=1)[0]) == 20,
        "different rows and columns in a mask of 30 examples and 20 units",
        misconception=(
            "Draw one number for each element of the whole shape. If all examples lose "
            "the same units, or an example loses all or nothing, the noise is another "
            "one."
        ),
    )


def test_each_call_draws_anew(work):
    random = generator()
    expect_true(
        not np.array_equal(work.mask((5, 5), 0.5, random), work.mask((5, 5), 0.5, random)),
        "two different masks from two calls with one generator",
        misconception=(
            "Use the generator that is passed; one that is made anew, with a fixed "
            "seed, gives the same mask in each step, and so trains only a part of the "
            "network."
        ),
    )


def test_an_applied_network_drops_nothing(work):
    x = generator().normal(size=(4, 6))
    y, m = work.forward(x, 0.5, False, generator())
    expect(
        y,
        x,
        "what comes out without training",
        misconception=(
            "The scaling has been done while training. Applied, the layer hands on what it gets."
        ),
    )
    expect(m, np.ones((4, 6)), "the mask without training")


def test_the_rate_zero_changes_nothing(work):
    x = generator().normal(size=(4, 6))
    expect(work.forward(x, 0.0, True, generator())[0], x, "what comes out with the rate 0")


def test_a_rate_of_one_is_refused(work):
    expect_raises(
        ValueError,
        lambda: work.mask((3,), 1.0, generator()),
        "a rate of 1",
        misconception="Nothing would be left to scale, and 1 / (1 - 1) is a division by zero.",
    )


def test_the_array_that_came_in_is_left_alone(work):
    x = np.ones((10, 10))
    work.forward(x, 0.5, True, generator())
    expect(
        x,
        np.ones((10, 10)),
        "the array that was passed as x, after the call",
        misconception="`x *= ...` and `x[...] = 0` change the caller's array in place.",
    )


def test_gradients_take_the_way_that_the_numbers_took(work):
    x, g = generator(1).normal(size=(8, 5)), generator(2).normal(size=(8, 5))
    y, m = work.forward(x, 0.4, True, generator(3))
    nudged, _ = work.forward(x + 1e-6, 0.4, True, generator(3))  # the same chances again
    slope = (np.asarray(nudged) - np.asarray(y)) / 1e-6
    expect(
        work.backward(g, m),
        g * slope,
        "the gradient behind dropout, against differences",
        rtol=1e-4,
        atol=1e-6,
        misconception=(
            "y = x * m, so the derivative is m itself: 0 for what was dropped, and 1 / "
            "(1 - rate), not 1, for what was kept."
        ),
    )
