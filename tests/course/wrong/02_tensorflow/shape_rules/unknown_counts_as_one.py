# message: A 1 is stretched to whatever the other side is

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
        result.append(known.pop() if known else 1)
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
