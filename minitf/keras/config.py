"""`keras.config`: settings that hold for all layers."""

from minitf.layers.dtype_policy import dtype_policy, set_dtype_policy
from minitf.settings import (
    disable_interactive_logging,
    enable_interactive_logging,
    epsilon,
    floatx,
    image_data_format,
    is_interactive_logging_enabled,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)


def backend() -> str:
    """Return the name of what computes, by which programs choose their ops."""
    return "tensorflow"


__all__ = [
    "backend",
    "disable_interactive_logging",
    "dtype_policy",
    "enable_interactive_logging",
    "epsilon",
    "floatx",
    "image_data_format",
    "is_interactive_logging_enabled",
    "set_dtype_policy",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
]
