"""`tf.io.parse_example` and its relatives: from strings of bytes to tensors."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minitf.composite.ragged import RaggedTensor
from minitf.composite.sparse import SparseTensor
from minitf.data.example import Feature, block, entries
from minitf.data.feature_values import Array, read_bytes, read_floats, read_integers
from minitf.dtypes import as_dtype, float32, int64, string
from minitf.errors import DataError, DTypeError, InvalidArgumentError, UnimplementedError
from minitf.graph.context import context
from minitf.graph.convert import as_array, as_tensor
from minitf.graph.spec import TensorSpec, as_shape
from minitf.graph.tensor import Tensor
from minitf.ops.composed import composed
from minitf.ops.filling import range as count_up
from minitf.ops.script import numpy_function
from minitf.ops.strings import check_strings, raw
from minitf.runtime.events.messages import tensor_message, tensor_of
from minitf.runtime.events.wire import fields

TEXT = TensorSpec((), string)
READERS = {string: (1, read_bytes), float32: (2, read_floats), int64: (3, read_integers)}
KINDS = {number: name for name, (number, _) in Feature.form.fields.items()}


class FixedLenFeature(NamedTuple):
    """A feature with as many values in each Example.

    Parameters
    ----------
    shape : sequence of int
        Of the tensor; ``[]`` for one value.
    dtype : DType
        tf.int64, tf.float32 or tf.string.
    default_value : array, optional
        What stands for a missing feature, which is an error otherwise.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.io.FixedLenFeature([], tf.int64, default_value=0).default_value
    0
    """

    shape: Any
    dtype: Any
    default_value: Any = None


class FixedLenSequenceFeature(NamedTuple):
    """A feature with any number of values, or of groups of values of one shape.

    Parameters
    ----------
    shape : sequence of int
        Of a group; ``[]`` for single values.
    dtype : DType
        tf.int64, tf.float32 or tf.string.
    allow_missing : bool
        Must be True: a missing feature is a sequence of nothing.
    default_value : number or str, optional
        Fills up shorter sequences, where several Examples are parsed; 0 or "" by default.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.io.FixedLenSequenceFeature([], tf.string, allow_missing=True).shape
    []
    """

    shape: Any
    dtype: Any
    allow_missing: bool = False
    default_value: Any = None


class VarLenFeature(NamedTuple):
    """A feature with any number of values, which become a `tf.SparseTensor`.

    Parameters
    ----------
    dtype : DType
        tf.int64, tf.float32 or tf.string.

    Examples
    --------
    >>> import minitf as tf
    >>> ids = tf.train.Feature(int64_list=tf.train.Int64List(value=[3, 4]))
    >>> example = tf.train.Example(features=tf.train.Features(feature={"ids": ids}))
    >>> wanted = {"ids": tf.io.VarLenFeature(tf.int64)}
    >>> found = tf.io.parse_single_example(example.SerializeToString(), wanted)["ids"]
    >>> tf.sparse.to_dense(found).numpy().tolist()
    [3, 4]
    """

    dtype: Any
    shape: Any = ()
    allow_missing: bool = True
    default_value: Any = None


class RaggedFeature(NamedTuple):
    """A feature with any number of values, which become rows of a `tf.RaggedTensor`.

    Parameters
    ----------
    dtype : DType
        tf.int64, tf.float32 or tf.string.
    value_key : str, optional
        The name of the feature in the Examples, if it is another one.

    Examples
    --------
    >>> import minitf as tf
    >>> def example(*ids):
    ...     ids = tf.train.Feature(int64_list=tf.train.Int64List(value=ids))
    ...     features = tf.train.Features(feature={"ids": ids})
    ...     return tf.train.Example(features=features).SerializeToString()
    >>> wanted = {"ids": tf.io.RaggedFeature(tf.int64)}
    >>> tf.io.parse_example([example(3, 4), example(5)], wanted)["ids"]
    <tf.RaggedTensor [[3, 4], [5]]>
    """

    dtype: Any
    value_key: str | None = None
    shape: Any = ()
    allow_missing: bool = True
    default_value: Any = None


# Features with any number of values in each Example.
SEQUENCES = FixedLenSequenceFeature, VarLenFeature, RaggedFeature


def SparseFeature(*args: Any, **kwargs: Any) -> Any:
    """Raise an error: parse the indices and the values as features of their own."""
    raise UnimplementedError(
        "SparseFeature: parse the features of the indices and of the values with "
        "tf.io.VarLenFeature, and write tf.SparseTensor(...)"
    )


@composed
def parse_single_example(
    serialized: Any, features: Any, example_names: Any = None, name: str | None = None
) -> dict[str, Tensor]:
    """Take an Example apart into tensors.

    Parameters
    ----------
    serialized : Tensor, or bytes
        One string: ``example.SerializeToString()``.
    features : dict of str to FixedLenFeature or FixedLenSequenceFeature
        What to look for.
    example_names, name : optional
        Accepted as in TensorFlow.

    Returns
    -------
    dict of str to Tensor
        In the order of the names. A `FixedLenSequenceFeature` has a new first axis.

    Raises
    ------
    InvalidArgumentError
        If it is no Example, a feature is missing, or of another type or size.

    Examples
    --------
    >>> import minitf as tf
    >>> ids = tf.train.Feature(int64_list=tf.train.Int64List(value=[3, 4]))
    >>> example = tf.train.Example(features=tf.train.Features(feature={"ids": ids}))
    >>> wanted = {"ids": tf.io.FixedLenFeature([2], tf.int64)}
    >>> tf.io.parse_single_example(example.SerializeToString(), wanted)["ids"].numpy().tolist()
    [3, 4]
    """
    serialized = as_tensor(serialized)
    if serialized.ndim:
        raise InvalidArgumentError(f"expected one string, got shape {serialized.shape}; "
                                   "tf.io.parse_example takes several")  # fmt: skip
    return _parsed(serialized, features)


@composed
def parse_example(
    serialized: Any, features: Any, example_names: Any = None, name: str | None = None
) -> dict[str, Tensor]:
    """Take several Examples apart into tensors, with a new first axis for the Examples.

    Parameters
    ----------
    serialized : Tensor, or sequence of bytes
        Strings: ``example.SerializeToString()`` of each.
    features : dict of str to FixedLenFeature or FixedLenSequenceFeature
        What to look for.
    example_names, name : optional
        Accepted as in TensorFlow.

    Returns
    -------
    dict of str to Tensor
        In the order of the names. A `FixedLenSequenceFeature` has a second new axis, as long as the
        longest sequence.

    Raises
    ------
    InvalidArgumentError
        If one is no Example, a feature is missing, or of another type or size.

    Examples
    --------
    >>> import minitf as tf
    >>> def example(*ids):
    ...     ids = tf.train.Feature(int64_list=tf.train.Int64List(value=ids))
    ...     features = tf.train.Features(feature={"ids": ids})
    ...     return tf.train.Example(features=features).SerializeToString()
    >>> wanted = {"ids": tf.io.FixedLenSequenceFeature([], tf.int64, allow_missing=True)}
    >>> tf.io.parse_example([example(3, 4), example(5)], wanted)["ids"].numpy().tolist()
    [[3, 4], [5, 0]]
    """
    serialized = as_tensor(serialized)
    if serialized.ndim > 1:
        raise InvalidArgumentError(f"expected a vector of strings, got shape {serialized.shape}")
    return _parsed(serialized, features)


@composed
def serialize_tensor(tensor: Any, name: str | None = None) -> Tensor:
    """Return a tensor as a string of bytes, for `parse_tensor`.

    Parameters
    ----------
    tensor : Tensor
        Any dtype, any shape.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        One string: TensorFlow's message of a tensor.

    Examples
    --------
    >>> import minitf as tf
    >>> content = tf.io.serialize_tensor([[1.0, 2.0]])
    >>> tf.io.parse_tensor(content, tf.float32).numpy().tolist()
    [[1.0, 2.0]]
    """

    def write(array: Any) -> Any:
        strings = array.dtype.hasobject
        return as_array(tensor_message(_each_raw(array) if strings else array))

    return numpy_function(write, [tensor], TEXT)


@composed
def parse_tensor(serialized: Any, out_type: Any, name: str | None = None) -> Tensor:
    """Return the tensor that `serialize_tensor` wrote.

    Its shape stands in the bytes. So this cannot be written into a graph, which must know the
    number of dimensions of every tensor; `Dataset.map` calls its function eagerly, there it can.

    Parameters
    ----------
    serialized : Tensor, or bytes
        One string.
    out_type : DType
        The dtype of the tensor.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor

    Raises
    ------
    InvalidArgumentError
        If it is no tensor, or one of another dtype.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.io.parse_tensor(tf.io.serialize_tensor([1, 2]), tf.int32).numpy().tolist()
    [1, 2]
    """
    wanted = as_dtype(out_type)
    if context.graph is not None:
        raise UnimplementedError("the number of dimensions stands in the bytes, and a graph must "
                                 "know it: call it eagerly, as Dataset.map does")  # fmt: skip
    serialized = as_tensor(serialized)
    check_strings(serialized.spec)

    def read(content: Any) -> Any:
        try:
            found = as_array(tensor_of(raw(content.item())))
        except DataError as error:
            raise InvalidArgumentError(f"not a serialized tensor: {error.args[0]}") from error
        if TensorSpec(found.shape, found.dtype).dtype is not wanted:
            raise DTypeError(f"the tensor is of type {found.dtype}, expected {wanted.name}")
        return found

    return numpy_function(read, [serialized], wanted)


# -- details ----------------------------------------------------------------------------------


class _Wanted:
    """One feature to look for.

    Attributes
    ----------
    name : str
    dtype : DType
    shape : tuple of int
        Of the tensor, or of one group of a sequence.
    kind : type
        The class of feature that it was given as.
    key : str
        Its name in the Examples.
    is_sequence : bool
        Whether any number of groups may come.
    is_flat : bool
        Whether the values of all Examples are kept one after the other, beside their counts.
    default : array or None
        What stands for a missing feature; in a sequence, what fills up shorter ones.
    """

    def __init__(self, name: str, feature: Any):
        if not isinstance(feature, (FixedLenFeature, *SEQUENCES)):
            raise InvalidArgumentError(
                f"feature {name!r}: expected a tf.io.FixedLenFeature, FixedLenSequenceFeature, "
                f"VarLenFeature or RaggedFeature, got {feature!r}"
            )
        self.name, self.dtype, self.kind = name, as_dtype(feature.dtype), type(feature)
        self.key = getattr(feature, "value_key", None) or name
        self.is_sequence = isinstance(feature, SEQUENCES)
        self.is_flat = isinstance(feature, (VarLenFeature, RaggedFeature))
        if self.dtype not in READERS:
            raise DTypeError(
                f"feature {name!r}: an Example holds int64, float32 and string, not "
                f"{self.dtype.name}; tf.cast the result, or tf.io.decode_raw it"
            )
        if isinstance(feature, FixedLenSequenceFeature) and not feature.allow_missing:
            raise InvalidArgumentError(f"feature {name!r}: a FixedLenSequenceFeature needs "
                                       "allow_missing=True")  # fmt: skip
        shape = as_shape(feature.shape)
        if None in shape:
            raise InvalidArgumentError(f"feature {name!r}: shape {shape} has an unknown size; use "
                                       "a FixedLenSequenceFeature")  # fmt: skip
        self.shape: tuple[int, ...] = tuple(shape)  # type: ignore[arg-type]
        self.default = self._default(feature.default_value)

    def _default(self, value: Any) -> Array | None:
        if value is None:
            return as_array("" if self.dtype is string else 0, self.dtype) if (
                self.is_sequence) else None  # fmt: skip
        argument = f"feature {self.name!r}: default_value"
        array = as_array(value, None if self.dtype is string else self.dtype, argument=argument)
        need = 1 if self.is_sequence else int(np.prod(self.shape))
        if array.size != need or array.dtype != self.dtype.numpy:
            raise InvalidArgumentError(f"{argument}: expected {need} of {self.dtype.name}, got "
                                       f"{value!r}")  # fmt: skip
        return array.reshape(() if self.is_sequence else self.shape)

    def specs(self, lead: tuple[int | None, ...]) -> list[TensorSpec]:
        """Return the specs of what is found in Examples of that shape."""
        if self.is_flat:
            return [TensorSpec([None], self.dtype), TensorSpec(lead, int64)]
        return [self._spec(lead)]

    def result(self, found: list[Tensor]) -> Any:
        """Return the tensor that a program gets."""
        if not self.is_flat:
            return found[0]
        values, counts = found
        if self.kind is RaggedFeature:
            return RaggedTensor.from_row_lengths(values, counts, validate=False) if (
                counts.ndim) else values  # fmt: skip
        if not counts.ndim:
            return SparseTensor(count_up(counts)[:, None], values, counts[None])
        return RaggedTensor.from_row_lengths(values, counts, validate=False).to_sparse()

    def _spec(self, lead: tuple[int | None, ...]) -> TensorSpec:
        return TensorSpec((*lead, *[None] * self.is_sequence, *self.shape), self.dtype)

    def found_in(self, example: dict[str, bytes]) -> Array:
        """Return what an Example holds."""
        values = self._values(example.get(self.key, b""))
        if values is None:
            if self.is_sequence:
                return np.empty((0, *self.shape), self.dtype.numpy)
            if self.default is None:
                raise InvalidArgumentError(f"feature {self.name!r} (of {self.dtype.name}) is "
                                           "missing, and has no default_value")  # fmt: skip
            return self.default
        each = int(np.prod(self.shape))
        if len(values) % each if self.is_sequence and each else len(values) != each:
            unit = f"groups of {each}" if self.is_sequence else f"{each}"
            raise InvalidArgumentError(f"feature {self.name!r}: shape {list(self.shape)} needs "
                                       f"{unit} value(s), there are {len(values)}")  # fmt: skip
        return values.reshape((*[-1] * self.is_sequence, *self.shape))

    def _values(self, feature: bytes) -> Array | None:
        """Return the values of a feature; None if it has not been set."""
        lists = {n: block(content) for n, _, content in fields(feature) if n in KINDS}
        if not lists:
            return None
        number, read = READERS[self.dtype]
        if number not in lists:
            raise InvalidArgumentError(f"feature {self.name!r}: expected {self.dtype.name}, the "
                                       f"Example holds a {KINDS[next(iter(lists))]}")  # fmt: skip
        return read((kind, value) for n, kind, value in fields(lists[number]) if n == 1)

    def arrays(self, found: list[Array], several: bool) -> list[Array]:
        """Return what Examples hold, in the form of `specs`."""
        if not self.is_flat:
            return [self._together(found) if several else found[0]]
        values = np.concatenate([np.empty(0, self.dtype.numpy), *found])
        counts = np.array([len(f) for f in found], np.int64)
        return [values, counts if several else counts.sum()]

    def _together(self, found: list[Array]) -> Array:
        longest = max((len(f) for f in found), default=0) if self.is_sequence else 0
        inner = (longest, *self.shape) if self.is_sequence else self.shape
        whole = np.empty((len(found), *inner), self.dtype.numpy)
        if self.is_sequence:
            whole[...] = self.default
        for i, values in enumerate(found):
            whole[(i, slice(len(values))) if self.is_sequence else (i, ...)] = values
        return whole


def _parsed(serialized: Tensor, features: Any) -> dict[str, Tensor]:
    if not features:
        raise InvalidArgumentError("features is empty: name at least one")
    check_strings(serialized.spec)
    wanted = [_Wanted(name, features[name]) for name in sorted(features)]

    def parse(contents: Any) -> list[Array]:
        if contents.ndim == 0:
            return _columns(contents.reshape(1), wanted, False)
        return _columns(contents, wanted, True)

    specs = [w.specs(tuple(serialized.shape)) for w in wanted]
    found = iter(numpy_function(parse, [serialized], [s for group in specs for s in group]))
    return {w.name: w.result([next(found) for _ in group])
            for w, group in zip(wanted, specs, strict=True)}  # fmt: skip


def _columns(contents: Array, wanted: list[_Wanted], several: bool) -> list[Array]:
    """Return the arrays of all features."""
    rows = []
    for number, content in enumerate(contents):
        try:
            example = _features_of(raw(content))
            rows.append([w.found_in(example) for w in wanted])
        except DataError as error:
            raise InvalidArgumentError(f"{f'string {number}: ' if several else ''}not a "
                                       f"tf.train.Example: {error.args[0]}") from error  # fmt: skip
        except InvalidArgumentError as error:
            if several:
                error.args = (f"example {number}: {error.args[0]}",)
            raise
    columns = [w.arrays([row[i] for row in rows], several) for i, w in enumerate(wanted)]
    return [array for group in columns for array in group]


def _features_of(content: bytes) -> dict[str, bytes]:
    """Return the features of an Example by name, still in bytes."""
    parts = [value for number, _, value in fields(content) if number == 1]
    whole = b"".join(map(block, parts))
    return dict(entries((k, v) for number, k, v in fields(whole) if number == 1))


def _each_raw(array: Array) -> Array:
    found = np.empty(array.shape, object)
    for index, text in np.ndenumerate(array):
        found[index] = raw(text)
    return found
