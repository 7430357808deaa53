"""What the twelve programs share: the command line, the data, and the report.

Of minitf only the loaders and tokenizers are used, which need NumPy alone: the same file serves the
programs under minitf and under Keras (see `under_keras.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from minitf.data import (
    CharacterTokenizer,
    WordTokenizer,
    load_big_text,
    load_cifar10,
    load_mnist,
    load_tinyshakespeare,
)

Array = np.ndarray[Any, Any]
Split = tuple[Array, Array]

START = time.perf_counter()


# -- the command line ---------------------------------------------------------------------------


def arguments(argv: list[str] | None, description: str, **sizes: tuple[int, int]) -> Any:
    """Read the command line of a program.

    Parameters
    ----------
    argv : list of str, optional
        ``sys.argv[1:]`` where nothing is given.
    description : str
        The program's docstring.
    **sizes : (int, int)
        Sizes of the run: of the full form, and of the one that ``--quick`` asks for. Each can be
        set by an option of its name.
    """
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="less than a minute, to see it work")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, help="folder of the data sets, as MINITF_DATA")
    parser.add_argument("--out", type=Path, help="write the results to this file, as JSON")
    for name, (full, quick) in sizes.items():
        parser.add_argument(f"--{name}", type=int, help=f"default {full}, with --quick {quick}")
    given = parser.parse_args(argv)
    for name, choices in sizes.items():
        if getattr(given, name) is None:
            setattr(given, name, choices[given.quick])
    if given.data:
        os.environ["MINITF_DATA"] = str(given.data)
    return given


def report(options: Any, keras: Any, losses: list[float], **results: Any) -> dict[str, Any]:
    """Print what came out, write it where ``--out`` says, and return it."""
    told = {name: value for name, value in vars(options).items() if name not in ("data", "out")}
    record = {
        "framework": f"{keras.__name__} {keras.__version__}",
        "options": told,
        "losses": [round(float(loss), 5) for loss in losses],
        "results": {name: _rounded(value) for name, value in results.items()},
        "minutes": round((time.perf_counter() - START) / 60, 2),
    }
    print(json.dumps(record, indent=1))
    if options.out:
        options.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return record


def warm_up(keras: Any, peak: float, steps: int) -> Any:
    """Return a learning rate that rises for a twentieth of the steps, then falls to zero."""
    rise = max(steps // 20, 1)
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(steps - rise, 1), warmup_target=peak, warmup_steps=rise
    )


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    return round(float(value), 4) if isinstance(value, (float, np.floating)) else value


# -- images -------------------------------------------------------------------------------------


def mnist(count: int) -> tuple[Split, Split]:
    """Return digits (N, 28, 28, 1) in [0, 1] and their labels (N,): `count` of them, and a test."""
    (x, y), test = load_mnist()
    return _images(x[:count, ..., None], y[:count]), _images(test[0][..., None], test[1])


def cifar10(count: int) -> tuple[Split, Split]:
    """Return photographs (N, 32, 32, 3) in [0, 1] and their labels (N,), and a test.

    These are the first 2,000 and 1,000 where MINITF_DATA holds no more.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the report says how many there were
        (x, y), test = load_cifar10()
    return _images(x[:count], y[:count]), _images(*test)


def _images(x: Array, y: Array) -> Split:
    return (x / np.float32(255)).astype(np.float32), y.reshape(-1).astype(np.int32)


# -- texts --------------------------------------------------------------------------------------


def shakespeare() -> tuple[Array, Array, Any]:
    """Return the characters of tinyshakespeare as numbers: nine tenths, the rest, and the key."""
    text = load_tinyshakespeare()
    tokenizer = CharacterTokenizer().fit(text)
    ids = np.array(tokenizer.encode(text), np.int32)
    return (*np.split(ids, [len(ids) * 9 // 10]), tokenizer)


def windows(ids: Array, length: int, batch: int, rng: np.random.Generator) -> Iterator[Split]:
    """Yield batches of windows (B, T) from anywhere, and the same windows one token later."""
    while True:
        starts = rng.integers(0, len(ids) - length, batch)
        rows = ids[starts[:, None] + np.arange(length + 1)]  # (B, T + 1)
        yield rows[:, :-1], rows[:, 1:]


def side_by_side(ids: Array, length: int) -> Split:
    """Return all windows (N, T) that follow each other, and the same windows one token later."""
    count = (len(ids) - 1) // length
    return tuple(ids[i : i + count * length].reshape(count, length) for i in (0, 1))


def words_of_books(vocabulary: int) -> tuple[Array, Any]:
    """Return the words of big.txt as numbers, and the tokenizer that numbers them."""
    tokenizer = WordTokenizer(special_tokens=("[MASK]",))
    pieces = tokenizer.pieces(load_big_text())
    tokenizer.fit(load_big_text(), vocabulary)
    number = {word: i for i, word in enumerate(tokenizer.vocabulary)}
    unknown = number["[UNK]"]
    return np.array([number.get(word, unknown) for word in pieces], np.int32), tokenizer


def unigram_entropy(train: Array, test: Array, vocabulary: int) -> float:
    """Return the nats per token of who knows how frequent each token is, and nothing else."""
    counts = np.bincount(train, minlength=vocabulary) + 1.0
    return float(-np.log(counts / counts.sum())[test].mean())
