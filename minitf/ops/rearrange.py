"""Repeating, padding and turning tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.errors import InvalidArgumentError, OutOfRangeError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.op import AnyTensor, IntTensor, Tensor, op
from minitf.graph.spec import Dim, TensorShape, TensorSpec, normalize_axes, normalize_axis
from minitf.ops.array import expand_dims, known_shape, known_size, reshape
from minitf.ops.broadcasting import broadcast_to
from minitf.ops.composed import composed
from minitf.ops.gather import gather
from minitf.ops.index import slice_
from minitf.ops.shapes import check_compatible

# -- repeating --------------------------------------------------------------------------------


@op
def tile(input: Tensor, multiples: tuple[int, ...]):
    """Lay copies of a tensor side by side.

    Parameters
    ----------
    input : Tensor
        Shape (d1, ..., dn).
    multiples : sequence of int
        How many copies along each of the n axes.

    Returns
    -------
    Tensor
        Shape (d1 * multiples[0], ..., dn * multiples[n-1]).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.tile([[1, 2]], [2, 2]).numpy().tolist()
    [[1, 2, 1, 2], [1, 2, 1, 2]]
    """
    return TensorSpec(_tiled(input.shape, multiples), input.dtype)


def _tiled(shape: TensorShape, multiples: Any) -> list[Dim]:
    if len(multiples) != len(shape):
        raise ShapeError(f"one multiple per axis is needed: got {multiples} for shape {shape}")
    if any(m is not None and m < 0 for m in multiples):
        raise InvalidArgumentError(f"multiples are >= 0, got {multiples}")
    return [_times(n, m) for n, m in zip(shape, multiples, strict=True)]


def _times(size: Dim, factor: Dim) -> Dim:
    return None if size is None or factor is None else size * factor


@tile.kernel("numpy")
def _(input, *, multiples):
    return np.tile(input, multiples)


@tile.gradient
def _(node, dy):
    source = node.inputs[0]
    return tile_backprop(dy, known_shape(source), node["multiples"])


@op
def tile_backprop(dy: Tensor, shape: tuple[int, ...], multiples: tuple[int, ...]):
    """Sum the copies that `tile` made, element by element.

    Examples
    --------
    >>> from minitf.ops.rearrange import tile_backprop
    >>> tile_backprop([1.0, 2.0, 30.0, 40.0], [2], [2]).numpy().tolist()
    [31.0, 42.0]
    """
    check_compatible(dy, _tiled(TensorShape(shape), multiples))
    return TensorSpec(shape, dy.dtype)


@tile_backprop.kernel("numpy")
def _(dy, *, shape, multiples):
    blocks = [n for pair in zip(multiples, shape, strict=True) for n in pair]
    return np.reshape(dy, blocks).sum(axis=tuple(range(0, len(blocks), 2)), dtype=dy.dtype)


@tile_backprop.gradient
def _(node, dy):
    return tile(dy, node["multiples"])


@op(differentiable=False)
def repeat_indices(repeats: IntTensor):
    """Return 0, 1, 2, ..., each as often as `repeats` says.

    Examples
    --------
    >>> from minitf.ops.rearrange import repeat_indices
    >>> repeat_indices([2, 0, 1]).numpy().tolist()
    [0, 0, 2]
    """
    return TensorSpec((None,), repeats.dtype)


@repeat_indices.kernel("numpy")
def _(repeats):
    return np.repeat(np.arange(repeats.size, dtype=repeats.dtype), repeats)


@composed
def repeat(input: Any, repeats: Any, axis: int | None = None, name: str | None = None) -> Tensor:
    """Repeat each element, in place.

    Parameters
    ----------
    input : Tensor
        Any shape; without an axis it is flattened first.
    repeats : int or sequence of int
        How often: one number for all, or one for each element of the axis.
    axis : int, optional
        The axis along which elements are repeated.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.repeat([1, 2], 3).numpy().tolist()
    [1, 1, 1, 2, 2, 2]
    >>> tf.repeat([[1, 2], [3, 4]], [1, 2], axis=0).numpy().tolist()
    [[1, 2], [3, 4], [3, 4]]
    """
    input = as_tensor(input)
    if axis is None:
        input, axis = reshape(input, [-1]), 0
    at = normalize_axis(axis, len(input.shape))
    if isinstance(repeats, int):
        return _repeat_evenly(input, repeats, at, name)
    counts = as_tensor(repeats)
    if counts.shape in ((), (1,)):
        return _repeat_evenly(input, reshape(counts, []), at, name)
    if len(counts.shape) > 1 or not counts.shape.is_compatible_with(input.shape[at : at + 1]):
        raise ShapeError(
            f"repeats has shape {counts.shape}, which does not fit size {input.shape[at]} "
            f"of axis {axis}"
        )
    return gather(input, repeat_indices(counts), axis=at, name=name)


def _repeat_evenly(input: Any, count: Any, axis: int, name: str | None) -> Tensor:
    """Repeat each element along an axis by tiling a new axis behind it."""
    multiples = [1] * (len(input.shape) + 1)
    multiples[axis + 1] = count
    copies = tile(expand_dims(input, axis + 1), multiples)
    sizes = [known_size(input, i) for i in range(len(input.shape))]
    sizes[axis] = sizes[axis] * count
    return reshape(copies, sizes, name=name)


# -- padding ----------------------------------------------------------------------------------


@op
def pad(tensor: Tensor, paddings: tuple[tuple[int, int], ...], mode: str = "CONSTANT",
        constant_values: float = 0):  # fmt: skip
    """Put a border around a tensor.

    Parameters
    ----------
    tensor : Tensor
        Shape (d1, ..., dn).
    paddings : sequence of n pairs of int
        How many elements to put before and after, along each axis.
    mode : {"CONSTANT", "REFLECT", "SYMMETRIC"}
        A border of one value; or what lies inside of the edge, mirrored, without ("REFLECT") or
        with ("SYMMETRIC") the edge itself.
    constant_values : number
        The value of a "CONSTANT" border.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.pad([1, 2, 3], [[1, 2]]).numpy().tolist()
    [0, 1, 2, 3, 0, 0]
    >>> tf.pad([1, 2, 3], [[2, 2]], "REFLECT").numpy().tolist()
    [3, 2, 1, 2, 3, 2, 1]
    >>> tf.pad([1, 2, 3], [[2, 2]], "SYMMETRIC").numpy().tolist()
    [2, 1, 1, 2, 3, 3, 2]
    """
    return TensorSpec(_padded(tensor.shape, paddings, mode), tensor.dtype)


def _padded(shape: TensorShape, paddings: Any, mode: Any) -> list[Dim]:
    _check_paddings(shape, paddings, mode)
    pairs = zip(shape, paddings, strict=True)
    return [None if None in (n, *pair) else n + sum(pair) for n, pair in pairs]


def _check_paddings(shape: TensorShape, paddings: Any, mode: Any) -> None:
    if len(paddings) != len(shape) or any(len(pair) != 2 for pair in paddings):
        raise ShapeError(f"paddings must hold {len(shape)} pairs (before, after), got {paddings}")
    if str(mode).upper() not in ("CONSTANT", "REFLECT", "SYMMETRIC"):
        raise InvalidArgumentError(f"mode is CONSTANT, REFLECT or SYMMETRIC, got {mode!r}")
    for size, pair in zip(shape, paddings, strict=True):
        limit = _largest_border(size, mode.upper())
        for count in pair:
            if count is not None and (count < 0 or (limit is not None and count > limit)):
                raise ShapeError(f"a border of {count} does not fit size {size} (mode {mode})")


def _largest_border(size: Dim, mode: str) -> Dim:
    if size is None or mode == "CONSTANT":
        return None
    return max(0, size - 1) if mode == "REFLECT" else size


@pad.kernel("numpy")
def _(tensor, *, paddings, mode, constant_values):
    _check_paddings(np.shape(tensor), paddings, mode)
    if mode.upper() != "CONSTANT":
        return np.pad(tensor, paddings, mode.lower())
    sizes = [n + a + b for n, (a, b) in zip(tensor.shape, paddings, strict=True)]
    # np.zeros gets its memory already cleared from the system, where np.full must write it
    out = np.full(sizes, constant_values, tensor.dtype) if constant_values else np.zeros(
        sizes, tensor.dtype)  # fmt: skip
    out[_inside(tensor.shape, paddings)] = tensor
    return out


def _inside(shape: Any, paddings: Any) -> tuple[slice, ...]:
    return tuple(slice(a, a + n) for n, (a, _) in zip(shape, paddings, strict=True))


@pad.gradient
def _(node, dy):
    source, paddings, mode = node.inputs[0], node["paddings"], node["mode"]
    if mode.upper() == "CONSTANT":
        return slice_(dy, [before for before, _ in paddings], known_shape(source))
    return pad_backprop(dy, known_shape(source), paddings, mode)


@op
def pad_backprop(dy: Tensor, shape: tuple[int, ...], paddings: tuple[tuple[int, int], ...],
                 mode: str):  # fmt: skip
    """Fold a mirrored border back onto the elements that it was copied from, and sum.

    Examples
    --------
    >>> from minitf.ops.rearrange import pad_backprop
    >>> pad_backprop([10.0, 1.0, 2.0, 20.0], [2], [[1, 1]], "SYMMETRIC").numpy().tolist()
    [11.0, 22.0]
    """
    check_compatible(dy, _padded(TensorShape(shape), paddings, mode))
    return TensorSpec(shape, dy.dtype)


@pad_backprop.kernel("numpy")
def _(dy, *, shape, paddings, mode):
    edge = mode.upper() == "REFLECT"  # 1 where the edge itself is not copied
    for axis, (size, (before, after)) in enumerate(zip(shape, paddings, strict=True)):
        moved = np.moveaxis(dy, axis, 0)
        out = moved[before : before + size].copy()
        out[edge : edge + before] += moved[:before][::-1]
        out[size - edge - after : size - edge] += moved[before + size :][::-1]
        dy = np.moveaxis(out, 0, axis)
    return dy.copy()


@pad_backprop.gradient
def _(node, dy):
    return pad(dy, node["paddings"], node["mode"])


# -- turning ----------------------------------------------------------------------------------


@op(view=True)
def reverse(tensor: AnyTensor, axis: tuple[int, ...]):
    """Reverse the order of the elements along some axes.

    Parameters
    ----------
    tensor : Tensor
        Any shape.
    axis : sequence of int
        The axes to turn round.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.reverse([[1, 2], [3, 4]], axis=[1]).numpy().tolist()
    [[2, 1], [4, 3]]
    """
    normalize_axes(axis, len(tensor.shape))
    return tensor


@reverse.kernel("numpy")
def _(tensor, *, axis):
    return np.flip(tensor, axis)


@reverse.gradient
def _(node, dy):
    return reverse(dy, node["axis"])


@op
def reverse_sequence(input: AnyTensor, seq_lengths: IntTensor, seq_axis: int | None = None,
                     batch_axis: int | None = None):  # fmt: skip
    """Reverse the first elements of each sequence in a batch, and leave its padding in place.

    Parameters
    ----------
    input : Tensor
        Any shape with two axes or more.
    seq_lengths : Tensor
        Of integer type, one length per sequence.
    seq_axis : int
        The axis along which sequences run.
    batch_axis : int
        The axis that counts the sequences; 0 by default.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.reverse_sequence([[1, 2, 3, 0], [4, 5, 0, 0]], [3, 2], seq_axis=1).numpy().tolist()
    [[3, 2, 1, 0], [5, 4, 0, 0]]
    """
    run, batch = _sequence_axes(len(input.shape), seq_axis, batch_axis)
    if run == batch:
        raise InvalidArgumentError(f"seq_axis and batch_axis are both {run}")
    if not TensorShape([input.shape[batch]]).is_compatible_with(seq_lengths.shape):
        raise ShapeError(f"lengths of shape {seq_lengths.shape} for {input.shape[batch]} sequences")
    return input


def _sequence_axes(rank: int, seq_axis: Any, batch_axis: Any) -> tuple[int, int]:
    return normalize_axis(seq_axis, rank), normalize_axis(batch_axis or 0, rank)


@reverse_sequence.kernel("numpy")
def _(input, seq_lengths, *, seq_axis, batch_axis):
    axes = _sequence_axes(input.ndim, seq_axis, batch_axis)
    rows = np.moveaxis(input, axes, (1, 0))
    if seq_lengths.size and not 0 <= seq_lengths.min() <= seq_lengths.max() <= rows.shape[1]:
        raise OutOfRangeError(f"lengths {seq_lengths.tolist()} for sequences of {rows.shape[1]}")
    place, lengths = np.arange(rows.shape[1]), seq_lengths[:, None]
    index = np.where(place < lengths, lengths - 1 - place, place)
    return np.moveaxis(rows[np.arange(len(rows))[:, None], index], (1, 0), axes)


@reverse_sequence.gradient
def _(node, dy):
    lengths = node.inputs[1]
    return reverse_sequence(dy, lengths, node["seq_axis"], node["batch_axis"]), None


@op
def roll(input: AnyTensor, shift: int | tuple[int, ...], axis: int | tuple[int, ...]):
    """Move elements along some axes; those that leave at one end come back at the other.

    Parameters
    ----------
    input : Tensor
        Any shape.
    shift : int or sequence of int
        By how many places, toward larger indices.
    axis : int or sequence of int
        Along which axis each shift goes; shifts along one axis add up.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.roll([1, 2, 3, 4], shift=1, axis=0).numpy().tolist()
    [4, 1, 2, 3]
    """
    shifts, axes = _as_tuple(shift), _as_tuple(axis)
    if len(shifts) != len(axes):
        raise InvalidArgumentError(f"one axis per shift is needed, got {shift} and {axis}")
    for one in axes:
        normalize_axis(one, len(input.shape))
    return input


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


@roll.kernel("numpy")
def _(input, *, shift, axis):
    return np.roll(input, shift, axis)


@roll.gradient
def _(node, dy):
    return roll(dy, [-s for s in _as_tuple(node["shift"])], _as_tuple(node["axis"]))


@composed
def meshgrid(*args: Any, indexing: str = "xy", name: str | None = None) -> list[Tensor]:
    """Return the coordinates of a grid: each axis' values, spread over all the others.

    Parameters
    ----------
    *args : Tensor
        Values along each axis, of shape (n1,), ..., (nk,).
    indexing : {"xy", "ij"}
        "ij" gives grids of shape (n1, n2, ..., nk); "xy" swaps the first two axes, as plots do.

    Returns
    -------
    list of Tensor
        One grid per argument.

    Examples
    --------
    >>> import minitf as tf
    >>> x, y = tf.meshgrid([1, 2, 3], [10, 20])
    >>> x.numpy().tolist(), y.numpy().tolist()
    ([[1, 2, 3], [1, 2, 3]], [[10, 10, 10], [20, 20, 20]])
    """
    if indexing not in ("xy", "ij"):
        raise InvalidArgumentError(f"indexing is 'xy' or 'ij', got {indexing!r}")
    lines = [reshape(as_tensor(a), [-1]) for a in args]
    places = list(range(len(lines)))
    if indexing == "xy":
        places[:2] = reversed(places[:2])
    sizes = [known_size(lines[i], 0) for i in places]
    return [
        broadcast_to(reshape(line, [-1 if i == k else 1 for i in places]), sizes, name=name)
        for k, line in enumerate(lines)
    ]
