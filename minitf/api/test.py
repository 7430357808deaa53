"""`tf.test`: assertions on tensors for unit tests."""

from minitf.runtime.testing import (
    TestCase,
    gpu_device_name,
    is_built_with_cuda,
    is_gpu_available,
    main,
)

is_built_with_gpu_support = is_built_with_cuda

__all__ = [
    "TestCase",
    "gpu_device_name",
    "is_built_with_cuda",
    "is_built_with_gpu_support",
    "is_gpu_available",
    "main",
]
