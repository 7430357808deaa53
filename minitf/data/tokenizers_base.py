"""What all tokenizers have in common: a vocabulary, and the files that they are kept in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from minitf.data.files import problem
from minitf.errors import FailedPreconditionError, InvalidArgumentError, OutOfRangeError
from minitf.paths import write_whole

FORMAT = "minitf tokenizer 1"


class TextTokenizer:
    """What all tokenizers have in common: a vocabulary, whose numbers stand for tokens.

    Parameters
    ----------
    special_tokens : sequence of str
        Tokens that no text contains, such as ``"[PAD]"``. They get the first numbers; `encode`
        never makes one of them from a text (save `unknown`).

    Attributes
    ----------
    vocabulary : list of str
        Token of each number; empty until the tokenizer is trained.
    """

    kinds: ClassVar[dict[str, type[TextTokenizer]]] = {}

    def __init__(self, special_tokens: Sequence[str] = ()):
        self.special_tokens = list(special_tokens)
        if len(set(self.special_tokens)) != len(self.special_tokens):
            raise InvalidArgumentError(f"special tokens must differ, got {self.special_tokens}")
        self.vocabulary: list[str] = []

    def __init_subclass__(cls) -> None:
        TextTokenizer.kinds[cls.__name__] = cls

    def __len__(self) -> int:
        return len(self.vocabulary)

    @property
    def vocabulary_size(self) -> int:
        """Number of tokens."""
        return len(self)

    def id(self, token: str) -> int:
        """Return the number of a token, such as a special one."""
        try:
            return self.vocabulary.index(token)
        except ValueError:
            raise InvalidArgumentError(f"{token!r} is not in the vocabulary") from None

    def encode(self, text: str) -> list[int]:
        """Return the numbers of the tokens of a text."""
        raise NotImplementedError

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of numbers."""
        raise NotImplementedError

    def __call__(self, text: Any) -> Any:
        """Return `encode` of a text, or a list of it for several."""
        return self.encode(text) if isinstance(text, str) else [self.encode(t) for t in text]

    def _check_trained(self) -> None:
        if not self.vocabulary:
            raise FailedPreconditionError(f"{type(self).__name__}: call fit first")

    def _check_ids(self, ids: Iterable[int]) -> list[int]:
        numbers = [int(i) for i in ids]
        for number in numbers:
            if not 0 <= number < len(self):
                raise OutOfRangeError(
                    f"{type(self).__name__}: token {number} of {len(self)} does not exist"
                )
        return numbers

    # -- files ----------------------------------------------------------------------------------

    def get_state(self) -> dict[str, Any]:
        """Return what `set_state` needs to make an equal tokenizer, as plain data."""
        raise NotImplementedError

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> TextTokenizer:
        """Return the tokenizer that a state describes."""
        raise NotImplementedError

    def save(self, path: str | Path) -> None:
        """Write the tokenizer to a JSON file: whole, or not at all.

        Parameters
        ----------
        path : str or pathlib.Path
        """
        self._check_trained()
        state = {"kind": type(self).__name__} | self.get_state()
        content = {"format": FORMAT, "sha256": _digest(state), "tokenizer": state}
        text = json.dumps(content, ensure_ascii=True, indent=1)
        write_whole(Path(path), text.encode("ascii"))

    @classmethod
    def load(cls, path: str | Path) -> Any:
        """Return the tokenizer that a file holds; it must be of this kind."""
        found = load_tokenizer(path)
        if not isinstance(found, cls):
            raise problem(f"{path}: holds a {type(found).__name__}, and no {cls.__name__}")
        return found


def load_tokenizer(path: str | Path) -> Any:
    """Return the tokenizer that `save` has written.

    Parameters
    ----------
    path : str or pathlib.Path

    Returns
    -------
    CharacterTokenizer, WordTokenizer or BytePairTokenizer

    Raises
    ------
    DataError
        If the file is missing, damaged, or something else.
    """
    try:
        content = json.loads(Path(path).read_bytes())
        state = content["tokenizer"]
        if content["format"] != FORMAT or content["sha256"] != _digest(state):
            raise ValueError("the checksum is wrong")
        return TextTokenizer.kinds[state["kind"]].from_state(state)
    except OSError as error:
        raise problem(f"{path}: cannot be read: {error.strerror}") from error
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise problem(f"{path}: damaged, or not a tokenizer: {error}") from error


def _digest(state: Any) -> str:
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode("ascii")).hexdigest()
