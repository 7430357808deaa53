"""Products, einsum, diagonals, decompositions: what the op contract does not say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitf as tf
from minitf.autodiff.check import check_gradients
from minitf.errors import DTypeError, InvalidArgumentError, ShapeError, UnimplementedError
from minitf.ops.einsum import normal_form


def normal(*shape, dtype=np.float64):
    return np.random.default_rng(len(shape)).normal(size=shape).astype(dtype)


def gradient(function, *arrays):
    tensors = [tf.constant(a) for a in arrays]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        total = tf.reduce_sum(function(*tensors))
    return [g.numpy() for g in tape.gradient(total, tensors)]


# -- products -------------------------------------------------------------------------------------


def test_a_matrix_shared_by_many_gets_the_sum_of_their_gradients():
    a, b = normal(4, 5, 3), normal(3, 2)
    da, db = gradient(tf.matmul, a, b)
    np.testing.assert_allclose(da, np.broadcast_to(b.sum(1), a.shape))
    np.testing.assert_allclose(db, np.broadcast_to(a.sum((0, 1))[:, None], b.shape))


def test_half_precision_products_are_summed_in_single_precision():
    a = np.full((1, 4096), 0.25, np.float16)
    assert float(tf.matmul(a, a, transpose_b=True)) == 256  # sums in float16 would stop earlier
    assert float(tf.einsum("ij,kj->ik", a, a)) == 256


def test_factors_may_be_adjoined_or_transposed_but_not_both():
    a, b = normal(3, 2), normal(4, 3)
    np.testing.assert_array_equal(tf.matmul(a, b, adjoint_a=True, adjoint_b=True), a.T @ b.T)
    i = np.array([[1 + 2j, 3]])
    np.testing.assert_array_equal(tf.matmul(i, i, adjoint_b=True), i @ i.conj().T)
    with pytest.raises(InvalidArgumentError, match="not both"):
        tf.matmul(a, b, transpose_a=True, adjoint_a=True)


def test_other_products():
    a, b = normal(4, 3), normal(2, 4)
    np.testing.assert_allclose(tf.linalg.matvec(a, b, transpose_a=True), b @ a)
    x = normal(5, 3)
    y = x[::-1]
    np.testing.assert_allclose(tf.linalg.cross(x, y), np.cross(x, y))


@pytest.mark.parametrize(
    ("axes", "shape"),
    [
        (0, (2,)),
        (1, (4, 3)),
        (2, (2, 4, 5)),
        ([[1], [2]], (4, 3, 2)),
        ([[2, 0], [-2, -1]], (2, 4, 3)),
        ((-1, 0), (4, 2)),
        ([[], []], (2, 2)),
        (tf.constant([[0], [0]]), (3, 2)),
    ],
    ids=str,
)
def test_tensordot_is_numpys(axes, shape):
    a, b = normal(3, 2, 4), normal(*shape)
    plain = np.asarray(axes).tolist() if isinstance(axes, tf.Tensor) else axes
    np.testing.assert_allclose(tf.tensordot(a, b, axes), np.tensordot(a, b, plain))


# -- einsum ---------------------------------------------------------------------------------------


@st.composite
def equations(draw):
    """An equation with its tensors, as NumPy takes it too."""
    sizes = dict(
        zip("abcd", draw(st.lists(st.integers(1, 3), min_size=4, max_size=4)), strict=True)
    )
    terms, arrays = [], []
    for i in range(draw(st.integers(1, 3))):
        letters = draw(st.lists(st.sampled_from("abcd"), max_size=4))
        dots = draw(st.integers(0, 2))
        place = draw(st.integers(0, len(letters)))
        hidden = [draw(st.sampled_from([1, n])) for n in (3, 2)[2 - dots :]]
        shape = [sizes[c] for c in letters]
        terms.append("".join(letters[:place]) + "..." + "".join(letters[place:]))
        shape[place:place] = hidden
        arrays.append(np.random.default_rng(i).normal(size=shape))
    used = sorted({c for t in terms for c in t if c != "."})
    if draw(st.booleans()):
        return ",".join(terms), arrays
    kept = draw(st.permutations(used))[: draw(st.integers(0, len(used)))]
    place = draw(st.integers(0, len(kept)))
    output = "".join(kept[:place]) + "..." + "".join(kept[place:])
    return f"{','.join(terms)} -> {output}", arrays


@given(equations())
def test_einsum_is_numpys(case):
    equation, arrays = case
    expected = np.einsum(equation, *arrays)
    found = tf.einsum(equation, *arrays)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    for derivative, array in zip(
        gradient(lambda *x: tf.einsum(equation, *x), *arrays), arrays, strict=True
    ):
        assert derivative.shape == array.shape


def test_einsums_gradient_spreads_over_axes_that_were_summed_alone():
    x, y = normal(2, 3), normal(4)
    dx, dy = gradient(lambda x, y: tf.einsum("ij,k->", x, y), x, y)
    np.testing.assert_allclose(dx, np.full((2, 3), y.sum()))
    np.testing.assert_allclose(dy, np.full(4, x.sum()))


def test_an_einsum_of_one_tensor_owns_its_memory():
    x = tf.constant(normal(2, 3))
    for equation in ("ij->ij", "ij->ji", "ij->i"):
        assert not np.shares_memory(tf.einsum(equation, x).array, x.array)


@pytest.mark.parametrize(
    ("equation", "ranks", "normalised"),
    [
        ("ij,jk", (2, 2), "ij,jk->ik"),
        ("ba", (2,), "ba->ab"),
        (" i j -> j ", (2,), "ij->j"),
        ("...ij,jk->...ik", (4, 2), "89ij,jk->89ik"),
        ("i...,...", (2, 3), "i9,789->789i"),
        ("...", (0,), "->"),
    ],
)
def test_equations_are_brought_into_a_normal_form(equation, ranks, normalised):
    assert normal_form(equation, ranks) == normalised


@pytest.mark.parametrize(
    ("equation", "shapes", "error", "message"),
    [
        ("ij,jk->ik", [(2, 3)], InvalidArgumentError, "is for 2 tensors, got 1"),
        ("ij->i", [(2, 3, 4)], ShapeError, "'ij' does not name the axes of a tensor that has 3"),
        ("ijk->i", [(2, 3)], ShapeError, "'ijk' does not name the axes of a tensor that has 2"),
        ("ij,jk->ik", [(2, 3), (2, 3)], ShapeError, "'j' is 3 and 2"),
        ("ij,ij->ij", [(2, 3), (1, 3)], ShapeError, "'i' is 2 and 1"),
        ("ij->ik", [(2, 3)], InvalidArgumentError, "'k' stands in the output, but in no input"),
        ("ij->ii", [(2, 3)], InvalidArgumentError, "names an axis twice"),
        ("...i->i", [(2, 3)], InvalidArgumentError, "the output must have it too"),
        ("i.j->i", [(2, 3)], InvalidArgumentError, "letters and one '...'"),
        ("i1->i", [(2, 3)], InvalidArgumentError, "letters and one '...'"),
        ("i->j->i", [(2,)], InvalidArgumentError, "got 'j->i'"),
        ("...i,...i->...", [(2, 3), (4, 3)], ShapeError, "do not broadcast"),
    ],
)
def test_wrong_equations(equation, shapes, error, message):
    with pytest.raises(error, match=message) as caught:
        tf.einsum(equation, *[np.ones(shape) for shape in shapes])
    assert str(caught.value).startswith("einsum: ")
    assert "[in test_ops_linalg.py:" in str(caught.value)


def test_einsum_knows_sizes_that_a_graph_leaves_open():
    @tf.function(input_signature=[tf.TensorSpec([None, None, 3])] * 2)
    def scores(q, k):
        s = tf.einsum("bqd,bkd->bqk", q, k)
        assert s.shape == (None, None, None)
        return s

    q, k = normal(2, 4, 3, dtype=np.float32), normal(2, 5, 3, dtype=np.float32)
    np.testing.assert_allclose(scores(q, k), q @ k.swapaxes(1, 2), rtol=1e-5)


# -- diagonals ------------------------------------------------------------------------------------

COUNT = np.arange(1, 13).reshape(3, 4)
BANDS = {  # diagonals -1 to 2 of COUNT, the uppermost first
    "RIGHT_LEFT": [[0, 3, 8], [2, 7, 12], [1, 6, 11], [5, 10, 0]],
    "LEFT_RIGHT": [[3, 8, 0], [2, 7, 12], [1, 6, 11], [0, 5, 10]],
    "LEFT_LEFT": [[3, 8, 0], [2, 7, 12], [1, 6, 11], [5, 10, 0]],
    "RIGHT_RIGHT": [[0, 3, 8], [2, 7, 12], [1, 6, 11], [0, 5, 10]],
}


@pytest.mark.parametrize("align", BANDS)
def test_bands_are_stored_as_rows(align):
    stored = tf.linalg.diag_part(COUNT, k=(-1, 2), align=align)
    np.testing.assert_array_equal(stored, BANDS[align])
    band = tf.linalg.band_part(COUNT, 1, 2)
    written = tf.linalg.diag(stored, k=(-1, 2), num_rows=3, num_cols=4, align=align)
    np.testing.assert_array_equal(written, band)
    replaced = tf.linalg.set_diag(np.zeros_like(COUNT), stored, k=(-1, 2), align=align)
    np.testing.assert_array_equal(replaced, band)


@pytest.mark.parametrize("k", [-2, -1, 0, 1, 3])
def test_single_diagonals_are_numpys(k):
    found = tf.linalg.diag_part(np.stack([COUNT, -COUNT]), k=k)
    np.testing.assert_array_equal(found, np.diagonal([COUNT, -COUNT], k, 1, 2))
    np.testing.assert_array_equal(tf.linalg.diag([1, 2], k=k), np.diag([1, 2], k))


@pytest.mark.parametrize(("below", "above"), [(0, 0), (-1, 0), (0, -1), (1, 2), (9, 9)])
def test_band_part_is_tril_of_triu(below, above):
    upper = COUNT if below < 0 else np.triu(COUNT, -below)
    expected = upper if above < 0 else np.tril(upper, above)
    np.testing.assert_array_equal(tf.linalg.band_part(COUNT, below, above), expected)


def test_what_lies_outside_of_a_band_may_be_infinite():
    x = np.array([[1.0, np.inf], [np.nan, 2.0]])
    np.testing.assert_array_equal(tf.linalg.band_part(x, 0, 0), np.diag([1.0, 2.0]))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tf.linalg.diag_part(COUNT, k=4), InvalidArgumentError, "4 is out of range for 3"),
        (lambda: tf.linalg.diag_part(COUNT, k=(1, 0)), InvalidArgumentError, "lowest, uppermost"),
        (lambda: tf.linalg.diag_part(COUNT, align="UP"), InvalidArgumentError, "got 'UP'"),
        (lambda: tf.linalg.diag_part([1]), ShapeError, "two axes or more"),
        (lambda: tf.linalg.set_diag(COUNT, [1]), ShapeError, r"must have shape \(3,\), got \(1,\)"),
        (lambda: tf.linalg.diag([1, 2], num_rows=1), ShapeError, "do not fill 1 x 2"),
        (lambda: tf.linalg.diag([1, 2], k=(0, 1)), ShapeError, "2 diagonals cannot be stored"),
        (lambda: tf.linalg.tensor_diag_part(COUNT), ShapeError, "repeats itself"),
        (lambda: tf.matmul(COUNT, COUNT), ShapeError, r"inner dimensions differ: \(3, 4\) @"),
        (lambda: tf.matmul([1], [1]), ShapeError, "two axes or more"),
        (lambda: tf.linalg.cross([1.0], [2.0]), ShapeError, r"one shape \(..., 3\)"),
        (lambda: tf.tensordot(COUNT, COUNT, 1), ShapeError, "differ in size"),
        (lambda: tf.tensordot(COUNT, COUNT, [[0], [0, 1]]), InvalidArgumentError, "in pairs"),
        (lambda: tf.tensordot(COUNT, COUNT, 3), InvalidArgumentError, "3 axes cannot be summed"),
        (lambda: tf.linalg.inv(np.ones((2, 3))), ShapeError, "square matrices are needed"),
        (lambda: tf.linalg.inv(np.ones((2, 2))), InvalidArgumentError, "inv: Singular matrix"),
        (lambda: tf.linalg.inv([[1]]), DTypeError, "must be of floating type, got int32"),
        (lambda: tf.linalg.inv(np.eye(2, dtype=np.float16)), InvalidArgumentError, "float16"),
        (lambda: tf.linalg.det(np.ones(3)), ShapeError, "square matrices are needed"),
        (lambda: tf.linalg.solve(np.ones((2, 2)), np.ones((2, 1))), InvalidArgumentError, "Sing"),
        (lambda: tf.linalg.solve(np.eye(2), np.ones((3, 1))), ShapeError, "of 2 rows, got shape"),
        (lambda: tf.linalg.solve(np.eye(2), np.ones(2)), ShapeError, "of 2 rows, got shape"),
        (lambda: tf.linalg.cholesky([[1.0, 2.0], [2.0, 1.0]]), InvalidArgumentError, "positive"),
        (lambda: tf.linalg.cholesky([[1.0, 0.0], [2.0, 9.0]]), InvalidArgumentError, "symmetric"),
        (lambda: tf.linalg.svd([1.0]), ShapeError, "two axes or more"),
        (lambda: tf.linalg.eigh(np.ones((2, 3))), ShapeError, "square matrices are needed"),
    ],
)
def test_wrong_matrices(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert "[in test_ops_linalg.py:" in str(caught.value)


# -- decompositions -------------------------------------------------------------------------------


def transposed(x):
    return np.swapaxes(x, -1, -2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(3, 3), (2, 4, 3), (3, 5), (2, 2, 1, 3), (0, 2, 2), (3, 0)])
def test_factors_make_up_the_matrix(shape, dtype):
    a, tolerance = normal(*shape, dtype=dtype), {"atol": 1e-5 if dtype is np.float32 else 1e-12}
    for full in (False, True):
        q, r = (t.numpy() for t in tf.linalg.qr(a, full_matrices=full))
        np.testing.assert_allclose(q @ r, a, **tolerance)
        orthonormal = transposed(q) @ q
        np.testing.assert_allclose(orthonormal, 0 * orthonormal + np.eye(q.shape[-1]), **tolerance)
    s, u, v = (t.numpy() for t in tf.linalg.svd(a))
    np.testing.assert_allclose(u * s[..., None, :] @ transposed(v), a, **tolerance)
    assert {q.dtype, r.dtype, s.dtype, u.dtype, v.dtype} == {np.dtype(dtype)}
    square = a @ transposed(a) + np.eye(shape[-2], dtype=dtype)
    factor = tf.linalg.cholesky(square).numpy()
    np.testing.assert_allclose(factor @ transposed(factor), square, **tolerance)
    e, w = (t.numpy() for t in tf.linalg.eigh(square))
    np.testing.assert_allclose(square @ w, w * e[..., None, :], atol=100 * tolerance["atol"])
    np.testing.assert_array_equal(tf.linalg.eigvalsh(square).shape, e.shape)


def test_what_has_no_gradient_says_so():
    a = tf.constant(normal(3, 2))
    for function, message in [
        (lambda a: tf.linalg.qr(a, full_matrices=True)[0], "gradient of qr: full_matrices"),
        (lambda a: tf.linalg.svd(a, full_matrices=True)[1], "gradient of svd: full_matrices"),
    ]:
        with tf.GradientTape() as tape:
            tape.watch(a)
            y = function(a)
        with pytest.raises(UnimplementedError, match=message):
            tape.gradient(y, a)


def test_a_wide_matrix_has_its_gradient_with_full_matrices_too():
    check_gradients(lambda a: tf.linalg.qr(a, full_matrices=True), [normal(2, 3)], order=2)


def test_equal_singular_values_and_eigenvalues_have_gradients_without_nan():
    for function in (lambda a: tf.linalg.svd(a)[0], lambda a: tf.linalg.eigh(a)[0]):
        (slope,) = gradient(function, 2 * np.eye(3))
        np.testing.assert_allclose(slope, np.eye(3), atol=1e-12)


# -- what they are good for -----------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_least_squares_are_numpys(shape):
    a, b = normal(*shape), normal(shape[0], 2)
    expected = np.linalg.lstsq(a, b)[0]
    for fast in (True, False):
        np.testing.assert_allclose(tf.linalg.lstsq(a, b, fast=fast), expected, rtol=1e-8)
    ridge = np.linalg.solve(a.T @ a + 0.5 * np.eye(shape[1]), a.T @ b)
    np.testing.assert_allclose(tf.linalg.lstsq(a, b, l2_regularizer=0.5), ridge, rtol=1e-8)


def test_the_pseudo_inverse_leaves_out_what_is_nearly_zero():
    a = normal(4, 2) @ normal(2, 3)
    np.testing.assert_allclose(tf.linalg.pinv(a), np.linalg.pinv(a), atol=1e-12)
    np.testing.assert_array_equal(tf.linalg.pinv(np.zeros((2, 3))), np.zeros((3, 2)))


def test_solutions_agree_with_each_other():
    a, b = normal(2, 3, 3), normal(2, 3, 1)
    spd = a @ transposed(a) + np.eye(3)
    expected = np.linalg.solve(spd, b)
    np.testing.assert_allclose(tf.linalg.solve(spd, b), expected)
    np.testing.assert_allclose(tf.linalg.inv(spd) @ b, expected)
    np.testing.assert_allclose(tf.linalg.cholesky_solve(tf.linalg.cholesky(spd), b), expected)
    np.testing.assert_allclose(tf.linalg.logdet(spd), tf.linalg.slogdet(spd)[1])
    np.testing.assert_allclose(tf.linalg.det(spd), np.exp(tf.linalg.logdet(spd)))


def test_only_one_triangle_counts():
    a, b = normal(3, 3) + 3 * np.eye(3), normal(3, 2)
    for lower, triangle in ((True, np.tril(a)), (False, np.triu(a))):
        found = tf.linalg.triangular_solve(a, b, lower=lower)
        np.testing.assert_allclose(found, np.linalg.solve(triangle, b))
        (slope,) = gradient(lambda a, lower=lower: tf.linalg.triangular_solve(a, b, lower), a)
        np.testing.assert_array_equal(slope, np.tril(slope) if lower else np.triu(slope))
