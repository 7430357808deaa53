"""What is said when a loss turns into NaN: in which batch, and where to look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from minitf.graph.nest import flatten
from minitf.graph.tensor import Tensor
from minitf.models.batches import unpack


def is_nan(logs: Any) -> bool:
    """Return whether the loss that a step tells is NaN."""
    loss = logs.get("loss") if isinstance(logs, Mapping) else None
    if not isinstance(loss, Tensor) or loss.ndim:
        return False
    value = loss.array.item()  # a Python number: a NumPy comparison takes longer
    return bool(value != value)  # what NaN alone is


def where_nan_began(batch: Any, epoch: int, step: int) -> str:
    """Return what can be said of the batch whose loss is the first to be NaN."""
    parts = zip(("inputs", "targets", "sample weights"), unpack(batch), strict=True)
    bad = [name for name, part in parts if not all(map(_is_finite, flatten(part)))]
    of_batch = f"its {' and '.join(bad)} hold NaN or infinity" if bad else "its data are finite"
    return (
        f"the loss became NaN in batch {step} of epoch {epoch + 1}; {of_batch}. "
        "tf.debugging.enable_check_numerics() before fit() names the operation, and its line, in "
        "which NaN begins; keras.callbacks.TerminateOnNaN() stops there"
    )


def _is_finite(leaf: Any) -> bool:
    if not isinstance(leaf, Tensor) or not leaf.dtype.is_floating:
        return True
    return bool(np.isfinite(leaf.numpy()).all())
