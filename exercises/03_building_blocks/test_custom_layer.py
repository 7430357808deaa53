"""Grades custom_layer.py: by sums done by hand, and in all places where a layer is used."""

import numpy as np
import pytest

import minitf as tf
from minitf import keras
from minitf.course.grading import expect, expect_true

pytestmark = pytest.mark.exercise("03/custom_layer", points=20, limit=60)

POINTS = np.float32([[0.0, 0.0], [3.0, 4.0], [1.0, 0.0]])  # (3, 2)
CENTRES = np.float32([[0.0, 0.0], [3.0, 4.0]])  # (2, 2)
SQUARES = np.array([[0.0, 25.0], [25.0, 0.0], [1.0, 20.0]])  # by hand


def built(work, width=2.0):
    layer = work.Radial(2, width=width)
    layer(tf.constant(POINTS))
    layer.centres.assign(CENTRES)
    return layer


def test_nothing_is_created_before_the_shape_is_known(work):
    layer = work.Radial(5)
    before = len(layer.weights)
    layer(tf.zeros([1, 2]))
    expect(
        (before, len(layer.weights)),
        (0, 1),
        "the number of weights before and after the first call",
        misconception=(
            "`__init__` does not know k, the number of inputs. Create the centres in `build`."
        ),
    )


def test_the_centres_fit_the_inputs(work):
    layer = work.Radial(5)
    layer(tf.zeros([7, 3]))
    expect(
        [tuple(v.shape) for v in layer.weights],
        [(5, 3)],
        "the shapes of the weights for 5 units and 3 inputs",
        misconception=(
            "One row per unit, one column per input: (units, input_shape[-1]). If the "
            "list is empty, the centres are no attribute of the layer."
        ),
    )


def test_near_is_one_and_far_is_nothing(work):
    y = built(work)(tf.constant(POINTS))
    expect(
        y,
        np.float32(np.exp(-SQUARES / 8)),
        "y for three points and two centres, width 2",
        rtol=1e-4,
        atol=1e-6,
        misconception=(
            "The squared distance is a sum over the k coordinates, and is divided by 2 "
            "* width^2. y[i, j] belongs to point i and centre j."
        ),
    )


def test_the_width_counts(work):
    y = built(work, width=0.5)(tf.constant(POINTS[2:]))
    expect(
        y,
        np.float32([[np.exp(-2.0), np.exp(-40.0)]]),
        "y at the distance 1, width 0.5",
        rtol=1e-4,
        atol=1e-12,
        misconception="2 * width^2 is 0.5 here: exp(-1 / 0.5).",
    )


def test_two_calls_use_the_same_centres(work):
    layer = work.Radial(3)
    first, second = layer(tf.constant(POINTS)), layer(tf.constant(POINTS))
    expect(
        second,
        first.numpy(),
        "the same points, asked twice",
        misconception=(
            "The centres are created once, in `build`. Created in `call`, they are new "
            "ones every time, and nothing can be learned."
        ),
    )
    expect(
        len(layer.weights),
        1,
        "the number of weights after two calls",
        misconception=(
            "The centres are created once, in `build`. Created in `call`, they are new "
            "ones every time, and nothing can be learned."
        ),
    )


def called(layer, value, where):
    """Call a layer where there are no numbers; NumPy in `call` shows itself here."""
    try:
        return layer(value)
    except (ValueError, TypeError, AttributeError, NotImplementedError) as error:
        expect_true(
            str(error).startswith("TODO"),
            f"a call {where}",
            got=f"{type(error).__name__}: {error}",
            misconception=(
                "In a graph a tensor has a shape, and no numbers yet. Use ops of tf in "
                "`call`: tf.exp, tf.reduce_sum, and no NumPy."
            ),
        )
        raise


def test_it_works_on_a_promise(work):
    y = called(work.Radial(4), keras.Input((3,)), "on keras.Input((3,))")
    expect(tuple(y.shape), (None, 4), "the shape of the promise for 4 units")


def test_it_works_in_a_graph(work):
    layer = built(work)
    y = tf.function(lambda x: called(layer, x, "inside a tf.function"))(tf.constant(POINTS))
    expect(y, layer(tf.constant(POINTS)).numpy(), "y from a traced function", rtol=1e-6)


def test_gradients_reach_the_centres(work):
    layer = built(work)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(tf.constant(POINTS)))
    expect_true(
        len(layer.trainable_variables) == 1,
        "centres that are trained",
        got=layer.trainable_variables,
        misconception=(
            "`add_weight` makes Variables that are trained, unless it is told otherwise."
        ),
    )
    gradient = tape.gradient(loss, layer.centres)
    y = np.exp(-SQUARES / 8)
    by_hand = np.stack(
        [sum(y[i, j] * (POINTS[i] - CENTRES[j]) / 4 for i in range(3)) for j in range(2)]
    )
    expect(
        gradient, np.float32(by_hand), "the gradient of sum(y) at the centres", rtol=1e-4, atol=1e-6
    )


def test_a_config_makes_an_equal_layer(work):
    config = work.Radial(4, width=0.7, name="near").get_config()
    missing = [name for name in ("units", "width", "name") if name not in config]
    expect(
        missing,
        [],
        "what is missing in the config",
        misconception=(
            "A config is all that `__init__` was told: units, width, and what "
            "super().get_config() adds. Without it, a loaded layer has other settings "
            "than the saved one."
        ),
    )
    again = work.Radial.from_config(config)
    expect(
        (again.units, again.width, again.name),
        (4, 0.7, "near"),
        "units, width and name of a layer made from the config",
    )


def test_a_saved_model_comes_back(work, tmp_path):
    model = keras.Sequential([keras.Input((2,)), work.Radial(3, width=0.6), keras.layers.Dense(1)])
    model.save(tmp_path / "radial.keras")
    loaded = keras.models.load_model(
        tmp_path / "radial.keras", custom_objects={"Radial": work.Radial}
    )
    expect(
        loaded(POINTS),
        model(POINTS).numpy(),
        "what a saved and loaded model says",
        rtol=1e-5,
        atol=1e-6,
    )


def test_it_learns_what_no_line_can_part(work):
    keras.utils.set_random_seed(1)
    random = np.random.default_rng(0)
    x = random.uniform(-2, 2, (300, 2)).astype("float32")
    y = (np.hypot(*x.T) < 1).astype("float32")[:, None]  # inside a circle: yes
    model = keras.Sequential(
        [keras.Input((2,)), work.Radial(4, width=0.8), keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=100, epochs=60, verbose=0)
    accuracy = model.evaluate(x, y, batch_size=300, verbose=0)[1]
    expect_true(
        accuracy > 0.9, "an accuracy above 0.9 on a disc, with 4 radial units", got=accuracy
    )
