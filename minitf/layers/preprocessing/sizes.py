"""Images brought to one size."""

from __future__ import annotations

from typing import Any

from minitf.errors import ShapeError, UsageError
from minitf.layers.arguments import choice, positive, settings
from minitf.layers.layer import Layer
from minitf.layers.spatial import as_data_format
from minitf.ops.array import expand_dims, known_size, squeeze
from minitf.ops.aspect import crop_to_aspect_ratio, pad_to_aspect_ratio
from minitf.ops.cond import cond
from minitf.ops.convolution import channels_last, channels_second
from minitf.ops.image import crop_to_bounding_box
from minitf.ops.math import cast
from minitf.ops.resize import METHODS, resize
from minitf.ops.rounding import round_, saturate_cast


class ImageLayer(Layer):
    """A layer on images, one or a batch of them, with channels last or first.

    Subclasses say what happens to a batch with channels last.
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = as_data_format(self, data_format)

    def on_batch(self, images: Any) -> Any:
        """Return what `change` makes of images, in the form in which they came."""
        rank = len(images.shape)
        if rank not in (3, 4):
            raise ShapeError(f"layer {self.name!r}: expected an image of 3 dimensions, or a batch "
                             f"of 4, got the shape {tuple(images.shape)}")  # fmt: skip
        batch = expand_dims(images, 0) if rank == 3 else images
        if self.data_format == "channels_first":
            batch = channels_second(self.change(channels_last(batch)))
        else:
            batch = self.change(batch)
        return squeeze(batch, 0) if rank == 3 else batch

    def change(self, images: Any) -> Any:
        """Return a batch of images, changed."""
        raise NotImplementedError(f"{type(self).__name__} does not say how images are changed")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "data_format")}


class Resizing(ImageLayer):
    """Change the size of images.

    Parameters
    ----------
    height, width : int
        The new size.
    interpolation : str
        "bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian" or
        "mitchellcubic"; see `tf.image.resize`.
    crop_to_aspect_ratio : bool
        Whether to keep the proportions by cutting off what is too much.
    pad_to_aspect_ratio : bool
        Whether to keep the proportions by filling up what is missing.
    fill_mode, fill_value : "constant" and float
        With what to fill up.
    antialias : bool
        Whether to smooth images that shrink.
    data_format : {"channels_last", "channels_first"}, optional
        Where the channels stand.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.Resizing(2, 3)(keras.ops.ones((5, 8, 8, 1))).shape
    (5, 2, 3, 1)
    """

    def __init__(self, height: int, width: int, interpolation: str = "bilinear",
                 crop_to_aspect_ratio: bool = False, pad_to_aspect_ratio: bool = False,
                 fill_mode: str = "constant", fill_value: float = 0.0, antialias: bool = False,
                 data_format: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(data_format, **kwargs)
        self.height, self.width = (positive(self, "height", height),
                                   positive(self, "width", width))  # fmt: skip
        self.interpolation = choice(self, "interpolation", interpolation, METHODS)
        self.fill_mode = choice(self, "fill_mode", fill_mode, ("constant",))
        self.crop_to_aspect_ratio, self.pad_to_aspect_ratio = (crop_to_aspect_ratio,
                                                               pad_to_aspect_ratio)  # fmt: skip
        self.fill_value, self.antialias = fill_value, bool(antialias)
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise UsageError(f"layer {self.name!r}: either crop_to_aspect_ratio or "
                             "pad_to_aspect_ratio, not both")  # fmt: skip

    def call(self, inputs: Any) -> Any:
        """Return the images in their new size, and of their old type."""
        return self.on_batch(inputs)

    def change(self, images: Any) -> Any:
        """Return a batch of images in the new size."""
        found = images
        if self.crop_to_aspect_ratio:
            found = crop_to_aspect_ratio(found, self.height, self.width)
        if self.pad_to_aspect_ratio:
            found = pad_to_aspect_ratio(found, self.height, self.width, self.fill_value)
        found = resize(found, (self.height, self.width), self.interpolation,
                       antialias=self.antialias)  # fmt: skip
        if images.dtype.is_integer and not found.dtype.is_integer:
            found = round_(found)
        return saturate_cast(found, images.dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        own = settings(self, "height", "width", "interpolation", "crop_to_aspect_ratio",
                       "pad_to_aspect_ratio", "fill_mode", "fill_value", "antialias")  # fmt: skip
        return {**super().get_config(), **own}


class CenterCrop(ImageLayer):
    """Cut out the middle of images; those that are too small are enlarged first.

    Parameters
    ----------
    height, width : int
        Size of the result.
    data_format : {"channels_last", "channels_first"}, optional
        Where the channels stand.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> image = keras.ops.reshape(keras.ops.arange(9), (3, 3, 1))
    >>> keras.layers.CenterCrop(1, 1)(image).numpy().item()
    4.0
    """

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.height, self.width = (positive(self, "height", height),
                                   positive(self, "width", width))  # fmt: skip

    def call(self, inputs: Any) -> Any:
        """Return the middle of the images, as floats."""
        return self.on_batch(cast(inputs, self.compute_dtype))

    def change(self, images: Any) -> Any:
        """Return the middle of a batch of images."""
        return centered(images, self.height, self.width)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "height", "width")}


def known_sides(images: Any) -> tuple[int, int]:
    """Return height and width of images, which must be known."""
    height, width = images.shape[-3:-1]
    if height is None or width is None:
        raise ShapeError(f"the height and width of the images must be known, got the shape "
                         f"{tuple(images.shape)}")  # fmt: skip
    return height, width


def centered(images: Any, height: int, width: int) -> Any:
    """Return the middle of images; where that is smaller than asked for, enlarged."""
    old = [known_size(images, axis) for axis in (-3, -2)]

    def cut() -> Any:
        above, left = (old[0] - height) // 2, (old[1] - width) // 2
        return crop_to_bounding_box(images, above, left, height, width)

    def enlarge() -> Any:
        part = crop_to_aspect_ratio(images, height, width)
        return cast(resize(part, (height, width)), images.dtype)

    known = zip(images.shape[-3:-1], (height, width), strict=True)
    if any(n is not None and n < least for n, least in known):
        return enlarge()
    # Sizes that are unknown while a graph is written are compared when it runs.
    return cond((old[0] >= height) & (old[1] >= width), cut, enlarge)
