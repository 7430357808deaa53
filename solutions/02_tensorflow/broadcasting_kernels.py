"""Broadcasting kernels.

Stretching an array does not copy it: a kernel reads the same number again. Write a kernel that
does this for any function of two numbers, and the way back that gradients need.

`source_index` is the heart of it: the result has a position for each of its elements; where in a
smaller input does the number for this position stand?

    >>> source_index((2, 3), (3, 1))       # row 2, column 3 of the result reads row 2, column 0
    (2, 0)
    >>> source_index((2, 3), (4,))         # an input without rows: only the column counts
    (3,)

On the way back an element that was read several times gets the sum of what comes back from all of
these places. So a gradient always has the shape of its input.

    >>> import numpy as np
    >>> sum_to_shape(np.ones((3, 4)), (3, 1)).tolist()
    [[4.0], [4.0], [4.0]]

Use NumPy for arrays, but stretch nothing with it: `elementwise` visits the positions of the
result one by one. (`np.broadcast_shapes` gives the result's shape; you have written it in
02/shape_rules.) `minitf.course.use("02/broadcasting_kernels")` lets minitf's own gradients come
back through your `sum_to_shape`.

Approach: Write `source_index`, then `elementwise` with a loop over `np.ndindex(shape)`. For
`sum_to_shape`, find out which axes were added and which were stretched, and sum over those.

Difficulty: 2 of 5
Minutes: 25
Section: 02_tensorflow/derivatives.md#the-way-back-through-broadcasting
Forbidden: minitf, numpy.broadcast_to, numpy.broadcast_arrays, numpy.broadcast, numpy.vectorize
Hint 1: An input with fewer axes has lost the first ones: drop as many numbers from the front of
the index. Where the input's size is 1, the index is 0.
Hint 2: In `sum_to_shape`, the first `gradient.ndim - len(shape)` axes were added. Of the others,
those were stretched where `shape` has a 1. Sum over all of them, then reshape to `shape`.
Hint 3: The derivative of a * b for a is b: multiply the arriving gradient by b (it has the
result's shape, so stretch b with `elementwise`), and bring the product back with `sum_to_shape`.
"""

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
    return gradient.sum(axis=(*range(added), *stretched)).reshape(shape)


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
