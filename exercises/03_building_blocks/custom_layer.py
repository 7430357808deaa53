"""A layer of your own: distances to learned points.

A dense unit asks on which side of a line a point lies. A *radial* unit asks how near the point is
to a place of its own, its centre c:

    y[i, j] = exp(-|x[i] - c[j]|^2 / (2 width^2))      x (n, k), centres (m, k), y (n, m)

It answers 1 at its centre, and nearly 0 far away. Write it as a layer of Keras, so that it can do
what all layers can: find out k by itself, train, and be saved.

    >>> import minitf as tf
    >>> layer = Radial(2, width=1.0)
    >>> layer.build((None, 3))
    >>> _ = layer.centres.assign([[0.0, 0.0, 0.0], [0.0, 3.0, 4.0]])
    >>> layer(tf.constant([[0.0, 3.0, 4.0]])).numpy().round(4)   # the distances: 5 and 0
    array([[0., 1.]], dtype=float32)

Approach: `__init__` only remembers the arguments. `build` creates one Variable, as soon as k is
known. `call` is one formula in ops of `tf`; no NumPy, because in a graph there are no numbers yet.
`get_config` says what `__init__` was told.

Difficulty: 3 of 5
Minutes: 25
Section: 03_building_blocks/inside.md#a-layer-of-your-own
Hint 1: `self.add_weight(shape=..., initializer="glorot_uniform", name="centres")` creates the
Variable; k is `input_shape[-1]`.
Hint 2: All differences at once: `inputs[:, None, :] - self.centres` has the shape (n, m, k).
Hint 3: `tf.reduce_sum(differences**2, axis=-1)` are the squared distances, (n, m). And the config
is `{**super().get_config(), "units": self.units, "width": self.width}`.
"""

from typing import Any

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
        raise NotImplementedError("TODO: create the Variable self.centres")

    def call(self, inputs: Any) -> Any:
        """Return y of shape (n, m) for inputs of shape (n, k)."""
        raise NotImplementedError("TODO: the formula, in ops of tf")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        raise NotImplementedError("TODO: all that __init__ takes")
