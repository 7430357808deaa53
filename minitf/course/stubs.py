"""The untouched stubs, kept in ``solutions/stubs.json``: what `reset` brings back.

The file is made from ``exercises/`` by ``python -m minitf.course stubs``, and a test says when it
is stale. Without it, a learner who has written into a stub could not begin anew without git.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from minitf.course.exercise import Exercise, exercises
from minitf.course.places import CourseError
from minitf.paths import write_whole


def archive(root: Path) -> Path:
    """Return the file that holds them."""
    return root / "solutions" / "stubs.json"


def gathered(root: Path) -> str:
    """Return the text of the archive as it should be now."""
    stubs = {e.id: e.file.read_text(encoding="utf-8").splitlines() for e in exercises(root)}
    return json.dumps(stubs, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write(root: Path) -> Path:
    """Write the archive."""
    write_whole(archive(root), gathered(root).encode())
    return archive(root)


def untouched(exercise: Exercise) -> str:
    """Return the text of a stub as it was."""
    path = archive(exercise.root)
    held = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if exercise.id not in held:
        raise CourseError(
            f"{path} does not hold {exercise.id}. With git: git checkout -- {exercise.file}"
        )
    return "\n".join(held[exercise.id]) + "\n"


def reset(exercise: Exercise) -> Path | None:
    """Put the stub back; return where the learner's file has gone, if there was one."""
    text = untouched(exercise)
    kept = None
    if exercise.file.exists() and exercise.file.read_bytes() != text.encode():
        kept = exercise.file.with_suffix(f".py.{datetime.now():%Y%m%d-%H%M%S}")
        exercise.file.replace(kept)
    write_whole(exercise.file, text.encode())
    return kept
