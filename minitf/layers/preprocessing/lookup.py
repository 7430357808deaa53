"""Words to numbers and back, by a vocabulary.

The numbers begin with that of the mask token (if there is one), then come those of words that are
not in the vocabulary ("out of vocabulary", oov), and then the words, the most frequent one first::

    0          1            2      3      4
    mask       [UNK]        "the"  "of"   "and"
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from minitf.dtypes import as_dtype, int64, string
from minitf.errors import DataError, FailedPreconditionError, InvalidArgumentError, UsageError
from minitf.graph.tensor import Tensor
from minitf.layers.arguments import settings
from minitf.layers.layer import Layer
from minitf.layers.preprocessing.batches import batches
from minitf.layers.preprocessing.categories import MODES, check_dense, encode, mode_of, salt_of
from minitf.ops.fingerprint import farm, sip
from minitf.ops.lookup import Table, always, look_up, refuse
from minitf.ops.math import cast
from minitf.ops.strings import raw, text
from minitf.paths import write_whole
from minitf.settings import floatx

NOWHERE = as_dtype("int64").max  # the number of what is not to be counted
FILE = "vocabulary.txt"


class IndexLookup(Layer):
    """What StringLookup and IntegerLookup have in common.

    Attributes
    ----------
    input_vocabulary : list or None
        The vocabulary that the layer was given, which its config then holds.
    """

    def __init__(self, max_tokens: int | None, num_oov_indices: int, mask_token: Any,
                 oov_token: Any, vocabulary_dtype: str, vocabulary: Any = None,
                 idf_weights: Any = None, invert: bool = False, output_mode: str = "int",
                 sparse: bool = False, pad_to_max_tokens: bool = False,
                 oov_method: str = "floormod", salt: Any = None, name: str | None = None,
                 **kwargs: Any):  # fmt: skip
        kwargs.pop("vocabulary_size", None)  # Keras' configs have it; it follows from the rest
        kwargs.pop("has_input_vocabulary", None)
        super().__init__(name=name, **kwargs)
        self.max_tokens, self.num_oov_indices = max_tokens, num_oov_indices
        self.mask_token, self.oov_token = mask_token, oov_token
        self.vocabulary_dtype = vocabulary_dtype
        self.invert, self.sparse, self.pad_to_max_tokens = invert, sparse, pad_to_max_tokens
        self.output_mode = mode_of(self, output_mode, (*MODES, "tf_idf"))
        self.oov_method, self.salt = oov_method, salt_of(self, salt)
        self.autocast = False
        self.idf_weights: Any = None
        self.input_vocabulary: list[Any] | None = None
        self.input_idf_weights = None if idf_weights is None else np.asarray(idf_weights).tolist()
        self._check()
        self._learn([], None)
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)
            if not isinstance(vocabulary, (str, Path)):
                self.input_vocabulary = self._words_of(vocabulary)

    def _check(self) -> None:
        check_dense(self, self.sparse)
        wrong = ""
        if self.max_tokens is not None and self.max_tokens <= 1:
            wrong = f"max_tokens must be greater than 1, got {self.max_tokens}"
        if self.num_oov_indices < 0:
            wrong = f"num_oov_indices must be at least 0, got {self.num_oov_indices}"
        if self.pad_to_max_tokens and self.max_tokens is None:
            wrong = "pad_to_max_tokens needs max_tokens"
        if self.invert and self.output_mode != "int":
            wrong = f"invert needs output_mode='int', got {self.output_mode!r}"
        if self.input_idf_weights is not None and self.output_mode != "tf_idf":
            wrong = f"idf_weights are for output_mode='tf_idf', not {self.output_mode!r}"
        if wrong:
            raise InvalidArgumentError(f"layer {self.name!r}: {wrong}")

    # -- the vocabulary -----------------------------------------------------------------------

    def _word(self, value: Any) -> Any:
        """Return an element as a word of the vocabulary."""
        return text(value) if self.vocabulary_dtype == "string" else int(value)

    def _words_of(self, vocabulary: Any) -> list[Any]:
        if isinstance(vocabulary, (str, Path)):
            return self._read(Path(vocabulary))
        array = vocabulary.tolist() if isinstance(vocabulary, Tensor) else list(vocabulary)
        return [self._word(w) for w in array]

    def _read(self, path: Path) -> list[Any]:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            said = f"layer {self.name!r}: cannot read the vocabulary {path}: {error}"
            raise DataError(said) from error
        while lines and not lines[-1]:
            lines.pop()
        return [self._word(line) for line in lines]

    @property
    def _masked(self) -> bool:
        """Whether number 0 stands for the mask token."""
        return self.mask_token is not None and self.output_mode == "int"

    @property
    def _special(self) -> list[Any]:
        """What stands before the words."""
        return [self.mask_token] * self._masked + [self.oov_token] * self.num_oov_indices

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Set the vocabulary.

        Parameters
        ----------
        vocabulary : sequence, Tensor or path
            The words, each once, or a file with a word per line. The mask and oov tokens may stand
            before them.
        idf_weights : sequence of float, optional
            For ``output_mode="tf_idf"``: what each word counts.

        Raises
        ------
        InvalidArgumentError
            For a word that occurs twice, a special token among the words, or too many words.
        """
        words = self._words_of(vocabulary)
        if not words:
            raise InvalidArgumentError(f"layer {self.name!r}: the vocabulary is empty")
        if (idf_weights is None) == (self.output_mode == "tf_idf"):
            raise InvalidArgumentError(f"layer {self.name!r}: idf_weights are needed for "
                                       "output_mode='tf_idf', and for that alone")  # fmt: skip
        if idf_weights is not None and len(idf_weights) != len(words):
            raise InvalidArgumentError(f"layer {self.name!r}: {len(words)} words and "
                                       f"{len(idf_weights)} idf_weights")  # fmt: skip
        complete = words[: len(self._special)] == self._special
        if complete:
            words = words[len(self._special) :]
        self._check_words(words)
        self._learn(words, idf_weights if complete or idf_weights is None else
                    self._with_mean(np.asarray(idf_weights, float)))  # fmt: skip

    def _check_words(self, words: list[Any]) -> None:
        twice = [w for w, n in Counter(words).items() if n > 1]
        if twice:
            raise InvalidArgumentError(f"layer {self.name!r}: repeated in the vocabulary: "
                                       f"{', '.join(map(repr, twice[:5]))}")  # fmt: skip
        reserved = [self.mask_token, *[self.oov_token] * self.invert]
        inside = [w for w in reserved if w is not None and w in words]
        if inside:
            raise InvalidArgumentError(
                f"layer {self.name!r}: {inside[0]!r} stands among the words; leave special tokens "
                f"out, or let the vocabulary begin with {self._special}"
            )
        size = len(words) + len(self._special)
        if self.max_tokens is not None and size > self.max_tokens:
            raise InvalidArgumentError(f"layer {self.name!r}: the vocabulary has {size} entries, "
                                       f"max_tokens is {self.max_tokens}")  # fmt: skip

    def _with_mean(self, weights: Any) -> Any:
        """Return idf weights with the mean of all put before them, for what is no known word."""
        return np.concatenate([np.full(len(self._special), weights.mean()), weights])

    def _learn(self, words: list[Any], idf_weights: Any) -> None:
        """Take the words over."""
        self._words = words
        kind, first = as_dtype(self.vocabulary_dtype), len(self._special)
        numbers = dict(zip(words, range(first, first + len(words)), strict=True))
        if self.invert:
            names = {i: w for w, i in numbers.items()}
            if self._masked:
                names[0] = self.mask_token
            self._table = Table(names, int64, kind, always(self.oov_token))
        else:
            if self.mask_token is not None:
                numbers[self.mask_token] = 0 if self._masked else NOWHERE
            self._table = Table(numbers, kind, int64, self._oov())
        if idf_weights is not None:
            whole = np.zeros(max(self._depth, len(idf_weights)), floatx())
            whole[: len(idf_weights)] = idf_weights
            self.idf_weights = whole

    def _oov(self) -> Any:
        """Return which number a word has that is not in the vocabulary."""
        count, first = self.num_oov_indices, int(self._masked)
        if count <= 1:
            return always(first) if count else refuse
        if self.vocabulary_dtype != "string" and self.oov_method == "floormod":
            return lambda key: first + int(key) % count
        key = None if self.salt is None else (self.salt[0], self.salt[1])

        def bucket(word: Any) -> int:
            written = raw(str(word))
            return first + (farm(written) if key is None else sip(written, key)) % count

        return bucket

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """Return the words in the order of their numbers.

        Parameters
        ----------
        include_special_tokens : bool
            Whether the mask and oov tokens stand before them.
        """
        return [*self._special, *self._words] if include_special_tokens else list(self._words)

    def vocabulary_size(self) -> int:
        """Return the size of the vocabulary with its special tokens."""
        return len(self._special) + len(self._words)

    @property
    def _depth(self) -> int:
        """Size of the vectors that words are encoded as."""
        return self.max_tokens if self.pad_to_max_tokens else self.vocabulary_size()  # type: ignore[return-value]

    # -- learning it --------------------------------------------------------------------------

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Learn the vocabulary: all words, the most frequent one first.

        Of words that are equally frequent, the one later in the alphabet comes first.

        Parameters
        ----------
        data : array, list, Tensor, Dataset or iterable of batches
            Words; forgets what was learned before. For "tf_idf", a row is a document.
        steps : int, optional
            How many batches to take; all by default.
        """
        self.adapt_on(_at_least_rows(b, alone) for b, alone in _marked(data, steps))

    def adapt_on(self, documents: Iterable[Any]) -> None:
        """Learn the vocabulary from arrays of documents, shape (documents, words)."""
        if self.input_vocabulary is not None:
            raise UsageError(f"layer {self.name!r} was given a vocabulary: there is nothing to "
                             "learn")  # fmt: skip
        counts: Counter[Any] = Counter()
        holding: Counter[Any] = Counter()
        total = 0
        for array in documents:
            rows = [[self._word(w) for w in row] for row in array.reshape(len(array), -1).tolist()]
            total += len(rows)
            for row in rows:
                counts.update(row)
                if self.output_mode == "tf_idf":
                    holding.update(set(row))
        for special in (self.mask_token, self.oov_token):
            counts.pop(special, None)
        most = None if self.max_tokens is None else max(0, self.max_tokens - len(self._special))
        words = sorted(counts, key=lambda w: (counts[w], w), reverse=True)[:most]
        weights = None
        if self.output_mode == "tf_idf":
            frequency = np.array([holding[w] for w in words], float)
            weights = self._with_mean(np.log(1 + total / (1 + frequency)))
        self._learn(words, weights)

    # -- using it -----------------------------------------------------------------------------

    def call(self, inputs: Any) -> Any:
        """Return the numbers of words (or, inverted, the words of numbers), or their encoding."""
        found = look_up(inputs, self._table)
        if self.output_mode == "int":
            return found
        if not self._words and not self.pad_to_max_tokens:
            raise FailedPreconditionError(f"layer {self.name!r} has no vocabulary yet: call "
                                          "adapt(data), or pass vocabulary=")  # fmt: skip
        mode = "count" if self.output_mode == "tf_idf" else self.output_mode
        encoded = encode(found, mode, self._depth, int64)
        if self.output_mode != "tf_idf":
            return encoded
        return cast(encoded, floatx()) * self.idf_weights

    # -- files --------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer.

        A vocabulary that was learned is no part of it, but an asset of the model's file.
        """
        own = settings(self, "invert", "max_tokens", "num_oov_indices", "oov_token", "mask_token",
                       "output_mode", "sparse", "pad_to_max_tokens", "vocabulary_dtype",
                       "oov_method", "salt")  # fmt: skip
        size = None if not self._words else self.vocabulary_size()
        return {**super().get_config(), **own, "idf_weights": self.input_idf_weights,
                "vocabulary": self.input_vocabulary, "vocabulary_size": size}  # fmt: skip

    def get_build_config(self) -> dict[str, Any]:
        """Return nothing: there are no weights to make."""
        return {}

    def build_from_config(self, config: Any) -> None:
        """Do nothing: there are no weights to make."""

    def save_own_variables(self, store: Any) -> None:
        """Write the idf weights."""
        if self.output_mode == "tf_idf":
            store["idf_weights"] = self.idf_weights

    def load_own_variables(self, store: Any) -> None:
        """Read the idf weights."""
        if self.output_mode == "tf_idf":
            self.idf_weights = np.asarray(store["idf_weights"], floatx())

    def save_assets(self, dir_path: Any) -> None:
        """Write a learned vocabulary into a folder, a word per line."""
        if self.input_vocabulary is not None:
            return
        words = list(map(str, self.get_vocabulary()))
        if any(w.splitlines() not in ([w], []) for w in words):
            raise InvalidArgumentError(
                f"layer {self.name!r}: a word with a line break in it cannot be saved, since a "
                "vocabulary file has a word per line; pass vocabulary= to the layer instead"
            )
        write_whole(Path(dir_path) / FILE, "\n".join(words).encode("utf-8"))

    def load_assets(self, dir_path: Any) -> None:
        """Read a learned vocabulary from a folder."""
        if self.input_vocabulary is not None:
            return
        words = self._read(Path(dir_path) / FILE)
        weights = self.idf_weights
        self._learn(words[len(self._special) :], None)
        self.idf_weights = weights


def _marked(data: Any, steps: int | None) -> Iterable[tuple[Any, bool]]:
    """Yield batches, and whether the data is one array: its rows of one word are documents."""
    alone = isinstance(data, (list, tuple, np.ndarray, Tensor))
    return ((batch, alone) for batch in batches(data, steps))


def _at_least_rows(batch: Any, alone: bool) -> Any:
    if batch.ndim > 1:
        return batch
    return batch.reshape(-1, 1) if alone and batch.ndim else batch.reshape(1, -1)


class StringLookup(IndexLookup):
    """Numbers for words, or words for numbers.

    Parameters
    ----------
    max_tokens : int, optional
        Size of the vocabulary with its special tokens; no limit by default.
    num_oov_indices : int
        How many numbers are for words that are not in the vocabulary. With several, hashing
        decides; with none, such words are an error.
    mask_token : str, optional
        Has number 0 (or counts nowhere, where words are counted).
    oov_token : str
        What inverting gives for words that were not in the vocabulary.
    vocabulary : sequence of str, or path, optional
        The words, or a file of them; otherwise `adapt` learns them.
    idf_weights : sequence of float, optional
        For "tf_idf": what each word of the vocabulary counts.
    invert : bool
        Whether to turn numbers into words.
    output_mode : str
        "int": numbers. "one_hot": a vector for each word. "multi_hot", "count", "tf_idf": a vector
        for all words of an example: whether they occur, how often, or how often times
        ``log(1 + documents / (1 + documents with the word))``.
    pad_to_max_tokens : bool
        Whether vectors have `max_tokens` entries, even if there are fewer words.
    encoding : str
        "utf-8".
    salt : int or pair of int, optional
        A key for the hashing.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.StringLookup(vocabulary=["a", "b"])
    >>> layer([["a", "z", "b"]]).numpy().tolist()
    [[1, 0, 2]]
    >>> words = keras.layers.StringLookup(vocabulary=layer.get_vocabulary(), invert=True)
    >>> words([1, 0, 2]).tolist()
    [b'a', b'[UNK]', b'b']
    """

    def __init__(self, max_tokens: int | None = None, num_oov_indices: int = 1,
                 mask_token: str | None = None, oov_token: str = "[UNK]", vocabulary: Any = None,
                 idf_weights: Any = None, invert: bool = False, output_mode: str = "int",
                 pad_to_max_tokens: bool = False, sparse: bool = False, encoding: str = "utf-8",
                 name: str | None = None, salt: Any = None, **kwargs: Any):  # fmt: skip
        self.encoding = encoding
        super().__init__(max_tokens, num_oov_indices, mask_token, oov_token, string.name,
                         vocabulary, idf_weights, invert, output_mode, sparse, pad_to_max_tokens,
                         salt=salt, name=name, **kwargs)  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        config = {"encoding": self.encoding, **super().get_config()}
        del config["vocabulary_dtype"]  # there is only one
        return config


class IntegerLookup(IndexLookup):
    """Numbers from 0 on for numbers of any size, or the way back.

    Parameters
    ----------
    max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, vocabulary_dtype, idf_weights
        As for `StringLookup`, with whole numbers for words.
    invert, output_mode, pad_to_max_tokens, salt
        As for `StringLookup`.
    oov_method : str
        With several numbers for the unknown: "floormod" takes the remainder, "farmhash" a hash.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.IntegerLookup(vocabulary=[12, 36, 1138])
    >>> layer([[12, 1138, 7]]).numpy().tolist()
    [[1, 3, 0]]
    """

    def __init__(self, max_tokens: int | None = None, num_oov_indices: int = 1,
                 mask_token: int | None = None, oov_token: int = -1, vocabulary: Any = None,
                 vocabulary_dtype: str = "int64", idf_weights: Any = None, invert: bool = False,
                 output_mode: str = "int", sparse: bool = False, pad_to_max_tokens: bool = False,
                 oov_method: str = "floormod", salt: Any = None, name: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(max_tokens, num_oov_indices, mask_token, oov_token, vocabulary_dtype,
                         vocabulary, idf_weights, invert, output_mode, sparse, pad_to_max_tokens,
                         oov_method, salt, name, **kwargs)  # fmt: skip

    def call(self, inputs: Any) -> Any:
        """Return the numbers' numbers, or their encoding."""
        return super().call(inputs if inputs.dtype.is_integer else cast(inputs, int64))
