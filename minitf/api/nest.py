"""`tf.nest`: nested structures of tensors."""

from minitf.graph.nest import assert_same_structure, flatten, is_nested, map_structure
from minitf.graph.nest import pack_like as pack_sequence_as

__all__ = ["assert_same_structure", "flatten", "is_nested", "map_structure", "pack_sequence_as"]
