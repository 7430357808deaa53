"""What a pytest item has to do with an exercise: which one, which file, how long, and what came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from minitf.course import messages
from minitf.course.exercise import Exercise

SECONDS = 30.0  # what the tests of one exercise may take together
EXERCISE = pytest.StashKey[Exercise]()
GRADED = "graded"  # the name of what is written onto a report, and survives its way to us


def graded_folder(config) -> Path | None:
    """Return the folder whose files are graded; None: exercises/, beside the graders."""
    option = config.getoption("work", None) or config.getoption("planted", None)
    return Path(config.invocation_params.dir, option).resolve() if option else None


def file_of(item) -> Path:
    """Return the file that a test grades."""
    exercise = item.stash[EXERCISE]
    callspec = getattr(item, "callspec", None)
    if callspec and "work" in callspec.params:
        return callspec.params["work"]
    if item.config.getoption("solutions"):
        return exercise.solution
    folder = graded_folder(item.config) or exercise.root / "exercises"
    return folder / exercise.unit / f"{exercise.name}.py"


def limit_of(item) -> float:
    """Return how long the tests of an item's exercise may take together, in seconds."""
    own = item.get_closest_marker("exercise").kwargs.get("limit", SECONDS)
    return item.config.getoption("time_limit", None) or own


def story_of(item) -> messages.Story:
    """Return what a message about an item needs to know."""
    return messages.Story(item.stash[EXERCISE], file_of(item), messages.sentence(item.name))


def entry_of(report, item) -> dict[str, Any]:
    """Return what the scoreboard needs to know of a test."""
    return {
        "id": item.stash[EXERCISE].id,
        "test": messages.sentence(item.name),
        "root": str(item.stash[EXERCISE].root),
        "file": str(file_of(item)),
        "points": item.get_closest_marker("exercise").kwargs["points"],
        "outcome": "to do" if messages.is_reported_to_do(report) else report.outcome,
        "message": str(report.longrepr) if report.outcome == "failed" else "",
        "printed": report.capstdout,
    }
