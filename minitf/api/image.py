"""`tf.image`: images as tensors."""

from minitf.ops.array import transpose
from minitf.ops.blocks import extract_patches

__all__ = [
    "extract_patches",
    "transpose",
]
