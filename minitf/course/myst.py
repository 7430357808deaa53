"""Reading a chapter: MyST-Markdown that is also a notebook, cut into its cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^(?P<indent>\s*)(?P<fence>`{3,}|~{3,}|:{3,})(?P<info>[^`]*)$")
CODE_CELL = re.compile(r"\{code-cell\}")


@dataclass(frozen=True)
class Cell:
    """A piece of a chapter: text, or code that is run."""

    kind: str  # "markdown" or "code"
    source: str
    tags: tuple[str, ...]
    line: int  # where its first line stands in the chapter


@dataclass(frozen=True)
class Block:
    """Lines between two fences, and what stands after the first."""

    start: int
    end: int  # the line of the closing fence
    info: str
    indent: str


def read(path: Path) -> list[Cell]:
    """Return the cells of a chapter."""
    return cells(path.read_text(encoding="utf-8"))


def cells(text: str) -> list[Cell]:
    """Return the cells of a chapter's text."""
    lines = text.splitlines()
    found: list[Cell] = []
    begin = at = front_matter(lines)
    while at < len(lines):
        block = block_at(lines, at)
        if block and CODE_CELL.match(block.info):
            found += _markdown(lines, begin, at)
            found.append(_code(lines, block))
        elif lines[at].startswith("+++"):
            found += _markdown(lines, begin, at)
        else:
            at = block.end + 1 if block else at + 1
            continue
        begin = at = (block.end if block else at) + 1
    return [*found, *_markdown(lines, begin, len(lines))]


def front_matter(lines: list[str]) -> int:
    """Return the number of lines that the header between two ``---`` takes."""
    if not lines or lines[0].strip() != "---":
        return 0
    return next((i + 1 for i, line in enumerate(lines) if i and line.strip() == "---"), 0)


def block_at(lines: list[str], at: int) -> Block | None:
    """Return the fenced block that begins in a line, if one does."""
    opened = FENCE.match(lines[at])
    if not opened:
        return None
    fence = opened["fence"]
    closing = re.compile(rf"^\s*{re.escape(fence[0])}{{{len(fence)},}}\s*$")
    ends = (i for i in range(at + 1, len(lines)) if closing.match(lines[i]))
    return Block(at, next(ends, len(lines)), opened["info"].strip(), opened["indent"])


def _markdown(lines: list[str], begin: int, end: int) -> Iterator[Cell]:
    text = "\n".join(lines[begin:end]).strip("\n")
    if text.strip():
        yield Cell("markdown", text, (), begin + 1)


def _code(lines: list[str], block: Block) -> Cell:
    body = lines[block.start + 1 : block.end]
    header, code = options(body)
    tags = re.search(r"tags:\s*\[(.*?)\]|tags:\s*((?:\n?\s*- \S+)+)", header)
    words = re.findall(r"[\w-]+", (tags[1] or tags[2]).replace("- ", " ")) if tags else []
    return Cell("code", "\n".join(code).strip("\n"), tuple(words), block.start + 1)


def options(body: list[str]) -> tuple[str, list[str]]:
    """Return the options at the head of a block, and the lines after them."""
    if body and body[0].strip() == "---":
        end = front_matter(body)
        return "\n".join(body[1 : end - 1]), body[end:]
    count = next(
        (i for i, line in enumerate(body) if not re.match(r"\s*:[\w-]+:", line)), len(body)
    )
    return "\n".join(body[:count]), body[count:]
