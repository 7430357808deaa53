"""TensorShape and TensorSpec: what is promised of a tensor before its data exists.

A dimension that is not known yet is ``None``. The number of dimensions is always known: every op
of minitf can say it from its inputs, and errors are better for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, overload

import numpy as np

from minitf.dtypes import DType, as_dtype, float32
from minitf.errors import InvalidArgumentError, ShapeError

Dim = int | None
MOST_DIMENSIONS = 64


class TensorShape(tuple[Dim, ...]):
    """The dimensions of a tensor, a tuple in which ``None`` stands for "not known yet".

    Examples
    --------
    >>> import minitf as tf
    >>> s = tf.TensorShape([None, 28, 28])
    >>> s.rank, s.is_fully_defined(), s[1:].num_elements()
    (3, False, 784)
    """

    __slots__ = ()

    @property
    def rank(self) -> int:
        """Number of dimensions."""
        return len(self)

    ndims = rank

    def as_list(self) -> list[Dim]:
        """Return the dimensions as a list."""
        return list(self)

    def is_fully_defined(self) -> bool:
        """Return whether no dimension is None."""
        return None not in tuple(self)

    def num_elements(self) -> Dim:
        """Return the product of the dimensions, or None where one is not known."""
        product = 1
        for dim in self:
            if dim is None:
                return None
            product *= dim
        return product

    def is_compatible_with(self, other: Iterable[Dim]) -> bool:
        """Return whether one concrete shape could satisfy both."""
        if type(other) is tuple and tuple.__eq__(self, other):
            return True  # asked at each assignment of a Variable, and nearly always so
        other = as_shape(other)
        return len(self) == len(other) and all(
            a is None or b is None or a == b for a, b in zip(self, other, strict=True)
        )

    def merge_with(self, other: Iterable[Dim]) -> TensorShape:
        """Return the shape that holds what either of two compatible shapes knows."""
        other = as_shape(other)
        if not self.is_compatible_with(other):
            raise ShapeError(f"shapes {self} and {other} are not compatible")
        return TensorShape(b if a is None else a for a, b in zip(self, other, strict=True))

    def concatenate(self, other: Iterable[Dim]) -> TensorShape:
        """Return this shape followed by another."""
        return TensorShape(tuple(self) + tuple(other))

    @overload  # type: ignore[override]
    def __getitem__(self, key: int) -> Dim: ...
    @overload
    def __getitem__(self, key: slice) -> TensorShape: ...
    def __getitem__(self, key: int | slice) -> Dim | TensorShape:
        found = tuple.__getitem__(self, key)
        return TensorShape(found) if isinstance(key, slice) else found  # type: ignore[return-value,arg-type]

    def __add__(self, other: Iterable[Dim]) -> TensorShape:  # type: ignore[override]
        return self.concatenate(other)

    def __radd__(self, other: Iterable[Dim]) -> TensorShape:
        return TensorShape(tuple(other) + tuple(self))

    def __eq__(self, other: object) -> bool:
        return tuple.__eq__(self, tuple(other) if isinstance(other, list) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = tuple.__hash__


def as_shape(value: Any) -> TensorShape:
    """Convert an int, a sequence of ints and Nones, or a shape to a TensorShape."""
    if isinstance(value, TensorShape):
        return value
    if value is None:
        raise ShapeError("a shape is needed: minitf always knows the number of dimensions; use "
                         "None for single dimensions, such as shape=[None, 784]")  # fmt: skip
    dims = (value,) if isinstance(value, (int, np.integer)) else tuple(value)
    for dim in dims:
        if dim is not None and (not isinstance(dim, (int, np.integer)) or dim < 0):
            raise ShapeError(f"a dimension is a whole number >= 0 or None, got {dim!r} in {dims}")
    return TensorShape(None if d is None else int(d) for d in dims)


class TensorSpec:
    """The shape and dtype promised before data exists.

    Parameters
    ----------
    shape : sequence of int or None
        ``None`` stands for a dimension that is not known yet.
    dtype : DType or name, optional
        float32 by default.
    name : str, optional
        Name of the argument that it describes, as in an `input_signature`.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.TensorSpec([None, 10], tf.float32)
    TensorSpec(shape=(None, 10), dtype=tf.float32)
    """

    __slots__ = ("shape", "dtype", "name")

    def __init__(self, shape: Any, dtype: Any = float32, name: str | None = None):
        self.shape = as_shape(shape)
        if len(self.shape) > MOST_DIMENSIONS:
            most = f"{MOST_DIMENSIONS} dimensions at most, as NumPy's arrays do"
            raise ShapeError(f"a tensor has {most}, got {len(self.shape)}")
        self.dtype: DType = as_dtype(dtype)
        self.name = name

    @classmethod
    def from_tensor(cls, tensor: Any, name: str | None = None) -> TensorSpec:
        """Return the spec of a tensor."""
        return cls(tensor.shape, tensor.dtype, name)

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    def is_compatible_with(self, other: Any) -> bool:
        """Return whether a tensor (or spec) could stand where this one is expected."""
        return self.dtype is other.dtype and self.shape.is_compatible_with(other.shape)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, TensorSpec)
            and self.shape == other.shape
            and self.dtype is other.dtype
        )

    def __hash__(self) -> int:
        return hash((self.shape, self.dtype.name))

    def __repr__(self) -> str:
        name = f", name={self.name!r}" if self.name else ""
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype!r}{name})"


def broadcast(*shapes: TensorShape) -> TensorShape:
    """Return the shape that results when arrays of these shapes meet elementwise.

    Trailing dimensions are lined up; a 1 stretches to the other's size. An unknown dimension that
    meets n > 1 is n (anything else would be an error when the graph runs), and stays unknown
    where it meets 1 or another unknown one.
    """
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(s)) + tuple(s) for s in shapes]
    return TensorShape(_meet(dims, shapes) for dims in zip(*padded, strict=True))


def _meet(dims: tuple[Dim, ...], shapes: tuple[TensorShape, ...]) -> Dim:
    sizes = {d for d in dims if d != 1}
    known = sizes - {None}
    if len(known) > 1:
        listed = " and ".join(map(str, shapes))
        raise ShapeError(f"shapes {listed} do not broadcast: sizes {sorted(known)} meet")  # type: ignore[type-var]
    return known.pop() if known else (None if sizes else 1)


def normalize_axis(axis: int, rank: int) -> int:
    """Return `axis` counted from the front, checked against the number of dimensions."""
    if not isinstance(axis, (int, np.integer)) or isinstance(axis, bool):
        raise InvalidArgumentError(f"axis must be a whole number, got {axis!r}")
    if not -rank <= axis < rank:
        raise InvalidArgumentError(f"axis {axis} is out of range for {rank} dimension(s)")
    return int(axis) % rank


def normalize_axes(axis: Any, rank: int) -> tuple[int, ...]:
    """Return the axes meant by an int, a sequence of ints, or None (all of them), in order."""
    if axis is None:
        return tuple(range(rank))
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    found = tuple(sorted(normalize_axis(a, rank) for a in axes))
    if len(set(found)) < len(found):
        raise InvalidArgumentError(f"axes {axis} name a dimension twice")
    return found
