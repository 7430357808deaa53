"""Watching runs: who ran what, when, and what came out.

An observer is told of every operation that runs while it is registered, by the executor and by
eager calls alike. The timeline, the search for NaN and the drawings of a run are observers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from minitf.graph.operation import Operation


class Observer(Protocol):
    """Something that watches runs.

    Attributes
    ----------
    wants_all : bool
        Whether it must see every operation as the program wrote it. Then a graph is run as it was
        traced; else an observer sees what the passes have made of it, which is what takes the time.
    """

    wants_all: bool

    def saw(self, node: Operation, outputs: Sequence[Any], start: int, end: int) -> None:
        """Take note that `node` ran from `start` to `end` (ns) and gave these arrays."""


observers: list[Observer] = []


@contextmanager
def observing(observer: Observer) -> Iterator[None]:
    """Let an observer watch what runs inside the block."""
    observers.append(observer)
    try:
        yield
    finally:
        observers.remove(observer)
