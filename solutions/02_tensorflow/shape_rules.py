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
from math import prod

Dim = int | None
Shape = tuple[Dim, ...]


def broadcast(*shapes: Shape) -> Shape:
    """Return the shape in which arrays of these shapes meet elementwise."""
    rank = max(map(len, shapes))
    # Missing axes stand on the left, so that the right ends are lined up.
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    result = []
    for sizes in zip(*padded, strict=True):
        others = {size for size in sizes if size != 1}
        known = others - {None}
        if len(known) > 1:
            raise ValueError(f"shapes {shapes} do not meet: sizes {sorted(known)}")
        # A known size beats an unknown one: if both are to fit, the unknown one has to be it.
        result.append(known.pop() if known else None if others else 1)
    return tuple(result)


def matmul(a: Shape, b: Shape) -> Shape:
    """Return the shape of the product: (..., n, k) times (..., k, m) is (..., n, m)."""
    if len(a) < 2 or len(b) < 2:
        raise ValueError(f"a matrix product needs two axes or more: {a} @ {b}")
    (n, k), (j, m) = a[-2:], b[-2:]
    if k != j and None not in (k, j):
        raise ValueError(f"inner sizes differ: {a} @ {b}")
    return broadcast(a[:-2], b[:-2]) + (n, m)


def reduce(shape: Shape, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Shape:
    """Return the shape of a sum over one axis, several, or (None) all of them.

    Axes may be negative: -1 is the last. With `keepdims` the named axes stay, with size 1.
    """
    rank = len(shape)
    axes = range(rank) if axis is None else [axis] if isinstance(axis, int) else axis
    if any(not -rank <= a < rank for a in axes):
        raise ValueError(f"axis {axis} is out of range for shape {shape}")
    named = {a % rank for a in axes}  # -1 % 3 is 2: counted from the front
    if keepdims:
        return tuple(1 if i in named else size for i, size in enumerate(shape))
    return tuple(size for i, size in enumerate(shape) if i not in named)


def reshape(shape: Shape, wanted: Sequence[int]) -> Shape:
    """Return the shape of the same elements arranged as `wanted`; one -1 is "whatever is left"."""
    if list(wanted).count(-1) > 1:
        raise ValueError(f"{wanted} has more than one -1")
    rest = prod(size for size in wanted if size != -1)
    if None in shape:  # the number of elements is not known: nothing can be proved wrong
        return tuple(None if size == -1 else size for size in wanted)
    total = prod(shape)
    fits = (rest > 0 and total % rest == 0) if -1 in wanted else total == rest
    if not fits:
        raise ValueError(f"{total} elements of shape {shape} do not fit into {wanted}")
    return tuple(total // rest if size == -1 else size for size in wanted)
