"""`tf.data.experimental`: names that older programs use."""

from enum import IntEnum
from typing import Any

from minitf.data.dataset import Dataset
from minitf.data.pipeline import AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY
from minitf.graph.tensor import Tensor

__all__ = [
    "AUTOTUNE",
    "INFINITE_CARDINALITY",
    "UNKNOWN_CARDINALITY",
    "AutoShardPolicy",
    "Counter",
    "cardinality",
    "get_single_element",
]

Counter = Dataset.counter


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
