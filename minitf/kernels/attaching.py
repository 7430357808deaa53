"""What every compiled kernel does besides computing: step back, and write where it is told.

A kernel of the backend "numba" stands before the NumPy kernel of the same op. It looks at the
arrays; where its loops would not pay, or do not know such arrays, it leaves them to NumPy.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def by_numpy(op: Any, *arrays: Any, **attributes: Any) -> Any:
    """Return what the NumPy kernel of an op makes of arrays."""
    return op.definition.kernels["numpy"](*arrays, **attributes)


def room(out: Any, shape: tuple[int, ...]) -> Any:
    """Return the memory that a plan has found for a result of float32, or fresh memory."""
    return np.empty(shape, np.float32) if out is None else out
