"""How good are translations and word vectors? BLEU, Spearman's correlation, analogies."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Words = Sequence[str]


def bleu(translations: Sequence[Words], references: Sequence[Sequence[Words]], order: int = 4):
    """Return the BLEU score of translations, from 0 to 100.

    Parameters
    ----------
    translations : sequence of lists of words
    references : sequence of lists of lists of words
        For each translation, the ways in which people have put it.
    order : int
        Longest sequence of words that is compared.

    Notes
    -----
    ``BLEU = BP exp(mean_n log p_n)``. The precision p_n is the share of the translations' n-grams
    that a reference has, too, each as often at most as in the one that has most of them. The
    brevity penalty is ``BP = exp(min(0, 1 - r / c))`` for c words of translations and r words of
    references, those closest in length. All are sums over the whole corpus.

    References
    ----------
    K. Papineni, S. Roukos, T. Ward, W.-J. Zhu, "BLEU: a method for automatic evaluation of machine
    translation", ACL 2002, section 2.
    """
    pairs = list(zip(translations, references, strict=True))
    ours = sum(len(words) for words in translations)
    theirs = sum(_closest(len(words), map(len, told)) for words, told in pairs)
    logs = []
    for n in range(1, order + 1):
        right = sum(_clipped(words, told, n).total() for words, told in pairs)
        total = sum(max(len(words) - n + 1, 0) for words in translations)
        if not right:
            return 0.0
        logs.append(math.log(right / total))
    return 100 * math.exp(min(0.0, 1 - theirs / ours) + sum(logs) / order)


def _grams(words: Words, n: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(words[i:] for i in range(n)), strict=False))


def _clipped(words: Words, references: Sequence[Words], n: int) -> Counter[tuple[str, ...]]:
    """Return the n-grams that a reference has, too, as often at most as there."""
    allowed: Counter[tuple[str, ...]] = Counter()
    for told in references:
        allowed |= _grams(told, n)  # the greater number of each
    return _grams(words, n) & allowed  # the smaller


def _closest(length: int, lengths: Iterable[int]) -> int:
    """Return the length closest to one; of two equally close, the shorter."""
    return min(lengths, key=lambda other: (abs(other - length), other))


def spearman(a: Array, b: Array) -> float:
    """Return the correlation of the ranks of two lists of numbers, from -1 to 1."""
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def _ranks(values: Array) -> Array:
    """Return how many values are smaller; equal ones share the mean of their places."""
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(sizes) - (sizes - 1) / 2)[group]


class WordVectors:
    """Words as directions: the cosine of their angle says how alike they are.

    Parameters
    ----------
    words : list of str
        The frequent ones first.
    vectors : ndarray, shape (N, D)
    """

    def __init__(self, words: list[str], vectors: Array):
        self.words = words
        self.number = {word: i for i, word in enumerate(words)}
        self.unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def neighbours(self, word: str, count: int = 8) -> list[str]:
        """Return the words most like a word."""
        alike = self.unit @ self.unit[self.number[word]]
        return [self.words[i] for i in np.argsort(-alike)[1 : count + 1]]

    def similarity(self, pairs: list[tuple[str, str]], judged: Array) -> tuple[float, int]:
        """Return Spearman's correlation with people's judgement, and of how many pairs."""
        known = [i for i, (a, b) in enumerate(pairs) if self._knows(a, b)]
        rows = np.array([self._rows(*pairs[i]) for i in known])  # (N, 2)
        cosines = (self.unit[rows[:, 0]] * self.unit[rows[:, 1]]).sum(1)
        return spearman(cosines, judged[known]), len(known)

    def analogies(self, questions: list[tuple[str, str, str, str]]) -> tuple[float, int]:
        """Return which share of "a is to b as c is to d" is answered, and of how many.

        The answer is the word whose direction is closest to b - a + c, without these three.
        """
        known = np.array([self._rows(*words) for words in questions if self._knows(*words)])
        right = 0
        for a, b, c, d in known:
            alike = self.unit @ (self.unit[b] - self.unit[a] + self.unit[c])
            alike[[a, b, c]] = -np.inf
            right += int(alike.argmax() == d)
        return right / max(len(known), 1), len(known)

    def _knows(self, *words: str) -> bool:
        return all(word.lower() in self.number for word in words)

    def _rows(self, *words: str) -> list[int]:
        return [self.number[word.lower()] for word in words]
