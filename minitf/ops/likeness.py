"""How alike two images are, and how much changes inside of one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitf.dtypes import as_dtype, float32
from minitf.errors import ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.spec import broadcast
from minitf.graph.tensor import Tensor
from minitf.ops.array import known_size, reshape, stack
from minitf.ops.composed import composed
from minitf.ops.convolution import depthwise_conv2d
from minitf.ops.exponential import log
from minitf.ops.image import check_image
from minitf.ops.math import abs_, cast, squared_difference
from minitf.ops.photometry import convert_image_dtype
from minitf.ops.powers import square
from minitf.ops.rearrange import pad, tile
from minitf.ops.reduction import reduce_mean, reduce_sum

SOBEL = ([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def _two_images(a: Any, b: Any, max_val: Any) -> tuple[Tensor, Tensor, Tensor]:
    """Return two images, and the largest value there is, as fractions."""
    a, b = as_tensor(a), as_tensor(b)
    if min(len(a.shape), len(b.shape)) < 3:
        raise ShapeError(f"expected axes (..., height, width, channels), got {a.shape}, {b.shape}")
    if not a.shape[-3:].is_compatible_with(b.shape[-3:]):
        raise ShapeError(f"images differ in size: {a.shape} and {b.shape}")
    broadcast(a.shape, b.shape)
    largest = convert_image_dtype(cast(max_val, a.dtype), float32)
    return convert_image_dtype(a, float32), convert_image_dtype(b, float32), largest


@composed
def psnr(a: Any, b: Any, max_val: Any, name: str | None = None) -> Tensor:
    """Return the peak signal-to-noise ratio of two images, in decibels.

    Parameters
    ----------
    a, b : Tensor
        Shape (..., height, width, channels).
    max_val : number
        The largest value that pixels can have: 255, or 1.0.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        Shape (...), of type float32.

    Notes
    -----
    10 log10(max_val^2 / mean((a - b)^2)); infinite for equal images.

    Examples
    --------
    >>> import minitf as tf
    >>> float(tf.image.psnr(tf.zeros([2, 2, 1]), tf.fill([2, 2, 1], 0.1), 1.0))
    20.0
    """
    a, b, largest = _two_images(a, b, max_val)
    error = reduce_mean(squared_difference(a, b), axis=[-3, -2, -1])
    return 20 / math.log(10) * log(largest) - 10 / math.log(10) * log(error)


@composed
def ssim(
    img1: Any,
    img2: Any,
    max_val: Any,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    return_index_map: bool = False,
) -> Tensor:
    """Return the structural similarity of two images: 1 for equal ones.

    Parameters
    ----------
    img1, img2 : Tensor
        Shape (..., height, width, channels).
    max_val : number
        The largest value that pixels can have: 255, or 1.0.
    filter_size : int
        Side of the window in which images are compared.
    filter_sigma : float
        Deviation of the Gaussian that weighs the pixels of a window.
    k1, k2 : float
        Keep the quotients finite, relative to `max_val`.
    return_index_map : bool
        Whether to return the similarity at each place instead of the mean.

    Returns
    -------
    Tensor
        Shape (...); or (..., height - filter_size + 1, width - filter_size + 1).

    Notes
    -----
    With means m, variances v and the covariance c of a window,
    (2 m1 m2 + c1) (2 c + c2) / ((m1^2 + m2^2 + c1) (v1 + v2 + c2)), c1 = (k1 max_val)^2,
    c2 = (k2 max_val)^2.

    References
    ----------
    Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, 2004, "Image quality assessment: from error
    visibility to structural similarity", IEEE Transactions on Image Processing 13 (4).

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.random.uniform([16, 16, 1])
    >>> round(float(tf.image.ssim(x, x, 1.0)), 4)
    1.0
    """
    x, y, largest = _two_images(img1, img2, max_val)
    size = int(filter_size)
    if any(n is not None and n < size for n in (*x.shape[-3:-1], *y.shape[-3:-1])):
        raise ShapeError(f"images must be at least {size} x {size}, got {x.shape} and {y.shape}")
    window = gaussian_window(size, float(filter_sigma))

    def mean(z: Any) -> Any:
        return _filtered(z, window)

    c1, c2 = square(largest * k1), square(largest * k2)
    mean_x, mean_y = mean(x), mean(y)
    product, squares = 2 * mean_x * mean_y, square(mean_x) + square(mean_y)
    luminance = (product + c1) / (squares + c1)
    structure = (2 * mean(x * y) - product + c2) / (mean(square(x) + square(y)) - squares + c2)
    axes = [-1] if return_index_map else [-3, -2, -1]
    return reduce_mean(luminance * structure, axes)


def gaussian_window(size: int, sigma: float) -> Any:
    """Return the weights of the pixels of a window, which add up to 1."""
    places = np.arange(size) - (size - 1) / 2
    weights = np.exp(-0.5 * (places / sigma) ** 2)
    window = np.outer(weights, weights)
    return (window / window.sum()).astype(np.float32)[:, :, None, None]


def _filtered(x: Any, window: Any) -> Any:
    """Return the weighted mean in every window that fits into images of any number of axes."""
    flat = reshape(x, [-1, *[known_size(x, axis) for axis in (-3, -2, -1)]])
    kernel = tile(as_tensor(window), [1, 1, known_size(x, -1), 1])
    y = depthwise_conv2d(flat, kernel, [1, 1, 1, 1], "VALID")
    sides = [known_size(y, axis) for axis in (1, 2, 3)]
    return reshape(y, [*[known_size(x, axis) for axis in range(len(x.shape) - 3)], *sides])


@composed
def total_variation(images: Any, name: str | None = None) -> Tensor:
    """Return the sum of the differences between neighbours: how noisy images are.

    Parameters
    ----------
    images : Tensor
        Shape (height, width, channels), or (batch, height, width, channels).
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        One number for each image.

    Examples
    --------
    >>> import minitf as tf
    >>> float(tf.image.total_variation([[[1.0], [3.0]], [[1.0], [1.0]]]))
    4.0
    """
    x = check_image(images)
    down, right = x[..., 1:, :, :] - x[..., :-1, :, :], x[..., 1:, :] - x[..., :-1, :]
    axes = [-3, -2, -1]
    return reduce_sum(abs_(down), axes) + reduce_sum(abs_(right), axes)


@composed
def image_gradients(image: Any) -> tuple[Tensor, Tensor]:
    """Return the differences to the pixels below, and to those on the right.

    Parameters
    ----------
    image : Tensor
        Shape (batch, height, width, channels).

    Returns
    -------
    dy, dx : Tensor
        Of the images' shape; zero in the last row, and in the last column.

    Examples
    --------
    >>> import minitf as tf
    >>> dy, dx = tf.image.image_gradients(tf.reshape([1.0, 2.0, 4.0, 8.0], [1, 2, 2, 1]))
    >>> dy[0, :, :, 0].numpy().tolist(), dx[0, :, :, 0].numpy().tolist()
    ([[3.0, 6.0], [0.0, 0.0]], [[1.0, 0.0], [4.0, 0.0]])
    """
    x = as_tensor(image)
    if len(x.shape) != 4:
        raise ShapeError(f"expected (batch, height, width, channels), got shape {x.shape}")
    dy, dx = x[:, 1:] - x[:, :-1], x[:, :, 1:] - x[:, :, :-1]
    return (
        pad(dy, [(0, 0), (0, 1), (0, 0), (0, 0)]),
        pad(dx, [(0, 0), (0, 0), (0, 1), (0, 0)]),
    )


@composed
def sobel_edges(image: Any) -> Tensor:
    """Return how brightness changes downwards and to the right, by Sobel's filters.

    Parameters
    ----------
    image : Tensor
        Shape (batch, height, width, channels), floating, at least 2 x 2 pixels.

    Returns
    -------
    Tensor
        Shape (batch, height, width, channels, 2).

    Examples
    --------
    >>> import minitf as tf
    >>> edges = tf.image.sobel_edges(tf.reshape(tf.range(9.0), [1, 3, 3, 1]))
    >>> edges[0, 1, 1, 0].numpy().tolist()
    [24.0, 8.0]
    """
    x = as_tensor(image)
    if len(x.shape) != 4:
        raise ShapeError(f"expected (batch, height, width, channels), got shape {x.shape}")
    framed = pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="REFLECT")
    found = [
        _filtered(framed, np.array(kernel, as_dtype(x.dtype).numpy)[:, :, None, None])
        for kernel in SOBEL
    ]
    return reshape(stack(found, axis=-1), [*_sizes(x), 2])


def _sizes(x: Any) -> list[Any]:
    return [known_size(x, axis) for axis in range(len(x.shape))]
