"""Sparse tensors. The expected values are TensorFlow's (2.21), seen once in one run."""

import pytest

import minitf as tf
from minitf.errors import DTypeError, InvalidArgumentError, OutOfRangeError, ShapeError

S = tf.SparseTensor([[0, 1], [2, 0], [2, 3]], [1.5, -2.0, 4.0], [3, 4])
WHOLE = [[0, 1.5, 0, 0], [0, 0, 0, 0], [-2, 0, 0, 4]]
D = tf.reshape(tf.range(12.0), [3, 4])


def parts(x):
    """Return indices, values and dense shape as lists."""
    assert isinstance(x, tf.SparseTensor)
    return tuple(t.numpy().tolist() for t in (x.indices, x.values, x.dense_shape))


def dense(x):
    return tf.sparse.to_dense(x).numpy().tolist()


def test_what_a_sparse_tensor_is_made_of():
    assert parts(S) == ([[0, 1], [2, 0], [2, 3]], [1.5, -2.0, 4.0], [3, 4])
    assert (S.shape.as_list(), S.dtype, S.indices.dtype) == ([3, 4], tf.float32, tf.int64)
    assert repr(tf.SparseTensor([[0, 0], [1, 2]], [1, 2], [3, 4])) == (
        "SparseTensor(indices=tf.Tensor(\n[[0 0]\n [1 2]], shape=(2, 2), dtype=int64), values="
        "tf.Tensor([1 2], shape=(2,), dtype=int32), dense_shape="
        "tf.Tensor([3 4], shape=(2,), dtype=int64))"
    )
    assert tf.sparse.SparseTensor is tf.SparseTensor
    assert tf.is_tensor(S)


def test_to_dense_and_back():
    assert dense(S) == WHOLE
    assert tf.sparse.to_dense(S, default_value=-1.0).numpy().tolist()[1] == [-1] * 4
    assert dense(tf.SparseTensor([[1]], ["a"], [3])) == [b"", b"a", b""]
    backwards = tf.SparseTensor([[1], [0]], [1, 2], [2])
    assert dense(tf.sparse.reorder(backwards)) == [2, 1]
    assert tf.sparse.to_dense(backwards, validate_indices=False).numpy().tolist() == [2, 1]
    assert parts(tf.sparse.from_dense(WHOLE)) == parts(S)
    assert parts(tf.sparse.from_dense(["", "a"])) == ([[1]], [b"a"], [2])
    assert parts(tf.sparse.eye(2, 3)) == ([[0, 0], [1, 1]], [1.0, 1.0], [2, 3])
    assert dense(tf.sparse.eye(2, dtype=tf.int32)) == [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: tf.SparseTensor([[0, 0]], [1, 2], [3, 3]), ShapeError, "SparseTensor: expected"),
        (lambda: tf.SparseTensor([[0, 0]], [1], [3]), ShapeError, "dense_shape of shape"),
        (
            lambda: dense(tf.SparseTensor([[1], [0]], [1, 2], [2])),
            InvalidArgumentError,
            r"indices\[1\] = \[0\] is out of order: tf.sparse.reorder",
        ),
        (lambda: dense(tf.SparseTensor([[0], [0]], [1, 2], [2])), InvalidArgumentError, "twice"),
        (lambda: dense(tf.SparseTensor([[5]], [1], [2])), OutOfRangeError, r"\[5\], outside"),
        (lambda: tf.sparse.to_dense(D), InvalidArgumentError, "expected a SparseTensor"),
        (lambda: tf.matmul(S, D), DTypeError, "matmul: a is a SparseTensor.*tf.sparse"),
        (lambda: tf.sparse.sparse_dense_matmul(S, D), ShapeError, r"do not fit: \(3, 4\)"),
        (lambda: tf.sparse.concat(0, [S, tf.sparse.eye(2)]), ShapeError, "beside axis 0"),
        (lambda: tf.sparse.add(S, tf.sparse.eye(2)), ShapeError, "shapes differ"),
        (
            lambda: tf.sparse.map_values(tf.add, S, tf.sparse.eye(3, 4)),
            InvalidArgumentError,
            "different places",
        ),
    ],
)
def test_what_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_products():
    expected = [[1.5, 7.5, 13.5], [0, 0, 0], [12, 20, 28]]
    matmul = tf.sparse.sparse_dense_matmul
    assert matmul(S, tf.transpose(D)).numpy().tolist() == expected
    assert matmul(S, D, adjoint_b=True).numpy().tolist() == expected
    assert matmul(S, D, adjoint_a=True).numpy().tolist() == (
        [[-16, -18, -20, -22], [0, 1.5, 3, 4.5], [0, 0, 0, 0], [32, 36, 40, 44]])  # fmt: skip
    assert matmul(tf.transpose(D), S).numpy().tolist() == (
        tf.matmul(D, WHOLE, transpose_a=True).numpy().tolist())  # fmt: skip
    assert matmul(D, S, adjoint_a=True).numpy().tolist() == (
        tf.matmul(D, WHOLE, transpose_a=True).numpy().tolist())  # fmt: skip


def test_sums():
    assert parts(tf.sparse.add(S, S)) == ([[0, 1], [2, 0], [2, 3]], [3.0, -4.0, 8.0], [3, 4])
    both = tf.sparse.add(S, tf.sparse.eye(3, 4))
    assert dense(both) == [[1, 1.5, 0, 0], [0, 1, 0, 0], [-2, 0, 1, 4]]
    assert tf.sparse.add(S, D).numpy().tolist() == tf.sparse.add(D, S).numpy().tolist()
    assert tf.sparse.add(S, D).numpy().tolist() == (D + WHOLE).numpy().tolist()
    less = tf.sparse.add(S, tf.SparseTensor([[0, 1]], [-1.0], [3, 4]), threshold=1.0)
    assert parts(less) == ([[2, 0], [2, 3]], [-2.0, 4.0], [3, 4])
    gone = tf.sparse.add(S, tf.SparseTensor([[0, 1]], [-1.5], [3, 4]))
    assert parts(gone)[1] == [0.0, -2.0, 4.0]
    assert float(tf.sparse.reduce_sum(S)) == 3.5
    assert tf.sparse.reduce_sum(S, axis=0).numpy().tolist() == [-2, 1.5, 0, 4]
    assert tf.sparse.reduce_sum(S, axis=-1, keepdims=True).numpy().tolist() == [[1.5], [0], [2]]
    assert parts(tf.sparse.reduce_sum(S, 1, output_is_sparse=True)) == ([[0], [2]], [1.5, 2.0], [3])
    assert tf.sparse.reduce_max(S, axis=0).numpy().tolist() == [-2, 1.5, 0, 4]
    assert tf.sparse.reduce_max(S, axis=1).numpy().tolist() == [1.5, 0, 4]


def test_other_places():
    assert dense(tf.sparse.transpose(S)) == [list(row) for row in zip(*WHOLE, strict=True)]
    assert parts(tf.sparse.slice(S, [1, 1], [2, 3])) == ([[1, 2]], [4.0], [2, 3])
    assert parts(tf.sparse.slice(S, [0, 0], [2, 9])) == ([[0, 1]], [1.5], [2, 4])
    assert parts(tf.sparse.expand_dims(S, 1))[::2] == ([[0, 0, 1], [2, 0, 0], [2, 0, 3]], [3, 1, 4])
    assert tf.sparse.expand_dims(S).shape.as_list() == [3, 4, 1]
    assert parts(tf.sparse.reshape(S, [-1, 2])) == (
        [[0, 1], [4, 0], [5, 1]],
        [1.5, -2.0, 4.0],
        [6, 2],
    )
    assert dense(tf.sparse.concat(0, [S, S])) == WHOLE + WHOLE
    assert dense(tf.sparse.concat(axis=-1, sp_inputs=[S, S])) == [row + row for row in WHOLE]
    assert parts(tf.sparse.retain(S, [True, False, True]))[1] == [1.5, 4.0]


def test_other_values():
    assert parts(tf.sparse.map_values(tf.add, S, 5.0))[1] == [6.5, 3.0, 9.0]
    assert parts(tf.sparse.map_values(tf.multiply, S, S))[1] == [2.25, 4.0, 16.0]
    assert parts(S * 2.0)[1] == [3.0, -4.0, 8.0]
    assert parts(S * D)[1] == parts(D * S)[1] == [1.5, -16.0, 44.0]
    assert parts(S * tf.constant([1.0, 2.0, 3.0, 4.0]))[1] == [3.0, -2.0, 16.0]
    assert parts(S / (D + 1.0))[1] == pytest.approx([0.75, -2 / 9, 1 / 3])
    assert parts(tf.cast(S, tf.int32))[1] == [1, -2, 4]
    rows = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], [2, 0, 1], [2, 2])
    assert tf.sparse.to_indicator(rows, 3).numpy().tolist() == [
        [True, False, True],
        [False, True, False],
    ]


def test_embeddings():
    places = [[0, 0], [0, 1], [1, 0]]
    ids = tf.SparseTensor(places, [0, 2, 1], [2, 2])
    weights = tf.SparseTensor(places, [1.0, 3.0, 2.0], [2, 2])

    def look_up(*args, **kwargs):
        return tf.nn.embedding_lookup_sparse(D, *args, **kwargs).numpy().tolist()

    assert look_up(ids, None, combiner="mean") == [[4, 5, 6, 7], [4, 5, 6, 7]]
    assert look_up(ids, None, combiner="sum") == [[8, 10, 12, 14], [4, 5, 6, 7]]
    assert look_up(ids, weights, combiner="mean") == [[6, 7, 8, 9], [4, 5, 6, 7]]
    found = look_up(ids, weights, combiner="sqrtn")
    assert found[0] == pytest.approx([24 / 10**0.5, 28 / 10**0.5, 32 / 10**0.5, 36 / 10**0.5])
    with pytest.raises(InvalidArgumentError, match="combiner"):
        look_up(ids, None, combiner="max")


def test_gradients_flow_through_the_values():
    v, w = tf.Variable([1.0, 2.0]), tf.Variable([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0], [6.0, 7.0]])
    with tf.GradientTape() as tape:
        matrix = tf.SparseTensor([[0, 0], [1, 2]], v, [3, 4])
        y = tf.reduce_sum(tf.sparse.sparse_dense_matmul(matrix, w) ** 2)
    dv, dw = tape.gradient(y, [v, w])
    assert float(y) == 165
    assert dv.numpy().tolist() == [2, 164]
    assert dw.numpy().tolist() == [[0, 2], [0, 0], [32, 40], [0, 0]]
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.sparse.to_dense(tf.SparseTensor([[0], [2]], v, [4])) ** 3)
    assert tape.gradient(y, v).numpy().tolist() == [3, 12]


def test_in_a_function():
    traces = []

    @tf.function
    def f(x):
        traces.append(x.shape.as_list())
        return tf.sparse.to_dense(x), tf.sparse.add(x, x), tf.sparse.reduce_sum(x, axis=1)

    whole, double, sums = f(S)
    assert (whole.numpy().tolist(), parts(double)[1]) == (WHOLE, [3.0, -4.0, 8.0])
    assert sums.numpy().tolist() == [1.5, 0, 2]
    assert f(tf.sparse.eye(2))[0].numpy().tolist() == [[1, 0], [0, 1]]
    assert traces == [[None, None]]  # one graph for any number of elements

    @tf.function(input_signature=[tf.SparseTensorSpec([None, None], tf.float32)])
    def g(x):
        return x * 2.0

    assert parts(g(S))[1] == [3.0, -4.0, 8.0]

    @tf.function
    def made_inside(values):
        return tf.sparse.to_dense(tf.SparseTensor([[0], [2]], values, [4]))

    assert made_inside(tf.constant([1, 2])).numpy().tolist() == [1, 0, 2, 0]


def test_in_pipelines():
    rows = tf.data.Dataset.from_tensor_slices(S)
    assert [dense(x) for x in rows] == WHOLE
    assert rows.element_spec == tf.SparseTensorSpec([4], tf.float32)
    assert [dense(x) for x in rows.batch(2)] == [WHOLE[:2], WHOLE[2:]]
    assert [x.numpy().tolist() for x in rows.map(tf.sparse.to_dense)] == WHOLE


def test_features_with_any_number_of_values():
    def example(*ids):
        feature = tf.train.Feature(int64_list=tf.train.Int64List(value=ids))
        features = tf.train.Features(feature={"ids": feature})
        return tf.train.Example(features=features).SerializeToString()

    wanted = {"ids": tf.io.VarLenFeature(tf.int64)}
    found = tf.io.parse_example([example(3, 4), example(), example(5)], wanted)["ids"]
    assert parts(found) == ([[0, 0], [0, 1], [2, 0]], [3, 4, 5], [3, 2])
    single = tf.io.parse_single_example(example(3, 4), wanted)["ids"]
    assert parts(single) == ([[0], [1]], [3, 4], [2])
    missing = tf.io.parse_single_example(example(3), {"none": tf.io.VarLenFeature(tf.string)})
    assert dense(missing["none"]) == []
    lines = tf.data.Dataset.from_tensor_slices([example(3, 4), example(5)])
    parsed = lines.map(lambda e: tf.sparse.to_dense(tf.io.parse_single_example(e, wanted)["ids"]))
    assert next(iter(parsed.padded_batch(2))).numpy().tolist() == [[3, 4], [5, 0]]


def test_indexed_slices():
    rows = tf.IndexedSlices([[1.0], [2.0], [4.0]], [2, 0, 2], dense_shape=[3, 1])
    assert tf.convert_to_tensor(rows).numpy().tolist() == [[2], [0], [5]]
    assert (rows.dtype, rows.shape.as_list()) == (tf.float32, [3, 1])
    assert tf.add(rows, 1.0).numpy().tolist() == [[3], [1], [6]]
    with pytest.raises(InvalidArgumentError, match="dense_shape"):
        tf.convert_to_tensor(tf.IndexedSlices([[1.0]], [0]))


def test_printing(capsys):
    tf.print(S)
    expected = "SparseTensor(indices=[[0 1]\n [2 0]\n [2 3]], values=[1.5 -2 4], shape=[3 4])\n"
    assert capsys.readouterr().err == expected
