"""What `adapt` learns from: arrays, or batches of a Dataset or any other iterable."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import numpy as np

from minitf.errors import InvalidArgumentError, UsageError
from minitf.graph.tensor import Tensor

BATCH = 128  # how many single numbers of a Dataset that is not batched make a batch


def is_dataset(data: Any) -> bool:
    """Return whether it is a Dataset."""
    return hasattr(type(data), "element_spec") and hasattr(data, "batch")


def batches(data: Any, steps: int | None = None) -> Iterator[Any]:
    """Yield arrays; of pairs (inputs, targets), the inputs.

    Parameters
    ----------
    data : array, Tensor, list, Dataset or iterable of batches
        An array, or a list of numbers or strings, is one batch. Single elements of a Dataset are
        collected.
    steps : int, optional
        How many batches to take; all by default.

    Raises
    ------
    InvalidArgumentError
        Where there are none.
    """
    if is_dataset(data):
        spec = data.element_spec
        spec = spec[0] if isinstance(spec, tuple) else spec
        found = data if spec.shape else data.batch(BATCH)
    elif isinstance(data, (np.ndarray, Tensor)) or _is_array(data):
        found = [data]
    elif hasattr(data, "__iter__"):
        found = data
    elif hasattr(data, "__getitem__") and hasattr(data, "__len__"):
        found = (data[i] for i in range(len(data)))
    else:
        raise UsageError(f"adapt: expected an array, a Dataset or an iterable of batches, got a "
                         f"{type(data).__name__}")  # fmt: skip
    rest = iter(islice(found, steps))
    first = next(rest, None)
    if first is None:
        raise InvalidArgumentError("adapt: the data has no batches")
    return (np.asarray(b[0] if isinstance(b, tuple) else b) for b in chain([first], rest))


def _is_array(data: Any) -> bool:
    """Return whether lists hold numbers or strings, rather than arrays."""
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return isinstance(data, (int, float, str, bytes))
