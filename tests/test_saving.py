"""Models in files: exchanged with Keras, written whole or not at all, read without trust."""

from __future__ import annotations

import io
import json
import os
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

import minitf as tf
from minitf import keras
from minitf.errors import Error, NotFoundError, ShapeError
from minitf.models import archive
from tests.keras_reference.exchange import LABELS, MODELS, made, predictions, step

h5py = pytest.importorskip("h5py")
layers = keras.layers
ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "tests" / "keras_reference" / "models"
EXPECTED = np.load(STORED / "predictions.npz")
KERAS = os.environ.get("KERAS_PYTHON")


def small(units=3, name="small"):
    return keras.Sequential([keras.Input((2,)), layers.Dense(units, name="dense")], name=name)


def assert_predicts(model, inputs, expected):
    for i, found in enumerate(predictions(model, inputs)):
        np.testing.assert_allclose(found, expected[i], rtol=1e-6, atol=1e-6)


def stored_predictions(name):
    return [EXPECTED[key] for key in EXPECTED.files if key.startswith(f"{name}/")]


# ---- exchanged with Keras


@pytest.mark.parametrize("name", MODELS)
def test_a_file_of_keras_predicts_the_same(name):
    make, inputs = MODELS[name]
    make(keras)  # the classes of "subclassed" are registered
    model = keras.models.load_model(STORED / f"{name}.keras")
    assert_predicts(model, inputs, stored_predictions(name))


@pytest.mark.parametrize("name", ["mlp", "nested"])
def test_an_old_file_of_keras_predicts_the_same(name):
    model = keras.models.load_model(STORED / f"{name}.h5")
    assert_predicts(model, MODELS[name][1], stored_predictions(name))


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_training_goes_on_where_keras_stopped(suffix):
    model = keras.models.load_model(STORED / f"mlp{suffix}")
    model.layers[2].rate = 0.0
    assert int(model.optimizer.iterations.numpy()) == 3
    step(model, 3)
    for i, weight in enumerate(model.get_weights()):
        np.testing.assert_allclose(weight, EXPECTED[f"trained/{i}"], rtol=1e-5, atol=1e-6)


def contents(data: bytes) -> dict[str, object]:
    """Return the groups and arrays of an HDF5 file with shapes and dtypes."""
    found = {}

    def note(path, item):
        is_array = isinstance(item, h5py.Dataset)
        found[path] = (item.shape, item.dtype) if is_array else "name" in item.attrs

    with h5py.File(io.BytesIO(data)) as file:
        file.visititems(note)
    return found


@pytest.mark.parametrize("name", MODELS)
def test_the_layout_is_that_of_keras(name, tmp_path):
    model, _ = made(name, keras)
    model.save(tmp_path / "model.keras")
    mine, theirs = (
        archive.unpack(tmp_path / "model.keras"),
        archive.unpack(STORED / f"{name}.keras"),
    )
    assert list(mine) == list(theirs)
    assert contents(mine[archive.WEIGHTS]) == contents(theirs[archive.WEIGHTS])
    with zipfile.ZipFile(tmp_path / "model.keras") as file:
        assert {i.compress_type for i in file.infolist()} == {zipfile.ZIP_STORED}


@pytest.mark.skipif(not KERAS, reason="KERAS_PYTHON names no Python with real Keras")
def test_keras_reads_what_minitf_writes(tmp_path):
    expected = {}
    for name in MODELS:
        model, inputs = made(name, keras)
        model.save(tmp_path / f"{name}.keras")
        model.save_weights(tmp_path / f"{name}.weights.h5")
        files = [f"{name}.keras", f"{name}.weights.h5"]
        if name != "subclassed":
            model.save(tmp_path / f"{name}.h5")
            files.append(f"{name}.h5")
        for file in files:
            found = enumerate(predictions(model, inputs))
            expected |= {f"{file}/{i}": array for i, array in found}
        if name == "mlp":
            step(model, 3)
            expected |= {f"trained/{i}": w for i, w in enumerate(model.get_weights())}
    command = [KERAS, "-m", "tests.keras_reference.make_models", "--check", str(tmp_path)]
    subprocess.run(command, check=True, cwd=ROOT, timeout=300, capture_output=True)
    found = np.load(tmp_path / "predictions.npz")
    assert sorted(found.files) == sorted(expected)
    for key, array in expected.items():
        tolerance = 1e-5 if key.startswith("trained") else 1e-6
        np.testing.assert_allclose(found[key], array, rtol=tolerance, atol=1e-6, err_msg=key)


# ---- there and back


@pytest.mark.parametrize("suffix", [".keras", ".h5", ".weights.h5", ".weights.keras"])
@pytest.mark.parametrize("name", MODELS)
def test_a_model_comes_back(name, suffix, tmp_path):
    model, inputs = made(name, keras)
    path = tmp_path / f"model{suffix.replace('.weights.keras', '.keras')}"
    if (name, suffix) == ("subclassed", ".h5"):
        with pytest.raises(NotImplementedError, match="subclass of Model"):
            model.save(path)
        return
    if ".weights" in suffix:
        model.save_weights(path) if suffix == ".weights.h5" else model.save(path)
        other = MODELS[name][0](keras)
        other(inputs)
        other.load_weights(path)
    else:
        model.save(path)
        other = keras.models.load_model(path)
    for a, b in zip(predictions(model, inputs), predictions(other, inputs), strict=True):
        np.testing.assert_array_equal(a, b)


def test_training_goes_on_after_loading(tmp_path):
    model, _ = made("mlp", keras)
    model.save(tmp_path / "model.keras")
    other = keras.models.load_model(tmp_path / "model.keras")
    step(model, 2)
    step(other, 2)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert other.evaluate(MODELS["mlp"][1], LABELS, verbose=0, return_dict=True).keys() == {
        "loss", "accuracy"}  # fmt: skip


def old_dense(name, units, **more):
    """Return the config of a Dense as tf.keras 2 wrote it."""
    fill = {"class_name": "GlorotUniform", "config": {"seed": None}}
    config = {"name": name, "trainable": True, "dtype": "float32", "units": units,
              "activation": "relu", "use_bias": True, "kernel_initializer": fill,
              "bias_initializer": {"class_name": "Zeros", "config": {}},
              "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.5}}}  # fmt: skip
    return {"class_name": "Dense", "config": {**config, **more}}


def write_old(path, model_config, weights, **training):
    """Write a file as tf.keras 2 did."""
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(model_config).encode()
        file.attrs["training_config"] = json.dumps(training).encode()
        root = file.create_group("model_weights")
        root.attrs["layer_names"] = [name.encode() for name in weights]
        for name, arrays in weights.items():
            group = root.create_group(name)
            names = [f"{name}/{part}:0" for part in ("kernel", "bias")][: len(arrays)]
            group.attrs["weight_names"] = [n.encode() for n in names]
            for key, array in zip(names, arrays, strict=True):
                group[key] = array


ADAM = {"class_name": "Adam", "config": {"name": "Adam", "learning_rate": 0.25, "decay": 0.0,
                                         "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7,
                                         "amsgrad": False}}  # fmt: skip
KERNEL, BIAS = np.arange(6.0, dtype="float32").reshape(2, 3), np.ones(3, "float32")


def test_a_sequential_model_of_tf_keras_2(tmp_path):
    entry = {"class_name": "InputLayer", "config": {
        "batch_input_shape": [None, 2], "dtype": "float32", "sparse": False, "ragged": False,
        "name": "dense_input"}}  # fmt: skip
    dense = old_dense("dense", 3, batch_input_shape=[None, 2])
    config = {"class_name": "Sequential", "config": {"name": "old", "layers": [entry, dense]}}
    write_old(tmp_path / "old.h5", config, {"dense": [KERNEL, BIAS]}, loss="mse",
              metrics=["mae"], optimizer_config=ADAM)  # fmt: skip
    model = keras.models.load_model(tmp_path / "old.h5")
    np.testing.assert_allclose(model(tf.ones((1, 2)))[0], KERNEL.sum(0) + 1)
    assert float(model.optimizer.learning_rate.numpy()) == 0.25
    model.fit(np.ones((4, 2)), np.ones((4, 3)), verbose=0)


def test_a_functional_model_of_tf_keras_2(tmp_path):
    entry = {"class_name": "InputLayer", "name": "x", "inbound_nodes": [], "config": {
        "batch_input_shape": [None, 2], "dtype": "float32", "name": "x"}}  # fmt: skip
    dense = {**old_dense("dense", 3), "name": "dense", "inbound_nodes": [[["x", 0, 0, {}]]]}
    norm = {"class_name": "BatchNormalization", "name": "norm", "config": {
        "name": "norm", "trainable": True, "dtype": "float32", "axis": [1], "momentum": 0.99},
        "inbound_nodes": [[["dense", 0, 0, {}]]]}  # fmt: skip
    total = {"class_name": "Add", "name": "add", "config": {"name": "add", "dtype": "float32"},
             "inbound_nodes": [[["dense", 0, 0, {}], ["norm", 0, 0, {}]]]}  # fmt: skip
    config = {"class_name": "Functional", "config": {
        "name": "old", "layers": [entry, dense, norm, total], "input_layers": [["x", 0, 0]],
        "output_layers": [["add", 0, 0]]}}  # fmt: skip
    path = tmp_path / "old.h5"
    write_old(path, config, {"x": [], "dense": [KERNEL, BIAS]}, loss=None)
    with h5py.File(path, "a") as file:
        group = file["model_weights"].create_group("norm")
        values = {"gamma:0": 1.0, "beta:0": 0.0, "moving_mean:0": 0.0, "moving_variance:0": 0.999}
        group.attrs["weight_names"] = list(values)
        for key, value in values.items():
            group[key] = np.full(3, value, "float32")
        file["model_weights"].attrs["layer_names"] = ["x", "dense", "norm"]
    model = keras.models.load_model(path, compile=False)
    np.testing.assert_allclose(model(tf.ones((1, 2)))[0], 2 * (KERNEL.sum(0) + 1), rtol=1e-6)


def test_without_compile_there_is_no_optimizer():
    model = keras.models.load_model(STORED / "mlp.keras", compile=False)
    assert model.optimizer is None


def test_custom_objects_are_asked_for_by_name(tmp_path):
    class Double(layers.Layer):
        def call(self, x):
            return 2 * x

    model = keras.Sequential([keras.Input((2,)), Double()])
    model.save(tmp_path / "model.keras")
    with pytest.raises(NotFoundError, match="Double.*custom_objects"):
        keras.models.load_model(tmp_path / "model.keras")
    found = keras.models.load_model(tmp_path / "model.keras", custom_objects={"Double": Double})
    assert found(tf.ones((1, 2))).numpy().tolist() == [[2.0, 2.0]]


def test_a_lambda_runs_only_if_trusted(tmp_path):
    model = keras.Sequential([keras.Input((2,)), layers.Lambda(lambda x: x * 3)])
    model.save(tmp_path / "model.keras")
    with pytest.raises(Error, match="safe_mode=False"):
        keras.models.load_model(tmp_path / "model.keras")
    found = keras.models.load_model(tmp_path / "model.keras", safe_mode=False)
    assert found(tf.ones((1, 2))).numpy().tolist() == [[3.0, 3.0]]


def test_layers_keep_files_beside_their_weights(tmp_path):
    class Words(layers.Layer):
        words = ()

        def call(self, x):
            return x

        def save_assets(self, folder):
            Path(folder, "words.txt").write_text("\n".join(self.words), encoding="utf-8")

        def load_assets(self, folder):
            self.words = Path(folder, "words.txt").read_text(encoding="utf-8").split()

    layer = Words()
    layer.words = ["ice", "fire"]
    keras.Sequential([keras.Input((2,)), layer]).save(tmp_path / "model.keras")
    assert "assets/layers/words/words.txt" in archive.unpack(tmp_path / "model.keras")
    found = keras.models.load_model(tmp_path / "model.keras", custom_objects={"Words": Words})
    assert found.layers[0].words == ["ice", "fire"]


def test_weights_go_to_layers_of_the_same_names(tmp_path):
    a = keras.Sequential([keras.Input((2,)), layers.Dense(3, name="x"), layers.Dense(3, name="y")])
    a.save_weights(tmp_path / "a.h5")
    b = keras.Sequential([keras.Input((2,)), layers.Dense(4, name="z"), layers.Dense(3, name="w"),
                          layers.Dense(3, name="y")])  # fmt: skip
    before = b.layers[0].get_weights()
    b.load_weights(tmp_path / "a.h5", by_name=True)
    np.testing.assert_array_equal(b.layers[2].get_weights()[0], a.layers[1].get_weights()[0])
    np.testing.assert_array_equal(b.layers[0].get_weights()[0], before[0])


def test_json_gives_the_model_without_its_weights():
    model, inputs = made("nested", keras)
    other = keras.models.model_from_json(model.to_json())
    assert json.loads(other.to_json())["config"] == json.loads(model.to_json())["config"]
    assert not np.array_equal(other.get_weights()[0], model.get_weights()[0])
    other.set_weights(model.get_weights())
    assert_predicts(other, inputs, predictions(model, inputs))


# ---- clones


@pytest.mark.parametrize("name", ["conv", "nested", "attention"])
def test_a_clone_has_the_same_form_and_weights_of_its_own(name):
    model, inputs = made(name, keras)
    clone = keras.models.clone_model(model)
    assert [w.shape for w in clone.weights] == [w.shape for w in model.weights]
    assert not {id(w) for w in clone.weights} & {id(w) for w in model.weights}
    clone.set_weights(model.get_weights())
    assert_predicts(clone, inputs, predictions(model, inputs))


def test_a_clone_function_chooses_the_layers():
    def wider(layer):
        config = layer.get_config()
        return type(layer).from_config({**config, "units": 2 * config["units"]})

    clone = keras.models.clone_model(small(), clone_function=wider)
    assert clone.output_shape == (None, 6)


def test_a_clone_takes_other_inputs():
    x = keras.Input((2,), batch_size=5)
    assert keras.models.clone_model(small(), input_tensors=x).output_shape == (5, 3)
    shared, _ = made("nested", keras)
    clone = keras.models.clone_model(shared)
    assert sum(layer.name == "encoder" for layer in clone.layers) == 1


# ---- what does not fit


def test_other_shapes_are_named_and_nothing_is_changed(tmp_path):
    small(3).save_weights(tmp_path / "a.weights.h5")
    other = keras.Sequential([keras.Input((2,)), layers.Dense(4, name="wide")])
    before = other.get_weights()
    with pytest.raises(ShapeError, match=r"'wide'.*\(2, 4\), \(4,\).*\(2, 3\), \(3,\)"):
        other.load_weights(tmp_path / "a.weights.h5")
    with pytest.warns(UserWarning, match="wide"):
        other.load_weights(tmp_path / "a.weights.h5", skip_mismatch=True)
    np.testing.assert_array_equal(other.get_weights()[0], before[0])


def test_what_fits_is_not_loaded_where_something_else_does_not(tmp_path):
    first = [keras.Input((2,)), layers.Dense(3), layers.Dense(4)]
    second = [keras.Input((2,)), layers.Dense(3), layers.Dense(5)]
    a, b = keras.Sequential(first), keras.Sequential(second)
    a.save_weights(tmp_path / "a.weights.h5")
    before = b.get_weights()
    with pytest.raises(ShapeError):
        b.load_weights(tmp_path / "a.weights.h5")
    np.testing.assert_array_equal(b.get_weights()[0], before[0])
    with pytest.warns(UserWarning, match=r"\(4,\)"):
        b.load_weights(tmp_path / "a.weights.h5", skip_mismatch=True)
    np.testing.assert_array_equal(b.get_weights()[0], a.get_weights()[0])


@pytest.mark.parametrize("suffix", [".weights.h5", ".h5"])
def test_missing_and_surplus_weights_are_named(suffix, tmp_path):
    two = keras.Sequential([keras.Input((2,)), layers.Dense(3), layers.Dense(3, name="second")])
    two.save_weights(tmp_path / f"two{suffix}")
    small().save_weights(tmp_path / f"one{suffix}")
    with pytest.raises(ShapeError, match="second"):
        two.load_weights(tmp_path / f"one{suffix}")
    with pytest.raises(ShapeError, match="second|dense_1"):
        small().load_weights(tmp_path / f"two{suffix}")


def test_an_unbuilt_model_has_no_weights_to_save(tmp_path):
    model = keras.Sequential([layers.Dense(3)])
    with pytest.raises(Error, match="call it on data"):
        model.save_weights(tmp_path / "a.weights.h5")


class Pair(keras.Model):
    """Trains its parts with an optimizer of their own, and is never called itself."""

    def __init__(self):
        super().__init__()
        self.left, self.right = (keras.Sequential([keras.Input([2]), layers.Dense(3)])
                                 for _ in range(2))  # fmt: skip
        self.compile()


def test_a_model_that_is_never_called_has_the_weights_of_its_parts(tmp_path, recwarn):
    pair, other = Pair(), Pair()
    pair.save_weights(tmp_path / "a.weights.h5")
    other.load_weights(tmp_path / "a.weights.h5")
    for mine, saved in zip(other.get_weights(), pair.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, saved)
    assert not recwarn.list


@pytest.mark.parametrize("name", ["model", "model.tf", "model.onnx"])
def test_an_unknown_suffix_is_refused(name, tmp_path):
    with pytest.raises(ValueError, match=".keras"):
        small().save(tmp_path / name)


def test_an_existing_file_may_be_kept(tmp_path):
    small().save(tmp_path / "a.keras")
    with pytest.raises(ValueError, match="overwrite"):
        small().save(tmp_path / "a.keras", overwrite=False)


# ---- checkpoints


def test_a_checkpoint_holds_models_optimizers_metrics_and_iterators(tmp_path):
    model, inputs = made("mlp", keras)
    metric, data = keras.metrics.Mean(), tf.data.Dataset.range(10)
    metric.update_state([1.0, 2.0])
    iterator = iter(data)
    assert [int(next(iterator)) for _ in range(3)] == [0, 1, 2]
    path = tf.train.Checkpoint(model=model, optimizer=model.optimizer, metric=metric,
                               iterator=iterator).write(tmp_path / "a")  # fmt: skip
    other = keras.models.clone_model(model)
    other.optimizer.build(other.trainable_variables)
    mean, again = keras.metrics.Mean(), iter(data)
    restored = tf.train.Checkpoint(model=other, optimizer=other.optimizer, metric=mean,
                                   iterator=again)  # fmt: skip
    restored.restore(path).assert_consumed()
    assert_predicts(other, inputs, predictions(model, inputs))
    assert float(mean.result()) == 1.5
    assert int(next(again)) == 3
    other.layers[2].rate = 0.0
    step(model, 2)
    step(other, 2)
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])


class Late(layers.Layer):
    """Has layers inside only when it is built, so nothing can be left with them before."""

    def build(self, shape):
        self.inner = layers.Dense(3)
        self.inner.build(shape)

    def call(self, x):
        return self.inner(x)


def test_an_unbuilt_model_is_not_restored_in_silence(tmp_path):
    model, again = Late(), Late()
    model(np.ones((1, 2)))
    path = tf.train.Checkpoint(model=model).write(tmp_path / "a")
    with pytest.warns(UserWarning, match="has not been built"):
        tf.train.Checkpoint(model=again).restore(path)


def test_weights_without_a_suffix_are_a_checkpoint(tmp_path):
    model = small()
    model.save_weights(tmp_path / "run" / "cp-0001.ckpt")
    newest = tf.train.latest_checkpoint(tmp_path / "run")
    other = small()
    other.load_weights(newest)
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])
