"""A loss for counts.

How many letters come tomorrow? How many goals, how many calls in the next minute? Such counts 0, 1,
2, ... follow a Poisson distribution, if they come independently of each other, with an expected
number r per example:

    p(y) = exp(-r) * r^y / y!

A network that should predict r may give any number z; with r = exp(z) it is always positive. Derive
the loss from the probability, and train with it.

    >>> import minitf as tf
    >>> poisson(tf.constant([[0.0], [2.0]]), tf.constant([[0.0], [0.0]])).numpy()   # r = 1 twice
    array([1., 1.], dtype=float32)
    >>> poisson(tf.constant([[2.0]]), tf.math.log([[2.0]])).numpy().round(4)        # r = 2
    array([0.6137], dtype=float32)

Approach: Take -log p(y), put in r = exp(z), and drop the one term that does not contain z, log(y!).
Then differentiate what is left by z: it becomes very short. `regression` is a Dense layer with one
unit, compiled.

Difficulty: 3 of 5
Minutes: 25
Section: 03_building_blocks/losses.md#a-likelihood-of-your-own
Forbidden: minitf.losses, minitf.scoring, minitf.keras.losses, minitf.nn.log_poisson_loss
Hint 1: log p(y) = -r + y log r - log(y!), and log r is z itself.
Hint 2: So the loss of one count is exp(z) - y z. A loss of Keras returns one number for each
example: sum over the last axis.
Hint 3: The derivative is exp(z) - y: said minus true, as for every loss of the chapter. The model
is `keras.Sequential([keras.Input((features,)), keras.layers.Dense(1)])`; the last layer has no
activation, because the loss applies the exponential. Then
`model.compile(keras.optimizers.Adam(rate), poisson)`.
"""

from typing import Any


def poisson(y_true: Any, z: Any) -> Any:
    """Return the negative log-likelihood of each example, without the term log(y!).

    Parameters
    ----------
    y_true : Tensor of shape (n, m)
        Counts.
    z : Tensor of shape (n, m)
        Logarithms of the expected counts.

    Returns
    -------
    Tensor of shape (n,)
        Summed over the m counts of an example.
    """
    raise NotImplementedError("TODO: minus log p(y), as far as it depends on z")


def slope(y_true: Any, z: Any) -> Any:
    """Return the derivative of the loss with respect to z, by the formula, without a tape.

    Parameters
    ----------
    y_true, z : Tensor of shape (n, m)

    Returns
    -------
    Tensor of shape (n, m)
    """
    raise NotImplementedError("TODO: differentiate by hand")


def regression(features: int, rate: float) -> Any:
    """Return a model that predicts z from features: one dense layer, compiled with `poisson`.

    Parameters
    ----------
    features : int
        The number of inputs.
    rate : float
        The learning rate of Adam.
    """
    raise NotImplementedError("TODO: define it, and compile it with your loss")
