"""`keras.ops`: new tensors, under NumPy's names."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.dtypes import as_dtype
from minitf.graph.convert import as_tensor
from minitf.keras.ops.promotion import alike, floats, result_type
from minitf.ops import filling, source
from minitf.ops.array import reshape
from minitf.ops.broadcasting import broadcast_to
from minitf.ops.counting import bincount as _bincount
from minitf.ops.diagonal import band_part
from minitf.ops.logic import logical_xor
from minitf.ops.math import cast
from minitf.ops.powers import pow_
from minitf.ops.rearrange import meshgrid as _meshgrid
from minitf.settings import floatx

__all__ = [
    "arange", "array", "bartlett", "bincount", "blackman", "copy", "empty", "empty_like", "eye",
    "full", "full_like", "geomspace", "hamming", "hanning", "identity", "kaiser", "linspace",
    "logspace", "meshgrid", "ones", "ones_like", "tri", "tril", "triu", "vander", "zeros",
    "zeros_like"
]  # fmt: skip


def array(x: Any, dtype: Any = None) -> Any:
    """Return a value as a Tensor, converted if need be."""
    found = as_tensor(x)
    return found if dtype is None else cast(found, dtype)


def copy(x: Any) -> Any:
    """Return a Tensor of the same values."""
    return source.identity(x)


def zeros(shape: Any, dtype: Any = None) -> Any:
    """Return zeros."""
    return filling.zeros(shape, dtype or floatx())


def ones(shape: Any, dtype: Any = None) -> Any:
    """Return ones."""
    return filling.ones(shape, dtype or floatx())


def empty(shape: Any, dtype: Any = None) -> Any:
    """Return a tensor whose values do not matter: zeros."""
    return zeros(shape, dtype)


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    """Return one value everywhere, or an array that broadcasts to the shape."""
    return broadcast_to(array(fill_value, dtype or floatx()), shape)


def zeros_like(x: Any, dtype: Any = None) -> Any:
    """Return zeros in the shape of x."""
    return source.zeros_like(x, dtype)


def ones_like(x: Any, dtype: Any = None) -> Any:
    """Return ones in the shape of x."""
    return source.ones_like(x, dtype)


empty_like = zeros_like


def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Any:
    """Return one value everywhere, in the shape of x."""
    x = as_tensor(x)
    return array(fill_value, dtype or x.dtype) * source.ones_like(x, dtype)


def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Any:
    """Return numbers from `start` up to `stop`, which is left out; from 0 if there is only one."""
    if stop is None:
        start, stop = 0, start
    step = 1 if step is None else step
    if dtype is None:
        dtype = result_type(*[getattr(v, "dtype", type(v)) for v in (start, stop, step)])
    return cast(filling.range(*alike(start, stop, step)), dtype)


def linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False,
             dtype: Any = None, axis: int = 0) -> Any:  # fmt: skip
    """Return `num` numbers at equal distances from `start` to `stop`."""
    start, stop = (floats(v) for v in alike(start, stop))
    step = (stop - start) / max(num - 1 if endpoint else num, 1)
    last = stop if endpoint else stop - step
    found = array(filling.linspace(start, last, num, axis=axis), dtype)
    return (found, step) if retstep else found


def logspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: float = 10,
             dtype: Any = None, axis: int = 0) -> Any:  # fmt: skip
    """Return `base` to the power of numbers at equal distances."""
    exponents = linspace(start, stop, num, endpoint, axis=axis)
    return array(pow_(source.ones_like(exponents) * float(base), exponents), dtype)


def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None,
              axis: int = 0) -> Any:  # fmt: skip
    """Return `num` positive numbers in equal proportions from `start` to `stop`."""
    first, last = (np.log10(np.asarray(v, float)) for v in (start, stop))
    return logspace(first.astype(floatx()), last.astype(floatx()), num, endpoint, 10, dtype, axis)


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Return a matrix with ones on its k-th diagonal, zeros elsewhere."""
    kind = as_dtype(dtype or floatx())
    if k == 0:
        return filling.eye(N, M, dtype=kind)
    return as_tensor(np.eye(N, M, k, dtype=kind.numpy))


def identity(n: int, dtype: Any = None) -> Any:
    """Return the identity matrix."""
    return eye(n, dtype=dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Return a matrix with ones on and below its k-th diagonal, zeros elsewhere."""
    return as_tensor(np.tri(N, M, k, dtype=as_dtype(dtype or floatx()).numpy))


def tril(x: Any, k: int = 0) -> Any:
    """Return matrices with zeros above their k-th diagonals."""
    x = as_tensor(x)
    return band_part(x, -1, k) if k >= 0 else _without(x, band_part(x, -k - 1, -1))


def triu(x: Any, k: int = 0) -> Any:
    """Return matrices with zeros below their k-th diagonals."""
    x = as_tensor(x)
    return band_part(x, -k, -1) if k <= 0 else _without(x, band_part(x, -1, k - 1))


def _without(x: Any, band: Any) -> Any:
    return logical_xor(x, band) if x.dtype.is_bool else x - band


def meshgrid(*x: Any, indexing: str = "xy") -> Any:
    """Return the coordinates of all points of a grid, a tensor for each axis."""
    return _meshgrid(*x, indexing=indexing)


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Return the powers of x, shape (n, N), the highest first."""
    x = as_tensor(x)
    count = x.shape[0] if N is None else N
    powers = filling.range(count) if increasing else filling.range(count - 1, -1, -1)
    return pow_(reshape(x, [-1, 1]), cast(powers, x.dtype))


def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Any:
    """Return how often each of the numbers 0, 1, 2, ... occurs, in each row of x."""
    x = as_tensor(x)
    weights = None if weights is None else as_tensor(weights)
    dtype = x.dtype if weights is None else weights.dtype
    return _bincount(x, weights, minlength, dtype=dtype, axis=-1 if len(x.shape) > 1 else None)


# -- windows ----------------------------------------------------------------------------------


def bartlett(x: int) -> Any:
    """Return a window in the form of a triangle."""
    return array(np.bartlett(int(x)), floatx())


def hamming(x: int) -> Any:
    """Return Hamming's window."""
    return array(np.hamming(int(x)), floatx())


def hanning(x: int) -> Any:
    """Return von Hann's window."""
    return array(np.hanning(int(x)), floatx())


def blackman(x: int) -> Any:
    """Return Blackman's window."""
    return array(np.blackman(int(x)), floatx())


def kaiser(x: int, beta: float) -> Any:
    """Return Kaiser's window."""
    return array(np.kaiser(int(x), float(beta)), floatx())
