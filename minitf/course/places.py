"""Where the course lies: the folder with exercises/, solutions/ and chapters/ in it."""

from __future__ import annotations

import os
from pathlib import Path

from minitf.errors import Error


class CourseError(Error, ValueError):
    """Something about the course itself is wrong: a name, a file, a missing step."""

    def __str__(self) -> str:
        return " ".join(map(str, self.args))  # the reader's own line has nothing to do with it


def root() -> Path:
    """Return the course's folder.

    It is the one that the environment variable ``MINITF_COURSE`` names; else the nearest one, from
    the working directory upwards, that holds ``exercises/conftest.py``; else the checkout from
    which minitf was imported.
    """
    if chosen := os.environ.get("MINITF_COURSE"):
        if not is_course(found := Path(chosen).expanduser()):
            raise CourseError(f"MINITF_COURSE names {found}, where there is no exercises/ folder")
        return found.resolve()
    here = Path.cwd()
    candidates = [here, *here.parents, Path(__file__).resolve().parents[2]]
    for folder in candidates:
        if is_course(folder):
            return folder
    raise CourseError(
        f"no course was found in {here} or above it: start Python inside the folder that you "
        "cloned, or let MINITF_COURSE name it"
    )


def is_course(folder: Path) -> bool:
    """Return whether a folder holds the exercises."""
    return (folder / "exercises" / "conftest.py").is_file()


def shown(path: Path) -> str:
    """Return a path as people read it: from the working directory, with forward slashes."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()
