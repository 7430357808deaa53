"""A small course to break, and the way to grade it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

collect_ignore = ["wrong"]  # planted solutions are graded, not collected

CONFTEST = (ROOT / "exercises" / "conftest.py").read_text(encoding="utf-8")

STUB = '''"""Squares.

Square every number.

Approach: Multiply it by itself.

Difficulty: 1 of 5
Minutes: 5
Section: 01_basics/squares.md#squares
Forbidden: numpy.square, minitf.optimizers
Hint 1: the first hint
Hint 2: the second hint
Hint 3: the third hint
"""

import numpy as np


def square(x):
    """Return the squares of an array."""
    raise NotImplementedError("TODO: multiply")


def total(x):
    """Return the sum of the squares of an array."""
    raise NotImplementedError("TODO: add")
'''

BODIES = {
    'raise NotImplementedError("TODO: multiply")': "return x * x  # each by itself",
    'raise NotImplementedError("TODO: add")': "return float(np.sum(square(x)))",
}

GRADER = """
from unittest.mock import patch

import numpy as np
import pytest

from minitf.course.grading import expect, expect_raises

pytestmark = pytest.mark.exercise("{id}", points=10)


def test_three_is_squared(work):
    expect(work.square(np.array([3.0])), np.array([9.0]), "the square of 3",
           misconception="Three threes, not two.")


def test_squares_are_added(work):
    expect(work.total(np.array([1.0, 2.0])), 5.0, "1 + 4")


def install(work):
    return patch.object(np, "square", work.square)
"""


def solved(stub: str = STUB) -> str:
    """Return the solution of the small exercise."""
    for todo, body in BODIES.items():
        stub = stub.replace(todo, body)
    return stub


def once(tmp_path_factory, name, make):
    """Return what `make` returns; of several pytest processes, one makes it and the others wait."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    result = base / f"{name}.json"
    try:
        (base / f"{name}.lock").touch(exist_ok=False)
    except FileExistsError:
        return _awaited(result)
    made = {"error": "whoever made it failed"}
    try:
        made = {"made": make()}
    finally:
        result.with_suffix(".part").write_text(json.dumps(made), encoding="utf-8")
        result.with_suffix(".part").replace(result)
    return made["made"]


def _awaited(result: Path):
    for _ in range(6000):
        if result.exists():
            held = json.loads(result.read_text(encoding="utf-8"))
            assert "made" in held, held
            return held["made"]
        time.sleep(0.1)
    pytest.fail(f"{result.name} was not made in ten minutes")


class SmallCourse:
    """A course folder with exercises of one form, and what can be done in it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.write("exercises/conftest.py", CONFTEST)
        self.environment = {
            **os.environ, "MINITF_CACHE": str(folder / "cache"), "PYTHONPATH": str(ROOT),
            "MINITF_COURSE": str(folder), "PYTHONIOENCODING": "utf-8", "COLUMNS": "100",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }  # fmt: skip

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def add(self, unit: str, name: str, file: str = STUB) -> Path:
        grader = GRADER.replace("{id}", f"{unit[:2]}/{name}")
        self.write(f"exercises/{unit}/test_{name}.py", grader)
        self.write(f"solutions/{unit}/{name}.py", solved())
        return self.write(f"exercises/{unit}/{name}.py", file)

    def run(self, *words: str, timeout: int = 100) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, *words], cwd=self.folder, env=self.environment, capture_output=True,
            encoding="utf-8", timeout=timeout,
        )  # fmt: skip

    def pytest(self, *options: str) -> tuple[str, dict]:
        """Return what a run of the graders prints, and its scores by id or by file's name."""
        score = self.folder / "score.json"
        score.unlink(missing_ok=True)
        done = self.run("-m", "pytest", "exercises", f"--score-json={score}", *options)
        scores = json.loads(score.read_text(encoding="utf-8")) if score.exists() else []
        key = Path(scores[0]["file"]).stem if scores and "--planted" in " ".join(options) else None
        found = {Path(s["file"]).stem if key else s["id"]: s for s in scores}
        return done.stdout + done.stderr, found

    def command(self, *words: str) -> subprocess.CompletedProcess:
        return self.run("-m", "minitf.course", *words)


@pytest.fixture
def course(tmp_path):
    """A course in a folder whose name has spaces and letters beyond ASCII."""
    return SmallCourse(tmp_path / "Jörgs Übungen 学习")


def messages(score: dict) -> str:
    """Return everything that a grader said about a file."""
    return "\n".join(test["message"] for test in score["tests"])
