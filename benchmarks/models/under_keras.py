"""Run a program of this folder under real Keras: only its import lines are changed.

    python benchmarks/models/under_keras.py --peers PYTHON gpt.py --quick

PYTHON is an interpreter with TensorFlow and Keras 3 (default: the environment variable
``MINITF_PEERS``). The programs are copied to a temporary folder, with these lines rewritten; the
data still come through `minitf.data`, which needs NumPy alone.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
LINES = {
    "from minitf import keras": "import keras",
    "import minitf as tf": "import tensorflow as tf",
}


def rewritten(source: str) -> str:
    """Return a program with the import lines of TensorFlow and Keras."""
    return "\n".join(LINES.get(line, line) for line in source.split("\n"))


def copy_for_keras(target: Path) -> None:
    """Write all programs, rewritten, to a folder."""
    for path in HERE.glob("*.py"):
        copy = rewritten(path.read_text(encoding="utf-8"))
        (target / path.name).write_text(copy, encoding="utf-8")


def environment() -> dict[str, str]:
    """Return the environment of the program: Keras on TensorFlow, minitf for the data."""
    settings = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    return os.environ | settings | {"PYTHONPATH": str(HERE.parent.parent)}


def main() -> int:
    """Copy, rewrite, run; return what the program returns."""
    parser = argparse.ArgumentParser(description="Run a course model under real Keras.")
    peers = os.environ.get("MINITF_PEERS")
    parser.add_argument("--peers", metavar="PYTHON", default=peers, required=not peers)
    parser.add_argument("program", choices=sorted(p.name for p in HERE.glob("*.py")))
    options, rest = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        copy_for_keras(Path(folder))
        command = [options.peers, str(Path(folder) / options.program), *rest]
        return subprocess.run(command, env=environment(), check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
