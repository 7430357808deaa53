"""Lets another process run the learner's code, and survives whatever that does."""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minitf.course import messages
from minitf.course.graded import GRADED, entry_of, story_of
from minitf.course.worker import GRACE

START = 120.0  # how long a process may take to import and collect
PACKAGES = Path(__file__).resolve().parents[2]


class Supervisor:
    """Gives tests to a worker, one at a time, and starts another if that one is lost.

    The tests of one exercise share its time. After one that did not come to an end, the others of
    that exercise are not run.
    """

    def __init__(self, session: pytest.Session):
        self.session = session
        self.worker: Worker | None = None
        self.used: dict[Path, float] = defaultdict(float)  # seconds, by graded file
        self.told: set[str] = set()

    def run(self, item: pytest.Function, file: Path, limit: float) -> None:
        """Have one test run, and tell pytest what came of it."""
        hook, name = item.ihook, {"nodeid": item.nodeid, "location": item.location}
        hook.pytest_runtest_logstart(**name)
        for report in self.reports(item, file, limit):
            self.shorten(report)
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(**name)

    def shorten(self, report: pytest.TestReport) -> None:
        """Tell the same story once: a syntax error spoils every test alike."""
        if isinstance(report.longrepr, str):
            known = report.longrepr in self.told
            self.told.add(report.longrepr)
            report.longrepr = "The same as above." if known else report.longrepr

    def reports(self, item, file: Path, limit: float) -> Iterator[pytest.TestReport]:
        """Yield the reports of a test."""
        left = limit - self.used[file]
        if left <= 0:
            yield failure(item, messages.NOT_RUN)
            return
        worker = self.ready_worker()
        began = time.monotonic()
        try:
            yield from self.asked(worker, item, file, left)
        except queue.Empty:
            yield self.hung(item, file, limit, "")
        except Stuck as stuck:
            yield self.hung(item, file, limit, str(stuck))
        except WorkerDied:
            yield self.died(item, file)
        self.used[file] += time.monotonic() - began

    def asked(self, worker: Worker, item, file: Path, left: float) -> Iterator[pytest.TestReport]:
        """Order a test and yield its reports as they come."""
        root = str(item.path.parents[2])
        worker.tell({"test": item.nodeid, "seconds": left, "file": str(file), "root": root})
        until = time.monotonic() + left + GRACE / 2
        while "done" not in (heard := worker.hear(until - time.monotonic())):
            if "stuck" in heard:
                raise Stuck(heard["stuck"])
            config = self.session.config
            yield config.hook.pytest_report_from_serializable(config=config, data=heard["report"])

    def hung(self, item, file: Path, limit: float, where: str) -> pytest.TestReport:
        """Give up a worker that does not come to an end."""
        self.used[file] = limit
        self.lose_worker()
        return failure(item, messages.hang(limit, where, story_of(item)))

    def died(self, item, file: Path) -> pytest.TestReport:
        """Say how a worker ended."""
        code, words = self.lose_worker()
        if "INTERNALERROR" in words:
            pytest.exit(f"the machine that grades failed:\n{words}", returncode=3)
        return failure(item, messages.death(code, last_line(words, file), story_of(item)))

    def ready_worker(self) -> Worker:
        """Return a worker that waits for orders."""
        if self.worker is None:
            self.worker = Worker(arguments(self.session), self.session.config.invocation_params.dir)
            try:
                self.worker.hear(START)
            except (WorkerDied, queue.Empty):
                _, words = self.lose_worker()
                pytest.exit(f"the process that grades could not start:\n{words}", returncode=3)
        return self.worker

    def lose_worker(self) -> tuple[int, str]:
        """End the worker at once; return its exit code and its last words."""
        worker, self.worker = self.worker, None
        return worker.ended(patience=0.2) if worker else (0, "")

    def close(self) -> None:
        """End the worker, if there is one; it notices that no more orders come."""
        if self.worker:
            self.worker.orders.close()
            self.worker.ended(patience=5.0)


class Stuck(Exception):
    """The worker says where it is, at the end of its time."""


class WorkerDied(Exception):
    """The process ended by itself."""


class Worker:
    """The other process, and the lines that come from it."""

    def __init__(self, arguments: list[str], folder: Path):
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed by `ended`)
        self.process = subprocess.Popen(
            # -P: a file of the working directory must not hide a module of Python
            [sys.executable, "-P", "-m", "minitf.course.worker", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
            cwd=folder, env=environment(), encoding="utf-8",
        )  # fmt: skip
        assert self.process.stdin
        assert self.process.stdout
        self.orders, self.results = self.process.stdin, self.process.stdout
        self.heard: queue.Queue[dict[str, Any] | None] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.results:
            self.heard.put(json.loads(line))
        self.heard.put(None)

    def tell(self, order: dict[str, Any]) -> None:
        """Send an order."""
        try:
            self.orders.write(json.dumps(order) + "\n")
            self.orders.flush()
        except OSError as error:
            raise WorkerDied from error

    def hear(self, seconds: float) -> dict[str, Any]:
        """Return what the worker says next; `queue.Empty` if it says nothing for so long."""
        heard = self.heard.get(timeout=max(seconds, 0.001))
        if heard is None:
            raise WorkerDied
        return heard

    def ended(self, patience: float) -> tuple[int, str]:
        """Wait for the end, or bring it about; return the exit code and the last words."""
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.errors.seek(0)
        words = self.errors.read().decode("utf-8", "replace")[-4000:]
        self.errors.close()
        return code, words


def environment() -> dict[str, str]:
    """Return the environment of a process that grades: it finds the minitf that this one has."""
    paths = [str(PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONIOENCODING": "utf-8",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # graders need none, and to load them takes time
    }


OPTIONS = ("work", "planted")


def arguments(session: pytest.Session) -> list[str]:
    """Return pytest's arguments for the worker: the same graders, seen from the same place."""
    config = session.config
    files = sorted({str(i.path) for i in session.items if i.get_closest_marker("exercise")})
    given = [
        "--in-process",
        "--import-mode=importlib",
        "-p",
        "no:terminal",
        "-p",
        "no:cacheprovider",
    ]
    given += ["-o", "addopts=", f"--rootdir={config.rootpath}"]
    given += ["-c", str(config.inipath)] if config.inipath else []
    given += ["--solutions"] if config.getoption("solutions") else []
    given += [f"--{o}={config.getoption(o)}" for o in OPTIONS if config.getoption(o)]
    given += [f"--plugged={name}" for name in config.getoption("plugged") or []]
    return [*given, *files]


def failure(item, message: str) -> pytest.TestReport:
    """Return the report of a test that could not tell its own story."""
    report = pytest.TestReport(
        nodeid=item.nodeid, location=item.location, keywords={}, outcome="failed",
        longrepr=message, when="call",
    )  # fmt: skip
    report.user_properties.append((GRADED, entry_of(report, item)))
    return report


def last_line(words: str, file: Path) -> str:
    """Return the line of the learner's file that a dying interpreter named."""
    named = re.search(rf'File ".*{re.escape(file.name)}", line (\d+)', words)
    return f"{messages.shown(file)}:{named[1]}" if named else ""
