"""Every chapter runs, from its first cell to the last, which asserts what the prose says."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from minitf.course import notebooks

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = notebooks.chapters(ROOT)
RUNNER = Path(__file__).with_name("run_chapter.py")
SECONDS = 900  # a chapter takes three minutes at most; this is for one that hangs
JUPYTER = ["--jupyter"] if find_spec("nbclient") and find_spec("ipykernel") else []

pytest.importorskip("sklearn", reason="the chapters' data come with scikit-learn")


def run(chapter, cache, *options):
    """Run a chapter in a fresh process; return that when it has ended."""
    environment = {
        **os.environ,
        "MINITF_CACHE": str(cache),
        "PYTHONPATH": str(ROOT),
        "MPLBACKEND": "Agg",
        "PYTHONIOENCODING": "utf-8",
    }
    return subprocess.run(
        [sys.executable, RUNNER, chapter, *options],
        cwd=chapter.parent,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
    )


@pytest.mark.skipif(not CHAPTERS, reason="there are no chapters yet")
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_chapter_runs(chapter, tmp_path_factory):
    done = run(chapter, tmp_path_factory.getbasetemp() / "chapters", *JUPYTER)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


HEADER = "---\nkernelspec:\n  name: python3\n---\n\n# A chapter\n\n"
CELL = "```{code-cell} ipython3\n"
RAISES = f"{CELL}:tags: [raises-exception]\n\n"


@pytest.mark.parametrize(
    ("cells", "ends_well", "said"),
    [
        (f"{CELL}%matplotlib inline\nx = 1\n```\n\nText.\n\n{CELL}assert x == 1\nprint(x)\n```\n",
         True, "1"),
        (f"{CELL}assert 1 == 2\n```\n", False, 'page.md", line 9'),
        (f"{RAISES}1 / 0\n```\n", True, "page.md:8: ZeroDivisionError"),
        (f"{RAISES}1 / 1\n```\n", False, "page.md:8: this cell was to raise"),
        (f"{CELL}open('no such file.csv')\n```\n", False, "no such file.csv"),
    ],
    ids=["fine", "assert", "raises", "should raise", "missing file"],
)  # fmt: skip
def test_the_runner_says_which_cell_fails(cells, ends_well, said, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(HEADER + cells, encoding="utf-8")
    done = run(page, tmp_path)
    assert (done.returncode == 0) is ends_well, done.stderr
    assert said in done.stdout + done.stderr


@pytest.mark.skipif(not JUPYTER, reason="nbclient and ipykernel are not installed")
@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (f"{CELL}%matplotlib inline\nx = 1\n```\n", ""),
        (f"{CELL}assert 1 == 2\n```\n", "AssertionError"),
        (f"{RAISES}1 / 0\n```\n", ""),
        (f"{RAISES}1 / 1\n```\n", "this cell was to raise"),
    ],
    ids=["fine", "assert", "raises", "should raise"],
)
def test_jupyter_runs_the_same(cells, said, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(HEADER + cells, encoding="utf-8")
    done = run(page, tmp_path, *JUPYTER)
    assert (done.returncode == 0) is (not said), done.stderr
    assert said in done.stderr
