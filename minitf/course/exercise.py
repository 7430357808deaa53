"""An exercise, and where its files are."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from minitf.course import sheet
from minitf.course.places import CourseError

ID = re.compile(r"(\d\d)/([a-z][a-z0-9_]*)")


@dataclass(frozen=True)
class Exercise:
    """Three files that belong together: ``exercises/NN_unit/name.py``, its grader, its solution.

    It knows where they are, and never which of them is to be graded.
    """

    root: Path
    unit: str  # the name of the unit's folder, 02_tensorflow
    name: str

    @property
    def id(self) -> str:
        """Its name in texts and commands: 02/ready_queue."""
        return f"{self.unit[:2]}/{self.name}"

    @property
    def file(self) -> Path:
        """The file that the learner edits."""
        return self.root / "exercises" / self.unit / f"{self.name}.py"

    @property
    def grader(self) -> Path:
        """The tests."""
        return self.file.with_name(f"test_{self.name}.py")

    @property
    def solution(self) -> Path:
        """One way to solve it."""
        return self.root / "solutions" / self.unit / f"{self.name}.py"

    @functools.cached_property
    def sheet(self) -> sheet.Sheet:
        """What it says of itself.

        The solution has the same docstring and is not edited by learners, so it is asked first.
        Without it, a learner may have broken what is to be read: then nothing is known.
        """
        try:
            return sheet.read(self.solution if self.solution.is_file() else self.file)
        except CourseError:
            return replace(sheet.UNKNOWN, title=self.name)


def of_grader(grader: Path) -> Exercise:
    """Return the exercise whose grader is this file."""
    unit = grader.parent
    return Exercise(unit.parent.parent, unit.name, grader.stem.removeprefix("test_"))


def exercises(root: Path) -> list[Exercise]:
    """Return every exercise of a course, in order: by unit, chapter, difficulty and name."""
    graders = (root / "exercises").glob("[0-9][0-9]_*/test_*.py")
    chapters = {e.unit: _chapters(root, e.unit) for e in _files(root)}

    def place(exercise: Exercise) -> tuple[str, int, int, str]:
        unit, sheet = chapters[exercise.unit], exercise.sheet
        chapter = Path(sheet.section.partition("#")[0]).stem
        number = unit.index(chapter) if chapter in unit else len(unit)
        return exercise.unit, number, sheet.difficulty, exercise.name

    return sorted(map(of_grader, graders), key=place)


def _chapters(root: Path, unit: str) -> list[str]:
    """Return the chapters of a unit in the order in which they are read."""
    index = root / "chapters" / unit / "index.md"
    text = index.read_text(encoding="utf-8") if index.is_file() else ""
    listed = re.search(r"^_toc: *\[(.*?)\]", text, re.MULTILINE | re.DOTALL)
    return re.findall(r"\w+", listed[1]) if listed else []


def find(root: Path, name: str) -> Exercise:
    """Return the exercise that a learner names: by its id, or by one of its files."""
    known = {e.id: e for e in _files(root)}
    wanted = _id_of_file(name) if name.endswith(".py") else name
    if wanted in known:
        return known[wanted]
    near = get_close_matches(wanted, known, n=3, cutoff=0.5)
    advice = f"Did you mean {' or '.join(near)}?" if near else "See: python -m minitf.course list"
    raise CourseError(f"there is no exercise {name!r}. {advice}")


def _files(root: Path) -> Iterable[Exercise]:
    return map(of_grader, sorted((root / "exercises").glob("[0-9][0-9]_*/test_*.py")))


def _id_of_file(name: str) -> str:
    path = Path(name).resolve()
    return f"{path.parent.name[:2]}/{path.stem.removeprefix('test_')}"
