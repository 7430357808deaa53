# message: A model trained with another loss

from typing import Any

import minitf as tf
from minitf import keras


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
    return tf.reduce_sum(tf.exp(z) - y_true * z, axis=-1)


def slope(y_true: Any, z: Any) -> Any:
    """Return the derivative of the loss with respect to z, by the formula, without a tape.

    Parameters
    ----------
    y_true, z : Tensor of shape (n, m)

    Returns
    -------
    Tensor of shape (n, m)
    """
    return tf.exp(z) - y_true  # what was said minus what is true


def regression(features: int, rate: float) -> Any:
    """Return a model that predicts z from features: one dense layer, compiled with `poisson`.

    Parameters
    ----------
    features : int
        The number of inputs.
    rate : float
        The learning rate of Adam.
    """
    model = keras.Sequential([keras.Input((features,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(rate), "mse")
    return model
