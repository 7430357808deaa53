"""Matrices: products, einsum, diagonals and bands, decompositions, solving."""

from .case import Case, case, f16, f32, f64, ints, lit, program, spd, square

CASES: list[Case] = [
    case("matmul", f32(3, 4), f32(4, 2)),
    case("matmul", f64(4, 3), f64(4, 2), transpose_a=True),
    case("matmul", f64(3, 4), f64(2, 4), transpose_b=True),
    case("matmul", f64(4, 3), f64(2, 4), True, True),
    case("matmul", f32(2, 3, 4), f32(2, 4, 5)),
    case("matmul", f64(2, 1, 3, 4), f64(5, 4, 2)),
    case("matmul", f64(2, 4, 3), f64(4, 2), transpose_a=True),
    case("matmul", f64(2, 3, 4), f64(1, 2, 4), transpose_b=True),
    case("matmul", f32(0, 4), f32(4, 2)),
    case("matmul", f32(3, 0), f32(0, 2)),
    case("matmul", f16(3, 4), f16(4, 2)).check(order=1),
    case("matmul", ints(3, 4), ints(4, 2)),
    case("linalg.matmul", a=f32(2, 3), b=f32(3, 2), adjoint_b=False),
    case("linalg.matmul", f32(2, 3), f32(2, 3), adjoint_b=True),
    case("linalg.matvec", f32(3, 4), f32(4)),
    case("linalg.matvec", f64(2, 4, 3), f64(2, 4), transpose_a=True),
    case("linalg.matrix_transpose", f32(2, 3, 4)),
    case("linalg.adjoint", f32(2, 3)),
    case("linalg.cross", f64(2, 3), f64(2, 3)),
    # tensordot
    case("tensordot", f32(2, 3, 4), f32(4, 5), axes=1),
    case("tensordot", f64(2, 3, 4), f64(4, 3, 5), axes=[[1, 2], [1, 0]]),
    case("tensordot", f64(2, 3), f64(4), axes=0),
    case("tensordot", f64(2, 3, 4), f64(3, 4), 2),
    case("tensordot", f64(2, 3, 4), f64(2, 5), [[0], [0]]),
    case("tensordot", f64(3, 2), f64(4, 3), axes=[-2, -1]),
    # einsum
    case("einsum", "ij,jk->ik", f32(2, 3), f32(3, 4)),
    case("einsum", "ij,jk", f64(2, 3), f64(3, 4)),
    case("einsum", "ij->ji", f64(2, 3)),
    case("einsum", "ij->", f64(2, 3)),
    case("einsum", "ij->j", f32(2, 3)),
    case("einsum", "ii->i", f64(3, 3)).check(order=1),
    case("einsum", "ii", f64(3, 3)).check(order=1),
    case("einsum", "aab,b->a", f64(2, 2, 3), f64(3)).check(order=1),
    case("einsum", "...ij,...jk->...ik", f64(2, 3, 4), f64(2, 4, 2)),
    case("einsum", "...ij,jk->...ik", f64(2, 2, 3), f64(3, 4)),
    case("einsum", "i...,j...->...ij", f64(2, 4), f64(3, 4)),
    case("einsum", "...ij->...", f64(2, 2, 3)).check(order=1),
    case("einsum", "bhqd,bhkd->bhqk", f32(2, 2, 3, 4), f32(2, 2, 5, 4)),
    case("einsum", "bqhd,bkhd->bhqk", f32(2, 3, 2, 4), f32(2, 3, 2, 4)),
    case("einsum", "i,j->ij", f64(3), f64(4)),
    case("einsum", "i,i->", f64(3), f64(3)),
    case("einsum", "ij,ij->ij", f64(2, 3), f64(2, 3)),
    case("einsum", "ij,j,jk->ik", f64(2, 3), f64(3), f64(3, 2)).check(tol=5),
    case("einsum", "ij , jk -> ik", f32(2, 3), f32(3, 2)),
    case("einsum", "bij,bjk->ik", f64(2, 2, 3), f64(2, 3, 2)),
    case("linalg.einsum", "ij,kj->ik", f32(2, 3), f32(4, 3)),
    # diagonals and bands
    case("linalg.band_part", f64(4, 5), -1, 0),
    case("linalg.band_part", f64(4, 4), 0, -1),
    case("linalg.band_part", f64(2, 4, 5), 1, 2),
    case("linalg.band_part", ints(4, 4), num_lower=1, num_upper=0),
    case("linalg.diag", f32(3)),
    case("linalg.diag", f64(2, 3)),
    case("linalg.diag", f64(3), k=1).check(order=1),
    case("linalg.diag", f64(3), k=-1, padding_value=7.0).check(order=1),
    case("linalg.diag_part", f64(3, 4)),
    case("linalg.diag_part", f64(2, 4, 3)),
    case("linalg.diag_part", f64(4, 4), k=1).check(order=1),
    case("linalg.set_diag", f64(3, 4), f64(3)),
    case("linalg.set_diag", f64(2, 3, 3), f64(2, 3)),
    case("linalg.tensor_diag", f64(2, 3)),
    case("linalg.tensor_diag_part", f64(2, 3, 2, 3)),
    case("linalg.trace", f64(3, 4)),
    case("linalg.trace", f32(2, 3, 3)),
    case("eye", 3),
    case("eye", 2, 4, dtype="int32"),
    case("eye", 2, num_columns=3, batch_shape=[2, 1], dtype="float64"),
    case("linalg.eye", 3, batch_shape=[2]),
    # square matrices
    case("linalg.inv", square(3, 3)).check(tol=10),
    case("linalg.inv", square(2, 3, 3, dtype="float32")).check(tol=10),
    case("linalg.inv", square(3, 3), adjoint=True).check(tol=10),
    case("linalg.det", square(3, 3)).check(tol=10),
    case("linalg.det", square(2, 3, 3)).check(tol=10),
    case("linalg.slogdet", square(2, 3, 3)).check(tol=10),
    case("linalg.logdet", spd(2, 3, 3)).check(tol=10),
    case("linalg.solve", square(3, 3), f64(3, 2)).check(tol=10),
    case("linalg.solve", square(2, 3, 3), f64(2, 3, 1), adjoint=True).check(tol=10),
    case("linalg.solve", square(3, 3, dtype="float32"), f32(3, 1)).check(tol=10),
    case("linalg.triangular_solve", square(3, 3), f64(3, 2)).check(tol=10),
    case("linalg.triangular_solve", square(3, 3), f64(3, 2), lower=False).check(tol=10),
    case("linalg.triangular_solve", square(2, 3, 3), f64(2, 3, 1), adjoint=True).check(tol=10),
    case("linalg.lstsq", f64(4, 3), f64(4, 2), fast=False).check(order=0, tol=100),
    case("linalg.lstsq", f64(4, 3), f64(4, 2), l2_regularizer=0.5).check(order=1, tol=100),
    case("linalg.pinv", f64(4, 3)).check(order=0, tol=100),
    # TensorFlow differentiates a decomposition's input as if it were not known to be symmetric.
    case("linalg.cholesky", spd(3, 3)).check(order=1, tol=10),
    case("linalg.cholesky", spd(2, 3, 3, dtype="float32")).check(order=1, tol=10),
    case("linalg.cholesky_solve", square(3, 3), f64(3, 2)).check(order=1, tol=10),
    case("linalg.qr", f64(4, 3)).check(post="qr", order=1, tol=100),
    case("linalg.qr", f64(2, 3, 3)).check(post="qr", order=1, tol=100),
    case("linalg.qr", f64(3, 2), full_matrices=True).check(post="qr", order=0, tol=10),
    case("linalg.svd", f64(4, 3)).check(post="svd", order=1, tol=100),
    case("linalg.svd", f64(2, 3, 3)).check(post="svd", order=1, tol=100),
    case("linalg.svd", f32(3, 4)).check(post="svd", order=0, tol=10),
    case("linalg.svd", f64(3, 4), compute_uv=False).check(order=1, tol=100),
    case("linalg.eigh", spd(3, 3)).check(post="eigh", order=1, tol=100),
    case("linalg.eigh", spd(2, 4, 4)).check(post="eigh", order=1, tol=100),
    case("linalg.eigvalsh", spd(3, 3)).check(order=1, tol=100),
    case("linalg.solve", square(2, 2), lit([[1.0], [2.0]], "float64")),
]


@program(CASES, "linalg.cholesky linalg.trace matmul", f64(3, 3), tol=20)
def cholesky_of_a_product(tf, a):
    """Second order, with the symmetry of the input made plain."""
    return tf.linalg.cholesky(tf.matmul(a, a, transpose_b=True) + 4.0 * tf.eye(3, dtype=tf.float64))


@program(CASES, "linalg.inv linalg.det", square(3, 3), tol=50)
def adjugate(tf, a):
    return tf.linalg.inv(a) * tf.linalg.det(a)


@program(CASES, "linalg.svd", f64(3, 3), order=1, tol=100)
def nuclear_norm(tf, a):
    return tf.reduce_sum(tf.linalg.svd(a, compute_uv=False))
