"""Images changed at random while a model trains, so that it never sees the same one twice.

Outside of training these layers only turn whole numbers into floats. Every image of a batch is
changed in its own way. Called by themselves, outside of any model, they take it that the model
trains; say ``training=False`` if it does not.
"""

from __future__ import annotations

from typing import Any

from minitf.dtypes import float32, int32
from minitf.errors import InvalidArgumentError
from minitf.layers.arguments import choice, positive, settings
from minitf.layers.preprocessing.sizes import ImageLayer, known_sides
from minitf.ops.array import known_size, reshape, unstack
from minitf.ops.image import crop_to_bounding_box
from minitf.ops.math import cast
from minitf.ops.random import uniform
from minitf.ops.rearrange import reverse
from minitf.ops.reduction import reduce_mean
from minitf.ops.resize import resize
from minitf.ops.rounding import clip_by_value
from minitf.ops.where import where

Range = tuple[float, float]
FLIPS = {"horizontal": [2], "vertical": [1], "horizontal_and_vertical": [1, 2]}


class Augmentation(ImageLayer):
    """A layer that changes images at random while a model trains."""

    def __init__(self, seed: int | None = None, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.seed = seed

    def call(self, inputs: Any, training: Any = True) -> Any:
        """Return the images, changed if the model trains."""
        images = cast(inputs, self.compute_dtype)
        return self.on_batch(images) if training else images

    def draw(self, images: Any, *ranges: Range) -> list[Any]:
        """Return a random number per image for each of some ranges, each of shape (batch,).

        All are parts of one draw: two draws with the same seed would be the same numbers.
        """
        drawn = uniform([known_size(images, 0), len(ranges)], dtype=float32, seed=self.seed)
        parts = unstack(drawn, len(ranges), 1)
        return [low + (high - low) * part for part, (low, high) in zip(parts, ranges, strict=True)]

    def range_of(self, name: str, value: Any, least: float, most: float) -> Range:
        """Return (lower, upper) of a factor that is one number, for both directions, or two."""
        pair = value if isinstance(value, (tuple, list)) else (-value, value)
        if isinstance(value, (int, float)):
            pair = (max(-abs(value), least), abs(value))
        numbers = len(pair) == 2 and all(isinstance(v, (int, float)) for v in pair)
        if not numbers or not all(least <= v <= most for v in pair):
            raise InvalidArgumentError(f"layer {self.name!r}: {name} is a number, or two, from "
                                       f"{least} to {most}, got {value!r}")  # fmt: skip
        return min(pair), max(pair)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "seed")}


def per_image(values: Any) -> Any:
    """Return numbers, one per image, in a shape that broadcasts to the images."""
    return reshape(values, [-1, 1, 1, 1])


class RandomFlip(Augmentation):
    """Turn images round, or not: both as likely.

    Parameters
    ----------
    mode : str
        "horizontal" (as in a mirror), "vertical" (upside down), or "horizontal_and_vertical".
    seed : int, optional
        Makes the draws repeatable.
    data_format : {"channels_last", "channels_first"}, optional
        Where the channels stand.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> image = keras.ops.reshape(keras.ops.arange(2.0), (1, 2, 1))
    >>> layer = keras.layers.RandomFlip("horizontal")
    >>> layer(image, training=True).numpy().ravel().tolist() in ([0.0, 1.0], [1.0, 0.0])
    True
    """

    def __init__(self, mode: str = "horizontal_and_vertical", seed: int | None = None,
                 data_format: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(seed, data_format, **kwargs)
        self.mode = choice(self, "mode", mode, tuple(FLIPS))

    def change(self, images: Any) -> Any:
        """Return a batch of images, some of them turned round."""
        (chance,) = self.draw(images, (0.0, 1.0))
        return where(per_image(chance) <= 0.5, reverse(images, FLIPS[self.mode]), images)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "mode")}


class RandomCrop(Augmentation):
    """Cut a part of given size out of images, at a random place that is the same for a batch.

    Parameters
    ----------
    height, width : int
        Size of the part.
    seed : int, optional
        Makes the draws repeatable.
    data_format : {"channels_last", "channels_first"}, optional
        Where the channels stand.
    **kwargs
        As of every layer.

    Notes
    -----
    Images that are too small are cut in the middle and resized. Outside of training, images pass
    unchanged, in the size that they have.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.RandomCrop(2, 2)(keras.ops.ones((5, 4, 4, 1)), training=True).shape
    (5, 2, 2, 1)
    """

    def __init__(self, height: int, width: int, seed: int | None = None,
                 data_format: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(seed, data_format, **kwargs)
        self.height, self.width = (positive(self, "height", height),
                                   positive(self, "width", width))  # fmt: skip

    def change(self, images: Any) -> Any:
        """Return a part of a batch of images."""
        old = known_sides(images)
        if old[0] > self.height and old[1] > self.width:
            above, left = self._place(old[0] - self.height + 1, old[1] - self.width + 1)
            return crop_to_bounding_box(images, above, left, self.height, self.width)
        tall = max(min(old[0], old[1] * self.height // self.width), 1)
        wide = max(min(old[1], old[0] * self.width // self.height), 1)
        above, left = (old[0] - tall) // 2, (old[1] - wide) // 2
        part = images[:, above : above + self.height, left : left + self.width]
        return cast(resize(part, (self.height, self.width)), images.dtype)

    def _place(self, rows: int, columns: int) -> list[Any]:
        """Return where the part begins: a row and a column below these bounds."""
        drawn = unstack(uniform([2], dtype=float32, seed=self.seed), 2)
        return [cast(u * n, int32) for u, n in zip(drawn, (rows, columns), strict=True)]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "height", "width")}


class RandomContrast(Augmentation):
    """Take the pixels of images away from their mean, or closer to it.

    Parameters
    ----------
    factor : float or pair of float
        Contrast is multiplied by a number from ``1 - lower`` to ``1 + upper``, with lower and upper
        from 0 to 1. One number is the upper one; the lower is 0 then.
    value_range : pair of float
        Smallest and largest value of a pixel.
    seed : int, optional
        Makes the draws repeatable.
    **kwargs
        As of every layer; also `data_format`.

    Notes
    -----
    ``y = (x - mean) * factor + mean``, with the mean of each image and channel.

    Examples
    --------
    >>> from minitf import keras
    >>> image = keras.ops.reshape(keras.ops.array([1.0, 3.0]), (1, 2, 1))
    >>> layer = keras.layers.RandomContrast((0.5, 0.5), value_range=(0, 5))
    >>> layer(image, training=True).shape
    (1, 2, 1)
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: int | None = None,
                 data_format: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(seed, data_format, **kwargs)
        self.factor = self.range_of("factor", factor, 0, 1)
        self.value_range = value_range

    def change(self, images: Any) -> Any:
        """Return a batch of images of other contrast."""
        lower, upper = self.factor
        (factor,) = self.draw(images, (1 - lower, 1 + upper))
        mean = reduce_mean(images, [1, 2], keepdims=True)
        found = (images - mean) * cast(per_image(factor), images.dtype) + mean
        low, high = map(float, self.value_range)
        return clip_by_value(found, low, high)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "factor", "value_range")}


class RandomBrightness(Augmentation):
    """Make images brighter or darker.

    Parameters
    ----------
    factor : float or pair of float
        Bounds of what is added, from -1 (all black) to 1 (all white); one number is for both
        directions.
    value_range : pair of float
        Smallest and largest value of a pixel.
    seed : int, optional
        Makes the draws repeatable.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.RandomBrightness((0.1, 0.1))
    >>> layer(keras.ops.zeros((1, 1, 1)), training=True).numpy().item()
    25.5
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: int | None = None,
                 data_format: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(seed, data_format, **kwargs)
        self.factor = self.range_of("factor", factor, -1, 1)
        if not isinstance(value_range, (tuple, list)) or len(value_range) != 2:
            raise InvalidArgumentError(f"layer {self.name!r}: value_range is two numbers, got "
                                       f"{value_range!r}")  # fmt: skip
        self.value_range = sorted(value_range)

    def change(self, images: Any) -> Any:
        """Return a batch of images of other brightness."""
        low, high = map(float, self.value_range)
        (delta,) = self.draw(images, self.factor)
        found = images + cast(per_image(delta * (high - low)), images.dtype)
        return clip_by_value(found, low, high)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "factor", "value_range")}
