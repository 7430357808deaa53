"""Listings taken from the package, by the options of Sphinx' ``literalinclude``."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

from minitf.course.places import CourseError


def included(path: Path, options: dict[str, str]) -> str:
    """Return the part of a file that the options choose."""
    if not path.is_file():
        raise CourseError(f"a chapter includes {path}, which does not exist")
    lines = path.read_text(encoding="utf-8").splitlines()
    wanted = {
        name: value.strip("\"'") if len(value) > 1 else value for name, value in options.items()
    }
    if name := wanted.get("pyobject"):
        lines = _object(lines, name, path)
    lines = _from(lines, wanted, path)
    lines = _until(lines, wanted, path)
    if numbers := wanted.get("lines"):
        lines = _numbered(lines, numbers)
    return textwrap.dedent("\n".join(lines)).strip("\n")


def _object(lines: list[str], name: str, path: Path) -> list[str]:
    """Return the lines of a function or class; of a method, by ``Class.method``."""
    body = ast.parse("\n".join(lines)).body
    for part in name.split("."):
        kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        found = [node for node in body if isinstance(node, kinds) and node.name == part]
        if not found:
            raise CourseError(f"a chapter includes {name} from {path}, where it does not exist")
        body = found[0].body
    first = min([found[0].lineno, *(d.lineno for d in found[0].decorator_list)])
    return lines[first - 1 : found[0].end_lineno]


def _from(lines: list[str], options: dict[str, str], path: Path) -> list[str]:
    for option, skipped in (("start-at", 0), ("start-after", 1)):
        if option in options:
            return lines[_line_with(lines, options[option], path, 0) + skipped :]
    return lines


def _until(lines: list[str], options: dict[str, str], path: Path) -> list[str]:
    for option, kept in (("end-at", 1), ("end-before", 0)):
        if option in options:
            return lines[: _line_with(lines, options[option], path, 1 - kept) + kept]
    return lines


def _line_with(lines: list[str], text: str, path: Path, first: int) -> int:
    for i, line in enumerate(lines):
        if text in line and i >= first:
            return i
    raise CourseError(f"a chapter includes {path} at a line with {text!r}, which does not exist")


def _numbered(lines: list[str], numbers: str) -> list[str]:
    """Return lines by their numbers: ``2-``, ``1,4-6``."""
    chosen: list[str] = []
    for part in numbers.split(","):
        first, dash, last = part.strip().partition("-")
        end = int(last) if last else len(lines) if dash else int(first)
        chosen += lines[int(first or 1) - 1 : end]
    return chosen
