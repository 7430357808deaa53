"""Ragged tensors. The expected values are TensorFlow's (2.21), seen once in one run."""

import numpy as np
import pytest

import minitf as tf
from minitf import keras
from minitf.errors import DTypeError, GraphError, InvalidArgumentError, OutOfRangeError

constant = tf.ragged.constant
Ragged = tf.RaggedTensor

A = constant([[3, 1, 4, 1], [], [5, 9, 2], [6], []])
B = constant([[[1, 2], []], [], [[3, 4, 5]]])  # rows of rows
C = constant([[[1, 2], [3, 4]], [[5, 6]]], ragged_rank=1)  # rows of vectors
F = tf.cast(A, tf.float32)
S = constant([["to be", "or"], ["NOT"], []])


def plain(x):
    """Return a result as nested lists, text in place of bytes."""
    if isinstance(x, Ragged):
        return spelled(x.to_list())
    return spelled(x.numpy().tolist()) if hasattr(x, "numpy") else spelled(x)


def spelled(x):
    if isinstance(x, (list, tuple)):
        return [spelled(v) for v in x]
    return x.decode() if isinstance(x, bytes) else x


def check(cases):
    for number, (found, expected) in enumerate(cases):
        assert plain(found) == expected, number


def test_what_a_ragged_tensor_is_made_of():
    assert A.values.numpy().tolist() == [3, 1, 4, 1, 5, 9, 2, 6]
    assert A.row_splits.numpy().tolist() == [0, 4, 4, 7, 8, 8]
    assert A.row_splits.dtype is tf.int64
    assert (A.shape.as_list(), B.shape.as_list(), C.shape.as_list()) == (
        [5, None], [3, None, None], [2, None, 2])  # fmt: skip
    assert (A.ragged_rank, B.ragged_rank, C.ragged_rank) == (1, 2, 1)
    assert (A.dtype, F.dtype, S.dtype) == (tf.int32, tf.float32, tf.string)
    check(
        [
            (B.values, [[1, 2], [], [3, 4, 5]]),
            (B.flat_values, [1, 2, 3, 4, 5]),
            (list(map(plain, B.nested_row_splits)), [[0, 2, 2, 3], [0, 2, 2, 5]]),
            (list(map(plain, B.nested_row_lengths())), [[2, 0, 1], [2, 0, 3]]),
            (A.row_lengths(), [4, 0, 3, 1, 0]),
            (B.row_lengths(axis=2), [[2, 0], [], [3]]),
            (A.nrows(), 5),
            (A.value_rowids(), [0, 0, 0, 0, 2, 2, 2, 3]),
            (A.row_starts(), [0, 4, 4, 7, 8]),
            (A.row_limits(), [4, 4, 7, 8, 8]),
            (A.bounding_shape(), [5, 4]),
            (B.bounding_shape(), [3, 2, 3]),
            (C.bounding_shape(), [2, 2, 2]),
            (A.bounding_shape(axis=1), 4),
        ]
    )


def test_how_it_is_shown():
    assert repr(A) == str(A) == "<tf.RaggedTensor [[3, 1, 4, 1], [], [5, 9, 2], [6], []]>"
    assert repr(constant([[1.5, 2], [3]])) == "<tf.RaggedTensor [[1.5, 2.0], [3.0]]>"
    assert repr(S) == "<tf.RaggedTensor [[b'to be', b'or'], [b'NOT'], []]>"
    assert repr(constant([[], []])) == "<tf.RaggedTensor [[], []]>"
    assert repr(B) == "<tf.RaggedTensor [[[1, 2], []], [], [[3, 4, 5]]]>"
    assert [row.tolist() for row in A.numpy()] == A.to_list()
    assert constant([[1, 2], [3, 4]]).numpy().tolist() == [[1, 2], [3, 4]]
    with pytest.raises(TypeError):
        len(A)


def test_from_nested_lists():
    assert constant([[1, 2], [3]], dtype=tf.float64).dtype is tf.float64
    assert isinstance(constant([1, 2]), tf.Tensor)
    assert constant([[], []]).dtype is tf.float32
    assert constant([[[1, 2], [3, 4]], [[5, 6]]], inner_shape=(2,)).shape.as_list() == [2, None, 2]
    check(
        [
            (constant([[[1], [2, 3]], [[]]]), [[[1], [2, 3]], [[]]]),
            (constant([np.array([1, 2]), np.array([3])]), [[1, 2], [3]]),
        ]
    )
    for wrong in ([[1, 2], [[3]]], [[1, 2], 3]):
        with pytest.raises(InvalidArgumentError):
            constant(wrong)
    with pytest.raises(InvalidArgumentError, match="ragged_rank must be below 2"):
        constant([[1, 2], [3]], ragged_rank=2)


def test_from_rows():
    x, table = [3, 1, 4], tf.constant([[5, 7, 0], [0, 3, 0], [6, 0, 0]])
    check(
        [
            (Ragged.from_row_splits(x, [0, 2, 2, 3]), [[3, 1], [], [4]]),
            (Ragged.from_row_lengths(x, [2, 0, 1]), [[3, 1], [], [4]]),
            (Ragged.from_row_starts(x, [0, 2, 2]), [[3, 1], [], [4]]),
            (Ragged.from_row_limits(x, [0, 2, 3]), [[], [3, 1], [4]]),
            (Ragged.from_value_rowids(x, [0, 0, 2]), [[3, 1], [], [4]]),
            (Ragged.from_value_rowids(x, [0, 0, 2], nrows=5), [[3, 1], [], [4], [], []]),
            (Ragged.from_uniform_row_length([1, 2, 3, 4], 2), [[1, 2], [3, 4]]),
            (
                Ragged.from_nested_row_splits([1, 2, 3, 4], [[0, 1, 2], [0, 3, 4]]),
                [[[1, 2, 3]], [[4]]],
            ),
            (Ragged.from_nested_row_lengths([1, 2, 3, 4], [[1, 1], [3, 1]]), [[[1, 2, 3]], [[4]]]),
            (Ragged.from_row_lengths(table, [2, 1]), [[[5, 7, 0], [0, 3, 0]], [[6, 0, 0]]]),
            (Ragged.from_tensor(table), plain(table)),
            (Ragged.from_tensor(table, lengths=[1, 0, 3]), [[5], [], [6, 0, 0]]),
            (Ragged.from_tensor(table, padding=0), [[5, 7], [0, 3], [6]]),
            (Ragged.from_tensor([["a", ""], ["b", "c"]], padding=""), [["a"], ["b", "c"]]),
            (
                Ragged.from_tensor([[[1, 2, 0], [0, 0, 0]]], padding=0, ragged_rank=2),
                [[[1, 2], []]],
            ),
            (
                Ragged.from_tensor([[[1, 2], [0, 0]], [[3, 0], [4, 5]]], padding=[0, 0]),
                [[[1, 2]], [[3, 0], [4, 5]]],
            ),
        ]
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Ragged.from_row_splits([3, 1, 4], [0, 2, 1, 3]), "never fall"),
        (lambda: Ragged.from_row_splits([3, 1, 4], [0, 2, 2]), "2 values .* there are 3"),
        (lambda: Ragged.from_value_rowids([3, 1, 4], [0, 2, 1]), "must not fall"),
        (lambda: Ragged.from_value_rowids([3, 1, 4], [0, 0, 2], nrows=2), "nrows is 2"),
        (lambda: Ragged.from_row_splits(3, [0, 1]), "need an axis"),
        (lambda: Ragged.from_tensor([1, 2]), "ragged_rank"),
        (lambda: A[:, 0], "cannot be indexed by one number"),
        (lambda: A + constant([[1]]), r"rows of different lengths: \[4, 0, 3, 1, 0\] and \[1\]"),
        (lambda: A + tf.ones([3, 1, 1], tf.int32), "does not fit"),
        (lambda: tf.reduce_sum(B, axis=1), "ragged themselves"),
        (lambda: B.to_sparse(), "rows of numbers"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(InvalidArgumentError, match=message):
        make()


def test_functions_without_a_rule_say_what_to_write():
    with pytest.raises(DTypeError, match=r"matmul: .*to_tensor\(\).*in test_ragged.py"):
        tf.matmul(A, A)
    with pytest.raises(DTypeError, match="is a RaggedTensor"):
        tf.convert_to_tensor(A)
    with pytest.raises(OutOfRangeError):
        A[7]


def test_back_to_tensors():
    check(
        [
            (A.to_tensor(), [[3, 1, 4, 1], [0, 0, 0, 0], [5, 9, 2, 0], [6, 0, 0, 0], [0, 0, 0, 0]]),
            (A.to_tensor(-1, shape=[None, 2]), [[3, 1], [-1, -1], [5, 9], [6, -1], [-1, -1]]),
            (A.to_tensor(shape=[2, 5]), [[3, 1, 4, 1, 0], [0, 0, 0, 0, 0]]),
            (constant([[1], [2, 3]]).to_tensor(shape=[3, None]), [[1, 0], [2, 3], [0, 0]]),
            (B.to_tensor(), [[[1, 2, 0], [0, 0, 0]], [[0, 0, 0]] * 2, [[3, 4, 5], [0, 0, 0]]]),
            (B.to_tensor(shape=[None, 1, 2]), [[[1, 2]], [[0, 0]], [[3, 4]]]),
            (C.to_tensor(), [[[1, 2], [3, 4]], [[5, 6], [0, 0]]]),
            (S.to_tensor(), [["to be", "or"], ["NOT", ""], ["", ""]]),
            (S.to_tensor("-"), [["to be", "or"], ["NOT", "-"], ["-", "-"]]),
            (constant([[True], []]).to_tensor(), [[True], [False]]),
            (
                A.to_sparse().indices,
                [[0, 0], [0, 1], [0, 2], [0, 3], [2, 0], [2, 1], [2, 2], [3, 0]],
            ),
            (Ragged.from_sparse(A.to_sparse()), plain(A)),
        ]
    )
    with pytest.raises(InvalidArgumentError, match="no holes"):
        Ragged.from_sparse(tf.SparseTensor([[0, 0], [1, 1]], [1, 2], [3, 4]))


def test_square_brackets():
    check(
        [
            (A[0], [3, 1, 4, 1]),
            (A[-3], [5, 9, 2]),
            (A[tf.constant(2)], [5, 9, 2]),
            (A[1:], [[], [5, 9, 2], [6], []]),
            (A[::2], [[3, 1, 4, 1], [5, 9, 2], []]),
            (A[::-1], [[], [6], [5, 9, 2], [], [3, 1, 4, 1]]),
            (A[1:3, :1], [[], [5]]),
            (A[:, 1:], [[1, 4, 1], [], [9, 2], [], []]),
            (A[:, -2:], [[4, 1], [], [9, 2], [6], []]),
            (A[:, :-1], [[3, 1, 4], [], [5, 9], [], []]),
            (A[:, ::2], [[3, 4], [], [5, 2], [6], []]),
            (A[:, ::-1], [[1, 4, 1, 3], [], [2, 9, 5], [6], []]),
            (A[:, 10:], [[]] * 5),
            (A[:, 3:0:-1], [[1, 4, 1], [], [2, 9], [], []]),
            (A[..., :1], [[3], [], [5], [6], []]),
            (A[0, 1], 1),
            (A[2, -1], 2),
            (A[0, 1:], [1, 4, 1]),
            (A[2:, None], [[[5, 9, 2]], [[6]], [[]]]),
            (A[None], [plain(A)]),
            (B[0], [[1, 2], []]),
            (B[0, 0], [1, 2]),
            (B[2, 0, 1], 4),
            (B[:, :1], [[[1, 2]], [], [[3, 4, 5]]]),
            (B[:, :, 1:], [[[2], []], [], [[4, 5]]]),
            (B[0, :, :1], [[1], []]),
            (C[:, :, 0], [[1, 3], [5]]),
            (C[:, :, ::-1], [[[2, 1], [4, 3]], [[6, 5]]]),
            (C[1, 0], [5, 6]),
            ([plain(row) for row in A], plain(A)),
        ]
    )


def test_element_by_element():
    check(
        [
            (A + 1, [[4, 2, 5, 2], [], [6, 10, 3], [7], []]),
            (2 * A, plain(A + A)),
            (A - A, [[0] * 4, [], [0] * 3, [0], []]),
            (F[2:] / 2, [[2.5, 4.5, 1.0], [3.0], []]),
            (A // 2, [[1, 0, 2, 0], [], [2, 4, 1], [3], []]),
            (F[2:] ** 2.0, [[25.0, 81.0, 4.0], [36.0], []]),
            (abs(-A), plain(A)),
            (A == A, [[True] * 4, [], [True] * 3, [True], []]),
            (
                (A > 1) & (A < 5),
                [[True, False, True, False], [], [False, False, True], [False], []],
            ),
            (~(A > 2)[2:], [[False, False, True], [False], []]),
            (tf.constant(10) + A[3:], [[16], []]),
            (A + tf.constant([[1], [2], [3], [4], [5]]), [[4, 2, 5, 2], [], [8, 12, 5], [10], []]),
            (C + tf.constant([10, 20]), [[[11, 22], [13, 24]], [[15, 26]]]),
            (B + 1, [[[2, 3], []], [], [[4, 5, 6]]]),
            (constant([[1, 2], [3, 4]]) + tf.constant([[1, 2], [3, 4]]), [[2, 4], [6, 8]]),
            (tf.nn.relu(F - 3), [[0, 0, 1, 0], [], [2, 6, 0], [3], []]),
            (tf.maximum(A, 3)[2:], [[5, 9, 3], [6], []]),
            (tf.round(F / 2), [[2, 0, 2, 0], [], [2, 4, 1], [3], []]),
            (tf.where(A > 2, A, -A)[:1], [[3, -1, 4, -1]]),
            (tf.clip_by_value(F, 2.0, 4.0)[2:], [[4, 4, 2], [4], []]),
            (tf.add_n([A, A]), plain(2 * A)),
            (tf.ones_like(A)[2:], [[1, 1, 1], [1], []]),
            (tf.identity(A), plain(A)),
            (tf.one_hot(constant([[0, 2], [1]]), 3), [[[1, 0, 0], [0, 0, 1]], [[0, 1, 0]]]),
            (tf.ragged.map_flat_values(tf.add, B, 5), plain(B + 5)),
            (tf.size(A), 8),
            (A.with_values(A.values * 2), plain(2 * A)),
            (B.with_flat_values(-B.flat_values), plain(-B)),
        ]
    )


def test_reductions():
    check(
        [
            (tf.reduce_sum(A), 31),
            (tf.reduce_sum(A, axis=1), [9, 0, 16, 6, 0]),
            (tf.reduce_sum(A, axis=-1), [9, 0, 16, 6, 0]),
            (tf.reduce_sum(A, axis=0), [14, 10, 6, 1]),
            (tf.reduce_sum(A, axis=1, keepdims=True), [[9], [0], [16], [6], [0]]),
        ]
    )
    means = tf.reduce_mean(F, axis=1).numpy()
    np.testing.assert_allclose(means, [2.25, np.nan, 16 / 3, 6, np.nan], rtol=1e-6)
    np.testing.assert_allclose(tf.reduce_mean(F, axis=0), [14 / 3, 5.0, 3.0, 1.0], rtol=1e-6)
    check(
        [
            (tf.reduce_max(A, axis=1)[2:4], [9, 6]),
            (tf.reduce_min(A, axis=1)[2:4], [2, 6]),
            (tf.reduce_prod(A, axis=1), [12, 1, 90, 6, 1]),
            (tf.reduce_any(A > 4, axis=1), [False, False, True, True, False]),
            (tf.reduce_all(A > 1, axis=1), [False, True, True, True, True]),
            (tf.reduce_sum(B, axis=2), [[3, 0], [], [12]]),
            (tf.reduce_sum(B, axis=[1, 2]), [3, 0, 12]),
            (tf.reduce_sum(C, axis=1), [[4, 6], [5, 6]]),
            (tf.reduce_sum(C, axis=2), [[3, 7], [11]]),
        ]
    )


def test_joining_picking_and_shaping():
    ones = tf.ones([5, 1], tf.int32)
    check(
        [
            (tf.concat([A, A], axis=0), plain(A) * 2),
            (tf.concat([A, ones], 1), [r + [1] for r in plain(A)]),
            (tf.concat([B, B], axis=1), [2 * r for r in plain(B)]),
            (tf.stack([A, A]), [plain(A)] * 2),
            (tf.concat([B, B], axis=2), [[[1, 2, 1, 2], []], [], [[3, 4, 5, 3, 4, 5]]]),
            (tf.stack([A, A], axis=1), [[r, r] for r in plain(A)]),
            (tf.ragged.stack([[1, 2], [3]]), [[1, 2], [3]]),
            (tf.ragged.stack([A, constant([[1]])]), [plain(A), [[1]]]),
            (
                tf.ragged.stack([tf.constant([[1, 2]]), tf.constant([[3], [4]])]),
                [[[1, 2]], [[3], [4]]],
            ),
            (tf.gather(A, [2, 0]), [[5, 9, 2], [3, 1, 4, 1]]),
            (tf.gather(A, 2), [5, 9, 2]),
            (tf.gather(B, [2, 0, 2]), [[[3, 4, 5]], [[1, 2], []], [[3, 4, 5]]]),
            (tf.gather(tf.range(10) * 10, A), plain(A * 10)),
            (tf.gather(A, constant([[0, 2], [3]])), [[[3, 1, 4, 1], [5, 9, 2]], [[6]]]),
            (
                tf.nn.embedding_lookup([[1.0, 2.0], [3.0, 4.0]], constant([[0], [1, 0]])),
                [[[1, 2]], [[3, 4], [1, 2]]],
            ),
            (tf.expand_dims(A, 0), [plain(A)]),
            (tf.expand_dims(A, 1), [[r] for r in plain(A)]),
            (tf.expand_dims(A, -1)[2:], [[[5], [9], [2]], [[6]], []]),
            (B.merge_dims(0, 1), [[1, 2], [], [3, 4, 5]]),
            (B.merge_dims(1, 2), [[1, 2], [], [3, 4, 5]]),
            (B.merge_dims(0, 2), [1, 2, 3, 4, 5]),
            (C.merge_dims(1, 2), [[1, 2, 3, 4], [5, 6]]),
            (tf.ragged.range([3, 0, 2]), [[0, 1, 2], [], [0, 1]]),
            (tf.ragged.range([1, 5], [4, 1], [1, -2]), [[1, 2, 3], [5, 3]]),
            (tf.ragged.range(3, [4, 8]), [[3], [3, 4, 5, 6, 7]]),
            (tf.ragged.range([0.0, 1.0], [1.0, 1.5], 0.25), [[0.0, 0.25, 0.5, 0.75], [1.0, 1.25]]),
            (tf.ragged.boolean_mask([[1, 2], [4, 5]], [[True, False], [False, False]]), [[1], []]),
            (tf.ragged.boolean_mask(A, A > 2), [[3, 4], [], [5, 9], [6], []]),
            (
                tf.ragged.boolean_mask(A, [True, False, True, False, False]),
                [[3, 1, 4, 1], [5, 9, 2]],
            ),
            (tf.ragged.boolean_mask(B, B > 2), [[[], []], [], [[3, 4, 5]]]),
        ]
    )


def test_strings():
    s = tf.strings
    check(
        [
            (s.split(["to be", "or", ""]), [["to", "be"], ["or"], []]),
            (s.split("to be"), ["to", "be"]),
            (s.split([["a b", "c"], ["", "d e f"]]), [[["a", "b"], ["c"]], [[], ["d", "e", "f"]]]),
            (s.split(["a,b,,c", ","], sep=","), [["a", "b", "", "c"], ["", ""]]),
            (s.split(["a,b,,c"], ",", 1), [["a", "b,,c"]]),
            (s.lower(S)[1:], [["not"], []]),
            (s.split(s.split(["a,b c", "d"]), ","), [[["a", "b"], ["c"]], [["d"]]]),
            (s.bytes_split(["ab", "d"]), [["a", "b"], ["d"]]),
            (s.unicode_split(["ab", ""]), [["a", "b"], []]),
            (s.unicode_decode(["ab", "c"], "UTF-8"), [[97, 98], [99]]),
            (s.length(S), [[5, 2], [3], []]),
            (s.unicode_encode(constant([[97, 98], [99]])), ["ab", "c"]),
            (s.join([S, "!"])[1:], [["NOT!"], []]),
            (s.join([S, S], "-")[1:], [["NOT-NOT"], []]),
            (s.substr(S, 0, 2), [["to", "or"], ["NO"], []]),
            (s.regex_replace(S, "o", "0"), [["t0 be", "0r"], ["NOT"], []]),
            (s.ngrams(S, 2), [["to be or"], [], []]),
            (s.reduce_join(S, axis=-1), ["to beor", "NOT", ""]),
            (s.reduce_join(S, axis=1, separator=" "), ["to be or", "NOT", ""]),
            (s.to_number(constant([["1"], []])), [[1.0], []]),
            (s.as_string(A)[2:], [["5", "9", "2"], ["6"], []]),
            (s.to_hash_bucket_fast(S, 7), [[4, 2], [6], []]),
        ]
    )


def test_gradients_flow_through_the_values():
    v = tf.Variable([1.0, 2.0, 3.0, 4.0])

    def slope(function):
        with tf.GradientTape() as tape:
            y = function(Ragged.from_row_lengths(v, [2, 0, 2]))
        return tape.gradient(y, v).numpy().tolist()

    assert slope(lambda r: tf.reduce_sum(tf.reduce_sum(r**2.0, axis=1) ** 2)) == [20, 40, 300, 400]
    assert slope(lambda r: tf.reduce_sum(r.to_tensor(9.0)[:, 0] ** 2)) == [2, 0, 6, 0]
    joined = slope(lambda r: tf.reduce_sum(tf.concat([r[:, :1], r], 1).flat_values ** 2))
    assert joined == [4, 4, 12, 8]


def test_in_a_function():
    traces = []

    @tf.function
    def f(x):
        traces.append(x.shape.as_list())
        assert "tf.RaggedTensor(values=" in repr(x)
        with pytest.raises(GraphError, match="no rows yet"):
            x.to_list()
        return x * 2, {"sum": tf.reduce_sum(x, axis=1)}, x[:, :1].to_tensor()

    double, sums, first = f(A)
    assert (plain(double), plain(sums["sum"])) == (plain(2 * A), [9, 0, 16, 6, 0])
    assert plain(first) == [[3], [0], [5], [6], [0]]
    assert plain(f(constant([[1], [2], [], [3], [4, 5]]))[0]) == [[2], [4], [], [6], [8, 10]]
    assert traces == [[5, None]]  # one graph for all lengths of rows
    f(constant([[1]]))
    f(tf.stack([A])[0])
    assert len(traces) == 2


def test_in_a_signature_a_branch_and_a_tape():
    rows, truth = tf.RaggedTensorSpec([None, None], tf.int32), tf.TensorSpec([], tf.bool)

    @tf.function(input_signature=[rows, truth])
    def f(x, double):
        return tf.cond(double, lambda: x * 2, lambda: x)

    assert plain(f(A, True)) == plain(2 * A)
    assert plain(f(constant([[7]]), False)) == [[7]]
    assert f.experimental_get_tracing_count() == 1
    with pytest.raises(TypeError):
        f(tf.ones([2, 2], tf.int32), True)
    with tf.GradientTape() as tape:
        tape.watch(F.flat_values)
        y = tf.reduce_sum(F * F)
    assert plain(tape.gradient(y, F).flat_values) == [6, 2, 8, 2, 10, 18, 4, 12]


def test_in_pipelines():
    rows = tf.data.Dataset.from_tensor_slices(A)
    assert [plain(x) for x in rows] == plain(A)
    batches = rows.batch(2)
    assert [plain(x) for x in batches] == [[[3, 1, 4, 1], []], [[5, 9, 2], [6]], [[]]]
    assert batches.element_spec == tf.RaggedTensorSpec([None, None], tf.int32)
    doubled = batches.map(lambda x: x * 2)
    assert [plain(x) for x in doubled.unbatch()] == plain(2 * A)
    assert doubled.element_spec == batches.element_spec
    assert [plain(x) for x in tf.data.Dataset.from_tensor_slices(B).batch(2)] == [
        [[[1, 2], []], []], [[[3, 4, 5]]]]  # fmt: skip
    counted = tf.data.Dataset.range(1, 4).map(lambda n: tf.range(n)).ragged_batch(2)
    assert [plain(x) for x in counted] == [[[0], [0, 1]], [[0, 1, 2]]]
    texts = tf.data.Dataset.from_tensor_slices((["a b", "c"], [0, 1])).batch(2)
    words, labels = next(iter(texts.map(lambda x, y: (tf.strings.split(x), y))))
    assert (plain(words), plain(labels)) == ([["a", "b"], ["c"]], [0, 1])


def test_layers_for_texts():
    layer = keras.layers.TextVectorization(ragged=True)
    layer.adapt(["the cat sat", "the cat", "the dog"])
    assert plain(layer(["The cat, at last, SAT down.", "dog"])) == [[2, 3, 1, 1, 4, 1], [5]]
    options = {"vocabulary": ["a", "b"], "split": "character", "output_sequence_length": 2}
    short = keras.layers.TextVectorization(ragged=True, **options)
    assert plain(short(["abc", "a"])) == [[2, 3], [2]]
    assert plain(type(short).from_config(short.get_config())(["abc", "a"])) == [[2, 3], [2]]
    numbers = keras.layers.StringLookup(vocabulary=["a", "b"])
    letters = keras.layers.StringLookup(vocabulary=["a", "b"], invert=True)
    found = numbers(tf.strings.unicode_split(["ab", "c"], "UTF-8"))
    assert plain(found) == [[1, 2], [0]]
    assert plain(tf.strings.reduce_join(letters(found), axis=-1)) == ["ab", "[UNK]"]


def test_features_with_any_number_of_values():
    def example(*ids):
        feature = tf.train.Feature(int64_list=tf.train.Int64List(value=ids))
        features = tf.train.Features(feature={"ids": feature})
        return tf.train.Example(features=features).SerializeToString()

    wanted = {"x": tf.io.RaggedFeature(tf.int64, value_key="ids")}
    assert plain(tf.io.parse_example([example(3, 4), example(5)], wanted)["x"]) == [[3, 4], [5]]
    assert plain(tf.io.parse_single_example(example(3, 4), wanted)["x"]) == [3, 4]


def test_loops_branches_and_printing(capsys):
    @tf.function
    def f(x, n):
        total = 0
        for row in x:
            total += tf.reduce_sum(row)
        while n > 0:
            x, n = x + 1, n - 1
        tf.print(x[2:], {"text": S}, B)
        return total, x

    total, x = f(A, tf.constant(3))
    assert (int(total), plain(x)) == (31, plain(A + 3))
    printed = '[[8, 12, 5], [9], []] {\'text\': [["to be", "or"], ["NOT"], []]} [[[1, 2], []], '
    assert capsys.readouterr().err == printed + "[], [[3, 4, 5]]]\n"


def test_map_fn_goes_along_the_rows():
    ragged = tf.ragged.constant([[1, 2], [], [3, 4, 5]])
    assert tf.map_fn(tf.reduce_sum, ragged).numpy().tolist() == [3, 0, 12]
    sizes = tf.map_fn(lambda row: tf.size(row) * 2, ragged, fn_output_signature=tf.int32)
    assert sizes.numpy().tolist() == [4, 0, 6]
    spec = tf.RaggedTensorSpec(shape=[None], dtype=tf.int32)
    doubled = tf.map_fn(lambda row: row * 2, ragged, fn_output_signature=spec)
    assert doubled.to_list() == [[2, 4], [], [6, 8, 10]]
    counted = tf.map_fn(tf.range, tf.constant([2, 0, 3]), fn_output_signature=spec)
    assert counted.to_list() == [[0, 1], [], [0, 1, 2]]
    assert tf.function(lambda r: tf.map_fn(tf.reduce_sum, r))(ragged).numpy().tolist() == [3, 0, 12]
    with pytest.raises(InvalidArgumentError, match="elems is one tensor"):
        tf.map_fn(lambda pair: pair[0], (ragged, ragged))
    with pytest.raises(InvalidArgumentError, match="elems must be tensors, got a RaggedTensor"):
        tf.scan(lambda total, row: total + tf.reduce_sum(row), ragged, 0)
    with pytest.raises(InvalidArgumentError, match="returns tensors, got a RaggedTensor"):
        tf.map_fn(lambda n: ragged, tf.range(2))


def test_models_and_layers_name_what_to_write():
    ragged = tf.ragged.constant([[1.0, 2.0], [3.0]])
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    for use in (lambda: model.fit(ragged, np.zeros((2, 1))), lambda: model.predict(ragged)):
        with pytest.raises(TypeError, match="dense arrays, got a RaggedTensor: .*to_tensor"):
            use()
    with pytest.raises(InvalidArgumentError, match=r"a weight has a known shape, got \(None, 1\)"):
        keras.layers.Dense(1)(ragged)
