"""`tf.lookup.experimental`: tables that grow.

They are looked up by Python when a graph runs, in the order of the program.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.data.lookup import Array, Lookup, elements_of, listed
from minitf.dtypes import as_dtype, int64
from minitf.errors import DTypeError, ShapeError
from minitf.graph.convert import as_array, as_tensor
from minitf.graph.spec import TensorSpec
from minitf.graph.tensor import Tensor
from minitf.ops.composed import composed
from minitf.ops.script import numpy_function
from minitf.ops.source import constant


class MutableHashTable(Lookup):
    """A table that grows.

    Parameters
    ----------
    key_dtype, value_dtype : DType
        Types of keys and values.
    default_value : tensor
        The value of all keys that are not there; values have its shape.
    name : str, optional
        Its name.
    checkpoint, experimental_is_anonymous : bool
        Accepted as in TensorFlow; a checkpoint does not hold the table.

    Examples
    --------
    >>> import minitf as tf
    >>> table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, default_value=-1)
    >>> table.insert(["to", "be"], [3, 4])
    >>> table.lookup(["be", "or"]).numpy().tolist(), int(table.size())
    ([4, -1], 2)
    """

    def __init__(
        self, key_dtype: Any, value_dtype: Any, default_value: Any,
        name: str | None = "MutableHashTable", checkpoint: bool = True,
        experimental_is_anonymous: bool = False,
    ):  # fmt: skip
        self.key_dtype, self.value_dtype = as_dtype(key_dtype), as_dtype(value_dtype)
        self.name = name or "MutableHashTable"
        self._default = as_array(default_value, self.value_dtype, argument="default_value")
        self._entries: dict[Any, Any] = {}

    @composed
    def lookup(self, keys: Any, dynamic_default_values: Any = None,
               name: str | None = None) -> Tensor:  # fmt: skip
        """Return the values of keys.

        Parameters
        ----------
        keys : Tensor
            Of the table's type, any shape.
        dynamic_default_values : Tensor, optional
            In place of the table's default value: one value, or one for each key.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Tensor
            Of the shape of `keys`, followed by that of a value.
        """
        keys = self._keys(keys)
        default = self._default if dynamic_default_values is None else dynamic_default_values
        shape = (*keys.shape, *self._default.shape)

        def find(keys: Array, default: Array) -> Array:
            full = keys.shape + self._default.shape
            found = np.broadcast_to(np.asarray(default, self.value_dtype.numpy), full).copy()
            flat = found.reshape(keys.size, *self._default.shape)
            for i, key in enumerate(elements_of(keys)):
                if key in self._entries:
                    flat[i] = self._entries[key]
            return flat.reshape(full)

        default = as_tensor(default, hint=self.value_dtype)
        return numpy_function(find, [keys, default], TensorSpec(shape, self.value_dtype))

    @composed
    def insert(self, keys: Any, values: Any, name: str | None = None) -> None:
        """Give keys new values.

        Parameters
        ----------
        keys : Tensor
            Any shape.
        values : Tensor
            Of the shape of `keys`, followed by that of a value.
        name : str, optional
            Accepted as in TensorFlow.
        """
        values = as_tensor(values, hint=self.value_dtype)
        if values.dtype is not self.value_dtype:
            raise DTypeError(f"the table has values of type {self.value_dtype.name}, got "
                             f"{values.dtype.name}")  # fmt: skip

        def put(keys: Array, values: Array) -> list[Any]:
            wanted = keys.shape + self._default.shape
            if values.shape != wanted:
                raise ShapeError(f"expected values of shape {wanted}, got {values.shape}")
            rows = values.reshape(keys.size, *self._default.shape)
            for key, row in zip(elements_of(keys), rows, strict=True):
                self._entries[key] = np.array(row)
            return []

        numpy_function(put, [self._keys(keys), values], [])

    @composed
    def remove(self, keys: Any, name: str | None = None) -> None:
        """Forget keys; those that are not there do not matter."""

        def drop(keys: Array) -> list[Any]:
            for key in elements_of(keys):
                self._entries.pop(key, None)
            return []

        numpy_function(drop, [self._keys(keys)], [])

    def size(self, name: str | None = None) -> Tensor:
        """Return the number of keys, as int64."""

        def count() -> Any:
            return np.int64(len(self._entries))

        return numpy_function(count, [], TensorSpec((), int64))

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """Return all keys, and their values, as they are now."""
        rows = list(self._entries.values())
        whole = np.stack(rows) if rows else np.empty((0, *self._default.shape))
        return (
            constant(listed(self._entries, self.key_dtype)),
            constant(whole.astype(self.value_dtype.numpy)),
        )

    def _keys(self, keys: Any) -> Tensor:
        keys = as_tensor(keys, hint=self.key_dtype)
        if keys.dtype is not self.key_dtype:
            raise DTypeError(f"the table has keys of type {self.key_dtype.name}, got "
                             f"{keys.dtype.name}")  # fmt: skip
        return keys


class DenseHashTable(MutableHashTable):
    """A table that grows, as `MutableHashTable`.

    Parameters
    ----------
    key_dtype, value_dtype, default_value
        As for `MutableHashTable`.
    empty_key, deleted_key : tensor
        Keys that are never used: TensorFlow marks free places with them.
    initial_num_buckets, name, checkpoint, experimental_is_anonymous : optional
        Accepted as in TensorFlow.

    Examples
    --------
    >>> import minitf as tf
    >>> table = tf.lookup.experimental.DenseHashTable(
    ...     tf.int64, tf.float32, default_value=0.0, empty_key=-1, deleted_key=-2)
    >>> table.insert([5], [0.5])
    >>> table[[5, 6]].numpy().tolist()
    [0.5, 0.0]
    """

    def __init__(
        self, key_dtype: Any, value_dtype: Any, default_value: Any, empty_key: Any,
        deleted_key: Any, initial_num_buckets: int | None = None,
        name: str | None = "MutableDenseHashTable", checkpoint: bool = True,
        experimental_is_anonymous: bool = False,
    ):  # fmt: skip
        super().__init__(key_dtype, value_dtype, default_value, name or "MutableDenseHashTable")

    def erase(self, keys: Any, name: str | None = None) -> None:
        """Forget keys, as `remove`."""
        self.remove(keys)
