"""Data sets of texts: plays, names, books, translations, dialogs, opinions, words."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from minitf.data.contents import text_of, zipped_text
from minitf.data.files import DataFile, obtain, problem
from minitf.errors import InvalidArgumentError

Pair = tuple[str, str]

TINY_SHAKESPEARE = DataFile(
    "text/tinyshakespeare_input.txt",
    "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    (
        "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        "https://storage.googleapis.com/download.tensorflow.org/data/shakespeare.txt",
    ),
)
NAMES = DataFile(
    "text/names.txt",
    "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d",
    ("https://raw.githubusercontent.com/karpathy/makemore/988aa59/names.txt",),
)
BIG_TEXT = DataFile(
    "text/big.txt",
    "fa066c7d40f0f201ac4144e652aa62430e58a6b3805ec70650f678da5804e87b",
    ("https://norvig.com/big.txt",),
)
DEU_ENG = DataFile(
    "translation/deu-eng.zip",
    "b7688f84f99fa33c17397c14d8bd9cef1fdeb2ee0bf50074767023aee8926e28",
    (
        "https://raw.githubusercontent.com/rioyshky/translation/"
        "de48b7027f7318d77010a6e08ed928c10748c23d/deu-eng.zip",
    ),
)
PERSONA_CHAT_URL = (
    "https://raw.githubusercontent.com/google-research-datasets/Synthetic-Persona-Chat/"
    "1f367a0f05d388ca96ebbbc9e5752ab19ac76510/data/"
)
PERSONA_CHAT = {
    "valid": "e8128d2b7b0eed8064715cb1d71cdd241a3fa28ddf6fb80ece5c8156c1fd819d",
    "test": "531356d642b426ef8fc4d65446330cb34c7b473a4cf482ad12a8cf7838fe52a8",
}
SENTENCE_POLARITY = DataFile(
    "sentiment/sentence_polarity.zip",
    "6e1ed4405b65c7eabf1d199a7f7c437091ac21da0ea7467b410a74062574566b",
    (
        "https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/corpora/"
        "sentence_polarity.zip",
    ),
)
WORD_ANALOGIES = DataFile(
    "wordsim/questions-words.txt",
    "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36",
    (
        "https://download.tensorflow.org/data/questions-words.txt",
        "https://raw.githubusercontent.com/tmikolov/word2vec/"
        "20c129af10659f7c50e86e3be406df663beff438/questions-words.txt",
    ),
)
# The public archive has no published SHA-256, so this one is never downloaded.
WORDSIM353 = DataFile(
    "wordsim/wordsim353_combined.tab",
    "1edf400ed472e796b3be562cf7970b10d749a07874a96ddc77e75fd1006b446c",
)


def load_tinyshakespeare(*, download: bool = True, verbose: int = 1) -> str:
    """Return scenes of Shakespeare's plays as one text of 1,115,394 characters, 65 distinct ones.

    Parameters
    ----------
    download : bool, default True
        Whether the file may be fetched if it is neither in ``MINITF_DATA`` nor in the cache
        (1.1 MB).
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    str

    Raises
    ------
    DataError
        If the file is missing and may not or cannot be downloaded, or is damaged.

    Notes
    -----
    The text is in the public domain; collected by A. Karpathy for char-rnn.
    """
    return text_of(obtain(TINY_SHAKESPEARE, download, verbose))


def load_names(*, download: bool = True, verbose: int = 1) -> list[str]:
    """Return 32,033 first names, in small letters from a to z.

    Parameters
    ----------
    download : bool, default True
        Whether the file may be fetched if it is neither in ``MINITF_DATA`` nor in the cache
        (228 kB).
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    list of str
        The most frequent first; 2 to 15 letters each.

    Raises
    ------
    DataError
        If the file is missing and may not or cannot be downloaded, or is damaged.

    Notes
    -----
    Names of the year 2018 from ssa.gov; collected by A. Karpathy for makemore (MIT).
    """
    return text_of(obtain(NAMES, download, verbose)).split()


def load_big_text(*, download: bool = True, verbose: int = 1) -> str:
    """Return P. Norvig's big.txt: a million words of books, in English.

    Sherlock Holmes, War and Peace, a history of the USA, a manual of surgery and more, 6,488,666
    bytes in all.

    Parameters
    ----------
    download : bool, default True
        Whether the file may be fetched if it is neither in ``MINITF_DATA`` nor in the cache
        (6.5 MB).
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    str

    Raises
    ------
    DataError
        If the file is missing and may not or cannot be downloaded, or is damaged.

    Notes
    -----
    Books of Project Gutenberg, in the public domain in the USA; their headers are in the text.
    """
    return text_of(obtain(BIG_TEXT, download, verbose))


def load_deu_eng(
    max_words: int | None = None, *, download: bool = True, verbose: int = 1
) -> list[Pair]:
    """Return 169,813 sentences in English, each with a translation into German, short ones first.

    Parameters
    ----------
    max_words : int, optional
        Keep pairs of at most so many English words (6 keeps 98,249).
    download : bool, default True
        Whether the file may be fetched if it is neither in ``MINITF_DATA`` nor in the cache
        (4.0 MB).
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    list of (str, str)
        Pairs (English, German). The same English sentence may come several times.

    Raises
    ------
    DataError
        If the file is missing and may not or cannot be downloaded, or is damaged.

    Notes
    -----
    From www.manythings.org/anki and tatoeba.org, CC BY 2.0, as of 2018-05-13.
    """
    path = obtain(DEU_ENG, download, verbose)
    pairs = [_pair(line, path) for line in _lines(zipped_text(path, "deu.txt"))]
    return [p for p in pairs if max_words is None or len(p[0].split()) <= max_words]


class Dialog(NamedTuple):
    """A conversation of two invented people.

    Attributes
    ----------
    personas : pair of lists of str
        What is said about the first and about the second person.
    turns : list of (int, str)
        Who speaks (0 or 1), and what.
    """

    personas: tuple[list[str], list[str]]
    turns: list[tuple[int, str]]


def load_persona_chat(
    part: str = "valid", *, download: bool = True, verbose: int = 1
) -> list[Dialog]:
    """Return conversations of the Synthetic Persona Chat, in English.

    Parameters
    ----------
    part : {"valid", "test"}
        1,000 or 968 conversations.
    download : bool, default True
        Whether the file may be fetched if it is neither in ``MINITF_DATA`` nor in the cache
        (1.4 MB).
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    list of Dialog
        With the fields `personas` and `turns`. Two of the part "test" name no speakers, and so
        have no turns.

    Raises
    ------
    DataError
        If the file is missing and may not or cannot be downloaded, or is damaged.

    Notes
    -----
    Google Research, CC BY 4.0.

    References
    ----------
    .. [1] P. Jandaghi, X. Sheng, X. Bai, J. Pujara, H. Sidahmed, "Faithful persona-based
       conversational dataset generation with large language models", 2023, arXiv:2312.10007.
    """
    if part not in PERSONA_CHAT:
        raise InvalidArgumentError(f"persona chat: part is 'valid' or 'test', got {part!r}")
    name = f"Synthetic-Persona-Chat_{part}.csv"
    file = DataFile(f"dialog/{name}", PERSONA_CHAT[part], (PERSONA_CHAT_URL + name,))
    path = obtain(file, download, verbose)
    rows = list(csv.reader(io.StringIO(text_of(path), newline="")))
    return [_dialog(row, path) for row in rows[1:]]


def load_sentence_polarity(
    *, download: bool = True, verbose: int = 1
) -> tuple[list[str], np.ndarray[Any, Any]]:
    """Return 10,662 sentences of film reviews, half of them favourable.

    Parameters
    ----------
    download : bool, default True
        Whether the file may be fetched if it is neither in ``MINITF_DATA`` nor in the cache
        (490 kB).
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    texts : list of str
        Sentences in small letters, with spaces around the punctuation: first the 5,331 that are
        favourable, then the others. Shuffle before splitting.
    labels : ndarray, shape (10662,), int64
        1 favourable, 0 not.

    Raises
    ------
    DataError
        If the file is missing and may not or cannot be downloaded, or is damaged.

    Notes
    -----
    The copy of NLTK, CC BY 4.0.

    References
    ----------
    .. [1] B. Pang, L. Lee, "Seeing stars: exploiting class relationships for sentiment
       categorization with respect to rating scales", ACL 2005.
    """
    path = obtain(SENTENCE_POLARITY, download, verbose)
    good, bad = (
        [
            line.strip()
            for line in _lines(zipped_text(path, f"sentence_polarity/rt-polarity.{kind}"))
        ]
        for kind in ("pos", "neg")
    )
    return good + bad, np.repeat(np.array([1, 0], np.int64), [len(good), len(bad)])


def load_word_analogies(
    *, download: bool = True, verbose: int = 1
) -> dict[str, list[tuple[str, str, str, str]]]:
    """Return 19,544 questions such as "Athens is to Greece as Baghdad is to ...": Iraq.

    Parameters
    ----------
    download : bool, default True
        Whether the file may be fetched if it is neither in ``MINITF_DATA`` nor in the cache
        (604 kB).
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    dict of str to list of (str, str, str, str)
        The questions of 14 sections: three words, and the answer.

    Raises
    ------
    DataError
        If the file is missing and may not or cannot be downloaded, or is damaged.

    Notes
    -----
    Apache-2.0.

    References
    ----------
    .. [1] T. Mikolov, K. Chen, G. Corrado, J. Dean, "Efficient estimation of word representations
       in vector space", 2013, arXiv:1301.3781.
    """
    path = obtain(WORD_ANALOGIES, download, verbose)
    sections: dict[str, list[tuple[str, str, str, str]]] = {}
    for line in _lines(text_of(path)):
        words = tuple(line.split())
        if words[0] == ":":
            questions = sections.setdefault(" ".join(words[1:]), [])
        elif len(words) == 4 and sections:
            questions.append(words)
        else:
            raise problem(f"{path}: damaged: expected four words of a section, got {line!r}")
    return sections


def load_wordsim353() -> tuple[list[Pair], np.ndarray[Any, Any]]:
    """Return 353 pairs of words, and how alike people find them; nothing is downloaded.

    The file must be at ``MINITF_DATA/wordsim/wordsim353_combined.tab``: it is ``combined.tab`` of
    the authors' archive, of which no checksum is published.

    Returns
    -------
    pairs : list of (str, str)
        Words.
    scores : ndarray, shape (353,), float32
        The mean of 13 to 16 judgements from 0 (nothing in common) to 10 (the same word).

    Raises
    ------
    DataError
        If the file is missing or damaged.

    References
    ----------
    .. [1] L. Finkelstein, E. Gabrilovich, Y. Matias, E. Rivlin, Z. Solan, G. Wolfman, E. Ruppin,
       "Placing search in context: the concept revisited", ACM TOIS 20 (1), 2002.
    """
    path = obtain(WORDSIM353, download=False)
    rows = [line.split("\t") for line in _lines(text_of(path))[1:]]
    try:
        scores = np.array([float(score) for _, _, score in rows], np.float32)
    except ValueError as error:
        raise problem(f"{path}: damaged: expected two words and a number a line") from error
    return [(one, other) for one, other, _ in rows], scores


# -- details ----------------------------------------------------------------------------------


def _lines(text: str) -> list[str]:
    """Return the lines that are not empty; what else Python takes for ends of lines is text."""
    return [line.rstrip("\r") for line in text.split("\n") if line.strip()]


def _pair(line: str, path: Path) -> Pair:
    parts = line.split("\t")
    if len(parts) < 2:
        raise problem(f"{path}: damaged: expected two sentences and a tab, got {line!r}")
    return parts[0], parts[1]  # newer files state the source behind


# A few dialogs are marked up: "*User 1:* Hi!", "* User 1: Hi! *", and "* * *" between parts.
TURN = re.compile(r"[*\s]*User ([12]):[*\s]*(.*)")


def _dialog(row: list[str], path: Path) -> Dialog:
    if len(row) != 3:
        raise problem(f"{path}: damaged: expected three columns, got {len(row)}")
    turns: list[tuple[int, str]] = []
    for line in _lines(row[2]):
        said = line.strip("* ")
        if begun := TURN.match(said):
            turns.append((int(begun[1]) - 1, begun[2]))
        elif turns and said:  # a turn of several lines
            turns[-1] = (turns[-1][0], f"{turns[-1][1]}\n{said}")
    return Dialog((_lines(row[0]), _lines(row[1])), turns)
