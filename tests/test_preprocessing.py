"""Preprocessing layers: what they learn, what chance does, where they work, what they refuse.

Their values stand beside Keras' in test_keras_reference.py.
"""

import doctest
import importlib
import json

import numpy as np
import pytest

import minitf as tf
from minitf import keras
from minitf.errors import (
    DataError,
    FailedPreconditionError,
    InvalidArgumentError,
    OutOfRangeError,
    ShapeError,
    UsageError,
)
from minitf.layers.preprocessing.batches import batches
from minitf.ops.aspect import crop_to_aspect_ratio, pad_to_aspect_ratio
from minitf.ops.strings import text
from minitf.ops.warp import warp

layers = keras.layers
Dataset = tf.data.Dataset
TEXTS = ["the cat sat", "the cat", "the dog"]
IMAGES = np.random.default_rng(0).uniform(0, 255, (6, 8, 10, 3)).astype(np.float32)


def said(tensor):
    return np.vectorize(text, otypes=[object])(np.asarray(tensor)).tolist()


# -- documentation ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "module",
    [*(f"minitf.layers.preprocessing.{m}" for m in (
        "augmentation", "categories", "lookup", "normalization", "sizes", "text", "warping")),
     "minitf.ops.aspect", "minitf.ops.fingerprint", "minitf.ops.warp", "minitf.keras.ops.core",
     "minitf.keras.ops.promotion", "minitf.keras.random", "minitf.keras.backend"],
)  # fmt: skip
def test_the_examples_run(module):
    found = doctest.testmod(importlib.import_module(module))
    assert found.attempted
    assert not found.failed


# -- adapt --------------------------------------------------------------------------------------

DATA = np.array([[1.0, 10.0], [3.0, 30.0], [5.0, 50.0], [7.0, 10.0]], np.float32)
SOURCES = {
    "array": DATA,
    "tensor": tf.constant(DATA),
    "dataset": Dataset.from_tensor_slices(DATA).batch(3),
    "pairs": Dataset.from_tensor_slices((DATA, DATA[:, 0])).batch(3),
    "list of batches": [DATA[:1], DATA[1:]],
    "generator": (DATA[i : i + 2] for i in (0, 2)),
}


@pytest.mark.parametrize("source", SOURCES)
def test_normalization_learns_from(source):
    layer = layers.Normalization()
    layer.adapt(SOURCES[source])
    np.testing.assert_allclose(layer(DATA), (DATA - DATA.mean(0)) / DATA.std(0), rtol=1e-5)
    assert layer.mean.numpy().tolist() == [DATA.mean(0).tolist()]
    np.testing.assert_allclose(layer.variance, [DATA.var(0)], rtol=1e-6)


def test_normalization_of_single_numbers():
    layer = layers.Normalization(axis=None)
    layer.adapt(Dataset.from_tensor_slices(DATA.ravel()))
    np.testing.assert_allclose(layer.mean, DATA.mean(), rtol=1e-6)


def test_normalization_forgets_what_it_learned_before():
    layer = layers.Normalization()
    layer.adapt(DATA)
    layer.adapt(2 * DATA)
    np.testing.assert_allclose(layer.mean, [2 * DATA.mean(0)])


def test_normalization_is_precise_where_the_mean_is_large():
    data = np.float32(10000) + np.arange(100, dtype=np.float32)[:, None]
    layer = layers.Normalization()
    layer.adapt([data[:1], data[1:60], data[60:]])
    np.testing.assert_allclose(layer.variance, [[data.astype(float).var()]], rtol=1e-6)


def test_normalization_and_its_inverse():
    there, back = layers.Normalization(), layers.Normalization(invert=True)
    there.adapt(DATA)
    back.adapt(DATA)
    np.testing.assert_allclose(back(there(DATA)), DATA, rtol=1e-5)


@pytest.mark.parametrize(
    "source",
    [TEXTS, np.array(TEXTS), tf.constant(TEXTS), [[t] for t in TEXTS],
     Dataset.from_tensor_slices(TEXTS), Dataset.from_tensor_slices(TEXTS).batch(2),
     (np.array([t]) for t in TEXTS)],
)  # fmt: skip
def test_text_vectorization_learns_from(source):
    layer = layers.TextVectorization()
    layer.adapt(source)
    assert layer.get_vocabulary() == ["", "[UNK]", "the", "cat", "sat", "dog"]
    assert layer.get_vocabulary(include_special_tokens=False) == ["the", "cat", "sat", "dog"]
    assert layer.vocabulary_size() == 6


def test_only_so_many_steps():
    layer = layers.StringLookup()
    layer.adapt(Dataset.from_tensor_slices(["a", "b", "c"]).batch(1).repeat(), steps=2)
    assert layer.get_vocabulary() == ["[UNK]", "b", "a"]


def test_the_most_frequent_words():
    layer = layers.StringLookup(max_tokens=3)
    layer.adapt([["a", "b", "b", "c", "c", "c", "[UNK]"]])
    assert layer.get_vocabulary() == ["[UNK]", "c", "b"]


def test_what_adapt_refuses():
    with pytest.raises(InvalidArgumentError, match="has no batches"):
        layers.Normalization().adapt([])
    with pytest.raises(UsageError, match="expected an array, a Dataset"):
        list(batches(object()))
    built = layers.Normalization()
    built.build((None, 3))
    with pytest.raises(ShapeError, match="is to learn from"):
        built.adapt(DATA)
    with pytest.raises(FailedPreconditionError, match="nothing to learn"):
        layers.Normalization(mean=1.0, variance=1.0).adapt(DATA)
    with pytest.raises(UsageError, match="nothing to learn"):
        layers.StringLookup(vocabulary=["a"]).adapt(["a"])
    with pytest.raises(UsageError, match="give num_bins instead"):
        layers.Discretization([1.0]).adapt(DATA)


def test_discretization_finds_quantiles():
    rng = np.random.default_rng(1)
    layer = layers.Discretization(num_bins=4)
    layer.adapt(Dataset.from_tensor_slices(rng.normal(size=4000).astype(np.float32)).batch(100))
    np.testing.assert_allclose(layer.bin_boundaries, [-0.674, 0.0, 0.674], atol=0.1)
    again = layers.Discretization.from_config(layer.get_config())
    assert again.bin_boundaries == layer.bin_boundaries


# -- where they work ----------------------------------------------------------------------------


def test_in_dataset_map_and_before_it():
    vectorize = layers.TextVectorization(output_sequence_length=4)
    vectorize.adapt(TEXTS)
    ds = Dataset.from_tensor_slices((TEXTS, [0, 1, 1])).batch(2)
    ds = ds.map(lambda x, y: (vectorize(x), y), num_parallel_calls=tf.data.AUTOTUNE).prefetch(1)
    (first, _), (last, _) = list(ds)
    assert first.numpy().tolist() == [[2, 3, 4, 0], [2, 3, 0, 0]]
    assert last.dtype is tf.int64
    single = Dataset.from_tensor_slices(TEXTS).map(vectorize)
    assert [x.numpy().tolist() for x in single][2] == [2, 5, 0, 0]
    scale = Dataset.from_tensor_slices(IMAGES).map(layers.Rescaling(1 / 255))
    assert max(float(x.numpy().max()) for x in scale) <= 1


@pytest.mark.parametrize("wrap", [lambda f: f, tf.function])
def test_in_a_function(wrap):
    vectorize = layers.TextVectorization(vocabulary=["the", "cat"])
    found = wrap(lambda x: vectorize(x))(tf.constant(["the dog", "cat"]))
    assert found.numpy().tolist() == [[2, 1], [3, 0]]


def test_a_model_that_is_called_on_strings():
    vectorize = layers.TextVectorization(output_sequence_length=3)
    vectorize.adapt(TEXTS)
    model = keras.Sequential([vectorize, layers.Embedding(vectorize.vocabulary_size(), 2),
                              layers.Flatten(), layers.Dense(1)])  # fmt: skip
    found = model(tf.constant(["the cat", "a dog sat down"]))
    assert tuple(found.shape) == (2, 1)
    inputs = keras.Input((1,), dtype=tf.string)
    outputs = layers.Dense(2)(layers.StringLookup(vocabulary=["a"], output_mode="one_hot")(inputs))
    assert tuple(outputs.shape) == (None, 2)
    assert tuple(keras.Model(inputs, outputs)(tf.constant([["a"], ["b"], ["c"]])).shape) == (3, 2)
    numbers = layers.TextVectorization(output_sequence_length=3, vocabulary=["a"])(inputs)
    assert tuple(numbers.shape) == (None, 3)
    assert numbers.dtype is tf.int64


def test_own_functions_for_standardizing_and_splitting():
    layer = layers.TextVectorization(
        standardize=lambda x: tf.strings.regex_replace(tf.strings.lower(x), "[^a-z,]", ""),
        split=lambda x: tf.strings.split(x, sep=","),
    )
    layer.adapt(["A!,b", "a"])
    assert layer.get_vocabulary() == ["", "[UNK]", "a", "b"]
    assert layer(["b,A,x"]).numpy().tolist() == [[3, 2, 1]]


def test_lookups_of_all_kinds_of_inputs():
    layer = layers.StringLookup(vocabulary=["a", "b"])
    for given in (
        ["b", "z"],
        np.array(["b", "z"]),
        np.array([b"b", b"z"]),
        tf.constant(["b", "z"]),
    ):
        assert layer(given).numpy().tolist() == [2, 0]
    assert int(layer("b")) == 2
    back = layers.StringLookup(vocabulary=["a", "b"], invert=True, mask_token="")
    assert said(back([0, 1, 2, 3, 9])) == ["", "[UNK]", "a", "b", "[UNK]"]


def test_a_vocabulary_from_a_file(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("caf\u00e9\nb\n", encoding="utf-8")
    layer = layers.StringLookup(vocabulary=str(path))
    assert layer.get_vocabulary() == ["[UNK]", "caf\u00e9", "b"]
    with pytest.raises(DataError, match="cannot read the vocabulary"):
        layers.StringLookup(vocabulary=str(tmp_path / "none.txt"))


def test_a_learned_vocabulary_is_an_asset(tmp_path):
    layer = layers.TextVectorization(output_mode="tf_idf")
    layer.adapt(TEXTS)
    layer.save_assets(tmp_path)
    store = {}
    layer.save_own_variables(store)
    again = layers.TextVectorization.from_config(json.loads(json.dumps(layer.get_config())))
    again.load_own_variables(store)
    again.load_assets(tmp_path)
    assert again.get_vocabulary() == layer.get_vocabulary()
    np.testing.assert_array_equal(again(TEXTS), layer(TEXTS))
    inner = layers.StringLookup()
    inner.adapt([["a\nb"]])
    with pytest.raises(InvalidArgumentError, match="line break"):
        inner.save_assets(tmp_path)


# -- chance -------------------------------------------------------------------------------------

RANDOM = {
    "RandomFlip": {},
    "RandomRotation": {"factor": 0.2},
    "RandomZoom": {"height_factor": 0.3, "width_factor": 0.3},
    "RandomTranslation": {"height_factor": 0.3, "width_factor": 0.3},
    "RandomCrop": {"height": 5, "width": 6},
    "RandomContrast": {"factor": 0.9},
    "RandomBrightness": {"factor": 0.5},
}


@pytest.mark.parametrize("name", RANDOM)
def test_nothing_is_left_to_chance_outside_of_training(name):
    layer = getattr(layers, name)(**RANDOM[name])
    np.testing.assert_array_equal(layer(IMAGES, training=False), IMAGES)
    model = keras.Sequential([layer])
    np.testing.assert_array_equal(model(IMAGES, training=False), IMAGES)
    assert layer(IMAGES.astype(np.uint8), training=False).dtype is tf.float32


@pytest.mark.parametrize("name", RANDOM)
@pytest.mark.parametrize("wrap", [lambda f: f, tf.function])
def test_while_training_every_call_is_another(name, wrap):
    layer = getattr(layers, name)(**RANDOM[name])
    change = wrap(lambda x: layer(x, training=True))
    tf.random.set_seed(3)
    first, second = change(IMAGES), change(IMAGES)
    assert not np.allclose(first, second)
    assert first.dtype is tf.float32
    assert first.numpy().min() >= 0
    assert first.numpy().max() <= 255.001


@pytest.mark.parametrize("name", RANDOM)
def test_a_seed_makes_it_repeatable(name):
    found = []
    for _ in range(2):
        tf.random.set_seed(1)
        layer = getattr(layers, name)(**RANDOM[name], seed=5)
        found.append([np.array(layer(IMAGES, training=True)) for _ in range(2)])
    np.testing.assert_array_equal(found[0], found[1])


@pytest.mark.parametrize("name", [n for n in RANDOM if n != "RandomCrop"])
def test_every_image_of_a_batch_is_changed_in_its_own_way(name):
    layer = getattr(layers, name)(**RANDOM[name], seed=1)
    same = np.repeat(IMAGES[:1], 30, 0)
    found = np.array(layer(same, training=True))
    assert len({image.tobytes() for image in found}) >= 2


def test_an_image_by_itself():
    for name, how in RANDOM.items():
        layer = getattr(layers, name)(**how)
        wanted = (5, 6, 3) if name == "RandomCrop" else (8, 10, 3)
        assert tuple(layer(IMAGES[0], training=True).shape) == wanted


def test_augmentation_of_sizes_that_a_graph_does_not_know():
    model = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.1)])

    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3])])
    def change(x):
        return model(x, training=True)

    assert tuple(change(IMAGES).shape) == IMAGES.shape


@pytest.mark.parametrize(
    ("known", "shape"),
    [
        *[((None, None), size) for size in [(9, 20), (4, 20), (9, 4), (3, 3), (5, 6)]],
        *[((None, 20), (9, 20)), ((None, 4), (9, 4)), ((3, None), (3, 9))],
    ],
)
def test_the_middle_of_images_whose_size_a_model_does_not_know(known, shape):
    crop = layers.CenterCrop(5, 6)
    image = keras.Input((*known, 3))
    model = keras.Model(image, crop(image))
    assert model.output_shape == (None, 5, 6, 3)
    x = np.random.default_rng(0).random((2, *shape, 3), np.float32)
    np.testing.assert_array_equal(model.predict(x, verbose=0), crop(x))


def test_flips():
    x = np.arange(6, dtype=np.float32).reshape(1, 2, 3, 1)
    ways = {"horizontal": x[:, :, ::-1], "vertical": x[:, ::-1], "horizontal_and_vertical":
            x[:, ::-1, ::-1]}  # fmt: skip
    for mode, turned in ways.items():
        layer = layers.RandomFlip(mode, seed=2)
        found = {np.array(layer(x, training=True)).tobytes() for _ in range(20)}
        assert found == {x.tobytes(), turned.tobytes()}


def test_a_crop_is_a_part_of_the_image():
    layer = layers.RandomCrop(3, 4, seed=1)
    x = np.arange(80, dtype=np.float32).reshape(1, 8, 10, 1)
    corners = {float(layer(x, training=True)[0, 0, 0, 0]) for _ in range(60)}
    assert corners <= {10.0 * r + c for r in range(6) for c in range(7)}
    assert len(corners) > 10


# -- warps --------------------------------------------------------------------------------------


def shift(x, y):
    return np.float32([1, 0, x, 0, 1, y, 0, 0])


def test_how_an_image_goes_on():
    x = np.float32([1, 2, 3, 4]).reshape(1, 4, 1)
    ways = {"reflect": [3, 4, 4, 3], "wrap": [3, 4, 1, 2], "nearest": [3, 4, 4, 4],
            "constant": [3, 4, 9, 9]}  # fmt: skip
    for mode, expected in ways.items():
        found = warp(x, shift(2, 0), "nearest", mode, 9.0)
        assert found.numpy().ravel().tolist() == expected


def test_between_pixels():
    x = np.float32([[0, 4], [8, 12]]).reshape(2, 2, 1)
    assert warp(x, shift(0.25, 0), fill_mode="nearest").numpy().ravel().tolist() == [1, 4, 9, 12]
    assert warp(x, shift(0.5, 0.5), fill_mode="constant").numpy().ravel().tolist() == [6, 4, 5, 3]
    assert warp(x.astype(np.int32), shift(0.25, 0), fill_mode="nearest").dtype is tf.int32


def test_the_gradient_of_a_warp_is_its_transpose():
    rng = np.random.default_rng(0)
    x, y = (tf.constant(rng.normal(size=(2, 4, 5, 1)).astype(np.float32)) for _ in range(2))
    turned = np.float32([[0.8, 0.3, 0.2, -0.3, 0.9, 0.5, 0, 0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        found = warp(x, turned)
    back = tape.gradient(found, x, output_gradients=y)
    np.testing.assert_allclose(tf.reduce_sum(found * y), tf.reduce_sum(x * back), rtol=1e-5)


def test_what_a_warp_refuses():
    with pytest.raises(InvalidArgumentError, match="interpolation is one of"):
        warp(IMAGES, shift(0, 0), "cubic")
    with pytest.raises(InvalidArgumentError, match="fill_mode is one of"):
        warp(IMAGES, shift(0, 0), fill_mode="mirror")
    with pytest.raises(ShapeError, match=r"\(n, 8\)"):
        warp(IMAGES, np.zeros((6, 6), np.float32))
    with pytest.raises(ShapeError, match="3 or 4 dimensions"):
        warp(IMAGES[0, 0], shift(0, 0))


@pytest.mark.parametrize("size", [(4, 4), (3, 9), (8, 2), (10, 10)])
@pytest.mark.parametrize("change", [crop_to_aspect_ratio, pad_to_aspect_ratio])
def test_proportions_of_a_size_that_a_graph_does_not_know(change, size):
    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3])])
    def unknown(x):
        return change(x, *size)

    np.testing.assert_array_equal(unknown(IMAGES), change(IMAGES, *size))


# -- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: layers.Resizing(0, 3), InvalidArgumentError, "height is a whole number from 1"),
        (lambda: layers.Resizing(2, 2, "bilinar"), InvalidArgumentError, "did you mean 'bilinear'"),
        (lambda: layers.CenterCrop(2, 2)(np.zeros((4, 4))), ShapeError, "image of 3 dimensions"),
        (lambda: layers.RandomFlip("horizontl"), InvalidArgumentError, "did you mean 'horizontal'"),
        (lambda: layers.RandomZoom(3.0), InvalidArgumentError, "height_factor is a number"),
        (lambda: layers.RandomContrast((0.1, 0.2, 0.3)), InvalidArgumentError, "factor"),
        (lambda: layers.RandomBrightness(0.1, value_range=5), InvalidArgumentError, "value_range"),
        (lambda: layers.Normalization(mean=1.0), InvalidArgumentError, "both mean and variance"),
        (lambda: layers.Normalization().build((3, None)), ShapeError, "must be known"),
        (lambda: layers.StringLookup(max_tokens=1), InvalidArgumentError, "greater than 1"),
        (lambda: layers.StringLookup(vocabulary=[]), InvalidArgumentError, "empty"),
        (lambda: layers.StringLookup(vocabulary=["a", "a"]), InvalidArgumentError, "repeated"),
        (lambda: layers.StringLookup(vocabulary=["a", ""], mask_token=""), InvalidArgumentError,
         "among the words"),
        (lambda: layers.StringLookup(vocabulary=["a", "b"], max_tokens=2), InvalidArgumentError,
         "has 3 entries"),
        (lambda: layers.StringLookup(invert=True, output_mode="count"), InvalidArgumentError,
         "invert needs"),
        (lambda: layers.StringLookup(sparse=True), UsageError, "sparse tensors"),
        (lambda: layers.StringLookup(output_mode="counts"), InvalidArgumentError, "did you mean"),
        (lambda: layers.StringLookup(output_mode="count")(["a"]), FailedPreconditionError, "adapt"),
        (lambda: layers.StringLookup(vocabulary=["a"], output_mode="tf_idf"), InvalidArgumentError,
         "idf_weights are needed"),
        (lambda: layers.StringLookup(vocabulary=["a"], num_oov_indices=0)(["b"]), OutOfRangeError,
         "'b' is not in the vocabulary"),
        (lambda: layers.StringLookup(vocabulary=["a"])([1]), InvalidArgumentError, "keys of type"),
        (lambda: layers.TextVectorization(ngrams="2"), InvalidArgumentError, "ngrams"),
        (lambda: layers.TextVectorization(ragged=True, output_mode="count"), InvalidArgumentError,
         "ragged"),
        (lambda: layers.TextVectorization(vocabulary=["a"])([["a", "b"]]), ShapeError,
         r"\(batch, 1\)"),
        (lambda: layers.CategoryEncoding(), InvalidArgumentError, "num_tokens"),
        (lambda: layers.CategoryEncoding(3)([1], count_weights=[1.0]), UsageError, "count_weights"),
        (lambda: layers.Discretization(), UsageError, "either bin_boundaries or num_bins"),
        (lambda: layers.Discretization(num_bins=3)([1.0]), FailedPreconditionError, "no bins"),
        (lambda: layers.Hashing(3, salt=[1, 2, 3]), InvalidArgumentError, "salt"),
        (lambda: layers.Hashing(3, dtype="float32"), InvalidArgumentError, "int32 or int64"),
        (lambda: layers.HashedCrossing(3)(tf.constant([1])), UsageError, "two features"),
        (lambda: layers.HashedCrossing(3)([tf.constant([1]), tf.constant([1, 2])]), ShapeError,
         "must all be of shape"),
    ],
)  # fmt: skip
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
