"""Adam, step by step.

Adam keeps two running means for every weight: `m`, of its gradients, says in which direction to
go; `v`, of their squares, says how large gradients usually are. A step goes along `m / sqrt(v)`:
about as far where gradients are small as where they are large.

With the gradient g and the rates of forgetting b1 and b2, step t = 1, 2, 3, ... is

    m <- b1 m + (1 - b1) g
    v <- b2 v + (1 - b2) g^2          (square each element)
    w <- w - rate M / (sqrt(V) + epsilon)    with  M = m / (1 - b1^t),  V = v / (1 - b2^t)

Both means start at zero, so that at first they are too small. M and V are corrected for it: in
step 1, M is exactly g.

Your functions work on NumPy arrays of any shape, and also on Tensors, because they use nothing but
`+ - * / **`. That is why `minitf.course.use("03/adam")` can switch them on in minitf itself, where
`keras.optimizers.Adam` then trains with them.

    >>> import numpy as np
    >>> w, m, v = np.array([1.0, 1.0]), np.zeros(2), np.zeros(2)
    >>> w, m, v = step(w, np.array([4.0, -0.01]), m, v, 1, rate=0.5)
    >>> np.round(w, 3)          # a large gradient and a small one: both move by the rate
    array([0.5, 1.5])

Approach: Write `moments` and `corrected` from the formulas, then let `step` call them: once for
each of the two means. The square root is `** 0.5`.

Difficulty: 2 of 5
Minutes: 20
Section: 03_building_blocks/optimizers.md#adam
Forbidden: minitf.optimizers
Hint 1: `moments` never looks at t, and `corrected` never looks at g.
Hint 2: The uncorrected `m` and `v` are what is kept for the next step. M and V are used once and
forgotten.
Hint 3: In `step`: get the new m and v from `moments`; then
`w - rate * corrected(m, beta_1, t) / (corrected(v, beta_2, t) ** 0.5 + epsilon)` is the new w.
"""

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
    return w - rate * direction / (size + epsilon), m, v
