"""`tf.config`: devices, threads, and how functions run."""

from types import SimpleNamespace

from minitf.runtime.config import threading_config as threading
from minitf.runtime.function import functions_run_eagerly, run_functions_eagerly
from minitf.runtime.machine import (
    LogicalDevice,
    LogicalDeviceConfiguration,
    PhysicalDevice,
    enable_op_determinism,
    get_jit,
    get_soft_device_placement,
    get_visible_devices,
    list_logical_devices,
    list_physical_devices,
    set_jit,
    set_logical_device_configuration,
    set_memory_growth,
    set_soft_device_placement,
    set_visible_devices,
)

# Where TensorFlow 2 has one, had the others first, and notebooks still look for them.
experimental = SimpleNamespace(
    VirtualDeviceConfiguration=LogicalDeviceConfiguration,
    enable_op_determinism=enable_op_determinism,
    get_visible_devices=get_visible_devices,
    list_logical_devices=list_logical_devices,
    list_physical_devices=list_physical_devices,
    set_memory_growth=set_memory_growth,
    set_virtual_device_configuration=set_logical_device_configuration,
    set_visible_devices=set_visible_devices,
)
experimental_functions_run_eagerly = functions_run_eagerly
experimental_run_functions_eagerly = run_functions_eagerly

optimizer = SimpleNamespace(get_jit=get_jit, set_jit=set_jit)

__all__ = [
    "LogicalDevice",
    "LogicalDeviceConfiguration",
    "PhysicalDevice",
    "experimental",
    "experimental_functions_run_eagerly",
    "experimental_run_functions_eagerly",
    "functions_run_eagerly",
    "get_soft_device_placement",
    "get_visible_devices",
    "list_logical_devices",
    "list_physical_devices",
    "optimizer",
    "run_functions_eagerly",
    "set_logical_device_configuration",
    "set_memory_growth",
    "set_soft_device_placement",
    "set_visible_devices",
    "threading",
]
