"""A pool of arrays: memory that large results are written into again and again.

Fresh memory is expensive: the operating system hands it out page by page, cleared, at the first
touch of each. A plan therefore keeps the memory of its large intermediate values from run to run.
An array of the pool is free when nobody but the pool holds it, which its reference count tells; a
value that is still needed, a view of it, or another run that goes on at the same time all hold it.
"""

from __future__ import annotations

import sys
from collections import deque
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class Pool:
    """The arrays of one plan, by shape and dtype."""

    def __init__(self) -> None:
        self._arrays: dict[Any, deque[Array]] = {}

    def take(self, shape: tuple[int, ...], dtype: Any) -> Array:
        """Return an array that nobody holds, with anything in it.

        Each array is out of the pool while it is looked at, so two threads never look at one.
        """
        arrays = self._arrays.setdefault((shape, dtype), deque())
        for _ in range(len(arrays)):
            try:
                array = arrays.popleft()
            except IndexError:  # other threads have taken them all
                break
            free = sys.getrefcount(array) == 2  # this name, and the call's own
            arrays.append(array)
            if free:
                return array
            del array
        fresh = np.empty(shape, dtype)
        arrays.append(fresh)
        return fresh
