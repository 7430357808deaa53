"""The points of a run: the table at its end, the file of ``--score-json``, and progress."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from minitf.course import progress
from minitf.course.exercise import Exercise, find
from minitf.course.graded import GRADED, graded_folder
from minitf.course.places import shown
from minitf.paths import write_whole

Entry = dict[str, Any]  # see graded.entry_of


class Score:
    """What the tests of one exercise say about one file."""

    def __init__(self, entries: list[Entry]):
        self.tests = [e for e in entries if e["outcome"] != "skipped"]
        self.id, self.file, self.of = (entries[0][key] for key in ("id", "file", "points"))
        self.root = Path(entries[0]["root"])

    def count(self, outcome: str) -> int:
        """Return how many tests came out like that."""
        return sum(e["outcome"] == outcome for e in self.tests)

    @property
    def points(self) -> int:
        """The points, in proportion to the tests passed."""
        return self.of * self.count("passed") // max(len(self.tests), 1)

    @property
    def state(self) -> str:
        """In one word or two: done, to do, begun (nothing wrong so far) or wrong."""
        if self.count("failed"):
            return "wrong"
        if self.tests and self.count("passed") == len(self.tests):
            return "done"
        return "begun" if self.count("passed") else "to do"

    def as_data(self) -> dict[str, Any]:
        """Return it for a file."""
        return {"id": self.id, "file": self.file, "points": self.points, "of": self.of,
                "state": self.state, "tests": self.tests}  # fmt: skip


def scores_of(entries: Iterable[Entry]) -> list[Score]:
    """Return the scores, by exercise and file."""
    sorted_out: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        sorted_out.setdefault((entry["id"], entry["file"]), []).append(entry)
    return [Score(sorted_out[key]) for key in sorted(sorted_out)]


def bar(points: int, of: int, width: int = 10) -> str:
    """Return points as a picture.

    Examples
    --------
    >>> bar(3, 10)
    '[###.......]'
    """
    full = width * points // max(of, 1)
    return f"[{'#' * full}{'.' * (width - full)}]"


def lines(scores: list[Score]) -> list[str]:
    """Return the table: every exercise with its points and the file that was graded, and sums."""
    width = max(len(s.id) for s in scores)
    table, unit = [], ""
    for score in scores:
        if score.id[:2] != unit:
            unit = score.id[:2]
            points, of = total(s for s in scores if s.id[:2] == unit)
            table.append(f"unit {unit}{points:>{width + 14}} of {of:>3}")
        drawn = f"{bar(score.points, score.of)} {score.points:>3} of {score.of:>3}"
        table.append(f"  {score.id:{width}} {drawn}  {score.state:5}  {shown(Path(score.file))}")
    points, of = total(scores)
    return [*table, f"all    {points:>{width + 14}} of {of:>3}"]


def total(scores: Iterable[Score]) -> tuple[int, int]:
    """Return the points reached, and those that can be."""
    held = [(s.points, s.of) for s in scores]
    return sum(p for p, _ in held), sum(of for _, of in held)


class Scoreboard:
    """The pytest plugin that listens to reports and adds up."""

    def __init__(self, config: pytest.Config):
        self.config = config
        self.entries: list[Entry] = []

    def pytest_runtest_logreport(self, report):
        self.entries += [entry for name, entry in report.user_properties if name == GRADED]

    def pytest_sessionfinish(self):
        if not self.entries or hasattr(self.config, "workerinput"):  # xdist: its controller adds up
            return
        scores = scores_of(self.entries)
        if path := self.config.getoption("score_json", None):
            text = json.dumps([s.as_data() for s in scores], indent=1)
            write_whole(Path(self.config.invocation_params.dir, path), text.encode())
        if not self.config.getoption("solutions") and graded_folder(self.config) is None:
            progress.note(scores)

    def pytest_terminal_summary(self, terminalreporter):
        if not self.entries:
            return
        scores = scores_of(self.entries)
        if self.config.getoption("hints", False):
            _hints(terminalreporter, scores)
        terminalreporter.section("points")
        for line in lines(scores):
            terminalreporter.line(line)


def _hints(reporter, scores: list[Score]) -> None:
    """Show the hints of what was tried; of what is to do, if nothing else was asked for."""
    reporter.section("hints")
    states = ("wrong", "begun", "to do") if len(scores) == 1 else ("wrong", "begun")
    for score in (s for s in scores if s.state in states):
        for line in hint_lines(find(score.root, score.id)):
            reporter.line(line)


def hint_lines(exercise: Exercise, count: int | None = None) -> list[str]:
    """Return the first hints of an exercise as they are shown; all of them by default."""
    hints = exercise.sheet.hints
    return [
        f"{exercise.id}, hint {number} of {len(hints)}\n{textwrap.indent(hint, '    ')}"
        for number, hint in enumerate(hints[:count], 1)
    ]
