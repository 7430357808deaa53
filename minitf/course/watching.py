"""Noticing that files were saved, by looking again and again: it works on every system."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Stamp = tuple[int, int]

PAUSE = 0.3  # seconds between two looks


def stamps(files: Callable[[], list[Path]]) -> dict[Path, Stamp]:
    """Return when each file was last written, and its size; missing files are left out."""
    found = {}
    for path in files():
        try:
            about = path.stat()
        except OSError:
            continue  # an editor that replaces a file removes it for a moment
        found[path] = about.st_mtime_ns, about.st_size
    return found


def saved(
    files: Callable[[], list[Path]], sleep: Callable[[float], None] = time.sleep
) -> Iterator[list[Path]]:
    """Return an endless iterator over the files that were written since the last look.

    Parameters
    ----------
    files : callable
        Returns the files to look at; asked each time, so that new ones are seen.
    sleep : callable
        What to do between two looks. The first look is now.
    """
    return _changes(stamps(files), files, sleep)


def _changes(before: dict[Path, Stamp], files: Any, sleep: Any) -> Iterator[list[Path]]:
    while True:
        sleep(PAUSE)
        now = stamps(files)
        changed = [path for path, stamp in now.items() if before.get(path) != stamp]
        before = now
        if changed:
            yield changed
