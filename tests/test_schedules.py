"""Schedules against their formulas; more values, from Keras, are in tests/keras_reference."""

import math

import numpy as np
import pytest

import minitf as tf
from minitf.optimizers import schedules


def cosine(s, rate, steps, alpha=0.0):
    return rate * ((1 - alpha) * 0.5 * (1 + math.cos(math.pi * min(s, steps) / steps)) + alpha)


def restarts(s, rate, steps, t, m, alpha):
    begin, length, height = 0.0, float(steps), 1.0
    while s >= begin + length:
        begin, length, height = begin + length, length * t, height * m
    wave = 0.5 * height * (1 + math.cos(math.pi * (s - begin) / length))
    return rate * ((1 - alpha) * wave + alpha)


def cycled(s, rate, steps, end):
    steps = steps * max(math.ceil(s / steps), 1)
    return (rate - end) * (1 - s / steps) + end


CASES = {
    "exponential": (schedules.ExponentialDecay(0.5, 10, 0.9), lambda s: 0.5 * 0.9 ** (s / 10)),
    "exponential, stairs": (
        schedules.ExponentialDecay(0.5, 10, 0.9, staircase=True),
        lambda s: 0.5 * 0.9 ** (s // 10),
    ),
    "inverse time": (schedules.InverseTimeDecay(0.5, 10, 2.0), lambda s: 0.5 / (1 + 2.0 * s / 10)),
    "inverse time, stairs": (
        schedules.InverseTimeDecay(0.5, 10, 2.0, staircase=True),
        lambda s: 0.5 / (1 + 2.0 * (s // 10)),
    ),
    "pieces": (
        schedules.PiecewiseConstantDecay([3, 11], [1.0, 0.5, 0.1]),
        lambda s: 1.0 if s <= 3 else 0.5 if s <= 11 else 0.1,
    ),
    "polynomial": (
        schedules.PolynomialDecay(0.5, 20, 0.1, power=2.0),
        lambda s: 0.4 * (1 - min(s, 20) / 20) ** 2 + 0.1,
    ),
    "polynomial, in cycles": (
        schedules.PolynomialDecay(0.5, 7, 0.1, cycle=True),
        lambda s: cycled(s, 0.5, 7, 0.1),
    ),
    "cosine": (schedules.CosineDecay(0.5, 20, alpha=0.1), lambda s: cosine(s, 0.5, 20, 0.1)),
    "cosine after a rise": (
        schedules.CosineDecay(0.1, 20, warmup_target=0.5, warmup_steps=5),
        lambda s: 0.1 + 0.4 * s / 5 if s < 5 else cosine(s - 5, 0.5, 20),
    ),
    "cosine from a target at once": (
        schedules.CosineDecay(0.1, 20, warmup_target=0.5),
        lambda s: cosine(s, 0.5, 20),
    ),
    "restarts": (
        schedules.CosineDecayRestarts(0.5, 6, m_mul=0.9),
        lambda s: restarts(s, 0.5, 6, 2.0, 0.9, 0.0),
    ),
    "restarts, equally long": (
        schedules.CosineDecayRestarts(0.5, 6, t_mul=1.0, alpha=0.1),
        lambda s: restarts(s, 0.5, 6, 1.0, 1.0, 0.1),
    ),
}
STEPS = [0, 1, 3, 4, 5, 9, 11, 12, 25, 40]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("graph", [False, True])
def test_values_follow_the_formula(case, graph):
    schedule, formula = CASES[case]
    call = tf.function(schedule) if graph else schedule
    got = [float(call(tf.constant(s, tf.int64))) for s in STEPS]
    np.testing.assert_allclose(got, [formula(s) for s in STEPS], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_many_steps_at_once_for_a_plot(case):
    schedule, formula = CASES[case]
    rates = schedule(tf.range(30)).numpy()
    assert rates.dtype == np.float32
    np.testing.assert_allclose(rates, [formula(s) for s in range(30)], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_python_numbers_and_variables_are_steps_too(case):
    schedule, formula = CASES[case]
    assert float(schedule(5)) == pytest.approx(formula(5), rel=1e-4, abs=1e-6)
    step = tf.Variable(5, dtype=tf.int64)
    assert float(schedule(step)) == pytest.approx(formula(5), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_a_config_makes_an_equal_one(case):
    schedule = CASES[case][0]
    again = schedules.deserialize(schedules.serialize(schedule))
    assert type(again) is type(schedule)
    assert vars(again) == vars(schedule)


def test_a_config_without_a_module():
    config = {"class_name": "CosineDecay",
              "config": {"initial_learning_rate": 0.5, "decay_steps": 7}}  # fmt: skip
    assert schedules.deserialize(config).decay_steps == 7
    with pytest.raises(ValueError, match="did you mean 'CosineDecay'"):
        schedules.deserialize({**config, "class_name": "CosinDecay"})


class Transformer(schedules.LearningRateSchedule):
    """The schedule of "Attention is all you need", as the tutorial writes it."""

    def __init__(self, d_model, warmup_steps=4000):
        super().__init__()
        self.d_model = tf.cast(d_model, tf.float32)
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        step = tf.cast(step, dtype=tf.float32)
        arg1 = tf.math.rsqrt(step)
        arg2 = step * (self.warmup_steps**-1.5)
        return tf.math.rsqrt(self.d_model) * tf.math.minimum(arg1, arg2)


@pytest.mark.parametrize("graph", [False, True])
def test_a_schedule_of_the_program(graph):
    w = tf.Variable(0.0)
    optimizer = tf.optimizers.SGD(Transformer(4, warmup_steps=2))

    def step():
        optimizer.apply_gradients([(tf.constant(1.0), w)])

    step = tf.function(step) if graph else step
    for _ in range(4):
        step()
    rates = [0.5 * min(s**-0.5 if s else math.inf, s * 2**-1.5) for s in range(4)]
    assert float(w) == pytest.approx(-sum(rates), rel=1e-5)
    assert float(optimizer.learning_rate) == pytest.approx(0.5 * 4**-0.5)


def test_a_schedule_without_its_methods():
    bare = schedules.LearningRateSchedule()
    with pytest.raises(NotImplementedError, match="__call__"):
        bare(0)
    with pytest.raises(NotImplementedError, match="get_config"):
        bare.get_config()


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda: schedules.ExponentialDecay(0.1, 0, 0.5), "ExponentialDecay: decay_steps > 0"),
        (lambda: schedules.InverseTimeDecay(0.1, -1, 0.5), "InverseTimeDecay: decay_steps > 0"),
        (lambda: schedules.CosineDecayRestarts(0.1, 0), "first_decay_steps > 0, got 0"),
        (lambda: schedules.PiecewiseConstantDecay([1], [0.1]), "1 boundaries make 2 pieces, got 1"),
    ],
)
def test_impossible_settings(mistake, message):
    with pytest.raises(ValueError, match=message):
        mistake()
