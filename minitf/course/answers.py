"""The numbers in quizzes: computed by the chapters, kept beside them, and compared at every run.

``chapters/NN_name/answers.json`` holds what ``{{name}}`` stands for in the quizzes of a unit. Pages
and notebooks are made from it without running anything. The first run of a new quiz writes its
values; every later one must find the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from minitf.course.places import CourseError, root, shown
from minitf.course.quiz import Quiz, Value, chapter_of
from minitf.paths import write_whole


def answer(quiz: str, **values: Any) -> None:
    """Say what a chapter has computed for its quiz, and check that the quiz says so.

    Parameters
    ----------
    quiz : str
        The quiz's id, "02-graph-1".
    **values : number or str
        What ``{{name}}`` stands for.
    """
    try:
        course = root()
    except CourseError:
        return  # a notebook that was downloaded alone
    chapter, asked = chapter_of(course, quiz)
    plain = {name: _plain(value) for name, value in values.items()}
    _check(asked, plain)
    known = kept(chapter)
    if quiz not in known:
        keep(chapter, {**known, quiz: plain})
    elif asked.filled(known[quiz]) != asked.filled(plain):
        raise CourseError(
            f"quiz {quiz}: this run gives {plain}, {shown(file_beside(chapter))} says "
            f"{known[quiz]}. If the chapter was changed on purpose, delete the entry and run again"
        )


def file_beside(chapter: Path) -> Path:
    """Return the file with the values for the quizzes of a chapter's unit."""
    return chapter.with_name("answers.json")


def kept(chapter: Path) -> dict[str, dict[str, Value]]:
    """Return the values for a unit's quizzes, by quiz and name."""
    path = file_beside(chapter)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def keep(chapter: Path, values: dict[str, dict[str, Value]]) -> None:
    """Write the values for a unit's quizzes."""
    text = json.dumps(values, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    write_whole(file_beside(chapter), text.encode())


def filled(chapter: Path, quiz: Quiz) -> Quiz:
    """Return a quiz of a chapter as the reader sees it."""
    return quiz.filled(kept(chapter).get(quiz.id, {})) if quiz.names else quiz


def _plain(value: Any) -> Value:
    """Return a number as Python's own: it goes into a file."""
    value = value.numpy() if callable(getattr(value, "numpy", None)) else value
    return np.asarray(value).item() if not isinstance(value, str) else value


def _check(quiz: Quiz, values: dict[str, Value]) -> None:
    """Require that every value has its place, and that no two options read the same."""
    unknown = set(values) - quiz.names
    if unknown:
        raise CourseError(f"quiz {quiz.id}: nothing in it is called {', '.join(sorted(unknown))}")
    texts = [option.text for option in quiz.filled(values).options]
    twice = {text for text in texts if texts.count(text) > 1}
    if twice:
        raise CourseError(f"quiz {quiz.id}: two options read {', '.join(sorted(twice))!r}")
