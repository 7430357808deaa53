"""Layers: one file per family. (interim: replaced when all families are there)"""

from importlib import import_module
from pathlib import Path

__all__ = []
for _path in sorted(Path(__file__).parent.iterdir()):
    _stem = _path.stem
    if _stem.startswith("_") or _stem in ("layer", "symbolic", "naming", "input_spec", "dtype_policy"):
        continue
    _module = import_module(f"minitf.layers.{_stem}")
    for _name in getattr(_module, "__all__", []):
        globals()[_name] = getattr(_module, _name)
        __all__.append(_name)
from minitf.layers.dtype_policy import DTypePolicy
from minitf.layers.input_spec import InputSpec
from minitf.layers.layer import Layer
from minitf.layers.symbolic import Input, InputLayer
__all__ += ["DTypePolicy", "Input", "InputLayer", "InputSpec", "Layer"]
