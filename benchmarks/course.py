"""The course models as workloads: the builders of `models/`, at fixed sizes, with one batch each.

The same source runs under minitf and, with the import lines rewritten by `models/under_keras.py`,
under Keras on TensorFlow. Weights and batches are drawn here, with NumPy, so that the losses of the
first steps must agree.
"""

from __future__ import annotations

import atexit
import importlib
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

PROGRAMS = Path(__file__).resolve().parent / "models"
SEED = 20

Rng = np.random.Generator


class Course(NamedTuple):
    """One model: its program, the arguments of `build_model`, and what draws a batch for it."""

    program: str
    sizes: dict[str, Any]
    batch: Callable[[Rng], tuple[Any, ...]]
    deterministic: bool = True


def images(count: int, *shape: int) -> Callable[[Rng], tuple[Any, ...]]:
    """Images between 0 and 1, and labels."""
    return lambda rng: (
        rng.random((count, *shape), np.float32),
        rng.integers(0, 10, count, np.int32),
    )


def texts(count: int, length: int, vocabulary: int) -> Callable[[Rng], tuple[Any, ...]]:
    """Tokens (count, length), and tokens to be told."""
    return lambda rng: tuple(rng.integers(0, vocabulary, (2, count, length), np.int32))


def skip_grams(rng: Rng) -> tuple[Any, ...]:
    """Words, each with a neighbour and five others, and which is which."""
    labels = np.zeros((1024, 6), np.float32)
    labels[:, 0] = 1.0
    words = rng.integers(0, 20_000, 1024, np.int32)
    return {"word": words, "others": rng.integers(0, 20_000, (1024, 6), np.int32)}, labels


def masked(rng: Rng) -> tuple[Any, ...]:
    """Tokens, tokens to be told at all places, and weights."""
    return *texts(16, 128, 5000)(rng), np.ones((16, 128), np.float32)


def sentences(rng: Rng) -> tuple[Any, ...]:
    """Sentences in German and English without padding, and the next English tokens."""
    german, english, following = rng.integers(3, 1000, (3, 32, 32), np.int32)
    return {"german": german, "english": english}, following


def transitions(rng: Rng) -> tuple[Any, ...]:
    """States, actions, rewards, the states that followed, and whether the game went on."""
    states, following = rng.normal(size=(2, 64, 4)).astype(np.float32)
    unfinished = (rng.random(64) < 0.9).astype(np.float32)
    return (
        {"states": states, "actions": rng.integers(0, 2, 64, np.int32),
         "rewards": np.ones(64, np.float32), "following": following, "unfinished": unfinished},
    )  # fmt: skip


def pictures(rng: Rng) -> tuple[Any, ...]:
    """Images between -1 and 1 as rows."""
    return (2 * rng.random((128, 784), np.float32) - 1,)


COURSE = {
    "course-logreg": Course("logistic_regression", {}, images(128, 28, 28, 1)),
    "course-mlp": Course("mlp", {"dropout": 0.0}, images(128, 28, 28, 1)),
    "course-cnn": Course("cnn", {"dropout": 0.0}, images(128, 28, 28, 1)),
    "course-resnet": Course("resnet", {"augment": False}, images(64, 32, 32, 3)),
    "course-lstm": Course("lstm_text", {}, texts(32, 64, 96)),
    "course-w2v": Course("word2vec", {}, skip_grams),
    "course-bert": Course("bert", {}, masked),
    "course-gpt": Course("gpt", {}, texts(8, 128, 96)),
    "course-vit": Course("vit", {"shape": (32, 32, 3), "patch": 4}, images(64, 32, 32, 3)),
    "course-s2s": Course("translator", {"dropout": 0.0}, sentences),
    "course-dqn": Course("dqn", {}, transitions),
    "course-gan": Course("gan", {}, pictures, deterministic=False),  # it draws its own noise
}


def program(framework: str, name: str) -> Any:
    """Import a program of `models/`; under Keras, a copy with other import lines."""
    sys.path.insert(0, str(PROGRAMS))
    if framework != "minitf":
        from under_keras import copy_for_keras

        folder = tempfile.mkdtemp(prefix="course")
        atexit.register(shutil.rmtree, folder)  # TensorFlow reads the source when it traces
        copy_for_keras(Path(folder))
        sys.path[0] = folder
    return importlib.import_module(name)


def build(framework: str, course: Course) -> Any:
    """Return the compiled model, with weights that are the same in every framework."""
    model = program(framework, course.program).build_model(**course.sizes)
    return model[0] if isinstance(model, tuple) else model


def draw_weights(model: Any) -> None:
    """Give matrices random values in proportion to 1 / sqrt(inputs); leave vectors as they are."""
    rng = np.random.default_rng(SEED)
    weights = [
        rng.normal(0, np.prod(w.shape[:-1]) ** -0.5, w.shape).astype(np.float32)
        if w.ndim > 1
        else w
        for w in model.get_weights()
    ]
    model.set_weights(weights)


def fitting(model: Any, data: Any) -> Callable[[int], None]:
    """Return ``repeat(n)``, which lets `fit` train for an epoch of n steps."""

    def repeat(count: int) -> None:
        model.fit(data, epochs=1, steps_per_epoch=count, shuffle=False, verbose=0)

    return repeat


class Inside:
    """The seconds that `fit` spends inside its traced training step, where it runs `watch`ed."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def watch(self, framework: str, model: Any) -> None:
        """Put a clock around the model's training step, which has run before."""
        step = model.train_function
        if framework != "minitf":  # Keras calls whatever function it finds there
            model.train_function = self.clocked(step)
            return
        watched = type("Watched", (type(step),), {"__call__": self.clocked(type(step).__call__)})
        step.__class__ = watched

    def clocked(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return the call with a clock around it."""

        def run(*args: Any) -> Any:
            start = time.perf_counter()
            try:
                return call(*args)
            finally:
                self.seconds += time.perf_counter() - start

        return run

    def outside(self, seconds: Callable[[], float]) -> float:
        """Return the seconds that passed outside the step while something that trains ran."""
        self.seconds = 0.0
        return seconds() - self.seconds


def prepare(framework: str, tf: Any, name: str) -> tuple[Any, Any, tuple[Any, ...]]:
    """Return a model, an endless Dataset of its batch, and that batch as Tensors."""
    course = COURSE[name]
    batch = course.batch(np.random.default_rng(SEED))
    model = build(framework, course)
    data = tf.data.Dataset.from_tensors(batch if len(batch) > 1 else batch[0]).repeat()
    draw_weights(model)
    return model, data, next(iter(data))


def traced_step(tf: Any, model: Any) -> Callable[..., Any]:
    """Return the model's training step as one traced function that tells the loss."""

    @tf.function
    def step(batch: Any) -> Any:
        return model.train_step(batch)["loss"]

    return step


def generating(model: Any) -> Callable[[int], None]:
    """Return ``repeat(n)``, which writes n texts of 100 tokens."""
    prompt = np.zeros((1, 1), np.int32)

    def repeat(count: int) -> None:
        for _ in range(count):
            model.generate(prompt, 101)

    return repeat
