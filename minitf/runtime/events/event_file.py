"""Event files: what happened in a run, in order of time, for TensorBoard to read meanwhile."""

from __future__ import annotations

import itertools
import os
import platform
import threading
import time
from pathlib import Path
from typing import Any

from minitf.errors import FailedPreconditionError, UsageError
from minitf.runtime.events.messages import EVENT
from minitf.runtime.events.records import record

_numbers = itertools.count()  # tells files apart that one process opens in the same second


class EventFile:
    """A new event file in a directory of logs.

    Threads may share it. Events are on their way to the disk after `flush`, or soon: when more than
    `max_queue` of them wait, or the last flush is `flush_millis` ago.

    Parameters
    ----------
    logdir : path
        The directory; TensorBoard takes it for one run. It is created where it is missing.
    max_queue : int
        Events that may wait.
    flush_millis : int
        Milliseconds after which they wait no longer.
    filename_suffix : str
        The end of the file's name.

    Attributes
    ----------
    path : Path
        The file.
    closed : bool
        Whether it takes no further events.
    """

    def __init__(
        self,
        logdir: Any,
        max_queue: int = 10,
        flush_millis: int = 120_000,
        filename_suffix: str = ".v2",
    ):
        if not isinstance(logdir, (str, os.PathLike)):
            raise UsageError(f"logdir is a path, got {logdir!r}")
        self.max_queue, self.flush_millis = max_queue, flush_millis
        self.path = Path(logdir) / _name(filename_suffix)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("wb")
        self._lock = threading.Lock()
        self._waiting, self._flushed_at = 0, time.monotonic()
        self.add(file_version="brain.Event:2")
        self.flush()

    @property
    def closed(self) -> bool:
        """Whether it takes no further events."""
        return self._file.closed

    def add(self, step: int = 0, **what: str | bytes) -> None:
        """Write an event: a field of the event message, and its value."""
        data = record(EVENT(wall_time=time.time(), step=step, **what))
        with self._lock:
            if self.closed:
                raise FailedPreconditionError(f"the event file {self.path.name} is closed")
            self._file.write(data)
            self._waiting += 1
        if self._waiting > self.max_queue or self._is_late():
            self.flush()

    def _is_late(self) -> bool:
        return (time.monotonic() - self._flushed_at) * 1000 > self.flush_millis

    def flush(self) -> None:
        """Hand everything to the operating system."""
        with self._lock:
            if not self.closed:
                self._file.flush()
            self._waiting, self._flushed_at = 0, time.monotonic()

    def close(self) -> None:
        """Flush, and take no further events."""
        with self._lock:
            self._file.close()


def _name(suffix: str) -> str:
    """Return a new name; TensorBoard knows event files by the second part of it."""
    host = platform.node() or "localhost"
    return f"events.out.tfevents.{int(time.time())}.{host}.{os.getpid()}.{next(_numbers)}{suffix}"
