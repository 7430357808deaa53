"""compile, fit, evaluate, predict: what they take, tell and refuse."""

import numpy as np
import pytest

import minitf as tf
from minitf import errors, keras
from minitf.keras import layers


def line(samples=64, seed=0):
    """Return data on a plane: y = x @ [1, -2, 3] + 1."""
    x = np.random.default_rng(seed).normal(size=(samples, 3)).astype("float32")
    return x, x @ np.array([[1.0], [-2.0], [3.0]], "float32") + 1


def linear(**options):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    model.compile(**{"optimizer": keras.optimizers.SGD(0.1), "loss": "mse", **options})
    return model


def test_fit_finds_the_plane():
    x, y = line(512)
    model = linear(metrics=["mae"])
    history = model.fit(x, y, epochs=10, verbose=0).history
    assert set(history) == {"loss", "mae"}
    assert history["loss"][-1] < 1e-6
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(kernel.ravel(), [1, -2, 3], atol=1e-2)
    np.testing.assert_allclose(bias, [1], atol=1e-2)


def test_one_step_is_gradient_descent():
    x, y = line(8)
    model = linear()
    w, b = model.get_weights()
    error = x @ w + b - y
    loss = model.train_on_batch(x, y)
    assert loss == pytest.approx(float((error**2).mean()), rel=1e-5)
    np.testing.assert_allclose(model.get_weights()[0], w - 0.1 * 2 * x.T @ error / 8, rtol=1e-4)


def test_what_is_told_of_a_batch_is_of_this_batch_alone():
    x, y = line(8)
    model = linear()
    losses = [model.train_on_batch(x, y) for _ in range(3)]
    assert losses[2] < losses[1] < losses[0]
    assert model.test_on_batch(x, y) == pytest.approx(model.evaluate(x, y, verbose=0), rel=1e-6)
    mean = model.test_on_batch(x, 2 * y, reset_metrics=False)
    assert mean == pytest.approx(
        (model.test_on_batch(x, y) + model.test_on_batch(x, 2 * y)) / 2, rel=1e-5
    )


@pytest.mark.parametrize("eager", [False, True])
def test_graph_and_python_take_the_same_steps(eager):
    x, y = line(32)
    model = linear(run_eagerly=eager, optimizer="adam")
    model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    want = linear(optimizer="adam")
    want.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    for a, b in zip(model.get_weights(), want.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_a_step_is_traced_once_per_form_of_batch():
    x, y = line(20)
    traces = []

    class Counting(keras.Sequential):
        def train_step(self, data):
            traces.append(data[0].shape[0])
            return super().train_step(data)

    model = Counting([keras.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, y, batch_size=8, epochs=4, verbose=0)
    assert traces == [8, 4]


def test_many_forms_of_batches_end_in_one_general_graph():
    traces = []

    class Counting(keras.Sequential):
        def train_step(self, data):
            traces.append(data[0].shape[0])
            return super().train_step(data)

    model = Counting([keras.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    for size in range(1, 20):
        model.train_on_batch(*line(size))
    assert len(traces) < 10


DATA = {
    "arrays": lambda x, y: {"x": x, "y": y, "batch_size": 8, "shuffle": False},
    "dataset": lambda x, y: {"x": tf.data.Dataset.from_tensor_slices((x, y)).batch(8)},
    "generator": lambda x, y: {
        "x": ((x[i : i + 8], y[i : i + 8]) for _ in range(2) for i in range(0, 32, 8)),
        "steps_per_epoch": 4,
    },
    "endless dataset": lambda x, y: {
        "x": tf.data.Dataset.from_tensor_slices((x, y)).batch(8).repeat(),
        "steps_per_epoch": 4,
    },
    "tensors": lambda x, y: {
        "x": tf.constant(x), "y": tf.constant(y), "batch_size": 8, "shuffle": False},
    "lists": lambda x, y: {
        "x": np.array(x.tolist()), "y": np.array(y.tolist()), "batch_size": 8, "shuffle": False},
}  # fmt: skip


@pytest.mark.parametrize("kind", DATA)
def test_all_kinds_of_data_give_the_same_training(kind):
    x, y = line(32)
    model = linear()
    model.fit(**DATA[kind](x, y), epochs=2, verbose=0)
    want = linear()
    for _ in range(2):
        for i in range(0, 32, 8):
            want.train_on_batch(x[i : i + 8], y[i : i + 8])
    np.testing.assert_allclose(model.get_weights()[0], want.get_weights()[0], rtol=1e-5)


def test_a_pydataset_brings_batches_by_number():
    x, y = line(32)

    class Rows(keras.utils.PyDataset):
        ended = 0

        def __len__(self):
            return 4

        def __getitem__(self, index):
            return x[index * 8 : index * 8 + 8], y[index * 8 : index * 8 + 8]

        def on_epoch_end(self):
            self.ended += 1

    rows, model = Rows(), linear()
    model.fit(rows, epochs=3, verbose=0)
    assert rows.ended == 3
    assert model.evaluate(rows, verbose=0) == pytest.approx(model.evaluate(x, y, verbose=0))
    assert model.predict(rows, verbose=0).shape == (32, 1)


def test_weights_of_samples_and_of_classes():
    x = np.ones((4, 1), "float32")
    y = np.array([0, 0, 1, 1])
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.0), "mse", weighted_metrics=["mae"], metrics=["mse"])
    weights = np.array([1.0, 0.0, 2.0, 1.0], "float32")
    told = model.evaluate(x, y, sample_weight=weights, verbose=0, return_dict=True)
    assert told["loss"] == pytest.approx(3 / 4)
    assert told["mae"] == pytest.approx(3 / 4)
    assert told["mse"] == pytest.approx(1 / 2)
    history = model.fit(x, y, class_weight={0: 1.0, 1: 3.0}, verbose=0).history
    assert history["loss"] == [pytest.approx(6 / 4)]


def test_validation_takes_the_last_samples_and_trains_on_the_rest():
    x, y = line(20)
    y[16:] += 100
    model = linear(optimizer=keras.optimizers.SGD(0.0))
    history = model.fit(x, y, validation_split=0.2, verbose=0, epochs=3, validation_freq=2).history
    assert len(history["val_loss"]) == 1
    assert history["val_loss"][0] > 1000 * history["loss"][0] / 10
    again = model.fit(x, y, validation_data=(x[16:], y[16:]), verbose=0).history
    assert again["val_loss"][0] == pytest.approx(history["val_loss"][0], rel=1e-5)


def test_a_mistake_in_a_function_of_a_dataset_is_told_as_it_is():
    data = tf.data.Dataset.from_tensor_slices(line(8)).map(lambda x, y: (x.no_such_thing, y))
    with pytest.raises(AttributeError, match="no_such_thing"):
        linear().fit(data.batch(4), verbose=0)
    with pytest.raises(AttributeError, match="no_such_thing"):
        layers.Normalization().adapt(data.batch(4).map(lambda x, y: x))


def test_metrics_whose_names_are_taken_are_told_under_others():
    shared, inputs = layers.Dense(1, name="one"), keras.Input((3,))
    model = keras.Model(inputs, [shared(inputs), shared(2 * inputs), shared(3 * inputs)])
    model.compile("sgd", "mse", metrics=["mae"] * 3, weighted_metrics=[["mae"], [], ["mae"]])
    x, y = line(16)
    told = model.evaluate(x, [y, y, y], verbose=0, return_dict=True)
    again = ["one_mae", "one_mae_1", "one_mae_2", "one_weighted_mae", "one_weighted_mae_1"]
    assert set(told) == {"loss", "one_loss", *again}
    values = [float(np.abs(p - y).mean()) for p in model.predict(x, verbose=0)]
    assert [told[name] for name in again] == pytest.approx([*values, values[0], values[2]], 1e-5)


def test_several_outputs_have_losses_metrics_and_weights_of_their_own():
    x, y = line(16)
    inputs = keras.Input((3,))
    outputs = [layers.Dense(1, name="one")(inputs), layers.Dense(1, name="two")(inputs)]
    model = keras.Model(inputs, outputs)
    model.compile("sgd", {"one": "mse", "two": "mae"}, loss_weights={"one": 1.0, "two": 10.0},
                  metrics={"two": ["mse"]})  # fmt: skip
    told = model.evaluate(x, {"one": y, "two": y}, verbose=0, return_dict=True)
    assert set(told) == {"loss", "one_loss", "two_loss", "two_mse"}
    assert told["loss"] == pytest.approx(told["one_loss"] + 10 * told["two_loss"], rel=1e-5)
    assert told["loss"] == pytest.approx(model.evaluate(x, [y, y], verbose=0)[0], rel=1e-5)


@pytest.mark.parametrize(("units", "activation", "labels", "loss", "kind"), [
    (1, "sigmoid", [[0], [1]], "binary_crossentropy", "BinaryAccuracy"),
    (3, "softmax", [0, 2], "sparse_categorical_crossentropy", "SparseCategoricalAccuracy"),
    (3, "softmax", [[1, 0, 0], [0, 0, 1]], "categorical_crossentropy", "CategoricalAccuracy"),
])  # fmt: skip
def test_accuracy_means_what_the_shapes_say(units, activation, labels, loss, kind):
    model = keras.Sequential([keras.Input((2,)), layers.Dense(units, activation)])
    model.compile("sgd", loss, metrics=["accuracy"])
    model.evaluate(np.ones((2, 2)), np.array(labels), verbose=0)
    assert type(model.metrics[-1]).__name__ == kind
    assert model.metrics[-1].name == "accuracy"


def test_an_own_train_step_is_traced_and_its_logs_are_told():
    x, y = line(16)

    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)
            self.seen = keras.metrics.Mean(name="seen")

        def call(self, inputs):
            return self.dense(inputs)

        @property
        def metrics(self):
            return [self.seen]

        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                loss = keras.losses.mse(y, self(x, training=True))
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            self.seen.update_state(loss)
            return {"seen": self.seen.result(), "constant": 3.0}

    model = Own()
    model.compile(optimizer="adam")
    history = model.fit(x, y, epochs=2, batch_size=4, verbose=0).history
    assert history["constant"] == [3.0, 3.0]
    assert history["seen"][1] < history["seen"][0]


def test_add_loss_joins_the_loss():
    class Penalty(layers.Layer):
        def call(self, inputs):
            self.add_loss(tf.reduce_sum(inputs) * 0.0 + 5.0)
            return inputs

    x, y = line(8)
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1), Penalty()])
    model.compile("sgd", "mse")
    plain = keras.losses.MeanSquaredError()(y, model(x))
    assert model.evaluate(x, y, verbose=0) == pytest.approx(float(plain) + 5.0, rel=1e-5)


def test_callbacks_hear_of_everything_and_can_stop():
    heard = []

    class Spy(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            heard.append(f"epoch {epoch}")

        def on_train_batch_end(self, batch, logs=None):
            heard.append(f"batch {batch} {sorted(logs)}")
            self.model.stop_training = batch == 1

    x, y = line(32)
    linear().fit(x, y, batch_size=8, epochs=5, verbose=0, callbacks=[Spy()])
    assert heard == ["epoch 0", "batch 0 ['loss']", "batch 1 ['loss']"]


def test_predict_returns_arrays_in_the_form_of_the_outputs():
    inputs = keras.Input((3,))
    model = keras.Model(inputs, {"a": layers.Dense(2)(inputs), "b": inputs * 2})
    found = model.predict(np.ones((5, 3)), batch_size=2, verbose=0)
    assert {k: v.shape for k, v in found.items()} == {"a": (5, 2), "b": (5, 3)}
    assert isinstance(found["a"], np.ndarray)
    np.testing.assert_array_equal(model.predict_on_batch(np.ones((5, 3)))["b"], found["b"])


def test_verbose_0_prints_nothing_and_2_a_line_per_epoch(capsys):
    x, y = line(8)
    linear().fit(x, y, verbose=0)
    assert capsys.readouterr().out == ""
    linear().fit(x, y, verbose=2, epochs=2)
    out = capsys.readouterr().out
    assert out.count("Epoch") == 2
    assert "loss:" in out
    assert out.isascii()


def test_the_same_seed_gives_the_same_training():
    x, y = line(64)
    runs = []
    for _ in range(2):
        model = linear(optimizer="adam")
        model.fit(x, y, batch_size=8, epochs=2, verbose=0)
        runs.append(model.get_weights()[0])
    np.testing.assert_array_equal(*runs)


@pytest.mark.parametrize(("run", "error", "said"), [
    (lambda m, x, y: keras.Sequential([layers.Dense(1)]).fit(x, y),
     errors.FailedPreconditionError, "compile"),
    (lambda m, x, y: m.fit(x, y[:-1]), errors.InvalidArgumentError, "numbers of samples"),
    (lambda m, x, y: m.fit(x[:0], y[:0]), errors.InvalidArgumentError, "no data"),
    (lambda m, x, y: m.fit(x[:, :2], y), errors.ShapeError, "shape"),
    (lambda m, x, y: m.fit(x), errors.InvalidArgumentError, "y= is missing"),
    (lambda m, x, y: m.fit(x, y, validation_split=1.5), errors.InvalidArgumentError, "share"),
    (lambda m, x, y: m.fit(tf.data.Dataset.range(3).repeat()),
     errors.InvalidArgumentError, "steps_per_epoch"),
    (lambda m, x, y: m.fit(x, y, batch_size=0), errors.InvalidArgumentError, "batch_size"),
    (lambda m, x, y: m.compile("addam", "mse"), errors.InvalidArgumentError, "'adam'"),
    (lambda m, x, y: m.compile("adam", "msee") or m.fit(x, y), errors.InvalidArgumentError, "mse"),
    (lambda m, x, y: m.compile("adam", "mse", metrics=["acuracy"]) or m.fit(x, y),
     errors.InvalidArgumentError, "accuracy"),
    (lambda m, x, y: m.compile("adam", ["mse", "mse"]) or m.fit(x, y),
     errors.InvalidArgumentError, "2 entries"),
    (lambda m, x, y: m.export("here"), errors.InvalidArgumentError, "SavedModel"),
])  # fmt: skip
def test_bad_input_is_told_clearly(run, error, said):
    with pytest.raises(error, match=said):
        run(linear(), *line(8))


def test_a_generator_that_ends_early_is_told():
    x, y = line(8)
    with pytest.warns(UserWarning, match="ended after 1 of 3"):
        linear().fit(iter([(x, y)]), steps_per_epoch=3, verbose=0)


def seen_by(x, *args, **kwargs):
    """Return the first column of every batch of an epoch, for each of five epochs."""
    epochs = []

    class Watched(keras.Model):
        def train_step(self, data):
            epochs[-1].append([int(v) for v in np.array(data[0])[:, 0]])
            return {"loss": tf.reduce_sum(data[0])}

    class Begin(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            epochs.append([])

    model = Watched()
    model.compile(run_eagerly=True)
    model.fit(x, *args, **kwargs, epochs=5, verbose=0, callbacks=[Begin()])
    return epochs


class Pairs(keras.utils.PyDataset):
    """The numbers below eight, two by two."""

    def __len__(self):
        return 4

    def __getitem__(self, i):
        return np.float32([[2 * i], [2 * i + 1]]), np.zeros((2, 1), np.float32)


@pytest.mark.parametrize(
    "kind", ["arrays", "weighted", "dataset", "dataset of any size", "pydataset"]
)
def test_an_epoch_of_some_steps_goes_on_where_the_last_one_ended(kind):
    x, y = np.arange(8.0).reshape(8, 1), np.zeros((8, 1))
    dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(2)
    arrays = {"y": y, "batch_size": 2, "shuffle": False}
    data = {
        "arrays": {"x": x, **arrays},
        "weighted": {"x": x, **arrays, "class_weight": {0: 1.0}},
        "dataset": {"x": dataset},
        "dataset of any size": {"x": dataset.filter(lambda x, y: tf.reduce_all(x >= 0.0))},
        "pydataset": {"x": Pairs(), "shuffle": False},
    }[kind]
    with pytest.warns(UserWarning, match="ended after 1 of 3"):
        found = seen_by(**data, steps_per_epoch=3)
    first, second = [[0, 1], [2, 3], [4, 5]], [[6, 7]]
    assert found == [first, second, first, second, first]
    halves = seen_by(**data, steps_per_epoch=2)  # an epoch that ends with the data: no empty one
    assert halves == [first[:2], [[4, 5], [6, 7]]] * 2 + [first[:2]]


def test_every_validation_of_some_steps_is_on_the_same_batches():
    x, y = line(8)
    data = tf.data.Dataset.from_tensor_slices((x, y)).batch(2)
    model = linear()
    model.optimizer.learning_rate = 0.0
    history = model.fit(x, y, epochs=4, validation_data=data, validation_steps=2, verbose=0)
    assert len(set(history.history["val_loss"])) == 1


def test_compile_survives_a_config():
    model = linear(metrics=["mae"], optimizer=keras.optimizers.Adam(0.5))
    copy = keras.Sequential.from_config(model.get_config())
    copy.compile_from_config(model.get_compile_config())
    assert copy.optimizer.get_config() == model.optimizer.get_config()
    x, y = line(8)
    copy.set_weights(model.get_weights())
    assert copy.evaluate(x, y, verbose=0) == pytest.approx(model.evaluate(x, y, verbose=0))


def test_it_is_told_where_nan_began():
    x, y = line(32)
    x[20] = np.nan
    with pytest.warns(UserWarning, match=r"batch 2 of epoch 1; its inputs hold NaN"):
        linear().fit(x, y, batch_size=8, shuffle=False, verbose=0)
    x, y = line(32)
    with pytest.warns(UserWarning, match="its data are finite"):
        linear(optimizer=keras.optimizers.SGD(1e30)).fit(x, y, batch_size=8, verbose=0)


def test_the_operation_in_which_nan_begins_can_be_named():
    x, y = line(32)
    model = linear(optimizer=keras.optimizers.SGD(1e30))
    tf.debugging.enable_check_numerics()
    try:
        with pytest.raises(errors.NumericsError, match="holds"):
            model.fit(x, y, batch_size=8, verbose=0)
    finally:
        tf.debugging.disable_check_numerics()


class Seen(keras.Model):
    """Keeps the form of the data that its steps get."""

    def train_step(self, data):
        self.form = data
        return {"loss": tf.constant(0.0)}


@pytest.mark.parametrize(
    ("given", "is_bare"),
    [
        (np.ones((4, 3)), True),
        ([1.0, 2.0, 3.0], True),
        ([np.ones((4, 3)), np.ones((4, 3))], False),
        ({"a": np.ones((4, 3))}, False),
        (tf.data.Dataset.from_tensor_slices(np.ones((4, 3))).batch(2), True),
        (tf.data.Dataset.from_tensor_slices((np.ones((4, 3)),)).batch(2), False),
    ],
    ids=["an array", "numbers", "a list", "a dict", "a dataset", "a dataset of tuples"],
)
def test_inputs_alone_come_to_a_step_as_in_keras(given, is_bare):
    model = Seen()
    model.compile()
    model.fit(given, verbose=0)
    assert isinstance(model.form, tf.Tensor) == is_bare
    assert is_bare or len(model.form) == 1


def test_lists_of_numbers_are_data():
    model = linear()
    model.fit([[1.0, 2.0, 3.0]] * 4, [0.0] * 4, epochs=1, verbose=0)
    assert model.predict([[1.0, 2.0, 3.0]], verbose=0).shape == (1, 1)


def test_outputs_without_a_loss_need_no_targets():
    x = keras.Input((3,))
    hidden = layers.Dense(2)(x)
    model = keras.Model(x, [layers.Dense(1)(hidden), hidden])
    model.compile("sgd", loss=["mse", None])
    assert list(model.fit(*line(8), verbose=0).history) == ["loss"]


@pytest.mark.parametrize("kind", ["train", "test", "predict"])
def test_a_step_can_be_forgotten_and_made_anew(kind):
    model, (x, y) = linear(), line(8)
    make = getattr(model, f"make_{kind}_function")
    assert getattr(model, f"{kind}_function") is None
    batches = iter([(x, y), (x, y)])
    run = make()
    first = getattr(model, f"{kind}_function")
    run(batches)
    setattr(model, f"{kind}_function", None)
    make(force=True)(batches)
    assert getattr(model, f"{kind}_function") is not first
    setattr(model, f"{kind}_function", run)  # what it returned is made anew when it is needed
    model.fit(x, y, verbose=0)


def test_float16_gets_a_scaled_loss():
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        model = linear()
        assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
        assert type(linear(auto_scale_loss=False).optimizer) is keras.optimizers.SGD
        kept = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1))
        assert linear(optimizer=kept).optimizer is kept
    finally:
        keras.mixed_precision.set_global_policy("float32")
    model.fit(*line(512), epochs=10, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0].ravel(), [1, -2, 3], atol=2e-2)


def test_the_compiled_loss_of_tf_keras_tells_the_loss():
    class Own(keras.Model):
        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            self.compiled_metrics.update_state(y, y_pred)
            return {m.name: m.result() for m in self.metrics}

    x, (data, y) = keras.Input((3,)), line(32)
    model = Own(x, layers.Dense(1, kernel_regularizer="l2")(x))
    model.compile("sgd", "mse", metrics=["mae"])
    twin = keras.models.clone_model(model)
    twin.set_weights(model.get_weights())
    twin.compile("sgd", "mse", metrics=["mae"])
    found, wanted = (m.fit(data, y, batch_size=8, shuffle=False, verbose=0).history
                     for m in (model, twin))  # fmt: skip
    assert set(found) == set(wanted) == {"loss", "mae"}
    assert all(found[name] == pytest.approx(wanted[name]) for name in wanted)


def test_a_layer_tells_a_number_of_its_own():
    class Sized(layers.Layer):
        def call(self, inputs):
            self.add_metric(tf.reduce_mean(inputs), name="size")
            return inputs

    x = np.repeat(np.arange(8.0, dtype="float32")[:, None], 3, axis=1)
    model = keras.Sequential([Sized(), layers.Dense(1)])
    model.compile("sgd", "mse")
    told = model.fit(x, x[:, :1] * 0, batch_size=4, epochs=2, verbose=0).history
    assert told["size"] == pytest.approx([3.5, 3.5])


@pytest.mark.parametrize("run", [
    lambda m, x, y: m.compile("sgd", "mse", optimiser="adam"),
    lambda m, x, y: m.fit(x, y, epoch=3),
    lambda m, x, y: m.evaluate(x, y, batchsize=3),
    lambda m, x, y: m.predict(x, batchsize=3),
    lambda m, x, y: m.layers[0].add_weight(shape=(2,), initialiser="ones"),
    lambda m, x, y: m.save("model.keras", overwite=False),
    lambda m, x, y: m.load_weights("model.weights.h5", skip_mismach=True),
])  # fmt: skip
def test_an_argument_that_does_not_exist_is_never_ignored(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TypeError, match="unexpected keyword"):
        run(linear(), *line(8))
    assert not list(tmp_path.iterdir())


def test_arguments_of_tf_keras_2_are_taken():
    x, y = line(8)
    model = linear()
    model.fit(x, y, workers=2, use_multiprocessing=True, max_queue_size=3, verbose=0)
    model.evaluate(x, y, workers=2, verbose=0)
    assert model.predict(x, workers=2, verbose=0).shape == (8, 1)


def two_outputs():
    x = keras.Input((3,))
    model = keras.Model(x, [layers.Dense(1, name="one")(x), layers.Dense(1, name="two")(x)])
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize(("targets", "said"), [
    (lambda y: {"one": y, "tow": y}, r"\['tow'\]; the outputs are \['one', 'two'\]"),
    (lambda y: {"one": y}, "no part for an output"),
    (lambda y: [y], "1 part"),
])  # fmt: skip
def test_targets_belong_to_outputs(targets, said):
    x, y = line(8)
    with pytest.raises(errors.InvalidArgumentError, match=said):
        two_outputs().fit(x, targets(y), verbose=0)


def test_a_class_without_a_weight_is_named():
    model = keras.Sequential([keras.Input((1,)), layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(errors.InvalidArgumentError, match="no weight for class 2"):
        model.fit(np.ones((3, 1)), np.array([0, 1, 2]), class_weight={0: 1.0, 1: 2.0}, verbose=0)


def test_shuffled_epochs_hold_every_pair_once_in_another_order():
    seen = []

    class Spy(keras.Sequential):
        def train_step(self, data):
            seen.append(np.concatenate([t.numpy() for t in data], 1))
            return super().train_step(data)

    x = np.arange(20.0, dtype="float32").reshape(20, 1)
    model = Spy([keras.Input((1,)), layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(x, -x, batch_size=8, epochs=2, verbose=0)
    epochs = [np.concatenate(seen[i : i + 3]) for i in (0, 3)]
    for epoch in epochs:
        assert sorted(epoch[:, 0]) == list(range(20))
        np.testing.assert_array_equal(epoch[:, 1], -epoch[:, 0])
    assert epochs[0][:, 0].tolist() != epochs[1][:, 0].tolist() != list(range(20))
    seen.clear()
    model.fit(x, -x, batch_size=8, shuffle=False, verbose=0)
    assert np.concatenate(seen)[:, 0].tolist() == list(range(20))


def test_the_metrics_of_compile_come_before_those_that_layers_hold():
    class Watched(layers.Dense):
        def __init__(self, units):
            super().__init__(units)
            self.watch = keras.metrics.Mean(name="a_watch")

        def call(self, x):
            y = super().call(x)
            self.watch.update_state(y)
            return y

    model = keras.Sequential([keras.Input((3,)), Watched(1)])
    model.compile("sgd", "mse", metrics=["mae", "mape"])
    x, y = line(8)
    told = model.evaluate(x, y, verbose=0, return_dict=True)
    expected = [told[name] for name in ("loss", "mae", "mape", "a_watch")]
    assert model.evaluate(x, y, verbose=0) == expected
    assert model.test_on_batch(x, y) == pytest.approx(expected)


def test_the_metrics_of_several_outputs_come_by_the_alphabet_of_their_names():
    given = keras.Input((3,))
    model = keras.Model(given, [layers.Dense(1, name=name)(given) for name in ("z", "a")])
    model.compile("sgd", "mse", metrics={"z": ["mse", "mae"], "a": ["mape", "mae"]})
    x, y = line(8)
    told = model.evaluate(x, [y, y], verbose=0, return_dict=True)
    names = ["loss", "z_loss", "a_loss", "a_mae", "a_mape", "z_mae", "z_mse"]
    assert model.evaluate(x, [y, y], verbose=0) == [told[name] for name in names]


def test_what_a_step_tells_beside_the_metrics_comes_last_by_the_alphabet():
    class Model(keras.Sequential):
        def test_step(self, data):
            return {"z": tf.constant(1.0), **super().test_step(data), "b": tf.constant(2.0)}

    model = Model([keras.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    told = model.evaluate(*line(8), verbose=0, return_dict=True)
    assert model.evaluate(*line(8), verbose=0) == [told[n] for n in ("loss", "mae", "b", "z")]


def test_a_step_that_updates_each_of_the_metrics_tells_those_of_compile_from_the_first_epoch():
    class Model(keras.Sequential):
        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(y=y, y_pred=y_pred)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred)
            return {metric.name: metric.result() for metric in self.metrics}

    model = Model([keras.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae", "mape"])
    plain = keras.Sequential(keras.models.clone_model(model).layers)
    plain.set_weights(model.get_weights())
    plain.compile("sgd", "mse", metrics=["mae", "mape"])
    x, y = line()
    told = model.fit(x, y, batch_size=16, epochs=2, verbose=0, shuffle=False).history
    expected = plain.fit(x, y, batch_size=16, epochs=2, verbose=0, shuffle=False).history
    assert told.keys() == expected.keys()
    for name in expected:
        np.testing.assert_allclose(told[name], expected[name], rtol=1e-5)
