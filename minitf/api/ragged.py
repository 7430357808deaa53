"""`tf.ragged`: rows of different lengths."""

from minitf.composite import ragged_rules  # noqa: F401  (functions learn what ragged tensors are)
from minitf.composite.ragged import RaggedTensor, RaggedTensorSpec  # noqa: F401  (are tf.Ragged...)
from minitf.composite.ragged_making import boolean_mask, constant, map_flat_values, stack
from minitf.composite.ragged_making import range_ as range

__all__ = ["boolean_mask", "constant", "map_flat_values", "range", "stack"]
