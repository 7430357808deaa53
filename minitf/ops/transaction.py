"""How a run changes Variables: all at once when it has succeeded, or not at all.

A run that assigns Variables works on a Transaction: reads inside the run see what it has assigned
so far, everybody else sees the values from before, and all of them change together when the run
succeeds. A run that fails leaves every Variable as it was. Of two runs that change the same
Variable one waits for the other, so that nothing is lost when both add to it.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Transaction(dict[Any, Any]):
    """What a run has assigned so far, by Variable."""

    def commit(self) -> None:
        """Change all the Variables at once."""
        before = [variable.array for variable in self]
        # One call into C, so that Ctrl-C comes before or after all of it.
        deque(map(setattr, self, itertools.repeat("array"), self.values()), maxlen=0)
        for variable, array in zip(self, before, strict=True):
            variable.spare = array


class _Current(threading.local):
    transaction: Transaction | None = None


current = _Current()


@contextmanager
def in_transaction(transaction: Transaction) -> Iterator[None]:
    """Let this thread's reads and assignments go through `transaction` during a block."""
    before = current.transaction
    current.transaction = transaction
    try:
        yield
    finally:
        current.transaction = before


def current_transaction() -> Transaction | None:
    """Return the transaction of the run that this thread works for."""
    return current.transaction


_running: dict[alone_with, frozenset[Any]] = {}  # who is changing which Variables
_waiting: list[alone_with] = []
_one_has_ended = threading.Condition()


class alone_with:
    """Let nobody else change some Variables during a block; a run has seen to it at its start."""

    __slots__ = ("_variables",)

    def __init__(self, variables: frozenset[Any]):
        self._variables = variables

    def __enter__(self) -> None:
        if current.transaction is not None:
            return
        try:
            with _one_has_ended:
                if _running:
                    self._wait()
                _running[self] = self._variables
        except BaseException:  # Ctrl-C
            _running.pop(self, None)
            raise

    def _wait(self) -> None:
        _waiting.append(self)
        try:
            while any(not v.isdisjoint(self._variables) for v in list(_running.values())):
                _one_has_ended.wait()
        finally:
            _waiting.remove(self)

    def __exit__(self, *error: object) -> None:
        if _running.pop(self, None) is not None and _waiting:
            with _one_has_ended:
                _one_has_ended.notify_all()


@contextmanager
def together(variables: frozenset[Any]) -> Iterator[None]:
    """Let assignments inside a block take effect together, at its end; if it fails, not at all."""
    assigned = Transaction()
    with alone_with(variables):
        with in_transaction(assigned):
            yield
        assigned.commit()
