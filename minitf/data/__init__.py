"""Data sets: where their files lie, how they are fetched, and what they hold."""

from minitf.data.datasets import load_digits, load_mnist, read_idx
from minitf.data.files import DataFile, cache_directory, fetch, find
from minitf.data.progress import Progbar

__all__ = [
    "DataFile",
    "Progbar",
    "cache_directory",
    "fetch",
    "find",
    "load_digits",
    "load_mnist",
    "read_idx",
]
