"""Switching what a learner built on in minitf itself: `use` and `unuse`.

A grader whose exercise replaces a part of minitf says how in a function ``install(work)``, which
puts the learner's module `work` in, and returns what takes it out again: a context manager, or a
function without arguments::

    def install(work):
        return patch.object(Adam, "update", ...)  # from unittest.mock

What has been traced before keeps what it was traced with: switch first, then build and train.
"""

from __future__ import annotations

import ast
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

from minitf.course import progress
from minitf.course.exercise import Exercise, find
from minitf.course.forbidden import refuse
from minitf.course.loading import load
from minitf.course.places import CourseError, root, shown

_plugs: dict[str, Plug] = {}


class Plug(AbstractContextManager):
    """Something of the learner's that is switched on; as a context manager, until its end.

    Attributes
    ----------
    id : str
    file : Path
        The file that it was loaded from.
    is_on : bool
    """

    def __init__(self, name: str, file: Path, undo: ExitStack):
        self.id, self.file, self._undo = name, file, undo

    @property
    def is_on(self) -> bool:
        """Whether minitf uses it."""
        return _plugs.get(self.id) is self

    def off(self) -> None:
        """Give minitf its own part back."""
        if self.is_on:
            del _plugs[self.id]
            self._undo.close()

    def __exit__(self, *error: Any) -> None:
        self.off()

    def __repr__(self) -> str:
        return f"<{self.id} from {shown(self.file)}, {'on' if self.is_on else 'off'}>"


def use(name: str, *, optional: bool = False) -> Plug:
    """Switch an exercise on: minitf computes with what the learner wrote.

    Parameters
    ----------
    name : str
        The exercise, "03/adam".
    optional : bool
        If it is still to do, say so and let minitf keep its own part, instead of raising.

    Returns
    -------
    Plug
        ``with use("03/adam"): ...`` switches it off at the end; so does ``unuse("03/adam")``.
    """
    exercise = find(root(), name)
    if not optional:
        refuse_to_do(exercise)
    elif to_dos(exercise.file):
        print(f"{name} is still to do, so minitf uses its own ({shown(exercise.file)}).")
        return Plug(name, exercise.file, ExitStack())
    unuse(exercise.id)
    undo = installed(exercise, exercise.file)
    plug = _plugs[exercise.id] = Plug(exercise.id, exercise.file, undo)
    print(f"minitf uses {exercise.id} from {shown(exercise.file)}.")
    if progress.record(exercise.root, exercise.id)["state"] == "wrong":
        print("  Its last grade was not full: what follows may fail because of it.")
    return plug


def unuse(name: str | None = None) -> None:
    """Give minitf its own part back; without a name, all of them.

    Parameters
    ----------
    name : str, optional
        The exercise, "03/adam". Nothing happens if it is not switched on.
    """
    names = [name] if name else list(_plugs)[::-1]  # the last one in is the first one out
    for one in names:
        if one in _plugs:
            _plugs[one].off()


def plugged() -> list[str]:
    """Return which exercises are switched on."""
    return list(_plugs)


def refuse_to_do(exercise: Exercise) -> None:
    """Raise an error that names what of an exercise is still as in the stub."""
    missing = to_dos(exercise.file)
    if missing:
        names = ", ".join(missing)
        raise CourseError(f"{exercise.id} is still to do ({shown(exercise.file)}: {names})")


def to_dos(file: Path) -> list[str]:
    """Return the names of the functions that are still as in the stub."""
    tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    return [f.name for f in functions if f.body and _is_to_do(f.body[-1])]


def _is_to_do(statement: ast.stmt) -> bool:
    match statement:
        case ast.Raise(
            exc=ast.Call(func=ast.Name(id="NotImplementedError"), args=[ast.Constant(t)])
        ):
            return str(t).startswith("TODO")
    return False


def installed(exercise: Exercise, file: Path) -> ExitStack:
    """Put the module of a file in; return what takes it out, when it is closed."""
    refuse(file, exercise.sheet.forbidden)
    grader = load(exercise.grader, f"grader_{exercise.unit}_{exercise.name}")
    if not hasattr(grader, "install"):
        raise CourseError(f"{exercise.id} replaces no part of minitf: its grader has no install()")
    undo = ExitStack()
    done = grader.install(load(file, f"plug_{exercise.unit}_{exercise.name}"))
    if hasattr(done, "__enter__"):  # asked first: what unittest.mock gives can be called, too
        undo.enter_context(done)
    else:
        undo.callback(done)
    return undo
