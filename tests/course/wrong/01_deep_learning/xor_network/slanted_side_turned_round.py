# message: the side of the origin

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
    return (x @ W + b > 0).astype(int)  # the bias is added to each of the n rows


def network(x: np.ndarray, layers: list[Layer]) -> np.ndarray:
    """Return the answers of the last layer, shape (n, its units)."""
    for W, b in layers:
        x = layer(x, W, b)  # what one layer answers is what the next one sees
    return x


def xor() -> list[Layer]:
    """Return a network that answers XOR at the four corners (0, 0), (0, 1), (1, 0), (1, 1).

    Returns
    -------
    list of two layers
        The first has two neurons, **OR and AND, in this order**; the second has one.
    """
    hidden = np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([-0.5, -1.5])  # OR, AND
    output = np.array([[1.0], [-1.0]]), np.array([-0.5])  # OR speaks for it, AND against it
    return [hidden, output]


def triangle() -> list[Layer]:
    """Return a network that answers 1 exactly inside the triangle (0, 0), (4, 0), (0, 4).

    Returns
    -------
    list of two layers
        The first has three neurons, one for each side; the second has one.
    """
    # the columns: x1 > 0, x2 > 0, and 4 - x1 - x2 > 0
    hidden = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]), np.array([0.0, 0.0, -4.0])
    output = np.ones((3, 1)), np.array([-2.5])  # fires only if all three do
    return [hidden, output]
