"""Embeddings for TensorBoard's projector: a table of numbers each, and a file that lists them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from minitf.errors import NotFoundError


def write_projector(directory: Path, model: Any, metadata: Any = None) -> None:
    """Write the Embedding layers of a model.

    Parameters
    ----------
    directory : Path
        Where TensorBoard is started; paths in `metadata` begin there.
    model : Model
        Layers with the attribute `embeddings` are written.
    metadata : dict of str to path, or path, optional
        Files with labels.

    Raises
    ------
    NotFoundError
        Where `metadata` names a layer that is none of them.
    """
    layers = [layer for layer in model.layers if hasattr(layer, "embeddings")]
    _check_names(metadata, [layer.name for layer in layers])
    directory.mkdir(parents=True, exist_ok=True)
    entries = []
    for layer in layers:
        table = directory / f"embeddings_{layer.name}.tsv"
        np.savetxt(table, np.asarray(layer.embeddings), fmt="%.6g", delimiter="\t")
        labels = metadata.get(layer.name) if isinstance(metadata, dict) else metadata
        entries.append(_entry(layer.name, table.name, labels))
    (directory / "projector_config.pbtxt").write_text("".join(entries), encoding="utf-8")


def _check_names(metadata: Any, names: list[str]) -> None:
    unknown = set(metadata) - set(names) if isinstance(metadata, dict) else ()
    if unknown:
        raise NotFoundError(
            f"embeddings_metadata names {', '.join(sorted(unknown))}, but the Embedding layers are "
            f"{', '.join(names) or 'none'}"
        )


def _entry(name: str, table: str, labels: Any) -> str:
    """Return one embedding in the text form of protocol buffers."""
    lines = [f'tensor_name: "{name}"', f'tensor_path: "{table}"']
    lines += [f'metadata_path: "{labels}"'] if labels else []
    return "embeddings {\n" + "".join(f"  {line}\n" for line in lines) + "}\n"
