"""Units and chapters: their lists, and the links to open a chapter elsewhere.

``{exercises} 02_tensorflow`` is the table of a unit's exercises. A unit's page, the ``index.md`` of
its folder, gets this table and the list of its chapters (``_toc`` in its front matter) by itself.

``{course-map}`` is the list of the nine units (``docs/units.toml``).

A chapter's page says below its title where the same notebook can be had: as a file, on Colab, in
the browser.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from docutils import nodes
from exercise_pages import Exercise, exercises_of
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from minitf.course import notebooks
from minitf.course.places import CourseError

logger = logging.getLogger(__name__)

FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
COLAB = "https://colab.research.google.com/github"
DOTS = "\N{BLACK CIRCLE}", "\N{WHITE CIRCLE}"


# -- the page of a unit


def complete_unit(app: Sphinx, docname: str, source: list[str]) -> None:
    """Add to a unit's page what can be known without writing it down."""
    path = PurePosixPath(docname)
    if path.parts[0] != "chapters" or path.name != "index":
        return
    unit = path.parent.name
    if "{toctree}" not in source[0]:
        source[0] += toctree("Chapters", chapters(source[0], Path(app.srcdir, path.parent)))
    if "{exercises}" not in source[0] and exercises_of(Path(app.srcdir), unit):
        source[0] += f"\n## Exercises\n\n```{{exercises}} {unit}\n```\n"


def chapters(text: str, folder: Path) -> list[str]:
    """Return the chapters of a unit in their order."""
    found = FRONT_MATTER.match(text)
    listed = (yaml.safe_load(found[1]) or {}).get("_toc") if found else None
    if listed:
        return [str(name).removesuffix(".md") for name in listed]
    return sorted(p.stem for p in folder.glob("*.md") if p.stem != "index")


def toctree(caption: str, names: list[str], hidden: bool = False) -> str:
    """Return a toctree directive."""
    options = [f":caption: {caption}", *[":hidden:"] * hidden]
    return "\n".join(["\n\n```{toctree}", *options, "", *names, "```\n"])


class Exercises(SphinxDirective):
    """The exercises of a unit as a table, and in the table of contents."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        unit = self.arguments[0]
        found = exercises_of(Path(self.env.srcdir), unit)
        for exercise in found:
            self.env.note_dependency(str(exercise.file))
        rows = ["| exercise | difficulty | minutes |", "|---|---|---|", *map(self.row, found)]
        names = [f"Exercise: {e.sheet.title} </exercises/{unit}/{e.name}>" for e in found]
        text = "\n".join(rows) + toctree("Exercises", names, hidden=True)
        return self.parse_text_to_nodes(text)

    def row(self, exercise: Exercise) -> str:
        place = f"/exercises/{exercise.unit}/{exercise.name}"
        sheet = exercise.sheet
        link = f"{{doc}}`{sheet.title} <{place}>`"
        return f"| {link} | {difficulty(sheet.difficulty)} | {sheet.minutes} |"


def difficulty(level: int) -> str:
    """Return a number from 1 to 5 as dots that a screen reader reads as a number."""
    full, empty = DOTS
    return f"{{abbr}}`{full * level + empty * (5 - level)} ({level} of 5)`"


# -- the start page


class CourseMap(SphinxDirective):
    """The units: links to those that are there, and what is to come."""

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir, "docs", "units.toml")
        self.env.note_dependency(str(path))
        units = tomllib.loads(path.read_text(encoding="utf-8"))["unit"]
        ways = nodes.bullet_list(classes=["course-map"])
        ways += [self.unit(number, unit) for number, unit in enumerate(units, 1)]
        return [ways]

    def unit(self, number: int, unit: dict[str, str]) -> nodes.list_item:
        page = f"/chapters/{unit['folder']}/index"
        is_there = Path(self.env.srcdir, f"{page[1:]}.md").is_file()
        name = f"{{doc}}`{unit['title']} <{page}>`" if is_there else unit["title"]
        state = "" if is_there else " (to come)"
        words, _ = self.parse_inline(name)
        title = nodes.paragraph("", "", *words, classes=["unit-name"])
        title += nodes.inline("", state, classes=["unit-state"])
        text = nodes.container("", title, nodes.paragraph("", unit["about"]))
        badge = nodes.paragraph("", str(number), classes=["unit-number"])
        return nodes.list_item("", badge, text, classes=[] if is_there else ["unit-later"])


# -- the page of a chapter


def chapter_links(app: Sphinx, docname: str) -> list[tuple[str, str, str]]:
    """Return where a chapter's notebook can be had: words, address, what it is good for."""
    path = PurePosixPath(docname)
    if path.parts[0] != "chapters" or path.name == "index":
        return []
    notebook = f"{path.parent.name}/{path.name}.ipynb"
    up = "../" * (len(path.parts) - 1)
    links = [("Download the notebook", f"{up}notebooks/{notebook}", "for Jupyter on your machine")]
    if app.config.minitf_lite:
        lab = f"{up}lite/lab/index.html?path=notebooks/{notebook}"
        links.append(("Try it in the browser", lab, "JupyterLite: nothing to install"))
    if not app.config.minitf_repository:
        return links  # there is nowhere that Colab could take it from
    place = app.config.minitf_repository.removeprefix("https://github.com/")
    colab = f"{COLAB}/{place}/blob/main/notebooks/{notebook}"
    return [*links, ("Open in Colab", colab, "needs a Google account")]


def add_links(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Put a chapter's links below its title."""
    links = chapter_links(app, page)
    if not links or "body" not in context:
        return
    items = "".join(f'<li><a href="{u}" title="{why}">{words}</a></li>' for words, u, why in links)
    head, mark, rest = context["body"].partition("</h1>")
    context["body"] = f'{head}{mark}<ul class="chapter-links">{items}</ul>{rest}'


def write_notebooks(app: Sphinx, error: Exception | None) -> None:
    """Put the notebooks beside the pages that link to them."""
    if error is not None or app.builder.format != "html":
        return
    for chapter in notebooks.chapters(Path(app.srcdir)):
        path = Path(app.outdir, "notebooks", chapter.parent.name, f"{chapter.stem}.ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.write_text(notebooks.notebook(chapter), encoding="utf-8")
        except CourseError as complaint:
            logger.warning("%s", complaint)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register all this with Sphinx."""
    published = notebooks.repository(Path(__file__).parents[2])
    repository = os.environ.get("MINITF_REPOSITORY", published).rstrip("/")
    app.add_config_value("minitf_repository", repository, "html")
    app.add_config_value("minitf_lite", os.environ.get("MINITF_LITE") == "1", "html")
    app.add_directive("course-map", CourseMap)
    app.add_directive("exercises", Exercises)
    app.connect("source-read", complete_unit)
    app.connect("html-page-context", add_links, priority=900)
    app.connect("build-finished", write_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
