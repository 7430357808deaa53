"""Runs a program and reads what it says in RESULT."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
STORED = HERE / "results.json"
PROGRAMS = sorted(p.stem for p in HERE.glob("*.py") if "\nRESULT = " in p.read_text())

_ROOT = re.compile(r"^(\s*(?:from|import)\s+)(tensorflow|keras)\b", re.MULTILINE)
_BARE = re.compile(r"^(\s*)import minitf\.keras$", re.MULTILINE)


def for_minitf(program: str) -> str:
    """Return the text of a program with minitf in its import lines."""
    names = {"tensorflow": "minitf", "keras": "minitf.keras"}
    text = _ROOT.sub(lambda found: found[1] + names[found[2]], program)
    return _BARE.sub(r"\1from minitf import keras", text)


def run(path: Path, folder: Path) -> dict[str, Any]:
    """Run a file as a module of its own, in a folder for what it writes; return its RESULT."""
    spec = importlib.util.spec_from_file_location(f"program_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    before = Path.cwd()
    os.chdir(folder)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    finally:
        os.chdir(before)
        del sys.modules[spec.name]
    return plain(module.RESULT)


def plain(value: Any) -> Any:
    """Return a value as JSON has it: arrays and shapes are lists, numbers are Python's."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if hasattr(value, "as_list"):
        return value.as_list()
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if hasattr(value, "numpy"):
        value = value.numpy()
    if isinstance(value, (np.ndarray, np.generic)):
        return plain(value.tolist())
    return value.decode() if isinstance(value, bytes) else value
