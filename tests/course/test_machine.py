"""Graders and files that are broken on purpose: each ends in a message that says what to do."""

import os
import re

import pytest

from minitf.course.checking import Result
from minitf.course.messages import NOT_RUN
from tests.course.conftest import GRADER, STUB, SmallCourse, messages, once, solved

RIGHT = solved()

# name of the file: (what is wrong with it, what its message must say)
BROKEN = {
    "syntax_error": (
        RIGHT.replace("return x * x", "return x * (x"),
        [r"Python cannot read the file: '\(' was never closed", r"syntax_error\.py:21"],
    ),
    "helper_without_return": (
        RIGHT.replace("return x * x  # each by itself", "x = x * x"),
        ["'NoneType'", "Which of your functions may"],
    ),
    "wrong_indentation": (RIGHT.replace("    return x", "   return x"), ["unindent", ":2[12]"]),
    "endless_loop": (
        RIGHT.replace("return x * x", "while True: x = x + 1"),
        [r"stopped after 3 s", r"endless_loop\.py:21\s+while True: x = x \+ 1",
         "never becomes false", "not run, because an earlier test"],
    ),
    "endless_loop_that_catches_all": (
        RIGHT.replace(
            "return x * x",
            "while True:\n        try:\n            x = x + 1\n        except BaseException:\n"
            "            pass",
        ),
        [r"stopped after 3 s"],
    ),
    "waits_for_ever": (
        RIGHT.replace("return x * x", "import queue; return queue.Queue().get()"),
        [r"stopped after 3 s", r"waits_for_ever\.py:21"],
    ),
    "endless_loop_at_the_top": (
        RIGHT + "\nwhile True:\n    pass\n",
        [r"stopped after 3 s", r"endless_loop_at_the_top\.py:2\d"],
    ),
    "exception": (
        RIGHT.replace("x * x", "x @ np.ones(7)"),
        [r"your code raised an exception", "ValueError: matmul", r"exception\.py:21\s+return x @"],
    ),
    "recursion": (
        RIGHT.replace("x * x", "square(x)"),
        ["RecursionError", "never reaches the case that ends it"],
    ),
    "leaves_the_program": (
        RIGHT.replace("return x * x", "raise SystemExit"),
        ["SystemExit", "a function ends with `return`"],
    ),
    "ends_the_process": (
        RIGHT.replace("return x * x", "import os; os._exit(7)"),
        [r"the Python process ended \(exit code 7\)"],
    ),
    "crashes_the_interpreter": (
        RIGHT.replace("return x * x", "import ctypes; return ctypes.string_at(0)"),
        [r"the Python process ended", r"crashes_the_interpreter\.py:21"],
    ),
    "wrong_type": (
        RIGHT.replace("x * x", "list(x * x)"),
        ["an array or a Tensor is needed; it is a list", r"expected +array of shape \(1,\)"],
    ),
    "print_only": (
        RIGHT.replace("return x * x", "print(x * x)"),
        ["got +None", "None is what a function gives that has no `return`"],
    ),
    "none_is_added_up": (
        RIGHT.replace("return float(np.sum(square(x)))", "return [1, 2]"),
        ["a number is needed; it is a list"],
    ),
    "wrong_value": (
        RIGHT.replace("x * x", "x + x"),
        ["what +the square of 3", r"elements differ", "perhaps +Three threes, not two",
         "reread +chapters/01_basics/squares.md#squares", r"file .*wrong_value\.py"],
    ),
    "name_is_gone": (RIGHT.replace("def square", "def quadrat"), ["defines no 'square'"]),
    "imports_the_solution": (
        "from solutions import square\n\n" + RIGHT, ["uses the solutions", "line 1"],
    ),
    "reads_the_solution": (
        RIGHT.replace("return x * x", "import runpy; return runpy.run_path(HERE)['square'](x)"),
        ["it reads the solutions"],
    ),
    "uses_what_is_forbidden": (RIGHT.replace("x * x", "np.square(x)"), ["forbids", "numpy.square"]),
    "uses_it_under_another_name": (
        RIGHT.replace("import numpy as np", "import numpy as np\nfrom minitf import keras")
        .replace("x * x", "keras.optimizers.SGD"),
        [r"forbids: line 22 uses minitf\.optimizers \(here as\s+minitf\.keras\.optimizers\.SGD\)"],
    ),
    "imports_what_is_not_there": (
        RIGHT.replace("import numpy as np", "import numpy as np\nimport no_such_module"),
        ["No module named 'no_such_module'", "nothing that is not installed"],
    ),
    "not_text": ("\0\0\0", ["null byte"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade every broken file in one run."""
    return once(tmp_path_factory, "broken", lambda: grade_broken(tmp_path_factory))


def grade_broken(tmp_path_factory):
    course = SmallCourse(tmp_path_factory.mktemp("broken") / "Jörgs Übungen 学习")
    course.add("01_basics", "squares")
    reference = course.folder / "solutions/01_basics/squares.py"
    for name, (text, _) in BROKEN.items():
        text = text.replace("HERE", repr(str(reference)))
        course.write(f"wrong/01_basics/squares/{name}.py", text)
    text, scores = course.pytest("--planted=wrong", "--time-limit=3")
    assert scores, text
    return scores


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_end_in_a_clear_message(name, graded):
    said = messages(graded[name])
    missing = [part for part in BROKEN[name][1] if not re.search(part, said)]
    assert not missing, said
    assert graded[name]["points"] < 10
    assert "Traceback" not in said
    assert f"{name}.py" in said, "the message names the file that was graded"


def test_what_a_function_printed_is_kept(graded):
    assert graded["print_only"]["tests"][0]["printed"] == "[9.]\n"


# -- what is graded ----------------------------------------------------------------------------


def test_a_stub_is_to_do_and_a_solution_is_done(course):
    course.add("01_basics", "squares")
    text, scores = course.pytest()
    assert (scores["01/squares"]["state"], scores["01/squares"]["points"]) == ("to do", 0)
    assert "2 to do" in text
    assert "NotImplementedError" not in text
    text, scores = course.pytest("--solutions", "--in-process")
    assert (scores["01/squares"]["state"], scores["01/squares"]["points"]) == ("done", 10)
    assert "solutions/01_basics/squares.py" in text
    assert "not your files" in text


def test_a_wrong_file_is_never_replaced_by_the_reference(course):
    course.add("01_basics", "squares", RIGHT.replace("x * x", "x + x"))
    text, scores = course.pytest()
    assert scores["01/squares"]["state"] == "wrong"
    assert "exercises/01_basics/squares.py" in text
    (course.folder / "exercises/01_basics/squares.py").unlink()
    text, scores = course.pytest("--in-process")
    assert scores["01/squares"]["points"] == 0
    assert "there is no file exercises/01_basics/squares.py" in text


def test_half_of_the_tests_is_half_of_the_points(course):
    half = STUB.replace('raise NotImplementedError("TODO: multiply")', "return x * x")
    course.add("01_basics", "squares", half)
    text, scores = course.pytest("--hints", "--in-process")
    assert (scores["01/squares"]["state"], scores["01/squares"]["points"]) == ("begun", 5)
    assert re.search(r"01/squares \[#####\.\.\.\.\.\] +5 of +10  begun", text)
    assert "01/squares, hint 3 of 3\n    the third hint" in text


def test_a_unit_can_be_chosen_and_every_unit_has_its_sum(course):
    course.add("01_basics", "squares", RIGHT)
    course.add("02_more", "squares")
    text, scores = course.pytest("--in-process")
    assert set(scores) == {"01/squares", "02/squares"}
    assert re.search(r"unit 01 +10 of +10", text)
    assert re.search(r"all +10 of +20", text)
    _, scores = course.pytest("--in-process", "-m", "unit02")
    assert set(scores) == {"02/squares"}


def test_two_graders_with_one_id_are_an_error(course):
    course.add("01_basics", "squares")
    course.add("01_beginnings", "squares")
    text, scores = course.pytest("--in-process")
    assert "two graders call themselves '01/squares'" in text
    assert not scores


def test_an_id_that_is_not_that_of_the_file_is_an_error(course):
    course.add("01_basics", "squares")
    course.write("exercises/01_basics/test_squares.py", GRADER.replace("{id}", "02/squares"))
    assert "by its place it is '01/squares'" in course.pytest("--in-process")[0]


def test_pytest_can_be_run_on_every_folder(course):
    course.add("01_basics", "squares", RIGHT)
    done = course.run("-m", "pytest", ".", "--doctest-modules", "-q")
    assert "2 passed" in done.stdout, done.stdout


# -- learners ----------------------------------------------------------------------------------


def test_tests_after_one_that_hung_are_not_called_wrong():
    tests = [
        {"test": name, "outcome": "failed", "message": message, "printed": ""}
        for name, message in [("a", "what      stopped"), ("b", NOT_RUN), ("c", NOT_RUN)]
    ]
    about = {"id": "01/squares", "file": "squares.py", "state": "wrong", "points": 0, "of": 10}
    lines = Result(about | {"tests": tests}).lines()
    assert [line[:9] for line in lines if line[2] != " "] == ["  WRONG  ", "  not run", "  not run"]
    assert sum("used up the time" in line for line in lines) == 1


def test_a_notebook_checks_on_the_same_grader(course):
    file = course.add("01_basics", "squares", RIGHT.replace("x * x", "x + x"))
    program = "from minitf.course import check; print([check('01/squares')])"
    text = course.run("-c", program).stdout
    assert "  WRONG   three is squared\n" in text
    assert "perhaps   Three threes, not two." in text
    assert text.rstrip().endswith("[01/squares: 0 of 10 points (wrong)]")
    file.write_text(RIGHT, encoding="utf-8")
    assert "[01/squares: 10 of 10 points (done)]" in course.run("-c", program).stdout


def test_an_edit_within_the_same_second_and_of_the_same_size_counts(course):
    file = course.add("01_basics", "squares", RIGHT)
    about = file.stat()
    assert course.pytest("--in-process")[1]["01/squares"]["state"] == "done"
    file.write_text(RIGHT.replace("x * x", "x + x"), encoding="utf-8")
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert course.pytest("--in-process")[1]["01/squares"]["state"] == "wrong"


def test_a_part_is_plugged_in_while_others_are_graded(course):
    course.add("01_basics", "squares", RIGHT)
    course.add("02_more", "squares", RIGHT.replace("x * x", "np.square(x)"))
    for grader in ("01_basics/squares", "02_more/squares"):
        for tree in ("exercises", "solutions"):
            path = course.folder / tree / f"{grader}.py"
            text = path.read_text(encoding="utf-8").replace(
                "Forbidden: numpy.square, ", "Forbidden: "
            )
            path.write_text(text, encoding="utf-8")
    wrong = RIGHT.replace("x * x", "x + 100")
    course.write("exercises/01_basics/squares.py", wrong)
    program = "from minitf.course import check; check('02/squares', plugged=['01/squares'])"
    text = course.run("-c", program).stdout
    assert re.search(r"got +array of shape \(1,\), float64:\n +\[103\.\]", text), text
    course.write("exercises/01_basics/squares.py", STUB)
    text = course.run("-c", program).stdout
    assert "01/squares cannot be switched on: 01/squares is still to do" in text
