"""Scattering slices into a tensor that exists: adding, replacing, comparing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitf.graph.convert import as_tensor
from minitf.graph.op import IntTensor, Tensor, op
from minitf.ops.array import known_shape
from minitf.ops.composed import composed
from minitf.ops.gather import (
    check_updates,
    flat_places,
    gather_nd,
    nd_index,
    only_errors,
    scatter_nd_,
)
from minitf.ops.math import cast
from minitf.ops.source import zeros_like


@composed
def tensor_scatter_nd_add(
    tensor: Any, indices: Any, updates: Any, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """Add slices at numbered places of a tensor.

    Parameters
    ----------
    tensor : Tensor
        Any shape; stays as it is.
    indices : Tensor
        Of integer type, shape (..., k): each vector counts along the first k axes.
    updates : Tensor
        What to add there, of shape ``indices.shape[:-1] + tensor.shape[k:]``.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.tensor_scatter_nd_add([1, 1, 1], [[0], [2]], [10, 20]).numpy().tolist()
    [11, 1, 21]
    """
    only_errors(bad_indices_policy)
    tensor = as_tensor(tensor)
    updates = as_tensor(updates, hint=tensor.dtype)
    return tensor + scatter_nd_(indices, updates, known_shape(tensor), 0, name=name)


@composed
def tensor_scatter_nd_sub(
    tensor: Any, indices: Any, updates: Any, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """Subtract slices at numbered places of a tensor; see `tensor_scatter_nd_add`.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.tensor_scatter_nd_sub([1, 1, 1], [[0], [2]], [10, 20]).numpy().tolist()
    [-9, 1, -19]
    """
    only_errors(bad_indices_policy)
    tensor = as_tensor(tensor)
    updates = as_tensor(updates, hint=tensor.dtype)
    return tensor - scatter_nd_(indices, updates, known_shape(tensor), 0, name=name)


@op
def tensor_scatter_nd_update(tensor: Tensor, indices: IntTensor, updates: Tensor):
    """Replace slices at numbered places of a tensor.

    Parameters
    ----------
    tensor : Tensor
        Any shape; stays as it is.
    indices : Tensor
        Of integer type, shape (..., k): each vector counts along the first k axes.
    updates : Tensor
        What to put there, of shape ``indices.shape[:-1] + tensor.shape[k:]``.

    Returns
    -------
    Tensor

    Notes
    -----
    Where an index is repeated, the last update stays, but as in TensorFlow every one of them
    receives the gradient: do not repeat indices.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.tensor_scatter_nd_update([1, 1, 1], [[0], [2]], [10, 20]).numpy().tolist()
    [10, 1, 20]
    """
    check_updates(tensor.shape, indices, updates)
    return tensor


@tensor_scatter_nd_update.kernel("numpy")
def _(tensor, indices, updates):
    out = np.array(tensor, order="C")
    depth = indices.shape[-1]
    out.reshape(math.prod(out.shape[:depth]), *out.shape[depth:])[nd_index(indices, out.shape)] = (
        updates
    )
    return out


@tensor_scatter_nd_update.gradient
def _(node, dy):
    _, indices, updates = node.inputs
    covered = tensor_scatter_nd_update(dy, indices, zeros_like(updates))
    return covered, None, gather_nd(dy, indices)


@op
def tensor_scatter_nd_max(tensor: Tensor, indices: IntTensor, updates: Tensor):
    """Take the larger of a tensor and of slices at numbered places.

    Parameters
    ----------
    tensor : Tensor
        Any shape; stays as it is.
    indices : Tensor
        Of integer type, shape (..., k): each vector counts along the first k axes.
    updates : Tensor
        What to compare with there, of shape ``indices.shape[:-1] + tensor.shape[k:]``.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.tensor_scatter_nd_max([1, 5, 1], [[0], [1]], [4, 4]).numpy().tolist()
    [4, 5, 1]
    """
    check_updates(tensor.shape, indices, updates)
    return tensor


@tensor_scatter_nd_max.kernel("numpy")
def _(tensor, indices, updates):
    return _scatter_with(np.maximum, tensor, indices, updates)


@op
def tensor_scatter_nd_min(tensor: Tensor, indices: IntTensor, updates: Tensor):
    """Take the smaller of a tensor and of slices at numbered places.

    Parameters
    ----------
    tensor : Tensor
        Any shape; stays as it is.
    indices : Tensor
        Of integer type, shape (..., k): each vector counts along the first k axes.
    updates : Tensor
        What to compare with there, of shape ``indices.shape[:-1] + tensor.shape[k:]``.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.tensor_scatter_nd_min([1, 5, 1], [[0], [1]], [4, 4]).numpy().tolist()
    [1, 4, 1]
    """
    check_updates(tensor.shape, indices, updates)
    return tensor


@tensor_scatter_nd_min.kernel("numpy")
def _(tensor, indices, updates):
    return _scatter_with(np.minimum, tensor, indices, updates)


def _scatter_with(choose: np.ufunc, tensor: Any, indices: Any, updates: Any) -> Any:
    out = np.array(tensor, order="C")
    index = nd_index(indices, out.shape).reshape(-1)
    places = flat_places(index, math.prod(out.shape[indices.shape[-1] :]))
    choose.at(out.reshape(-1), places, updates.reshape(-1))
    return out


@tensor_scatter_nd_max.gradient
@tensor_scatter_nd_min.gradient
def _(node, dy):
    """Share the gradient of each element evenly among the numbers that equal it."""
    tensor, indices, updates = node.inputs
    found = node.outputs[0]
    kept = cast(tensor == found, dy.dtype)
    chosen = cast(updates == gather_nd(found, indices), dy.dtype)
    share = dy / tensor_scatter_nd_add(kept, indices, chosen)
    return kept * share, None, chosen * gather_nd(share, indices)
