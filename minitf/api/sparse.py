"""`tf.sparse`: tensors most of whose elements are 0."""

from minitf.composite.sparse import IndexedSlices, SparseTensor, SparseTensorSpec  # noqa: F401
from minitf.composite.sparse_ops import (
    add,
    eye,
    from_dense,
    map_values,
    reduce_max,
    reduce_sum,
    sparse_dense_matmul,
    to_dense,
    to_indicator,
)
from minitf.composite.sparse_places import concat, expand_dims, reorder, reshape, retain, transpose
from minitf.composite.sparse_places import slice_ as slice

__all__ = [
    "SparseTensor",
    "add",
    "concat",
    "expand_dims",
    "eye",
    "from_dense",
    "map_values",
    "reduce_max",
    "reduce_sum",
    "reorder",
    "reshape",
    "retain",
    "slice",
    "sparse_dense_matmul",
    "to_dense",
    "to_indicator",
    "transpose",
]
