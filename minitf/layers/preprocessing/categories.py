"""Numbers of categories: found by bins or by hashing, and encoded as vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.dtypes import as_dtype, int32, int64, string
from minitf.errors import FailedPreconditionError, InvalidArgumentError, ShapeError, UsageError
from minitf.graph.convert import as_tensor
from minitf.layers.arguments import choice, positive, settings
from minitf.layers.layer import Layer
from minitf.layers.preprocessing.batches import batches
from minitf.ops.array import expand_dims, known_size, reshape, squeeze
from minitf.ops.counting import bincount
from minitf.ops.filling import one_hot
from minitf.ops.logic import equal
from minitf.ops.lookup import Table, look_up
from minitf.ops.math import cast
from minitf.ops.sorting import searchsorted
from minitf.ops.source import zeros_like
from minitf.ops.spelling import as_string, cross, hash_bucket
from minitf.ops.where import where
from minitf.settings import floatx

MODES = ("int", "one_hot", "multi_hot", "count")
OLD_NAMES = {"binary": "multi_hot", "tf-idf": "tf_idf"}  # of tf.keras 2


def mode_of(layer: Layer, value: Any, modes: tuple[str, ...]) -> str:
    """Return an output mode, also by its old name."""
    return choice(layer, "output_mode", OLD_NAMES.get(value, value), modes)


def check_dense(layer: Layer, sparse: bool) -> None:
    """Refuse `sparse=True`."""
    if sparse:
        raise UsageError(f"layer {layer.name!r}: layers of minitf return no sparse tensors; write "
                         "tf.sparse.from_dense(layer(x))")  # fmt: skip


def encode(indices: Any, mode: str, depth: int, dtype: Any, weights: Any = None) -> Any:
    """Return the numbers of categories in the form that a layer's `output_mode` asks for.

    Parameters
    ----------
    indices : Tensor
        Whole numbers; those from `depth` on count nowhere.
    mode : str
        "int": as they are. "one_hot": a vector for each. "multi_hot" and "count": a vector for all
        along the last axis, which says whether, or how often, each category occurs.
    depth : int
        Number of categories.
    dtype : DType
        Type of the result.
    weights : Tensor, optional
        What each number counts, for "count".
    """
    if mode == "int":
        return cast(indices, dtype)
    if not indices.shape:
        indices = expand_dims(indices, 0)
    if mode == "one_hot":
        alone = len(indices.shape) > 1 and indices.shape[-1] == 1
        return one_hot(squeeze(indices, -1) if alone else indices, depth, dtype=dtype)
    lead = [known_size(indices, axis) for axis in range(len(indices.shape) - 1)]
    rows = reshape(indices, [-1, known_size(indices, -1)])
    shares = None if weights is None else reshape(weights, [-1, known_size(indices, -1)])
    found = bincount(rows, shares, depth, depth, as_dtype(dtype), axis=-1,
                     binary_output=mode == "multi_hot")  # fmt: skip
    return reshape(cast(found, dtype), [*lead, depth])


class CategoryEncoding(Layer):
    """Vectors for the numbers of categories.

    Parameters
    ----------
    num_tokens : int
        Number of categories.
    output_mode : str
        "one_hot": a vector for each number; "multi_hot": one for all numbers of an example, with
        ones for those that occur; "count": with how often they occur.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.CategoryEncoding(num_tokens=4, output_mode="count")
    >>> layer([[0, 1, 1], [3, 3, 3]]).numpy().tolist()
    [[1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 3.0]]
    """

    def __init__(self, num_tokens: int | None = None, output_mode: str = "multi_hot",
                 sparse: bool = False, **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        self.num_tokens = positive(self, "num_tokens", num_tokens)
        self.output_mode = mode_of(self, output_mode, MODES[1:])
        check_dense(self, sparse)
        self.autocast = False

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        """Return the vectors; `count_weights` says what each number counts."""
        if count_weights is not None:
            if self.output_mode != "count":
                raise UsageError(f"layer {self.name!r}: count_weights are for output_mode='count', "
                                 f"not {self.output_mode!r}")  # fmt: skip
            count_weights = cast(as_tensor(count_weights), self.compute_dtype)
        inputs = as_tensor(inputs)
        indices = inputs if inputs.dtype.is_integer else cast(inputs, int64)
        return encode(indices, self.output_mode, self.num_tokens, self.compute_dtype,
                      count_weights)  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "num_tokens", "output_mode")}


class Discretization(Layer):
    """The numbers of the bins that numbers fall into.

    Parameters
    ----------
    bin_boundaries : sequence of float, optional
        Where one bin ends and the next begins: n boundaries make n + 1 bins.
    num_bins : int, optional
        Instead of boundaries: how many bins of about as many examples `adapt` is to find.
    epsilon : float
        How exact the boundaries are that are learned: by which share of the examples they may be
        off.
    output_mode : str
        "int", or how to encode the numbers; see `CategoryEncoding`.
    dtype, name : optional
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.Discretization(bin_boundaries=[0.0, 1.0, 2.0])
    >>> layer([[-1.5, 1.0, 3.4, 0.5]]).numpy().tolist()
    [[0, 2, 3, 1]]
    """

    def __init__(self, bin_boundaries: Any = None, num_bins: int | None = None,
                 epsilon: float = 0.01, output_mode: str = "int", sparse: bool = False,
                 dtype: Any = None, name: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(dtype=dtype, name=name, **kwargs)
        if (bin_boundaries is None) == (num_bins is None):
            raise UsageError(f"layer {self.name!r}: give either bin_boundaries or num_bins")
        check_dense(self, sparse)
        self.bin_boundaries = None if bin_boundaries is None else list(map(float, bin_boundaries))
        self.num_bins = None if num_bins is None else positive(self, "num_bins", num_bins)
        self.epsilon, self.sparse = epsilon, sparse
        self.output_mode = mode_of(self, output_mode, MODES)

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Learn the boundaries.

        Parameters
        ----------
        data : array, Tensor, Dataset or iterable of batches
            Numbers; forgets what was learned before.
        steps : int, optional
            How many batches to take; all by default.
        """
        if self.num_bins is None:
            raise UsageError(f"layer {self.name!r} was given bin_boundaries: there is nothing to "
                             "learn; give num_bins instead")  # fmt: skip
        summary = np.zeros((2, 0), np.float32)
        for batch in batches(data, steps):
            summary = merged(summarized(batch, self.epsilon), summary, self.epsilon)
        self.bin_boundaries = compressed(summary, 1 / self.num_bins)[0, :-1].tolist()

    def call(self, inputs: Any) -> Any:
        """Return the numbers of bins, or their encoding."""
        if self.bin_boundaries is None:
            raise FailedPreconditionError(f"layer {self.name!r} knows no bins: call adapt(data)")
        x = cast(inputs, floatx())
        limits = as_tensor(np.array(self.bin_boundaries), hint=x.dtype)
        flat = searchsorted(cast(limits, x.dtype), reshape(x, [-1]), side="right")
        bins = reshape(flat, [known_size(x, axis) for axis in range(len(x.shape))])
        dtype = int32 if self.output_mode == "int" else self.compute_dtype
        return encode(bins, self.output_mode, len(self.bin_boundaries) + 1, dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer, and the boundaries, if they are known."""
        base = super().get_config()
        own = settings(self, "bin_boundaries", "num_bins", "epsilon", "output_mode", "sparse")
        return {**own, "name": base["name"], "dtype": base["dtype"]}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Discretization:
        """Return the layer that a config describes."""
        if config.get("num_bins") is None or config.get("bin_boundaries") is None:
            return cls(**config)
        layer = cls(**{**config, "bin_boundaries": None})
        layer.bin_boundaries = list(config["bin_boundaries"])
        return layer


# Quantiles of data that is too much to sort: a summary is a list of values, in order, each with the
# number of examples that it stands for. Summaries of batches are merged, and then thinned out.


def summarized(values: Any, epsilon: float) -> Any:
    """Return a summary, shape (2, n), of at most about 1 / epsilon values."""
    values = np.sort(np.asarray(values, np.float32), axis=None)
    step = max(values.size * epsilon, 1)
    kept = values[int(step - 1) :: int(step)]
    return np.stack([kept, np.full_like(kept, step)])


def merged(some: Any, more: Any, epsilon: float) -> Any:
    """Return the summary of all that two summaries stand for."""
    both = np.concatenate((some, more), axis=1)
    return compressed(both[:, np.argsort(both[0])], epsilon)


def compressed(summary: Any, epsilon: float) -> Any:
    """Return a summary whose values each stand for a share epsilon of the examples."""
    if summary.shape[1] * epsilon < 1:
        return summary
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    counts = summary[1].cumsum()
    values = np.interp(shares, counts / counts[-1], summary[0])
    counts = np.interp(shares, counts / counts[-1], counts)
    return np.stack((values, np.diff(counts, prepend=0))).astype(np.float32)


class Hashing(Layer):
    """The numbers of the bins that words, or whole numbers, are hashed to.

    Different words may fall into one bin, but there is no vocabulary to learn or to keep.

    Parameters
    ----------
    num_bins : int
        Number of bins.
    mask_value : str or int, optional
        Falls into bin 0, and nothing else does.
    salt : int or pair of int, optional
        A secret key.
    output_mode : str
        "int", or how to encode the numbers; see `CategoryEncoding`.
    **kwargs
        As of every layer.

    Notes
    -----
    The bins are those of Keras: FarmHash's fingerprint modulo `num_bins`, or, with a key, that of
    SipHash. Numbers are hashed as they are written.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.Hashing(num_bins=3)([["A"], ["B"], ["C"]]).numpy().ravel().tolist()
    [1, 0, 1]
    """

    def __init__(self, num_bins: int, mask_value: Any = None, salt: Any = None,
                 output_mode: str = "int", sparse: bool = False, **kwargs: Any):  # fmt: skip
        default = "int64" if output_mode == "int" else floatx()
        kwargs["dtype"] = default if kwargs.get("dtype") is None else kwargs["dtype"]
        super().__init__(**kwargs)
        self.num_bins = positive(self, "num_bins", num_bins)
        self.mask_value, self.sparse = mask_value, sparse
        self.output_mode = mode_of(self, output_mode, MODES)
        self.salt = salt_of(self, salt)
        check_dense(self, sparse)
        self.autocast = False
        if self.output_mode == "int" and not as_dtype(self.dtype).is_integer:
            raise InvalidArgumentError(
                f"layer {self.name!r}: the numbers of bins are of type int32 or int64, got "
                f"dtype={self.dtype!r}"
            )

    def call(self, inputs: Any) -> Any:
        """Return the numbers of bins, or their encoding."""
        if self.output_mode == "one_hot" and inputs.shape and inputs.shape[-1] == 1:
            inputs = squeeze(inputs, -1)
        return encode(self._bins(inputs), self.output_mode, self.num_bins, self.compute_dtype)

    def _bins(self, values: Any) -> Any:
        reserved = self.mask_value is not None and self.num_bins > 1
        words = cast(values, int64) if values.dtype.is_floating else values
        words = words if words.dtype is string else as_string(words)
        bins = hash_bucket(words, self.num_bins - reserved, _key(self.salt))
        if not reserved:
            return bins
        if values.dtype is string:
            first = Table({self.mask_value: 1}, string, int64, lambda word: 0)
            masked = equal(look_up(values, first), 1)
        else:
            masked = equal(values, cast(self.mask_value, values.dtype))
        return where(masked, zeros_like(bins), bins + 1)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        own = settings(self, "num_bins", "salt", "mask_value", "output_mode", "sparse")
        return {**super().get_config(), **own}


def salt_of(layer: Layer, salt: Any) -> list[int] | None:
    """Return a key as two whole numbers."""
    if salt is None:
        return None
    pair = [salt, salt] if isinstance(salt, int) else list(salt)
    if len(pair) != 2:
        raise InvalidArgumentError(f"layer {layer.name!r}: salt is a whole number or two, got "
                                   f"{salt!r}")  # fmt: skip
    return pair


def _key(salt: Any) -> Any:
    return None if salt is None else tuple(salt)


class HashedCrossing(Layer):
    """The numbers of the bins that combinations of features are hashed to.

    Parameters
    ----------
    num_bins : int
        Number of bins.
    output_mode : str
        "int" or "one_hot".
    dtype, name : optional
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.HashedCrossing(num_bins=5)
    >>> layer((keras.ops.array(["A", "B", "A"]), keras.ops.array([101, 101, 102]))).numpy().tolist()
    [1, 4, 3]
    """

    def __init__(self, num_bins: int, output_mode: str = "int", sparse: bool = False,
                 name: str | None = None, dtype: Any = None, **kwargs: Any):  # fmt: skip
        default = "int64" if output_mode == "int" else None
        super().__init__(name=name, dtype=dtype or default, **kwargs)
        self.num_bins = positive(self, "num_bins", num_bins)
        self.output_mode = mode_of(self, output_mode, ("int", "one_hot"))
        self.sparse = sparse
        check_dense(self, sparse)
        self.autocast = False

    def call(self, inputs: Any) -> Any:
        """Return the numbers of bins, or their encoding."""
        if not isinstance(inputs, (list, tuple)) or len(inputs) < 2:
            raise UsageError(f"layer {self.name!r} crosses a list of two features or more")
        shapes = {tuple(x.shape) for x in inputs}
        rank = len(inputs[0].shape)
        if len(shapes) > 1 or rank > 2 or (rank == 2 and inputs[0].shape[1] != 1):
            shown = ", ".join(map(str, sorted(shapes, key=str)))
            raise ShapeError(f"layer {self.name!r}: features must all be of shape (), (batch,) or "
                             f"(batch, 1), got {shown}")  # fmt: skip
        return encode(cross(list(inputs), self.num_bins), self.output_mode, self.num_bins,
                      self.compute_dtype)  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        base = super().get_config()
        own = settings(self, "num_bins", "output_mode", "sparse")
        return {**own, "name": base["name"], "dtype": base["dtype"]}
