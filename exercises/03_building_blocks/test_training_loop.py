"""Grades training_loop.py: with a model that follows a script and writes down how it is used."""

import numpy as np
import pytest

from minitf.course.grading import expect, expect_true

pytestmark = pytest.mark.exercise("03/training_loop", points=20, limit=60)


class Script:
    """A model whose validation losses are given, and whose one weight counts its steps."""

    def __init__(self, val_losses):
        self.val_losses, self.weight = iter(val_losses), np.zeros(1)
        self.seen, self.looked_after = [], []

    def step(self, x, y):
        assert len(x) == len(y)
        self.weight += 1  # in place, as optimizers do
        self.seen.append(np.asarray(x).ravel().tolist())
        return float(np.mean(x**2))

    def loss(self, x, y):
        self.looked_after.append(len(self.seen))
        return next(self.val_losses)

    def get_weights(self):
        return [self.weight]

    def set_weights(self, weights):
        self.weight = np.array(weights[0])


def fitted(work, val_losses, n=10, size=4, epochs=None, patience=2):
    model = Script(val_losses)
    x = np.arange(n, dtype=float)
    history = work.fit(
        model,
        (x, x),
        (x[:2], x[:2]),
        epochs or len(val_losses),
        size,
        patience,
        np.random.default_rng(0),
    )
    return model, history


def test_batches_hold_every_example_once(work):
    rows = [np.asarray(r) for r in work.batches(10, 4, np.random.default_rng(0))]
    expect(
        [len(r) for r in rows],
        [4, 4, 2],
        "the sizes of the batches of 10 examples, 4 at a time",
        misconception=(
            "The last batch is smaller, and belongs to the epoch: its examples would never be seen."
        ),
    )
    expect(sorted(int(i) for r in rows for i in r), list(range(10)), "all rows of an epoch")


def test_each_epoch_has_an_order_of_its_own(work):
    random = np.random.default_rng(0)
    first, second = (np.concatenate(work.batches(50, 8, random)) for _ in range(2))
    expect_true(
        not np.array_equal(first, np.arange(50)) and not np.array_equal(first, second),
        "another order in each epoch",
        misconception=(
            "Draw a permutation for each epoch, from the generator that is passed. With "
            "a fixed order, the same examples always share a batch."
        ),
    )


def test_the_best_loss_is_the_one_to_beat(work):
    stopper = work.EarlyStopping(3)
    told = [stopper.update(loss, [np.zeros(1)]) for loss in (0.9, 0.5, 0.7, 0.6, 0.55, 0.4)]
    expect(
        told[:5],
        [False, False, False, False, True],
        "whether to stop after 0.9, 0.5, 0.7, 0.6, 0.55, patience 3",
        misconception=(
            "0.6 and 0.55 fall, but neither beats the best loss so far, 0.5. Compare "
            "with the best, not with the last; and stop when 3 epochs have passed "
            "without a better one."
        ),
    )
    expect(
        (stopper.best, stopper.best_epoch),
        (0.4, 5),
        "best and best_epoch, when 0.4 has come after all",
    )


def test_an_equal_loss_is_no_improvement(work):
    stopper = work.EarlyStopping(2)
    expect(
        [stopper.update(0.5, [np.zeros(1)]) for _ in range(3)],
        [False, False, True],
        "whether to stop after three times 0.5, patience 2",
        misconception=(
            "Better means smaller, not as small. Else a loss that no longer moves goes on forever."
        ),
    )


def test_the_weights_are_kept_as_they_were(work):
    stopper, weights = work.EarlyStopping(2), [np.array([1.0])]
    stopper.update(0.5, weights)
    weights[0][0] = 99.0  # training goes on, in place
    expect(
        stopper.weights,
        [np.array([1.0])],
        "the remembered weights, after the model has changed its own",
        misconception=(
            "To remember an array is not to copy it: both names mean the same numbers. "
            "Use `.copy()`."
        ),
    )


def test_every_example_is_used_in_every_epoch(work):
    model, _ = fitted(work, [3.0, 2.0])
    expect(len(model.seen), 6, "the number of steps in 2 epochs of 10 examples, 4 at a time")
    for epoch in (0, 3):
        used = sorted(v for batch in model.seen[epoch : epoch + 3] for v in batch)
        expect(used, [float(i) for i in range(10)], "the examples of one epoch")


def test_validation_comes_at_the_end_of_each_epoch(work):
    model, history = fitted(work, [3.0, 2.0, 1.0])
    expect(
        model.looked_after,
        [3, 6, 9],
        "after how many steps the validation loss was asked for",
        misconception=(
            "Once per epoch, after its last step; and once only, since it may be expensive."
        ),
    )
    expect(history["val_loss"], [3.0, 2.0, 1.0], "history['val_loss']")


def test_the_loss_of_an_epoch_is_the_mean_over_examples(work):
    _, history = fitted(work, [1.0])  # the loss of a batch is the mean of its squares
    expect(
        history["loss"],
        [28.5],
        "history['loss'], where a batch of the numbers 0 ... 9 costs their mean square",
        misconception=(
            "The last batch has 2 examples, the others 4. A mean of means counts the "
            "small batch as much as the large ones: weigh each with its number of "
            "examples."
        ),
    )


def test_it_stops_when_patience_has_run_out(work):
    _, history = fitted(work, [5.0, 4.0, 4.5, 4.2, 1.0], patience=2)
    expect(
        history["val_loss"],
        [5.0, 4.0, 4.5, 4.2],
        "the validation losses until it stopped, patience 2",
        misconception="The second epoch without a better loss is the last one.",
    )


def test_it_ends_with_the_best_weights(work):
    model, _ = fitted(work, [5.0, 4.0, 4.5, 4.2], patience=2)  # the best was epoch 1: 6 steps
    expect(
        model.weight,
        np.array([6.0]),
        "the weight, which counts steps, after a best epoch at 6 steps",
        misconception=(
            "When it stops, the last weights are `patience` epochs too old: put the best ones back."
        ),
    )


def test_the_best_weights_come_back_without_a_stop_too(work):
    model, _ = fitted(work, [5.0, 1.0, 2.0], patience=10)
    expect(
        model.weight,
        np.array([6.0]),
        "the weight after three epochs, of which the second was the best",
        misconception=(
            "Epochs may run out before patience does. The best weights are wanted then, too."
        ),
    )


class Line:
    """A straight line that learns: a real model."""

    def __init__(self):
        self.w = np.zeros(2)

    def step(self, x, y):
        error = self.w[0] * x + self.w[1] - y
        self.w -= 0.1 * np.array([np.mean(2 * error * x), np.mean(2 * error)])
        return np.mean(error**2)

    def loss(self, x, y):
        return np.mean((self.w[0] * x + self.w[1] - y) ** 2)

    def get_weights(self):
        return [self.w]

    def set_weights(self, weights):
        self.w = np.array(weights[0])


def test_a_real_model_learns(work):
    random = np.random.default_rng(1)
    x = random.uniform(-1, 1, 120)
    y = 3 * x - 1 + random.normal(0, 0.1, 120)
    model = Line()
    history = work.fit(model, (x[:80], y[:80]), (x[80:], y[80:]), 100, 16, 5, random)
    expect(
        model.w,
        np.array([3.0, -1.0]),
        "the line learned from 80 points around y = 3 x - 1",
        atol=0.15,
    )
    expect(
        float(model.loss(x[80:], y[80:])),
        min(history["val_loss"]),
        "the validation loss of the final weights",
    )
