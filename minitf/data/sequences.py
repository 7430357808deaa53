"""Sequences of numbers: padded to one length, or taken apart into pairs of words."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from minitf.errors import InvalidArgumentError, ShapeError
from minitf.ops.composed import composed

ENDS = ("pre", "post")
EULER = 0.577  # the Euler-Mascheroni constant, with the digits that Keras takes


@composed
def pad_sequences(
    sequences: Any,
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray[Any, Any]:
    """Put sequences of different lengths into one array.

    Parameters
    ----------
    sequences : sequence of sequences
        Lists of numbers, or of arrays of one shape.
    maxlen : int, optional
        Length of all; that of the longest unless given.
    dtype : dtype
        Of the result; ``object`` for strings of different lengths.
    padding : {"pre", "post"}
        Whether short sequences are filled up in front or behind.
    truncating : {"pre", "post"}
        Whether long sequences lose their beginning or their end.
    value : number or str
        What to fill up with.

    Returns
    -------
    ndarray, shape (len(sequences), maxlen, ...)

    Examples
    --------
    >>> from minitf import keras
    >>> keras.utils.pad_sequences([[1], [2, 3], [4, 5, 6]], maxlen=2).tolist()
    [[0, 1], [2, 3], [5, 6]]
    """
    if padding not in ENDS or truncating not in ENDS:
        raise InvalidArgumentError(
            f"padding and truncating are 'pre' or 'post', got {padding!r} and {truncating!r}"
        )
    _check_filling(value, dtype)
    lengths = _lengths(sequences)
    size = max(lengths, default=0) if maxlen is None else int(maxlen)
    inside = next((np.asarray(s).shape[1:] for s in sequences if len(s)), ())
    whole = np.full((len(lengths), size, *inside), value, dtype)
    for i, sequence in enumerate(sequences):
        kept = sequence[max(len(sequence) - size, 0) :] if truncating == "pre" else sequence[:size]
        row = np.asarray(kept, dtype)
        if len(kept) == 0:
            continue
        if row.shape[1:] != inside:
            raise ShapeError(
                f"sequence {i} holds entries of shape {row.shape[1:]}, the first one {inside}"
            )
        begin = size - len(row) if padding == "pre" else 0
        whole[i, begin : begin + len(row)] = row
    return whole


def _lengths(sequences: Any) -> list[int]:
    try:
        return [len(sequence) for sequence in sequences]
    except TypeError as error:
        raise InvalidArgumentError(f"expected a list of sequences: {error}") from None


def _check_filling(value: Any, dtype: Any) -> None:
    if isinstance(value, str) and np.dtype(dtype).kind not in "OSU":
        raise InvalidArgumentError(
            f"dtype {dtype} cannot hold the value {value!r}; for strings pass dtype=object"
        )


@composed
def skipgrams(
    sequence: Sequence[int],
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Any = None,
    seed: int | None = None,
) -> tuple[list[list[int]], list[Any]]:
    """Return pairs of words that are neighbours, and pairs with a word drawn at random.

    Parameters
    ----------
    sequence : sequence of int
        Words of a text; 0 stands for no word.
    vocabulary_size : int
        One more than the largest word.
    window_size : int
        How far apart neighbours may be.
    negative_samples : float
        How many random pairs come with each pair of neighbours.
    shuffle : bool
        Whether to mix both kinds.
    categorical : bool
        Whether labels are [0, 1] and [1, 0], in place of 1 and 0.
    sampling_table : array of float, shape (vocabulary_size,), optional
        How likely each word is to be used; see `make_sampling_table`.
    seed : int, optional
        Decides how pairs are mixed. The drawn words depend on Python's `random.seed`.

    Returns
    -------
    couples : list of [int, int]
    labels : list of int
        1 neighbours, 0 random.

    References
    ----------
    .. [1] T. Mikolov, K. Chen, G. Corrado, J. Dean, "Efficient estimation of word representations
       in vector space", 2013, arXiv:1301.3781.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.preprocessing.sequence.skipgrams(
    ...     [1, 2, 3], 4, window_size=1, negative_samples=0, shuffle=False)
    ([[1, 2], [2, 1], [2, 3], [3, 2]], [1, 1, 1, 1])
    """
    true, false = ([0, 1], [1, 0]) if categorical else (1, 0)
    couples = list(_neighbours(sequence, window_size, sampling_table))
    labels: list[Any] = [true] * len(couples)
    if negative_samples > 0:
        count = int(len(couples) * negative_samples)
        words = [word for word, _ in couples]
        random.shuffle(words)
        couples += [
            [words[i % len(words)], random.randint(1, vocabulary_size - 1)] for i in range(count)
        ]
        labels += [false] * count
    if shuffle:
        number = random.randint(0, 10**7) if seed is None else seed
        for both in (couples, labels):  # the same seed brings both into the same order
            random.seed(number)
            random.shuffle(both)
    return couples, labels


def _neighbours(sequence: Sequence[int], window: int, table: Any) -> Iterator[list[int]]:
    for i, word in enumerate(sequence):
        if not word or (table is not None and table[word] < random.random()):
            continue
        near = range(max(0, i - window), min(len(sequence), i + window + 1))
        yield from ([word, sequence[j]] for j in near if j != i and sequence[j])


@composed
def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> np.ndarray[Any, Any]:
    """Return how likely the word of each rank is to be used: the less, the more frequent it is.

    Parameters
    ----------
    size : int
        Number of words; number i is taken for the i-th most frequent.
    sampling_factor : float
        The ``t`` below.

    Returns
    -------
    ndarray, shape (size,), float64

    Notes
    -----
    ``p = min(1, sqrt(t / f))``, where the frequency of rank r is that of Zipf's law,
    ``1 / f = r (ln r + gamma) + 1/2 - 1 / (12 r)``.

    Examples
    --------
    >>> from minitf import keras
    >>> table = keras.preprocessing.sequence.make_sampling_table(1000)
    >>> bool(table[1] < table[999])
    True
    """
    rank = np.maximum(np.arange(size, dtype=float), 1)
    inverse = rank * (np.log(rank) + EULER) + 0.5 - 1 / (12 * rank)
    return np.minimum(1.0, np.sqrt(sampling_factor * inverse))
