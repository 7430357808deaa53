"""Grades broadcasting_kernels.py: by NumPy's broadcasting, and by finite differences."""

import numpy as np
import pytest

from minitf.course.grading import expect, expect_true

pytestmark = pytest.mark.exercise("02/broadcasting_kernels", points=10)

PAIRS = [
    ((3, 1), (1, 4)),
    ((2, 3), (3,)),
    ((3,), (2, 3)),
    ((2, 1, 4), (3, 1)),
    ((), (2, 2)),
    ((1, 1), (5, 1)),
    ((2, 3), (2, 3)),
]


def arrays(*shapes, seed=0):
    random = np.random.default_rng(seed)
    return [random.normal(size=shape) for shape in shapes]


def test_a_size_of_one_is_always_read_at_zero(work):
    expect(
        work.source_index((2, 3), (3, 1)),
        (2, 0),
        "where (3, 1) holds position (2, 3)",
        misconception="Along a stretched axis there is one element, at 0, for every position.",
    )


def test_missing_axes_are_those_on_the_left(work):
    expect(
        work.source_index((2, 3), (4,)),
        (3,),
        "where (4,) holds position (2, 3)",
        misconception="Shapes are lined up on the right: the input lacks the first axis, so "
        "the first number of the index is dropped.",
    )
    expect(work.source_index((5, 2, 3), (1, 4)), (0, 3), "where (1, 4) holds position (5, 2, 3)")


def test_a_single_number_has_no_index(work):
    expect(
        work.source_index((2, 3), ()),
        (),
        "where a single number holds position (2, 3)",
        misconception="A rank of 0 has no index at all. `index[-0:]` is the whole index, not "
        "nothing: count from the front.",
    )


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_elements_meet_as_in_numpy(work, one, other):
    a, b = arrays(one, other)
    expect(
        work.elementwise(lambda x, y: x - y, a, b),
        a - b,
        f"a - b for shapes {one} and {other}",
        misconception="Is the function called as function(a's element, b's element)? Subtraction "
        "shows the order.",
    )


def test_the_result_has_the_dtype_of_the_inputs(work):
    a, b = np.ones((2, 1), np.float32), np.ones(3, np.float32)
    got = work.elementwise(lambda x, y: x + y, a, b)
    expect(
        str(got.dtype),
        "float32",
        "the dtype of the sum of two float32 arrays",
        misconception="`np.empty(shape)` and `np.zeros(shape)` are float64: pass a.dtype.",
    )


def test_a_gradient_comes_back_with_the_shape_of_its_input(work):
    (dy,) = arrays((2, 3, 4))
    for shape in [(2, 3, 4), (3, 4), (4,), (), (2, 1, 4), (1, 1), (3, 1)]:
        got = work.sum_to_shape(dy, shape)
        expect(
            np.shape(got),
            shape,
            f"the shape of a gradient (2, 3, 4) for an input {shape}",
            misconception="Summing removes axes; `reshape(shape)` at the end puts the axes of "
            "size 1 back.",
        )


def test_what_was_read_several_times_gets_the_sum(work):
    dy = np.arange(12.0).reshape(3, 4)
    expect(
        work.sum_to_shape(dy, (4,)),
        dy.sum(axis=0),
        "dy (3, 4) for an input (4,)",
        misconception="Each number was used three times, and each use contributes: they are "
        "added, not averaged, and none may be left out.",
    )
    expect(work.sum_to_shape(dy, (3, 1)), dy.sum(axis=1, keepdims=True), "dy (3, 4) for (3, 1)")


def test_a_gradient_of_the_same_shape_stays(work):
    (dy,) = arrays((3, 4))
    expect(
        work.sum_to_shape(dy, (3, 4)),
        dy,
        "dy (3, 4) for an input (3, 4)",
        misconception="Nothing was stretched, so nothing is summed. `sum(axis=None)` sums over "
        "everything, `sum(axis=())` over nothing.",
    )


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_the_gradients_of_a_product_agree_with_wiggling(work, one, other):
    a, b = arrays(one, other)
    (dy,) = arrays(np.broadcast_shapes(one, other), seed=1)
    da, db = work.multiply_gradients(a, b, dy)
    what = f"of y = a * b for shapes {one} and {other}"
    misconception = (
        "The derivative for a is dy * b, and the one for b is dy * a; each is then "
        "summed to the shape of its input."
    )
    expect(
        da,
        wiggled(lambda: (a * b * dy).sum(), a),
        f"da {what}",
        rtol=1e-4,
        atol=1e-6,
        misconception=misconception,
    )
    expect(
        db,
        wiggled(lambda: (a * b * dy).sum(), b),
        f"db {what}",
        rtol=1e-4,
        atol=1e-6,
        misconception=misconception,
    )


def test_the_arrays_that_came_in_are_left_alone(work):
    a, b = arrays((2, 1), (3,))
    before = a.copy(), b.copy()
    work.multiply_gradients(a, b, np.ones((2, 3)))
    expect_true(
        np.array_equal(a, before[0]) and np.array_equal(b, before[1]),
        "a and b as they were, after multiply_gradients",
    )


def wiggled(total, array, step=1e-5):
    """Return the derivative of total() for each element of an array, by finite differences."""
    slope = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + step
        above = total()
        array[index] = kept - step
        below = total()
        array[index] = kept
        slope[index] = (above - below) / (2 * step)
    return slope


def install(work):
    """Let the gradients of minitf come back through `work.sum_to_shape`."""
    from minitf.graph.registry import OPS

    definition = OPS["sum_to_shape"]
    before = definition.kernels["numpy"]
    definition.kernel("numpy")(lambda input, like: work.sum_to_shape(input, np.shape(like)))
    return lambda: definition.kernel("numpy")(before)
