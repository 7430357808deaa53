"""README's first command: trains, saves, validates, applies in a new process, and draws."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parent.parent / "chapters/02_tensorflow/recognise_digits.py"
pytest.importorskip("sklearn", reason="the digits come with scikit-learn")


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """Run the program once, on the digits that need no download."""
    out = tmp_path_factory.mktemp("job") / "a folder with spaces"
    environment = {k: v for k, v in os.environ.items() if k != "MINITF_DATA"}
    environment |= {"MINITF_CACHE": str(out.parent / "cache"), "PYTHONIOENCODING": "ascii",
                    "PYTHONPATH": str(PROGRAM.parents[2])}  # fmt: skip
    command = [sys.executable, str(PROGRAM), "--data", "digits", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, out


def test_it_learns_to_read(job):
    text, _ = job
    accuracies = [float(a) for a in re.findall(r"accuracy (0\.\d+)$", text, re.MULTILINE)]
    linear, deep, applied = accuracies
    assert linear >= 0.95
    assert deep >= 0.97
    assert applied == deep, "the new process applies the very model that was saved"


def test_the_three_ways_give_the_same_numbers(job):
    text, _ = job
    loss, weight = re.search(r"at most (\S+) in a loss and (\S+) in a weight", text).groups()
    assert float(loss) < 1e-5
    assert float(weight) < 1e-5


def test_every_file_that_it_names_is_there(job):
    text, out = job
    named = [Path(line.strip()) for line in text.split("written in")[1].splitlines()[1:]]
    assert {p.name for p in named} == {
        "model.ckpt", "loss.png", "weights.png", "confusion.png", "graph.svg", "timeline.png",
        "timeline.json",
    }  # fmt: skip
    assert all(p.parent == out and p.stat().st_size > 500 for p in named)
    xml.etree.ElementTree.parse(out / "graph.svg")


def test_its_output_is_plain_ascii(job):
    text, _ = job
    assert text.isascii()
