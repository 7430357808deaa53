"""Pooling: the largest or the average element of each window, or of all positions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from minitf.dtypes import bool_
from minitf.errors import InvalidArgumentError
from minitf.layers.arguments import choice, per_axis, settings
from minitf.layers.spatial import Spatial
from minitf.ops.array import expand_dims, stack
from minitf.ops.math import cast
from minitf.ops.pool import avg_pool_, max_pool_
from minitf.ops.reduction import reduce_max, reduce_mean, reduce_sum
from minitf.ops.where import where

__all__ = [
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalAvgPool3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
]

Numbers = int | Sequence[int]


def _as_numbers(layer: Spatial, x: Any) -> Any:
    """Return whole numbers as fractions, of which there can be an average."""
    return x if x.dtype.is_floating else cast(x, layer.compute_dtype)


# -- windows --------------------------------------------------------------------------------------


class Pooling(Spatial):
    """Pooling of windows; a subclass says how, and over how many axes."""

    pool: Callable[..., Any]

    def __init__(
        self,
        pool_size: Numbers = 2,
        strides: Numbers | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format, **kwargs)
        self.pool_size = per_axis(self, "pool_size", pool_size, self.rank)
        steps = self.pool_size if strides is None else strides
        self.strides = per_axis(self, "strides", steps, self.rank)
        self.padding = choice(self, "padding", padding, ("valid", "same"))

    def call(self, inputs: Any) -> Any:
        """Return the pooled inputs."""
        x, whole_steps = self.to_last(inputs), (1,) * self.rank
        y = type(self).pool(x, self.pool_size, self.strides, self.padding.upper(), whole_steps)
        return self.from_last(y)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        names = ("pool_size", "strides", "padding", "data_format")
        return {**super().get_config(), **settings(self, *names)}


class MaxPooling(Pooling):
    """The largest element of each window."""

    pool = staticmethod(max_pool_)


class AveragePooling(Pooling):
    """The average of each window; what is outside of the input is not counted."""

    pool = staticmethod(avg_pool_)

    def call(self, inputs: Any) -> Any:
        """Return the pooled inputs."""
        return super().call(_as_numbers(self, inputs))


class MaxPooling1D(MaxPooling):
    """The largest element of each window of sequences; see `MaxPooling2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> x = keras.ops.reshape(keras.ops.array([1.0, 3.0, 2.0, 0.0]), (1, 4, 1))
    >>> keras.layers.MaxPooling1D()(x).numpy().ravel().tolist()
    [3.0, 2.0]
    """

    rank = 1


class MaxPooling2D(MaxPooling):
    """The largest element of each window of images, channel by channel.

    Parameters
    ----------
    pool_size : int or (int, int)
        Size of the window.
    strides : int or (int, int), optional
        Steps between positions; by default, windows touch and do not overlap.
    padding : {"valid", "same"}
        Whether windows may reach over the edge; what is outside is never the largest.
    data_format : {"channels_last", "channels_first"}, optional
        Where channels stand.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.MaxPooling2D()(keras.ops.ones((1, 28, 28, 3))).shape
    (1, 14, 14, 3)
    """

    rank = 2


class MaxPooling3D(MaxPooling):
    """The largest element of each window of volumes; see `MaxPooling2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.MaxPooling3D()(keras.ops.ones((1, 4, 6, 8, 3))).shape
    (1, 2, 3, 4, 3)
    """

    rank = 3


class AveragePooling1D(AveragePooling):
    """The average of each window of sequences; see `AveragePooling2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> x = keras.ops.reshape(keras.ops.array([1.0, 3.0, 2.0, 0.0]), (1, 4, 1))
    >>> keras.layers.AveragePooling1D(2)(x).numpy().ravel().tolist()
    [2.0, 1.0]
    """

    rank = 1


class AveragePooling2D(AveragePooling):
    """The average of each window of images, channel by channel.

    Parameters
    ----------
    pool_size, strides, padding, data_format, **kwargs
        As of `MaxPooling2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.AveragePooling2D(2)(keras.ops.ones((1, 28, 28, 3))).shape
    (1, 14, 14, 3)
    """

    rank = 2


class AveragePooling3D(AveragePooling):
    """The average of each window of volumes; see `AveragePooling2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.AveragePooling3D(2)(keras.ops.ones((1, 4, 6, 8, 3))).shape
    (1, 2, 3, 4, 3)
    """

    rank = 3


# -- everything -----------------------------------------------------------------------------------


class GlobalPooling(Spatial):
    """One number for each channel."""

    reduce: Callable[..., Any]

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.keepdims = keepdims

    def call(self, inputs: Any) -> Any:
        """Return the inputs, reduced over the spatial axes."""
        return type(self).reduce(inputs, self.spatial_axes, self.keepdims)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "data_format", "keepdims")}


class GlobalMaxPooling(GlobalPooling):
    """The largest element of each channel."""

    reduce = staticmethod(reduce_max)


class GlobalAveragePooling(GlobalPooling):
    """The average of each channel."""

    reduce = staticmethod(reduce_mean)

    def call(self, inputs: Any) -> Any:
        """Return the averages of the channels."""
        return super().call(_as_numbers(self, inputs))


class GlobalMaxPooling1D(GlobalMaxPooling):
    """The largest element of each feature of sequences; see `GlobalMaxPooling2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.GlobalMaxPooling1D()(keras.ops.ones((2, 5, 3))).shape
    (2, 3)
    """

    rank = 1


class GlobalMaxPooling2D(GlobalMaxPooling):
    """The largest element of each channel of images.

    Parameters
    ----------
    data_format : {"channels_last", "channels_first"}, optional
        Where channels stand.
    keepdims : bool
        Whether the spatial axes stay, with size 1.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.GlobalMaxPooling2D(keepdims=True)(keras.ops.ones((2, 7, 7, 3))).shape
    (2, 1, 1, 3)
    """

    rank = 2


class GlobalMaxPooling3D(GlobalMaxPooling):
    """The largest element of each channel of volumes; see `GlobalMaxPooling2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.GlobalMaxPooling3D()(keras.ops.ones((2, 4, 4, 4, 3))).shape
    (2, 3)
    """

    rank = 3


class GlobalAveragePooling1D(GlobalAveragePooling):
    """The average of each feature of sequences, over the steps that are not masked.

    Parameters
    ----------
    data_format, keepdims, **kwargs
        As of `GlobalMaxPooling2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> x, mask = keras.ops.array([[[1.0], [3.0], [9.0]]]), keras.ops.array([[True, True, False]])
    >>> keras.layers.GlobalAveragePooling1D()(x, mask=mask).numpy().tolist()
    [[2.0]]
    """

    rank = 1

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any):
        super().__init__(data_format, keepdims, **kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the averages over the steps that are not masked."""
        if mask is None:
            return super().call(inputs)
        x = _as_numbers(self, inputs)
        keep = expand_dims(cast(mask, bool_), self.channel_axis)
        total = reduce_sum(where(keep, x, 0), self.spatial_axes, self.keepdims)
        return total / reduce_sum(cast(keep, x.dtype), self.spatial_axes, self.keepdims)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return no mask: no steps are left."""
        return None


class GlobalAveragePooling2D(GlobalAveragePooling):
    """The average of each channel of images.

    Parameters
    ----------
    data_format, keepdims, **kwargs
        As of `GlobalMaxPooling2D`.

    References
    ----------
    Lin et al., "Network in network", 2014, section 3.2.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.GlobalAveragePooling2D()(keras.ops.ones((2, 7, 7, 3))).shape
    (2, 3)
    """

    rank = 2


class GlobalAveragePooling3D(GlobalAveragePooling):
    """The average of each channel of volumes; see `GlobalAveragePooling2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.GlobalAveragePooling3D()(keras.ops.ones((2, 4, 4, 4, 3))).shape
    (2, 3)
    """

    rank = 3


# -- to a given size ------------------------------------------------------------------------------


class AdaptivePooling(Spatial):
    """Pooling of as many windows as the output has positions, whatever the size of the input.

    Window i of an axis begins at ``floor(i * size / count)`` and ends before
    ``ceil((i + 1) * size / count)``.
    """

    reduce: Callable[..., Any]

    def __init__(self, output_size: Numbers, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.output_size = per_axis(self, "output_size", output_size, self.rank)

    def call(self, inputs: Any) -> Any:
        """Return the pooled inputs, one axis after the other."""
        for axis, count in zip(self.spatial_axes, self.output_size, strict=True):
            inputs = self._along(inputs, axis, count)
        return inputs

    def _along(self, x: Any, axis: int, count: int) -> Any:
        size = x.shape[axis]
        if size is None:
            raise InvalidArgumentError(
                f"layer {self.name!r}: axis {axis} of the input must have a known size, got "
                f"{tuple(x.shape)}"
            )
        before = (slice(None),) * axis
        windows = [slice(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]
        return stack([type(self).reduce(x[(*before, w)], axis) for w in windows], axis)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "output_size", "data_format")}


class AdaptiveMaxPooling1D(AdaptivePooling):
    """The largest element of each of a number of windows; see `AdaptiveAveragePooling2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.AdaptiveMaxPooling1D(4)(keras.ops.ones((1, 10, 3))).shape
    (1, 4, 3)
    """

    rank = 1
    reduce = staticmethod(reduce_max)


class AdaptiveMaxPooling2D(AdaptivePooling):
    """The largest element of each of a number of windows; see `AdaptiveAveragePooling2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.AdaptiveMaxPooling2D((4, 2))(keras.ops.ones((1, 10, 7, 3))).shape
    (1, 4, 2, 3)
    """

    rank = 2
    reduce = staticmethod(reduce_max)


class AdaptiveMaxPooling3D(AdaptivePooling):
    """The largest element of each of a number of windows; see `AdaptiveAveragePooling2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.AdaptiveMaxPooling3D(2)(keras.ops.ones((1, 3, 4, 5, 3))).shape
    (1, 2, 2, 2, 3)
    """

    rank = 3
    reduce = staticmethod(reduce_max)


class AdaptiveAveragePooling1D(AdaptivePooling):
    """The average of each of a number of windows; see `AdaptiveAveragePooling2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.AdaptiveAveragePooling1D(4)(keras.ops.ones((1, 10, 3))).shape
    (1, 4, 3)
    """

    rank = 1
    reduce = staticmethod(reduce_mean)


class AdaptiveAveragePooling2D(AdaptivePooling):
    """The average of each of a number of windows, which divide images about evenly.

    Parameters
    ----------
    output_size : int or (int, int)
        Rows and columns of the output.
    data_format : {"channels_last", "channels_first"}, optional
        Where channels stand.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.AdaptiveAveragePooling2D((4, 2))(keras.ops.ones((1, 10, 7, 3))).shape
    (1, 4, 2, 3)
    """

    rank = 2
    reduce = staticmethod(reduce_mean)


class AdaptiveAveragePooling3D(AdaptivePooling):
    """The average of each of a number of windows; see `AdaptiveAveragePooling2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.AdaptiveAveragePooling3D(2)(keras.ops.ones((1, 3, 4, 5, 3))).shape
    (1, 2, 2, 2, 3)
    """

    rank = 3
    reduce = staticmethod(reduce_mean)


MaxPool1D, MaxPool2D, MaxPool3D = MaxPooling1D, MaxPooling2D, MaxPooling3D
AvgPool1D, AvgPool2D, AvgPool3D = AveragePooling1D, AveragePooling2D, AveragePooling3D
GlobalMaxPool1D, GlobalMaxPool2D = GlobalMaxPooling1D, GlobalMaxPooling2D
GlobalMaxPool3D = GlobalMaxPooling3D
GlobalAvgPool1D, GlobalAvgPool2D = GlobalAveragePooling1D, GlobalAveragePooling2D
GlobalAvgPool3D = GlobalAveragePooling3D
