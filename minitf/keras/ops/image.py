"""`keras.ops.image`: images, one or a batch of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitf.errors import UsageError
from minitf.graph.convert import as_tensor
from minitf.keras.ops.core import shape
from minitf.keras.ops.promotion import floats
from minitf.ops import blocks, likeness, photometry
from minitf.ops import warp as warping
from minitf.ops.array import expand_dims, squeeze
from minitf.ops.aspect import crop_to_aspect_ratio as _cropped
from minitf.ops.aspect import pad_to_aspect_ratio as _padded
from minitf.ops.convolution import channels_last, channels_second
from minitf.ops.image import crop_to_bounding_box
from minitf.ops.math import cast
from minitf.ops.rearrange import pad
from minitf.ops.resize import resize as _resize
from minitf.ops.rounding import round_, saturate_cast
from minitf.settings import image_data_format


def _on_batch(call: Callable[[Any], Any], images: Any, data_format: str | None) -> Any:
    """Return what a function makes of a batch with channels last, in the form of the images."""
    images = as_tensor(images)
    alone = len(images.shape) == 3
    batch = expand_dims(images, 0) if alone else images
    if (data_format or image_data_format()) == "channels_first":
        batch = channels_second(call(channels_last(batch)))
    else:
        batch = call(batch)
    return squeeze(batch, 0) if alone else batch


def rgb_to_grayscale(images: Any, data_format: str | None = None) -> Any:
    """Return images of one channel."""

    def call(batch: Any) -> Any:
        gray = photometry.rgb_to_grayscale(floats(batch))
        return cast(gray, batch.dtype)  # fractions are cut off, where `tf.image` rounds

    return _on_batch(call, images, data_format)


def rgb_to_hsv(images: Any, data_format: str | None = None) -> Any:
    """Return hue, saturation and value of red, green and blue."""
    return _on_batch(photometry.rgb_to_hsv, images, data_format)


def hsv_to_rgb(images: Any, data_format: str | None = None) -> Any:
    """Return red, green and blue of hue, saturation and value."""
    return _on_batch(photometry.hsv_to_rgb, images, data_format)


def resize(images: Any, size: Any, interpolation: str = "bilinear", antialias: bool = False,
           crop_to_aspect_ratio: bool = False, pad_to_aspect_ratio: bool = False,
           fill_mode: str = "constant", fill_value: float = 0.0,
           data_format: str | None = None) -> Any:  # fmt: skip
    """Return images of another size, (height, width); see `minitf.image.resize`."""
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise UsageError("resize: either crop_to_aspect_ratio or pad_to_aspect_ratio, not both")
    height, width = size

    def call(batch: Any) -> Any:
        if crop_to_aspect_ratio:
            batch = _cropped(batch, height, width)
        if pad_to_aspect_ratio:
            batch = _padded(batch, height, width, fill_value)
        found = _resize(batch, (height, width), interpolation, antialias=antialias)
        return saturate_cast(round_(found), batch.dtype) if batch.dtype.is_integer else found

    return _on_batch(call, images, data_format)


def affine_transform(images: Any, transform: Any, interpolation: str = "bilinear",
                     fill_mode: str = "constant", fill_value: float = 0,
                     data_format: str | None = None) -> Any:  # fmt: skip
    """Return images turned, stretched and shifted; see `minitf.ops.warp.warp`."""
    return _on_batch(
        lambda batch: warping.warp(batch, transform, interpolation, fill_mode, fill_value),
        images,
        data_format,
    )


def extract_patches(images: Any, size: Any, strides: Any = None, dilation_rate: Any = 1,
                    padding: str = "valid", data_format: str | None = None) -> Any:  # fmt: skip
    """Return the patches of images, each laid out as the channels of one pixel."""
    window = _pair(size)
    steps, rates = window if strides is None else _pair(strides), _pair(dilation_rate)

    def call(batch: Any) -> Any:
        return blocks.extract_patches(batch, [1, *window, 1], [1, *steps, 1], [1, *rates, 1],
                                      padding.upper())  # fmt: skip

    return _on_batch(call, images, data_format)


def _pair(value: Any) -> list[int]:
    return [value, value] if isinstance(value, int) else list(value)


def pad_images(images: Any, top_padding: Any = None, left_padding: Any = None,
               bottom_padding: Any = None, right_padding: Any = None, target_height: Any = None,
               target_width: Any = None, data_format: str | None = None) -> Any:  # fmt: skip
    """Return images surrounded by zeros: by so many, or up to a size."""

    def call(batch: Any) -> Any:
        _, height, width, _ = shape(batch)
        rows = _both(top_padding, bottom_padding, target_height, height)
        columns = _both(left_padding, right_padding, target_width, width)
        return pad(batch, [(0, 0), rows, columns, (0, 0)])

    return _on_batch(call, images, data_format)


def _both(before: Any, after: Any, target: Any, size: Any) -> tuple[Any, Any]:
    """Return how much to put before and after, of which one may be left to follow."""
    if target is None and (before is None or after is None):
        raise UsageError("give two of: what is before, what is after, the new size")
    before = target - size - (after or 0) if before is None else before
    return before, target - size - before if after is None else after


def crop_images(images: Any, top_cropping: Any = None, left_cropping: Any = None,
                bottom_cropping: Any = None, right_cropping: Any = None, target_height: Any = None,
                target_width: Any = None, data_format: str | None = None) -> Any:  # fmt: skip
    """Return a part of images: without so many rows and columns, or of a size."""

    def call(batch: Any) -> Any:
        _, height, width, _ = shape(batch)
        top, tall = _part(top_cropping, bottom_cropping, target_height, height)
        left, wide = _part(left_cropping, right_cropping, target_width, width)
        return crop_to_bounding_box(batch, top, left, tall, wide)

    return _on_batch(call, images, data_format)


def _part(before: Any, after: Any, target: Any, size: Any) -> tuple[Any, Any]:
    """Return where a part begins and how large it is."""
    if [before, after, target].count(None) > 1:
        raise UsageError("give two of: what is cut off before, after, the new size")
    before = size - target - after if before is None else before
    return before, size - before - after if target is None else target


def sobel_edges(images: Any, data_format: str | None = None) -> Any:
    """Return how fast brightness changes, down and to the right, along a new last axis."""
    images = as_tensor(images)
    if (data_format or image_data_format()) == "channels_first":
        images = channels_last(images)
    return likeness.sobel_edges(images)


def ssim(image1: Any, image2: Any, max_val: float = 1.0, filter_size: int = 11,
         filter_sigma: float = 1.5, k1: float = 0.01, k2: float = 0.03,
         data_format: str | None = None) -> Any:  # fmt: skip
    """Return how alike images are in structure."""
    return likeness.ssim(image1, image2, max_val, filter_size, filter_sigma, k1, k2)
