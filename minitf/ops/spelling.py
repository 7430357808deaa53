"""Numbers as strings, strings as numbers, bytes as numbers, and the buckets of strings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minitf.dtypes import DType, bool_, float32, int64, string
from minitf.errors import DTypeError, InvalidArgumentError
from minitf.graph.convert import as_tensor
from minitf.graph.op import AnyTensor, Raw, op
from minitf.graph.spec import TensorSpec, broadcast
from minitf.ops.composed import composed
from minitf.ops.fingerprint import MASK, farm, joined, sip
from minitf.ops.script import show_array
from minitf.ops.strings import check_strings, each, raw, text

CROSS_KEY = 0xDECAFCAFFE  # where the fingerprint of a combination begins


@op(name="string_to_number", differentiable=False)
def to_number(input: AnyTensor, out_type: DType = float32):
    """Read numbers.

    Parameters
    ----------
    input : Tensor
        Strings, any shape.
    out_type : DType
        Type of the numbers.

    Returns
    -------
    Tensor

    Raises
    ------
    InvalidArgumentError
        For a string that is not a number.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.to_number(["1.5", "-2"]).numpy().tolist()
    [1.5, -2.0]
    """
    check_strings(input)
    return TensorSpec(input.shape, out_type)


@to_number.kernel("numpy")
def _(input, *, out_type):
    return each(lambda s: _number(text(s), out_type), input, dtype=out_type.numpy)


def _number(s: str, dtype: DType) -> Any:
    try:
        return int(s) if dtype.is_integer else float(s)
    except ValueError as error:
        raise InvalidArgumentError(f"{s!r} is not a number of type {dtype.name}") from error


@op(differentiable=False)
def as_string(input: AnyTensor, precision: int = -1, scientific: bool = False,
              shortest: bool = False, width: int = -1, fill: str = ""):  # fmt: skip
    """Write numbers.

    Parameters
    ----------
    input : Tensor
        Numbers or truth values, any shape.
    precision : int
        Digits behind the point; 6 by default.
    scientific : bool
        Whether to write powers of ten.
    shortest : bool
        Whether to choose the shorter form.
    width : int
        Fill up to so many characters, on the left.
    fill : str
        With what; a blank by default.

    Returns
    -------
    Tensor
        Of strings.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.as_string([3, 14]).tolist()
    [b'3', b'14']
    >>> tf.strings.as_string(3.14159, precision=2).tolist()
    b'3.14'
    """
    return TensorSpec(input.shape, string)


@as_string.kernel("numpy")
def _(input, *, precision, scientific, shortest, width, fill):
    kind = "e" if scientific else "g" if shortest else "f"
    digits = "" if precision < 0 else f".{precision}"

    def written(x: Any) -> str:
        if isinstance(x, (bool, np.bool_)):
            return str(bool(x)).lower()
        shown = format(x, f"{digits}{kind}") if isinstance(x, (float, np.floating)) else text(x)
        return _filled(str(shown), max(width, 0), fill or " ")

    return each(written, input)


def _filled(word: str, width: int, fill: str) -> str:
    """Return a word of a width at least; zeros stand between the sign and the digits."""
    return word.zfill(width) if fill == "0" else word.rjust(width, fill)


@op(differentiable=False)
def decode_raw(input_bytes: AnyTensor, out_type: DType, little_endian: bool = True,
               fixed_length: int | None = None):  # fmt: skip
    r"""Take the bytes of strings for numbers.

    Parameters
    ----------
    input_bytes : Tensor
        Strings, any shape.
    out_type : DType
        Type of the numbers.
    little_endian : bool
        Whether the least significant byte of a number comes first.
    fixed_length : int, optional
        How many bytes to take of each string; shorter ones are filled up with zeros. All by
        default, and then the strings must be of one length.

    Returns
    -------
    Tensor
        With a new last axis for the numbers of a string.

    Raises
    ------
    InvalidArgumentError
        Where a length is not that of whole numbers.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.io.decode_raw([b"\1\0\2\0"], tf.int16).numpy().tolist()
    [[1, 2]]
    """
    check_strings(input_bytes)
    if out_type is string:
        raise DTypeError("out_type is a type of numbers, got string")
    if fixed_length is not None and (fixed_length < 1 or fixed_length % out_type.size):
        raise InvalidArgumentError(f"fixed_length must be a multiple of the {out_type.size} bytes "
                                   f"of {out_type.name}, got {fixed_length}")  # fmt: skip
    count = None if fixed_length is None else fixed_length // out_type.size
    return TensorSpec((*input_bytes.shape, count), out_type)


@decode_raw.kernel("numpy")
def _(input_bytes, *, out_type, little_endian, fixed_length):
    contents = list(map(raw, input_bytes.reshape(-1)))
    if fixed_length is not None:
        contents = [c[:fixed_length].ljust(fixed_length, b"\0") for c in contents]
    lengths = {len(c) for c in contents}
    if len(lengths) > 1:
        raise InvalidArgumentError(
            f"strings of {len(lengths)} lengths, from {min(lengths)} to {max(lengths)} bytes; "
            "fixed_length evens them out"
        )
    length = max(lengths, default=fixed_length or 0)
    if length % out_type.size:
        raise InvalidArgumentError(f"{length} bytes are no whole numbers of {out_type.name}, of "
                                   f"{out_type.size} bytes each")  # fmt: skip
    shape = (*input_bytes.shape, length // out_type.size)
    if out_type is bool_:  # any byte but 0 is true
        return np.frombuffer(b"".join(contents), np.uint8).astype(bool).reshape(shape)
    order = out_type.numpy.newbyteorder("<" if little_endian else ">")
    return np.frombuffer(b"".join(contents), order).astype(out_type.numpy).reshape(shape)


@op(name="string_to_hash_bucket", differentiable=False)
def hash_bucket(input: AnyTensor, num_buckets: int, key: Raw):
    """Put strings into buckets; see `to_hash_bucket_fast`."""
    check_strings(input)
    if num_buckets < 1:
        raise InvalidArgumentError(f"num_buckets must be at least 1, got {num_buckets}")
    return TensorSpec(input.shape, int64)


@hash_bucket.kernel("numpy")
def _(input, *, num_buckets, key):
    if key is None:
        return each(lambda s: farm(raw(s)) % num_buckets, input, dtype=np.int64)
    return each(lambda s: sip(raw(s), key) % num_buckets, input, dtype=np.int64)


@composed
def to_hash_bucket_fast(input: Any, num_buckets: int, name: str | None = None) -> Any:
    """Put strings into buckets, equal ones into the same.

    Parameters
    ----------
    input : Tensor
        Strings, any shape.
    num_buckets : int
        How many there are.

    Returns
    -------
    Tensor
        Numbers of buckets, of type int64: the same as TensorFlow's.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.to_hash_bucket_fast(["Hello", "TensorFlow"], 3).numpy().tolist()
    [0, 2]
    """
    return hash_bucket(input, num_buckets, None, name=name)


@composed
def to_hash_bucket_strong(input: Any, num_buckets: int, key: Any, name: str | None = None) -> Any:
    """Put strings into buckets by a secret key, so that nobody can fill one on purpose.

    Parameters
    ----------
    input, num_buckets
        As for `to_hash_bucket_fast`.
    key : pair of int
        The key.

    Returns
    -------
    Tensor
        Numbers of buckets, of type int64: the same as TensorFlow's.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.to_hash_bucket_strong(["Hello", "TF"], 3, [1, 2]).numpy().tolist()
    [2, 0]
    """
    first, second = key
    return hash_bucket(input, num_buckets, (int(first), int(second)), name=name)


@op(name="string_format", differentiable=False)
def written(inputs: list[AnyTensor], template: str, placeholder: str, summarize: int):
    """Write tensors into a text; see `format_`."""
    found, expected = len(inputs), template.count(placeholder)
    if found != expected:
        raise InvalidArgumentError(f"the template has {expected} places for {found} tensor(s)")
    return TensorSpec((), string)


@written.kernel("numpy")
def _(*inputs, template, placeholder, summarize):
    parts = template.split(placeholder)
    shown = [show_array(x, summarize) for x in inputs]
    return np.array(parts[0] + "".join(map("".join, zip(shown, parts[1:], strict=True))), object)


@composed
def format_(template: str, inputs: Any = (), placeholder: str = "{}", summarize: int = 3,
            name: str | None = None) -> Any:  # fmt: skip
    """Write tensors into a text.

    Parameters
    ----------
    template : str
        The text, with a placeholder for every tensor.
    inputs : Tensor or sequence of Tensor
        What to write there, as `tf.print` does.
    placeholder : str
        What stands for a tensor.
    summarize : int
        How many elements to show at both ends of an axis; -1 for all.

    Returns
    -------
    Tensor
        One string.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strings.format("loss {} at {}", [0.5, [1, 2]]).tolist()
    b'loss 0.5 at [1 2]'
    """
    given: Iterable[Any] = inputs if isinstance(inputs, (list, tuple)) else [inputs]
    return written([as_tensor(x) for x in given], template, placeholder, summarize, name=name)


@op(name="string_cross", differentiable=False)
def cross(inputs: list[AnyTensor], num_buckets: int):
    """Put combinations of features into buckets.

    Parameters
    ----------
    inputs : sequence of Tensor
        Strings or whole numbers; their shapes broadcast.
    num_buckets : int
        How many there are.

    Returns
    -------
    Tensor
        Numbers of buckets, of type int64: the same as those of TensorFlow's `cross_hashed`.

    Examples
    --------
    >>> from minitf.ops.spelling import cross
    >>> cross([["A", "B"], [101, 101]], 5).numpy().tolist()
    [1, 4]
    """
    for spec in inputs:
        if spec.dtype is not string and not spec.dtype.is_integer:
            raise DTypeError(f"features are strings or whole numbers, got {spec.dtype.name}")
    return TensorSpec(broadcast(*[spec.shape for spec in inputs]), int64)


@cross.kernel("numpy")
def _(*inputs, num_buckets):
    def bucket(*features: Any) -> int:
        found = CROSS_KEY
        for feature in features:
            number = farm(raw(feature)) if isinstance(feature, (str, bytes)) else feature & MASK
            found = joined(found, number)
        return found % num_buckets

    return each(bucket, *[x.astype(object) for x in inputs], dtype=np.int64)
