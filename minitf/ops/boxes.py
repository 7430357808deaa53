"""Boxes in images: choosing among those that overlap, cutting them out, drawing them.

A box is (y1, x1, y2, x2), two opposite corners, usually as parts of the height and width of the
image: 0 is the centre of the first row or column of pixels, 1 that of the last.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minitf.dtypes import float32, int32
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.op import FloatTensor, Tensor, op
from minitf.graph.spec import TensorSpec
from minitf.ops.array import expand_dims, reshape
from minitf.ops.composed import composed
from minitf.ops.filling import range as count_up
from minitf.ops.gather import gather
from minitf.ops.logic import logical_and
from minitf.ops.math import cast
from minitf.ops.rounding import ceil, clip_by_value, floor
from minitf.ops.source import shape as shape_of
from minitf.ops.where import where

LOWEST = float("-inf")

# Yellow, blue, red, lime, purple, olive, maroon, navy, aqua, fuchsia; red, green, blue, opacity.
COLORS = np.array([[1, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 1], [0.5, 0, 0.5, 1],
                   [0.5, 0.5, 0, 1], [0.5, 0, 0, 1], [0, 0, 0.5, 1], [0, 1, 1, 1],
                   [1, 0, 1, 1]])  # fmt: skip


def check_boxes(boxes: TensorSpec, ndim: int) -> None:
    """Refuse what are no boxes."""
    if len(boxes.shape) != ndim or boxes.shape[-1] not in (4, None):
        lead = "(n, 4)" if ndim == 2 else "(batch, n, 4)" if ndim == 3 else "(batch, n, q, 4)"
        raise ShapeError(f"expected boxes of shape {lead}, got {boxes.shape}")


# -- choosing ---------------------------------------------------------------------------------


def overlaps(box: Any, others: Any) -> Any:
    """Return the common area of a box and each of others, divided by the area they cover."""
    low = np.minimum(others[:, :2], others[:, 2:])
    high = np.maximum(others[:, :2], others[:, 2:])
    first, last = np.minimum(box[:2], box[2:]), np.maximum(box[:2], box[2:])
    common = np.prod(np.maximum(np.minimum(high, last) - np.maximum(low, first), 0), axis=-1)
    areas, area = np.prod(high - low, axis=-1), np.prod(last - first)
    covered = np.where((areas > 0) & (area > 0), areas + area - common, 1)
    return np.where((areas > 0) & (area > 0), common / covered, 0)


def chosen(boxes: Any, scores: Any, size: int, iou_threshold: float, score_threshold: float) -> Any:
    """Return the numbers of the boxes that are kept, the best first."""
    left = np.argsort(-scores, kind="stable")
    left = left[scores[left] > score_threshold]
    kept: list[int] = []
    while len(left) and len(kept) < size:
        best, left = left[0], left[1:]
        kept.append(best)
        left = left[overlaps(boxes[best], boxes[left]) <= iou_threshold]
    return np.array(kept, np.int32)


def check_threshold(iou_threshold: float) -> None:
    """Refuse what is no part of an area."""
    if not 0 <= iou_threshold <= 1:
        raise InvalidArgumentError(f"iou_threshold is between 0 and 1, got {iou_threshold}")


@op(differentiable=False)
def non_max_suppression(
    boxes: FloatTensor, scores: FloatTensor, max_output_size: int, iou_threshold: float = 0.5,
    score_threshold: float = LOWEST,
):  # fmt: skip
    """Choose boxes, the one with the best score first, that do not overlap much.

    Parameters
    ----------
    boxes : Tensor
        Shape (n, 4): two opposite corners each.
    scores : Tensor
        Shape (n,).
    max_output_size : int
        How many to choose at most.
    iou_threshold : float
        Boxes are left out whose common area with a better one is more than this part of the area
        that the two cover.
    score_threshold : float
        Boxes are left out whose score is not greater.

    Returns
    -------
    Tensor
        The numbers of the chosen boxes, of type int32.

    Examples
    --------
    >>> import minitf as tf
    >>> boxes = [[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.1], [0.0, 2.0, 1.0, 3.0]]
    >>> tf.image.non_max_suppression(boxes, [0.8, 0.9, 0.7], max_output_size=3).numpy().tolist()
    [1, 2]
    """
    check_boxes(boxes, 2)
    check_threshold(iou_threshold)
    if len(scores.shape) != 1 or not scores.shape.is_compatible_with(boxes.shape[:1]):
        raise ShapeError(f"expected a score for each of {boxes.shape}, got {scores.shape}")
    return TensorSpec((None,), int32)


@non_max_suppression.kernel("numpy")
def _(boxes, scores, *, max_output_size, iou_threshold, score_threshold):
    return chosen(boxes, scores, max_output_size, iou_threshold, score_threshold)


class Detections(NamedTuple):
    """What `combined_non_max_suppression` returns."""

    nmsed_boxes: Tensor
    nmsed_scores: Tensor
    nmsed_classes: Tensor
    valid_detections: Tensor


@op(name="combined_non_max_suppression", differentiable=False)
def choose_for_classes(boxes: FloatTensor, scores: FloatTensor, each: int, total: int,
                       iou_threshold: float, score_threshold: float, clip: bool):  # fmt: skip
    """Choose boxes of several classes; see `combined_non_max_suppression`."""
    check_boxes(boxes, 4)
    check_threshold(iou_threshold)
    if len(scores.shape) != 3 or not scores.shape[:2].is_compatible_with(boxes.shape[:2]):
        raise ShapeError(f"expected scores of shape (batch, n, classes) for boxes of shape "
                         f"{boxes.shape}, got {scores.shape}")  # fmt: skip
    if boxes.shape[2] not in (None, 1, scores.shape[2]) and scores.shape[2] is not None:
        raise ShapeError(f"expected one box, or {scores.shape[2]}, for as many classes, got "
                         f"{boxes.shape}")  # fmt: skip
    lead = boxes.shape[0]
    return (
        TensorSpec((lead, total, 4), boxes.dtype),
        TensorSpec((lead, total), scores.dtype),
        TensorSpec((lead, total), scores.dtype),
        TensorSpec((lead,), int32),
    )


@choose_for_classes.kernel("numpy")
def _(boxes, scores, *, each, total, iou_threshold, score_threshold, clip):
    batch, classes = len(boxes), scores.shape[2]
    found_boxes = np.zeros((batch, total, 4), boxes.dtype)
    found_scores = np.zeros((batch, total), scores.dtype)
    found_classes, valid = np.zeros_like(found_scores), np.zeros(batch, np.int32)
    for b in range(batch):
        rows = []  # (score, class, box) of all classes
        for c in range(classes):
            own = boxes[b, :, c if boxes.shape[2] > 1 else 0]
            kept = chosen(own, scores[b, :, c], each, iou_threshold, score_threshold)
            rows += [(scores[b, i, c], c, own[i]) for i in kept]
        rows = sorted(rows, key=lambda row: -row[0])[:total]
        valid[b] = len(rows)
        for i, (score, number, box) in enumerate(rows):
            found_scores[b, i], found_classes[b, i] = score, number
            found_boxes[b, i] = np.clip(box, 0, 1) if clip else box
    return found_boxes, found_scores, found_classes, valid


@composed
def combined_non_max_suppression(
    boxes: Any, scores: Any, max_output_size_per_class: int, max_total_size: int,
    iou_threshold: float = 0.5, score_threshold: float = LOWEST, pad_per_class: bool = False,
    clip_boxes: bool = True, name: str | None = None,
) -> Detections:  # fmt: skip
    """Choose boxes for each class, in each image of a batch, as `non_max_suppression` does.

    Parameters
    ----------
    boxes : Tensor
        Shape (batch, n, q, 4): q is 1, or the number of classes.
    scores : Tensor
        Shape (batch, n, classes).
    max_output_size_per_class, max_total_size : int
        How many to choose at most.
    iou_threshold, score_threshold : float
        As for `non_max_suppression`.
    pad_per_class : bool
        Whether the results have no more rows than all classes together can fill.
    clip_boxes : bool
        Whether to cut boxes at 0 and 1.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Detections
        ``nmsed_boxes`` of shape (batch, max_total_size, 4), ``nmsed_scores`` and ``nmsed_classes``
        of shape (batch, max_total_size), the best first, filled up with zeros, and
        ``valid_detections``: how many there are.

    Examples
    --------
    >>> import minitf as tf
    >>> boxes = tf.constant([[[[0.0, 0.0, 0.5, 0.5]], [[0.5, 0.5, 1.0, 1.0]]]])
    >>> scores = tf.constant([[[0.9, 0.1], [0.2, 0.8]]])
    >>> found = tf.image.combined_non_max_suppression(boxes, scores, 1, 3, score_threshold=0.5)
    >>> found.nmsed_classes.numpy().tolist(), int(found.valid_detections[0])
    ([[0.0, 1.0, 0.0]], 2)
    """
    boxes, scores = as_tensor(boxes), as_tensor(scores)
    total = max_total_size
    if pad_per_class:
        classes = scores.shape[-1]
        if classes is None:
            raise InvalidArgumentError("pad_per_class needs the number of classes")
        total = min(max_output_size_per_class * classes, max_total_size)
    return Detections(*choose_for_classes(
        boxes, scores, max_output_size_per_class, total, iou_threshold, score_threshold, clip_boxes
    ))  # fmt: skip


# -- cutting out ------------------------------------------------------------------------------


@composed
def crop_and_resize(
    image: Any, boxes: Any, box_indices: Any, crop_size: Any, method: str = "bilinear",
    extrapolation_value: float = 0.0, name: str | None = None,
) -> Tensor:  # fmt: skip
    """Cut boxes out of images, and resize all of them to one size.

    Parameters
    ----------
    image : Tensor
        Shape (batch, height, width, channels).
    boxes : Tensor
        Shape (n, 4). A box whose second corner lies above or left of the first is mirrored; what
        lies outside of the image is filled up.
    box_indices : Tensor
        Of type int32, shape (n,): the number of the image that each box is to be cut out of.
    crop_size : sequence of two int
        The new height and width.
    method : {"bilinear", "nearest"}
        How to resize.
    extrapolation_value : float
        What stands outside of an image.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        Of type float32, shape (n, height, width, channels).

    Examples
    --------
    >>> import minitf as tf
    >>> image = tf.reshape(tf.range(9.0), [1, 3, 3, 1])
    >>> crops = tf.image.crop_and_resize(image, [[0.0, 0.0, 1.0, 0.5]], [0], [2, 2])
    >>> crops[0, :, :, 0].numpy().tolist()
    [[0.0, 1.0], [6.0, 7.0]]
    """
    if method not in ("bilinear", "nearest"):
        raise InvalidArgumentError(f"method is 'bilinear' or 'nearest', got {method!r}")
    image, boxes = cast(image, float32), as_tensor(boxes, hint=float32)
    if len(image.shape) != 4:
        raise ShapeError("expected images of shape (batch, height, width, channels), got "
                         f"{image.shape}")  # fmt: skip
    check_boxes(boxes.spec, 2)
    sizes = shape_of(image)
    first = expand_dims(expand_dims(as_tensor(box_indices, hint=int32), 1), 2) * sizes[1]
    pixels = reshape(image, [-1, image.shape[3] or sizes[3]])
    ys = _places(boxes[:, 0], boxes[:, 2], sizes[1], crop_size[0])  # (n, crop height)
    xs = _places(boxes[:, 1], boxes[:, 3], sizes[2], crop_size[1])

    def at(rows: Tensor, columns: Tensor) -> Tensor:
        numbers = (first + expand_dims(rows, 2)) * sizes[2] + expand_dims(columns, 1)
        return gather(pixels, numbers)  # (n, crop height, crop width, channels)

    if method == "nearest":
        found = at(_whole(floor(ys + 0.5), sizes[1]), _whole(floor(xs + 0.5), sizes[2]))
    else:
        up, down = _whole(floor(ys), sizes[1]), _whole(ceil(ys), sizes[1])
        left, right = _whole(floor(xs), sizes[2]), _whole(ceil(xs), sizes[2])
        low = expand_dims(expand_dims(ys - floor(ys), 2), 3)
        side = expand_dims(expand_dims(xs - floor(xs), 1), 3)
        above = at(up, left) + (at(up, right) - at(up, left)) * side
        below = at(down, left) + (at(down, right) - at(down, left)) * side
        found = above + (below - above) * low
    inside = logical_and(expand_dims(_inside(ys, sizes[1]), 2),
                         expand_dims(_inside(xs, sizes[2]), 1))  # fmt: skip
    return where(expand_dims(inside, 3), found, float(extrapolation_value))


def _places(begin: Tensor, end: Tensor, size: Tensor, count: Any) -> Tensor:
    """Return where the rows of the crops lie, or the columns, in pixels."""
    last = cast(size - 1, float32)
    if count == 1:
        return expand_dims((begin + end) * 0.5 * last, 1)
    steps = cast(count_up(count), float32)
    each = (end - begin) * last / cast(count - 1, float32)
    return expand_dims(begin * last, 1) + expand_dims(each, 1) * steps


def _whole(places: Tensor, size: Tensor) -> Tensor:
    """Return places as numbers of pixels that exist; what lies outside is replaced later."""
    return cast(clip_by_value(places, 0.0, cast(size - 1, float32)), int32)


def _inside(places: Tensor, size: Tensor) -> Tensor:
    return logical_and(places >= 0.0, places <= cast(size - 1, float32))


# -- drawing ----------------------------------------------------------------------------------


@op(name="draw_bounding_boxes", differentiable=False)
def draw_boxes(images: FloatTensor, boxes: FloatTensor, colors: FloatTensor):
    """Draw the outlines of boxes; see `draw_bounding_boxes`."""
    if len(images.shape) != 4:
        raise ShapeError(f"expected images of shape (batch, height, width, channels), got "
                         f"{images.shape}")  # fmt: skip
    check_boxes(boxes, 3)
    if len(colors.shape) != 2:
        raise ShapeError(f"expected colors of shape (n, channels), got {colors.shape}")
    _check_colors(*colors.shape, images.shape[-1])
    return images


def _check_colors(count: int | None, channels: int | None, depth: int | None) -> None:
    too_few = channels is not None and depth is not None and channels < depth
    if count == 0 or too_few:
        raise ShapeError(f"{count} color(s) of {channels} channels, for images of {depth}")


@draw_boxes.kernel("numpy")
def _(images, boxes, colors):
    drawn = images.copy()
    height, width, depth = images.shape[1:]
    if not images.size:
        return drawn
    _check_colors(*colors.shape, depth)
    scale = np.array([height - 1, width - 1] * 2)
    for image, corners in zip(drawn, boxes, strict=True):
        for number, corner in enumerate((corners * scale).astype(np.int64)):
            draw_outline(image, corner.tolist(), colors[number % len(colors), :depth])
    return drawn


def draw_outline(image: Any, corners: list[int], color: Any) -> None:
    """Draw the sides of one box that lie inside of an image."""
    height, width = image.shape[:2]
    top, left, bottom, right = corners
    if top > bottom or left > right or top >= height or bottom < 0 or left >= width or right < 0:
        return
    rows = slice(max(top, 0), min(bottom, height - 1) + 1)
    columns = slice(max(left, 0), min(right, width - 1) + 1)
    for row in (top, bottom):
        if 0 <= row < height:
            image[row, columns] = color
    for column in (left, right):
        if 0 <= column < width:
            image[rows, column] = color


@composed
def draw_bounding_boxes(images: Any, boxes: Any, colors: Any, name: str | None = None) -> Tensor:
    """Draw the outlines of boxes, one pixel wide.

    Parameters
    ----------
    images : Tensor
        Floating, shape (batch, height, width, channels).
    boxes : Tensor
        Shape (batch, n, 4), y before x, from 0 to 1.
    colors : Tensor or None
        Shape (m, channels): one for each box, again and again. None takes ten bright ones.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        The images with the boxes.

    Examples
    --------
    >>> import minitf as tf
    >>> image = tf.zeros([1, 3, 4, 1])
    >>> drawn = tf.image.draw_bounding_boxes(image, [[[0.0, 0.0, 1.0, 0.7]]], [[9.0]])
    >>> drawn[0, :, :, 0].numpy().tolist()
    [[9.0, 9.0, 9.0, 0.0], [9.0, 0.0, 9.0, 0.0], [9.0, 9.0, 9.0, 0.0]]
    """
    images = as_tensor(images)
    if colors is None:
        alone = images.shape[-1] == 1  # white, where there are no colours
        colors = np.ones((1, 1)) if alone else COLORS
        colors = colors.astype(images.dtype.numpy)
    return draw_boxes(images, boxes, colors)
