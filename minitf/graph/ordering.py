"""Which stateful operations must wait for which, so that a program means what it says.

Operations on one Variable keep the order in which the program wrote them: a read waits for the last
write, a write for the last write and every read since. Reads do not wait for each other, and
operations on different Variables not at all. What acts on the world outside (printing) keeps one
order among itself, and so does what draws from one stream of random numbers.
"""

from __future__ import annotations

from typing import Any

from minitf.graph.operation import Operation


class Ordering:
    """Follows operations in program order and says what each must wait for."""

    def __init__(self) -> None:
        self._last_write: dict[Any, Operation] = {}
        self._reads: dict[Any, list[Operation]] = {}
        self._last_ordered: Operation | None = None
        self._last_draw: dict[Any, Operation] = {}

    def before(self, node: Operation) -> tuple[Operation, ...]:
        """Return the operations that `node` must wait for, and remember it for later ones."""
        wait: list[Operation] = []
        reads, writes = touched(node)
        changed = set(writes)  # by identity; to look through a tuple would compare the values
        for variable in dict.fromkeys(reads + writes):
            if variable in self._last_write:
                wait.append(self._last_write[variable])
            if variable in changed:
                wait += self._reads.pop(variable, [])
                self._last_write[variable] = node
            else:
                self._reads.setdefault(variable, []).append(node)
        if node.ordered:
            wait += [self._last_ordered] if self._last_ordered else []
            self._last_ordered = node
        for stream in streams(node):
            wait += [self._last_draw[stream]] if stream in self._last_draw else []
            self._last_draw[stream] = node
        return tuple(dict.fromkeys(wait))


def touched(node: Operation) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return the Variables that an operation reads, and those that it writes."""
    reads: list[Any] = []
    writes: list[Any] = []
    for value in node.attributes.values():
        reads += getattr(value, "read_variables", ())
        writes += getattr(value, "written_variables", ())
    return tuple(reads), tuple(reads + writes) if node.definition.writes else tuple(writes)


def streams(node: Operation) -> tuple[Any, ...]:
    """Return the streams of random numbers that an operation draws from, itself or inside."""
    return tuple(s for value in node.attributes.values() for s in getattr(value, "streams", ()))
