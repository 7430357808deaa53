"""Shapes, indexing, gathering, filling: what the op contract does not say."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import minitf as tf
from minitf.errors import (
    DTypeError,
    InvalidArgumentError,
    OutOfRangeError,
    ShapeError,
)
from minitf.ops import gather as gathering

X = np.arange(24.0).reshape(2, 3, 4)


def numbers(*shape):
    return np.arange(float(np.prod(shape))).reshape(shape)


def run(build, *arrays, open_dims=None):
    """Write a graph whose placeholders leave sizes open; return its result there, and of a run."""
    with tf.Graph() as graph:
        inputs = [
            tf.placeholder(a.dtype, [None] * a.ndim if open_dims is None else open_dims)
            for a in arrays
        ]
        result = build(*inputs)
    with tf.Session(graph=graph) as session:
        return result, session.run(result, dict(zip(inputs, arrays, strict=True)))


# -- shapes that a graph computes -----------------------------------------------------------------

AN_INT = np.int32(2)
COMPUTED = {
    "reshape, one size asked for": (
        lambda x: tf.reshape(x, [tf.shape(x)[0], 12]), (None, 12), X.reshape(2, 12)),
    "reshape, one size worked out": (
        lambda x: tf.reshape(x, [tf.shape(x)[0] * 3, -1]), (None, None), X.reshape(6, 4)),
    "reshape, a whole shape": (
        lambda x: tf.reshape(x, tf.shape(x)[::-1]), (4, 3, None), X.reshape(4, 3, 2)),
    "reshape, a stack of sizes": (
        lambda x: tf.reshape(x, tf.stack([tf.shape(x)[0], tf.size(x[0])])), (None, 12),
        X.reshape(2, 12)),
    "zeros": (lambda x: tf.zeros([tf.shape(x)[0], 5]), (None, 5), np.zeros((2, 5))),
    "ones of a known size": (lambda x: tf.ones(tf.shape(x)[1] * 2), (6,), np.ones(6)),
    "fill": (lambda x: tf.fill([tf.shape(x)[0], 2], 7), (None, 2), np.full((2, 2), 7)),
    "eye": (lambda x: tf.eye(tf.shape(x)[0]), (None, None), np.eye(2)),
    "range": (lambda x: tf.range(tf.shape(x)[0] + 1), (None,), np.arange(3)),
    "range of a known size": (lambda x: tf.range(tf.shape(x)[2]), (4,), np.arange(4)),
    "one_hot": (
        lambda x: tf.one_hot([1, 0], tf.shape(x)[0]), (2, None), np.eye(2)[[1, 0]]),
    "sequence_mask": (
        lambda x: tf.sequence_mask([1, 2], tf.shape(x)[0]), (2, None), np.tri(2).astype(bool)),
    "tile": (
        lambda x: tf.tile(x[0, 0], [tf.shape(x)[0]]), (None,), np.tile(X[0, 0], 2)),
    "repeat": (
        lambda x: tf.repeat(x[0], tf.shape(x)[0], axis=1), (3, None), np.repeat(X[0], 2, 1)),
    "repeat, one number each": (
        lambda x: tf.repeat(x[:, 0], tf.range(2) + 1, axis=0), (None, 4),
        np.repeat(X[:, 0], [1, 2], 0)),
    "pad": (
        lambda x: tf.pad(x[0], [[0, tf.shape(x)[0]], [1, 0]]), (None, 5),
        np.pad(X[0], [(0, 2), (1, 0)])),
    "roll": (lambda x: tf.roll(x, tf.shape(x)[0], 2), (None, 3, 4), np.roll(X, 2, 2)),
    "slice": (
        lambda x: tf.slice(x, [0, 1, tf.shape(x)[0]], [-1, 2, -1]), (None, 2, None),
        X[:, 1:3, 2:]),
    "split": (
        lambda x: tf.split(x, [tf.shape(x)[0], -1], 2)[0], (None, 3, None), X[:, :, :2]),
    "broadcast_to": (
        lambda x: tf.broadcast_to(x[0, 0], [tf.shape(x)[0], 4]), (None, 4),
        np.broadcast_to(X[0, 0], (2, 4))),
    "brackets": (
        lambda x: x[tf.shape(x)[0] - 1, 1 : tf.shape(x)[0] + 1, :: tf.shape(x)[0]],
        (None, None), X[1, 1:3, ::2]),
    "brackets with known numbers": (
        lambda x: x[:, : tf.shape(x)[1] - 1], (None, 2, 4), X[:, :2]),
    "concat": (lambda x: tf.concat([x, x], 0), (None, 3, 4), np.concatenate([X, X])),
    "meshgrid": (
        lambda x: tf.meshgrid(x[:, 0, 0], x[0, 0])[0], (4, None), np.array([[0.0, 12.0]] * 4)),
    "space_to_depth": (
        lambda x: tf.nn.space_to_depth(x[:, :2, :, tf.newaxis], 2), (None, 1, 2, 4),
        X[:, :2].reshape(2, 1, 2, 2, 2).transpose(0, 1, 3, 2, 4).reshape(2, 1, 2, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", COMPUTED)
def test_a_graph_computes_attributes_and_knows_what_it_can(name):
    build, known, expected = COMPUTED[name]
    result, value = run(build, X, open_dims=[None, 3, 4])
    assert result.shape == known
    np.testing.assert_array_equal(value, expected)


@pytest.mark.parametrize("name", COMPUTED)
def test_eager_tensors_serve_as_attributes_too(name):
    build, _, expected = COMPUTED[name]
    np.testing.assert_array_equal(build(tf.constant(X)).numpy(), expected)


def test_gradients_pass_through_computed_attributes():
    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float64)])
    def slopes(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            n = tf.shape(x)[0]
            parts = [
                tf.reshape(x, [n * 2, -1]) * 2.0,
                x[n - 1, :n] * 3.0,
                tf.tile(x, [n, 1]) * 5.0,
                tf.slice(x, [0, n - 1], [-1, 1]) * 7.0,
                tf.concat([x, x[:, : n - 1]], 1) * 11.0,
            ]
            total = tf.add_n([tf.reduce_sum(p) for p in parts])
        return tape.gradient(total, x)

    expected = np.full((2, 4), 2.0 + 2 * 5 + 11)
    expected[1, :2] += 3
    expected[:, 1] += 7
    expected[:, 0] += 11
    np.testing.assert_array_equal(slopes(tf.constant(numbers(2, 4))).numpy(), expected)


def test_a_tensor_of_shape_one_can_be_a_shape():
    _, value = run(lambda n: tf.zeros(tf.reshape(n, [1])), AN_INT)
    assert value.shape == (2,)


def test_a_vector_of_unknown_length_cannot_be_a_shape():
    with pytest.raises(ShapeError, match="must be known"):
        run(lambda n: tf.zeros(n), np.array([2, 3]))


# -- square brackets ------------------------------------------------------------------------------


@st.composite
def indexed(draw):
    """A shape, and a key that NumPy takes for it."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=0, max_size=4)))
    bounds = st.one_of(st.none(), st.integers(-5, 5))
    steps = st.sampled_from([None, 1, 2, -1, -2])
    key = []
    for size in shape[: draw(st.integers(0, len(shape)))]:
        way = draw(st.sampled_from(["int", "slice", "stop"]))
        if way == "int":
            key.append(draw(st.integers(-size, size - 1)))
        elif way == "slice":
            key.append(slice(draw(bounds), draw(bounds), draw(steps)))
        else:
            break
    for _ in range(draw(st.integers(0, 2))):
        key.insert(draw(st.integers(0, len(key))), None)
    if draw(st.booleans()):
        place = draw(st.integers(0, len(key)))
        given = [k for k in key[place:] if k is not None]
        assume(len(given) <= len(shape))
        key.insert(place, ...)
    return shape, tuple(key)


@given(indexed())
def test_brackets_do_what_numpys_do(case):
    shape, key = case
    x = numbers(*shape)
    try:
        expected = x[key]
    except IndexError:  # behind the ellipsis, an int can meet an axis that it does not fit
        with pytest.raises(OutOfRangeError, match="out of range"):
            tf.constant(x)[key]
        return
    tensor = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        found = tensor[key]
    assert found.shape == expected.shape
    np.testing.assert_array_equal(found.numpy(), expected)
    touched = np.zeros(shape)
    touched[key] = 1
    np.testing.assert_array_equal(tape.gradient(found, tensor).numpy(), touched)
    with tf.Graph():
        static = tf.placeholder(tf.float64, shape)[key]
        assert static.shape == expected.shape
        dynamic = tf.placeholder(tf.float64, [None] * len(shape))[key]
        assert dynamic.shape.is_compatible_with(expected.shape)


MASK = np.array([True, False, True])


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ((slice(None), MASK), X[:, MASK]),
        ((slice(None), MASK, 1), X[:, MASK, 1]),
        ((0, MASK), X[0, MASK]),
        ((..., MASK, slice(1, 3)), X[:, MASK, 1:3]),
        ((None, slice(None), MASK), X[None, :, MASK]),
        ((..., X[0] > 4), X[:, X[0] > 4]),
        (X > 10, X[X > 10]),
        ([True, False], X[[True, False]]),
    ],
    ids=str,
)
def test_a_mask_among_other_items(key, expected):
    np.testing.assert_array_equal(tf.constant(X)[key].numpy(), expected)


def test_variables_and_numpy_numbers_are_indices():
    v = tf.Variable([10, 20, 30])
    i = tf.Variable(1)
    assert [v[i].numpy(), v[np.int64(2)].numpy(), v[np.array(0)].numpy()] == [20, 30, 10]


def test_iteration_ends():
    assert [int(t) for t in tf.constant([1, 2, 3])] == [1, 2, 3]
    _, second = tf.constant([[1, 2], [3, 4]])
    assert second.numpy().tolist() == [3, 4]


@pytest.mark.parametrize(
    ("key", "error", "message"),
    [
        (2, OutOfRangeError, r"^getitem: index 2 is out of range for axis 0 of size 2  \[in test_"),
        ((0, -4), OutOfRangeError, "index -4 is out of range for axis 1 of size 3"),
        ((0, 0, 0, 0), ShapeError, "4 indices for 3 dimension"),
        ((..., ...), InvalidArgumentError, "one ellipsis"),
        (slice(None, None, 0), InvalidArgumentError, "step of a slice cannot be 0"),
        ([0, 1], InvalidArgumentError, r"\[0, 1\] is not an index.*tf.gather"),
        (np.array([0, 1]), InvalidArgumentError, r"shape \(2,\) are not an index.*tf.gather"),
        (1.0, DTypeError, "an index is an int"),
        (np.float32(1), DTypeError, "whole number or a mask, got dtype float32"),
        ("a", DTypeError, "an index is an int"),
        (True, ShapeError, "a mask needs one axis or more"),
        (np.array([True] * 3), ShapeError, r"mask of shape \(3,\) does not fit axes 0"),
        ((MASK[:2], MASK), InvalidArgumentError, "one mask at a time"),
    ],
    ids=str,
)
def test_wrong_indices(key, error, message):
    with pytest.raises(error, match=message):
        tf.constant(X)[key]


def test_an_index_out_of_range_is_found_when_the_graph_runs():
    with pytest.raises(OutOfRangeError, match="out of bounds"):
        run(lambda x: x[5], X)
    assert run(lambda x: x[5:], X)[1].shape == (0, 3, 4)


@pytest.mark.parametrize(
    ("masks", "expected"),
    [
        ({}, X[0:2, 1:3, 0:4:2]),
        ({"begin_mask": 2, "end_mask": 4}, X[0:2, :3, 0::2]),
        ({"shrink_axis_mask": 1}, X[0, 1:3, 0:4:2]),
        ({"new_axis_mask": 2}, X[0:2, None, 0:4:2]),
        ({"ellipsis_mask": 2}, X[0:2, ..., 0:4:2]),
    ],
    ids=str,
)
def test_strided_slice_is_brackets_in_numbers(masks, expected):
    found = tf.strided_slice(X, [0, 1, 0], [2, 3, 4], [1, 1, 2], **masks)
    np.testing.assert_array_equal(found.numpy(), expected)


# -- gather and scatter ---------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [1, 7, 1 << 18])
@pytest.mark.parametrize("width", [1, 3])
def test_the_sum_over_repeated_rows_is_exact(chunk, width, monkeypatch):
    monkeypatch.setattr(gathering, "CHUNK", chunk)
    rng = np.random.default_rng(0)
    index, rows = rng.integers(0, 5, 40), rng.integers(-9, 9, (40, width)).astype(np.float32)
    expected = np.zeros((6, width), np.float32)
    np.add.at(expected, index, rows)
    np.testing.assert_array_equal(gathering.sum_rows(rows, index, 6), expected)


@pytest.mark.parametrize("index", [-1, 3])
def test_gather_refuses_numbers_outside(index):
    with pytest.raises(OutOfRangeError, match=rf"gather: index {index} is not in \[0, 3\)  \[in"):
        tf.gather([1, 2, 3], [0, index])
    with pytest.raises(OutOfRangeError, match="is not in"):
        run(lambda i: tf.gather([1, 2, 3], i), np.array([0, index]))
    with pytest.raises(OutOfRangeError, match="is not in"):
        tf.gather_nd([[1, 2, 3]], [[0, index]])
    with pytest.raises(OutOfRangeError, match="is not in"):
        tf.scatter_nd([[index]], [1.0], [3])


def test_gather_with_batch_dims_is_one_gather_each():
    x, i = numbers(2, 3, 4, 2), np.array([[3, 0], [1, 1]])
    found = tf.gather(x, i, axis=2, batch_dims=1)
    np.testing.assert_array_equal(found, [np.take(x[b], i[b], axis=1) for b in range(2)])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tf.gather(X, [0], axis=3), InvalidArgumentError, "axis 3 is out of range"),
        (lambda: tf.gather(X, [0], axis=0, batch_dims=1), InvalidArgumentError, "at most axis 0"),
        (lambda: tf.gather(X, [0.5]), DTypeError, "indices must be of integer type"),
        (lambda: tf.gather(np.zeros((0, 2)), [0]), OutOfRangeError, "from an axis of size 0"),
        (lambda: tf.gather_nd(X, [[0, 0, 0, 0]]), ShapeError, "too long for shape"),
        (lambda: tf.scatter_nd([[0]], [1.0, 2.0], [3]), ShapeError, r"must have shape \(1,\)"),
        (lambda: tf.scatter_nd([[9]], [1.0], [3], "IGNORE"), InvalidArgumentError, "'ERROR'"),
        (lambda: tf.tensor_scatter_nd_update([1.0], [[0]], [[2.0]]), ShapeError, "updates must"),
        (lambda: tf.math.invert_permutation([0, 0]), InvalidArgumentError, "not hold each of"),
        (lambda: tf.boolean_mask(X, True), ShapeError, "a mask needs one axis"),
        (lambda: tf.dynamic_partition([1, 2], [0, 2], 2), OutOfRangeError, r"not in \[0, 2\)"),
        (lambda: tf.dynamic_stitch([[0]], []), InvalidArgumentError, "one part of data"),
    ],
)
def test_wrong_picking_and_putting(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert "[in test_ops_array.py:" in str(caught.value)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8))
def test_stitching_undoes_partitioning(groups):
    x = numbers(len(groups), 2)
    parts = tf.dynamic_partition(x, groups, 4)
    places = tf.dynamic_partition(tf.range(len(groups)), groups, 4)
    np.testing.assert_array_equal(tf.dynamic_stitch(places, parts), x)


def test_rows_of_an_embedding_are_shortened_but_not_lengthened():
    table = tf.constant([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    with tf.GradientTape() as tape:
        tape.watch(table)
        rows = tf.nn.embedding_lookup(table, [0, 1, 2], max_norm=1.0)
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0.3, 0.4], [0.0, 0.0]], rtol=1e-6)
    assert np.isfinite(tape.gradient(rows, table).numpy()).all()


# -- joining, repeating, padding ------------------------------------------------------------------


def test_one_part_is_still_a_list():
    for found in (tf.unstack([[1, 2]]), tf.split([1, 2], 1), tf.dynamic_partition([1], [0], 1)):
        assert isinstance(found, list)
        assert len(found) == 1
    (part,), value = run(lambda x: tf.unstack(x, 1), np.array([7]))
    assert part.shape == ()
    assert value == [7]


def test_a_single_tensor_is_stacked_by_rows():
    np.testing.assert_array_equal(tf.stack(tf.constant(X[0]), axis=1), X[0].T)


def test_space_and_depth_and_batch_are_undone():
    x = numbers(2, 4, 6, 3)
    for layout in ("NHWC", "NCHW"):
        given = x if layout == "NHWC" else x.transpose(0, 3, 1, 2)
        deep = tf.nn.space_to_depth(given, 2, layout)
        np.testing.assert_array_equal(tf.nn.depth_to_space(deep, 2, layout), given)
    many = tf.space_to_batch_nd(x, [2, 3], [[0, 2], [1, 2]])
    assert many.shape == (12, 3, 3, 3)
    np.testing.assert_array_equal(tf.batch_to_space(many, [2, 3], [[0, 2], [1, 2]]), x)


def test_patches_are_cut_row_by_row():
    x = numbers(1, 5, 4, 2)
    found = tf.image.extract_patches(x, [1, 2, 2, 1], [1, 2, 1, 1], [1, 2, 1, 1], "VALID")
    assert found.shape == (1, 2, 3, 8)
    np.testing.assert_array_equal(found[0, 1, 2], x[0, 2:5:2, 2:4].reshape(-1))
    same = tf.image.extract_patches(x, [1, 3, 3, 1], [1, 2, 2, 1], [1, 1, 1, 1], "SAME")
    assert same.shape == (1, 3, 2, 18)
    np.testing.assert_array_equal(same[0, 0, 0, :6], np.zeros(6))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tf.reshape(X, [5, -1]), ShapeError, "24 elements of shape .* cannot take"),
        (lambda: tf.reshape(X, [-1, -1]), ShapeError, "at most one -1"),
        (lambda: tf.squeeze(X, 1), ShapeError, r"axis 1 of \(2, 3, 4\) has size 3, not 1"),
        (lambda: tf.expand_dims(X, 5), InvalidArgumentError, "axis 5 is out of range"),
        (lambda: tf.transpose(X, [0, 1]), InvalidArgumentError, "name each of 3 axes once"),
        (lambda: tf.transpose(X, [0, 1, 1]), InvalidArgumentError, "name each of 3 axes once"),
        (lambda: tf.concat([X, X[:1]], 1), ShapeError, "may differ along axis 1 only"),
        (lambda: tf.concat([1.0, 2.0], 0), InvalidArgumentError, "out of range for 0"),
        (lambda: tf.concat([tf.ones(1), tf.ones(1, tf.int32)], 0), DTypeError, "one dtype"),
        (lambda: tf.stack([X, X[0]]), ShapeError, "shapes differ"),
        (lambda: tf.split(X, 2, 1), ShapeError, "size 3 does not divide into 2"),
        (lambda: tf.split(X, [1, 1], 1), ShapeError, "do not make up size 3"),
        (lambda: tf.split(X, [-1, -1], 1), ShapeError, "at most one of them is -1"),
        (lambda: tf.split(X, 0), InvalidArgumentError, "known and positive, got 0"),
        (lambda: tf.tile(X, [2]), ShapeError, "one multiple per axis"),
        (lambda: tf.tile([1], [-1]), InvalidArgumentError, "multiples are >= 0"),
        (lambda: tf.repeat(X, [1, 2], axis=1), ShapeError, "does not fit size 3 of axis 1"),
        (lambda: tf.pad(X, [[1, 1]]), ShapeError, "must hold 3 pairs"),
        (lambda: tf.pad([1, 2], [[2, 0]], "REFLECT"), ShapeError, "a border of 2 does not fit"),
        (lambda: tf.pad([1], [[1, 1]], "WRAP"), InvalidArgumentError, "mode is CONSTANT"),
        (lambda: tf.roll(X, [1, 2], 0), InvalidArgumentError, "one axis per shift"),
        (lambda: tf.meshgrid([1], indexing="ji"), InvalidArgumentError, "'xy' or 'ij'"),
        (lambda: tf.ensure_shape(X, [None, 4, 4]), ShapeError, "is not the promised"),
        (lambda: tf.slice(X, [0, 0, 3], [1, 1, 2]), OutOfRangeError, "3 to 5 do not lie inside"),
        (lambda: tf.nn.space_to_depth(np.zeros((1, 3, 2, 1)), 2), ShapeError, "2 does not divide"),
        (lambda: tf.zeros([2, None]), ShapeError, r"\(2, None\) has an unknown size"),
        (lambda: tf.reshape(X, [None, 4]), ShapeError, r"\(None, 4\) has an unknown size"),
        (lambda: tf.fill([None], 1), ShapeError, "unknown size"),
        (lambda: tf.zeros([2, -1]), ShapeError, "whole number >= 0"),
        (lambda: tf.fill([2], [1, 2]), ShapeError, "one value is needed"),
        (lambda: tf.range(3, 0), InvalidArgumentError, "0 cannot be reached from 3"),
        (lambda: tf.range(0, 3, 0), InvalidArgumentError, "delta must not be 0"),
        (lambda: tf.range(True), DTypeError, "cannot count in bool"),
        (lambda: tf.linspace(0.0, 1.0, 0), InvalidArgumentError, "at least 1"),
        (lambda: tf.linspace(0.0, 1.0, 2.5), DTypeError, "whole number, got 2.5"),
        (lambda: tf.one_hot([0], 2, on_value=1.5, dtype=tf.int32), DTypeError, "dtype int32"),
        (lambda: tf.one_hot([0], -1), InvalidArgumentError, "depth must be >= 0"),
        (lambda: tf.one_hot([0.0], 2), DTypeError, "must be of integer type"),
        (lambda: tf.reverse_sequence(X, [5, 1], 1), Exception, "for sequences of 3"),
    ],
)
def test_wrong_shapes_and_sizes(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert "[in test_ops_array.py:" in str(caught.value)


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda x: tf.split(x, [1, 1], 0)[0], ShapeError, "do not make up size 3"),
        (lambda x: tf.unstack(x, 2)[0], ShapeError, "does not hold 2 parts"),
        (lambda x: tf.ensure_shape(x, [2, 4]), ShapeError, "is not the promised"),
        (lambda x: tf.pad(x, [[3, 0], [0, 0]], "REFLECT"), ShapeError, "does not fit size 3"),
        (lambda x: tf.slice(x, [2, 0], [2, 1]), OutOfRangeError, "2 to 4 do not lie inside"),
        (lambda x: tf.boolean_mask(x, [True, False]), ShapeError, "does not fit axes 0"),
    ],
)
def test_what_a_graph_could_not_know_is_checked_when_it_runs(build, error, message):
    with pytest.raises(error, match=message):
        run(build, numbers(3, 4))


def test_squeeze_must_be_told_which_axes_where_sizes_are_open():
    with pytest.raises(ShapeError, match="name them with axis="):
        run(lambda x: tf.squeeze(x), X)


# -- filling --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "dtype"),
    [
        ((3,), tf.int32),
        ((3.0,), tf.float32),
        ((0, 1, 0.5), tf.float32),
        ((tf.constant(3, tf.int64),), tf.int64),
        ((0, tf.constant(3, tf.int64)), tf.int64),
        ((np.float64(2.0),), tf.float64),
        ((2**40, 2**40 + 2), tf.int64),
    ],
    ids=str,
)
def test_range_counts_in_the_widest_of_its_dtypes(args, dtype):
    found = tf.range(*args)
    assert found.dtype is dtype
    np.testing.assert_array_equal(found, np.arange(*map(float, args)))


def test_range_counts_steps_as_the_dtype_rounds_them():
    assert tf.range(0.0, 1e-3, 1e-4).shape == (11,)  # as TensorFlow: 1e-4 is a little less there
    assert tf.range(0.0, 1e-3, 1e-4, tf.float64).shape == (10,)


def test_linspace_ends_exactly():
    for stop in (0.1, 0.7, 1e-7, -3.3):
        found = tf.linspace(0.3, stop, 11).numpy()
        assert found[[0, -1]].tolist() == [np.float32(0.3), np.float32(stop)]
    assert tf.linspace(0, 10, 3).dtype is tf.float64
    np.testing.assert_array_equal(tf.linspace([0.0, 1.0], [2.0, 3.0], 3, axis=-1)[1], [1, 2, 3])


def test_one_hot_takes_the_dtype_of_its_values():
    assert tf.one_hot([0], 2).dtype is tf.float32
    assert tf.one_hot([0], 2, on_value=5).dtype is tf.int32
    assert tf.one_hot([0], 2, on_value=5, dtype="float64").dtype is tf.float64
    assert tf.one_hot([0], 0).shape == (1, 0)


def test_zeros_are_not_shared():
    a = tf.zeros([3])
    a.array[0] = 1
    assert tf.zeros([3]).numpy().tolist() == [0, 0, 0]


def test_zeros_of_type_string_are_empty():
    assert tf.zeros([2], tf.string).numpy().tolist() == [b"", b""]


def test_numbers_filled_with_zeros_keep_their_sign_in_front():
    words = tf.as_string([-2, 31], width=4, fill="0")
    assert words.numpy().tolist() == [b"-002", b"0031"]
