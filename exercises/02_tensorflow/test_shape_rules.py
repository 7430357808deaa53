"""Grades shape_rules.py: by NumPy where all sizes are known, and by cases worked out by hand."""

import numpy as np
import pytest

from minitf.course.grading import expect, expect_raises

pytestmark = pytest.mark.exercise("02/shape_rules", points=10)


def tried(rule, *args, **kwargs):
    """Return what a rule says, or its error: an error where there is an answer teaches nothing."""
    try:
        return rule(*args, **kwargs)
    except ValueError as error:
        return error


def test_equal_shapes_stay(work):
    expect(
        tried(work.broadcast, (2, 3), (2, 3)), (2, 3), "the shape in which (2, 3) and (2, 3) meet"
    )


def test_a_one_is_stretched(work):
    expect(
        tried(work.broadcast, (5, 1), (1, 7)),
        (5, 7),
        "the shape in which (5, 1) and (1, 7) meet",
        misconception="In each position the larger size wins, whichever side it is on.",
    )


def test_shapes_are_lined_up_on_the_right(work):
    expect(
        tried(work.broadcast, (4, 1, 6), (5, 1)),
        (4, 5, 6),
        "the shape of (4, 1, 6) and (5, 1)",
        misconception="Shapes are lined up at their right ends: missing axes are ones on the left.",
    )


def test_any_number_of_shapes_meets_as_in_numpy(work):
    random = np.random.default_rng(1)
    for _ in range(50):
        full = random.integers(1, 5, size=random.integers(1, 4))
        shapes = [
            tuple(np.where(random.random(len(full)) < 0.4, 1, full).tolist())[k:]
            for k in random.integers(0, len(full), size=3)
        ]
        expect(
            tried(work.broadcast, *shapes), np.broadcast_shapes(*shapes), f"the shape of {shapes}"
        )


def test_an_unknown_size_that_meets_a_known_one_must_be_it(work):
    expect(
        tried(work.broadcast, (None, 3), (7, 3)),
        (7, 3),
        "the shape of (None, 3) and (7, 3)",
        misconception="If the two are to meet at all, the unknown size must be 7 (or 1, which is "
        "stretched to 7): so the result's size is known.",
    )


def test_an_unknown_size_that_meets_a_one_stays_unknown(work):
    expect(
        tried(work.broadcast, (None, 1), (1, 7)),
        (None, 7),
        "the shape of (None, 1) and (1, 7)",
        misconception="A 1 is stretched to whatever the other side is, so None with 1 is None, "
        "not 1.",
    )
    expect(tried(work.broadcast, (None,), (None,)), (None,), "the shape of (None,) and (None,)")


def test_sizes_that_cannot_meet_are_an_error_with_the_shapes_in_it(work):
    error = expect_raises(
        ValueError,
        lambda: work.broadcast((2, 3), (2,)),
        "(2, 3) with (2,)",
        misconception="Lined up on the right, the 3 meets the 2, and neither is 1.",
    )
    expect(
        "(2, 3)" in str(error),
        True,
        "whether the message shows the shape (2, 3)",
        misconception="An error that shows no shapes makes people search: put both into the "
        "message.",
    )


def test_a_product_keeps_the_outer_sizes(work):
    expect(
        tried(work.matmul, (32, 784), (784, 10)),
        (32, 10),
        "the shape of (32, 784) @ (784, 10)",
        misconception="(n, k) times (k, m) is (n, m): the inner size is summed away.",
    )
    expect(
        tried(work.matmul, (None, 64), (64, 10)), (None, 10), "the shape of (None, 64) @ (64, 10)"
    )


def test_the_axes_before_a_product_broadcast(work):
    expect(
        tried(work.matmul, (8, 1, 2, 3), (5, 3, 4)),
        (8, 5, 2, 4),
        "(8, 1, 2, 3) @ (5, 3, 4)",
        misconception="Only the last two axes take part in the product; those before them count "
        "matrices, and meet as in `broadcast`.",
    )


def test_inner_sizes_that_differ_are_an_error(work):
    expect_raises(
        ValueError,
        lambda: work.matmul((32, 784), (512, 10)),
        "(32, 784) @ (512, 10)",
        misconception="The inner sizes, 784 and 512, have to agree.",
    )
    expect_raises(
        ValueError, lambda: work.matmul((3,), (3, 4)), "(3,) @ (3, 4): one axis is missing"
    )


def test_an_unknown_inner_size_may_fit(work):
    expect(
        tried(work.matmul, (2, None), (3, 4)),
        (2, 4),
        "the shape of (2, None) @ (3, 4)",
        misconception="None could be 3. What might fit is no error before the run.",
    )


def test_a_named_axis_goes(work):
    expect(
        tried(work.reduce, (32, 28, 29), axis=1),
        (32, 29),
        "(32, 28, 29) reduced over axis 1",
        misconception="Axes are counted from 0, and the one that is named goes.",
    )
    expect(
        tried(work.reduce, (32, 28, 29), axis=[0, 2]),
        (28,),
        "(32, 28, 29) reduced over axes 0 and 2",
    )
    expect(tried(work.reduce, (None, 28)), (), "(None, 28) reduced over all axes")


def test_negative_axes_count_from_the_end(work):
    expect(
        tried(work.reduce, (2, 3, 4), axis=-1),
        (2, 3),
        "(2, 3, 4) reduced over axis -1",
        misconception="-1 is the last axis: `axis % rank` counts from the front.",
    )
    expect(
        tried(work.reduce, (2, 3, 4), axis=[-3, 2]), (3,), "(2, 3, 4) reduced over axes -3 and 2"
    )


def test_kept_axes_have_size_one(work):
    expect(
        tried(work.reduce, (2, 3, 4), axis=[0, -1], keepdims=True),
        (1, 3, 1),
        "(2, 3, 4) reduced over axes 0 and -1, with keepdims",
        misconception="keepdims=True: the named axes stay where they are, with size 1.",
    )


def test_an_axis_that_does_not_exist_is_an_error(work):
    expect_raises(
        ValueError,
        lambda: work.reduce((2, 3), axis=2),
        "axis 2 of the shape (2, 3)",
        misconception="A shape of rank 2 has the axes 0 and 1, or -2 and -1.",
    )


def test_a_reshape_keeps_the_number_of_elements(work):
    expect(tried(work.reshape, (4, 6), (3, 8)), (3, 8), "(4, 6) as (3, 8)")
    expect_raises(
        ValueError,
        lambda: work.reshape((4, 6), (5, 5)),
        "24 elements as (5, 5)",
        misconception="25 places for 24 elements: the products have to be equal.",
    )


def test_minus_one_is_whatever_is_left(work):
    expect(tried(work.reshape, (1797, 8, 8), (-1, 64)), (1797, 64), "(1797, 8, 8) as (-1, 64)")
    expect_raises(
        ValueError,
        lambda: work.reshape((4, 6), (-1, 5)),
        "24 elements as (-1, 5)",
        misconception="24 is not a multiple of 5, so no whole number can stand for -1.",
    )
    expect_raises(ValueError, lambda: work.reshape((4, 6), (-1, -1)), "two -1 in one shape")


def test_an_unknown_size_makes_minus_one_unknown(work):
    expect(
        tried(work.reshape, (None, 8, 8), (-1, 64)),
        (None, 64),
        "(None, 8, 8) as (-1, 64)",
        misconception="With an unknown size the number of elements is unknown, and so is what "
        "is left for -1.",
    )
