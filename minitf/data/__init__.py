"""`tf.data`: input pipelines; and the data sets of the course, found or fetched."""

from minitf.data import experimental
from minitf.data.dataset import Dataset, Options
from minitf.data.dataset import text_lines as TextLineDataset
from minitf.data.datasets import load_digits, load_mnist, read_idx
from minitf.data.element import DatasetSpec
from minitf.data.files import DataFile, cache_directory, fetch, find
from minitf.data.pipeline import (
    AUTOTUNE,
    INFINITE_CARDINALITY,
    UNKNOWN_CARDINALITY,
    Iterator,
)
from minitf.data.progress import Progbar

__all__ = [
    "AUTOTUNE",
    "INFINITE_CARDINALITY",
    "UNKNOWN_CARDINALITY",
    "DataFile",
    "Dataset",
    "DatasetSpec",
    "Iterator",
    "Options",
    "Progbar",
    "TextLineDataset",
    "cache_directory",
    "experimental",
    "fetch",
    "find",
    "load_digits",
    "load_mnist",
    "read_idx",
]
