"""`keras.tree`: nested structures."""

from minitf.graph.nest import flatten, is_nested, map_structure
from minitf.graph.nest import pack_like as pack_sequence_as

__all__ = ["flatten", "is_nested", "map_structure", "pack_sequence_as"]
