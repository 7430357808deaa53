"""`tf.config`: devices, threads, and how functions run."""

from types import SimpleNamespace

from minitf.runtime.config import threading_config as threading
from minitf.runtime.function import functions_run_eagerly, run_functions_eagerly
from minitf.runtime.machine import (
    LogicalDevice,
    LogicalDeviceConfiguration,
    PhysicalDevice,
    enable_op_determinism,
    list_logical_devices,
    list_physical_devices,
    set_logical_device_configuration,
    set_memory_growth,
    set_visible_devices,
)

# Where TensorFlow 2 has one, had the others first, and notebooks still look for them.
experimental = SimpleNamespace(
    enable_op_determinism=enable_op_determinism,
    list_logical_devices=list_logical_devices,
    list_physical_devices=list_physical_devices,
    set_memory_growth=set_memory_growth,
    set_visible_devices=set_visible_devices,
)

__all__ = [
    "LogicalDevice",
    "LogicalDeviceConfiguration",
    "PhysicalDevice",
    "experimental",
    "functions_run_eagerly",
    "list_logical_devices",
    "list_physical_devices",
    "run_functions_eagerly",
    "set_logical_device_configuration",
    "set_memory_growth",
    "set_visible_devices",
    "threading",
]
