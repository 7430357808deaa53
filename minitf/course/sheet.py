"""The sheet of an exercise: what the docstring at the top of its file says.

Title, text, and then lines that begin with a word and a colon. A field goes on until the next one::

    Approach: ...
    Difficulty: 2 of 5
    Minutes: 20
    Section: 02_tensorflow/executor.md#the-ready-queue
    Forbidden: minitf.optimizers, numpy.linalg.solve
    Hint 1: ...
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from minitf.course.places import CourseError

FIELD = re.compile(r"^(Approach|Difficulty|Minutes|Section|Forbidden|Hint \d):\s*", re.MULTILINE)


@dataclass(frozen=True)
class Sheet:
    """What an exercise says of itself."""

    title: str
    text: str
    approach: str
    difficulty: int  # of 5
    minutes: int
    section: str  # a chapter's file below chapters/, and a heading in it after #
    hints: tuple[str, ...]
    forbidden: tuple[str, ...]  # dotted names that the learner's file must not use


UNKNOWN = Sheet("", "", "", 0, 0, "", (), ())


def read(path: Path) -> Sheet:
    """Return the sheet of a file."""
    try:
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise CourseError(f"{path}: {error}") from error
    if not docstring:
        raise CourseError(f"{path}: there is no docstring at the top")
    return parse(docstring, str(path))


def parse(docstring: str, where: str = "the docstring") -> Sheet:
    r"""Return the sheet that a docstring writes down.

    Examples
    --------
    >>> sheet = parse("A sum.\n\nAdd.\n\nDifficulty: 1 of 5\nMinutes: 5\nHint 1: Use +.")
    >>> sheet.title, sheet.minutes, sheet.hints
    ('A sum', 5, ('Use +.',))
    """
    head, *rest = FIELD.split(docstring)
    fields = {name: text.strip() for name, text in zip(rest[::2], rest[1::2])}
    title, _, text = head.strip().partition("\n")
    hints = sorted(name for name in fields if name.startswith("Hint"))
    return Sheet(
        title=title.strip().rstrip("."),
        text=text.strip(),
        approach=fields.get("Approach", ""),
        difficulty=_number(fields, "Difficulty", where),
        minutes=_number(fields, "Minutes", where),
        section=fields.get("Section", ""),
        hints=tuple(fields[name] for name in hints),
        forbidden=tuple(re.findall(r"[\w.]+\w", fields.get("Forbidden", ""))),
    )


def _number(fields: dict[str, str], name: str, where: str) -> int:
    found = re.match(r"\d+", fields.get(name, ""))
    if not found:
        raise CourseError(f"{where}: a line such as '{name}: 3' is missing")
    return int(found[0])
