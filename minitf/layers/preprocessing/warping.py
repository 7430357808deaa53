"""Images turned, stretched and shifted at random while a model trains; see `minitf.ops.warp`."""

from __future__ import annotations

import math
from typing import Any

from minitf.dtypes import float32
from minitf.layers.arguments import choice, settings
from minitf.layers.preprocessing.augmentation import Augmentation
from minitf.ops.array import known_size, stack
from minitf.ops.math import cast
from minitf.ops.source import ones_like, zeros_like
from minitf.ops.trigonometry import cos, sin
from minitf.ops.warp import FILL, TAPS, warp


class Warp(Augmentation):
    """A random affine transformation of images.

    Each pixel (x, y) of the result is taken from the place (x', y') of the image; subclasses say
    from which.
    """

    def __init__(self, fill_mode: str = "reflect", interpolation: str = "bilinear",
                 seed: int | None = None, fill_value: float = 0.0,
                 data_format: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(seed, data_format, **kwargs)
        self.fill_mode = choice(self, "fill_mode", fill_mode, tuple(FILL))
        self.interpolation = choice(self, "interpolation", interpolation, tuple(TAPS))
        self.fill_value = fill_value

    def change(self, images: Any) -> Any:
        """Return a batch of images, transformed."""
        height, width = (cast(known_size(images, axis), float32) for axis in (1, 2))
        rows = self.rows(images, height, width)
        return warp(images, transforms(*rows), self.interpolation, self.fill_mode, self.fill_value)

    def rows(self, images: Any, height: Any, width: Any) -> tuple[Any, Any]:
        """Return (a0, a1, a2) and (b0, b1, b2), where x' = a0 x + a1 y + a2, y' = b0 x + ..."""
        raise NotImplementedError(f"{type(self).__name__} does not say how images are transformed")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(),
                **settings(self, "fill_mode", "interpolation", "fill_value")}  # fmt: skip


def transforms(xs: Any, ys: Any) -> Any:
    """Return the coefficients of transformations in the form that `warp` takes, (batch, 8)."""
    nothing = zeros_like(xs[0])
    return stack([*xs, *ys, nothing, nothing], axis=1)


def about_center(a0: Any, a1: Any, b0: Any, b1: Any, height: Any, width: Any) -> tuple[Any, Any]:
    """Return the rows of a transformation that leaves the middle of the image where it is."""
    x, y = (width - 1) / 2, (height - 1) / 2
    return (a0, a1, x - x * a0 - y * a1), (b0, b1, y - x * b0 - y * b1)


class RandomRotation(Warp):
    """Turn images about their middle.

    Parameters
    ----------
    factor : float or pair of float
        Bounds of the angle, as parts of a full turn: 0.5 is 180 degrees. One number is for both
        directions; a positive angle turns the image counter-clockwise.
    fill_mode, interpolation, fill_value : optional
        As for `minitf.ops.warp.warp`.
    seed : int, optional
        Makes the draws repeatable.
    data_format : {"channels_last", "channels_first"}, optional
        Where the channels stand.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> image = keras.ops.reshape(keras.ops.arange(4.0), (2, 2, 1))
    >>> quarter = keras.layers.RandomRotation((0.25, 0.25), interpolation="nearest")
    >>> quarter(image, training=True)[:, :, 0].numpy().tolist()
    [[1.0, 3.0], [0.0, 2.0]]
    """

    def __init__(self, factor: Any, fill_mode: str = "reflect", interpolation: str = "bilinear",
                 seed: int | None = None, fill_value: float = 0.0,
                 data_format: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.factor = self.range_of("factor", factor, -1, 1)

    def rows(self, images: Any, height: Any, width: Any) -> tuple[Any, Any]:
        """Return the rows of rotations: (cos t, -sin t) and (sin t, cos t)."""
        lower, upper = self.factor
        (angle,) = self.draw(images, (2 * math.pi * lower, 2 * math.pi * upper))
        return about_center(cos(angle), -sin(angle), sin(angle), cos(angle), height, width)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "factor")}


class RandomZoom(Warp):
    """Stretch images about their middle.

    Parameters
    ----------
    height_factor : float or pair of float
        Bounds of the change in height: 0.2 shows 20 % more than the image holds, -0.2 20 % less.
        One number is for both directions.
    width_factor : float or pair of float, optional
        The same for the width; that of the height by default, which keeps the proportions.
    fill_mode, interpolation, fill_value : optional
        As for `minitf.ops.warp.warp`.
    seed : int, optional
        Makes the draws repeatable.
    data_format : {"channels_last", "channels_first"}, optional
        Where the channels stand.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.RandomZoom(0.2)(keras.ops.ones((5, 4, 4, 1)), training=True).shape
    (5, 4, 4, 1)
    """

    def __init__(self, height_factor: Any, width_factor: Any = None, fill_mode: str = "reflect",
                 interpolation: str = "bilinear", seed: int | None = None,
                 fill_value: float = 0.0, data_format: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._height = self.range_of("height_factor", height_factor, -1, 1)
        self._width = width_factor is not None and self.range_of(
            "width_factor", width_factor, -1, 1)  # fmt: skip

    def rows(self, images: Any, height: Any, width: Any) -> tuple[Any, Any]:
        """Return the rows of stretching: (1 + w, 0) and (0, 1 + h)."""
        ranges = [self._height, self._width] if self._width else [self._height]
        drawn = self.draw(images, *[(1 + low, 1 + high) for low, high in ranges])
        tall, wide = drawn[0], drawn[-1]
        return about_center(wide, zeros_like(wide), zeros_like(wide), tall, height, width)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "height_factor", "width_factor")}


class RandomTranslation(Warp):
    """Shift images.

    Parameters
    ----------
    height_factor, width_factor : float or pair of float
        Bounds of the shift downwards, and to the right, as parts of the height and width. One
        number is for both directions.
    fill_mode, interpolation, fill_value : optional
        As for `minitf.ops.warp.warp`.
    seed : int, optional
        Makes the draws repeatable.
    data_format : {"channels_last", "channels_first"}, optional
        Where the channels stand.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> image = keras.ops.reshape(keras.ops.array([1.0, 2.0]), (1, 2, 1))
    >>> right = keras.layers.RandomTranslation(0, (0.5, 0.5), fill_mode="constant")
    >>> right(image, training=True)[0, :, 0].numpy().tolist()
    [0.0, 1.0]
    """

    def __init__(self, height_factor: Any, width_factor: Any, fill_mode: str = "reflect",
                 interpolation: str = "bilinear", seed: int | None = None,
                 fill_value: float = 0.0, data_format: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._height = self.range_of("height_factor", height_factor, -1, 1)
        self._width = self.range_of("width_factor", width_factor, -1, 1)

    def rows(self, images: Any, height: Any, width: Any) -> tuple[Any, Any]:
        """Return the rows of a shift, which looks to where the pixels come from."""
        down, right = self.draw(images, self._height, self._width)
        same, none = ones_like(down), zeros_like(down)
        return (same, none, -right * width), (none, same, -down * height)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "height_factor", "width_factor")}
