"""Runs the cases under real Keras and writes what it gives into `stored/`.

Needs Keras 3 and TensorFlow, which nothing else here does. From the root of the repository::

    python -m tests.keras_reference.generate            # all families
    python -m tests.keras_reference.generate losses     # one

One version on one kind of processor writes the same bytes every time: one thread, deterministic
kernels, no oneDNN.
"""

from __future__ import annotations

import os
import sys
import traceback

import numpy as np

from .case import Case
from .families import FOUND, cases_of, doubled
from .measure import Framework, Measured, measure
from .store import save


def real_keras() -> Framework:
    """Import Keras on TensorFlow, set up to be quiet and reproducible."""
    os.environ |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3",
                   "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1"}  # fmt: skip
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    return Framework(tf, keras)


def reference(framework: Framework, case: Case) -> Measured | None:
    """Return what Keras gives; None where it must raise."""
    framework.keras.utils.set_random_seed(0)
    if case.fails:
        return refused(framework, case)
    measured = measure(framework, case)
    for part, arrays in measured.parts.items():
        for array in arrays:
            if array is not None and array.dtype.kind == "f" and np.isnan(array).any():
                raise ValueError(f"NaN in the {part}")
    return measured


def refused(framework: Framework, case: Case) -> None:
    """Check that Keras raises."""
    try:
        measure(framework, case)
    except (ValueError, TypeError, IndexError, framework.tf.errors.OpError):
        return
    raise ValueError("Keras accepts this")


def family_values(framework: Framework, family: str) -> dict[str, Measured | None]:
    """Return what Keras gives for every case, or print all that go wrong and stop."""
    if doubled(family):
        sys.exit(f"{family}: several cases have one name: {doubled(family)}")
    values, wrong = {}, 0
    for case in cases_of(family):
        try:
            values[case.id] = reference(framework, case)
        except Exception:  # noqa: BLE001  # each case that is written wrongly shall be seen at once
            wrong += 1
            last = traceback.format_exc(limit=-2)
            print(f"{family}: {case.id}\n{last}", file=sys.stderr)
    if wrong:
        sys.exit(f"{family}: {wrong} cases cannot be run; nothing is written")
    return values


def main(families: list[str]) -> None:
    """Write the store of some families."""
    framework = real_keras()
    for family in families:
        values = family_values(framework, family)
        size = save(family, framework.keras.__version__, values)
        print(f"{family}: {len(values)} cases, {size / 2**10:.0f} KiB")


if __name__ == "__main__":
    main(sys.argv[1:] or FOUND)
