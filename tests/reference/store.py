"""The stored reference values: `ops.json` says what there is, `ops.npz` holds the numbers.

The index lists, for every case, the dtype and shape of each array. The numbers of all arrays of
one dtype stand behind each other, in the order of the index, in one flat array of the archive.
That keeps a few thousand tiny arrays small, readable in a diff, and free of pickles.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .measure import Measured

HERE = Path(__file__).parent
PARTS = ("outputs", "grads", "hvps")


def save(
    version: str,
    signatures: dict[str, list[str]],
    measured: dict[str, tuple[str, Measured | None]],
    to: Path = HERE,
) -> None:
    """Write both files. `measured` maps a case to its fingerprint and its values (None: raises)."""
    index = {name: _entry(print_, m) for name, (print_, m) in measured.items()}
    flat: dict[str, list[np.ndarray]] = {}
    for _, m in measured.values():
        for array in arrays_of(m):
            flat.setdefault(array.dtype.name, []).append(array.ravel())
    text = f'{{\n"tensorflow": {json.dumps(version)},\n'
    text += f'"signatures": {_rows(signatures)},\n"cases": {_rows(index)}\n}}\n'
    (to / "ops.json").write_text(text)
    np.savez_compressed(to / "ops.npz", **{k: np.concatenate(flat[k]) for k in sorted(flat)})


def _rows(table: dict[str, Any]) -> str:
    """Return JSON with one line for each entry, so that a diff shows what changed."""
    rows = (f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in table.items())
    return "{\n" + ",\n".join(rows) + "\n}"


def arrays_of(measured: Measured | None) -> Iterator[np.ndarray]:
    """Return all arrays of a case, in the order of the store."""
    if measured is not None:
        for part in PARTS:
            yield from (a for a in getattr(measured, part) or [] if a is not None)


def _entry(print_: str, measured: Measured | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"program": print_} if print_ else {}
    if measured is None:
        return entry | {"fails": True}
    for part in PARTS:
        arrays = getattr(measured, part)
        if arrays is not None:
            entry[part] = [a if a is None else [a.dtype.name, *a.shape] for a in arrays]
    return entry


def load(at: Path = HERE) -> tuple[dict[str, Any], dict[str, Measured]]:
    """The index, and the values of every case that does not raise."""
    index = json.loads((at / "ops.json").read_text())
    with np.load(at / "ops.npz", allow_pickle=False) as archive:
        flat = {name: archive[name] for name in archive.files}
    used = dict.fromkeys(flat, 0)

    def take(spec: list | None) -> np.ndarray | None:
        if spec is None:
            return None
        dtype, *shape = spec
        start, used[dtype] = used[dtype], used[dtype] + int(np.prod(shape))
        return flat[dtype][start : used[dtype]].reshape(shape)

    values = {}
    for name, entry in index["cases"].items():
        if "outputs" in entry:
            parts = {p: [take(s) for s in entry[p]] for p in PARTS if p in entry}
            values[name] = Measured(**parts)
    return index, values
