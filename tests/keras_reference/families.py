"""The families of cases, found by their files."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pathlib import Path

from .case import Case

FOUND = sorted(p.stem for p in (Path(__file__).parent / "cases").glob("*.py") if p.stem[0] != "_")


def cases_of(family: str) -> list[Case]:
    """Return the cases of a family."""
    return import_module(f"tests.keras_reference.cases.{family}").CASES


def doubled(family: str) -> list[str]:
    """Return the names that several cases have, which would share one set of numbers."""
    return [name for name, n in Counter(c.id for c in cases_of(family)).items() if n > 1]
