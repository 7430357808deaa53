"""Larger and smaller: repeat positions, put zeros around them, or cut them off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minitf.errors import ShapeError
from minitf.layers.arguments import choice, pairs, per_axis, settings
from minitf.layers.spatial import Spatial
from minitf.ops.array import known_size, reshape
from minitf.ops.rearrange import pad, tile
from minitf.ops.resize import resize

__all__ = [
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
]

Numbers = int | Sequence[Any]
METHODS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")


# -- repeating ------------------------------------------------------------------------------------


class UpSampling(Spatial):
    """Each position several times; a subclass says over how many axes."""

    def call(self, inputs: Any) -> Any:
        """Return the larger inputs."""
        return self._repeated(inputs)

    def _repeated(self, x: Any) -> Any:
        """Return every position as often as `size` says, by tiling a new axis behind each."""
        factors = dict(zip(self.spatial_axes, self.factors(), strict=True))
        axes = range(len(x.shape))
        apart = [n for i in axes for n in ([known_size(x, i), 1] if i in factors else [
            known_size(x, i)])]  # fmt: skip
        times = [n for i in axes for n in ([1, factors[i]] if i in factors else [1])]
        sizes = [known_size(x, i) * factors.get(i, 1) for i in axes]
        return reshape(tile(reshape(x, apart), times), sizes)

    def factors(self) -> tuple[int, ...]:
        """Return how often, for each axis."""
        return self.size  # type: ignore[attr-defined]


class UpSampling1D(UpSampling):
    """Repeat each time step.

    Parameters
    ----------
    size : int
        How often.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.UpSampling1D(2)(keras.ops.ones((1, 3, 4))).shape
    (1, 6, 4)
    """

    rank = 1

    def __init__(self, size: int = 2, **kwargs: Any):
        super().__init__("channels_last", **kwargs)
        (self.size,) = per_axis(self, "size", size, 1)

    def factors(self) -> tuple[int, ...]:
        """Return how often."""
        return (self.size,)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "size")}


class UpSampling2D(UpSampling):
    """Make images larger.

    Parameters
    ----------
    size : int or (int, int)
        Factors of rows and columns.
    data_format : {"channels_last", "channels_first"}, optional
        Where channels stand.
    interpolation : {"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"}
        What stands between the old pixels; with "nearest", each is repeated.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> x = keras.ops.reshape(keras.ops.array([1.0, 2.0]), (1, 1, 2, 1))
    >>> keras.layers.UpSampling2D()(x).numpy()[0, :, :, 0].tolist()
    [[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]
    """

    rank = 2

    def __init__(self, size: Numbers = (2, 2), data_format: str | None = None,
                 interpolation: str = "nearest", **kwargs: Any):  # fmt: skip
        super().__init__(data_format, **kwargs)
        self.size = per_axis(self, "size", size, 2)
        self.interpolation = choice(self, "interpolation", interpolation, METHODS)

    def call(self, inputs: Any) -> Any:
        """Return the larger images."""
        if self.interpolation == "nearest":
            return self._repeated(inputs)
        x = self.to_last(inputs)
        sizes = [known_size(x, i + 1) * factor for i, factor in enumerate(self.size)]
        return self.from_last(resize(x, sizes, self.interpolation))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "size", "data_format", "interpolation")}


class UpSampling3D(UpSampling):
    """Repeat each position of volumes along three axes.

    Parameters
    ----------
    size : int or (int, int, int)
        How often, along each axis.
    data_format : {"channels_last", "channels_first"}, optional
        Where channels stand.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.UpSampling3D()(keras.ops.ones((1, 2, 3, 4, 5))).shape
    (1, 4, 6, 8, 5)
    """

    rank = 3

    def __init__(self, size: Numbers = (2, 2, 2), data_format: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(data_format, **kwargs)
        self.size = per_axis(self, "size", size, 3)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "size", "data_format")}


# -- a border of zeros ----------------------------------------------------------------------------


class ZeroPadding(Spatial):
    """Zeros before and after each spatial axis; a subclass says how many axes there are."""

    def __init__(self, padding: Numbers = 1, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.padding: Any = pairs(self, "padding", padding, self.rank)

    def call(self, inputs: Any) -> Any:
        """Return the inputs with zeros around them."""
        border = dict(zip(self.spatial_axes, self.borders(), strict=True))
        return pad(inputs, [border.get(i, (0, 0)) for i in range(self.rank + 2)])

    def borders(self) -> Any:
        """Return (before, after) for each axis."""
        return self.padding

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "padding", "data_format")}


class ZeroPadding1D(ZeroPadding):
    """Put zeros before and after sequences.

    Parameters
    ----------
    padding : int or (int, int)
        How many: on both sides, or (before, after).
    data_format : {"channels_last", "channels_first"}, optional
        Where channels stand.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.ZeroPadding1D((2, 1))(keras.ops.ones((1, 3, 4))).shape
    (1, 6, 4)
    """

    rank = 1

    def __init__(self, padding: Numbers = 1, data_format: str | None = None, **kwargs: Any):
        super().__init__(1, data_format, **kwargs)
        self.padding = per_axis(self, "padding", padding, 2, least=0)

    def borders(self) -> Any:
        """Return (before, after) for the one axis."""
        return (self.padding,)


class ZeroPadding2D(ZeroPadding):
    """Put zeros around images.

    Parameters
    ----------
    padding : int, (int, int), or ((int, int), (int, int))
        How many: everywhere, for (rows, columns), or ((top, bottom), (left, right)).
    data_format : {"channels_last", "channels_first"}, optional
        Where channels stand.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.ZeroPadding2D(((1, 0), (2, 2)))(keras.ops.ones((1, 3, 3, 1))).shape
    (1, 4, 7, 1)
    """

    rank = 2


class ZeroPadding3D(ZeroPadding):
    """Put zeros around volumes; see `ZeroPadding2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.ZeroPadding3D(1)(keras.ops.ones((1, 2, 3, 4, 1))).shape
    (1, 4, 5, 6, 1)
    """

    rank = 3


# -- cutting off ----------------------------------------------------------------------------------


class Cropping(Spatial):
    """Positions cut off before and after each spatial axis."""

    def __init__(self, cropping: Numbers, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.cropping: Any = pairs(self, "cropping", cropping, self.rank)

    def call(self, inputs: Any) -> Any:
        """Return what is left of the inputs."""
        key = [slice(None)] * (self.rank + 2)
        for axis, (before, after) in zip(self.spatial_axes, self.borders(), strict=True):
            size = inputs.shape[axis]
            if size is not None and before + after >= size:
                raise ShapeError(
                    f"layer {self.name!r}: cropping {self.cropping} leaves nothing of an input of "
                    f"shape {tuple(inputs.shape)}"
                )
            key[axis] = slice(before, -after if after else None)
        return inputs[tuple(key)]

    def borders(self) -> Any:
        """Return (before, after) for each axis."""
        return self.cropping

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "cropping", "data_format")}


class Cropping1D(Cropping):
    """Cut off the ends of sequences.

    Parameters
    ----------
    cropping : int or (int, int)
        How many steps: at both ends, or (before, after).
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.Cropping1D((2, 1))(keras.ops.ones((1, 6, 4))).shape
    (1, 3, 4)
    """

    rank = 1

    def __init__(self, cropping: Numbers = (1, 1), **kwargs: Any):
        super().__init__(0, "channels_last", **kwargs)
        self.cropping = per_axis(self, "cropping", cropping, 2, least=0)

    def borders(self) -> Any:
        """Return (before, after) for the one axis."""
        return (self.cropping,)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        config = super().get_config()
        del config["data_format"]
        return config


class Cropping2D(Cropping):
    """Cut off the edges of images.

    Parameters
    ----------
    cropping : int, (int, int), or ((int, int), (int, int))
        How many pixels: everywhere, of (rows, columns), or ((top, bottom), (left, right)).
    data_format : {"channels_last", "channels_first"}, optional
        Where channels stand.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.Cropping2D(((1, 0), (2, 2)))(keras.ops.ones((1, 4, 7, 1))).shape
    (1, 3, 3, 1)
    """

    rank = 2

    def __init__(self, cropping: Numbers = ((0, 0), (0, 0)), data_format: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(cropping, data_format, **kwargs)


class Cropping3D(Cropping):
    """Cut off the edges of volumes; see `Cropping2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.Cropping3D()(keras.ops.ones((1, 4, 5, 6, 1))).shape
    (1, 2, 3, 4, 1)
    """

    rank = 3

    def __init__(self, cropping: Numbers = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(cropping, data_format, **kwargs)
