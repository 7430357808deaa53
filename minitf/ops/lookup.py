"""Tables: from words to numbers and back.

A Table never changes once it is made, so a graph that was traced with one keeps its meaning. It is
an attribute of the operation, not an input: nothing flows through it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from minitf.dtypes import DType, string
from minitf.errors import DTypeError, OutOfRangeError
from minitf.graph.op import AnyTensor, Raw, op
from minitf.graph.spec import TensorSpec
from minitf.ops.strings import text


class Table:
    """A dictionary whose keys are the elements of one type, and whose values are of another.

    Attributes
    ----------
    entries : dict
        The values by key; strings are Python's.
    key_dtype, value_dtype : DType
        Their types.
    missing : callable
        What to return for a key that is not there: takes the key.
    """

    def __init__(self, entries: Mapping[Any, Any], key_dtype: DType, value_dtype: DType,
                 missing: Callable[[Any], Any]):  # fmt: skip
        self.entries = dict(entries)
        self.key_dtype, self.value_dtype, self.missing = key_dtype, value_dtype, missing

    def find_all(self, keys: Any) -> list[Any]:
        """Return the values of all keys of an array."""
        keys = keys.reshape(-1).tolist()
        if self.key_dtype is string and bytes in set(map(type, keys)):
            keys = list(map(text, keys))
        found = list(map(self.entries.get, keys))
        if None not in found:
            return found
        gone = {k for k, v in zip(keys, found, strict=True) if v is None}
        values = {k: self.missing(k) for k in gone}  # each once: hashing takes its time
        return [values[k] if v is None else v for k, v in zip(keys, found, strict=True)]

    def __len__(self) -> int:
        return len(self.entries)


def always(value: Any) -> Callable[[Any], Any]:
    """Return a function that gives one value for every missing key."""
    return lambda key: value


def refuse(key: Any) -> Any:
    """Raise an error for a missing key."""
    raise OutOfRangeError(f"{key!r} is not in the vocabulary, and there is no index for words that "
                          "are not: num_oov_indices=0")  # fmt: skip


@op(differentiable=False)
def look_up(keys: AnyTensor, table: Raw):
    """Look the elements of a tensor up in a table.

    Parameters
    ----------
    keys : Tensor
        Of the type of the table's keys; for integers, of any integer type.
    table : Table
        Where to look.

    Returns
    -------
    Tensor
        Of the shape of `keys` and the type of the table's values.

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.lookup import Table, always, look_up
    >>> table = Table({"to": 1, "be": 2}, tf.string, tf.int64, always(0))
    >>> look_up(["to", "or", "be"], table).numpy().tolist()
    [1, 0, 2]
    """
    alike = keys.dtype.is_integer and table.key_dtype.is_integer
    if keys.dtype is not table.key_dtype and not alike:
        raise DTypeError(f"the table has keys of type {table.key_dtype.name}, got "
                         f"{keys.dtype.name}")  # fmt: skip
    return TensorSpec(keys.shape, table.value_dtype)


@look_up.kernel("numpy")
def _(keys, *, table):
    return np.array(table.find_all(keys), table.value_dtype.numpy).reshape(keys.shape)
