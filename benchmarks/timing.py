"""How time is taken: warm up, then equal blocks of calls, each block one figure."""

from __future__ import annotations

import itertools
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import SupportsFloat


@dataclass(frozen=True)
class Budget:
    """Seconds of warm-up, number of blocks, and seconds each block should last."""

    warm_up: float
    blocks: int
    block: float

    def shrunk(self, factor: float) -> Budget:
        """Keep the number of blocks; make each (and the warm-up) ``factor`` times as long."""
        return Budget(self.warm_up * factor, self.blocks, self.block * factor)


FULL = Budget(warm_up=1.0, blocks=10, block=0.2)
QUICK = Budget(warm_up=0.2, blocks=3, block=0.1)


def seconds_of(repeat: Callable[[int], object], count: int) -> float:
    """Seconds that ``repeat(count)`` takes."""
    start = time.perf_counter()
    repeat(count)
    return time.perf_counter() - start


def calls_per_block(repeat: Callable[[int], object], budget: Budget) -> int:
    """Warm up with growing counts; return how many calls fill one block."""
    spent, count = 0.0, 1
    while spent < budget.warm_up:
        seconds = seconds_of(repeat, count)
        spent += seconds
        count = max(count, min(2 * count, calls_in(budget.block, count, seconds)))
    # Once more: the last of the warm-up may have contained a compilation.
    return calls_in(budget.block, count, seconds_of(repeat, count))


def calls_in(block: float, count: int, seconds: float) -> int:
    """How many calls fill a block, if ``count`` of them took so many seconds."""
    return max(1, round(count * block / max(seconds, 1e-9)))


def time_blocks(repeat: Callable[[int], object], budget: Budget) -> list[float]:
    """Seconds per call in each block, where ``repeat(n)`` makes n calls."""
    count = calls_per_block(repeat, budget)
    return [seconds_of(repeat, count) / count for _ in range(budget.blocks)]


def repeated(call: Callable[[], object]) -> Callable[[int], None]:
    """``repeat(n)`` for a call without arguments."""

    def repeat(count: int) -> None:
        for _ in range(count):
            call()

    return repeat


def stepping(
    step: Callable[..., SupportsFloat], batches: Sequence[Sequence[object]]
) -> Callable[[int], None]:
    """``repeat(n)`` for a training step over batches in a circle; ends when the loss is there."""
    circle = itertools.cycle(batches)

    def repeat(count: int) -> None:
        for batch in itertools.islice(circle, count):
            loss = step(*batch)
        float(loss)

    return repeat


def median(values: Sequence[float], scale: float = 1.0) -> float:
    """Median of the values, in another unit."""
    return statistics.median(values) * scale


def peak_mib() -> float:
    """Largest resident set this process has had, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
