"""`keras.preprocessing.text`: the tokenizer of older Keras programs."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from minitf.errors import FailedPreconditionError, InvalidArgumentError, UsageError

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
MODES = ("binary", "count", "freq", "tfidf")
TABLES = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")

Words = Sequence[str]


def text_to_word_sequence(
    input_text: str, filters: str = FILTERS, lower: bool = True, split: str = " "
) -> list[str]:
    """Take a text apart into words.

    Parameters
    ----------
    input_text : str
        The text.
    filters : str
        Characters that separate words.
    lower : bool
        Whether capitals become small letters.
    split : str
        What separates words, too.

    Returns
    -------
    list of str

    Examples
    --------
    >>> from minitf import keras
    >>> keras.preprocessing.text.text_to_word_sequence("To be, or not.")
    ['to', 'be', 'or', 'not']
    """
    text = input_text.lower() if lower else input_text
    text = text.translate({ord(c): split for c in filters})
    return [word for word in text.split(split) if word]


def one_hot(
    input_text: str,
    n: int,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Words] | None = None,
) -> list[int]:
    """Return `hashing_trick` with Python's own hash: other numbers in each run of the program."""
    return hashing_trick(input_text, n, hash, filters, lower, split, analyzer)


def hashing_trick(
    text: str,
    n: int,
    hash_function: Any = None,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Words] | None = None,
) -> list[int]:
    """Return a number for each word of a text, made by a hash; different words may share one.

    Parameters
    ----------
    text : str
        The text.
    n : int
        Numbers run from 1 to ``n - 1``.
    hash_function : callable or "md5", optional
        Makes a whole number of a word. Python's `hash` unless given, which differs from run to run.
    filters, lower, split
        As for `text_to_word_sequence`.
    analyzer : callable, optional
        Takes the text apart in place of `text_to_word_sequence`.

    Returns
    -------
    list of int

    Examples
    --------
    >>> from minitf import keras
    >>> keras.preprocessing.text.hashing_trick("one two one", 100, "md5")
    [39, 78, 39]
    """
    number = _md5 if hash_function == "md5" else hash_function or hash
    words = analyzer(text) if analyzer else text_to_word_sequence(text, filters, lower, split)
    return [number(word) % (n - 1) + 1 for word in words]


def _md5(word: str) -> int:
    return int(hashlib.md5(word.encode(), usedforsecurity=False).hexdigest(), 16)


class Tokenizer:
    """Numbers for words, the most frequent first; 0 stands for no word.

    New programs use `keras.layers.TextVectorization`, or a tokenizer of `minitf.data`.

    Parameters
    ----------
    num_words : int, optional
        Numbers from here on are left out of sequences.
    filters, lower, split
        As for `text_to_word_sequence`.
    char_level : bool
        Whether characters take the place of words.
    oov_token : str, optional
        Gets number 1, and stands for words that are left out or not known; they just go without.
    analyzer : callable, optional
        Takes a text apart in place of `text_to_word_sequence`.

    Attributes
    ----------
    word_index, index_word : dict
        Numbers of words, and words of numbers; all of them, whatever `num_words` is.
    word_counts : OrderedDict
        How often each word was seen.
    word_docs, index_docs : dict
        How many texts each word was in, by word and by number.
    document_count : int
        How many texts were seen.

    Examples
    --------
    >>> from minitf import keras
    >>> tokenizer = keras.preprocessing.text.Tokenizer(oov_token="?")
    >>> tokenizer.fit_on_texts(["the cat", "the dog"])
    >>> tokenizer.word_index
    {'?': 1, 'the': 2, 'cat': 3, 'dog': 4}
    >>> tokenizer.texts_to_sequences(["the bird"])
    [[2, 1]]
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Callable[[str], Words] | None = None,
        **kwargs: Any,
    ):
        num_words = kwargs.pop("nb_words", num_words)  # its name in Keras 1
        self.document_count = kwargs.pop("document_count", 0)
        if kwargs:
            raise UsageError(f"Tokenizer: unknown arguments {sorted(kwargs)}")
        self.num_words, self.filters, self.lower, self.split = num_words, filters, lower, split
        self.char_level, self.oov_token, self.analyzer = char_level, oov_token, analyzer
        self.word_counts: OrderedDict[str, int] = OrderedDict()
        self.word_docs: dict[str, int] = defaultdict(int)
        self.index_docs: dict[int, int] = defaultdict(int)
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def _words(self, text: Any) -> Words:
        """Return the words of a text; a list of words is a text already."""
        if isinstance(text, (list, tuple)):
            return [word.lower() for word in text] if self.lower else text
        if self.char_level:
            return text.lower() if self.lower else text
        if self.analyzer is not None:
            return self.analyzer(text)
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    # -- learning -------------------------------------------------------------------------------

    def fit_on_texts(self, texts: Iterable[Any]) -> None:
        """Count the words of texts, and number them; can be called again with more.

        Parameters
        ----------
        texts : iterable of str, or of lists of words
        """
        for text in texts:
            self.document_count += 1
            words = self._words(text)
            for word in words:
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
            for word in set(words):
                self.word_docs[word] += 1
        ranked = sorted(self.word_counts, key=self.word_counts.__getitem__, reverse=True)
        special = [] if self.oov_token is None else [self.oov_token]
        self.word_index = {word: i for i, word in enumerate(special + ranked, 1)}
        self.index_word = {i: word for word, i in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences: Sequence[Sequence[int]]) -> None:
        """Count in how many sequences each number occurs, for the mode "tfidf"."""
        self.document_count += len(sequences)
        for sequence in sequences:
            for number in set(sequence):
                self.index_docs[number] += 1

    # -- texts and sequences --------------------------------------------------------------------

    def texts_to_sequences(self, texts: Iterable[Any]) -> list[list[int]]:
        """Return the numbers of the words of each text."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Iterator[list[int]]:
        """Yield the numbers of the words of each text."""
        for text in texts:
            numbers = (self._number(word) for word in self._words(text))
            yield [number for number in numbers if number is not None]

    def _number(self, word: str) -> int | None:
        """Return the number of a word, of `oov_token` for others, or None."""
        number = self.word_index.get(word)
        if number is not None and not self._is_rare(number):
            return number
        return None if self.oov_token is None else self.word_index.get(self.oov_token)

    def _is_rare(self, number: int) -> bool:
        return bool(self.num_words) and number >= self.num_words

    def sequences_to_texts(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """Return the words of each sequence, with spaces in between."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Iterable[int]]) -> Iterator[str]:
        """Yield the words of each sequence, with spaces in between."""
        for sequence in sequences:
            words = (self._word(int(number)) for number in sequence)
            yield " ".join(word for word in words if word is not None)

    def _word(self, number: int) -> str | None:
        word = self.index_word.get(number)
        return self.oov_token if word is None or self._is_rare(number) else word

    # -- matrices -------------------------------------------------------------------------------

    def texts_to_matrix(self, texts: Iterable[Any], mode: str = "binary") -> Any:
        """Return a row for each text; see `sequences_to_matrix`."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: Any, mode: str = "binary") -> Any:
        """Return a row for each sequence, and a column for each word.

        Parameters
        ----------
        sequences : sequence of sequences of int
        mode : {"binary", "count", "freq", "tfidf"}
            What the matrix holds: whether a word occurs, how often, its share of the words, or
            ``(1 + ln count) * ln(1 + documents / (1 + documents with the word))``.

        Returns
        -------
        ndarray, shape (len(sequences), num_words), float64
        """
        if mode not in MODES:
            raise InvalidArgumentError(f"Tokenizer: mode is one of {MODES}, got {mode!r}")
        size = self.num_words or (len(self.word_index) + 1 if self.word_index else None)
        if size is None or (mode == "tfidf" and not self.document_count):
            raise FailedPreconditionError("Tokenizer: call fit_on_texts first, or give num_words")
        matrix = np.zeros((len(sequences), size))
        for row, sequence in zip(matrix, sequences, strict=True):
            for number, count in Counter(n for n in sequence if n < size).items():
                row[number] = self._weight(mode, number, count, len(sequence))
        return matrix

    def _weight(self, mode: str, number: int, count: int, length: int) -> float:
        if mode == "tfidf":
            documents = self.index_docs.get(number, 0)
            return float((1 + np.log(count)) * np.log(1 + self.document_count / (1 + documents)))
        return {"binary": 1.0, "count": count, "freq": count / length}[mode]

    # -- files ----------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return everything that was learnt; the tables are JSON texts."""
        names = ("num_words", "filters", "lower", "split", "char_level", "oov_token",
                 "document_count")  # fmt: skip
        config = {name: getattr(self, name) for name in names}
        return config | {name: json.dumps(getattr(self, name)) for name in TABLES}

    def to_json(self, **kwargs: Any) -> str:
        """Return the tokenizer as a JSON text, which `tokenizer_from_json` reads."""
        return json.dumps({"class_name": "Tokenizer", "config": self.get_config()}, **kwargs)


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """Return the tokenizer that a JSON text describes.

    Parameters
    ----------
    json_string : str
        Of `Tokenizer.to_json`, here or in Keras.

    Returns
    -------
    Tokenizer

    Examples
    --------
    >>> from minitf import keras
    >>> tokenizer = keras.preprocessing.text.Tokenizer(num_words=5)
    >>> tokenizer.fit_on_texts(["one fish two fish"])
    >>> again = keras.preprocessing.text.tokenizer_from_json(tokenizer.to_json())
    >>> again.texts_to_sequences(["two fish"])
    [[3, 1]]
    """
    try:
        config = dict(json.loads(json_string)["config"])
        tables = {name: json.loads(config.pop(name)) for name in TABLES}
        for name in ("index_docs", "index_word"):  # JSON makes texts of keys
            tables[name] = {int(number): value for number, value in tables[name].items()}
        made = Tokenizer(**config)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidArgumentError(f"this is not the JSON text of a Tokenizer: {error}") from error
    for name, table in tables.items():
        setattr(made, name, table)
    return made
