"""Laws of shapes and of moving elements, on random cases, against NumPy.

Hypothesis draws the same cases in every run, so a failure can be repeated.
"""

import math

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import minitf as tf
from minitf.graph.spec import TensorShape, broadcast
from minitf.graph.trace import trace

few = settings(derandomize=True, max_examples=60, deadline=None, database=None)
sizes = some.integers(0, 4)
shapes = some.lists(sizes, max_size=4).map(tuple)
shapes_with_axes = some.lists(sizes, min_size=1, max_size=4).map(tuple)


def counted(shape, dtype=np.float64):
    """Return an array in which no two elements are alike."""
    return np.arange(math.prod(shape), dtype=dtype).reshape(shape) + 1


def agrees(function, expected, *inputs):
    """Check a function eagerly, in a graph, and in a graph that does not know the sizes."""
    tensors = [tf.constant(i) for i in inputs]
    known = [t.spec for t in tensors]
    unknown = [tf.TensorSpec([None] * t.ndim, t.dtype) for t in tensors]
    found = [function(*tensors).numpy()]
    for specs in (known, unknown):
        graph = trace(function, specs)
        (result,) = graph.results
        assert result.shape.is_compatible_with(expected.shape)
        found += graph.run([*inputs, *(t.array for t in graph.captured)])
    for array in found:
        assert np.shape(array) == expected.shape
        np.testing.assert_array_equal(array, expected)


@some.composite
def shapes_that_broadcast(draw):
    """Draw two shapes that broadcast, some of their axes 1 or missing."""
    full = draw(some.lists(sizes, max_size=4))

    def shrunk():
        kept = [1 if draw(some.booleans()) and draw(some.booleans()) else n for n in full]
        return tuple(kept[draw(some.integers(0, len(full))) :])

    return shrunk(), shrunk()


@some.composite
def shape_and_axes(draw, unique=True):
    """Draw a shape, and axes of it, counted from either end."""
    shape = draw(shapes_with_axes)
    rank = len(shape)
    axes = draw(some.lists(some.integers(0, rank - 1), max_size=rank, unique=unique))
    return shape, [axis - rank * draw(some.booleans()) for axis in axes]


# -- broadcasting ---------------------------------------------------------------------------------


@few
@given(some.lists(shapes, min_size=1, max_size=3))
def test_shapes_meet_as_in_numpy(given_shapes):
    mine = [TensorShape(s) for s in given_shapes]
    try:
        expected = np.broadcast_shapes(*given_shapes)
    except ValueError:
        with pytest.raises(ValueError, match="do not broadcast"):
            broadcast(*mine)
    else:
        assert broadcast(*mine) == expected


@few
@given(shapes_that_broadcast(), some.data())
def test_an_unknown_dimension_promises_nothing_wrong(pair, data):
    hidden = [[None if data.draw(some.booleans()) else n for n in shape] for shape in pair]
    promised = broadcast(*[TensorShape(s) for s in hidden])
    assert promised.is_compatible_with(np.broadcast_shapes(*pair))


BINARY = [
    (tf.add, np.add),
    (tf.subtract, np.subtract),
    (tf.multiply, np.multiply),
    (tf.divide, np.divide),
    (tf.maximum, np.maximum),
    (tf.minimum, np.minimum),
    (tf.greater, np.greater),
    (tf.equal, np.equal),
]


@pytest.mark.parametrize(("mine", "numpys"), BINARY, ids=[n.__name__ for _, n in BINARY])
@settings(few, max_examples=15)
@given(pair=shapes_that_broadcast())
def test_elementwise_ops_broadcast(mine, numpys, pair):
    a, b = counted(pair[0]), counted(pair[1]) * 0.75
    agrees(mine, np.asarray(numpys(a, b)), a, b)


@few
@given(shapes_that_broadcast())
def test_gradients_have_the_shapes_of_their_sources(pair):
    """And an element's gradient counts its uses."""
    a, b = (tf.constant(counted(s)) for s in pair)
    with tf.GradientTape() as tape:
        tape.watch([a, b])
        y = a + b
    for gradient, source in zip(tape.gradient(y, [a, b]), (a, b), strict=True):
        assert gradient.shape == source.shape
        assert float(tf.reduce_sum(gradient)) == math.prod(y.shape) or 0 in source.shape


@few
@given(shapes_that_broadcast())
def test_broadcast_to(pair):
    target = np.broadcast_shapes(*pair)
    a = counted(pair[0])
    agrees(lambda t: tf.broadcast_to(t, target), np.broadcast_to(a, target), a)


# -- moving elements ------------------------------------------------------------------------------


@few
@given(shapes, some.data())
def test_reshape(shape, data):
    array = counted(shape)
    target = list(data.draw(some.permutations(shape)))
    if target and 0 not in target and data.draw(some.booleans()):
        target[data.draw(some.integers(0, len(target) - 1))] = -1
    agrees(lambda t: tf.reshape(t, target), array.reshape(target), array)
    agrees(lambda t: tf.reshape(t, [-1] if array.size else [0]), array.reshape(array.size), array)


@few
@given(shapes, some.data())
def test_transpose(shape, data):
    array = counted(shape)
    order = data.draw(some.permutations(range(len(shape))))
    agrees(lambda t: tf.transpose(t, order), array.transpose(order), array)
    agrees(lambda t: tf.transpose(t), array.T, array)
    back = tf.transpose(tf.transpose(array, order), np.argsort(order).astype(np.int32))
    np.testing.assert_array_equal(back, array)


@few
@given(shape_and_axes(), some.lists(sizes, min_size=1, max_size=3))
def test_concat_and_split(shape_axes, lengths):
    shape, axes = shape_axes
    axis = axes[0] if axes else -1
    parts = [
        counted([n if i == axis % len(shape) else m for i, m in enumerate(shape)]) for n in lengths
    ]
    whole = np.concatenate(parts, axis)
    agrees(lambda *ts: tf.concat(ts, axis), whole, *parts)
    for found, part in zip(tf.split(whole, lengths, axis), parts, strict=True):
        np.testing.assert_array_equal(found, part)


@few
@given(shapes, some.integers(1, 3), some.data())
def test_stack_and_unstack(shape, count, data):
    axis = data.draw(some.integers(-len(shape) - 1, len(shape)))
    parts = [counted(shape) * (i + 1) for i in range(count)]
    agrees(lambda *ts: tf.stack(ts, axis), np.stack(parts, axis), *parts)
    for found, part in zip(tf.unstack(np.stack(parts, axis), axis=axis), parts, strict=True):
        np.testing.assert_array_equal(found, part)


@few
@given(shape_and_axes())
def test_expand_squeeze_reverse(shape_axes):
    shape, axes = shape_axes
    array = counted(shape)
    agrees(lambda t: tf.reverse(t, axes), np.flip(array, axes), array)
    for axis in axes:
        agrees(lambda t, axis=axis: tf.expand_dims(t, axis), np.expand_dims(array, axis), array)
        wider = np.expand_dims(array, axis)
        np.testing.assert_array_equal(tf.squeeze(wider, axis), array)


@few
@given(shape_and_axes(unique=False), some.data())
def test_roll_and_tile(shape_axes, data):
    shape, axes = shape_axes
    array = counted(shape)
    shifts = [data.draw(some.integers(-5, 5)) for _ in axes]
    agrees(lambda t: tf.roll(t, shifts, axes), np.roll(array, shifts, axes), array)
    times = [data.draw(some.integers(0, 3)) for _ in shape]
    agrees(lambda t: tf.tile(t, times), np.tile(array, times), array)


@few
@given(shape_and_axes(), some.booleans())
def test_sums(shape_axes, keepdims):
    shape, axes = shape_axes
    array = counted(shape)
    expected = np.sum(array, tuple(axes), keepdims=keepdims)
    agrees(lambda t: tf.reduce_sum(t, axes, keepdims), np.asarray(expected), array)


# -- indexing -------------------------------------------------------------------------------------


@some.composite
def array_and_key(draw):
    """Draw an array and a basic index of it: ints, slices with steps, None, Ellipsis."""
    shape = draw(shapes_with_axes)
    key = draw(arrays.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True, max_dims=6))
    return counted(shape), key


@few
@given(array_and_key())
def test_basic_indexing(case):
    array, key = case
    agrees(lambda t: t[key], np.asarray(array[key]), array)


@few
@given(array_and_key())
def test_the_gradient_of_indexing_counts_what_was_taken(case):
    array, key = case
    x = tf.constant(array)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x[key]
    expected = np.zeros_like(array)
    expected[key] = 1.0
    np.testing.assert_array_equal(tape.gradient(y, x), expected)


@few
@given(some.lists(some.integers(1, 4), min_size=1, max_size=3), shapes, some.data())
def test_gather_takes_along_an_axis(shape, picked, data):
    array = counted(tuple(shape))
    axis = data.draw(some.integers(-len(shape), len(shape) - 1))
    index = some.integers(0, shape[axis] - 1)
    indices = data.draw(arrays.arrays(np.int32, picked, elements=index))
    agrees(lambda t: tf.gather(t, indices, axis=axis), np.take(array, indices, axis), array)


@few
@given(some.lists(some.integers(1, 4), min_size=1, max_size=3), some.data())
def test_masks(shape, data):
    array = counted(tuple(shape))
    mask = data.draw(arrays.arrays(np.bool_, shape[: data.draw(some.integers(1, len(shape)))]))
    np.testing.assert_array_equal(tf.boolean_mask(array, mask), array[mask])
    np.testing.assert_array_equal(tf.constant(array)[mask], array[mask])
