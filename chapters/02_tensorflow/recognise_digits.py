"""Recognise handwritten digits: the steps of the course, once through, on real data.

    read -> preprocess -> define -> train -> save -> validate      (this process)
    read -> preprocess -> load  -> apply                           (a new process)

Logistic regression is written three ways that give the same numbers: as an explicit graph that a
Session runs (TensorFlow 1), eagerly with a GradientTape (TensorFlow 2), and as a @tf.function,
which is the second turned into the first. A two-layer network then shows what depth adds.

    python chapters/02_tensorflow/recognise_digits.py [--data auto|digits|mnist] [--out FOLDER]

The data are the 1,797 digits (8 x 8 pixels) that scikit-learn's wheel contains; where MNIST lies in
MINITF_DATA or in the cache (or --data mnist allows its download) it is taken instead.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

import minitf as tf
from minitf.data import Progbar, load_digits, load_mnist
from minitf.errors import DataError

CLASSES = 10
SEED = 7


class Data(NamedTuple):
    """Images as rows of pixels between 0 and 1, and their labels."""

    name: str
    x_train: np.ndarray  # (n, pixels), float32
    y_train: np.ndarray  # (n,), int32
    x_test: np.ndarray
    y_test: np.ndarray


class Recipe(NamedTuple):
    """How long and how fast to train."""

    batch: int
    epochs: int
    rate: float
    hidden: int
    hidden_epochs: int


RECIPES = {
    "digits": Recipe(batch=64, epochs=40, rate=0.5, hidden=128, hidden_epochs=40),
    "mnist": Recipe(batch=128, epochs=12, rate=0.5, hidden=256, hidden_epochs=6),
}


# -- read and preprocess -----------------------------------------------------------------------


def read(choice: str) -> tuple[str, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the name of the data set, and its images and labels as they are stored."""
    if choice != "digits":
        try:
            (x, y), (x_test, y_test) = load_mnist(download=choice == "mnist")
            return "mnist", x, y, x_test, y_test
        except DataError:
            if choice == "mnist":
                raise
    x, y = load_digits()
    order = np.random.default_rng(SEED).permutation(len(x))
    x, y = x[order], y[order]
    held_out = 360  # every fifth digit is kept back to validate with
    return "digits", x[held_out:], y[held_out:], x[:held_out], y[:held_out]


def preprocess(name: str, images: np.ndarray) -> np.ndarray:
    """Return images as rows of numbers between 0 and 1."""
    largest = 16.0 if name == "digits" else 255.0
    return (images.reshape(len(images), -1) / largest).astype(np.float32)


def prepare(choice: str) -> Data:
    """Read and preprocess."""
    name, x, y, x_test, y_test = read(choice)
    return Data(name, preprocess(name, x), y.astype(np.int32),
                preprocess(name, x_test), y_test.astype(np.int32))  # fmt: skip


def batches(data: Data, size: int, epoch: int):
    """Yield the training data in a new order, `size` rows at a time."""
    order = np.random.default_rng([SEED, epoch]).permutation(len(data.x_train))
    for start in range(0, len(order) - size + 1, size):
        rows = order[start : start + size]
        yield data.x_train[rows], data.y_train[rows]


# -- define: logistic regression, three ways ---------------------------------------------------


def mean_loss(logits, labels):
    """Cross-entropy between the model's probabilities and the labels, averaged over a batch."""
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    return tf.reduce_mean(losses)


def as_session(pixels: int, rate: float):
    """Define it as TensorFlow 1 did: write a graph down, then run parts of it.

    Returns the weights, a function that trains on one batch, and the graph.
    """
    graph = tf.Graph("logistic regression")
    with graph.as_default():
        x = tf.placeholder(tf.float32, [None, pixels], name="x")  # (batch, pixels)
        y = tf.placeholder(tf.int32, [None], name="y")  # (batch,)
        w = tf.Variable(tf.zeros([pixels, CLASSES]), name="w")
        b = tf.Variable(tf.zeros([CLASSES]), name="b")
        logits = tf.add(tf.matmul(x, w), b, name="logits")  # (batch, 10)
        loss = mean_loss(logits, y)
        dw, db = tf.gradients(loss, [w, b])
        train = tf.group(w.assign_sub(rate * dw), b.assign_sub(rate * db), name="train")
        start = tf.compat.v1.global_variables_initializer()
    session = tf.Session(graph=graph)
    session.run(start)

    def step(images, labels):
        return session.run([loss, train], {x: images, y: labels})[0]

    return [w, b], step, graph


def as_tape(pixels: int, rate: float):
    """Define it as TensorFlow 2 does: compute at once, and let a tape remember what for."""
    w = tf.Variable(tf.zeros([pixels, CLASSES]), name="w")
    b = tf.Variable(tf.zeros([CLASSES]), name="b")

    def step(images, labels):
        with tf.GradientTape() as tape:
            loss = mean_loss(tf.matmul(images, w) + b, labels)
        dw, db = tape.gradient(loss, [w, b])
        w.assign_sub(rate * dw)
        b.assign_sub(rate * db)
        return loss

    return [w, b], step


def as_function(pixels: int, rate: float):
    """Define it as a @tf.function: the tape's program, written into a graph at the first call."""
    weights, step = as_tape(pixels, rate)
    return weights, tf.function(step)


# -- define: a network of two layers -----------------------------------------------------------


class Network(tf.Module):
    """pixels -> hidden units with relu -> ten logits."""

    def __init__(self, pixels: int, hidden: int):
        super().__init__(name="network")
        scale = float(np.sqrt(2.0 / pixels))  # keeps the variance of relu layers (He et al. 2015)
        self.w1 = tf.Variable(tf.random.normal([pixels, hidden], stddev=scale), name="w1")
        self.b1 = tf.Variable(tf.zeros([hidden]), name="b1")
        scale = float(np.sqrt(1.0 / hidden))
        self.w2 = tf.Variable(tf.random.normal([hidden, CLASSES], stddev=scale), name="w2")
        self.b2 = tf.Variable(tf.zeros([CLASSES]), name="b2")

    def __call__(self, x):
        hidden = tf.nn.relu(tf.matmul(x, self.w1) + self.b1)  # (batch, hidden)
        return tf.matmul(hidden, self.w2) + self.b2  # (batch, 10)


def training_step(model: Network, optimizer):
    """Return the function that trains `model` on one batch."""

    @tf.function
    def step(images, labels):
        with tf.GradientTape() as tape:
            loss = mean_loss(model(images), labels)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    return step


# -- train and validate ------------------------------------------------------------------------


def train(title: str, step: Callable, data: Data, batch: int, epochs: int,
          accuracy: Callable[[], float]) -> list[float]:  # fmt: skip
    """Train, with a progress bar; return the loss of every step."""
    print(f"\n{title}")
    steps = len(data.x_train) // batch
    bar = Progbar(steps * epochs, stateful_metrics=["test accuracy"])
    losses = []
    for epoch in range(epochs):
        for x, y in batches(data, batch, epoch):
            losses.append(float(step(tf.constant(x), tf.constant(y))))
            if len(losses) < steps * epochs:
                bar.update(len(losses), [("loss", losses[-1])])
        last = len(losses) == steps * epochs
        bar.update(
            len(losses), [("loss", losses[-1]), ("test accuracy", accuracy())], finalize=last
        )
    return losses


def accuracy_of(logits, labels: np.ndarray) -> float:
    """Return the share of images whose largest logit is the right one."""
    return float(np.mean(np.argmax(np.asarray(logits), axis=1) == labels))


def linear(weights, images):
    """Return the logits of logistic regression."""
    return tf.matmul(tf.constant(images), weights[0]) + weights[1]


# -- apply: what the new process does ----------------------------------------------------------


def apply(choice: str, out: Path) -> None:
    """Read, preprocess, load, apply: recognise digits that the model has never seen."""
    data = prepare(choice)
    about = json.loads((out / "model.json").read_text(encoding="utf-8"))
    model = Network(about["pixels"], about["hidden"])
    tf.train.Checkpoint(model=model).read(out / "model").assert_consumed()
    logits = model(tf.constant(data.x_test)).numpy()
    print(f"  {len(logits)} test digits: accuracy {accuracy_of(logits, data.y_test):.4f}")
    sure = tf.nn.softmax(logits).numpy().max(axis=1)
    for i in range(5):
        read_as = f"read as {logits[i].argmax()} ({sure[i]:.1%} sure)"
        print(f"  digit {i}: it is a {data.y_test[i]}, {read_as}")


# -- figures -----------------------------------------------------------------------------------


def figures(out: Path, data: Data, losses: dict[str, list[float]], weights, logits, graph, trace):
    """Write the figures and return their paths."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    made = [plot_losses(plt, out / "loss.png", losses)]
    made.append(plot_weights(plt, out / "weights.png", weights, data))
    made.append(plot_confusion(plt, out / "confusion.png", logits, data.y_test))
    made.append(tf.show.save_svg(graph, out / "graph.svg"))
    axes = trace.plot()
    axes.figure.savefig(out / "timeline.png", dpi=120)
    made.append(out / "timeline.png")
    made.append(trace.save_chrome_trace(out / "timeline.json"))
    return made


def plot_losses(plt, path: Path, losses: dict[str, list[float]]) -> Path:
    """Draw the loss of every step, smoothed, on a logarithmic scale."""
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    # Curves that coincide stay visible: each is drawn thinner than the one below it.
    for line, (name, values) in zip((7, 4, 1.5, 1.5), losses.items(), strict=True):
        width = max(1, len(values) // 60)
        smooth = np.convolve(values, np.ones(width) / width, mode="valid")
        axes.plot(np.arange(len(smooth)) / len(smooth), smooth, label=name, linewidth=line)
    axes.set(yscale="log", xlabel="share of the training", ylabel="loss (cross-entropy, nats)")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120)
    return path


def plot_weights(plt, path: Path, weights: np.ndarray, data: Data) -> Path:
    """Draw what logistic regression looks for: one image of weights per digit."""
    side = int(np.sqrt(weights.shape[0]))
    largest = np.abs(weights).max()
    figure, axes = plt.subplots(2, 5, figsize=(8, 3.6), layout="constrained")
    for digit, ax in enumerate(axes.flat):
        image = ax.imshow(weights[:, digit].reshape(side, side), cmap="RdBu_r",
                          vmin=-largest, vmax=largest)  # fmt: skip
        ax.set_title(str(digit), fontsize=10)
        ax.axis("off")
    figure.colorbar(image, ax=axes, shrink=0.8, label="speaks against  |  speaks for")
    figure.savefig(path, dpi=120)
    return path


def plot_confusion(plt, path: Path, logits: np.ndarray, labels: np.ndarray) -> Path:
    """Draw which digit is taken for which."""
    table = np.zeros((CLASSES, CLASSES), int)
    np.add.at(table, (labels, logits.argmax(axis=1)), 1)
    figure, ax = plt.subplots(figsize=(5.4, 4.8), layout="constrained")
    image = ax.imshow(np.log1p(table), cmap="Blues")
    for row, column in np.argwhere(table > 0):
        dark = table[row, column] > table.max() / 4
        ax.text(column, row, table[row, column], ha="center", va="center", fontsize=7,
                color="white" if dark else "black")  # fmt: skip
    ax.set(xlabel="read as", ylabel="is", xticks=range(CLASSES), yticks=range(CLASSES))
    figure.colorbar(image, label="log(1 + number of digits)", shrink=0.8)
    figure.savefig(path, dpi=120)
    return path


# -- the main job ------------------------------------------------------------------------------


def main(arguments: argparse.Namespace) -> None:
    """Train, save, validate, apply in a new process, and draw."""
    began = time.perf_counter()
    tf.random.set_seed(SEED)
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    data = prepare(arguments.data)
    recipe = RECIPES[data.name]
    pixels = data.x_train.shape[1]
    print(f"{data.name}: {len(data.x_train)} digits to learn from, {len(data.x_test)} to validate "
          f"with, {pixels} pixels each")  # fmt: skip

    losses: dict[str, list[float]] = {}
    weights, step, graph = as_session(pixels, recipe.rate)
    ways = {"graph and Session": (weights, lambda x, y: step(x.numpy(), y.numpy()))}
    ways["eager, with a tape"] = as_tape(pixels, recipe.rate)
    ways["@tf.function"] = as_function(pixels, recipe.rate)
    for name, (held, one_step) in ways.items():

        def accuracy(held=held) -> float:
            return accuracy_of(linear(held, data.x_test), data.y_test)

        title = f"logistic regression: {name}"
        losses[name] = train(title, one_step, data, recipe.batch, recipe.epochs, accuracy)
    same_numbers(ways, losses)

    model = Network(pixels, recipe.hidden)
    optimizer = tf.optimizers.Adam(learning_rate=0.001)
    step = training_step(model, optimizer)
    title = f"two layers, {recipe.hidden} hidden units"
    losses["two layers"] = train(
        title, step, data, recipe.batch, recipe.hidden_epochs,
        lambda: accuracy_of(model(tf.constant(data.x_test)), data.y_test),
    )  # fmt: skip

    tf.train.Checkpoint(model=model).write(out / "model")
    about = {"pixels": pixels, "hidden": recipe.hidden}
    (out / "model.json").write_text(json.dumps(about), encoding="utf-8")
    first = linear(weights, data.x_test).numpy()
    second = model(tf.constant(data.x_test)).numpy()
    print(f"\nvalidated on {len(data.x_test)} held-out digits:")
    print(f"  logistic regression  accuracy {accuracy_of(first, data.y_test):.4f}")
    print(f"  two layers           accuracy {accuracy_of(second, data.y_test):.4f}")

    print("\napplied in a new process, from the saved file:", flush=True)
    command = [sys.executable, __file__, "--apply", "--data", data.name, "--out", str(out)]
    subprocess.run(command, check=True)

    x, y = next(batches(data, recipe.batch, 0))
    with tf.profiler.Trace() as trace:
        step(tf.constant(x), tf.constant(y))
    made = figures(out, data, losses, weights[0].numpy(), second, graph, trace)
    print(f"\nwritten in {time.perf_counter() - began:.0f} s:")
    for path in [out / f"model{'.ckpt'}", *made]:
        print(f"  {path}")


def same_numbers(ways, losses) -> None:
    """Say by how much the three ways differ."""
    arrays = [[v.numpy() for v in weights] for weights, _ in ways.values()]
    weights = max(float(np.abs(a - b).max()) for other in arrays[1:]
                  for a, b in zip(arrays[0], other, strict=True))  # fmt: skip
    series = [np.array(losses[name]) for name in ways]
    loss = max(float(np.abs(series[0] - other).max()) for other in series[1:])
    print(f"\nthe three ways differ by at most {loss:.1e} in a loss and {weights:.1e} in a weight")
    if max(loss, weights) > 1e-3:
        raise SystemExit("the three ways should give the same numbers")


def parse() -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", choices=["auto", "digits", "mnist"], default="auto")
    parser.add_argument("--out", default="out/digits", help="folder for the model and the figures")
    parser.add_argument("--apply", action="store_true", help="only load the saved model and use it")
    return parser.parse_args()


if __name__ == "__main__":
    chosen = parse()
    if chosen.apply:
        apply(chosen.data, Path(chosen.out))
    else:
        main(chosen)
