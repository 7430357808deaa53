"""`keras.config`: settings that hold for all layers."""

from minitf.layers.dtype_policy import dtype_policy, set_dtype_policy
from minitf.settings import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)


def backend() -> str:
    """Return the name of what computes, by which programs choose their ops."""
    return "tensorflow"


__all__ = [
    "backend",
    "dtype_policy",
    "epsilon",
    "floatx",
    "image_data_format",
    "set_dtype_policy",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
]
