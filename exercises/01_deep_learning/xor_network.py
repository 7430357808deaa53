"""Networks by hand.

One neuron is a line, so it cannot answer XOR. Two layers can. Write the forward pass of a network
of step neurons, and then find weights with pencil and paper, for two problems.

A network is a list of layers, and a layer is a pair `(W, b)`: `W` of shape (inputs, units), one
column per neuron, and `b` of shape (units,). A neuron answers 1 if its sum is greater than 0.

    >>> import numpy as np
    >>> both = (np.array([[1.0], [1.0]]), np.array([-1.5]))  # one neuron: are both inputs 1?
    >>> layer(np.array([[0.0, 1.0], [1.0, 1.0]]), *both)
    array([[0],
           [1]])

Approach: Draw the plane. Each hidden neuron is a line with a side; write its inequality down, with
0 on the right, and read the weights off. The output neuron then counts answers: with weights 1 and
a bias between -k and -(k - 1) it fires if at least k of its inputs are 1.

Difficulty: 2 of 5
Minutes: 20
Section: 01_deep_learning/perceptron.md#one-more-layer
Hint 1: `x @ W + b` has shape (n, units). In `network`, the output of a layer is the input of the
next one.
Hint 2: OR of two inputs is `x1 + x2 - 0.5 > 0`, AND is `x1 + x2 - 1.5 > 0`. XOR is "OR, but not
AND": let AND speak *against* the answer, by a negative weight.
Hint 3: The inside of the triangle is where three things are true at once: `x1 > 0`, `x2 > 0` and
`4 - x1 - x2 > 0`. Each is a column of the first `W`, with its entry of `b`. The output neuron fires
if all three do, so its bias lies between -3 and -2.
"""

import numpy as np

Layer = tuple[np.ndarray, np.ndarray]


def layer(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the answers of a layer of step neurons.

    Parameters
    ----------
    x : array of shape (n, inputs)
    W : array of shape (inputs, units)
    b : array of shape (units,)

    Returns
    -------
    array of int, of shape (n, units)
        1 where a neuron's sum is greater than 0, else 0.
    """
    raise NotImplementedError("TODO: weigh, add the bias, compare with 0")


def network(x: np.ndarray, layers: list[Layer]) -> np.ndarray:
    """Return the answers of the last layer, shape (n, its units)."""
    raise NotImplementedError("TODO: one layer after the other")


def xor() -> list[Layer]:
    """Return a network that answers XOR at the four corners (0, 0), (0, 1), (1, 0), (1, 1).

    Returns
    -------
    list of two layers
        The first has two neurons, **OR and AND, in this order**; the second has one.
    """
    raise NotImplementedError("TODO: OR and AND, then: OR, but not AND")


def triangle() -> list[Layer]:
    """Return a network that answers 1 exactly inside the triangle (0, 0), (4, 0), (0, 4).

    Returns
    -------
    list of two layers
        The first has three neurons, one for each side; the second has one.
    """
    raise NotImplementedError("TODO: three sides, then: all of them")
