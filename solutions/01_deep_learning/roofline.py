"""Arithmetic or memory: what limits it.

Predict from two numbers of a machine, operations per second (`peak`) and bytes per second
(`bandwidth`), what a computation costs at best, and by what it is limited.

Every number that goes in is read once, every number that comes out is written once, and each
takes `itemsize` bytes.

    >>> matmul_cost(2, 3, 4)  # (2, 3) @ (3, 4): 8 results, each of 3 products and 3 sums
    (48, 104)
    >>> elementwise_cost(1000, inputs=2)  # an addition
    (1000, 12000)
    >>> bound(1000, 12000, peak=1e12, bandwidth=1e11)
    'memory'
    >>> smallest_batch(4096, peak=19.5e12, bandwidth=2.039e12)  # an A100, 32 bits
    20

Approach: Count results, then operations per result; count the elements of each array, then bytes.
Arithmetic and transport overlap, so a computation takes as long as the slower of the two.

Difficulty: 2 of 5
Minutes: 25
Section: 01_deep_learning/hardware.md#the-roofline
Hint 1: An element of the product of (m, k) and (k, n) is the sum of k products: k multiplications
and k additions (the first one is added to zero). Three arrays move: (m, k), (k, n) and (m, n).
Hint 2: `flops / peak` is the time for the arithmetic alone, `moved / bandwidth` that for the
transport alone. The longer one is the time of the whole, and names the bound.
Hint 3: A layer's intensity grows with the batch, but not without limit: for a huge batch, the
inputs and outputs are what moves, and it comes near `width / itemsize`. If that is not above
`peak / bandwidth`, no batch is large enough: return None. Else try 1, 2, 3, ... with `matmul_cost`
and `bound`, or solve the inequality.
"""


def matmul_cost(m: int, k: int, n: int, itemsize: int = 4) -> tuple[int, int]:
    """Return the operations and the bytes moved of (m, k) @ (k, n)."""
    flops = 2 * m * k * n  # a multiplication and an addition for each of k terms of m n results
    return flops, itemsize * (m * k + k * n + m * n)


def elementwise_cost(n: int, inputs: int, itemsize: int = 4) -> tuple[int, int]:
    """Return the operations and the bytes moved of one operation on each of n elements.

    Parameters
    ----------
    n : int
        The number of results.
    inputs : int
        From how many arrays of n elements each is computed: 2 for an addition, 1 for a square root.
    itemsize : int
        Bytes per element.
    """
    return n, itemsize * n * (inputs + 1)  # the result moves, too


def seconds_at_best(flops: float, moved: float, peak: float, bandwidth: float) -> float:
    """Return the shortest time that a computation can take.

    Parameters
    ----------
    flops, moved : number
        Its operations, and the bytes that it moves.
    peak, bandwidth : float
        What the machine does in a second: operations, and bytes moved.
    """
    # both go on at the same time, so the longer one is the time of the whole
    return max(flops / peak, moved / bandwidth)


def bound(flops: float, moved: float, peak: float, bandwidth: float) -> str:
    """Return what limits a computation, "memory" or "compute"; at the ridge itself "compute"."""
    return "compute" if flops / peak >= moved / bandwidth else "memory"


def smallest_batch(width: int, peak: float, bandwidth: float, itemsize: int = 4) -> int | None:
    """Return the smallest batch for which a dense layer is bound by compute.

    The layer multiplies its input, shape (batch, width), by weights of shape (width, width).

    Returns
    -------
    int or None
        None if the layer is bound by memory for every batch.
    """
    if width / itemsize <= peak / bandwidth:  # where the intensity goes as the batch grows
        return None
    batch = 1
    while bound(*matmul_cost(batch, width, width, itemsize), peak, bandwidth) == "memory":
        batch += 1
    return batch
