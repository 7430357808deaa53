"""Products of matrices by BLAS, on a machine that may be busy.

BLAS divides a product among the cores, and its threads wait for each other by spinning. Where other
programs have the cores, each product then waits until they are put aside: milliseconds, where the
product itself takes microseconds. So we look at the clock. After a product that has waited, the
products of the next seconds stay on one core; then all are tried again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

ALONE = 2**18  # multiplications; OpenBLAS computes so few on one core anyway
SLOWEST = 2e9  # multiplications a second that any processor of today makes
SLICE = 4e-3  # seconds, about as long as a system lets a program compute before another's turn
PATIENCE = 2.0  # seconds on one core, before all are tried again


class Threads(NamedTuple):
    """The functions by which a BLAS library tells its number of threads, and changes it."""

    read: Callable[[], int]
    write: Callable[[int], None]


class _Busy:
    until = 0.0  # when all cores are tried again


def multiply(a: Any, b: Any, out: Any = None) -> Any:
    """Return the product of arrays of matrices, as `numpy.matmul`.

    Parameters
    ----------
    a, b : array
        Shapes (..., m, k) and (..., k, n).
    out : array, optional
        Shape (..., m, n); where the product is written.
    """
    work = a.shape[-2] * a.shape[-1] * b.shape[-1]
    if work <= ALONE:
        return np.matmul(a, b, out=out)
    start = time.perf_counter()
    if start < _Busy.until:
        return _on_one_core(a, b, out)
    product = np.matmul(a, b, out=out)
    end = time.perf_counter()
    whole = work * max(1, product.size // max(1, product.shape[-2] * product.shape[-1]))
    if end - start > SLICE + whole / SLOWEST:
        _Busy.until = end + PATIENCE
    return product


def _on_one_core(a: Any, b: Any, out: Any) -> Any:
    threads = blas_threads()
    count = threads.read() if threads else 1
    if threads is None or count == 1:
        return np.matmul(a, b, out=out)
    threads.write(1)
    try:
        return np.matmul(a, b, out=out)
    finally:
        threads.write(count)


@cache
def blas_threads() -> Threads | None:
    """Return the switch of NumPy's BLAS; None where it has none that we know."""
    from threadpoolctl import ThreadpoolController

    found = ThreadpoolController().select(user_api="blas").lib_controllers
    numpys = [c for c in found if "numpy" in c.filepath] or found
    if not numpys:
        return None
    return Threads(numpys[0].get_num_threads, numpys[0].set_num_threads)
