"""Make the files in ``models/`` with real Keras: ``python -m tests.keras_reference.make_models``.

Without arguments it writes a ``.keras`` file for each model of `exchange.py`, two files of the
older format, and what real Keras predicts with them. ``--check FOLDER`` loads the files that minitf
has written there, and writes what real Keras predicts with those.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tests.keras_reference.exchange import MODELS, made, predictions, step

FOLDER = Path(__file__).parent / "models"


def make() -> None:
    """Write the files."""
    import keras

    found = {}
    for name in MODELS:
        model, inputs = made(name, keras)
        model.save(FOLDER / f"{name}.keras")
        for i, array in enumerate(predictions(model, inputs)):
            found[f"{name}/{i}"] = array
        if name == "mlp":
            model.save(FOLDER / "mlp.h5")
            step(model, 3)
            found |= {f"trained/{i}": w for i, w in enumerate(model.get_weights())}
        if name == "nested":
            model.save(FOLDER / "nested.h5")
    np.savez(FOLDER / "predictions.npz", **found)


def check(folder: Path) -> None:
    """Load all models of a folder and write what they predict."""
    import keras

    found = {}
    for name, (make_model, inputs) in MODELS.items():
        make_model(keras)  # registers its classes
        for path in sorted(folder.glob(f"{name}.*")):
            model = load(path, make_model, inputs, keras)
            for i, array in enumerate(predictions(model, inputs)):
                found[f"{path.name}/{i}"] = array
            if path.name == "mlp.keras":
                step(model, 3)
                found |= {f"trained/{i}": w for i, w in enumerate(model.get_weights())}
    np.savez(folder / "predictions.npz", **found)


def load(path, make_model, inputs, keras):
    """Return the model of a file; for weights alone, a new model with them."""
    if not path.name.endswith(".weights.h5"):
        return keras.models.load_model(path)
    model = make_model(keras)
    model(inputs)
    model.load_weights(path)
    return model


if __name__ == "__main__":
    check(Path(sys.argv[2])) if sys.argv[1:2] == ["--check"] else make()
