"""What a learner has reached, kept in a file of their own; nobody else reads it.

The file lies in the cache directory (``MINITF_CACHE``), and holds for each course folder and
exercise: attempts, points, hints shown, and whether the solution was shown.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from minitf.paths import cache_directory, write_whole

Record = dict[str, Any]
NEW: Record = {"attempts": 0, "points": 0, "of": 0, "best": 0, "state": "to do", "hints": 0}


def file() -> Path:
    """Return where it is kept."""
    return cache_directory("course") / "progress.json"


def everything() -> dict[str, dict[str, Record]]:
    """Return what is known, by course folder and exercise."""
    if not file().exists():
        return {}
    try:
        held = json.loads(file().read_text(encoding="utf-8"))
    except ValueError:
        held = None
    if not isinstance(held, dict) or not all(isinstance(part, dict) for part in held.values()):
        kept = file().with_suffix(".damaged")
        file().replace(kept)
        warnings.warn(f"{file()} was damaged and begins anew; it is now {kept.name}", stacklevel=2)
        return {}
    return held


def records(root: Path) -> dict[str, Record]:
    """Return what is known about the exercises of one course folder."""
    return everything().get(str(root), {})


def record(root: Path, name: str) -> Record:
    """Return what is known about one exercise."""
    return {**NEW, **records(root).get(name, {})}


def change(root: Path, name: str, **values: Any) -> None:
    """Write something down."""
    held = everything()
    held.setdefault(str(root), {})[name] = {**record(root, name), **values}
    write_whole(file(), json.dumps(held, indent=1, sort_keys=True).encode())


def note(scores: Iterable[Any]) -> None:
    """Write the scores of a run down. A file with nothing but to-dos is not an attempt."""
    for score in scores:
        before = record(score.root, score.id)
        tried = score.state != "to do"
        change(
            score.root,
            score.id,
            attempts=before["attempts"] + tried,
            points=score.points,
            of=score.of,
            best=max(before["best"], score.points),
            state=score.state,
        )
