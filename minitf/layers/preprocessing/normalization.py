"""Numbers brought to a common scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.errors import FailedPreconditionError, InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.spec import normalize_axis
from minitf.layers.layer import Layer
from minitf.layers.preprocessing.batches import batches
from minitf.ops.array import reshape
from minitf.ops.math import cast
from minitf.ops.powers import sqrt
from minitf.ops.rounding import maximum
from minitf.serialization import deserialize_keras_object, serialize_keras_object
from minitf.settings import epsilon


class Rescaling(Layer):
    """Multiply by a number and add another one.

    Parameters
    ----------
    scale : float
        What to multiply with: ``1 / 255`` takes the brightness of pixels to [0, 1].
    offset : float
        What to add.
    **kwargs
        As of every layer.

    Notes
    -----
    ``y = scale * x + offset``, as floats, even if x are whole numbers.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.Rescaling(1 / 127.5, offset=-1)([0, 255]).numpy().tolist()
    [-1.0, 1.0]
    """

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """Return the inputs, scaled."""
        x = cast(inputs, self.compute_dtype)
        scale, offset = (cast(as_tensor(v, hint=x.dtype), x.dtype)
                         for v in (self.scale, self.offset))  # fmt: skip
        return x * scale + offset

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), "scale": serialize_keras_object(self.scale),
                "offset": serialize_keras_object(self.offset)}  # fmt: skip

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Rescaling:
        """Return the layer that a config describes."""
        numbers = {k: deserialize_keras_object(config[k]) for k in ("scale", "offset")}
        return cls(**{**config, **numbers})


class Normalization(Layer):
    """Shift and scale features to mean 0 and variance 1.

    Mean and variance are given, or learned from data by `adapt`.

    Parameters
    ----------
    axis : int, tuple of int or None
        The axes that have a mean and variance for each position: -1 for each feature, None for one
        mean of all numbers.
    mean, variance : float or array, optional
        Either both or none.
    invert : bool
        Whether to undo the normalization.
    **kwargs
        As of every layer.

    Notes
    -----
    ``y = (x - mean) / sqrt(variance)``, where the root is at least 1e-7.

    Examples
    --------
    >>> import numpy as np
    >>> from minitf import keras
    >>> layer = keras.layers.Normalization()
    >>> layer.adapt(np.array([[1.0, 10.0], [3.0, 30.0]]))
    >>> layer(np.array([[1.0, 40.0]])).numpy().tolist()
    [[-1.0, 2.0]]
    """

    def __init__(self, axis: Any = -1, mean: Any = None, variance: Any = None,
                 invert: bool = False, **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.input_mean, self.input_variance = _plain(mean), _plain(variance)
        self.invert = invert
        self.supports_masking = True
        self._check(mean, variance)

    def _check(self, mean: Any, variance: Any) -> None:
        if (mean is None) != (variance is None):
            raise InvalidArgumentError(
                f"layer {self.name!r}: give both mean and variance, or none of them, got "
                f"mean={mean} and variance={variance}"
            )
        if np.shape(mean) != np.shape(variance) or np.ndim(mean) > len(self.axis):
            raise ShapeError(
                f"layer {self.name!r}: mean and variance must have one shape, of at most "
                f"{len(self.axis)} dimension(s), got {np.shape(mean)} and {np.shape(variance)}"
            )

    def build(self, input_shape: Any) -> None:
        """Find out the shape of mean and variance; make Variables of them, if `adapt` is to."""
        rank = len(input_shape)
        self._kept = sorted(normalize_axis(a, rank) for a in self.axis)
        sizes = [input_shape[a] for a in self._kept]
        if None in sizes:
            raise ShapeError(f"layer {self.name!r}: the sizes of the axes {self.axis} must be "
                             f"known, got the shape {tuple(input_shape)}")  # fmt: skip
        self._spread = [n if a in self._kept else 1 for a, n in enumerate(input_shape)]
        self._built_for = tuple(input_shape)
        if self.input_mean is None:
            made: dict[str, Any] = {"shape": tuple(sizes), "trainable": False}
            self.adapt_mean = self.add_weight(name="mean", initializer="zeros", **made)
            self.adapt_variance = self.add_weight(name="variance", initializer="ones", **made)
            self.count = self.add_weight(name="count", shape=(), dtype="int64",
                                         initializer="zeros", trainable=False)  # fmt: skip
        self.built = True

    def adapt(self, data: Any) -> None:
        """Learn mean and variance.

        Parameters
        ----------
        data : array, Tensor, Dataset or iterable of batches
            Forgets what was learned before.

        Raises
        ------
        ShapeError
            Where features do not have the sizes that the layer was built for.
        """
        if self.input_mean is not None:
            raise FailedPreconditionError(
                f"layer {self.name!r} was given mean and variance: there is nothing to learn"
            )
        count, mean, variance = 0, np.float64(0), np.float64(0)
        for batch in batches(data):
            if not self.built:
                self._build(batch.shape)
            self._check_batch(batch)
            axes = tuple(a for a in range(batch.ndim) if a not in self._kept)
            here = int(np.prod([batch.shape[a] for a in axes], dtype=int))
            mean, variance = _pooled(
                (count, mean, variance),
                (here, batch.mean(axes, np.float64), batch.var(axes, np.float64)),
            )
            count += here
        self.adapt_mean.assign(mean.astype(self.adapt_mean.dtype.numpy))
        self.adapt_variance.assign(variance.astype(self.adapt_variance.dtype.numpy))

    def _check_batch(self, batch: Any) -> None:
        wanted = [self._built_for[a] for a in self._kept]
        fits = batch.ndim == len(self._built_for) and batch.size
        if not fits or [batch.shape[a] for a in self._kept] != wanted:
            raise ShapeError(f"layer {self.name!r} was built for the shape {self._built_for}, and "
                             f"is to learn from {batch.shape}")  # fmt: skip

    @property
    def mean(self) -> Any:
        """The means, in a shape that broadcasts to the inputs; None before they are known."""
        return self._as_spread(self.input_mean, "adapt_mean") if self.built else None

    @property
    def variance(self) -> Any:
        """The variances, in a shape that broadcasts to the inputs."""
        return self._as_spread(self.input_variance, "adapt_variance") if self.built else None

    def _as_spread(self, given: Any, learned: str) -> Any:
        if given is None:
            return cast(reshape(getattr(self, learned), self._spread), self.compute_dtype)
        array = np.asarray(given)
        kept = self._kept[len(self._kept) - array.ndim :]
        shape = [1] * len(self._spread)
        for axis, size in zip(kept, array.shape, strict=True):
            shape[axis] = size
        whole = np.broadcast_to(array.reshape(shape), self._spread)
        return cast(as_tensor(whole), self.compute_dtype)

    def call(self, inputs: Any) -> Any:
        """Return the inputs, normalized."""
        x = cast(inputs, self.compute_dtype)
        deviation = maximum(sqrt(self.variance), epsilon())
        return x * deviation + self.mean if self.invert else (x - self.mean) / deviation

    def finalize_state(self) -> None:
        """Do nothing: mean and variance are read when the layer is called."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), "axis": self.axis, "invert": self.invert,
                "mean": self.input_mean, "variance": self.input_variance}  # fmt: skip


def _plain(value: Any) -> Any:
    return None if value is None else np.asarray(value).tolist()


def _pooled(some: Any, more: Any) -> Any:
    """Return mean and variance of two samples together, from (count, mean, variance) of each.

    Each variance is about its own mean; to refer it to the common mean, the squared distance of
    the means is added (Chan, Golub and LeVeque, 1979).
    """
    share = more[0] / (some[0] + more[0])
    mean = (1 - share) * some[1] + share * more[1]
    terms = [part[2] + (part[1] - mean) ** 2 for part in (some, more)]
    return mean, (1 - share) * terms[0] + share * terms[1]
