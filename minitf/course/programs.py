"""Running a program with the learner's parts switched on in minitf."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from minitf.course.places import CourseError


def run_program(words: list[str]) -> None:
    """Run a Python program, as ``python program.py argument ...`` would."""
    program, before = Path(words[0]), (sys.argv, sys.path[:])
    if not program.is_file():
        raise CourseError(f"there is no program {program}")
    sys.argv, sys.path[:0] = words, [str(program.resolve().parent)]
    try:
        runpy.run_path(str(program), run_name="__main__")
    finally:
        sys.argv, sys.path[:] = before
