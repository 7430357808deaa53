"""Rows of a table, looked up by number."""

from __future__ import annotations

from typing import Any

from minitf.graph.convert import as_tensor
from minitf.graph.op import Tensor
from minitf.ops.composed import composed
from minitf.ops.gather import gather
from minitf.ops.powers import sqrt, square
from minitf.ops.reduction import reduce_sum
from minitf.ops.rounding import maximum


@composed
def embedding_lookup(
    params: Any, ids: Any, max_norm: float | None = None, name: str | None = None
) -> Tensor:
    """Look up rows of a table.

    Parameters
    ----------
    params : Tensor
        The table, of shape (n, ...).
    ids : Tensor
        Of integer type: numbers of rows, in [0, n).
    max_norm : float, optional
        Longer rows are shortened to this length.

    Returns
    -------
    Tensor
        Shape ``ids.shape + params.shape[1:]``.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.embedding_lookup([[1.0, 2.0], [3.0, 4.0]], [1, 0, 1]).numpy().tolist()
    [[3.0, 4.0], [1.0, 2.0], [3.0, 4.0]]
    """
    ids = as_tensor(ids)
    if max_norm is None:
        return gather(params, ids, name=name)
    rows = gather(params, ids)
    axes = list(range(len(ids.shape), len(rows.shape)))
    squares = reduce_sum(square(rows), axes, keepdims=True)
    # The larger of the two lengths, squared, is never 0, where sqrt has no derivative.
    return rows * (max_norm / sqrt(maximum(squares, max_norm * max_norm)))
