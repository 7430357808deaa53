"""Diagonals and bands of matrices.

Diagonal d of a matrix holds the elements [i, i + d]: 0 is the main one, positive ones lie above it.
Several neighbouring diagonals are stored as the rows of a matrix, the uppermost first; the shorter
ones are filled up on the side that `align` says.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor, plain
from minitf.graph.op import Tensor, op
from minitf.graph.spec import Dim, TensorShape, TensorSpec
from minitf.ops.array import reshape
from minitf.ops.composed import composed
from minitf.ops.reduction import reduce_sum
from minitf.ops.source import zeros_like

ALIGNMENTS = ("RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT")


# -- where diagonals lie ----------------------------------------------------------------------


class Places(NamedTuple):
    """Where the elements of diagonals stand, in the matrix and where they are stored."""

    rows: Any
    columns: Any
    slots: tuple[Any, ...]
    shape: tuple[int, ...]

    @property
    def matrix(self) -> tuple[Any, ...]:
        """Index into arrays of matrices."""
        return (..., self.rows, self.columns)

    @property
    def stored(self) -> tuple[Any, ...]:
        """Index into arrays of stored diagonals."""
        return (..., *self.slots)


def _limits(k: Any) -> tuple[int, int]:
    """Return the lowest and the uppermost diagonal meant by a number or a pair."""
    low, high = k if isinstance(k, tuple) else (k, k)
    if low > high:
        raise InvalidArgumentError(f"k is (lowest, uppermost), got {k}")
    return low, high


def _length(d: int, rows: int, columns: int) -> int:
    return min(rows + min(d, 0), columns - max(d, 0))


def _longest(k: Any, rows: Dim, columns: Dim) -> Dim:
    """Return the length of the longest diagonal."""
    if rows is None or columns is None:
        return None
    low, high = _limits(k)
    if not -rows < low <= high < columns and not (low == high == 0):
        raise InvalidArgumentError(f"diagonal {k} is out of range for {rows} x {columns} matrices")
    return max(_length(d, rows, columns) for d in range(low, high + 1))


@functools.lru_cache(maxsize=256)
def _places(k: Any, rows: int, columns: int, align: str) -> Places:
    low, high = _limits(k)
    longest = _longest(k, rows, columns)
    assert longest is not None
    found = []
    for band, d in enumerate(range(high, low - 1, -1)):
        count = np.arange(_length(d, rows, columns))
        shift = 0 if _is_left(d, align) else longest - len(count)
        found.append(
            (count + max(-d, 0), count + max(d, 0), np.full(len(count), band), count + shift)
        )
    i, j, bands, slots = (np.concatenate(part) for part in zip(*found, strict=True))
    if isinstance(k, tuple) and low < high:
        return Places(i, j, (bands, slots), (high - low + 1, longest))
    return Places(i, j, (slots,), (longest,))


def _is_left(d: int, align: str) -> bool:
    above, below = (side == "LEFT" for side in align.split("_"))
    return (d >= 0 and above) or (d <= 0 and below)


def _check_align(align: str) -> None:
    if align not in ALIGNMENTS:
        raise InvalidArgumentError(f"align is one of {', '.join(ALIGNMENTS)}, got {align!r}")


def _sides(input: TensorSpec) -> tuple[Dim, Dim]:
    if len(input.shape) < 2:
        raise ShapeError(f"a matrix has two axes or more, got shape {input.shape}")
    return input.shape[-2], input.shape[-1]


def _stored_shape(input: TensorSpec, k: Any, align: str) -> TensorShape:
    """Return the shape of the stored diagonals of a matrix."""
    low, high = _limits(k)
    _check_align(align)
    bands = (high - low + 1,) if high > low else ()
    return input.shape[:-2] + bands + (_longest(k, *_sides(input)),)


# -- bands ------------------------------------------------------------------------------------


@op
def band_part(input: Tensor, num_lower: int, num_upper: int):
    """Keep a band around the main diagonal, and set everything else to zero.

    Parameters
    ----------
    input : Tensor
        Shape (..., n, m).
    num_lower, num_upper : int
        How many diagonals to keep below and above the main one; -1 keeps all of them.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.band_part(tf.ones([3, 3]), -1, 0).numpy().tolist()
    [[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]
    """
    _sides(input)
    return input


@band_part.kernel("numpy")
def _(input, *, num_lower, num_upper):
    above = np.arange(input.shape[-1]) - np.arange(input.shape[-2])[:, None]
    kept = np.ones(above.shape, bool)
    if num_lower >= 0:
        kept &= above >= -num_lower
    if num_upper >= 0:
        kept &= above <= num_upper
    return np.where(kept, input, input.dtype.type(0))


@band_part.gradient
def _(node, dy):
    return band_part(dy, node["num_lower"], node["num_upper"])


# -- diagonals --------------------------------------------------------------------------------


@op(name="diag")
def diag_(diagonal: Tensor, k: int | tuple[int, int], num_rows: int, num_cols: int,
          padding_value: float, align: str):  # fmt: skip
    """Write diagonals into matrices; see `diag`."""
    _check_align(align)
    low, high = _limits(k)
    bands = high - low + 1
    lead = diagonal.shape[: -1 if bands == 1 else -2]
    if len(diagonal.shape) < (1 if bands == 1 else 2) or (
        bands > 1 and diagonal.shape[-2] not in (None, bands)
    ):
        raise ShapeError(f"{bands} diagonals cannot be stored in the shape {diagonal.shape}")
    return TensorSpec(
        lead + _matrix_sides(diagonal.shape[-1], k, num_rows, num_cols), diagonal.dtype
    )


def _matrix_sides(longest: Dim, k: Any, rows: Any, columns: Any) -> tuple[Dim, Dim]:
    """Return the sides of the smallest matrix that holds the diagonals, or those asked for."""
    if longest is None:
        return tuple(None if n in (-1, None) else n for n in (rows, columns))  # type: ignore
    low, high = _limits(k)
    least = longest - min(high, 0), longest + max(low, 0)
    if rows == columns == -1:
        return max(least), max(least)
    sides = tuple(m if n == -1 else n for n, m in zip((rows, columns), least, strict=True))
    if None not in sides and (sides[0] < least[0] or sides[1] < least[1] or (
        sides[0] > least[0] and sides[1] > least[1])):  # fmt: skip
        raise ShapeError(f"diagonals {k} of length {longest} do not fill {sides[0]} x {sides[1]}")
    return sides  # type: ignore[return-value]


@diag_.kernel("numpy")
def _(diagonal, *, k, num_rows, num_cols, padding_value, align):
    sides = _matrix_sides(diagonal.shape[-1], k, num_rows, num_cols)
    places = _places(k, *sides, align)
    lead = diagonal.shape[: diagonal.ndim - len(places.shape)]
    out = np.full((*lead, *sides), padding_value, diagonal.dtype)
    out[places.matrix] = diagonal[places.stored]
    return out


@diag_.gradient
def _(node, dy):
    return diag_part_(dy, node["k"], 0, node["align"])


def diag(
    diagonal: Any,
    name: str | None = None,
    k: Any = 0,
    num_rows: int = -1,
    num_cols: int = -1,
    padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Tensor:
    """Return matrices with given diagonals.

    Parameters
    ----------
    diagonal : Tensor
        Shape (..., n): one diagonal per matrix; or (..., bands, n) for several.
    k : int or pair of int
        Which diagonal, or the lowest and the uppermost of several; 0 is the main one.
    num_rows, num_cols : int
        Sides of the matrices; -1 for the smallest that hold the diagonals.
    padding_value : number
        What stands everywhere else.
    align : {"RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT"}
        The side to which diagonals shorter than n are pushed: those above, then those below.

    Returns
    -------
    Tensor
        Shape (..., num_rows, num_cols).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.diag([1, 2]).numpy().tolist()
    [[1, 0], [0, 2]]
    >>> tf.linalg.diag([1], k=1).numpy().tolist()
    [[0, 1], [0, 0]]
    """
    return diag_(diagonal, k, num_rows, num_cols, padding_value, align, name=name)


@op(name="diag_part")
def diag_part_(input: Tensor, k: int | tuple[int, int], padding_value: float, align: str):
    """Take diagonals out of matrices; see `diag_part`."""
    return TensorSpec(_stored_shape(input, k, align), input.dtype)


@diag_part_.kernel("numpy")
def _(input, *, k, padding_value, align):
    places = _places(k, *input.shape[-2:], align)
    out = np.full((*input.shape[:-2], *places.shape), padding_value, input.dtype)
    out[places.stored] = input[places.matrix]
    return out


@diag_part_.gradient
def _(node, dy):
    return set_diag_(zeros_like(node.inputs[0]), dy, node["k"], node["align"])


def diag_part(
    input: Any,
    name: str | None = None,
    k: Any = 0,
    padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Tensor:
    """Return diagonals of matrices.

    Parameters
    ----------
    input : Tensor
        Shape (..., n, m).
    k : int or pair of int
        Which diagonal, or the lowest and the uppermost of several; 0 is the main one.
    padding_value : number
        What the shorter of several diagonals are filled up with.
    align : {"RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT"}
        The side to which they are pushed: those above the main one, then those below.

    Returns
    -------
    Tensor
        Shape (..., length), or (..., bands, length) for several.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.diag_part([[1, 2], [3, 4]]).numpy().tolist()
    [1, 4]
    """
    return diag_part_(input, k, padding_value, align, name=name)


@op(name="set_diag")
def set_diag_(input: Tensor, diagonal: Tensor, k: int | tuple[int, int], align: str):
    """Replace diagonals of matrices; see `set_diag`."""
    expected = _stored_shape(input, k, align)
    if not expected.is_compatible_with(diagonal.shape):
        raise ShapeError(f"the diagonal must have shape {expected}, got {diagonal.shape}")
    return input


@set_diag_.kernel("numpy")
def _(input, diagonal, *, k, align):
    places = _places(k, *input.shape[-2:], align)
    out = input.copy()
    out[places.matrix] = diagonal[places.stored]
    return out


@set_diag_.gradient
def _(node, dy):
    k, align = node["k"], node["align"]
    rest = set_diag_(dy, zeros_like(node.inputs[1]), k, align)
    return rest, diag_part_(dy, k, 0, align)


def set_diag(
    input: Any, diagonal: Any, name: str | None = None, k: Any = 0, align: str = "RIGHT_LEFT"
) -> Tensor:
    """Return matrices with some diagonals replaced.

    Parameters
    ----------
    input : Tensor
        Shape (..., n, m).
    diagonal : Tensor
        Shape (..., length), or (..., bands, length) for several.
    k, align
        As in `diag_part`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.set_diag([[1, 2], [3, 4]], [0, 0]).numpy().tolist()
    [[0, 2], [3, 0]]
    """
    return set_diag_(input, diagonal, k, align, name=name)


@composed
def trace(x: Any, name: str | None = None) -> Tensor:
    """Sum the main diagonal.

    Parameters
    ----------
    x : Tensor
        Shape (..., n, m).

    Returns
    -------
    Tensor
        Shape (...).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.trace([[1, 2], [3, 4]]).numpy()
    np.int32(5)
    """
    return reduce_sum(diag_part(x), -1, name=name)


@composed
def tensor_diag(diagonal: Any, name: str | None = None) -> Tensor:
    """Return a tensor that holds another along its diagonal.

    Parameters
    ----------
    diagonal : Tensor
        Shape (d1, ..., dn).

    Returns
    -------
    Tensor
        Shape (d1, ..., dn, d1, ..., dn): ``y[i, i] = diagonal[i]``, for indices i of n numbers.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.tensor_diag([[1, 2]]).shape
    (1, 2, 1, 2)
    """
    diagonal = as_tensor(diagonal)
    shape = plain(diagonal.shape)
    if None in shape:
        raise ShapeError(f"the shape must be known, got {shape}")
    return reshape(diag(reshape(diagonal, [-1])), shape + shape, name=name)


@composed
def tensor_diag_part(input: Any, name: str | None = None) -> Tensor:
    """Return the diagonal of a tensor: `tensor_diag` undone.

    Parameters
    ----------
    input : Tensor
        Shape (d1, ..., dn, d1, ..., dn).

    Returns
    -------
    Tensor
        Shape (d1, ..., dn).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.tensor_diag_part([[1, 2], [3, 4]]).numpy().tolist()
    [1, 4]
    """
    input = as_tensor(input)
    half = len(input.shape) // 2
    shape = input.shape[:half]
    count = shape.num_elements()
    if count is None or shape + shape != input.shape:
        raise ShapeError(f"a known shape that repeats itself is needed, got {input.shape}")
    return reshape(diag_part(reshape(input, [count, count])), shape, name=name)
