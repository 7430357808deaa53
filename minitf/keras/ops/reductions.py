"""`keras.ops`: many numbers to one, under NumPy's names."""

from __future__ import annotations

from typing import Any

from minitf.dtypes import bool_, int32, uint32
from minitf.graph.convert import as_tensor
from minitf.graph.spec import normalize_axes
from minitf.keras.ops.arrangement import diff
from minitf.keras.ops.elementwise import isnan, maximum, minimum
from minitf.keras.ops.promotion import alike, floats, numbers
from minitf.ops import reduction, statistics
from minitf.ops.array import expand_dims, known_size, reshape, transpose
from minitf.ops.cumulative import cumprod as _cumprod
from minitf.ops.cumulative import cumsum as _cumsum
from minitf.ops.gather import gather
from minitf.ops.math import cast
from minitf.ops.rounding import ceil, floor, round_
from minitf.ops.sorting import sort
from minitf.ops.source import ones_like, zeros_like
from minitf.ops.where import where

__all__ = [
    "all", "amax", "amin", "any", "argmax", "argmin", "average", "count_nonzero", "cumprod",
    "cumsum", "logsumexp", "max", "mean", "median", "min", "nanargmax", "nanargmin",
    "nancumprod", "nancumsum", "nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum",
    "nanvar", "percentile", "prod", "ptp", "quantile", "std", "sum", "trapezoid", "var"
]  # fmt: skip


def _counted(x: Any, dtype: Any = None) -> Any:
    """Return numbers whose sum has room: small whole numbers become 32 bits wide."""
    x = as_tensor(x)
    if dtype is not None:
        return cast(x, dtype)
    if x.dtype.is_bool or (x.dtype.is_integer and x.dtype.size < 4):
        return cast(x, uint32 if x.dtype.name.startswith("u") else int32)
    return x


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the sum along axes."""
    return reduction.reduce_sum(_counted(x), axis, keepdims)


def prod(x: Any, axis: Any = None, keepdims: bool = False, dtype: Any = None) -> Any:
    """Return the product along axes."""
    return reduction.reduce_prod(_counted(x, dtype), axis, keepdims)


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the mean along axes."""
    return reduction.reduce_mean(floats(x), axis, keepdims)


def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the variance along axes: the mean of the squared deviations from the mean."""
    return statistics.reduce_variance(floats(x), axis, keepdims)


def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the standard deviation along axes."""
    return statistics.reduce_std(floats(x), axis, keepdims)


def max(x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Any:
    """Return the largest element along axes; `initial` takes part."""
    return _extreme(reduction.reduce_max, maximum, x, axis, keepdims, initial)


def min(x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Any:
    """Return the smallest element along axes; `initial` takes part."""
    return _extreme(reduction.reduce_min, minimum, x, axis, keepdims, initial)


def _extreme(reduce: Any, choose: Any, x: Any, axis: Any, keepdims: bool, initial: Any) -> Any:
    x = as_tensor(x)
    found = reduce(numbers(x), axis, keepdims)
    found = found if initial is None else choose(found, initial)
    return cast(found, x.dtype)


amax, amin = max, min


def ptp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the largest element minus the smallest, along axes."""
    return max(x, axis, keepdims) - min(x, axis, keepdims)


def all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return whether all elements along axes are true (not 0)."""
    return reduction.reduce_all(cast(as_tensor(x), bool_), axis, keepdims)


def any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return whether an element along axes is true (not 0)."""
    return reduction.reduce_any(cast(as_tensor(x), bool_), axis, keepdims)


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Return the index of the largest element along an axis, or in all, row by row."""
    return _argument(reduction.argmax, x, axis, keepdims)


def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Return the index of the smallest element along an axis, or in all, row by row."""
    return _argument(reduction.argmin, x, axis, keepdims)


def _argument(op: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    x = numbers(x)
    if axis is None:
        found = op(reshape(x, [-1]), 0, int32)
        return reshape(found, [1] * len(x.shape)) if keepdims else found
    found = op(x, axis, int32)
    return expand_dims(found, axis) if keepdims else found


def count_nonzero(x: Any, axis: Any = None) -> Any:
    """Return how many elements along axes are not 0."""
    return reduction.reduce_sum(cast(cast(as_tensor(x), bool_), int32), axis)


def cumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Return the sums of the first elements along an axis, or of all, row by row."""
    return _accumulated(_cumsum, x, axis, dtype)


def cumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Return the products of the first elements along an axis, or of all, row by row."""
    return _accumulated(_cumprod, x, axis, dtype)


def _accumulated(op: Any, x: Any, axis: Any, dtype: Any) -> Any:
    x = numbers(x) if dtype is None else cast(as_tensor(x), dtype)
    return op(reshape(x, [-1]), 0) if axis is None else op(x, axis)


def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """Return the integral along an axis, by trapezoids between points x, or points dx apart."""
    y = floats(y)
    (at,) = normalize_axes(axis, len(y.shape))
    if x is None:
        widths = as_tensor(dx, y.dtype)
    else:
        x = as_tensor(x)
        widths = diff(cast(x, y.dtype), axis=at if len(x.shape) > 1 else -1)
        if len(x.shape) == 1:
            widths = reshape(widths, [-1 if i == at else 1 for i in range(len(y.shape))])
    before = (slice(None),) * at
    return sum(widths * (y[(*before, slice(1, None))] + y[(*before, slice(None, -1))]) / 2, at)


def average(x: Any, axis: Any = None, weights: Any = None) -> Any:
    """Return the weighted mean along axes."""
    if weights is None:
        return mean(x, axis)
    x, weights = (floats(v) for v in alike(x, weights))
    if axis is not None and len(weights.shape) == 1 < len(x.shape):
        (at,) = normalize_axes(axis, len(x.shape))
        shape = [1] * len(x.shape)
        shape[at] = -1
        weights = reshape(weights, shape)
    return sum(x * weights, axis) / sum(weights * ones_like(x), axis)


# -- quantiles --------------------------------------------------------------------------------


def quantile(x: Any, q: Any, axis: Any = None, method: str = "linear",
             keepdims: bool = False) -> Any:  # fmt: skip
    """Return the numbers below which a share q of the elements along axes lies.

    `method` says what to take between two elements: "linear", "lower", "higher", "midpoint" or
    "nearest".
    """
    x, q = floats(x), as_tensor(q)
    rank = len(x.shape)
    axes = normalize_axes(axis, rank)
    others = [a for a in range(rank) if a not in axes]
    rows = transpose(x, [*others, *axes])
    rows = sort(reshape(rows, [*[known_size(x, a) for a in others], -1]), -1)
    rows = where(isnan(rows[..., -1:]), float("nan"), rows)  # sorted, so NaN stands last
    place = cast(q, x.dtype) * cast(known_size(rows, -1) - 1, x.dtype)
    found = _between(rows, place, method)
    if keepdims:
        kept = [1 if a in axes else known_size(x, a) for a in range(rank)]
        lead = [known_size(q, i) for i in range(len(q.shape))]
        return reshape(found, [*lead, *kept])
    return found


def _between(rows: Any, place: Any, method: str) -> Any:
    """Return the elements at places that lie between two, with the axes of the places first."""
    below, above = floor(place), ceil(place)
    ways = {"linear": place - below, "lower": zeros_like(place), "higher": ones_like(place),
            "midpoint": 0.5 * cast(above != below, place.dtype),
            "nearest": round_(place) - below}  # fmt: skip
    share = ways[method]
    low, high = (_picked(rows, cast(at, int32)) for at in (below, above))
    share = reshape(share, [*[known_size(place, i) for i in range(len(place.shape))],
                            *[1] * (len(rows.shape) - 1)])  # fmt: skip
    return low + (high - low) * share


def _picked(rows: Any, at: Any) -> Any:
    found = gather(rows, at, axis=-1)
    count = len(at.shape)
    rank = len(found.shape)
    return transpose(found, [*range(rank - count, rank), *range(rank - count)])


def percentile(x: Any, q: Any, axis: Any = None, method: str = "linear",
               keepdims: bool = False) -> Any:  # fmt: skip
    """Return the numbers below which q percent of the elements along axes lie."""
    return quantile(x, floats(q) / 100, axis, method, keepdims)


def median(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the number below which half of the elements along axes lie."""
    return quantile(x, 0.5, axis, keepdims=keepdims)


# -- without NaN ------------------------------------------------------------------------------


def _without_nan(x: Any, value: float) -> Any:
    """Return x with a number in place of NaN."""
    x = numbers(x)
    return where(isnan(x), value * ones_like(x), x) if x.dtype.is_floating else x


def nansum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the sum of what is not NaN, along axes."""
    return sum(_without_nan(x, 0.0), axis, keepdims)


def nanprod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the product of what is not NaN, along axes."""
    return prod(_without_nan(x, 1.0), axis, keepdims)


def nanmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the largest of what is not NaN, along axes."""
    return max(_without_nan(x, float("-inf")), axis, keepdims)


def nanmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the smallest of what is not NaN, along axes."""
    return min(_without_nan(x, float("inf")), axis, keepdims)


def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Return the index of the largest of what is not NaN; -1 where there is none."""
    return _nanargument(argmax, x, float("-inf"), axis, keepdims)


def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Return the index of the smallest of what is not NaN; -1 where there is none."""
    return _nanargument(argmin, x, float("inf"), axis, keepdims)


def _nanargument(find: Any, x: Any, last: float, axis: Any, keepdims: bool) -> Any:
    found = find(_without_nan(x, last), axis, keepdims)
    return where(all(isnan(x), axis, keepdims), -ones_like(found), found)


def nancumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Return the sums of the first elements along an axis, NaN counted as 0."""
    return cumsum(_without_nan(x, 0.0), axis, dtype)


def nancumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Return the products of the first elements along an axis, NaN counted as 1."""
    return cumprod(_without_nan(x, 1.0), axis, dtype)


def nanmean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the mean of what is not NaN, along axes."""
    x = floats(x)
    return nansum(x, axis, keepdims) / sum(cast(x == x, x.dtype), axis, keepdims)


def nanvar(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the variance of what is not NaN, along axes."""
    x = floats(x)
    return nanmean((x - nanmean(x, axis, True)) ** 2, axis, keepdims)


def nanstd(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the standard deviation of what is not NaN, along axes."""
    return nanvar(x, axis, keepdims) ** 0.5


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the logarithm of the sum of exp(x) along axes, without overflow on the way."""
    return reduction.reduce_logsumexp(floats(x), axis, keepdims)
