"""What importing loads, and what works where the compiled extras are missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = "numba llvmlite matplotlib h5py sklearn scipy threadpoolctl pandas"


@pytest.fixture
def run(tmp_path):
    """Return a function that runs a program in a fresh process and returns what it prints."""

    def run(program, **environment):
        path = tmp_path / "program.py"
        path.write_text(program, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, path],
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split("\n")[:-1]

    return run


BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}.split():
            raise ModuleNotFoundError(f"{{name}} is blocked", name=name)

sys.meta_path.insert(0, Blocked())
"""

WARM = """
import minitf.runtime.compile
minitf.runtime.compile.WARM = 0.0  # seconds after which a graph is to be compiled
"""

TRAINING = """
import numpy as np
import minitf as tf

rng = np.random.default_rng(0)
x = tf.constant(rng.normal(size=(64, 8)), tf.float32)
y = tf.constant(rng.integers(0, 3, 64))
w, b = tf.Variable(tf.cast(rng.normal(size=(8, 3)), tf.float32)), tf.Variable(tf.zeros([3]))
optimizer = tf.optimizers.Adam(0.1)

@tf.function
def step():
    with tf.GradientTape() as tape:
        logits = tf.nn.relu(x @ w + b) * 2.0 + 1.0
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
        loss = tf.reduce_mean(losses)
    optimizer.apply_gradients(zip(tape.gradient(loss, [w, b]), [w, b]))
    return loss

for _ in range(10):
    print(repr(step().numpy().item()))
"""


def test_importing_loads_numpy_and_the_standard_library_alone(run):
    program = "import sys, minitf; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = set(run(program)[0].split())
    assert loaded.isdisjoint(HEAVY.split())
    before = set(run("import sys, numpy.random; print(*sys.modules)")[0].replace(".", " ").split())
    assert {m for m in loaded - before if not m.startswith("_")} - sys.stdlib_module_names == {
        "minitf"
    }


def test_using_the_engine_loads_no_plotting_and_no_files(run):
    program = (
        TRAINING
        + f"""
import sys
print(*[m for m in "{HEAVY}".split() if m in sys.modules and m not in ("numba", "llvmlite")])
"""
    )
    assert run(program)[-1] in ("", "threadpoolctl")


def test_importing_twice_and_in_part_is_the_same(run):
    program = """
import minitf.graph.graph
import minitf as tf
from minitf import Graph
print(minitf.graph.graph.Graph is Graph is tf.Graph, minitf is tf)
"""
    assert run(program) == ["True True"]


@pytest.mark.parametrize(
    "module",
    ["errors", "dtypes", "graph.graph", "ops.math", "autodiff.tape", "runtime.session", "data"],
)
def test_each_room_can_be_entered_first(run, module):
    assert run(f"import minitf.{module}; import minitf; print(minitf.constant(1).numpy())") == ["1"]


def test_training_without_numba_gives_the_same_numbers(run, tmp_path):
    environment = {"MINITF_CACHE": str(tmp_path / "cache")}
    with_numba = run(TRAINING, **environment)
    start = BLOCKED.format(blocked="numba llvmlite numba_cuda") + WARM
    without = run(start + TRAINING, **environment)
    assert without == with_numba
    assert float(without[-1]) < float(without[0])


def test_training_with_nothing_but_numpy_works(run):
    assert len(run(BLOCKED.format(blocked=HEAVY) + WARM + TRAINING)) == 10


def test_a_plain_graph_runs_with_nothing_but_numpy(run):
    program = (
        BLOCKED.format(blocked=HEAVY)
        + """
import minitf as tf
with tf.Graph().as_default(), tf.Session() as session:
    x = tf.placeholder(tf.float32, [None])
    v = tf.Variable(2.0)
    y = tf.reduce_sum(tf.exp(v * x - 1.0) + 1.0)
    session.run(v.initializer)
    for _ in range(5):
        value = session.run(y, {x: [0.5, 0.5]})
    print(value)
    print(tf.show.text(tf.compat.v1.get_default_graph()).count(": reduce_sum("))
"""
    )
    assert run(program) == ["4.0", "1"]


def test_what_needs_a_missing_package_says_so(run):
    program = (
        BLOCKED.format(blocked="matplotlib")
        + """
import minitf as tf
try:
    tf.show.draw(tf.Graph())
except ImportError as error:
    print(error)
"""
    )
    assert "matplotlib" in run(program)[0]


def test_the_version_follows_tensorflows(run):
    assert run("import minitf as tf; print(tf.__version__.split('.')[0])") == ["2"]
