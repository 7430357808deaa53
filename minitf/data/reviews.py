"""Data sets of texts whose words are numbers: the reviews of IMDB, the news of Reuters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from minitf.data.contents import arrays_of, text_of
from minitf.data.files import DataFile, obtain, problem
from minitf.data.images import KERAS_URL
from minitf.errors import InvalidArgumentError

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, Array]
Words = list[int]

IMDB = DataFile(
    "imdb/imdb.npz",
    "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    (f"{KERAS_URL}imdb.npz",),
)
IMDB_WORDS = DataFile(
    "imdb/imdb_word_index.json",
    md5="bfafd718b763782e994055a2d397834f",
    urls=(f"{KERAS_URL}imdb_word_index.json",),
)
REUTERS = DataFile(
    "reuters/reuters.npz",
    "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916",
    (f"{KERAS_URL}reuters.npz",),
)
REUTERS_WORDS = DataFile(
    "reuters/reuters_word_index.json",
    md5="4d44cc38712099c9e383dc6e5f11a921",
    urls=(f"{KERAS_URL}reuters_word_index.json",),
)
REUTERS_NAMES = (
    "cocoa", "grain", "veg-oil", "earn", "acq", "wheat", "copper", "housing", "money-supply",
    "coffee", "sugar", "trade", "reserves", "ship", "cotton", "carcass", "crude", "nat-gas", "cpi",
    "money-fx", "interest", "gnp", "meal-feed", "alum", "oilseed", "gold", "tin", "strategic-metal",
    "livestock", "retail", "ipi", "iron-steel", "rubber", "heat", "jobs", "lei", "bop", "zinc",
    "orange", "pet-chem", "dlr", "gas", "silver", "wpi", "hog", "lead",
)  # fmt: skip


def load_imdb(
    path: str = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    *,
    download: bool = True,
    verbose: int = 1,
) -> tuple[Arrays, Arrays]:
    """Return 50,000 film reviews of IMDB, half of them favourable, as lists of word numbers.

    Words are numbered by their frequency, from 1 on, plus `index_from`; 0 is left for padding.

    Parameters
    ----------
    path : str
        Accepted as in Keras.
    num_words : int, optional
        Numbers from here on (rare words) become `oov_char`.
    skip_top : int
        Numbers below this one (frequent words) become `oov_char`.
    maxlen : int, optional
        Reviews that are not shorter are left out.
    seed : int
        Decides the order.
    start_char : int, optional
        Put in front of each review; nothing if None.
    oov_char : int, optional
        Put in the place of words that are left out; they just go if None.
    index_from : int
        Added to the number of each word.
    download : bool, default True
        Whether the file may be fetched if it is neither in ``MINITF_DATA`` nor in the cache
        (17 MB).
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray
        Lists of int in arrays of objects of shape (25000,), and labels, 1 favourable and 0 not, of
        shape (25000,), int64.

    Raises
    ------
    DataError
        If the file is missing and may not or cannot be downloaded, or is damaged.
    InvalidArgumentError
        If `maxlen` leaves nothing.

    Notes
    -----
    As in Keras, the rarest word of all counts as rare even if `num_words` is not given.

    References
    ----------
    .. [1] A. L. Maas, R. E. Daly, P. T. Pham, D. Huang, A. Y. Ng, C. Potts, "Learning word vectors
       for sentiment analysis", ACL 2011.
    """
    file = obtain(IMDB, download, verbose)
    x_train, y_train, x_test, y_test = arrays_of(file, "x_train", "y_train", "x_test", "y_test")
    generator = np.random.RandomState(seed)
    parts = []
    for x, y in ((x_train, y_train), (x_test, y_test)):
        x, y = _shuffled(x, y, generator, file)
        parts.append(_short_ones(_numbered(x, start_char, index_from), y, maxlen))
    train, test = parts
    if not train[0] or not test[0]:
        raise InvalidArgumentError(f"imdb: no review is shorter than maxlen={maxlen}")
    known = _known(train[0] + test[0], num_words, skip_top, oov_char)
    count = len(train[0])
    return (_ragged(known[:count]), train[1]), (_ragged(known[count:]), test[1])


def imdb_word_index(
    path: str = "imdb_word_index.json", *, download: bool = True, verbose: int = 1
) -> dict[str, int]:
    """Return the number of each word in `load_imdb`, before `index_from` is added.

    Parameters
    ----------
    path : str
        Accepted as in Keras.
    download : bool, default True
        Whether the file may be fetched if it is neither in ``MINITF_DATA`` nor in the cache
        (1.6 MB).
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    dict of str to int
    """
    return _word_index(obtain(IMDB_WORDS, download, verbose))


def load_reuters(
    path: str = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    *,
    download: bool = True,
    verbose: int = 1,
) -> tuple[Arrays, Arrays]:
    """Return 11,228 news of Reuters on 46 topics, as lists of word numbers.

    Parameters
    ----------
    path, num_words, skip_top, maxlen, seed, start_char, oov_char, index_from
        As for `load_imdb`.
    test_split : float
        Share of the news that is kept for the test.
    download : bool, default True
        Whether the file may be fetched if it is neither in ``MINITF_DATA`` nor in the cache
        (2.1 MB).
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray
        Lists of int in arrays of objects, and topics from 0 to 45, int64.

    Raises
    ------
    DataError
        If the file is missing and may not or cannot be downloaded, or is damaged.
    """
    file = obtain(REUTERS, download, verbose)
    x, y = arrays_of(file, "x", "y")
    x, y = _shuffled(x, y, np.random.RandomState(seed), file)
    texts, topics = _short_ones(_numbered(x, start_char, index_from), y, maxlen)
    if not texts:
        raise InvalidArgumentError(f"reuters: no text is shorter than maxlen={maxlen}")
    known = _known(texts, num_words, skip_top, oov_char)
    end = int(len(known) * (1 - test_split))
    return (_ragged(known[:end]), topics[:end]), (_ragged(known[end:]), topics[end:])


def reuters_word_index(
    path: str = "reuters_word_index.json", *, download: bool = True, verbose: int = 1
) -> dict[str, int]:
    """Return the number of each word in `load_reuters`, before `index_from` is added.

    Parameters
    ----------
    path, download, verbose
        As for `imdb_word_index`.

    Returns
    -------
    dict of str to int
    """
    return _word_index(obtain(REUTERS_WORDS, download, verbose))


def reuters_label_names() -> tuple[str, ...]:
    """Return the names of the 46 topics of `load_reuters`."""
    return REUTERS_NAMES


# -- details ----------------------------------------------------------------------------------


def _shuffled(x: Array, y: Array, generator: np.random.RandomState, path: Path) -> Arrays:
    if len(x) != len(y) or not all(type(words) is list for words in x):
        raise problem(f"{path}: damaged: expected lists of words, and a label for each")
    order = np.arange(len(x))
    generator.shuffle(order)
    return x[order], y[order]


def _numbered(x: Array, start: int | None, first: int) -> list[Words]:
    """Return the texts with `first` added to each word, and a sign in front."""
    front = [] if start is None else [start]
    return [front + [word + first for word in words] for words in x]


def _short_ones(texts: list[Words], labels: Array, maxlen: int | None) -> tuple[Any, Array]:
    if not maxlen:
        return texts, labels
    short = [i for i, words in enumerate(texts) if len(words) < maxlen]
    return [texts[i] for i in short], labels[short]


def _known(
    texts: list[Words], num_words: int | None, skip_top: int, unknown: int | None
) -> list[Words]:
    """Return the texts with `unknown` in the place of words that are too rare or too frequent."""
    end = num_words or max(max(words, default=0) for words in texts)
    if unknown is None:
        return [[w for w in words if skip_top <= w < end] for words in texts]
    return [[w if skip_top <= w < end else unknown for w in words] for words in texts]


def _ragged(texts: list[Words]) -> Array:
    """Return lists in an array; NumPy would look into lists of one length."""
    array = np.empty(len(texts), object)
    for i, words in enumerate(texts):
        array[i] = words
    return array


def _word_index(path: Path) -> dict[str, int]:
    try:
        index = json.loads(text_of(path))
    except ValueError as error:
        raise problem(f"{path}: damaged: {error}") from error
    if not isinstance(index, dict) or not all(type(n) is int for n in index.values()):
        raise problem(f"{path}: damaged: expected the numbers of words")
    return index
