"""The timeline: who ran what, when.

A `Trace` watches everything that runs inside its block, eager calls and graphs, and draws it as
lanes, one per thread, or writes it in the format that chrome://tracing and Perfetto open.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from minitf.errors import file_name
from minitf.graph.device import HOST
from minitf.graph.observe import observers
from minitf.graph.operation import Operation
from minitf.paths import write_whole


class Event(NamedTuple):
    """One operation that ran.

    Attributes
    ----------
    name, type : str
        Of the operation.
    device : str
        Name of the device.
    thread : str
        Name of the worker.
    start, end : int
        Nanoseconds since the trace began.
    bytes : int
        Size of the outputs.
    gradient_of : str or None
        The operation whose derivative it belongs to.
    line : (str, int) or None
        The user's file and line.
    """

    name: str
    type: str
    device: str
    thread: str
    start: int
    end: int
    bytes: int
    gradient_of: str | None
    line: tuple[str, int] | None


class Trace:
    """Watch what runs inside a block.

    Attributes
    ----------
    events : list of Event
        In the order of their ends.

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.profiler.Trace() as trace:
    ...     _ = tf.square(tf.constant([1.0, 2.0]))
    >>> [event.type for event in trace.events]
    ['square']
    """

    wants_all = False

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._begin = 0

    def __enter__(self) -> Trace:
        self._begin = time.perf_counter_ns()
        observers.append(self)
        return self

    def __exit__(self, *error: Any) -> None:
        observers.remove(self)

    def saw(self, node: Operation, outputs: Sequence[Any], start: int, end: int) -> None:
        """Take note of an operation; the executor and eager calls report here."""
        self.events.append(
            Event(
                node.name, node.type, (node.device or HOST).name,
                threading.current_thread().name, start - self._begin, end - self._begin,
                sum(getattr(a, "nbytes", 0) for a in outputs), node.gradient_of, node.line,
            )
        )  # fmt: skip

    @property
    def lanes(self) -> list[tuple[str, str]]:
        """The (device, thread) pairs that ran something, in order of appearance."""
        return list(dict.fromkeys((e.device, e.thread) for e in self.events))

    def busy(self) -> float:
        """Return the mean number of operations that ran at the same time."""
        if not self.events:
            return 0.0
        span = max(e.end for e in self.events) - min(e.start for e in self.events)
        return sum(e.end - e.start for e in self.events) / max(span, 1)

    def by_type(self) -> list[tuple[str, int, float]]:
        """Return (op, calls, milliseconds) per op, the most expensive first."""
        totals: dict[str, tuple[int, int]] = {}
        for event in self.events:
            count, spent = totals.get(event.type, (0, 0))
            totals[event.type] = (count + 1, spent + event.end - event.start)
        rows = [(name, count, spent / 1e6) for name, (count, spent) in totals.items()]
        return sorted(rows, key=lambda row: -row[2])

    def save_chrome_trace(self, path: str | Path) -> Path:
        """Write the events as Chrome-trace JSON (open it in chrome://tracing or Perfetto).

        References
        ----------
        "Trace Event Format", the Chromium project: complete events (``"ph": "X"``), microseconds.
        """
        lanes = {lane: i for i, lane in enumerate(self.lanes)}
        named: list[dict[str, Any]] = [
            {"ph": "M", "name": "thread_name", "pid": 0, "tid": i,
             "args": {"name": f"{device} {thread}"}}
            for (device, thread), i in lanes.items()
        ]  # fmt: skip
        path = Path(path)
        content = {"traceEvents": named + [self._chrome_event(e, lanes) for e in self.events]}
        write_whole(path, json.dumps(content, indent=1).encode())
        return path

    def _chrome_event(self, event: Event, lanes: dict[tuple[str, str], int]) -> dict[str, Any]:
        args = {
            "op": event.type,
            "bytes": event.bytes,
            "gradient_of": event.gradient_of,
            "line": f"{file_name(event.line[0])}:{event.line[1]}" if event.line else None,
        }
        return {"ph": "X", "name": event.name, "cat": event.type, "pid": 0,
                "tid": lanes[event.device, event.thread], "ts": event.start / 1e3,
                "dur": (event.end - event.start) / 1e3, "args": args}  # fmt: skip

    def plot(self, ax: Any = None) -> Any:
        """Draw the lanes with matplotlib, and return the axes.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Where to draw; a new figure by default.
        """
        from matplotlib import pyplot

        if ax is None:
            _, ax = pyplot.subplots(figsize=(10, 1 + 0.7 * max(1, len(self.lanes))),
                                    layout="constrained")  # fmt: skip
        lanes = {lane: i for i, lane in enumerate(self.lanes)}
        first = min((e.start for e in self.events), default=0)
        span = max((e.end for e in self.events), default=1) - first
        for event in self.events:
            color = "#d1842f" if event.gradient_of else "#3b76af"
            y, width = lanes[event.device, event.thread], (event.end - event.start) / 1e6
            left = (event.start - first) / 1e6
            ax.barh(y, width, left=left, height=0.6, color=color,
                    edgecolor="white", linewidth=0.5)  # fmt: skip
            if (event.end - event.start) / span > 0.011 * len(event.type):  # the label fits
                ax.text(left + width / 2, y, event.type, ha="center", va="center", fontsize=7,
                        color="white")  # fmt: skip
        ax.set_yticks(range(len(lanes)), [f"{d}  {t}" for d, t in lanes])
        ax.invert_yaxis()
        ax.set_xlabel("milliseconds")
        ax.set_title("Timeline (blue: forward, orange: gradients)", fontsize=10)
        return ax
