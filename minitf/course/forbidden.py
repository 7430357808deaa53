"""What a learner's file must not use: minitf's own answer, say. Found by reading, without running.

This is no lock, and there is nobody to be locked out. It keeps an honest learner from a
misunderstanding: that wrapping the finished thing is what was asked for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

REFERENCE = "solutions"


class Forbidden(Exception):
    """A learner's file uses what its exercise forbids."""


def refuse(file: Path, names: tuple[str, ...]) -> None:
    """Raise `Forbidden` if a file uses one of the names, under whatever name it goes there."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return  # whoever loads it will say so
    for line, used in _uses(tree):
        for name in (REFERENCE, *names):
            if _is_part(used, name) or _is_same(used, name):
                what = "the solutions" if name == REFERENCE else f"{name} (here as {used})"
                raise Forbidden(
                    f"line {line} uses {what}. The exercise is to build it, so that cannot be used."
                )


def _uses(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the dotted names that a program imports, or reaches through what it imported."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    known[alias.asname or alias.name.split(".")[0]] = (
                        alias.name if alias.asname else alias.name.split(".")[0]
                    )
                    yield node.lineno, alias.name
            case ast.ImportFrom(module=str(module), names=names):
                for alias in names:
                    known[alias.asname or alias.name] = f"{module}.{alias.name}"
                    yield node.lineno, f"{module}.{alias.name}"
            case ast.Call(args=[ast.Constant(value=str(name)), *_], func=function):
                if ast.unparse(function).split(".")[-1] in ("import_module", "__import__"):
                    yield node.lineno, name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            start, _, rest = ast.unparse(node).partition(".")
            if start in known:
                yield node.lineno, f"{known[start]}.{rest}"


def _is_part(used: str, name: str) -> bool:
    """Whether a dotted name is another, or inside it, or everything in the module that holds it."""
    return f"{used}.".startswith(f"{name}.") or (used.endswith(".*") and name.startswith(used[:-1]))


def _is_same(used: str, name: str) -> bool:
    """Whether two names lead to one thing, or one leads into the other's module."""
    if used.split(".")[0] != name.split(".")[0]:
        return False
    thing, other = _resolved(used), _resolved(name)
    if thing is None or other is None:
        return False
    home = getattr(thing, "__module__", None)
    return thing is other or (isinstance(home, str) and f"{home}.".startswith(f"{name}."))


def _resolved(dotted: str) -> Any:
    """Return what a dotted name leads to, or None."""
    first, *rest = dotted.split(".")
    try:
        found = import_module(first)
        for i, part in enumerate(rest, 2):
            inner = ".".join(dotted.split(".")[:i])
            found = getattr(found, part) if hasattr(found, part) else import_module(inner)
    except (ImportError, AttributeError):
        return None
    return found
