"""Parts of a Variable: what ``v[1:3]`` can be told to become, and positions that change.

A part is an ordinary Tensor that knows where it was cut. A Variable's array is never written
into, since whatever was read from it may still be in use: a part is changed in a copy.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from minitf.errors import ShapeError
from minitf.graph.op import AnyTensor, op
from minitf.graph.spec import TensorShape, TensorSpec, broadcast
from minitf.ops import index, scatter
from minitf.ops.array import expand_dims
from minitf.ops.gather import gather
from minitf.ops.transaction import alone_with

CHANGES = {"assign": lambda old, new: new, "assign_add": np.add, "assign_sub": np.subtract}


def part(variable: Any, key: Any) -> Any:
    """Return ``variable[key]``, with methods that change this part of the Variable."""
    cut = index.getitem(variable, key)
    if not index.has_mask(key):  # what a mask picks has no place of its own, as in TensorFlow
        for change in CHANGES:
            setattr(cut, change, partial(variable.assign_part, key, change))
    return cut


@op(writes=True, differentiable=False)
def assign_part(value: AnyTensor, variable: Variable, key: index.Key, change: str):  # noqa: F821
    """Change the part of a Variable that an index says.

    Parameters
    ----------
    value : Tensor
        Of the part's shape, or one that broadcasts to it.
    variable : Variable
        What to change.
    key : tuple
        One entry per item between the brackets; see `minitf.ops.index`.
    change : str
        "assign", "assign_add" or "assign_sub".

    Returns
    -------
    Tensor
        The new value of the whole Variable.

    Examples
    --------
    >>> import minitf as tf
    >>> v = tf.Variable([1, 2, 3, 4])
    >>> v[1:3].assign_add([10, 10]).numpy().tolist()
    [1, 12, 13, 4]
    """
    shape = TensorShape(index.indexed_shape(variable.shape, key))
    if not broadcast(shape, value.shape).is_compatible_with(shape):
        raise ShapeError(
            f"{change}: a value of shape {value.shape} does not fit into a part of shape {shape}"
            f" of variable {variable.name!r}"
        )
    return TensorSpec(variable.shape, variable.dtype)


@assign_part.kernel("numpy")
def _(value, *, variable, key, change):
    place = index.python_key(key)
    with alone_with(frozenset([variable])):
        array = np.array(variable.load())
        array[place] = CHANGES[change](array[place], value)
        variable.store(array)
    return array


class Parts:
    """What a Variable does with parts of itself."""

    def assign_part(self: Any, key: Any, change: str, value: Any, name: str | None = None) -> Any:
        """Change the part at `key`; ``v[key].assign(value)`` calls this."""
        changed = assign_part(self.checked(value), self, index.entries(key), change, name=name)
        return self.assigned(changed)

    def scatter_nd_update(self: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Replace the elements or rows at positions; see `tf.tensor_scatter_nd_update`."""
        return self._scattered(scatter.tensor_scatter_nd_update, indices, updates, name)

    def scatter_nd_add(self: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Add to the elements or rows at positions; see `tf.tensor_scatter_nd_add`."""
        return self._scattered(scatter.tensor_scatter_nd_add, indices, updates, name)

    def scatter_nd_sub(self: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Subtract from the elements or rows at positions; see `tf.tensor_scatter_nd_sub`."""
        return self._scattered(scatter.tensor_scatter_nd_sub, indices, updates, name)

    def scatter_nd_max(self: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Keep the larger at positions; see `tf.tensor_scatter_nd_max`."""
        return self._scattered(scatter.tensor_scatter_nd_max, indices, updates, name)

    def scatter_nd_min(self: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Keep the smaller at positions; see `tf.tensor_scatter_nd_min`."""
        return self._scattered(scatter.tensor_scatter_nd_min, indices, updates, name)

    def scatter_update(self: Any, sparse_delta: Any, use_locking: bool = False,
                           name: str | None = None) -> Any:  # fmt: skip
        """Replace the rows that `tf.IndexedSlices` name."""
        return self.scatter_nd_update(*_rows(sparse_delta), name)

    def scatter_add(self: Any, sparse_delta: Any, use_locking: bool = False,
                        name: str | None = None) -> Any:  # fmt: skip
        """Add to the rows that `tf.IndexedSlices` name."""
        return self.scatter_nd_add(*_rows(sparse_delta), name)

    def scatter_sub(self: Any, sparse_delta: Any, use_locking: bool = False,
                        name: str | None = None) -> Any:  # fmt: skip
        """Subtract from the rows that `tf.IndexedSlices` name."""
        return self.scatter_nd_sub(*_rows(sparse_delta), name)

    def scatter_max(self: Any, sparse_delta: Any, use_locking: bool = False,
                        name: str | None = None) -> Any:  # fmt: skip
        """Keep the larger in the rows that `tf.IndexedSlices` name."""
        return self.scatter_nd_max(*_rows(sparse_delta), name)

    def scatter_min(self: Any, sparse_delta: Any, use_locking: bool = False,
                        name: str | None = None) -> Any:  # fmt: skip
        """Keep the smaller in the rows that `tf.IndexedSlices` name."""
        return self.scatter_nd_min(*_rows(sparse_delta), name)

    def _scattered(self: Any, scattered: Any, indices: Any, updates: Any, name: Any) -> Any:
        return self.assign(scattered(self, indices, self.checked(updates)), name=name)

    def gather_nd(self: Any, indices: Any, name: str | None = None) -> Any:
        """Return the elements or rows at positions; see `tf.gather_nd`."""
        return scatter.gather_nd(self, indices, name=name)

    def sparse_read(self: Any, indices: Any, name: str | None = None) -> Any:
        """Return the rows with these numbers; see `tf.gather`."""
        return gather(self, indices, name=name)


def _rows(slices: Any) -> tuple[Any, Any]:
    """Return the positions of rows, and what is to be done with them."""
    return expand_dims(slices.indices, -1), slices.values
