"""Strings: tensors whose elements are texts.

An element is a Python string, or bytes, which stand for the text that they are in UTF-8. An op
knows no rows of different lengths, such as the words of several sentences:
`minitf.composite.words` makes ragged tensors of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from math import prod
from typing import Any

import numpy as np

from minitf.dtypes import bool_, int32, string
from minitf.errors import DTypeError, InvalidArgumentError
from minitf.graph.convert import as_tensor
from minitf.graph.op import AnyTensor, IntTensor, op
from minitf.graph.spec import TensorSpec, broadcast, normalize_axes
from minitf.ops.composed import composed

BYTE, CHARACTER = "BYTE", "UTF8_CHAR"


def text(element: Any) -> str:
    """Return an element as a Python string; bytes that are no UTF-8 survive the way and back."""
    return element.decode("utf-8", "surrogateescape") if isinstance(element, bytes) else element


def raw(element: Any) -> bytes:
    """Return an element as bytes."""
    return element if isinstance(element, bytes) else element.encode("utf-8", "surrogateescape")


def on_bytes(function: Callable[[bytes], bytes]) -> Callable[[Any], str]:
    """Return a function on elements, made of one on bytes: it leaves all but ASCII alone."""
    return lambda element: text(function(raw(element)))


def each(function: Callable[..., Any], *arrays: Any, dtype: Any = object) -> Any:
    """Return an array of what a function makes of every element."""
    return np.asarray(np.frompyfunc(function, len(arrays), 1)(*arrays), dtype)


def check_strings(*specs: TensorSpec) -> None:
    """Refuse everything but strings."""
    for spec in specs:
        if spec.dtype is not string:
            raise DTypeError(f"expected strings, got {spec.dtype.name}; tf.strings.as_string(x) "
                             "makes strings of numbers")  # fmt: skip


def in_unit(unit: str, element: Any) -> Any:
    """Return what positions and lengths count in: the bytes of a string, or its characters."""
    if unit not in (BYTE, CHARACTER):
        raise InvalidArgumentError(f"unit is {BYTE!r} or {CHARACTER!r}, got {unit!r}")
    return raw(element) if unit == BYTE else text(element)


# -- one string to one ------------------------------------------------------------------------


@op(name="string_lower", differentiable=False)
def lower(input: AnyTensor, encoding: str = ""):
    """Return strings in lower case.

    Parameters
    ----------
    input : Tensor
        Strings, any shape.
    encoding : str
        "utf-8" for the letters of all alphabets; by default those of ASCII alone.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.lower(["To BE"]).tolist()
    [b'to be']
    """
    check_strings(input)
    return input


@lower.kernel("numpy")
def _(input, *, encoding):
    return each((lambda s: text(s).lower()) if encoding else on_bytes(bytes.lower), input)


@op(name="string_upper", differentiable=False)
def upper(input: AnyTensor, encoding: str = ""):
    """Return strings in upper case.

    Parameters
    ----------
    input, encoding
        As for `lower`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.upper(["To be"]).tolist()
    [b'TO BE']
    """
    check_strings(input)
    return input


@upper.kernel("numpy")
def _(input, *, encoding):
    return each((lambda s: text(s).upper()) if encoding else on_bytes(bytes.upper), input)


@op(name="string_strip", differentiable=False)
def strip(input: AnyTensor):
    """Return strings without the white space around them.

    Parameters
    ----------
    input : Tensor
        Strings, any shape.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.strip([" to be "]).tolist()
    [b'to be']
    """
    check_strings(input)
    return input


@strip.kernel("numpy")
def _(input):
    return each(on_bytes(bytes.strip), input)


@op(differentiable=False)
def regex_replace(input: AnyTensor, pattern: str, rewrite: str, replace_global: bool = True):
    r"""Replace what matches a regular expression.

    Parameters
    ----------
    input : Tensor
        Strings, any shape.
    pattern : str
        A regular expression of Python's `re` (TensorFlow's are those of RE2, nearly the same).
    rewrite : str
        What to put in its place; ``\1`` is the first group, ``\0`` the whole match.
    replace_global : bool
        Whether to replace every match, or the first one.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.regex_replace(["To be, or not"], "[,.]", "").tolist()
    [b'To be or not']
    """
    check_strings(input)
    compiled(pattern)
    return input


@regex_replace.kernel("numpy")
def _(input, *, pattern, rewrite, replace_global):
    rewrite = rewrite.replace("\\0", "\\g<0>")
    replace, count = compiled(pattern).sub, 0 if replace_global else 1
    return each(lambda s: replace(rewrite, text(s), count=count), input)


def compiled(pattern: str) -> re.Pattern[str]:
    """Return a regular expression, ready to use."""
    try:
        return re.compile(text(pattern), re.ASCII)
    except re.error as error:
        raise InvalidArgumentError(f"{pattern!r} is no regular expression: {error}") from error


@op(differentiable=False)
def substr(input: AnyTensor, pos: IntTensor, len: IntTensor, unit: str = BYTE):
    """Return parts of strings.

    Parameters
    ----------
    input : Tensor
        Strings.
    pos : Tensor
        Where the parts begin; below 0, counted from the end. Broadcasts with the strings.
    len : Tensor
        How long they are, if the strings are long enough.
    unit : str
        What is counted: "BYTE" or "UTF8_CHAR".

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.substr(["Hello", "World"], 1, 3).tolist()
    [b'ell', b'orl']
    """
    check_strings(input)
    return TensorSpec(broadcast(input.shape, pos.shape, len.shape), string)


@substr.kernel("numpy")
def _(input, pos, len, *, unit):
    return each(lambda s, at, size: _part(in_unit(unit, s), at, size), input, pos, len)


def _part(s: Any, at: int, size: int) -> str:
    if not -len(s) <= at <= len(s):
        raise InvalidArgumentError(f"pos {at} is out of range for {text(s)!r}")
    at += len(s) if at < 0 else 0
    return text(s[at : at + size])


# -- several strings to one, and back -----------------------------------------------------------


@op(name="string_join", differentiable=False)
def join(inputs: list[AnyTensor], separator: str = ""):
    """Join strings of several tensors, elementwise.

    Parameters
    ----------
    inputs : sequence of Tensor
        Strings; their shapes broadcast.
    separator : str
        What to put between them.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.join([["a", "b"], "c"], separator="-").tolist()
    [b'a-c', b'b-c']
    """
    if not inputs:
        raise InvalidArgumentError("at least one tensor is needed")
    check_strings(*inputs)
    return TensorSpec(broadcast(*[s.shape for s in inputs]), string)


@join.kernel("numpy")
def _(*inputs, separator):
    arrays = np.broadcast_arrays(*inputs)
    columns = [a.reshape(-1) for a in arrays]
    return as_strings(separator.join(map(text, row)) for row in zip(*columns, strict=True)).reshape(
        arrays[0].shape
    )


def as_strings(elements: Iterable[Any]) -> Any:
    """Return strings as a flat array."""
    return np.array([*elements], object)


@op(name="reduce_join", differentiable=False)
def join_axes(inputs: AnyTensor, axes: tuple[int, ...], keepdims: bool, separator: str):
    """Join the strings that lie along axes, one axis after the other; see `reduce_join`."""
    check_strings(inputs)
    gone = normalize_axes(axes, len(inputs.shape))
    kept = [1 if i in gone else n for i, n in enumerate(inputs.shape)]
    shape = kept if keepdims else [n for i, n in enumerate(kept) if i not in gone]
    return TensorSpec(shape, string)


@join_axes.kernel("numpy")
def _(inputs, *, axes, keepdims, separator):
    found = inputs
    for axis in axes:
        rows = np.moveaxis(found, axis, -1)
        lead = rows.shape[:-1]
        rows = rows.reshape(prod(lead), rows.shape[-1])
        joined = (separator.join(map(text, row)) for row in rows)
        found = np.expand_dims(as_strings(joined).reshape(lead), axis)
    return found.copy() if keepdims else np.squeeze(found, axes).copy()


@composed
def reduce_join(inputs: Any, axis: Any = None, keepdims: bool = False, separator: str = "",
                name: str | None = None) -> Any:  # fmt: skip
    """Join the strings along axes.

    Parameters
    ----------
    inputs : Tensor
        Strings.
    axis : int or sequence of int, optional
        Which; all by default, the last one first.
    keepdims : bool
        Whether to keep the axes, with size 1.
    separator : str
        What to put between them.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.reduce_join([["a", "b"], ["c", "d"]], axis=-1).tolist()
    [b'ab', b'cd']
    """
    inputs = as_tensor(inputs)
    rank = len(inputs.shape)
    axes = tuple(range(rank))[::-1] if axis is None else axis
    axes = (axes,) if isinstance(axes, int) else tuple(axes)
    axes = tuple(normalize_axes(a, rank)[0] for a in axes)
    return join_axes(inputs, axes, keepdims, separator, name=name)


# -- what strings are like ----------------------------------------------------------------------


@op(name="string_length", differentiable=False)
def length(input: AnyTensor, unit: str = BYTE):
    """Return the lengths of strings.

    Parameters
    ----------
    input : Tensor
        Strings, any shape.
    unit : str
        What is counted: "BYTE" or "UTF8_CHAR".

    Returns
    -------
    Tensor
        Of type int32.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.length(["to", ""]).numpy().tolist()
    [2, 0]
    """
    check_strings(input)
    return TensorSpec(input.shape, int32)


@length.kernel("numpy")
def _(input, *, unit):
    return each(lambda s: len(in_unit(unit, s)), input, dtype=np.int32)


@op(differentiable=False)
def regex_full_match(input: AnyTensor, pattern: str):
    """Return whether strings match a regular expression from their first to their last character.

    Parameters
    ----------
    input : Tensor
        Strings, any shape.
    pattern : str
        As for `regex_replace`.

    Returns
    -------
    Tensor
        Of type bool.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.regex_full_match(["cat", "dog"], "c.*").numpy().tolist()
    [True, False]
    """
    check_strings(input)
    compiled(pattern)
    return TensorSpec(input.shape, bool_)


@regex_full_match.kernel("numpy")
def _(input, *, pattern):
    match = compiled(pattern).fullmatch
    return each(lambda s: match(text(s)) is not None, input, dtype=np.bool_)
