"""`tf.linalg`: products, decompositions and solutions of matrices."""

from minitf.ops.decompose import cholesky, eigh, eigvalsh, qr, svd
from minitf.ops.diagonal import (
    band_part,
    diag,
    diag_part,
    set_diag,
    tensor_diag,
    tensor_diag_part,
    trace,
)
from minitf.ops.einsum import einsum, tensordot
from minitf.ops.filling import eye
from minitf.ops.least_squares import cholesky_solve, logdet, lstsq, pinv
from minitf.ops.norms import global_norm, l2_normalize, norm, normalize
from minitf.ops.products import adjoint, cross, matmul, matrix_transpose, matvec
from minitf.ops.solve import det, inv, slogdet, solve, triangular_solve

__all__ = [
    "adjoint",
    "band_part",
    "cholesky",
    "cholesky_solve",
    "cross",
    "det",
    "diag",
    "diag_part",
    "eigh",
    "eigvalsh",
    "einsum",
    "eye",
    "global_norm",
    "inv",
    "l2_normalize",
    "logdet",
    "lstsq",
    "matmul",
    "matrix_transpose",
    "matvec",
    "norm",
    "normalize",
    "pinv",
    "qr",
    "set_diag",
    "slogdet",
    "solve",
    "svd",
    "tensor_diag",
    "tensor_diag_part",
    "tensordot",
    "trace",
    "triangular_solve",
]
