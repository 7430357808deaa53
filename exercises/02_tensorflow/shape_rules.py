"""Shape rules.

A framework checks shapes before any data exists. Write the four rules that nearly every op needs.
A shape is a tuple; a size that is not known yet is None.

    >>> broadcast((5, 1), (3,))
    (5, 3)
    >>> broadcast((None, 1), (1, 7))
    (None, 7)
    >>> matmul((None, 64), (64, 10))
    (None, 10)
    >>> reduce((1797, 8, 8), axis=[1, 2])
    (1797,)
    >>> reshape((1797, 8, 8), (-1, 64))
    (1797, 64)

What can never fit is a ValueError whose message shows the shapes. What *might* fit, because a
size is not known, is no error.

Where two sizes meet in `broadcast`: equal sizes stay; a 1 is stretched to the other; an unknown
size that meets a known one above 1 must be that one; an unknown size that meets 1, or another
unknown one, stays unknown.

Approach: Begin with `broadcast`: fill up the shorter shape with ones on the left, then look at
one position at a time. `matmul` can call it for the axes before the last two.

Difficulty: 2 of 5
Minutes: 25
Section: 02_tensorflow/tensors.md#broadcasting-how-shapes-meet
Forbidden: minitf, numpy.broadcast_shapes, numpy.broadcast
Hint 1: In each position, collect the sizes that are not 1 in a set. A set that holds two
different numbers is an error; an empty one means that all were 1.
Hint 2: None may stand in that set beside one number: then the number wins. It may also stand
alone: then the result is None.
Hint 3: For `reshape`, multiply the known sizes of both sides. If a size of the input is None, a
-1 in `wanted` becomes None. Otherwise -1 becomes the quotient of the two products, if it divides.
"""

from collections.abc import Sequence

Dim = int | None
Shape = tuple[Dim, ...]


def broadcast(*shapes: Shape) -> Shape:
    """Return the shape in which arrays of these shapes meet elementwise."""
    raise NotImplementedError("TODO: line the shapes up on the right; look at each position")


def matmul(a: Shape, b: Shape) -> Shape:
    """Return the shape of the product: (..., n, k) times (..., k, m) is (..., n, m)."""
    raise NotImplementedError("TODO: inner sizes agree, outer sizes remain")


def reduce(shape: Shape, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Shape:
    """Return the shape of a sum over one axis, several, or (None) all of them.

    Axes may be negative: -1 is the last. With `keepdims` the named axes stay, with size 1.
    """
    raise NotImplementedError("TODO: the named axes go")


def reshape(shape: Shape, wanted: Sequence[int]) -> Shape:
    """Return the shape of the same elements arranged as `wanted`; one -1 is "whatever is left"."""
    raise NotImplementedError("TODO: as many elements as before")
