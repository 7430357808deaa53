"""Work ahead of the loop: threads that make elements before they are asked for.

Results come in the order of the elements, whatever order the threads finish in. An error in a
thread is raised where its element would have come. When the consumer stops early (the iterator is
dropped, a ``break``, an error), the generators here are closed, and their threads end.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from queue import SimpleQueue
from typing import Any, TypeVar

from minitf.cores import HAS_THREADS, available_cores

Job = TypeVar("Job")
Result = TypeVar("Result")

NAME = "minitf-data"  # of all threads, for people who list them
PATIENCE = 1.0  # seconds to wait for a thread to finish the element that it is at
WORTH_A_THREAD = 0.5e-3  # seconds; handing a job to a thread and back costs a tenth of that


def ahead(elements: Iterator[Result], count: int) -> Iterator[Result]:
    """Yield the elements of an iterator that a thread reads, up to `count` ahead of us.

    The thread needs a permit for each element. There are `count` of them, and we give one back
    whenever we take an element: so the thread waits when it is far enough ahead.
    """
    if not HAS_THREADS:
        yield from elements
        return
    permits: SimpleQueue[bool] = SimpleQueue()
    ready: SimpleQueue[tuple[str, Any]] = SimpleQueue()
    stop = threading.Event()
    for _ in range(count):
        permits.put(True)
    reader = threading.Thread(
        target=_read, args=(elements, permits, ready, stop), name=NAME, daemon=True
    )
    reader.start()
    try:
        while True:
            kind, item = ready.get()
            if kind == "end":
                return
            if kind == "error":
                raise item
            permits.put(True)
            yield item
    finally:
        stop.set()
        permits.put(True)  # it may be waiting for one
        if reader is not threading.current_thread():  # which may be collecting garbage: us
            reader.join(PATIENCE)


def _read(elements: Iterator[Any], permits: Any, ready: Any, stop: threading.Event) -> None:
    """Hand out elements until they end or are no longer wanted."""
    try:
        while permits.get() and not stop.is_set():
            ready.put(("element", next(elements)))
    except StopIteration:
        ready.put(("end", None))
    except BaseException as error:  # noqa: BLE001  (the consumer raises it again)
        ready.put(("error", error))
    finally:
        getattr(elements, "close", _nothing)()  # generators end here, in the thread that ran them


def _nothing() -> None:
    pass


def spread(
    function: Callable[[Job], Result], jobs: Iterable[Job], workers: int, in_order: bool = True
) -> Iterator[Result]:
    """Yield `function` of every job, computed by several threads; the first one here.

    Functions are traced in their first call, and threads would all do it at once.
    """
    jobs = iter(jobs)
    for job in islice(jobs, 1):
        yield function(job)
    yield from _by_threads(function, jobs, workers, in_order)


def _by_threads(
    function: Callable[[Job], Result], jobs: Iterable[Job], workers: int, in_order: bool
) -> Iterator[Result]:
    """Let each thread have one job at hand and one waiting; we read the jobs."""
    if not HAS_THREADS:
        yield from map(function, jobs)
        return
    pool = ThreadPoolExecutor(workers, thread_name_prefix=NAME)
    started: deque[Future[Result]] = deque()
    try:
        for job in jobs:
            started.append(pool.submit(function, job))
            if len(started) >= 2 * workers:
                yield _take(started, in_order).result()
        while started:
            yield _take(started, in_order).result()
    finally:
        pool.shutdown(cancel_futures=True)


def _take(started: deque[Future[Result]], in_order: bool) -> Future[Result]:
    """Remove and return the first job, or else one that is done."""
    if in_order:
        return started.popleft()
    done = wait(started, return_when=FIRST_COMPLETED).done.pop()
    started.remove(done)
    return done


def spread_if_slow(
    function: Callable[[Job], Result], jobs: Iterable[Job], in_order: bool = True
) -> Iterator[Result]:
    """Yield `function` of every job, computed here until three in a row were worth a thread.

    Python runs one thread at a time, save where NumPy or the system computes. Quick functions are
    slower in threads than without.
    """
    workers, jobs, slow = available_cores(), iter(jobs), 0
    for job in jobs:
        start = time.perf_counter()
        result = function(job)
        slow = slow + 1 if time.perf_counter() - start > WORTH_A_THREAD else 0
        yield result
        if slow == 3 and workers > 1:
            yield from _by_threads(function, jobs, workers, in_order)
