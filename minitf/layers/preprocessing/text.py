"""Texts to numbers: cleaned, split into words, and looked up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minitf.composite import words
from minitf.composite.ragged import RaggedTensor
from minitf.composite.ragged_making import map_flat_values
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.layers.arguments import choice, settings
from minitf.layers.layer import Layer
from minitf.layers.preprocessing.batches import batches
from minitf.layers.preprocessing.categories import MODES, mode_of
from minitf.layers.preprocessing.lookup import StringLookup
from minitf.ops.array import known_size, squeeze
from minitf.ops.rearrange import pad
from minitf.ops.rounding import maximum
from minitf.ops.shapes import ensure_shape
from minitf.ops.splitting import ngrams, split, unicode_split
from minitf.ops.strings import lower, regex_replace
from minitf.serialization import deserialize_keras_object, serialize_keras_object

PUNCTUATION = r'[!"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']'
STANDARDS = ("lower_and_strip_punctuation", "lower", "strip_punctuation")
SPLITS = ("whitespace", "character")


class TextVectorization(Layer):
    """Sequences of numbers, or vectors, for texts.

    A text is standardized, split, joined to n-grams if so asked, and its words are looked up in a
    vocabulary (`StringLookup`): 0 is for padding, 1 for unknown words.

    Parameters
    ----------
    max_tokens : int, optional
        Size of the vocabulary with its special tokens; no limit by default.
    standardize : str, callable or None
        "lower_and_strip_punctuation", "lower", "strip_punctuation", or a function on a Tensor of
        strings.
    split : str, callable or None
        "whitespace", "character", or a function from a Tensor of strings to one with another axis.
    ngrams : int or tuple of int, optional
        How many neighbouring words to join; 2 stands for (1, 2).
    output_mode : str
        "int": a number for each word. "multi_hot", "count", "tf_idf": a vector for each text; see
        `StringLookup`.
    output_sequence_length : int, optional
        Cut or pad to so many numbers; by default, the longest text of the batch decides.
    pad_to_max_tokens : bool
        Whether vectors have `max_tokens` entries, even if there are fewer words.
    vocabulary : sequence of str, or path, optional
        The words, or a file of them; otherwise `adapt` learns them.
    idf_weights : sequence of float, optional
        For "tf_idf": what each word of the vocabulary counts.
    ragged : bool
        For "int": whether to return rows of different lengths, a RaggedTensor, in place of padding.
    encoding : str
        "utf-8".
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.TextVectorization(output_sequence_length=4)
    >>> layer.adapt(["the cat sat", "the cat", "the dog"])
    >>> layer.get_vocabulary()
    ['', '[UNK]', 'the', 'cat', 'sat', 'dog']
    >>> layer(["The cat, at last, SAT down."]).numpy().tolist()
    [[2, 3, 1, 1]]
    """

    def __init__(self, max_tokens: int | None = None,
                 standardize: Any = "lower_and_strip_punctuation", split: Any = "whitespace",
                 ngrams: Any = None, output_mode: str = "int",
                 output_sequence_length: int | None = None, pad_to_max_tokens: bool = False,
                 vocabulary: Any = None, idf_weights: Any = None, sparse: bool = False,
                 ragged: bool = False, encoding: str = "utf-8", name: str | None = None,
                 **kwargs: Any):  # fmt: skip
        known = {k: kwargs.pop(k) for k in ("vocabulary_size", "has_input_vocabulary")
                 if k in kwargs}  # fmt: skip
        super().__init__(name=name, **kwargs)
        self.standardize = self._one_of("standardize", standardize, STANDARDS)
        self.split = self._one_of("split", split, SPLITS)
        self.ngrams = tuple(ngrams) if isinstance(ngrams, list) else ngrams
        self.output_mode = mode_of(self, output_mode, (*MODES, "tf_idf"))
        self.output_sequence_length = output_sequence_length
        self.encoding, self.ragged, self.autocast = encoding, ragged, False
        self._check()
        self._lookup_layer = StringLookup(
            max_tokens, mask_token="", vocabulary=vocabulary, idf_weights=idf_weights,
            output_mode=self.output_mode, pad_to_max_tokens=pad_to_max_tokens, sparse=sparse,
            encoding=encoding, **known)  # fmt: skip

    def _one_of(self, name: str, value: Any, words: tuple[str, ...]) -> Any:
        return value if value is None or callable(value) else choice(self, name, value, words)

    def _check(self) -> None:
        wrong = ""
        length, grams = self.output_sequence_length, self.ngrams
        if self.ragged and self.output_mode != "int":
            wrong = f"ragged=True is for output_mode='int', got {self.output_mode!r}"
        if length is not None and (self.output_mode != "int" or not isinstance(length, int)):
            wrong = f"output_sequence_length is a whole number, for output_mode='int', got {length}"
        whole = isinstance(grams, tuple) and all(isinstance(n, int) for n in grams)
        if not (grams is None or isinstance(grams, int) or whole):
            wrong = f"ngrams is a whole number or a tuple of them, got {grams!r}"
        if wrong:
            raise InvalidArgumentError(f"layer {self.name!r}: {wrong}")

    # -- the vocabulary -----------------------------------------------------------------------

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learn the vocabulary: all words, the most frequent one first.

        Parameters
        ----------
        data : array, list, Tensor, Dataset or iterable of batches
            Texts; forgets what was learned before.
        batch_size : int, optional
            Accepted as in Keras.
        steps : int, optional
            How many batches to take; all by default.
        """
        words = (np.asarray(self.words(as_tensor(batch))) for batch in batches(data, steps))
        self._lookup_layer.adapt_on(w.reshape(-1, w.shape[-1]) if w.ndim else w for w in words)

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Set the vocabulary; see `StringLookup.set_vocabulary`."""
        self._lookup_layer.set_vocabulary(vocabulary, idf_weights)

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """Return the words in the order of their numbers, after '' and '[UNK]'."""
        return self._lookup_layer.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """Return the size of the vocabulary with its special tokens."""
        return self._lookup_layer.vocabulary_size()

    # -- using it -----------------------------------------------------------------------------

    def words(self, texts: Any) -> Any:
        """Return the words of texts, with one more axis than these; rows are filled up with ''."""
        found = self._rows(texts, False)
        return found.to_tensor() if isinstance(found, RaggedTensor) else found

    def _rows(self, texts: Any, ragged: bool) -> Any:
        if self.standardize in ("lower", "lower_and_strip_punctuation"):
            texts = lower(texts)
        if self.standardize in ("strip_punctuation", "lower_and_strip_punctuation"):
            texts = regex_replace(texts, PUNCTUATION, "")
        if callable(self.standardize):
            texts = self.standardize(texts)
        if self.split is not None:
            texts = self._split(self._without_last_axis(texts), ragged)
        if self.ngrams is None:
            return texts
        widths = tuple(range(1, self.ngrams + 1)) if isinstance(self.ngrams, int) else self.ngrams
        return ngrams(texts, widths, " ")

    def _without_last_axis(self, texts: Any) -> Any:
        if len(texts.shape) < 2:
            return texts
        if texts.shape[-1] != 1:
            raise ShapeError(f"layer {self.name!r}: texts must be of shape (batch,) or (batch, 1), "
                             f"got {tuple(texts.shape)}")  # fmt: skip
        return squeeze(texts, -1)

    def _split(self, texts: Any, ragged: bool) -> Any:
        if callable(self.split):
            return self.split(texts)
        if ragged:
            whole = self.split == "whitespace"
            return words.split(texts) if whole else words.unicode_split(texts, "UTF-8")
        return split(texts) if self.split == "whitespace" else unicode_split(texts, "UTF-8")

    def call(self, inputs: Any) -> Any:
        """Return the numbers of the words of texts, or their encoding."""
        length = self.output_sequence_length
        if self.ragged:
            rows = self._rows(inputs, True)
            return map_flat_values(self._lookup_layer.call, rows if length is None else (
                rows[..., :length]))  # fmt: skip
        found = self._lookup_layer.call(self.words(inputs))
        return found if self.output_mode != "int" or length is None else fitted(found, length)

    # -- files --------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        inner = self._lookup_layer
        own = settings(self, "ngrams", "output_mode", "output_sequence_length", "ragged",
                       "encoding")  # fmt: skip
        own |= settings(inner, "max_tokens", "pad_to_max_tokens", "sparse")
        return {**super().get_config(), **own,
                "standardize": _named(self.standardize), "split": _named(self.split),
                "vocabulary": inner.input_vocabulary, "idf_weights": inner.input_idf_weights,
                "vocabulary_size": self.vocabulary_size()}  # fmt: skip

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> TextVectorization:
        """Return the layer that a config describes."""
        config = dict(config)
        for name in ("standardize", "split"):
            if isinstance(config.get(name), dict):
                config[name] = deserialize_keras_object(config[name])
        return cls(**config)

    def get_build_config(self) -> dict[str, Any]:
        """Return nothing: there are no weights to make."""
        return {}

    def build_from_config(self, config: Any) -> None:
        """Do nothing: there are no weights to make."""

    def save_own_variables(self, store: Any) -> None:
        """Write the idf weights."""
        self._lookup_layer.save_own_variables(store)

    def load_own_variables(self, store: Any) -> None:
        """Read the idf weights."""
        self._lookup_layer.load_own_variables(store)

    def save_assets(self, dir_path: Any) -> None:
        """Write a learned vocabulary into a folder."""
        self._lookup_layer.save_assets(dir_path)

    def load_assets(self, dir_path: Any) -> None:
        """Read a learned vocabulary from a folder."""
        self._lookup_layer.load_assets(dir_path)


def _named(function: str | Callable[..., Any] | None) -> Any:
    return serialize_keras_object(function) if callable(function) else function


def fitted(numbers: Any, length: int) -> Any:
    """Return rows of numbers, cut or padded with 0 to one length."""
    rest = [(0, 0)] * (len(numbers.shape) - 1)
    missing = maximum(length - known_size(numbers, -1), 0)
    found = pad(numbers, [*rest, (0, missing)])[..., :length]
    return ensure_shape(found, (*numbers.shape[:-1], length))
