"""Reverse mode.

The walk that trains every network. A tape is a list of entries, one for each operation that has
run, in the order in which they ran. Values are known by keys; here they are strings, in minitf
they are Tensors.

    >>> import numpy as np
    >>> double = Entry(("y",), ("x",), lambda dy: (2 * dy,))                     # y = 2 x
    >>> product = Entry(("z",), ("x", "y"), lambda dz: (dz * 6.0, dz * 3.0))     # z = x y, at x = 3
    >>> backward([double, product], {"z": 1.0}, ["x"])                           # z = 2 x^2
    [12.0]

The rule of an entry takes the gradient of each output and returns the gradient of each input.
What passes through it may be None, in both directions:

- An output that nothing has arrived for is passed to the rule as None. If nothing has arrived for
  any output, the rule is not called at all.
- A rule returns None for an input that has no derivative (the indices of a look-up, say).

A source that no gradient reaches has the gradient None. A source may also stand in the middle of
the tape, and even be one of the targets.

`minitf.course.use("02/reverse_mode")` makes your walk that of `GradientTape` and `tf.gradients`.

Approach: Two rules first, as a warm-up: write down the shapes, and let them guide you. Then the
walk: a dictionary of what has arrived, a loop over the tape backwards.

Difficulty: 3 of 5
Minutes: 30
Section: 02_tensorflow/derivatives.md#in-30-lines
Forbidden: minitf
Hint 1: For c = a b, with shapes (n, k) and (k, m), what arrives has the shape (n, m). Only one
product of it with b (transposed) has the shape of a.
Hint 2: Why backwards? When the walk comes to an entry, everything that uses its outputs has to be
finished. And what arrives at a key that something has arrived at before is *added*.
Hint 3: `arrived = dict(seeds)`; for each entry of `reversed(tape)`: get what has arrived for each
output with `arrived.get`; if any is not None, call the rule and add up its results. At the end,
look up the sources.
"""

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
                arrived[key] = gradient if key not in arrived else arrived[key] + gradient
    return [arrived.get(source) for source in sources]
