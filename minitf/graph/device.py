"""Devices: places that hold arrays and own workers.

A device lists the backends that can compute on it, best first. `/cpu:0`, `/cpu:1`, ... share the
process's memory, so moving a value between them costs nothing; each has workers of its own, and two
of them work at the same time. `/gpu:0` (see `minitf.kernels.cuda`) has a memory of its own: the
placer puts an explicit copy Operation on every edge that enters or leaves it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np

from minitf.errors import InvalidArgumentError, NotFoundError
from minitf.graph.context import context, set_context

_HERE = "(?:/job:localhost)?(?:/replica:0)?(?:/task:0)?"
_NAME = re.compile(_HERE + r"/?(?:device:)?(cpu|gpu)(?::(\d+|\*))?")


class Device:
    """A place that holds arrays and owns workers.

    Attributes
    ----------
    name : str
        Such as ``"/cpu:0"``.
    kind : str
        ``"cpu"`` or ``"gpu"``.
    backends : tuple of str
        Kernels that run here, in order of preference.
    memory : str
        Where its arrays live; a value moves freely between devices of the same memory.
    """

    kind = "cpu"
    backends: tuple[str, ...] = ("numba", "numpy")
    memory = "host"

    def __init__(self, index: int):
        self.index = index
        self.name = f"/{self.kind}:{index}"
        self._pool: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    def put(self, array: np.ndarray[Any, Any]) -> Any:
        """Return a host array as an array of this device."""
        return array

    def fetch(self, array: Any) -> np.ndarray[Any, Any]:
        """Return an array of this device as a host array."""
        return array  # type: ignore[no-any-return]

    def holds(self, array: Any) -> bool:
        """Return whether an array lies in this device's memory."""
        return isinstance(array, (np.ndarray, np.generic))

    def synchronize(self) -> None:
        """Wait until everything that was started here has been done."""

    def workers(self, count: int) -> ThreadPoolExecutor:
        """Return this device's pool of threads, at least `count` of them, started when needed."""
        with self._lock:
            if self._pool is None or self._pool._max_workers < count:
                self._pool = ThreadPoolExecutor(count, thread_name_prefix=self.name)
            return self._pool

    def __repr__(self) -> str:
        return f"Device({self.name!r})"


_FACTORIES: dict[str, Callable[[int], Device]] = {"cpu": Device}
_DEVICES: dict[str, Device] = {}
_LOCK = threading.Lock()


def register_device_kind(kind: str, factory: Callable[[int], Device]) -> None:
    """Teach `get_device` to make devices of another kind."""
    _FACTORIES[kind] = factory


def canonical_name(name: str) -> str:
    """Return ``"/cpu:0"`` for any of TensorFlow's spellings, such as ``"/device:CPU:0"``."""
    found = _NAME.fullmatch(name.lower()) if isinstance(name, str) else None
    if found is None:
        raise InvalidArgumentError(
            f"a device is named like '/cpu:0', '/cpu:1' or '/gpu:0', got {name!r}"
        )
    return f"/{found[1]}:{0 if found[2] in (None, '*') else int(found[2])}"


def get_device(name: str | Device) -> Device:
    """Return the device of that name; there is one object per name."""
    if isinstance(name, Device):
        return name
    name = canonical_name(name)
    with _LOCK:
        if name not in _DEVICES:
            kind, index = name[1:].split(":")
            if kind not in _FACTORIES:
                raise NotFoundError(f"no device {name}: there are {sorted(_FACTORIES)} devices")
            _DEVICES[name] = _FACTORIES[kind](int(index))
        return _DEVICES[name]


HOST = get_device("/cpu:0")


def device_of(array: Any) -> Device:
    """Return a device in whose memory an array lies."""
    return next(d for d in list(_DEVICES.values()) if d.holds(array))


@contextmanager
def device(device_name: str | Device | None) -> Iterator[None]:
    """Run, or place, the operations made inside the block on one device.

    Parameters
    ----------
    device_name : str or None
        ``"/cpu:1"``, or any of TensorFlow's spellings; None leaves the choice to the placer, ""
        and other names of this process alone leave it to the block around.

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.Graph().as_default(), tf.device("/CPU:1"):
    ...     t = tf.constant(1.0)
    >>> t.device
    '/cpu:1'
    """
    if isinstance(device_name, str) and re.fullmatch(_HERE, device_name):
        asked = context.device
    else:
        asked = None if device_name is None else get_device(device_name)
    with set_context(device=asked):
        yield


def current_device() -> Device | None:
    """Return the device asked for by the innermost `tf.device` block."""
    return context.device
