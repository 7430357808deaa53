"""``python -m minitf.course``, and the parts that are switched on in minitf."""

import json
import re
import subprocess
import sys
import threading

import numpy as np
import pytest

import minitf as tf
from minitf.course import CourseError, commands, progress, stubs, unuse, use
from minitf.course.watching import saved
from tests.course.conftest import GRADER, ROOT, STUB, solved

RIGHT = solved()


@pytest.fixture
def here(course, monkeypatch):
    """The small course, with one exercise, as the one that commands are about."""
    course.add("01_basics", "squares")
    stubs.write(course.folder)
    monkeypatch.setenv("MINITF_COURSE", str(course.folder))
    monkeypatch.setenv("MINITF_CACHE", str(course.folder / "cache"))
    monkeypatch.chdir(course.folder)
    yield course
    unuse()


@pytest.fixture
def say(capsys):
    """Return a function that runs a command and returns its exit code and what it says."""

    def say(*words):
        code = commands.main(list(words))
        return code, "".join(capsys.readouterr())

    return say


def test_next_says_what_to_do(here, say):
    code, text = say("next")
    assert code == 0
    assert "01/squares: Squares  (difficulty 1 of 5, 5 min)" in text
    assert "edit   exercises/01_basics/squares.py" in text
    assert "read   chapters/01_basics/squares.md#squares" in text


def test_hints_come_one_at_a_time(here, say):
    assert "the second hint" not in say("hint")[1]
    assert "the second hint" in say("hint", "01/squares")[1]
    assert "the third hint" in say("hint")[1]
    assert "the third hint" in say("hint")[1]


def test_the_solution_is_shown_after_an_attempt(here, say):
    code, text = say("solution", "01/squares")
    assert code == 2
    assert "--anyway" in text
    assert "return x * x" not in text
    code, text = say("solution", "01/squares", "--anyway")
    assert code == 0
    assert '-    raise NotImplementedError("TODO: multiply")\n+    return x * x  # each' in text
    assert "== square" in text
    assert "Multiply it by itself." in text


def test_an_attempt_is_remembered_and_opens_the_solution(here, say):
    file = here.folder / "exercises/01_basics/squares.py"
    assert say("check")[0] == 0  # all to do: this is no attempt
    assert progress.record(here.folder, "01/squares")["attempts"] == 0
    file.write_text(RIGHT.replace("x * x", "x + x"), encoding="utf-8")
    assert say("check", "01/squares")[0] == 1
    assert progress.record(here.folder, "01/squares")["attempts"] == 1
    assert "-    return x + x" in say("solution", "01/squares")[1]
    assert re.search(r"01/squares +\[\.+\] wrong", say("list")[1])
    assert "0 of 1 done" in say("progress")[1]


def test_reset_brings_the_stub_back_and_keeps_what_was_written(here, say):
    file = here.folder / "exercises/01_basics/squares.py"
    file.write_text(RIGHT, encoding="utf-8")
    text = say("reset", "01/squares")[1]
    assert file.read_text(encoding="utf-8") == STUB
    kept = re.search(r"is in (\S+)\.$", text, re.MULTILINE)[1]
    assert (here.folder / kept).read_text(encoding="utf-8") == RIGHT


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check", "01/sqares"], "there is no exercise '01/sqares'. Did you mean 01/squares?"),
        (["hint", "zzz"], "python -m minitf.course list"),
        (["use", "program.py"], "name an exercise first"),
        (["use", "01/squares", "no.py"], "01/squares is still to do"),
        (["use", "01/squares"], "01/squares is still to do"),
        (["use"], "name an exercise first"),
    ],
)
def test_a_wrong_name_ends_in_advice(words, said, here, say):
    code, text = say(*words)
    assert code == 2
    assert said in text


def test_use_without_a_program_needs_exercises_to_grade(here, say):
    (here.folder / "exercises/01_basics/squares.py").write_text(RIGHT, encoding="utf-8")
    code, text = say("use", "01/squares")
    assert code == 2
    assert "use 01/squares program.py" in text


def test_nothing_is_kept_of_a_file_that_was_not_touched(here, say):
    assert "What you had written" not in say("reset", "01/squares")[1]
    assert [p.name for p in (here.folder / "exercises/01_basics").glob("squares.py*")] == [
        "squares.py"
    ]


def test_exercises_come_in_the_order_of_the_chapters(here, say):
    here.write("chapters/01_basics/index.md", "---\n_toc: [powers, squares]\n---\n")
    later = STUB.replace("squares.md", "powers.md").replace("Difficulty: 1", "Difficulty: 5")
    here.add("01_basics", "powers", later)
    here.write("solutions/01_basics/powers.py", later)
    assert [line.split()[0] for line in say("list")[1].splitlines() if "01/" in line] == [
        "01/powers",
        "01/squares",
    ]


def test_a_file_names_its_exercise(here, say):
    assert "01/squares, hint 1" in say("hint", "exercises/01_basics/squares.py")[1]


def test_damaged_progress_is_kept_aside(here):
    progress.change(here.folder, "01/squares", points=3)
    assert json.loads(progress.file().read_text())[str(here.folder)]["01/squares"]["points"] == 3
    progress.file().write_text("{", encoding="utf-8")
    with pytest.warns(UserWarning, match="was damaged"):
        assert progress.record(here.folder, "01/squares") == progress.NEW
    assert progress.file().with_suffix(".damaged").read_text() == "{"


def test_without_a_course_there_is_a_message(tmp_path, monkeypatch, say):
    monkeypatch.setenv("MINITF_COURSE", str(tmp_path))
    code, text = say("list")
    assert code == 2
    assert "there is no exercises/ folder" in text


# -- watching ----------------------------------------------------------------------------------


def test_saved_files_are_noticed(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("1")
    steps = iter([lambda: None, lambda: path.write_text("22"), path.unlink,
                  lambda: path.write_text("3")])  # fmt: skip
    changes = saved(lambda: [path], sleep=lambda seconds: next(steps)())
    assert next(changes) == [path]
    assert path.read_text() == "22"
    assert next(changes) == [path]
    assert path.read_text() == "3"


def test_watch_grades_on_every_save(here):
    watching = subprocess.Popen(
        [sys.executable, "-m", "minitf.course", "watch"], cwd=here.folder, env=here.environment,
        stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    guard = threading.Timer(240, watching.kill)
    guard.start()
    try:
        assert "watching exercises/" in watching.stdout.readline()
        file = here.folder / "exercises/01_basics/squares.py"
        file.write_text(RIGHT, encoding="utf-8")
        for line in watching.stdout:
            if "points" in line:
                break
        assert line == "01/squares: 10 of 10 points (done)\n"
    finally:
        guard.cancel()
        watching.kill()
        watching.communicate()


# -- plugging in -------------------------------------------------------------------------------


@pytest.fixture
def plug(here):
    """The small exercise, solved, which replaces np.square; its sheet forbids nothing."""
    text = RIGHT.replace("Forbidden: numpy.square, minitf.optimizers\n", "")
    for tree in ("exercises", "solutions"):
        here.write(f"{tree}/01_basics/squares.py", text.replace("x * x", "x + 100"))
    return here


def test_a_part_is_switched_on_and_off(plug, capsys):
    with use("01/squares") as part:
        assert np.square(1) == 101
        assert part.is_on
    assert np.square(1) == 1
    assert not part.is_on
    assert "minitf uses 01/squares from exercises/01_basics/squares.py" in capsys.readouterr().out
    use("01/squares")
    use("01/squares")  # the second replaces the first
    assert np.square(1) == 101
    unuse("01/squares")
    unuse("01/squares")
    assert np.square(1) == 1


def test_install_may_return_a_function(plug):
    grader = GRADER.replace("{id}", "01/squares").split("def install")[0] + (
        "def install(work):\n    old, np.square = np.square, work.square\n"
        "    def undo():\n        np.square = old\n    return undo\n"
    )
    plug.write("exercises/01_basics/test_squares.py", grader)
    use("01/squares")
    assert np.square(1) == 101
    unuse()
    assert np.square(1) == 1


def test_what_is_to_do_cannot_be_used(here, capsys):
    with pytest.raises(CourseError, match="01/squares is still to do .*square, total"):
        use("01/squares")
    with use("01/squares", optional=True) as part:
        assert not part.is_on
        assert np.square(3) == 9
    assert "so minitf uses its own" in capsys.readouterr().out


def test_what_replaces_nothing_cannot_be_used(plug):
    grader = GRADER.replace("{id}", "01/squares").split("def install")[0]
    plug.write("exercises/01_basics/test_squares.py", grader)
    with pytest.raises(CourseError, match="replaces no part of minitf"):
        use("01/squares")


def test_a_program_runs_on_what_was_built(plug):
    program = plug.write(
        "a program.py", "import sys, numpy\nprint(numpy.square(1), sys.argv[1:])\n"
    )
    done = plug.command("use", "01/squares", str(program), "--flag", "1")
    assert done.stdout.splitlines()[-1] == "101 ['--flag', '1']", done.stderr


def test_an_error_of_a_program_says_on_whose_part_it_ran(plug):
    program = plug.write("program.py", "1 / 0\n")
    done = plug.command("use", "01/squares", str(program))
    assert done.stderr.splitlines()[-1] == "minitf was running on your 01/squares"


def test_a_part_that_was_graded_wrong_says_so(plug, capsys):
    progress.change(plug.folder, "01/squares", state="wrong")
    use("01/squares")
    assert "Its last grade was not full" in capsys.readouterr().out


def test_minitf_trains_with_the_adam_of_the_exercise(monkeypatch, tmp_path):
    """The milestone of unit 3: real training, on the learner's own optimizer."""
    folder = tmp_path / "course"
    for part in ("exercises/conftest.py", "exercises/03_building_blocks/test_adam.py"):
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        (folder / part).write_text((ROOT / part).read_text(encoding="utf-8"), encoding="utf-8")
    solution = (ROOT / "solutions/03_building_blocks/adam.py").read_text(encoding="utf-8")
    (folder / "exercises/03_building_blocks/adam.py").write_text(solution, encoding="utf-8")
    monkeypatch.setenv("MINITF_COURSE", str(folder))

    def trained():
        w = tf.Variable([1.0, -2.0])
        adam = tf.optimizers.Adam(0.1)

        @tf.function
        def step():
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(w * w * w * w)
            adam.apply_gradients(zip(tape.gradient(loss, [w]), [w]))

        for _ in range(10):
            step()
        return w.numpy()

    ours = trained()
    with use("03/adam"):
        theirs = trained()
    np.testing.assert_allclose(theirs, ours, rtol=1e-5)
    file = folder / "exercises/03_building_blocks/adam.py"
    file.write_text(solution.replace("w - rate", "w + rate"), encoding="utf-8")
    with use("03/adam"):
        assert np.all(np.abs(trained()) > np.abs([1.0, -2.0])), "the learner's mistake is at work"
    np.testing.assert_array_equal(trained(), ours)
