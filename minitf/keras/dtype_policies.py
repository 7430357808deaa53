"""`keras.dtype_policies`: in which dtype layers compute and keep their Variables."""

from minitf.layers.dtype_policy import DTypePolicy
from minitf.layers.dtype_policy import get_policy as get

__all__ = ["DTypePolicy", "get"]
