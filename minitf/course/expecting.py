"""Comparisons whose failures teach: what was asked for, what came, and what probably went wrong."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

from minitf.course.differences import RETURNED_NOTHING, Difference, difference, shown_value


class Wrong(AssertionError):
    """What a learner's code gives is not what the exercise asks for."""

    def __init__(
        self, what: str, found: Difference, misconception: str | None, section: str | None
    ):
        super().__init__(what)
        self.what, self.found = what, found
        self.misconception, self.section = misconception, section

    def __str__(self) -> str:
        return table({**self.rows(), "reread": self.section})

    def rows(self) -> dict[str, str | None]:
        """Return what there is to say, by the words that stand at the left of it."""
        return {
            "what": self.what,
            "expected": self.found.expected,
            "got": self.found.got,
            "note": self.found.note,
            "perhaps": None if self.found.note == RETURNED_NOTHING else self.misconception,
        }


def table(rows: dict[str, str | None]) -> str:
    """Return rows of text with their names at the left, those without a text left out."""
    return "\n".join(_row(name, text) for name, text in rows.items() if text)


def _row(name: str, text: str) -> str:
    lines = text.splitlines()
    if not any(line.startswith(" ") for line in lines):  # else it was set by hand: an array, code
        lines = [part for line in lines for part in (textwrap.wrap(line, 84) or [""])]
    rest = "".join(f"\n{'':10}{line}" for line in lines[1:])
    return f"{name:10}{lines[0]}{rest}"


def expect(got: Any, wanted: Any, what: str, *, misconception: str | None = None,
           section: str | None = None, rtol: float = 1e-5, atol: float = 1e-8) -> None:  # fmt: skip
    """Compare what a learner's code gave with what it should have given.

    Parameters
    ----------
    got, wanted : number, str, array, Tensor, list, dict, set, ... or nested ones
        The first from the learner, the second from somewhere independent.
    what : str
        What is compared, as it reads after "expected": "the order of firing for a diamond".
    misconception : str, optional
        What most likely went wrong, and how to think of it.
    section : str, optional
        What to read again; the exercise's own section by default.
    rtol, atol : float
        Numbers are equal up to ``atol + rtol * abs(wanted)``.

    Examples
    --------
    >>> expect([1, 2], [1, 3], "the squares", misconception="2 * 2 is not 2 + 2 by accident.")
    Traceback (most recent call last):
    minitf.course.expecting.Wrong: what      the squares
    expected  [1, 3]
    got       [1, 2]
    note      it differs in [1]: expected 3, got 2
    perhaps   2 * 2 is not 2 + 2 by accident.
    """
    __tracebackhide__ = True
    found = difference(got, wanted, rtol, atol)
    if found:
        raise Wrong(what, found, misconception, section)


def expect_true(condition: Any, what: str, *, misconception: str | None = None,
                section: str | None = None, got: Any = None) -> None:  # fmt: skip
    """Require something that is true or not: ``expect_true(loss < 0.1, "a loss below 0.1")``.

    Parameters
    ----------
    condition : bool
    what : str
        What should be true, in words.
    misconception, section : str, optional
        As for `expect`.
    got : optional
        What came instead, if it can be shown.
    """
    __tracebackhide__ = True
    if not condition:
        came = "" if got is None else shown_value(got)
        raise Wrong(
            what, Difference("that this is so", came or "it is not"), misconception, section
        )


def expect_raises(error: type[BaseException], call: Callable[[], Any], what: str, *,
                  match: str | None = None, misconception: str | None = None,
                  section: str | None = None) -> BaseException:  # fmt: skip
    """Require that a call raises an exception, and return it.

    Parameters
    ----------
    error : class of exceptions
    call : callable without arguments
    what : str
        What should be refused, in words: "a batch with a wrong number of features".
    match : str, optional
        Words that its message must contain (whatever their case).
    misconception, section : str, optional
        As for `expect`.
    """
    __tracebackhide__ = True
    wanted = error.__name__ + (f" whose message says {match!r}" if match else "")
    try:
        returned = call()
    except error as raised:
        if is_to_do(raised):
            raise
        if match and match.lower() not in str(raised).lower():
            said = Difference(wanted, f"{type(raised).__name__}: {raised}")
            raise Wrong(what, said, misconception, section) from None
        return raised
    nothing = Difference(wanted, f"no exception; it returned {shown_value(returned)}")
    raise Wrong(what, nothing, misconception, section)


def expect_runs(call: Callable[[], Any], what: str, *, misconception: str | None = None,
                section: str | None = None) -> Any:  # fmt: skip
    """Require that a call ends without an exception, and return what it gives.

    Any exception ends a test, and the learner sees it. This is for one that is likely, and that
    needs an explanation.

    Parameters
    ----------
    call : callable without arguments
    what : str
        What is run, in words: "a graph whose value is used twice".
    misconception, section : str, optional
        As for `expect`.
    """
    __tracebackhide__ = True
    try:
        return call()
    except Exception as error:
        if is_to_do(error):
            raise
        said = f"{type(error).__name__}: {error}"
        found = Difference("that it runs to its end", said)
        raise Wrong(what, found, misconception, section) from error


def is_to_do(error: BaseException | None) -> bool:
    """Return whether an exception, or one that led to it, is a stub's ``raise`` of its TODO."""
    while error is not None:
        if isinstance(error, NotImplementedError) and str(error).lstrip().startswith("TODO"):
            return True
        error = error.__cause__ or error.__context__
    return False
