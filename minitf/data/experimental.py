"""`tf.data.experimental`: names that older programs use."""

from typing import Any

from minitf.data.dataset import Dataset
from minitf.data.pipeline import AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY
from minitf.graph.tensor import Tensor

__all__ = [
    "AUTOTUNE",
    "INFINITE_CARDINALITY",
    "UNKNOWN_CARDINALITY",
    "Counter",
    "cardinality",
    "get_single_element",
]

Counter = Dataset.counter


def cardinality(dataset: Dataset) -> Tensor:
    """Return the number of elements; see `Dataset.cardinality`."""
    return dataset.cardinality()


def get_single_element(dataset: Dataset) -> Any:
    """Return the only element; see `Dataset.get_single_element`."""
    return dataset.get_single_element()
