"""How compiled kernels share their work among threads.

A kernel divides its work into parts that do not depend on the number of threads, so its results do
not either. Each thread takes the next part that nobody has taken: where a core is busy with other
things, the others do more. The kernels let go of Python's lock while they compute. To wake a thread
and to wait for it takes some fifty microseconds: a part should be more work than that.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from minitf.cores import available_cores


class Limit:
    """How many threads one operation may use; 0 means as many as cores."""

    threads = 0


def share(work: Callable[[int], object], parts: int) -> None:
    """Call `work` on every number below `parts`, on several threads, and wait for all."""
    threads = min(Limit.threads or available_cores(), parts)
    if threads < 2:
        for part in range(parts):
            work(part)
        return
    numbers = itertools.count()  # taking the next number is one step that no thread can interrupt

    def take() -> None:
        for part in numbers:
            if part >= parts:
                return
            work(part)

    helpers = [_pool(os.getpid()).submit(take) for _ in range(threads - 1)]
    try:
        take()
    finally:
        for helper in helpers:
            if not helper.cancel():
                helper.result()


@cache
def _pool(process: int) -> ThreadPoolExecutor:
    """Return the threads of this process: a fork does not inherit those of its parent."""
    return ThreadPoolExecutor(available_cores(), thread_name_prefix="minitf-kernel")
