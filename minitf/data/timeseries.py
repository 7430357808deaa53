"""Windows over series of measurements."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from minitf.data.dataset import Dataset
from minitf.data.pipeline import AUTOTUNE
from minitf.data.py_dataset import PyDataset
from minitf.errors import InvalidArgumentError
from minitf.graph.convert import as_tensor
from minitf.ops.composed import composed
from minitf.ops.gather import gather


@composed
def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Dataset:
    """Make a dataset of the windows of a series.

    Window i begins at ``p = start_index + i * sequence_stride``, and holds ``data[p]``,
    ``data[p + sampling_rate]``, ... up to `sequence_length` of them; its target is ``targets[p]``.

    Parameters
    ----------
    data : array_like, shape (time, ...)
        The series.
    targets : array_like, shape (time, ...), or None
        What is to be predicted from each window; None makes a dataset of windows alone.
    sequence_length : int
        Measurements in a window.
    sequence_stride : int
        From the beginning of a window to that of the next.
    sampling_rate : int
        From a measurement of a window to the next one.
    batch_size : int, optional
        Windows in a batch; None makes no batches.
    shuffle : bool
        Whether windows come in random order.
    seed : int, optional
        Decides the order.
    start_index, end_index : int, optional
        The part of `data` to use, without `end_index` itself.
    format : {"tf"}
        Accepted as in Keras.

    Returns
    -------
    Dataset
        Of (windows, targets), of shapes (batch, sequence_length, ...) and (batch, ...).

    Examples
    --------
    >>> import numpy as np
    >>> from minitf import keras
    >>> series = np.arange(6)
    >>> ds = keras.utils.timeseries_dataset_from_array(series[:-2], series[2:], sequence_length=2)
    >>> for windows, targets in ds:
    ...     print(windows.numpy().tolist(), targets.numpy().tolist())
    [[0, 1], [1, 2], [2, 3]] [2, 3, 4]
    """
    _check_tf(format)
    series = np.asarray(data)
    begin, end = _bounds(start_index, end_index, len(series))
    for name, step in (("sampling_rate", sampling_rate), ("sequence_stride", sequence_stride)):
        if not 0 < step < len(series):
            raise InvalidArgumentError(f"{name} lies in 1 ... {len(series) - 1}, got {step}")
    count = end - begin - (sequence_length - 1) * sampling_rate
    if targets is not None:
        targets = np.asarray(targets)
        count = min(count, len(targets) - begin)
    if sequence_length < 1 or count < 1:
        raise InvalidArgumentError(
            f"no window of {sequence_length} measurements, {sampling_rate} apart, fits into "
            f"{end - begin}"
        )
    positions = begin + np.arange(0, count, sequence_stride)
    return _windows(series, targets, positions, np.arange(sequence_length) * sampling_rate,
                    batch_size, shuffle, seed)  # fmt: skip


def _windows(
    series: Any, targets: Any, positions: Any, steps: Any, batch_size: Any, shuffle: bool, seed: Any
) -> Dataset:
    """Return a dataset of windows; a whole batch of them is gathered at once."""
    if shuffle:
        seed = np.random.randint(10**6) if seed is None else seed
        np.random.RandomState(seed).shuffle(positions)
    dataset = Dataset.from_tensor_slices(positions)
    if shuffle:  # anew in each epoch, as Keras does
        dataset = dataset.shuffle((batch_size or 128) * 8, seed)
    if batch_size is not None:
        dataset = dataset.batch(batch_size)
    data, wanted = as_tensor(series), None if targets is None else as_tensor(targets)

    def cut(position: Any) -> Any:
        windows = gather(data, position[..., None] + steps)
        return windows if wanted is None else (windows, gather(wanted, position))

    return dataset.map(cut).prefetch(AUTOTUNE)


def _bounds(start: int | None, end: int | None, length: int) -> tuple[int, int]:
    first, last = start or 0, length if end is None else end
    if not 0 <= first < last <= length:
        raise InvalidArgumentError(
            f"start_index={start} and end_index={end} are no part of {length} measurements"
        )
    return first, last


def _check_tf(format: str) -> None:
    if format != "tf":
        raise InvalidArgumentError(f"format is 'tf' here: a tf.data.Dataset; got {format!r}")


class TimeseriesGenerator(PyDataset):
    """Batches of windows of a series, each with what comes right behind it.

    Sample i holds ``data[r - length : r : sampling_rate]``, and its target is ``targets[r]``, where
    ``r = start_index + length + i * stride``.

    Parameters
    ----------
    data : array_like, shape (time, ...)
        The series.
    targets : array_like, shape (time, ...)
        Of the same length.
    length : int
        Time that a window covers.
    sampling_rate : int
        From a measurement of a window to the next one.
    stride : int
        From a window to the next.
    start_index, end_index : int
        First and last measurement to use.
    shuffle : bool
        Whether windows are drawn at random, with replacement.
    reverse : bool
        Whether the last measurement of a window comes first.
    batch_size : int
        Windows in a batch.
    **kwargs
        Of `PyDataset`.

    Examples
    --------
    >>> import numpy as np
    >>> from minitf import keras
    >>> series = np.arange(5)
    >>> windows = keras.preprocessing.sequence.TimeseriesGenerator(series, series, length=3)
    >>> [part.tolist() for part in windows[0]]
    [[[0, 1, 2], [1, 2, 3]], [3, 4]]
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if len(data) != len(targets):
            raise InvalidArgumentError(
                f"data and targets have one length, got {len(data)} and {len(targets)}"
            )
        self.data, self.targets = data, targets
        self.length, self.sampling_rate, self.stride = length, sampling_rate, stride
        self.start_index = start_index + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle, self.reverse, self.batch_size = shuffle, reverse, batch_size
        if self.start_index > self.end_index:
            raise InvalidArgumentError(
                f"no window fits: start_index + length = {self.start_index} > end_index = "
                f"{self.end_index}"
            )

    def __len__(self) -> int:
        span = self.batch_size * self.stride
        return (self.end_index - self.start_index + span) // span

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        rows = self._rows(index)
        windows = [self.data[row - self.length : row : self.sampling_rate] for row in rows]
        samples, targets = np.array(windows), np.array([self.targets[row] for row in rows])
        return (samples[:, ::-1] if self.reverse else samples), targets

    def _rows(self, index: int) -> Any:
        """Return the places right behind the windows of a batch."""
        if self.shuffle:
            return np.random.randint(self.start_index, self.end_index + 1, self.batch_size)
        begin = self.start_index + self.batch_size * self.stride * index
        end = min(begin + self.batch_size * self.stride, self.end_index + 1)
        return range(begin, end, self.stride)

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal generator; data and targets are JSON texts."""
        names = ("length", "sampling_rate", "stride", "start_index", "end_index", "shuffle",
                 "reverse", "batch_size")  # fmt: skip
        texts = {name: json.dumps(np.asarray(getattr(self, name)).tolist())
                 for name in ("data", "targets")}  # fmt: skip
        return texts | {name: getattr(self, name) for name in names}

    def to_json(self, **kwargs: Any) -> str:
        """Return the class and its configuration as a JSON text."""
        return json.dumps(
            {"class_name": type(self).__name__, "config": self.get_config()}, **kwargs
        )
