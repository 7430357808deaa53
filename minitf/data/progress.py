"""A progress bar of plain characters, for training and for downloads.

On a terminal one line is rewritten in place. Elsewhere (a log file, a notebook) rewriting makes a
mess, so a whole line is written now and then instead, and always one at the end.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from minitf.errors import UsageError

PLAIN_INTERVAL = 10.0  # seconds between two lines where a line cannot be rewritten


class Progbar:
    """Progress bar with averaged values and the time left.

    Parameters
    ----------
    target : int or None
        Number of steps that are expected; None where nobody knows.
    width : int, default 20
        Characters between the brackets.
    verbose : {0, 1, 2}, default 1
        0 prints nothing, 1 a bar, 2 one line at the end.
    interval : float, default 0.05
        Least number of seconds between two looks of the bar.
    stateful_metrics : iterable of str, optional
        Values that are averages already and are shown as they come.
    stateless_metrics : iterable of str, optional
        Given instead of that: the only values that are averaged here.
    unit_name : str, default "step"
        What is counted.

    Notes
    -----
    A value ``v`` that comes with ``update(n)`` stands for all steps since the last update, so the
    number shown is ``sum(v * dn) / sum(dn)``. Values that come with an explicit ``finalize=True``
    are the result of the whole run, and are shown as they are. The time left leaves out the
    first step, which also pays for tracing.

    Examples
    --------
    >>> from minitf.data import Progbar
    >>> bar = Progbar(2, verbose=2)
    >>> bar.update(1, [("loss", 3.0)])
    >>> bar.update(2, [("loss", 1.0)])
    2/2 - 0s - ... - loss: 2.0000
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ):
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        if stateful_metrics is not None and stateless_metrics is not None:
            raise UsageError("Progbar: give stateful_metrics or stateless_metrics, not both")
        self.stateful_metrics = set(stateful_metrics or ())
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self.unit_name = unit_name
        self._values: dict[str, tuple[float, float]] = {}  # name: (weighted sum, weight)
        self._seen = 0
        self._start = time.monotonic()
        self._first: tuple[int, float] | None = None  # steps and time at the first update
        self._shown_at = -np.inf
        self._shown_length = 0

    def update(
        self,
        current: int,
        values: Iterable[tuple[str, Any]] | None = None,
        finalize: bool | None = None,
    ) -> None:
        """Show that `current` steps are done.

        Parameters
        ----------
        current : int
            Steps done since the beginning.
        values : iterable of (str, number), optional
            What was measured in the steps since the last update.
        finalize : bool, optional
            Whether the line is complete; by default when the target is reached.
        """
        for name, value in values or ():
            self._collect(name, float(np.mean(value)), current - self._seen, bool(finalize))
        now = self._count(current)
        done = self._reached(current) if finalize is None else finalize
        if self._is_due(now, done):
            self._show(now, done)

    def notice(self, current: int) -> bool:
        """Count that `current` steps are done, and return whether `update` would show it now.

        Where it would not, the caller need not find out the values.
        """
        return self._is_due(self._count(current), done=False)

    def _count(self, current: int) -> float:
        """Count, and return the time."""
        now = time.monotonic()
        self._seen = current
        if self._first is None and current > 0:
            self._first = (current, now)
        return now

    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """Show that `n` more steps are done."""
        self.update(self._seen + n, values)

    def _collect(self, name: str, value: float, steps: int, final: bool) -> None:
        if final or self._is_stateful(name):
            self._values[name] = (value, 1)
        else:
            total, weight = self._values.get(name, (0.0, 0))
            steps = max(steps, 1)
            self._values[name] = (total + value * steps, weight + steps)

    def _is_stateful(self, name: str) -> bool:
        if self.stateless_metrics is not None:
            return name not in self.stateless_metrics
        return name in self.stateful_metrics

    def _reached(self, current: int) -> bool:
        return self.target is not None and current >= self.target

    def _is_due(self, now: float, done: bool) -> bool:
        if self.verbose != 1 or done:
            return done and self.verbose in (1, 2)
        if _on_terminal():
            return now - self._shown_at >= self.interval
        return now - max(self._shown_at, self._start) >= PLAIN_INTERVAL

    def _show(self, now: float, done: bool) -> None:
        self._shown_at = now
        line = " - ".join(self._parts(now, done))
        if self.verbose == 1 and _on_terminal():
            self._rewrite(line, done)
        else:
            print(line, flush=True)

    def _rewrite(self, line: str, done: bool) -> None:
        # A line that the terminal wraps could not be rewritten.
        line = line[: shutil.get_terminal_size().columns - 1]
        rest = " " * (self._shown_length - len(line))
        print(f"\r{line}{rest}", end="\n" if done else "", flush=True)
        self._shown_length = 0 if done else len(line)

    def _parts(self, now: float, done: bool) -> list[str]:
        pace = self._seconds_per_step(now)
        counted = self._counter() if self.verbose == 2 else f"{self._counter()}{self._bar()}"
        speed = f"{_pace(pace)}/{self.unit_name}"
        if done or self.target is None:
            clock = _duration(now - self._start)
        else:
            clock = f"{_duration(pace * (self.target - self._seen))} left"
        times = [f"{clock} {speed}"] if done and self.verbose == 1 else [clock, speed]
        numbers = [f"{name}: {_number(t / w)}" for name, (t, w) in self._values.items()]
        return [counted, *times, *numbers]

    def _counter(self) -> str:
        goal = "?" if self.target is None else str(self.target)
        return f"{self._seen:>{len(goal)}}/{goal}"

    def _bar(self) -> str:
        if not self.target:
            return ""
        filled = min(self.width, self.width * self._seen // self.target)
        head = "=" * filled if filled == self.width else "=" * (filled - 1) + ">" * (filled > 0)
        return f" [{head:.<{self.width}}]"

    def _seconds_per_step(self, now: float) -> float:
        if self._first and self._seen > self._first[0]:
            return (now - self._first[1]) / (self._seen - self._first[0])
        return (now - self._start) / max(self._seen, 1)


def _on_terminal() -> bool:
    return sys.stdout.isatty()


def _duration(seconds: float) -> str:
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}" if whole >= 60 else f"{whole}s"


def _pace(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.0f}s"
    return f"{seconds * 1e3:.0f}ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us"


def _number(value: float) -> str:
    return f"{value:.4f}" if abs(value) > 1e-3 or value == 0 else f"{value:.4e}"
