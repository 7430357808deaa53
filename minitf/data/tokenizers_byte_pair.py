"""Byte-pair encoding: frequent pieces of text become tokens, as for GPT.

A text is a row of bytes, so there are 256 tokens to begin with, and none is ever unknown. Training
looks for the two neighbours that occur most often, makes one new token of them, and does so again,
until there are as many tokens as were asked for::

    l o w _ l o w e r          the most frequent pair is l o
    lo w _ lo w e r            then lo w
    low _ low e r

The list of these merges, in their order, is all that training has found. Encoding applies them to
a new text in the same order.

References
----------
Gage, 1994, "A new algorithm for data compression", C Users Journal 12 (2).
Sennrich, Haddow and Birch, 2016, "Neural machine translation of rare words with subword units",
ACL. Radford and others, 2019, "Language models are unsupervised multitask learners" (on bytes).
"""

from __future__ import annotations

import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from minitf.data.tokenizers_base import TextTokenizer
from minitf.errors import InvalidArgumentError

Pair = tuple[int, int]
Word = list[int]

BYTES = 256
REMEMBERED = 100_000  # words whose tokens are kept

# No merge crosses the border of a word: "dog." and "dog!" would become tokens of their own
# otherwise. A space belongs to the word behind it. The pieces of a text, put together, are all of
# the text.
PIECES = re.compile(r" ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


class BytePairTokenizer(TextTokenizer):
    """Frequent pieces of words are tokens.

    Parameters
    ----------
    special_tokens : sequence of str
        Tokens that no text contains. They get the first numbers, then come the 256 bytes, then the
        merges.

    Attributes
    ----------
    merges : list of (int, int)
        Merge i makes token ``len(special_tokens) + 256 + i`` of two others.
    vocabulary : list of str
        The tokens, readable; a byte that is no character alone is shown as ``<C3>``.

    Examples
    --------
    >>> from minitf.data import BytePairTokenizer
    >>> tokenizer = BytePairTokenizer().fit("low lower lowest low low", vocabulary_size=260)
    >>> for step in tokenizer.steps(" lower"):
    ...     print(step)
    [' ', 'l', 'o', 'w', 'e', 'r']
    [' ', 'lo', 'w', 'e', 'r']
    [' ', 'low', 'e', 'r']
    [' low', 'e', 'r']
    [' lowe', 'r']
    >>> ids = tokenizer.encode("the lowest")
    >>> tokenizer.decode(ids)
    'the lowest'
    """

    def __init__(self, special_tokens: Sequence[str] = ()):
        super().__init__(special_tokens)
        self.merges: list[Pair] = []
        self._bytes: list[bytes] = []  # of each token
        self._made: dict[Pair, int] = {}  # token that a pair becomes
        self._remembered: dict[str, Word] = {}

    @property
    def first(self) -> int:
        """Number of the token for byte 0."""
        return len(self.special_tokens)

    # -- training -------------------------------------------------------------------------------

    def fit(self, text: str | Iterable[str], vocabulary_size: int) -> BytePairTokenizer:
        """Learn merges from a text, or from several; return the tokenizer.

        Parameters
        ----------
        text : str or iterable of str
        vocabulary_size : int
            Number of tokens; there are fewer if no pair is left that occurs twice.

        Returns
        -------
        BytePairTokenizer

        Notes
        -----
        Of pairs that occur equally often, the one with the smaller numbers is merged first.
        """
        count = vocabulary_size - self.first - BYTES
        if count < 0:
            raise InvalidArgumentError(
                f"BytePairTokenizer: vocabulary_size is at least {self.first + BYTES}, for the "
                f"special tokens and the bytes, got {vocabulary_size}"
            )
        words: Counter[str] = Counter()
        for part in [text] if isinstance(text, str) else text:
            words.update(PIECES.findall(part))
        self._set([])
        training = Training([self._spelled(word) for word in words], list(words.values()))
        merges: list[Pair] = []
        while len(merges) < count and (pair := training.most_frequent()):
            training.merge(pair, self.first + BYTES + len(merges))
            merges.append(pair)
        return self._set(merges)

    def _set(self, merges: list[Pair]) -> BytePairTokenizer:
        self.merges = merges
        self._made = {pair: self.first + BYTES + i for i, pair in enumerate(merges)}
        self._bytes = [token.encode() for token in self.special_tokens]
        self._bytes += [bytes([i]) for i in range(BYTES)]
        for left, right in merges:
            self._bytes.append(self._bytes[left] + self._bytes[right])
        self.vocabulary = [shown(token) for token in self._bytes]
        self._remembered = {}
        return self

    def _spelled(self, word: str) -> Word:
        return [self.first + byte for byte in word.encode("utf-8", "surrogatepass")]

    # -- use ------------------------------------------------------------------------------------

    def encode(self, text: str) -> list[int]:
        """Return the numbers of the tokens of a text; any text can be encoded."""
        self._check_trained()
        if len(self._remembered) > REMEMBERED:
            self._remembered.clear()
        return [token for word in PIECES.findall(text) for token in self._tokens(word)]

    def _tokens(self, word: str) -> Word:
        if word not in self._remembered:
            tokens = self._spelled(word)
            while pair := self._next(tokens):
                tokens = merged(tokens, pair, self._made[pair])
            self._remembered[word] = tokens
        return self._remembered[word]

    def _next(self, tokens: Word) -> Pair | None:
        """Return the pair of neighbours that was merged first in training, if there is one."""
        known = [pair for pair in pairwise(tokens) if pair in self._made]
        return min(known, key=self._made.__getitem__, default=None)

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of numbers; bytes that make no character become U+FFFD."""
        content = b"".join(self._bytes[i] for i in self._check_ids(ids))
        try:
            return content.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return content.decode("utf-8", "replace")

    def steps(self, word: str) -> list[list[str]]:
        """Return the tokens of a word, readable, before and after each merge."""
        self._check_trained()
        tokens = self._spelled(word)
        shown_steps = [tokens]
        while pair := self._next(tokens):
            tokens = merged(tokens, pair, self._made[pair])
            shown_steps.append(tokens)
        return [[self.vocabulary[t] for t in step] for step in shown_steps]

    # -- files ----------------------------------------------------------------------------------

    def get_state(self) -> dict[str, Any]:
        """Return the merges."""
        return {"special_tokens": self.special_tokens, "merges": [list(p) for p in self.merges]}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> BytePairTokenizer:
        """Return a tokenizer with the merges of a state."""
        made = cls(state["special_tokens"])
        pairs = [(left, right) for left, right in state["merges"]]
        for i, pair in enumerate(pairs):
            if not all(type(n) is int and made.first <= n < made.first + BYTES + i for n in pair):
                raise ValueError(f"merge {i} is of tokens {pair}, which do not exist yet")
        return made._set(pairs)


def merged(tokens: Word, pair: Pair, new: int) -> Word:
    """Return tokens with `new` in the place of each occurrence of a pair, from left to right."""
    found, i = [], 0
    while i < len(tokens):
        if tokens[i] == pair[0] and i + 1 < len(tokens) and tokens[i + 1] == pair[1]:
            found.append(new)
            i += 2
        else:
            found.append(tokens[i])
            i += 1
    return found


def shown(token: bytes) -> str:
    """Return bytes as text; those that are no characters by their numbers."""
    try:
        return token.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(chr(b) if b < 128 else f"<{b:02X}>" for b in token)


class Training:
    """The words of a text, and how often each pair of neighbours occurs in them.

    Counting all pairs again after each merge would take hours for a large text. A merge changes
    few words; so it is known which words hold each pair, and only their pairs are counted again.

    Attributes
    ----------
    words : list of list of int
        The different words as tokens; `times` says how often each occurs.
    counts : Counter of pairs
        How often each pair occurs.
    holders : dict of pairs
        The numbers of the words that hold a pair, or held it once.
    queue : heap of (-count, pair)
        The most frequent pair is in front. Counts change; what is no longer right is thrown away
        when it comes to the front.
    """

    def __init__(self, words: list[Word], times: list[int]):
        self.words, self.times = words, times
        self.counts: Counter[Pair] = Counter()
        self.holders: dict[Pair, set[int]] = defaultdict(set)
        for i, word in enumerate(words):
            for pair in pairwise(word):
                self.counts[pair] += times[i]
                self.holders[pair].add(i)
        self.queue = [(-count, pair) for pair, count in self.counts.items()]
        heapq.heapify(self.queue)

    def most_frequent(self) -> Pair | None:
        """Return the pair that occurs most often; None if none occurs twice."""
        while self.queue:
            count, pair = self.queue[0]
            if self.counts[pair] == -count:
                return pair if count < -1 else None
            heapq.heappop(self.queue)
        return None

    def merge(self, pair: Pair, new: int) -> None:
        """Make one token of a pair, wherever it occurs."""
        changed: set[Pair] = set()
        for i in self.holders.pop(pair):
            old, word = self.words[i], merged(self.words[i], pair, new)
            for gone in pairwise(old):
                self.counts[gone] -= self.times[i]
                changed.add(gone)
            for come in pairwise(word):
                self.counts[come] += self.times[i]
                self.holders[come].add(i)
                changed.add(come)
            self.words[i] = word
        for other in changed:
            if self.counts[other] > 0:
                heapq.heappush(self.queue, (-self.counts[other], other))
            else:
                del self.counts[other]
