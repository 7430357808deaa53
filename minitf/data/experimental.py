"""`tf.data.experimental`: names that older programs use.

Most of them were functions that return a function for `Dataset.apply`; they are methods now.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from minitf.data.csv_files import CsvDataset, make_csv_dataset
from minitf.data.dataset import Dataset
from minitf.data.pipeline import AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY
from minitf.data.tfrecord import DatasetWriter as TFRecordWriter
from minitf.graph.tensor import Tensor

Transformation = Callable[[Dataset], Dataset]

Counter = Dataset.counter
RandomDataset = Dataset.random
choose_from_datasets = Dataset.choose_from_datasets
sample_from_datasets = Dataset.sample_from_datasets
load = Dataset.load


class AutoShardPolicy(IntEnum):
    """How TensorFlow divides a dataset among workers: for `Options`, which are not acted upon."""

    OFF = -1
    AUTO = 0
    FILE = 1
    DATA = 2
    HINT = 3


def cardinality(dataset: Dataset) -> Tensor:
    """Return the number of elements; see `Dataset.cardinality`."""
    return dataset.cardinality()


def get_single_element(dataset: Dataset) -> Any:
    """Return the only element; see `Dataset.get_single_element`."""
    return dataset.get_single_element()


def save(dataset: Dataset, path: Any, *args: Any, **kwargs: Any) -> None:
    """Write all elements into a directory; see `Dataset.save`."""
    dataset.save(path, *args, **kwargs)


def prefetch_to_device(device: Any, buffer_size: Any = None) -> Transformation:
    """Return `Dataset.prefetch` for `apply`; elements are copied to a device when they are used."""
    return lambda dataset: dataset.prefetch(AUTOTUNE if buffer_size is None else buffer_size)


def shuffle_and_repeat(buffer_size: Any, count: Any = None, seed: Any = None) -> Transformation:
    """Return ``shuffle(...).repeat(...)`` for `apply`."""
    return lambda dataset: dataset.shuffle(buffer_size, seed).repeat(count)


def map_and_batch(
    map_func: Callable[..., Any],
    batch_size: Any,
    num_parallel_batches: Any = None,
    drop_remainder: bool = False,
    num_parallel_calls: Any = None,
) -> Transformation:
    """Return ``map(...).batch(...)`` for `apply`."""
    return lambda dataset: dataset.map(map_func, num_parallel_calls).batch(
        batch_size, drop_remainder
    )


def _for_apply(method: str) -> Callable[..., Transformation]:
    """Return the function that makes a method's call a transformation for `apply`."""

    def make(*args: Any, **kwargs: Any) -> Transformation:
        return lambda dataset: getattr(dataset, method)(*args, **kwargs)

    make.__name__ = make.__qualname__ = method
    make.__doc__ = f"Return `Dataset.{method}`, with these arguments, for `Dataset.apply`."
    return make


assert_cardinality = _for_apply("assert_cardinality")
bucket_by_sequence_length = _for_apply("bucket_by_sequence_length")
enumerate_dataset = _for_apply("enumerate")
group_by_window = _for_apply("group_by_window")
parallel_interleave = _for_apply("interleave")
rejection_resample = _for_apply("rejection_resample")
scan = _for_apply("scan")
snapshot = _for_apply("snapshot")
take_while = _for_apply("take_while")
unbatch = _for_apply("unbatch")
unique = _for_apply("unique")

__all__ = [
    "AUTOTUNE",
    "INFINITE_CARDINALITY",
    "UNKNOWN_CARDINALITY",
    "AutoShardPolicy",
    "Counter",
    "CsvDataset",
    "RandomDataset",
    "TFRecordWriter",
    "assert_cardinality",
    "bucket_by_sequence_length",
    "cardinality",
    "choose_from_datasets",
    "enumerate_dataset",
    "get_single_element",
    "group_by_window",
    "load",
    "make_csv_dataset",
    "map_and_batch",
    "parallel_interleave",
    "prefetch_to_device",
    "rejection_resample",
    "sample_from_datasets",
    "save",
    "scan",
    "shuffle_and_repeat",
    "snapshot",
    "take_while",
    "unbatch",
    "unique",
]
