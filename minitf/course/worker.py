"""The process in which a learner's code runs: pytest, doing one test after the other as it is told.

It reads node ids from its standard input, one a line, runs each, and writes what happened to its
standard output as lines of JSON: ``{"report": ...}`` for every report, ``{"done": true}`` after
each test. What tests print goes to the standard error. When a test is still running at the end of
its time, a thread says where, ``{"stuck": "ready_queue.py:23"}``; then the supervisor ends the
process.
"""

from __future__ import annotations

import json
import linecache
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import pytest

from minitf.course.forbidden import REFERENCE, Forbidden
from minitf.course.places import shown

GRACE = 5.0  # after which a process that nobody has ended ends itself


class Worker:
    """The pytest plugin that obeys."""

    def __init__(self, orders: TextIO, results: TextIO):
        self.orders, self.results = orders, results
        self.lock = threading.Lock()

    def say(self, **what) -> None:
        with self.lock:
            self.results.write(json.dumps(what) + "\n")
            self.results.flush()

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config):
        self.config = config
        config.pluginmanager.unregister(name="scoreboard")  # the supervisor's process adds up

    def pytest_runtestloop(self, session):
        items = {item.nodeid: item for item in session.items}
        self.say(ready=True)
        for line in self.orders:
            order = json.loads(line)
            item = items[order["test"]]
            with (
                Watchdog(order["seconds"], Path(order["file"]), self.say),
                NoReference(item, order),
            ):
                session.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            self.say(done=True)
        return True

    def pytest_runtest_logreport(self, report):
        as_data = self.config.hook.pytest_report_to_serializable
        self.say(report=as_data(config=self.config, report=report))


class Watchdog:
    """Says where a test is stuck when its time is over, and ends the process if nobody does."""

    def __init__(self, seconds: float, file: Path, say: Callable[..., None]):
        self.file, self.say = file, say
        self.main = threading.get_ident()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch, args=(seconds,), daemon=True)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *error):
        self.over.set()

    def watch(self, seconds: float) -> None:
        if not self.over.wait(seconds):
            self.say(stuck=self.where())
            if not self.over.wait(GRACE):
                os._exit(1)  # the supervisor is gone, and this would run for ever

    def where(self) -> str:
        """Return the innermost line of the learner's file that is being run."""
        frame = sys._current_frames().get(self.main)
        while frame is not None and Path(frame.f_code.co_filename) != self.file:
            frame = frame.f_back
        if frame is None:
            return ""
        code = linecache.getline(str(self.file), frame.f_lineno).strip()
        return f"{shown(self.file)}:{frame.f_lineno}\n  {code}"


class NoReference:
    """Lets nobody read the solutions while a learner's file is graded."""

    watched: Path | None = None  # what must not be read at this moment

    def __init__(self, item, order):
        graded, folder = Path(order["file"]), Path(order["root"]) / REFERENCE
        self.folder = None if folder in graded.parents else folder

    def __enter__(self):
        NoReference.watched = self.folder

    def __exit__(self, *error):
        NoReference.watched = None


def listen(event: str, arguments: tuple) -> None:
    """Hear of every file that the process opens (an audit hook)."""
    folder = NoReference.watched
    if event == "open" and folder and isinstance(arguments[0], str):
        if folder in Path(os.path.abspath(arguments[0])).parents:
            raise Forbidden("it reads the solutions. A file is graded for what it does itself.")


def main() -> int:
    """Run the tests that pytest's arguments name, as told."""
    orders = os.fdopen(os.dup(0), "r", encoding="utf-8")
    results = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)  # a learner's input() finds nothing, instead of our orders
    os.dup2(2, 1)
    sys.addaudithook(listen)
    return pytest.main(sys.argv[1:], plugins=[Worker(orders, results)])


if __name__ == "__main__":
    sys.exit(main())
