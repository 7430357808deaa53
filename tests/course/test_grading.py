"""The honest grader: what CI proves of every exercise.

The untouched stub is to do, the solution gets all points, and planted mistakes are met with the
message that is meant for them. All of it is done by the machine that learners use.
"""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from minitf import keras
from minitf.course import plugging, sheet, stubs
from minitf.course.exercise import exercises
from tests.course.conftest import once

ROOT = Path(__file__).resolve().parents[2]
EXERCISES = {e.id: e for e in exercises(ROOT)}
WRONG = ROOT / "tests" / "course" / "wrong"
PLANTED = sorted(WRONG.glob("*/*/*.py"))

every_exercise = pytest.mark.parametrize("name", EXERCISES)


def fresh(words, cache):
    """Run a command in the repository, with a cache of its own."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTEST_ADDOPTS"} | {
        "MINITF_CACHE": str(cache),
        "PYTHONPATH": str(ROOT),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    return subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", timeout=500
    )


@pytest.fixture(scope="module")
def grade(tmp_path_factory):
    """Return a function that grades everything, and returns the scores by graded file."""
    folder = tmp_path_factory.mktemp("scores")
    done = {}

    def run(option):
        score = folder / "score.json"
        words = [sys.executable, "-m", "pytest", "exercises", f"--score-json={score}", option]
        said = fresh(words, folder / "cache")
        assert score.exists(), said.stdout + said.stderr
        text = score.read_text(encoding="utf-8")
        score.unlink()
        return {s["file"]: s for s in json.loads(text)}

    def grade(option, file):
        if option not in done:
            name = "graded" + option.partition("=")[0]
            done[option] = once(tmp_path_factory, name, lambda: run(option))
        return done[option][str(file)]

    return grade


def outcomes(score):
    return {test["outcome"] for test in score["tests"]}


@every_exercise
def test_the_untouched_stub_is_to_do(name, grade):
    score = grade("-q", EXERCISES[name].file)
    assert outcomes(score) == {"to do"}, score
    assert score["points"] == 0


@every_exercise
def test_the_solution_gets_all_points(name, grade):
    score = grade("--solutions", EXERCISES[name].solution)
    failed = [t["message"] for t in score["tests"] if t["outcome"] != "passed"]
    assert not failed, "\n\n".join(failed)
    assert score["points"] == score["of"] > 0


@pytest.mark.parametrize("path", PLANTED, ids=lambda p: f"{p.parts[-3][:2]}/{p.parts[-2]}/{p.stem}")
def test_a_planted_mistake_is_met_with_its_message(path, grade):
    first = path.read_text(encoding="utf-8").splitlines()[0]
    meant = re.match(r"# message: (.+)", first)
    assert meant, f"{path}: the first line should be '# message: ...'"
    score = grade(f"--planted={WRONG}", path)
    said = " ".join("\n".join(t["message"] for t in score["tests"]).split())
    assert " ".join(meant[1].split()) in said, said or "no test failed"
    assert score["state"] == "wrong"
    assert score["points"] < score["of"]


@every_exercise
def test_three_mistakes_or_more_are_planted(name):
    exercise = EXERCISES[name]
    assert len([p for p in PLANTED if p.parts[-3:-1] == (exercise.unit, exercise.name)]) >= 3


def test_no_mistake_is_planted_where_there_is_no_exercise():
    known = {(e.unit, e.name) for e in EXERCISES.values()}
    assert {p.parts[-3:-1] for p in PLANTED} <= known


def trained():
    """Train a small network with all that exercises replace; return its weights."""
    keras.utils.set_random_seed(1)
    x = np.random.default_rng(2).normal(size=(40, 3)).astype(np.float32)
    y = (x.sum(axis=1) > 0).astype(np.int32)
    layers = [keras.layers.Dense(4, "tanh"), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input((3,)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.02), loss)
    model.fit(x, y, batch_size=8, epochs=3, verbose=0)
    return np.concatenate([w.ravel() for w in model.get_weights()])


PLUGS = [n for n, e in EXERCISES.items() if "def install(work)" in e.grader.read_text("utf-8")]


@pytest.mark.parametrize("name", PLUGS)
def test_a_solution_that_is_switched_on_trains_like_minitf_itself(name):
    before = trained()
    with plugging.installed(EXERCISES[name], EXERCISES[name].solution):
        np.testing.assert_allclose(trained(), before, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(trained(), before)  # and off again


# -- stub, sheet and solution ------------------------------------------------------------------


def promises(path):
    """Return what a file promises: docstring, names, signatures, documentation."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {"": ast.get_docstring(tree)}
    classes = [(n.name + ".", n) for n in tree.body if isinstance(n, ast.ClassDef)]
    for prefix, holder in [("", tree), *classes]:
        for node in holder.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                arguments = ast.unparse(node.args) if isinstance(node, ast.FunctionDef) else ""
                returned = ast.unparse(node.returns) if getattr(node, "returns", None) else ""
                found[prefix + node.name] = arguments, returned, ast.get_docstring(node)
    return found


@every_exercise
def test_stub_and_solution_promise_the_same(name):
    stub, solution = promises(EXERCISES[name].file), promises(EXERCISES[name].solution)
    extra = {key for key in solution if key.startswith("_")}  # the solution may have helpers
    assert {k: v for k, v in solution.items() if k not in extra - set(stub)} == stub
    assert "TODO" not in EXERCISES[name].solution.read_text(encoding="utf-8")


def slug(heading):
    """Return a heading as it stands in a link."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


@every_exercise
def test_the_sheet_says_everything(name):
    said = sheet.read(EXERCISES[name].file)
    assert said.title
    assert said.text
    assert said.approach
    assert len(said.hints) == 3
    assert 1 <= said.difficulty <= 5
    assert 1 <= said.minutes <= 120
    assert said.section


@every_exercise
def test_the_section_to_reread_exists(name):
    page, _, anchor = EXERCISES[name].sheet.section.partition("#")
    chapter = ROOT / "chapters" / page
    if not chapter.parent.exists():
        pytest.skip(f"there is no {chapter.parent.name} yet")
    headings = re.findall(r"^#+ (.+)$", chapter.read_text(encoding="utf-8"), re.MULTILINE)
    assert anchor in map(slug, headings)


@every_exercise
def test_the_stub_needs_numpy_and_minitf_alone(name):
    tree = ast.parse(EXERCISES[name].file.read_text(encoding="utf-8"))
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    outside = {n.split(".")[0] for n in names} - sys.stdlib_module_names
    assert outside <= {"numpy", "minitf"}


@every_exercise
def test_the_grader_does_not_look_at_the_solution(name):
    assert "solutions" not in EXERCISES[name].grader.read_text(encoding="utf-8")


def test_the_stubs_that_reset_brings_back_are_those_of_today():
    kept = stubs.archive(ROOT)
    assert kept.exists()
    assert kept.read_text(encoding="utf-8") == stubs.gathered(ROOT), (
        "a stub was changed: run python -m minitf.course stubs (or, if you have solved one in this "
        "checkout, this test is none of your business)"
    )


def test_the_examples_on_the_sheets_are_true(tmp_path):
    words = [sys.executable, "-m", "pytest", "-q", "--doctest-modules", "solutions",
             "--import-mode=importlib", "-p", "no:cacheprovider"]  # fmt: skip
    run = fresh(words, tmp_path)
    assert run.returncode in (0, 5), run.stdout
