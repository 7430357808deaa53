"""Runs every case under TensorFlow and writes `ops.json` and `ops.npz`.

Needs TensorFlow (2.16 or later), which nothing else here does::

    python -m tests.reference.generate

One TensorFlow version on one kind of processor gives the same bytes every time: one thread,
deterministic kernels, no oneDNN.
"""

import os
import sys
from collections import Counter

import numpy as np

from .case import Case
from .cases import CASES, symbols
from .measure import Measured, measure, resolve, signature
from .store import HERE, PARTS, save


def tensorflow():
    """Import TensorFlow, set up to be quiet and reproducible."""
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0",
                   "CUDA_VISIBLE_DEVICES": "-1"}  # fmt: skip
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    tf.random.set_seed(0)  # which deterministic kernels insist on, though nothing here draws
    return tf


def reference(tf, case: Case) -> Measured | None:
    """Return what TensorFlow says, at the highest order it supports; None where it must raise."""
    if case.fails:
        return refused(tf, case)
    try:
        measured = measure(tf, case, case.order)
    except LookupError as error:  # an op whose gradient has no gradient
        if case.order < 2 or "gradient" not in str(error).lower():
            raise
        measured = measure(tf, case, 1)
    for part in PARTS:
        for array in getattr(measured, part) or []:
            if not case.nan and array is not None and has_nan(array):
                raise ValueError(f"{case.id}: NaN in the {part}, which the case does not announce")
    return measured


def refused(tf, case: Case) -> None:
    """Check that TensorFlow raises."""
    try:
        measure(tf, case, 0)
    except (ValueError, TypeError, IndexError, tf.errors.OpError):
        return
    raise ValueError(f"{case.id}: TensorFlow accepts this")


def has_nan(array: np.ndarray) -> bool:
    """Whether any element is NaN."""
    return array.dtype.kind == "f" and bool(np.isnan(array).any())


def main() -> None:
    """Write the store, and say what is in it."""
    tf = tensorflow()
    doubled = [name for name, n in Counter(case.id for case in CASES).items() if n > 1]
    if doubled:
        sys.exit(f"two cases have the same name: {doubled}")
    measured = {case.id: (case.fingerprint(), reference(tf, case)) for case in CASES}
    signatures = {s: signature(resolve(tf, s)) for s in sorted(symbols())}
    save(tf.__version__, {s: text for s, text in signatures.items() if text}, measured)
    size = sum((HERE / name).stat().st_size for name in ("ops.json", "ops.npz"))
    print(f"{len(symbols())} symbols, {len(CASES)} cases, {size / 2**20:.2f} MiB, "
          f"TensorFlow {tf.__version__}")  # fmt: skip


if __name__ == "__main__":
    main()
