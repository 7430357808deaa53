"""Runs the programs under real TensorFlow and Keras, and writes what they say to results.json.

From the root of the repository, for all of them or for some::

    python -m tests.programs.generate
    python -m tests.programs.generate vae_add_loss dqn
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from .running import HERE, PROGRAMS, STORED, run

os.environ |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3",
               "CUDA_VISIBLE_DEVICES": "-1"}  # fmt: skip


def main(names: list[str]) -> None:
    """Run programs and store their results beside those already there."""
    import keras

    stored = json.loads(STORED.read_text()) if STORED.exists() else {}
    results = {name: value for name, value in stored.items() if name in PROGRAMS}
    for name in names:
        print(name, flush=True)
        keras.backend.clear_session()
        with tempfile.TemporaryDirectory() as folder:
            results[name] = run(HERE / f"{name}.py", Path(folder))
        STORED.write_text(json.dumps(dict(sorted(results.items())), indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:] or PROGRAMS)
