"""`keras.mixed_precision`: computing in float16, keeping Variables in float32."""

from minitf.layers.dtype_policy import DTypePolicy, Policy
from minitf.layers.dtype_policy import dtype_policy as global_policy
from minitf.layers.dtype_policy import set_dtype_policy as set_global_policy
from minitf.optimizers import LossScaleOptimizer

dtype_policy, set_dtype_policy = global_policy, set_global_policy

__all__ = [
    "DTypePolicy",
    "LossScaleOptimizer",
    "Policy",
    "dtype_policy",
    "global_policy",
    "set_dtype_policy",
    "set_global_policy",
]
