"""A solution beside what a learner wrote: what differs, function by function, and why."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator

from minitf.course.exercise import Exercise
from minitf.course.places import shown


def explained(exercise: Exercise) -> str:
    """Return the difference between a learner's file and the solution, with its reasons.

    The reasons are the solution's own comments; they stand in the lines that it adds.
    """
    yours = exercise.file.read_text(encoding="utf-8") if exercise.file.exists() else ""
    ours = exercise.solution.read_text(encoding="utf-8")
    text = [f"{exercise.id}: {exercise.sheet.title}", "", exercise.sheet.approach, ""]
    text += [f"- {shown(exercise.file)}", f"+ {shown(exercise.solution)}"]
    text += [line for part in _parts(yours, ours) for line in part]
    return "\n".join(text)


def _parts(yours: str, ours: str) -> Iterator[list[str]]:
    mine, theirs = pieces(yours), pieces(ours)
    for name, code in theirs.items():
        before = mine.get(name, "")
        if before != code:
            yield ["", f"== {name}" if name else "== imports and the rest", *_diff(before, code)]


def _diff(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=2, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def pieces(source: str) -> dict[str, str]:
    """Return the top-level functions and classes of a program by name; the rest is called "".

    A program that Python cannot read is one piece.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {"": source}
    lines = source.splitlines()
    found: dict[str, str] = {}
    rest, end = [], _end_of_docstring(tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            start = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
            rest += lines[end:start]
            found[node.name] = "\n".join(lines[start : node.end_lineno])
            end = node.end_lineno or start
    rest += lines[end:]
    return {"": "\n".join(line for line in rest if line.strip()), **found}


def _end_of_docstring(tree: ast.Module) -> int:
    """Return the number of lines that the sheet takes: it is the same in both files."""
    first = tree.body[0] if tree.body else None
    return (first.end_lineno or 0) if isinstance(first, ast.Expr) else 0
