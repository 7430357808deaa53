"""`/gpu:0`: that it exists where it can, says why where it cannot, and gives the CPU's numbers.

What the device does is tested by `cuda_cases.py`, in processes of their own: whether numba has a
GPU, a simulated one or none is settled when it is imported.
"""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from minitf.errors import NotFoundError
from minitf.graph.device import get_device
from minitf.kernels import cuda

ROOT = Path(__file__).resolve().parent.parent
CASES = Path(__file__).with_name("cuda_cases.py")

needs_numba_cuda = pytest.mark.skipif(
    find_spec("numba_cuda") is None, reason="numba-cuda is not installed: pip install -e .[test]"
)


def run(*arguments, simulator=""):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_ENABLE_CUDASIM": simulator or "0"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=500)


def run_cases(simulator=""):
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", str(CASES), simulator=simulator)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


@needs_numba_cuda
def test_the_cases_hold_on_the_simulator():
    run_cases(simulator="1")


if cuda.available():

    def test_the_cases_hold_on_the_gpu():
        run_cases()


def test_importing_minitf_prepares_nothing():
    done = run("-c", "import minitf, sys; print(*sys.modules)", simulator="1")
    loaded = done.stdout.split()
    assert "minitf.kernels.cuda" in loaded
    assert {"numba", "minitf.kernels.cuda.device"}.isdisjoint(loaded)


WITHOUT_GPU = """
import sys
import minitf as tf
from minitf.kernels import cuda

cuda.DRIVER = "no such library"
assert not cuda.available()
assert "numba" not in sys.modules, "numba was imported in vain"
try:
    tf.device("/gpu:0").__enter__()
except tf.errors.NotFoundError as error:
    print(error)
"""


def test_without_a_gpu_it_says_what_to_do():
    done = run("-c", WITHOUT_GPU)
    assert done.stdout.startswith("no device /gpu:0: it takes an NVIDIA GPU"), done.stderr
    assert "pip install 'minitf[cuda]'" in done.stdout
    assert "NUMBA_ENABLE_CUDASIM=1" in done.stdout


WITHOUT_NUMBA = """
import sys

class NoNumba:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("numba", "numba_cuda"):
            raise ImportError(name)

sys.meta_path.insert(0, NoNumba())
from minitf.kernels import cuda

print(cuda.available())
"""


def test_without_numba_there_is_no_gpu():
    assert run("-c", WITHOUT_NUMBA, simulator="1").stdout.split() == ["False"]


def test_a_second_gpu_is_refused():
    with pytest.raises(NotFoundError, match="no device /gpu:1: one GPU is used so far"):
        get_device("/gpu:1")
