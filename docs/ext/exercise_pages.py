"""A page for each exercise, made of its stub and its solution, so that neither can drift.

A stub, ``exercises/NN_unit/name.py``, is itself a source of the site: its parser reads the sheet in
its docstring (`minitf.course.sheet`) and hands Markdown on to MyST.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from docutils import nodes
from myst_parser.parsers.sphinx_ import MystParser
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from minitf.course import exercise as machine
from minitf.course.exercise import Exercise
from minitf.course.places import CourseError
from minitf.course.stubs import untouched

DOCTEST = re.compile(r"^( *)>>> .*(?:\n(?!\s*$).*)*", re.MULTILINE)

PAGE = """\
# {title}

{{.exercise-facts}}
Exercise `{id}` {dot} difficulty {difficulty} of 5 {dot} about {minutes} minutes {dot} belongs to
[this section]({section})

{text}

## Approach

{approach}

## The file to write

{{download}}`Download {name}.py <{download}>`, or open `{file}` in your copy of the course. Replace
every `raise NotImplementedError` by code of your own, then let it be graded:

```sh
python -m pytest {grader}
```

In a notebook the same grader is called with `from minitf.course import check; check("{id}")`.

{stub}

## Hints

Open one only when you are stuck; each says more than the one before.

{hints}

## Solution

:::{{dropdown}} One way to solve it
:class-container: solution

Compare it with yours after you have tried. `python -m minitf.course solution {id}` shows, on your
own machine, where the two differ.

{solution}
:::
"""


def exercises_of(root: Path, unit: str) -> list[Exercise]:
    """Return the exercises of a unit, in order."""
    return [e for e in machine.exercises(root) if e.unit == unit]


class ExerciseParser(MystParser):
    """Reads a stub as the page of its exercise."""

    supported = ("exercise",)

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Parse the Markdown that stands for a stub."""
        env = document.settings.env
        stub = Path(env.doc2path(env.docname))
        exercise = Exercise(Path(env.srcdir), stub.parent.name, stub.stem)
        env.note_dependency(str(exercise.solution))
        super().parse(page(exercise), document)


def page(exercise: Exercise) -> str:
    """Return the page of an exercise in Markdown."""
    sheet, stub = exercise.sheet, _stub(exercise)
    return PAGE.format(
        dot="\N{MIDDLE DOT}",
        title=sheet.title,
        id=exercise.id,
        name=exercise.name,
        difficulty=sheet.difficulty,
        minutes=sheet.minutes,
        section=f"/chapters/{sheet.section}",
        text=readable(sheet.text),
        approach=readable(sheet.approach),
        file=f"exercises/{exercise.unit}/{exercise.name}.py",
        grader=f"exercises/{exercise.unit}/test_{exercise.name}.py",
        download=f"/exercises/{exercise.unit}/{exercise.name}.py",
        stub=fenced(code(stub)),
        hints="\n\n".join(map(_hint, range(1, len(sheet.hints) + 1), sheet.hints)),
        solution=fenced(code(exercise.solution.read_text(encoding="utf-8"))),
    )


def _stub(exercise: Exercise) -> str:
    """Return the stub as it was before anybody wrote into it."""
    try:
        return untouched(exercise)
    except CourseError:  # a new exercise: nobody has written down yet what it was
        return exercise.file.read_text(encoding="utf-8")


def _hint(number: int, text: str) -> str:
    return f":::{{dropdown}} Hint {number}\n:class-container: hint\n\n{readable(text)}\n:::"


def readable(text: str) -> str:
    """Return a docstring's Markdown with its examples marked as Python."""
    return DOCTEST.sub(_example, text)


def _example(found: re.Match[str]) -> str:
    lines = [line.removeprefix(found[1]) for line in found[0].splitlines()]
    return fenced("\n".join(lines), "pycon")


def fenced(text: str, language: str = "python") -> str:
    """Return code as a Markdown block."""
    return f"```{language}\n{text.strip()}\n```"


def code(source: str) -> str:
    """Return a program without the docstring at its top, which the page shows as text."""
    first = ast.parse(source).body[0]
    return "\n".join(source.splitlines()[first.end_lineno :])


class LinkExercises(SphinxTransform):
    """Make links of the names of exercises, such as **02/ready_queue**, in a text."""

    default_priority = 500

    def apply(self, **options: object) -> None:
        """Wrap the names in references."""
        known = machine.exercises(Path(self.env.srcdir))
        places = {e.id: f"/exercises/{e.unit}/{e.name}" for e in known}
        here = {"refdoc": self.env.docname, "refdomain": "std", "reftype": "doc"}
        standing_out = [*self.document.findall(nodes.strong), *self.document.findall(nodes.literal)]
        for node in standing_out:
            place = places.get(node.astext())
            if place and place != f"/{self.env.docname}":
                link = pending_xref("", **here, reftarget=place, refexplicit=True, refwarn=True)
                node.replace_self(link)
                link += node


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the parser with Sphinx."""
    app.add_source_suffix(".py", "exercise")
    app.add_source_parser(ExerciseParser)
    app.add_transform(LinkExercises)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
