"""`keras.utils.PyDataset`: batches that a user's class makes when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from minitf.errors import UnimplementedError


class PyDataset:
    """Base class of data that come in batches by number, `keras.utils.Sequence` of old.

    A subclass has ``__getitem__(index)``, which returns the batch of a number: (x, y), (x, y,
    sample_weight), x or a dict; and ``__len__()``, the number of batches. It can be asked for any
    batch at any time, so threads can make several at once, and each comes once in an epoch.

    Parameters
    ----------
    workers : int
        How many threads `fit` may use to make batches.
    use_multiprocessing : bool
        Accepted as in Keras; threads are used all the same.
    max_queue_size : int
        How many batches may be ready and waiting.

    Examples
    --------
    >>> from minitf import keras
    >>> class Squares(keras.utils.PyDataset):
    ...     def __len__(self):
    ...         return 3
    ...     def __getitem__(self, index):
    ...         return index, index**2
    >>> list(Squares(workers=2))
    [(0, 0), (1, 1), (2, 4)]
    """

    # Of the class, so that a subclass need not call __init__.
    workers: int = 1
    use_multiprocessing: bool = False
    max_queue_size: int = 10

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ):
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index: int) -> Any:
        """Return the batch of a number."""
        raise UnimplementedError(f"{type(self).__name__} needs a method __getitem__(self, index)")

    @property
    def num_batches(self) -> int | None:
        """Number of batches, or None where there is no end."""
        if hasattr(self, "__len__"):
            return len(self)
        raise UnimplementedError(f"{type(self).__name__} needs a method __len__(self)")

    def on_epoch_begin(self) -> None:
        """Do what is to be done before an epoch."""

    def on_epoch_end(self) -> None:
        """Do what is to be done after an epoch, such as to shuffle."""

    def __iter__(self) -> Iterator[Any]:
        number = self.num_batches
        for index in count() if number is None else range(number):
            yield self[index]


Sequence = PyDataset
