"""Programs written for TensorFlow and Keras run here with only their import lines changed."""

import json

import pytest

from minitf import keras

from .programs.running import HERE, PROGRAMS, STORED, for_minitf, run

RESULTS = json.loads(STORED.read_text())


def close(found, expected):
    """Return whether two results agree, numbers up to what other kernels round."""
    if isinstance(expected, dict):
        return list(found) == list(expected) and all(close(found[k], expected[k]) for k in expected)
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(
            map(close, found, expected))  # fmt: skip
    if isinstance(expected, float):
        return found == pytest.approx(expected, rel=1e-4, abs=1e-5, nan_ok=True)
    return type(found) is type(expected) and found == expected


@pytest.fixture
def _as_new():
    """Count the names of layers from the beginning, and leave no setting behind."""
    keras.backend.clear_session()
    yield
    keras.mixed_precision.set_global_policy("float32")
    keras.backend.set_floatx("float32")


@pytest.mark.usefixtures("_as_new")
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_says_what_it_says_under_keras(name, tmp_path):
    path = tmp_path / f"{name}.py"
    path.write_text(for_minitf((HERE / path.name).read_text()))
    found, expected = run(path, tmp_path), RESULTS[name]
    assert list(found) == list(expected)
    assert {k: v for k, v in found.items() if not close(v, expected[k])} == {}


def test_every_program_has_a_result_and_every_result_a_program():
    assert sorted(RESULTS) == PROGRAMS


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("import tensorflow as tf", "import minitf as tf"),
        ("from tensorflow.keras.layers import Dense", "from minitf.keras.layers import Dense"),
        ("import keras", "from minitf import keras"),
        ("from keras import layers, ops", "from minitf.keras import layers, ops"),
        ("import keras.backend as K", "import minitf.keras.backend as K"),
        ("    from tensorflow import keras", "    from minitf import keras"),
        ("x = keras.Input((3,))  # import keras", "x = keras.Input((3,))  # import keras"),
    ],
)
def test_only_import_lines_are_changed(line, changed):
    assert for_minitf(f"{line}\n") == f"{changed}\n"
