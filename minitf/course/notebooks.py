"""Notebooks for Jupyter and Colab, written from the chapters: without outputs, and always the same.

``notebooks/NN_name/chapter.ipynb`` is made from ``chapters/NN_name/chapter.md``, which is the only
one that is edited. Its first cell installs minitf on Colab and in JupyterLite. A test says when a
copy is stale.
"""

from __future__ import annotations

import configparser
import hashlib
import json
from pathlib import Path
from typing import Any

from minitf.course import myst
from minitf.course.places import CourseError
from minitf.course.plain import plain
from minitf.paths import write_whole

INSTALL = """\
# On Colab and in the browser (JupyterLite), this installs minitf; elsewhere it does nothing.
import sys

REPOSITORY = "{repository}"  # the address of the course: https://github.com/...
if "google.colab" in sys.modules:
    assert REPOSITORY, "write into the line above where this notebook comes from"
    %pip install --quiet "minitf[course] @ git+{{REPOSITORY}}"
elif sys.platform == "emscripten":
    %pip install --quiet minitf scikit-learn
"""
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
HIDDEN = {"hide-input", "hide-cell", "remove-cell", "remove-input"}


def chapters(root: Path) -> list[Path]:
    """Return the chapters of a course: Markdown that says that it is a notebook."""
    pages = sorted((root / "chapters").glob("[0-9][0-9]_*/*.md"))
    return [p for p in pages if "\nkernelspec:" in p.read_text(encoding="utf-8")[:2000]]


def repository(root: Path) -> str:
    """Return where the course is published, as ``url`` in setup.cfg says; "" where it does not."""
    setup = configparser.ConfigParser()
    setup.read(root / "setup.cfg", encoding="utf-8")
    return setup.get("metadata", "url", fallback="").rstrip("/")


def notebook(chapter: Path) -> str:
    """Return the text of a chapter's notebook."""
    install = INSTALL.format(repository=repository(chapter.parents[2])).rstrip()
    cells = [_cell("code", install, ("colab",)), *_cells(chapter)]
    seen: dict[str, int] = {}
    for cell in cells:
        text = "".join(cell["source"])
        again = seen[text] = seen.get(text, -1) + 1
        cell["id"] = hashlib.sha256(f"{again} {text}".encode()).hexdigest()[:12]
    whole = {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _cells(chapter: Path) -> list[dict[str, Any]]:
    made = []
    for cell in myst.read(chapter):
        try:
            text = plain(cell.source, chapter) if cell.kind == "markdown" else cell.source
        except CourseError as error:
            raise CourseError(f"{chapter}, in the text from line {cell.line}: {error}") from error
        if text:
            made.append(_cell(cell.kind, text, cell.tags))
    return made


def _cell(kind: str, text: str, tags: tuple[str, ...]) -> dict[str, Any]:
    about: dict[str, Any] = {"tags": list(tags)} if tags else {}
    if HIDDEN.intersection(tags):
        about["jupyter"] = {"source_hidden": True}
    cell = {"cell_type": kind, "metadata": about, "source": text.splitlines(keepends=True)}
    return cell if kind == "markdown" else {**cell, "execution_count": None, "outputs": []}


# -- the copies --------------------------------------------------------------------------------


def copy_of(chapter: Path) -> Path:
    """Return where a chapter's notebook lies."""
    folder = chapter.parents[2] / "notebooks" / chapter.parent.name
    return folder / f"{chapter.stem}.ipynb"


def stale(root: Path) -> list[Path]:
    """Return the notebooks that are not what their chapters say, or have no chapter."""
    wanted = {copy_of(chapter): notebook(chapter) for chapter in chapters(root)}
    there = set((root / "notebooks").glob("*/*.ipynb"))
    changed = {p for p in wanted if p not in there or p.read_text(encoding="utf-8") != wanted[p]}
    return sorted(changed | (there - set(wanted)))


def write(root: Path) -> None:
    """Write the notebooks of all chapters; remove those whose chapter is gone."""
    copies = {copy_of(chapter): chapter for chapter in chapters(root)}
    for path in stale(root):
        if path not in copies:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, notebook(copies[path]).encode())
