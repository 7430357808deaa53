"""What is asked of weights: first values, penalties, constraints."""

import math

import numpy as np
import pytest

import minitf as tf
from minitf import constraints, initializers, regularizers

# ---- first values

# The bounds, or the deviation, of each for weights of shape (300, 200).
UNIFORM = {
    "random_uniform": 0.05,
    "glorot_uniform": math.sqrt(6 / 500),
    "he_uniform": math.sqrt(6 / 300),
    "lecun_uniform": math.sqrt(3 / 300),
}
NORMAL = {
    "random_normal": 0.05,
    "glorot_normal": math.sqrt(2 / 500),
    "he_normal": math.sqrt(2 / 300),
    "lecun_normal": math.sqrt(1 / 300),
    "variance_scaling": math.sqrt(1 / 300),
}


@pytest.mark.parametrize("name", UNIFORM)
def test_uniform_numbers_lie_within_their_bounds(name):
    values = initializers.get(name)((300, 200)).numpy()
    limit = UNIFORM[name]
    assert np.abs(values).max() <= limit
    assert values.min() < -0.99 * limit
    assert values.max() > 0.99 * limit
    assert values.std() == pytest.approx(limit / math.sqrt(3), rel=0.02)


@pytest.mark.parametrize("name", NORMAL)
def test_normal_numbers_have_their_deviation(name):
    values = initializers.get(name)((300, 200)).numpy()
    assert values.mean() == pytest.approx(0.0, abs=NORMAL[name] * 0.02)
    assert values.std() == pytest.approx(NORMAL[name], rel=0.02)


def test_truncated_normal_is_cut_off():
    values = initializers.TruncatedNormal(mean=1.0, stddev=0.5)((10000,)).numpy()
    assert np.abs(values - 1.0).max() <= 1.0
    assert values.mean() == pytest.approx(1.0, abs=0.02)


def test_untruncated_normal_is_not():
    spread = initializers.VarianceScaling(4.0, "fan_out", "untruncated_normal")
    values = spread((300, 100)).numpy()
    assert values.std() == pytest.approx(0.2, rel=0.02)
    assert np.abs(values).max() > 0.6


@pytest.mark.parametrize(
    ("shape", "fans"),
    [((), (1, 1)), ((7,), (7, 7)), ((3, 5), (3, 5)), ((2, 2, 3, 5), (12, 20))],
)
def test_fans(shape, fans):
    assert initializers.fans(shape) == fans


def test_fans_of_chosen_axes():
    assert initializers.fans((2, 3, 5, 7), input_axes=[0, 1], output_axes=[2, 3]) == (6, 35)


@pytest.mark.parametrize("shape", [(4, 4), (3, 6), (6, 3), (2, 2, 3, 5)])
def test_orthogonal_rows_or_columns(shape):
    w = initializers.Orthogonal(gain=2.0)(shape).numpy().reshape(-1, shape[-1])
    short = w if w.shape[0] <= w.shape[1] else w.T
    np.testing.assert_allclose(short @ short.T, 4.0 * np.eye(len(short)), atol=1e-5)


def test_constants():
    assert initializers.Zeros()((2,)).numpy().tolist() == [0, 0]
    assert initializers.Ones()((2,), "int32").numpy().tolist() == [1, 1]
    assert initializers.Constant([1, 2])((2, 2)).numpy().tolist() == [[1, 2], [1, 2]]
    assert initializers.Identity(2.0)((2, 3)).numpy().tolist() == [[2, 0, 0], [0, 2, 0]]


DRAWING = [*UNIFORM, *NORMAL, "truncated_normal", "orthogonal"]


@pytest.mark.parametrize("name", DRAWING)
def test_a_seed_repeats_whatever_the_program_draws(name):
    cls = initializers.KNOWN[name]
    tf.random.set_seed(1)
    one = cls(seed=7)
    first = one((4, 5)).numpy()
    tf.random.set_seed(2)
    np.testing.assert_array_equal(one((4, 5)).numpy(), first)
    np.testing.assert_array_equal(cls(seed=7)((4, 5)).numpy(), first)
    assert (cls(seed=8)((4, 5)).numpy() != first).any()


@pytest.mark.parametrize("name", DRAWING)
def test_without_a_seed_the_programs_seed_decides(name):
    draw = initializers.get(name)
    tf.random.set_seed(1)
    first, second = draw((4, 5)).numpy(), draw((4, 5)).numpy()
    assert (first != second).any()
    tf.random.set_seed(1)
    np.testing.assert_array_equal(draw((4, 5)).numpy(), first)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", [*DRAWING, "zeros", "ones", "constant", "identity"])
def test_dtypes(name, dtype):
    if (name, dtype) == ("orthogonal", "float16"):
        pytest.skip("half precision cannot be decomposed")
    assert initializers.get(name)((3, 3), dtype=dtype).dtype == tf.as_dtype(dtype)


@pytest.mark.parametrize("name", initializers.KNOWN)
def test_a_config_makes_an_equal_initializer(name):
    first = initializers.get(name)
    again = initializers.deserialize(initializers.serialize(first))
    assert type(again) is type(first)
    assert again.get_config() == first.get_config() == first.clone().get_config()


def test_configs_hold_the_arguments_of_keras():
    made = initializers.VarianceScaling(2.0, "fan_out", "normal", seed=3)
    assert made.get_config() == {
        "seed": 3, "scale": 2.0, "mode": "fan_out", "distribution": "truncated_normal",
        "input_axes": None, "output_axes": None,
    }  # fmt: skip
    assert initializers.GlorotUniform(seed=3).get_config() == {
        "seed": 3, "input_axes": None, "output_axes": None}  # fmt: skip
    config = initializers.serialize(initializers.RandomNormal(stddev=0.5))
    assert config["module"] == "keras.initializers"
    assert config["config"] == {"mean": 0.0, "stddev": 0.5, "seed": None}


def test_what_get_accepts():
    assert initializers.get(None) is None
    assert isinstance(initializers.get("GlorotUniform"), initializers.GlorotUniform)
    assert isinstance(initializers.get(initializers.Ones), initializers.Ones)
    config = {"class_name": "Constant", "config": {"value": 3.0}}
    assert initializers.get(config).value == 3.0
    mine = lambda shape, dtype=None: tf.ones(shape)  # noqa: E731
    assert initializers.get(mine) is mine


def test_an_array_is_the_values():
    values = np.arange(6.0).reshape(2, 3)
    first = initializers.get(values)
    np.testing.assert_array_equal(first((2, 3)).numpy(), values)
    assert first((2, 3)).dtype == tf.float32
    with pytest.raises(ValueError, match=r"shape \(2, 3\), the weights \(3, 2\)"):
        first((3, 2))


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda: initializers.get("glorot_unifrom"), "did you mean 'glorot_uniform'"),
        (lambda: initializers.VarianceScaling(scale=0), "scale > 0, got 0"),
        (lambda: initializers.VarianceScaling(mode="fan"), "unknown mode 'fan'"),
        (lambda: initializers.VarianceScaling(distribution="x"), "unknown distribution 'x'"),
        (lambda: initializers.Identity()((2, 2, 2)), "two dimensions"),
        (lambda: initializers.Orthogonal()((3,)), "two dimensions"),
        (lambda: initializers.RandomNormal(seed="one"), "whole number"),
    ],
)
def test_mistakes(mistake, message):
    with pytest.raises(ValueError, match=message):
        mistake()


# ---- penalties

FAMILIES = [
    (regularizers, ["L1", "L2", "L1L2", "OrthogonalRegularizer"]),
    (constraints, ["MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm"]),
]
NAMES = [(family, name) for family, names in FAMILIES for name in names]


@pytest.mark.parametrize(("family", "name"), NAMES)
def test_a_config_makes_an_equal_one(family, name):
    first = family.get(name)
    config = family.serialize(first)
    again = family.deserialize(config)
    assert config["class_name"] == name
    assert type(again) is type(first)
    assert again.get_config() == first.get_config()


@pytest.mark.parametrize("family", [regularizers, constraints])
def test_names_objects_and_nothing(family):
    assert family.get(None) is None
    for name, cls in family.KNOWN.items():
        assert type(family.get(name)) is cls
    mine = lambda w: w  # noqa: E731
    assert family.get(mine) is mine
    with pytest.raises(ValueError, match="unknown"):
        family.get("no such name")


def test_penalties():
    x = tf.constant([[-2.0, 1.0], [0.0, 3.0]])
    assert float(regularizers.L1(0.5)(x)) == 3.0
    assert float(regularizers.L2(0.5)(x)) == 7.0
    assert float(regularizers.L1L2(0.5, 0.5)(x)) == 10.0
    assert float(regularizers.L1L2()(x)) == 0.0
    assert float(regularizers.l2()(x)) == pytest.approx(0.14)


def test_a_penalty_has_a_gradient():
    w = tf.Variable([-2.0, 3.0])
    with tf.GradientTape() as tape:
        cost = regularizers.L1L2(l1=1.0, l2=0.5)(w)
    assert tape.gradient(cost, w).numpy().tolist() == [-3.0, 4.0]


def test_orthogonal_rows_cost_nothing():
    w = initializers.Orthogonal()((3, 5))
    assert float(regularizers.OrthogonalRegularizer(1.0)(w)) == pytest.approx(0.0, abs=1e-6)
    same = tf.ones([5, 3])
    assert float(regularizers.OrthogonalRegularizer(1.0)(same)) == pytest.approx(1.0, rel=1e-5)
    columns = regularizers.OrthogonalRegularizer(1.0, mode="columns")
    assert float(columns(tf.transpose(w))) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda: regularizers.L1(-1.0), "L1: l1 is a finite number >= 0, got -1.0"),
        (lambda: regularizers.L2(float("nan")), "L2: l2"),
        (lambda: regularizers.L1L2(l2="much"), "L1L2: l2"),
        (lambda: regularizers.OrthogonalRegularizer(mode="row"), "'rows' or 'columns', got 'row'"),
        (lambda: regularizers.OrthogonalRegularizer()(tf.ones([3])), "expected a matrix"),
        (lambda: constraints.get("max_nrom"), "did you mean 'max_norm'"),
    ],
)
def test_impossible_requests(mistake, message):
    with pytest.raises(ValueError, match=message):
        mistake()


class Sum(regularizers.Regularizer):
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        return self.factor * tf.reduce_sum(x)

    def get_config(self):
        return {"factor": self.factor}


def test_a_penalty_of_the_program():
    config = regularizers.serialize(Sum(2.0))
    again = regularizers.deserialize(config, custom_objects={"Sum": Sum})
    assert float(again(tf.constant([1.0, 2.0]))) == 6.0
    with pytest.raises(NotImplementedError, match="get_config"):
        regularizers.Regularizer().get_config()


# ---- constraints


def norms(w, axis=0):
    return np.sqrt((np.asarray(w) ** 2).sum(axis))


def test_constraints_bring_norms_back():
    w = tf.constant([[3.0, 0.1], [4.0, 0.0]])  # norms 5 and 0.1
    np.testing.assert_allclose(norms(constraints.MaxNorm(2.0)(w)), [2.0, 0.1], rtol=1e-5)
    np.testing.assert_allclose(norms(constraints.UnitNorm()(w)), [1.0, 1.0], rtol=1e-5)
    between = constraints.MinMaxNorm(0.5, 2.0)
    np.testing.assert_allclose(norms(between(w)), [2.0, 0.5], rtol=1e-5)
    slowly = constraints.MinMaxNorm(0.5, 2.0, rate=0.5)
    np.testing.assert_allclose(norms(slowly(w)), [3.5, 0.3], rtol=1e-5)


def test_weights_of_zero_stay():
    for name in ("max_norm", "unit_norm", "min_max_norm"):
        assert constraints.get(name)(tf.zeros([2, 2])).numpy().tolist() == [[0, 0], [0, 0]]


def test_norms_along_several_axes():
    w = constraints.UnitNorm(axis=[0, 1, 2])(tf.ones([2, 2, 3, 4]))
    np.testing.assert_allclose(norms(w, (0, 1, 2)), np.ones(4), rtol=1e-5)
