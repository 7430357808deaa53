"""`tf.data`: input pipelines; and the data sets of the course, found or fetched.

The modules are imported when somebody first asks for one of their names: ``import minitf`` is not
to wait for what many programs never use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minitf.data import experimental
    from minitf.data.dataset import Dataset, Options, TextLineDataset
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

_PLACES = {
    "dataset": ["Dataset", "Options", "TextLineDataset"],
    "datasets": ["load_digits", "load_mnist", "read_idx"],
    "element": ["DatasetSpec"],
    "experimental": ["experimental"],
    "files": ["DataFile", "cache_directory", "fetch", "find"],
    "pipeline": ["AUTOTUNE", "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "Iterator"],
    "progress": ["Progbar"],
}
_MODULES = {name: module for module, names in _PLACES.items() for name in names}

__all__ = list(_MODULES)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_MODULES[name]}")
    found = module if name == _MODULES[name] else getattr(module, name)
    globals()[name] = found  # the next time it is there
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
