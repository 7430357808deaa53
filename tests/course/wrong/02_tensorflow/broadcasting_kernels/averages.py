# message: added, not averaged

from collections.abc import Callable

import numpy as np

Array = np.ndarray


def source_index(index: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return where an input of this shape holds the number for a position of the result.

    Parameters
    ----------
    index : tuple of int
        The position in the result; at least as long as `shape`.
    shape : tuple of int
        Of the input.
    """
    last = index[len(index) - len(shape) :]  # shapes are lined up at their right ends
    return tuple(0 if size == 1 else i for i, size in zip(last, shape, strict=True))


def elementwise(function: Callable[[float, float], float], a: Array, b: Array) -> Array:
    """Return `function` of the elements of two arrays, stretched to a common shape.

    Parameters
    ----------
    function : callable
        Takes two numbers and returns one.
    a, b : array
        Of shapes that meet, and of one dtype, which the result has too.
    """
    result = np.empty(np.broadcast_shapes(a.shape, b.shape), a.dtype)
    for index in np.ndindex(result.shape):
        result[index] = function(a[source_index(index, a.shape)], b[source_index(index, b.shape)])
    return result


def sum_to_shape(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Return a gradient of the result's shape, summed to the shape of the input it belongs to."""
    added = gradient.ndim - len(shape)
    stretched = [added + i for i, size in enumerate(shape) if size == 1]
    # An axis of size 1 in the result, too, is summed as well: over one element, which is harmless.
    return gradient.mean(axis=(*range(added), *stretched)).reshape(shape)


def multiply_gradients(a: Array, b: Array, dy: Array) -> tuple[Array, Array]:
    """Return the gradients of a and b for y = a * b.

    Parameters
    ----------
    a, b : array
        The inputs, of shapes that meet.
    dy : array
        What arrives: the gradient of y, of y's shape.

    Returns
    -------
    da, db : array
        Of the shapes of a and b.
    """

    def times(x: float, y: float) -> float:
        return x * y

    da = sum_to_shape(elementwise(times, dy, b), a.shape)
    db = sum_to_shape(elementwise(times, dy, a), b.shape)
    return da, db
