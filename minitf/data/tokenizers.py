"""Tokenizers: text to numbers and back, by characters or by words.

A tokenizer is trained (`fit`), then it encodes and decodes. `steps` shows what it does to a text,
one step after the other. `save` writes it as JSON, and `load_tokenizer` reads it again. Pairs of
bytes, which GPT uses, are in `minitf.data.tokenizers_byte_pair`.

=================  =====================  =================================  ===================
tokenizer          tokens                 vocabulary                         unknown text
=================  =====================  =================================  ===================
CharacterTokenizer characters             as many as the text has, ~100      error, or `unknown`
WordTokenizer      words, punctuation     what one asks for, 10,000 or more  `unknown`
BytePairTokenizer  pieces of words        256 bytes + merges                 does not exist
=================  =====================  =================================  ===================
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from minitf.data.tokenizers_base import TextTokenizer, load_tokenizer
from minitf.data.tokenizers_byte_pair import BytePairTokenizer
from minitf.errors import InvalidArgumentError

__all__ = ["BytePairTokenizer", "CharacterTokenizer", "TextTokenizer", "WordTokenizer",
           "load_tokenizer"]  # fmt: skip


class CharacterTokenizer(TextTokenizer):
    """Every character is a token.

    Parameters
    ----------
    special_tokens : sequence of str
        See `TextTokenizer`.
    unknown : str, optional
        Special token for characters that were not in the training text; they are errors without.

    Examples
    --------
    >>> from minitf.data import CharacterTokenizer
    >>> tokenizer = CharacterTokenizer().fit("banana")
    >>> tokenizer.vocabulary, tokenizer.encode("nab")
    (['a', 'b', 'n'], [2, 0, 1])
    >>> tokenizer.decode([1, 0, 2])
    'ban'
    """

    def __init__(self, special_tokens: Sequence[str] = (), unknown: str | None = None):
        super().__init__(_with(special_tokens, unknown))
        self.unknown = unknown
        self._number: dict[str, int] = {}

    def fit(self, text: str | Iterable[str]) -> CharacterTokenizer:
        """Learn the characters of a text, or of several; return the tokenizer."""
        characters = set(text) if isinstance(text, str) else set().union(*text)
        return self._set(self.special_tokens + sorted(characters))

    def _set(self, vocabulary: list[str]) -> CharacterTokenizer:
        self.vocabulary = vocabulary
        start = len(self.special_tokens)
        self._number = {c: start + i for i, c in enumerate(vocabulary[start:])}
        return self

    def encode(self, text: str) -> list[int]:
        """Return the number of each character."""
        self._check_trained()
        if self.unknown is not None:
            other = self.id(self.unknown)
            return [self._number.get(c, other) for c in text]
        try:
            return [self._number[c] for c in text]
        except KeyError as error:
            raise InvalidArgumentError(
                f"CharacterTokenizer: {error.args[0]!r} was not in the training text; "
                "CharacterTokenizer(unknown='[UNK]') would have a token for it"
            ) from None

    def decode(self, ids: Iterable[int]) -> str:
        """Return the characters of numbers, put together."""
        return "".join(self.vocabulary[i] for i in self._check_ids(ids))

    def steps(self, text: str) -> list[list[Any]]:
        """Return the characters of a text, then their numbers."""
        return [list(text), self.encode(text)]

    def get_state(self) -> dict[str, Any]:
        """Return the vocabulary."""
        return _state_of(self)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> CharacterTokenizer:
        """Return a tokenizer with the vocabulary of a state."""
        made = cls(state["special_tokens"], state["unknown"])
        return made._set(_texts(state["vocabulary"], made.special_tokens))


class WordTokenizer(TextTokenizer):
    """Words, numbers and punctuation marks are tokens.

    Parameters
    ----------
    special_tokens : sequence of str
        See `TextTokenizer`.
    unknown : str
        Special token for words that are not in the vocabulary.
    lower : bool
        Whether capitals become small letters first.

    Notes
    -----
    `decode` puts a space between any two tokens: which spaces there were is not kept.

    Examples
    --------
    >>> from minitf.data import WordTokenizer
    >>> tokenizer = WordTokenizer().fit("The cat saw the dog. The dog ran.", 5)
    >>> tokenizer.vocabulary
    ['[UNK]', 'the', 'dog', '.', 'cat']
    >>> tokenizer.steps("The dog sat.")
    [['the', 'dog', 'sat', '.'], [1, 2, 0, 3]]
    """

    PIECES = re.compile(r"\w+(?:['\u2019]\w+)*|[^\w\s]")

    def __init__(
        self, special_tokens: Sequence[str] = (), unknown: str = "[UNK]", lower: bool = True
    ):
        super().__init__(_with(special_tokens, unknown))
        self.unknown, self.lower = unknown, lower
        self._number: dict[str, int] = {}

    def pieces(self, text: str) -> list[str]:
        """Return the words and punctuation marks of a text."""
        return self.PIECES.findall(text.lower() if self.lower else text)

    def fit(self, text: str | Iterable[str], vocabulary_size: int | None = None) -> WordTokenizer:
        """Learn the most frequent words of a text, or of several; return the tokenizer.

        Parameters
        ----------
        text : str or iterable of str
        vocabulary_size : int, optional
            Number of tokens, special ones included; all words unless given.
        """
        counts: Counter[str] = Counter()
        for part in [text] if isinstance(text, str) else text:
            counts.update(self.pieces(part))
        for token in self.special_tokens:
            counts.pop(token, None)
        room = None if vocabulary_size is None else vocabulary_size - len(self.special_tokens)
        if room is not None and room < 0:
            raise InvalidArgumentError(f"WordTokenizer: {vocabulary_size} is less than the number "
                                       "of special tokens")  # fmt: skip
        return self._set(self.special_tokens + [word for word, _ in counts.most_common(room)])

    def _set(self, vocabulary: list[str]) -> WordTokenizer:
        self.vocabulary = vocabulary
        start = len(self.special_tokens)
        self._number = {word: start + i for i, word in enumerate(vocabulary[start:])}
        return self

    def encode(self, text: str) -> list[int]:
        """Return the number of each word."""
        self._check_trained()
        other = self.id(self.unknown)
        return [self._number.get(word, other) for word in self.pieces(text)]

    def decode(self, ids: Iterable[int]) -> str:
        """Return the words of numbers, with spaces in between."""
        return " ".join(self.vocabulary[i] for i in self._check_ids(ids))

    def steps(self, text: str) -> list[list[Any]]:
        """Return the words of a text, then their numbers."""
        return [self.pieces(text), self.encode(text)]

    def get_state(self) -> dict[str, Any]:
        """Return the vocabulary, and how words are found."""
        return _state_of(self) | {"lower": self.lower}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> WordTokenizer:
        """Return a tokenizer with the vocabulary of a state."""
        made = cls(state["special_tokens"], state["unknown"], state["lower"])
        return made._set(_texts(state["vocabulary"], made.special_tokens))


# -- details ----------------------------------------------------------------------------------


def _with(special_tokens: Sequence[str], unknown: str | None) -> list[str]:
    """Return the special tokens, with `unknown` among them."""
    tokens = list(special_tokens)
    return tokens if unknown is None or unknown in tokens else [*tokens, unknown]


def _state_of(tokenizer: Any) -> dict[str, Any]:
    return {
        "special_tokens": tokenizer.special_tokens,
        "unknown": tokenizer.unknown,
        "vocabulary": tokenizer.vocabulary,
    }


def _texts(tokens: Any, special_tokens: list[str]) -> list[str]:
    """Return a vocabulary that was read from a file, if it is one."""
    if not isinstance(tokens, list) or not all(isinstance(t, str) for t in tokens):
        raise ValueError("expected a list of tokens")
    if tokens[: len(special_tokens)] != special_tokens or not tokens:
        raise ValueError("the vocabulary does not begin with the special tokens")
    return tokens
