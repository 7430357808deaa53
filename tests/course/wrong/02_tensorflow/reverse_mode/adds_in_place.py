# message: changes it in place

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray


class Entry(NamedTuple):
    """One operation that has run.

    Attributes
    ----------
    outputs, inputs : tuple of keys
        Keys can be used in dictionaries; do not compare them with ``==``.
    rule : callable
        Takes one gradient (or None) per output, and returns a tuple with one (or None) per input.
    """

    outputs: tuple[Hashable, ...]
    inputs: tuple[Hashable, ...]
    rule: Callable[..., Sequence[Any]]


def matmul_rule(a: Array, b: Array, dc: Array) -> tuple[Array, Array]:
    """Return the gradients of a and b for c = a @ b.

    Parameters
    ----------
    a, b, dc : array
        Of shapes (n, k), (k, m) and (n, m).

    Returns
    -------
    da, db : array
        Of shapes (n, k) and (k, m).
    """
    return dc @ b.T, a.T @ dc


def tanh_rule(y: Array, dy: Array) -> Array:
    """Return the gradient of x for y = tanh(x), from y: the derivative of tanh is 1 - tanh^2."""
    return dy * (1 - y**2)


def backward(
    tape: Sequence[Entry], seeds: Mapping[Hashable, Any], sources: Sequence[Hashable]
) -> list[Any]:
    """Return the gradient of each source, None where no gradient reaches it.

    Parameters
    ----------
    tape : sequence of Entry
        In the order in which the operations ran.
    seeds : mapping of key to gradient
        What arrives from outside: usually 1 for the loss. It must not be changed.
    sources : sequence of keys
        What the gradients are wanted for.
    """
    arrived = dict(seeds)
    # Backwards: when an entry's turn comes, all users of its outputs have passed on their part.
    for entry in reversed(tape):
        dys = [arrived.get(key) for key in entry.outputs]
        if all(dy is None for dy in dys):
            continue
        for key, gradient in zip(entry.inputs, entry.rule(*dys), strict=False):
            if gradient is not None:
                # A value that is used several times acts in several ways, and these add up.
                if key in arrived:
                    arrived[key] += gradient
                else:
                    arrived[key] = gradient
    return [arrived.get(source) for source in sources]
