"""What devices this machine has, as `tf.config` tells it."""

from __future__ import annotations

from typing import Any, NamedTuple

from minitf.errors import InvalidArgumentError
from minitf.graph.device import canonical_name
from minitf.kernels.cuda import available


class PhysicalDevice(NamedTuple):
    """A device of the machine.

    Attributes
    ----------
    name : str
        As TensorFlow spells it, ``/physical_device:CPU:0``.
    device_type : str
        ``"CPU"`` or ``"GPU"``.
    """

    name: str
    device_type: str


class LogicalDevice(NamedTuple):
    """A device as programs name it; see `PhysicalDevice`."""

    name: str
    device_type: str


class LogicalDeviceConfiguration(NamedTuple):
    """How a physical device is split; the sizes are accepted and not enforced."""

    memory_limit: int | None = None


_split: dict[str, int] = {}


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """Return the devices of this machine: one CPU, and a GPU where numba.cuda finds one.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.config.list_physical_devices("CPU")
    [PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]
    """
    kinds = ["CPU"] + (["GPU"] if available() else [])
    return [PhysicalDevice(f"/physical_device:{k}:0", k) for k in kinds if device_type in (None, k)]


def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """Return the devices as programs name them.

    Examples
    --------
    >>> import minitf as tf
    >>> [d.name for d in tf.config.list_logical_devices("CPU")]
    ['/device:CPU:0']
    """
    return [LogicalDevice(f"/device:{p.device_type}:{i}", p.device_type)
            for p in list_physical_devices(device_type)
            for i in range(_split.get(p.device_type, 1))]  # fmt: skip


def set_logical_device_configuration(device: PhysicalDevice, logical_devices: Any) -> None:
    """List a physical device as several; each has workers of its own.

    Parameters
    ----------
    device : PhysicalDevice
        A CPU: the GPU cannot be split here.
    logical_devices : sequence of LogicalDeviceConfiguration
        One for each part.
    """
    if device.device_type != "CPU":
        raise InvalidArgumentError("only the CPU can be split into logical devices")
    _split[device.device_type] = len(logical_devices)


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Accept a choice of devices; every device stays visible, because nothing is placed unasked."""
    for chosen in devices if isinstance(devices, (list, tuple)) else [devices]:
        canonical_name(chosen.name.replace("physical_device", "device"))


def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """Return the devices that can be used: all; see `list_physical_devices`."""
    return list_physical_devices(device_type)


_wishes = {"soft_device_placement": True, "jit": ""}  # kept for programs, and not acted upon


def get_soft_device_placement() -> bool:
    """Return what `set_soft_device_placement` was told; True by default.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.config.get_soft_device_placement()
    True
    """
    return bool(_wishes["soft_device_placement"])


def set_soft_device_placement(enabled: bool) -> None:
    """Accept a wish, and keep it: a device that has no kernel for an op always says so."""
    _wishes["soft_device_placement"] = bool(enabled)


def get_jit() -> str:
    """Return what `set_jit` was told, "autoclustering" or ""."""
    return str(_wishes["jit"])


def set_jit(enabled: Any) -> None:
    """Accept a wish, and keep it: graphs that run long enough are compiled anyway."""
    _wishes["jit"] = "autoclustering" if enabled in (True, "autoclustering") else ""


def set_memory_growth(device: Any, enable: bool) -> None:
    """Do nothing: memory is always taken as it is needed."""


def enable_op_determinism() -> None:
    """Do nothing: with one seed, every run on a machine gives the same numbers."""
