"""What a learner reads when a test was not passed: never a traceback through the machine."""

from __future__ import annotations

import linecache
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from minitf.course.differences import RETURNED_NOTHING
from minitf.course.exercise import Exercise
from minitf.course.expecting import Wrong, is_to_do, table
from minitf.course.forbidden import Forbidden
from minitf.course.places import CourseError, shown

TO_DO = "to do: "


@dataclass(frozen=True)
class Story:
    """Which exercise, which file and which test a message is about."""

    exercise: Exercise
    file: Path
    test: str

    def rows(self, what: str, **rows: str) -> str:
        """Return a message: what happened, more rows, and where to go on."""
        return table({"what": what, **rows, "reread": self.section, "file": shown(self.file)})

    @property
    def section(self) -> str:
        """What to read again."""
        named = self.exercise.sheet.section
        return f"chapters/{named}" if named else ""


def sentence(test: str) -> str:
    """Return a test's name as words.

    Examples
    --------
    >>> sentence("test_an_operation_waits_for_its_inputs")
    'an operation waits for its inputs'
    """
    name, _, case = test.removeprefix("test_").partition("[")
    return name.replace("_", " ") + (f" ({case.removesuffix(']')})" if case else "")


def tell(report, error: BaseException, story: Story) -> None:
    """Turn a failed report into what the learner should read, or into a to-do."""
    if is_to_do(error):
        report.outcome = "skipped"
        report.longrepr = (str(story.file), 0, TO_DO + shown(story.file))
    else:
        report.longrepr = message(error, story)


def is_reported_to_do(report) -> bool:
    """Return whether a report says that something is still to do."""
    reason = report.longrepr[-1] if isinstance(report.longrepr, (tuple, list)) else ""
    return report.outcome == "skipped" and str(reason).startswith(TO_DO)


def message(error: BaseException, story: Story) -> str:
    """Return what a learner reads about an exception."""
    match error:
        case Wrong():
            reread = f"chapters/{error.section}" if error.section else story.section
            line = _own_line(error.__cause__, story)
            rows = {**error.rows(), "line": line, "reread": reread, "file": shown(story.file)}
            return table(rows)
        case SyntaxError() if _is_own(error.filename, story):
            return _syntax(error, story)
        case Forbidden():
            return story.rows(f"The file uses what this exercise forbids: {error}")
        case CourseError():
            return story.rows(str(error))
        case AttributeError() if _is_graded(error.obj, story):
            return _missing_name(error, story)
    return _crash(error, story)


def _is_own(filename: str | None, story: Story) -> bool:
    return filename is not None and Path(filename) == story.file


def _is_graded(thing: object, story: Story) -> bool:
    return isinstance(thing, ModuleType) and _is_own(getattr(thing, "__file__", None), story)


def _syntax(error: SyntaxError, story: Story) -> str:
    place = f"{shown(story.file)}:{error.lineno}"
    code = (error.text or "").rstrip()
    if code and error.offset:
        code += "\n" + " " * (error.offset - 1) + "^"
    what = f"Python cannot read the file: {error.msg}"
    return story.rows(what, line=f"{place}\n  {code}".replace("\n", "\n  "))


def _missing_name(error: AttributeError, story: Story) -> str:
    what = f"The file defines no {error.name!r}. The stub did: keep its names, and what they take."
    return story.rows(what)


NOTES: dict[type[BaseException], str] = {
    RecursionError: "a function calls itself and never reaches the case that ends it",
    SystemExit: "exit() and sys.exit() end the whole program; a function ends with `return`",
    ModuleNotFoundError: "the file may import numpy and minitf, and nothing that is not installed",
}
UNUSABLE = "it is of a wrong type, or None because a `return` is missing (printing is none)"


def _crash(error: BaseException, story: Story) -> str:
    """Say which exception came, and from which line: the learner's, if one was running."""
    own = _own_line(error, story)
    said = "".join(traceback.format_exception_only(error)).strip()
    grader = [f for f in _frames(error) if Path(f.filename) == story.exercise.grader]
    if not own and grader:
        what = f"{story.test}: the grader could not use what your code gave"
        return story.rows(what, error=said, grader=_place(grader[-1]), note=UNUSABLE)
    if not own:  # neither the learner's mistake nor the grader's: everything must be seen
        return "".join(traceback.format_exception(error))
    note = next((text for kind, text in NOTES.items() if isinstance(error, kind)), "")
    if "NoneType" in said:
        note = f"{RETURNED_NOTHING} Which of your functions may that be?"
    what = f"{story.test}: your code raised an exception"
    return story.rows(what, error=said, line=own, note=note)


def _own_line(error: BaseException | None, story: Story) -> str:
    """Return the innermost line of the graded file that an exception came through."""
    own = [f for f in _frames(error) if _is_own(f.filename, story)] if error else []
    return _place(own[-1]) if own else ""


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    return list(traceback.extract_tb(error.__traceback__))


def _place(frame: traceback.FrameSummary) -> str:
    code = linecache.getline(frame.filename, frame.lineno or 0).strip()
    return f"{shown(Path(frame.filename))}:{frame.lineno}\n  {code}"


def hang(seconds: float, where: str, story: Story) -> str:
    """Return what a learner reads about code that did not come to an end."""
    what = f"{story.test}: stopped after {seconds:.3g} s"
    note = "Is there a loop whose condition never becomes false, or a wait for what never comes?"
    return story.rows(what, line=where, note=note)


def death(code: int | None, where: str, story: Story) -> str:
    """Return what a learner reads about code that ended the process it ran in."""
    how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
    what = f"{story.test}: the Python process ended ({how})"
    note = (
        "Compiled code reached outside of an array, recursion was too deep, or os._exit was called."
    )
    return story.rows(what, line=where, note=note)


# What a learner reads about the tests after one that did not come to an end.
NOT_RUN = table({"what": "not run, because an earlier test used up the time of this exercise"})
