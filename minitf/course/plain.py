"""Saying a chapter's text without Sphinx: MyST's directives and roles as plain Markdown."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from minitf.course import answers, quiz
from minitf.course.included import included
from minitf.course.myst import Block, block_at, options
from minitf.course.places import CourseError

DIRECTIVE = re.compile(r"\{(?P<name>[\w:.-]+)\}\s*(?P<argument>.*)")
ROLE = re.compile(r"\{(?P<name>[\w:.-]+)\}`(?P<text>[^`]+)`")
TITLED = re.compile(r"(?P<title>.*?)\s*<(?P<target>[^>]+)>", re.DOTALL)
LINK = re.compile(r"(?P<start>!?\[[^\]]*\]\()(?P<target>[^)\s]+)")


@dataclass(frozen=True)
class Directive:
    """A directive in a chapter."""

    chapter: Path
    name: str
    argument: str
    options: dict[str, str]
    body: str

    @property
    def text(self) -> str:
        """Its body as plain Markdown."""
        return plain(self.body, self.chapter)


def plain(text: str, chapter: Path) -> str:
    """Return MyST-Markdown of a chapter as Markdown that Jupyter understands."""
    lines, said, at = text.splitlines(), [], 0
    while at < len(lines):
        block = block_at(lines, at)
        if block:
            said.append(_block(lines, block, chapter))
            at = block.end + 1
        else:
            if not re.match(r"%|\([\w.:-]+\)=\s*$", lines[at]):  # comments and targets of links
                said.append(_line(lines[at], chapter))
            at += 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(said)).strip("\n")


def _block(lines: list[str], block: Block, chapter: Path) -> str:
    directive = DIRECTIVE.match(block.info)
    if not directive:
        return "\n".join(lines[block.start : block.end + 1])  # a listing, as it is
    body = textwrap.dedent("\n".join(lines[block.start + 1 : block.end])).splitlines()
    header, rest = options(body)
    known = {
        name: value.strip() for name, value in re.findall(r"^\s*:?([\w-]+):(.*)$", header, re.M)
    }
    name, argument = directive["name"], directive["argument"].strip()
    found = Directive(chapter, name, argument, known, "\n".join(rest).strip("\n"))
    if name not in DIRECTIVES:
        raise CourseError(
            f"{chapter.name}: the notebooks do not know the directive {{{name}}}. Say in "
            f"minitf/course/plain.py what it becomes in plain Markdown"
        )
    return textwrap.indent(DIRECTIVES[name](found), block.indent)


def _line(line: str, chapter: Path) -> str:
    return LINK.sub(lambda m: m["start"] + _target(m["target"], chapter), ROLE.sub(_role, line))


def _role(match: re.Match) -> str:
    """Return what a role becomes: maths, a link, an emphasised term, or code."""
    name, text = match["name"], match["text"]
    titled = TITLED.fullmatch(text)
    if name == "math":
        return f"${text}$"
    if name in ("doc", "download") and titled:
        return (
            f"[{titled['title']}]({titled['target']}.ipynb)" if name == "doc" else titled["title"]
        )
    shown = titled["title"] if titled else text
    return (
        f"*{shown}*"
        if name in ("term", "ref", "numref", "abbr", "doc", "prf:ref")
        else f"`{shown}`"
    )


def _target(target: str, chapter: Path) -> str:
    """Where a link leads from the notebook: to notebooks, and to files beside the chapter."""
    path, _, _ = target.partition("#")
    if not path or re.match(r"[a-z]+:", target):
        return target
    there = (chapter.parent / path).resolve()
    if path.endswith(".md") and "chapters" in there.parts:
        return path.removesuffix(".md") + ".ipynb"
    if "/" not in path.replace("../", "") and there.is_file() or not path.startswith("../.."):
        return f"../../chapters/{chapter.parent.name}/{path}"
    return target


# -- what each directive becomes ---------------------------------------------------------------


def _quoted(title: str, text: str) -> str:
    return textwrap.indent(f"**{title}**\n\n{text}".strip(), "> ", lambda line: True)


def _folded(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def _admonition(it: Directive) -> str:
    """Return a box with its own title, or with its kind for one."""
    own = it.name in ("admonition", "exercise", "card")
    title = plain(it.argument, it.chapter) if own else it.name.capitalize()
    first = "" if own or not it.argument else plain(it.argument, it.chapter) + "\n"
    if "dropdown" in it.options.get("class", ""):
        return _folded(title, first + it.text)
    return _quoted(title, first + it.text)


def _tab(it: Directive) -> str:
    return f"**{it.argument}**\n\n{it.text}\n"


def _listing(it: Directive) -> str:
    caption = it.options.get("caption")
    said = f"*{caption}*\n\n" if caption else ""
    return f"{said}```{it.argument or 'python'}\n{it.body}\n```"


def _included(it: Directive) -> str:
    path = (it.chapter.parent / it.argument).resolve()
    code = included(path, it.options)
    caption = it.options.get("caption") or it.argument.removeprefix("../../")
    return f"*{caption}*\n\n```{it.options.get('language', 'python')}\n{code}\n```"


def _figure(it: Directive) -> str:
    alt = it.options.get("alt", "")
    shown = f"![{alt}]({_target(it.argument, it.chapter)})"
    return f"{shown}\n\n*{it.text}*" if it.body.strip() else shown


def _maths(it: Directive) -> str:
    return f"$$\n{(it.argument + chr(10) + it.body).strip()}\n$$"


def _quiz(it: Directive) -> str:
    asked = answers.filled(it.chapter, quiz.parse(it.argument, it.body))
    marks = "\n".join(f"- {option.text}" for option in asked.options)
    told = "\n".join(
        f"- **{'Right' if o.right else 'Wrong'}:** {o.text}. {o.why}".replace("..", ".")
        for o in asked.options
    )
    return plain(f"**{asked.question}**\n\n{marks}", it.chapter) + "\n\n" + _folded("Answers", told)


def _folded_text(it: Directive) -> str:
    return _folded(plain(it.argument, it.chapter) or "Solution", it.text)


def _text(it: Directive) -> str:
    return it.text


def _nothing(it: Directive) -> str:
    return ""


def _elsewhere(it: Directive) -> str:
    return "*(This can be played with on the website.)*"


KINDS: dict[Callable[[Directive], str], str] = {
    _admonition: "admonition note tip hint warning caution attention important danger error "
                 "seealso todo exercise card topic sidebar",
    _tab: "tab-item",
    _text: "tab-set grid grid-item grid-item-card div container epigraph margin rubric",
    _listing: "code code-block",
    _included: "literalinclude",
    _figure: "figure image",
    _maths: "math",
    _quiz: "quiz",
    _folded_text: "dropdown solution",
    _nothing: "toctree raw index contents tableofcontents only",
    _elsewhere: "graph-viewer stepper",
}  # fmt: skip
DIRECTIVES = {name: said for said, names in KINDS.items() for name in names.split()}
