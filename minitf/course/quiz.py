"""Quizzes: read from a chapter, without Sphinx.

A quiz is a fenced block in a chapter::

    ```{quiz} 02-graph-1
    The question, in Markdown.
    - [ ] a wrong option :: why it is wrong
    - [x] a right option :: why it is right
    ```

Several options may be right. A text may go on in the next lines. Where an option is a number, it
can hold ``{{name}}`` (or ``{{name:.2f}}``): the chapter computes it and calls `answers.answer`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from minitf.course.places import CourseError

FENCE = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{quiz\}[ \t]*(?P<id>\S*)[ \t]*\n(?P<body>.*?)^(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
OPTION = re.compile(r"^- \[(?P<mark>[ xX])\][ \t]+", re.MULTILINE)
PLACE = re.compile(r"\{\{\s*(?P<name>[a-zA-Z_]\w*)\s*(?::(?P<form>[^}]*))?\}\}")

Value = int | float | str | bool


@dataclass(frozen=True)
class Option:
    """One possible answer."""

    right: bool
    text: str
    why: str


@dataclass(frozen=True)
class Quiz:
    """A question with its options."""

    id: str
    question: str
    options: tuple[Option, ...]

    @property
    def names(self) -> frozenset[str]:
        """The names of the values that the chapter computes."""
        return frozenset(m["name"] for m in PLACE.finditer(self._text()))

    def _text(self) -> str:
        return "\n".join([self.question, *(f"{o.text}\n{o.why}" for o in self.options)])

    def filled(self, values: Mapping[str, Value]) -> Quiz:
        """Return the quiz with the values in their places."""

        def fill(text: str) -> str:
            return PLACE.sub(lambda m: written(values[m["name"]], m["form"]), text)

        missing = self.names - set(values)
        if missing:
            names = ", ".join(sorted(missing))
            raise CourseError(f"quiz {self.id}: no value for {names} (run its chapter once)")
        options = (Option(o.right, fill(o.text), fill(o.why)) for o in self.options)
        return Quiz(self.id, fill(self.question), tuple(options))


def written(value: Value, form: str | None = None) -> str:
    """Return a value as it is written into an option.

    Examples
    --------
    >>> written(3), written(6.0), written(0.123456789), written(2.5, ".2f")
    ('3', '6', '0.123457', '2.50')
    """
    if form:
        return format(value, form)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def parse(name: str, body: str) -> Quiz:
    """Return the quiz that the lines of a block write down.

    Parameters
    ----------
    name : str
        Its id, which stands after ``{quiz}``.
    body : str
        The lines in between.
    """
    question, *pieces = OPTION.split(body)
    marks, texts = pieces[::2], pieces[1::2]
    options = tuple(_option(name, mark, text) for mark, text in zip(marks, texts))
    quiz = Quiz(name, question.strip(), options)
    for is_wrong, complaint in (
        (not re.fullmatch(r"\d\d-[a-z0-9_]+-\d+", name), "its id should be like 02-graph-1"),
        (not quiz.question, "there is no question"),
        (len(options) < 2, "there should be two options or more, each as '- [ ] text :: why'"),
        (not any(o.right for o in options), "no option is right: mark it with [x]"),
    ):
        if is_wrong:
            raise CourseError(f"quiz {name}: {complaint}")
    return quiz


def _option(name: str, mark: str, text: str) -> Option:
    said, separator, why = text.partition(" :: ")
    if not separator or not why.strip():
        first = text.strip().splitlines()[0] if text.strip() else ""
        raise CourseError(f"quiz {name}: the option {first!r} is not explained (text :: why)")
    return Option(mark != " ", _joined(said), _joined(why))


def _joined(text: str) -> str:
    return " ".join(text.split())


def quizzes(markdown: str) -> list[Quiz]:
    """Return the quizzes of a chapter."""
    return [parse(m["id"], m["body"]) for m in FENCE.finditer(markdown)]


def chapter_of(root: Path, name: str) -> tuple[Path, Quiz]:
    """Return the file that holds a quiz, and the quiz."""
    for path in sorted((root / "chapters").glob("*/*.md")):
        for match in FENCE.finditer(path.read_text(encoding="utf-8")):
            if match["id"] == name:
                return path, parse(name, match["body"])
    raise CourseError(f"no chapter holds a quiz {name!r}")
