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
import traceback
from pathlib import Path

from .running import HERE, PROGRAMS, STORED, run

os.environ |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3",
               "CUDA_VISIBLE_DEVICES": "-1"}  # fmt: skip


def main(names: list[str]) -> None:
    """Run programs and store their results beside those already there."""
    failed = [name for name in names if not stores(name)]
    if failed:
        sys.exit(f"these do not run under real Keras: {', '.join(failed)}")


def stores(name: str) -> bool:
    """Run one program; store what it says, or print why it says nothing."""
    import keras

    print(name, flush=True)
    keras.backend.clear_session()
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = run(HERE / f"{name}.py", Path(folder))
    except Exception:  # noqa: BLE001  # all programs that are written wrongly shall be seen at once
        traceback.print_exc(limit=-4)
        return False
    stored = json.loads(STORED.read_text()) if STORED.exists() else {}
    results = {n: value for n, value in {**stored, name: found}.items() if n in PROGRAMS}
    STORED.write_text(json.dumps(dict(sorted(results.items())), indent=1) + "\n")
    return True


if __name__ == "__main__":
    main(sys.argv[1:] or PROGRAMS)
