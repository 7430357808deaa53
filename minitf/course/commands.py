"""The command line: ``python -m minitf.course``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

from minitf.course import notebooks, plugging, progress, stubs
from minitf.course.checking import Result, check, graded
from minitf.course.exercise import ID, Exercise, exercises, find
from minitf.course.explained import explained
from minitf.course.places import CourseError, root, shown
from minitf.course.programs import run_program
from minitf.course.scoreboard import bar, hint_lines
from minitf.course.watching import saved

Options = argparse.Namespace
PROGRAM = "python -m minitf.course"


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments say; return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a console may lack a letter of a path
            stream.reconfigure(errors="backslashreplace")
    options = parser().parse_args(arguments)
    try:
        return options.run(options) or 0
    except CourseError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print()
        return 130
    except BrokenPipeError:  # whoever was reading, `head` say, has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the reader of arguments."""
    top = argparse.ArgumentParser(prog=PROGRAM, description="Exercises and notebooks.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        return made

    command("list", list_all, "every exercise, with what you have reached")
    command("next", show_next, "the first one that is not done: what to do in it")
    one = command("check", check_one, "grade what you wrote; by default, the next one")
    one.add_argument("id", nargs="?")
    one.add_argument("--plugged", metavar="ID", action="append", default=[],
                     help="switch this exercise on in minitf meanwhile")  # fmt: skip
    one.add_argument("--solutions", action="store_true", help="grade the solution instead")
    command("hint", hint, "one more hint").add_argument("id", nargs="?")
    one = command("solution", solution, "one way to solve it, beside yours")
    one.add_argument("id")
    one.add_argument("--anyway", action="store_true", help="without an attempt before")
    command("progress", show_progress, "your points, by unit")
    command("reset", reset, "begin anew; what you wrote is kept aside").add_argument("id")
    one = command("use", use, "run a program, or the graders before, on what you built")
    one.add_argument("words", nargs=argparse.REMAINDER,
                     metavar="ID ... [program [argument ...]]")  # fmt: skip
    command("watch", watch, "grade on every save; ends with Ctrl-C").add_argument("id", nargs="?")
    one = command("notebooks", write_notebooks, "write notebooks/ from chapters/ (for authors)")
    one.add_argument("--check", action="store_true", help="only say which are stale")
    command("stubs", write_stubs, "keep the stubs as they are now for `reset` (for authors)")
    return top


# -- looking around ----------------------------------------------------------------------------


def list_all(options: Options) -> None:
    here = root()
    for unit, group in groupby(exercises(here), key=lambda e: e.unit):
        print(f"\n{unit}")
        for exercise in group:
            known = progress.record(here, exercise.id)
            about = f"{exercise.sheet.title} ({exercise.sheet.minutes} min)"
            drawn = bar(known["points"], known["of"])
            print(f"  {exercise.id:32} {drawn} {known['state']:5}  {about}")


def show_next(options: Options) -> None:
    exercise = next_one(root())
    sheet = exercise.sheet
    print(
        f"{exercise.id}: {sheet.title}  (difficulty {sheet.difficulty} of 5, {sheet.minutes} min)"
    )
    print(f"\n{sheet.text}\n\nApproach: {sheet.approach}\n")
    print(f"edit   {shown(exercise.file)}\nread   chapters/{sheet.section}")
    print(f"then   {PROGRAM} check {exercise.id}")


def next_one(here: Path) -> Exercise:
    """Return the first exercise that is not done."""
    known = progress.records(here)
    for exercise in exercises(here):
        if known.get(exercise.id, {}).get("state") != "done":
            return exercise
    raise CourseError("Every exercise is done. That was the course; what will you build with it?")


def chosen(options: Options) -> Exercise:
    """Return the exercise that was named, or the next one."""
    return find(root(), options.id) if options.id else next_one(root())


def show_progress(options: Options) -> None:
    here = root()
    known = progress.records(here)
    for unit, group in groupby(exercises(here), key=lambda e: e.unit):
        ids = [e.id for e in group]
        held = [known[i] for i in ids if i in known]
        points, of = sum(h["points"] for h in held), sum(h["of"] for h in held)
        done = sum(h["state"] == "done" for h in held)
        graded = f"{points} of the {of} points graded so far" if of else "nothing graded yet"
        reached = f"{done} of {len(ids)} done, {graded}"
        print(f"{unit:28} {bar(done, len(ids))} {reached}")
    print(f"\nkept in {progress.file()}")


# -- working on one ----------------------------------------------------------------------------


def check_one(options: Options) -> int:
    result = check(chosen(options).id, plugged=options.plugged, solutions=options.solutions)
    return int(result.state == "wrong")


def hint(options: Options) -> None:
    exercise = chosen(options)
    hints = exercise.sheet.hints
    number = min(progress.record(exercise.root, exercise.id)["hints"] + 1, len(hints))
    progress.change(exercise.root, exercise.id, hints=number)
    print("\n\n".join(hint_lines(exercise, number)))


def solution(options: Options) -> None:
    exercise = find(root(), options.id)
    attempts = progress.record(exercise.root, exercise.id)["attempts"]
    if not attempts and not options.anyway:
        raise CourseError(
            f"You have not tried {exercise.id} yet, and you would learn little from an answer to a "
            f"question that you have not asked. Edit {shown(exercise.file)} and check it; "
            f"'{PROGRAM} hint {exercise.id}' helps. To see it nevertheless: --anyway"
        )
    progress.change(exercise.root, exercise.id, solution_seen=True)
    print(explained(exercise))


def reset(options: Options) -> None:
    exercise = find(root(), options.id)
    kept = stubs.reset(exercise)
    print(f"{shown(exercise.file)} is as it was at the beginning.")
    if kept:
        print(f"What you had written is in {shown(kept)}.")


def watch(options: Options) -> None:
    here = root()
    only = find(here, options.id) if options.id else None

    def files() -> list[Path]:
        return [e.file for e in ([only] if only else exercises(here))]

    changes = saved(files)
    print(f"watching {shown(only.file) if only else 'exercises/'}; Ctrl-C ends it", flush=True)
    for changed in changes:
        for path in changed:
            print(f"\n--- {shown(path)} was saved", flush=True)
            print(graded(find(here, str(path))), flush=True)


# -- building on it ----------------------------------------------------------------------------


def use(options: Options) -> int:
    words = options.words
    count = next((i for i, word in enumerate(words) if not ID.fullmatch(word)), len(words))
    ids, program = words[:count], words[count:]
    if not ids:
        raise CourseError(f"name an exercise first, as in: {PROGRAM} use 03/adam program.py")
    if program:
        for name in ids:
            plugging.use(name)
        try:
            run_program(program)
        except Exception as error:
            error.add_note(f"minitf was running on your {', '.join(ids)}")
            raise
        return 0
    for name in ids:
        plugging.refuse_to_do(find(root(), name))
    return int(any(result.state == "wrong" for result in earlier(ids)))


def earlier(ids: list[str]) -> list[Result]:
    """Grade what has been done before an exercise, with that switched on in minitf."""
    here = root()
    known = progress.records(here)
    last = max(ids)
    names = [e.id for e in exercises(here) if e.id[:2] <= last[:2] and e.id not in ids]
    done = [name for name in names if known.get(name, {}).get("state") == "done"]
    if not done:
        raise CourseError(
            f"You have done no exercise yet that could be graded on {', '.join(ids)}. To run a "
            f"program on it: {PROGRAM} use {' '.join(ids)} program.py"
        )
    print(f"grading {len(done)} exercises that you have done, on {', '.join(ids)}\n")
    return [check(name, plugged=ids) for name in done]


# -- for authors -------------------------------------------------------------------------------


def write_notebooks(options: Options) -> int:
    stale = notebooks.stale(root())
    if not options.check:
        notebooks.write(root())
    said = "is stale" if options.check else "written"
    for path in stale:
        print(f"{shown(path)} {said}")
    return int(options.check and bool(stale))


def write_stubs(options: Options) -> None:
    print(f"{shown(stubs.write(root()))} written")
