"""Where minitf keeps files, and how it writes them: whole, or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path


def cache_directory(part: str = "") -> Path:
    """Return the directory for what can be made again: ``MINITF_CACHE``, or the platform's choice.

    Parameters
    ----------
    part : str, optional
        A folder inside it, which is created. Where that is not allowed (a read-only home), a
        folder of this process's own is used.
    """
    if chosen := os.environ.get("MINITF_CACHE"):
        base = Path(chosen).expanduser()
    elif sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
        base = Path(local) / "minitf"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches" / "minitf"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "minitf"
    return _created(base / part) if part else base


def _created(directory: Path) -> Path:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return directory
    except OSError:
        own = Path(tempfile.gettempdir()) / f"minitf-{os.getpid()}" / directory.name
        own.mkdir(parents=True, exist_ok=True)
        return own


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that its name always stands for the old content or all of the new.

    The bytes go to a temporary file beside it and are forced to the disk before the file gets its
    name; a process that is killed on the way leaves the old file.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
