"""`keras.ops.linalg`: decompositions and solutions of matrices."""

from minitf.keras.ops.products import (
    cholesky,
    cholesky_inverse,
    det,
    eigh,
    inv,
    lstsq,
    matrix_rank,
    norm,
    pinv,
    qr,
    solve,
    solve_triangular,
    svd,
)

__all__ = [
    "cholesky",
    "cholesky_inverse",
    "det",
    "eigh",
    "inv",
    "lstsq",
    "matrix_rank",
    "norm",
    "pinv",
    "qr",
    "solve",
    "solve_triangular",
    "svd",
]
