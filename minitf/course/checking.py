"""Grading one exercise from a notebook or the command line, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from minitf.course.exercise import Exercise, find
from minitf.course.messages import NOT_RUN
from minitf.course.places import CourseError, root, shown
from minitf.course.supervisor import environment

MARKS = {"passed": "ok", "failed": "WRONG", "to do": "to do"}


class Result:
    """What a grader says of a file.

    Attributes
    ----------
    id, file, state : str
        The exercise, the file that was graded, and one of "done", "begun", "wrong", "to do".
    points, of : int
    tests : list of dict
        Of each test its sentence ("test"), "outcome", "message" and what it "printed".
    """

    def __init__(self, data: dict[str, Any]):
        self.id, self.file, self.state = data["id"], data["file"], data["state"]
        self.points, self.of, self.tests = data["points"], data["of"], data["tests"]

    def __repr__(self) -> str:
        return f"{self.id}: {self.points} of {self.of} points ({self.state})"

    def __str__(self) -> str:
        return "\n".join([f"{self.id}, {shown(Path(self.file))}", *self.lines(), repr(self)])

    def lines(self) -> list[str]:
        """Return a line for each test, with its message below."""
        told: set[str] = set()
        text = []
        for test in self.tests:
            message = _below(test)
            mark = "not run" if message == NOT_RUN else MARKS[test["outcome"]]
            text.append(f"  {mark:7} {test['test']}")
            if message and message not in told:  # a syntax error spoils every test alike
                text.append(textwrap.indent(message, " " * 10))
            told.add(message)
        return text


def _below(test: dict[str, Any]) -> str:
    printed = test["printed"].strip()
    shown_part = printed if len(printed) <= 1000 else f"...{printed[-1000:]}"
    said = f"\nit printed\n{textwrap.indent(shown_part, '          ')}" if printed else ""
    return test["message"] + said if test["message"] else ""


def check(name: str, *, plugged: Iterable[str] = (), solutions: bool = False) -> Result:
    """Grade an exercise and print what came of it.

    The tests run in a fresh process, on the file as it is saved.

    Parameters
    ----------
    name : str
        The exercise, "02/ready_queue".
    plugged : sequence of str
        Exercises that are switched on in minitf while the tests run: ``check("02/logistic",
        plugged=["02/ready_queue"])`` grades the one on the engine of the other.
    solutions : bool
        Grade the course's solution in place of the learner's file.
    """
    exercise = find(root(), name)
    options = [f"--plugged={find(exercise.root, other).id}" for other in plugged]
    result = graded(exercise, [*options, *(["--solutions"] if solutions else [])])
    print(result)
    return result


def graded(exercise: Exercise, options: Iterable[str] = ()) -> Result:
    """Run the grader of an exercise; return what it says."""
    with tempfile.TemporaryDirectory() as folder:
        score = Path(folder) / "score.json"
        command = [sys.executable, "-m", "pytest", str(exercise.grader), "-q", "--tb=short",
                   "-p", "no:cacheprovider", f"--score-json={score}", *options]  # fmt: skip
        done = subprocess.run(
            command, cwd=exercise.root, env=environment(), capture_output=True, encoding="utf-8",
            errors="replace", stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if not score.exists():
            said = (done.stdout + done.stderr).strip()[-3000:]
            raise CourseError(f"the grader of {exercise.id} could not run:\n{said}")
        return Result(json.loads(score.read_text(encoding="utf-8"))[0])
