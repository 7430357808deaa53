# message: Inputs and outputs of the layer move, too


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
    ridge = peak / bandwidth
    return max(1, int(-(-ridge * itemsize // 2)))
