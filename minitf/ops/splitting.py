"""Strings taken apart into words, characters and bytes, and words put next to each other.

The ops of this file fill rows of different lengths up with empty strings at the end. What
`tf.strings` offers returns them as ragged tensors; it is made of `string_parts`, in
`minitf.composite.words`.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from minitf.dtypes import int32, int64, string
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.op import AnyTensor, IntTensor, op
from minitf.graph.spec import TensorSpec
from minitf.ops.strings import as_strings, check_strings, raw, text


def padded(rows: list[list[Any]], shape: tuple[int, ...], fill: Any = "") -> Any:
    """Return rows of different lengths as one array of objects, filled up at their ends."""
    width = max(map(len, rows), default=0)
    found = np.full((len(rows), width), fill, object)
    for i, row in enumerate(rows):
        found[i, : len(row)] = as_strings(row)
    return found.reshape(*shape, width)


@op(differentiable=False)
def string_parts(input: AnyTensor, unit: str, sep: str | None = None, maxsplit: int = -1,
                 errors: str = "replace"):  # fmt: skip
    """Return the parts of all strings, one after the other, and how many each string has.

    Parameters
    ----------
    input : Tensor
        Strings, any shape.
    unit : str
        What a part is: "word", "character", "code" (the number of a character) or "byte".
    sep, maxsplit
        For words: see `split`.
    errors : str
        For characters: see `unicode_split`.

    Returns
    -------
    parts : Tensor
        Strings, or int32 for codes; a vector.
    counts : Tensor
        Of type int64, in the shape of `input`.
    """
    check_strings(input)
    if unit not in PARTS:
        raise InvalidArgumentError(f"unit is one of {', '.join(PARTS)}, got {unit!r}")
    return TensorSpec([None], int32 if unit == "code" else string), TensorSpec(input.shape, int64)


PARTS = {
    "word": lambda s, sep, maxsplit, errors: words(raw(s).split(sep, maxsplit)),
    "character": lambda s, sep, maxsplit, errors: list(characters(s, "UTF-8", errors)),
    "code": lambda s, sep, maxsplit, errors: list(map(ord, characters(s, "UTF-8", errors))),
    "byte": lambda s, sep, maxsplit, errors: [text(bytes([b])) for b in raw(s)],
}


@string_parts.kernel("numpy")
def _(input, *, unit, sep, maxsplit, errors):
    at = raw(sep) if sep else None
    rows = [PARTS[unit](s, at, maxsplit, errors) for s in input.reshape(-1)]
    counts = np.array([len(row) for row in rows], np.int64).reshape(input.shape)
    parts = (part for row in rows for part in row)
    return (np.array([*parts], np.int32) if unit == "code" else as_strings(parts)), counts


@op(name="string_split", differentiable=False)
def split(input: AnyTensor, sep: str | None = None, maxsplit: int = -1):
    """Split strings into words.

    Parameters
    ----------
    input : Tensor
        Strings, any shape.
    sep : str, optional
        What stands between words; any amount of white space by default.
    maxsplit : int
        How often to split at most; -1 for any number.

    Returns
    -------
    Tensor
        The shape of `input`, followed by a new axis for the words. Where strings have fewer words
        than others, empty strings follow.

    Examples
    --------
    >>> from minitf.ops.splitting import split
    >>> split(["to be", "or"]).tolist()
    [[b'to', b'be'], [b'or', b'']]
    """
    check_strings(input)
    return TensorSpec((*input.shape, None), string)


@split.kernel("numpy")
def _(input, *, sep, maxsplit):
    at = raw(sep) if sep else None
    rows = [words(raw(s).split(at, maxsplit)) for s in input.reshape(-1)]
    return padded(rows, input.shape)


def words(parts: list[bytes]) -> list[str]:
    """Return parts of a string as strings; all are decoded at once, which is faster."""
    whole = text(b"\0".join(parts)).split("\0") if parts else []
    return whole if len(whole) == len(parts) else list(map(text, parts))


@op(differentiable=False)
def unicode_split(input: AnyTensor, input_encoding: str = "UTF-8", errors: str = "replace",
                  replacement_char: int = 65533):  # fmt: skip
    """Split strings into characters.

    Parameters
    ----------
    input : Tensor
        Strings, any shape.
    input_encoding : str
        "UTF-8".
    errors : str
        What to do with bytes that are no UTF-8: "replace" them, "ignore" them, or be "strict".
    replacement_char : int
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        The shape of `input`, followed by a new axis for the characters. Where strings have fewer
        characters than others, empty strings follow.

    Examples
    --------
    >>> from minitf.ops.splitting import unicode_split
    >>> [c.decode() for c in unicode_split("caf\u00e9", "UTF-8").tolist()]
    ['c', 'a', 'f', '\u00e9']
    """
    check_strings(input)
    return TensorSpec((*input.shape, None), string)


@unicode_split.kernel("numpy")
def _(input, *, input_encoding, errors, replacement_char):
    rows = [list(characters(s, input_encoding, errors)) for s in input.reshape(-1)]
    return padded(rows, input.shape)


def characters(element: Any, encoding: str, errors: str) -> str:
    """Return the characters of an element."""
    if encoding.upper() not in ("UTF-8", "UTF8"):
        raise InvalidArgumentError(f"the encoding must be 'UTF-8', got {encoding!r}")
    try:
        return raw(element).decode("utf-8", errors)
    except UnicodeDecodeError as error:
        raise InvalidArgumentError(f"{element!r} is no UTF-8: {error}") from error


@op(name="string_ngrams", differentiable=False)
def ngrams(data: AnyTensor, ngram_width: int | tuple[int, ...], separator: str = " "):
    """Return every few neighbouring strings, joined.

    Parameters
    ----------
    data : Tensor
        Strings; those along the last axis are neighbours. Empty strings at the end of a row do
        not count.
    ngram_width : int or tuple of int
        How many to join. For (1, 2), single ones and after them pairs.
    separator : str
        What to put between them.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.ngrams(["to", "be", "or"], 2).tolist()
    [b'to be', b'be or']
    """
    check_strings(data)
    if not data.shape:
        raise ShapeError("one string has no neighbours: the data needs an axis")
    return TensorSpec((*data.shape[:-1], None), string)


@ngrams.kernel("numpy")
def _(data, *, ngram_width, separator):
    widths = (ngram_width,) if isinstance(ngram_width, int) else ngram_width
    rows = [_filled(row) for row in data.reshape(prod(data.shape[:-1]), data.shape[-1])]
    found = [
        [separator.join(row[i : i + n]) for n in widths for i in range(len(row) - n + 1)]
        for row in rows
    ]
    return padded(found, data.shape[:-1])


def _filled(row: Any) -> list[str]:
    """Return the strings of a row up to the last one that is not empty."""
    found = list(map(text, row))
    while found and not found[-1]:
        found.pop()
    return found


@op(differentiable=False)
def unicode_encode(input: IntTensor, output_encoding: str = "UTF-8"):
    """Return the strings that have characters of given numbers.

    Parameters
    ----------
    input : Tensor
        Numbers of characters, along the last axis; zeros at the end do not count.
    output_encoding : str
        "UTF-8".

    Returns
    -------
    Tensor
        Of strings.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.unicode_encode([97, 98, 99], "UTF-8").tolist()
    b'abc'
    """
    if not input.shape:
        raise ShapeError("characters need an axis, got one number")
    return TensorSpec(input.shape[:-1], string)


@unicode_encode.kernel("numpy")
def _(input, *, output_encoding):
    rows = input.reshape(prod(input.shape[:-1]), input.shape[-1])
    found = ("".join(map(chr, row)).rstrip("\0") for row in rows)
    return as_strings(found).reshape(input.shape[:-1])
