"""Strings taken apart: of several strings, the words or characters are rows of a ragged tensor."""

from __future__ import annotations

from typing import Any

from minitf.composite import ragged_rules  # noqa: F401  (functions learn what ragged tensors are)
from minitf.composite.ragged import RaggedTensor
from minitf.dtypes import int64
from minitf.errors import InvalidArgumentError
from minitf.graph.convert import as_tensor
from minitf.ops.array import reshape
from minitf.ops.composed import composed
from minitf.ops.source import shape
from minitf.ops.splitting import string_parts


@composed
def split(input: Any, sep: str | None = None, maxsplit: int = -1, name: str | None = None) -> Any:
    """Split strings into words.

    Parameters
    ----------
    input : Tensor or RaggedTensor
        Strings.
    sep : str, optional
        What stands between words; any amount of white space by default.
    maxsplit : int
        How often to split at most; -1 for any number.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    RaggedTensor
        With one more axis than `input`; a Tensor for one string.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.split("to be or").numpy().tolist()
    [b'to', b'be', b'or']
    >>> tf.strings.split(["to be", "or"])
    <tf.RaggedTensor [[b'to', b'be'], [b'or']]>
    """
    return _parts(input, "word", sep, maxsplit)


@composed
def unicode_split(input: Any, input_encoding: str = "UTF-8", errors: str = "replace",
                  replacement_char: int = 65533, name: str | None = None) -> Any:  # fmt: skip
    """Split strings into characters.

    Parameters
    ----------
    input : Tensor or RaggedTensor
        Strings.
    input_encoding : str
        "UTF-8".
    errors : str
        What to do with bytes that are no UTF-8: "replace" them, "ignore" them, or be "strict".
    replacement_char, name : optional
        Accepted as in TensorFlow.

    Returns
    -------
    RaggedTensor
        With one more axis than `input`; a Tensor for one string.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.unicode_split(["to", "b"], "UTF-8")
    <tf.RaggedTensor [[b't', b'o'], [b'b']]>
    """
    return _parts(input, "character", errors=_known(input_encoding, errors))


@composed
def unicode_decode(input: Any, input_encoding: str = "UTF-8", errors: str = "replace",
                   replacement_char: int = 65533, name: str | None = None) -> Any:  # fmt: skip
    """Return the numbers of the characters of strings.

    Parameters
    ----------
    input, input_encoding, errors, replacement_char, name
        As for `unicode_split`.

    Returns
    -------
    RaggedTensor
        Of type int32, with one more axis than `input`; a Tensor for one string.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.unicode_decode(["ab", "c"], "UTF-8")
    <tf.RaggedTensor [[97, 98], [99]]>
    """
    return _parts(input, "code", errors=_known(input_encoding, errors))


@composed
def bytes_split(input: Any, name: str | None = None) -> Any:
    """Split strings into bytes.

    Parameters
    ----------
    input : Tensor or RaggedTensor
        Strings.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    RaggedTensor
        With one more axis than `input`; a Tensor for one string.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.bytes_split(["to", "b"])
    <tf.RaggedTensor [[b't', b'o'], [b'b']]>
    """
    return _parts(input, "byte")


def _known(encoding: str, errors: str) -> str:
    if encoding.upper() not in ("UTF-8", "UTF8"):
        raise InvalidArgumentError(f"the encoding must be 'UTF-8', got {encoding!r}")
    return errors


def _parts(input: Any, unit: str, sep: Any = None, maxsplit: int = -1,
           errors: str = "replace") -> Any:  # fmt: skip
    if isinstance(input, RaggedTensor):
        return input.with_values(_parts(input.values, unit, sep, maxsplit, errors))
    strings = as_tensor(input)
    parts, counts = string_parts(strings, unit, sep, maxsplit, errors)
    if not strings.ndim:
        return parts
    found = RaggedTensor.from_row_lengths(parts, reshape(counts, [-1]), validate=False)
    sizes = shape(strings, int64)
    for axis in range(strings.ndim - 1, 0, -1):
        found = RaggedTensor.from_uniform_row_length(found, sizes[axis])
    return found
