"""The stored values: for each family an index to read, `.json`, and the numbers, `.npz`.

The index lists, for every case, its facts and the dtype and shape of each array. The numbers of all
arrays of one dtype stand behind each other, in the order of the index, in one flat array of the
archive. That keeps thousands of tiny arrays small, readable in a diff, and free of pickles. Text
stands in the index itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .measure import Measured

STORED = Path(__file__).parent / "stored"


def save(family: str, version: str, measured: dict[str, Measured | None], at: Path = STORED) -> int:
    """Write both files of a family; None stands for a case that raises. Return their size."""
    index = {name: _entry(m) for name, m in measured.items()}
    flat: dict[str, list[np.ndarray]] = {}
    for array in (a for m in measured.values() if m for a in _numbers(m)):
        flat.setdefault(array.dtype.name, []).append(array.ravel())
    rows = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in index.items())
    text = f'{{\n"keras": {json.dumps(version)},\n"cases": {{\n{rows}\n}}\n}}\n'
    at.mkdir(exist_ok=True)
    paths = at / f"{family}.json", at / f"{family}.npz"
    paths[0].write_text(text, encoding="utf-8")
    np.savez_compressed(paths[1], **{k: np.concatenate(flat[k]) for k in sorted(flat)})
    return sum(path.stat().st_size for path in paths)


def _numbers(measured: Measured) -> Iterator[np.ndarray]:
    for arrays in measured.parts.values():
        yield from (a for a in arrays if a is not None and a.dtype.kind != "U")


def _entry(measured: Measured | None) -> dict[str, Any]:
    if measured is None:
        return {"fails": True}
    parts = {part: [_spec(a) for a in arrays] for part, arrays in measured.parts.items()}
    return {**parts, "facts": measured.facts}


def _spec(array: np.ndarray | None) -> list | None:
    if array is None:
        return None
    if array.dtype.kind == "U":
        return ["text", array.tolist()]
    return [array.dtype.name, *array.shape]


def load(family: str, at: Path = STORED) -> dict[str, Measured | None]:
    """Return what is stored of a family, by case; None for a case that raises."""
    index = json.loads((at / f"{family}.json").read_text(encoding="utf-8"))["cases"]
    with np.load(at / f"{family}.npz", allow_pickle=False) as archive:
        flat = {name: archive[name] for name in archive.files}
    used = dict.fromkeys(flat, 0)

    def take(spec: list | None) -> np.ndarray | None:
        if spec is None:
            return None
        dtype, *shape = spec
        if dtype == "text":
            return np.array(shape[0], "U")
        start, used[dtype] = used[dtype], used[dtype] + int(np.prod(shape))
        return flat[dtype][start : used[dtype]].reshape(shape)

    def read(entry: dict[str, Any]) -> Measured | None:
        if "fails" in entry:
            return None
        facts = entry.pop("facts")
        return Measured({part: [take(s) for s in specs] for part, specs in entry.items()}, facts)

    return {name: read(entry) for name, entry in index.items()}
