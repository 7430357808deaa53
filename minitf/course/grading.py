"""The pytest plugin that grades exercises. ``exercises/conftest.py`` loads it.

A grader is a file of ordinary tests beside the stub. Its tests ask for the fixture `work`, the
module that is graded, and compare with `expect`::

    pytestmark = pytest.mark.exercise("02/ready_queue", points=10)

    def test_an_operation_waits_for_its_inputs(work):
        expect(work.fire_order(DIAMOND), ["a", "b", "c", "d"], "the order of firing for a diamond")

Policy:

- What is graded is always loaded from one folder, and every report names the file: ``exercises/``,
  or the folder of ``--work`` (``--solutions`` is short for the one of that name). A file that is
  missing there is reported; nothing else is ever taken in its place.
- The learner's code runs in a process of its own (`worker`), which is given up when it takes too
  long or dies. This process only collects, asks and reports. ``--in-process`` does without, for
  pdb.
- A test is passed, failed or *to do*: it came upon a ``raise NotImplementedError("TODO...")``.
- Points are given in proportion to the tests passed, rounded down.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from minitf.course import messages, plugging, scoreboard
from minitf.course.exercise import Exercise, of_grader
from minitf.course.expecting import expect, expect_raises, expect_runs, expect_true
from minitf.course.forbidden import refuse
from minitf.course.graded import (
    EXERCISE,
    GRADED,
    entry_of,
    file_of,
    graded_folder,
    limit_of,
    story_of,
)
from minitf.course.loading import load
from minitf.course.places import CourseError, shown
from minitf.course.supervisor import Supervisor

__all__ = ["expect", "expect_raises", "expect_runs", "expect_true"]


def pytest_addoption(parser):
    group = parser.getgroup("minitf", "minitf: exercises of the course")
    add = group.addoption
    add("--solutions", action="store_true", help="grade solutions/ in place of your files")
    add("--work", metavar="DIR", help="grade the files of DIR, laid out like exercises/")
    add("--planted", metavar="DIR", help="grade every DIR/NN_unit/name/*.py")
    add("--plugged", metavar="ID", action="append", help="switch an exercise on in minitf first")
    add("--hints", action="store_true", help="show the hints of what is not solved yet")
    add("--score-json", metavar="FILE", help="write the results there, too")
    add("--time-limit", metavar="SECONDS", type=float, help="per exercise")
    add("--in-process", action="store_true", help="no separate process, no time limit (for pdb)")


def pytest_configure(config):
    config.addinivalue_line("markers", "exercise(id, points, limit=30): what a grader grades")
    for unit in range(1, 10):
        config.addinivalue_line("markers", f"unit{unit:02}: the exercises of a unit")
    config.option.importmode = "importlib"  # no folder of exercises may hide a module of Python
    if all("exercises" in Path(a.split("::")[0]).resolve().parts for a in config.args):
        config.option.reportchars = ""  # the table of points says it better than a list of failures
    config.pluginmanager.register(scoreboard.Scoreboard(config), "scoreboard")


def pytest_report_header(config):
    folder = "solutions/, not your files" if config.getoption("solutions") else "your files"
    if chosen := graded_folder(config):
        folder = shown(chosen)
    return f"minitf: grading {folder}"


# -- collecting --------------------------------------------------------------------------------


def pytest_ignore_collect(collection_path):
    """Leave a file beside its grader alone: it is graded, and its examples are no tests."""
    grader = collection_path.with_name(f"test_{collection_path.name}")
    return True if collection_path.suffix == ".py" and grader.exists() else None


def pytest_generate_tests(metafunc):
    planted = metafunc.config.getoption("planted", None)
    if planted and "work" in metafunc.fixturenames:
        exercise = of_grader(metafunc.definition.path)
        files = sorted(
            (graded_folder(metafunc.config) / exercise.unit / exercise.name).glob("*.py")
        )
        metafunc.parametrize("work", files, indirect=True, ids=[f.stem for f in files])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    known: dict[Path, Exercise] = {}
    owners: dict[str, Path] = {}
    for item in items:
        mark = item.get_closest_marker("exercise")
        if mark and isinstance(item, pytest.Function):
            exercise = known.setdefault(item.path, of_grader(item.path))
            _check_mark(mark, exercise, owners)
            item.stash[EXERCISE] = exercise
            item.add_marker(f"unit{exercise.id[:2]}")
    for exercise in known.values():
        exercise.sheet  # noqa: B018  (it is read now: while tests run, solutions are not read)


def _check_mark(mark, exercise: Exercise, owners: dict[str, Path]) -> None:
    """One id, one grader; and the id is that of the file."""
    claimed = mark.args[0]
    first = owners.setdefault(claimed, exercise.grader)
    if first != exercise.grader:
        raise pytest.UsageError(
            f"two graders call themselves {claimed!r}: {shown(first)} and {shown(exercise.grader)}"
        )
    if claimed != exercise.id:
        raise pytest.UsageError(
            f"{shown(exercise.grader)} calls itself {claimed!r}; by its place it is {exercise.id!r}"
        )
    if not isinstance(mark.kwargs.get("points"), int):
        raise pytest.UsageError(f"{shown(exercise.grader)}: the mark needs points=, a whole number")


# -- running -----------------------------------------------------------------------------------


def runs_here(config) -> bool:
    """Return whether tests run in this process."""
    return bool(
        config.getoption("in_process", False)
        or config.getoption("usepdb", False)
        or config.getoption("trace", False)
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    if EXERCISE not in item.stash or runs_here(item.config):
        return None
    supervisor = item.session.stash.get(SUPERVISOR, None)
    if supervisor is None:
        supervisor = item.session.stash[SUPERVISOR] = Supervisor(item.session)
    supervisor.run(item, file_of(item), limit_of(item))
    return True


SUPERVISOR = pytest.StashKey[Supervisor]()


def pytest_sessionfinish(session):
    if supervisor := session.stash.get(SUPERVISOR, None):
        supervisor.close()


@pytest.fixture
def work(request):
    """Return the module that is graded: the learner's file, newly loaded for each test."""
    exercise, path = request.node.stash[EXERCISE], file_of(request.node)
    if error := request.session.stash.get(NOT_PLUGGED, None):
        raise error
    refuse(path, exercise.sheet.forbidden)
    return load(path, f"work_{exercise.unit}_{exercise.name}")


NOT_PLUGGED = pytest.StashKey[CourseError]()


def pytest_collection_finish(session):
    """Switch on what ``--plugged`` names, in the process where the tests run."""
    names = session.config.getoption("plugged", None)
    if names and session.items and runs_here(session.config):
        os.environ["MINITF_COURSE"] = str(session.items[0].stash[EXERCISE].root)
        for name in names:
            _plug_in(session, name)


def _plug_in(session, name: str) -> None:
    try:
        plugging.use(name)
    except Exception as error:  # noqa: BLE001  (a learner's file may raise anything)
        session.stash[NOT_PLUGGED] = CourseError(f"{name} cannot be switched on: {error}")


# -- reporting ---------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if EXERCISE in item.stash:
        if call.excinfo and report.outcome == "failed":
            messages.tell(report, call.excinfo.value, story_of(item))
        if report.when == "call" or (report.when == "setup" and not report.passed):
            report.user_properties.append((GRADED, entry_of(report, item)))
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report):
    if messages.is_reported_to_do(report):
        return "to do", "t", "TO DO"
    if (
        report.failed
        and report.when == "setup"
        and any(n == GRADED for n, _ in report.user_properties)
    ):
        return "failed", "F", "FAILED"  # the learner's file could not be loaded
    return None
