"""`keras.ops`: the ops under NumPy's and Keras' names and rules.

Nothing is computed here: each function converts its inputs to types that meet (`promotion`) and
calls an op of `minitf.ops`, where to read on. So all of them work on numbers, inside of a
`tf.function`, and on the symbolic tensors of a model, and have gradients.
"""

from minitf.keras.ops import (
    arrangement,
    core,
    creation,
    elementwise,
    image,
    linalg,
    math,
    nn,
    numpy,
    products,
    reductions,
)
from minitf.keras.ops.arrangement import *  # noqa: F403
from minitf.keras.ops.core import *  # noqa: F403
from minitf.keras.ops.creation import *  # noqa: F403
from minitf.keras.ops.elementwise import *  # noqa: F403
from minitf.keras.ops.math import *  # noqa: F403
from minitf.keras.ops.nn import *  # noqa: F403
from minitf.keras.ops.products import *  # noqa: F403
from minitf.keras.ops.reductions import *  # noqa: F403

_HOMES = (arrangement, core, creation, elementwise, math, nn, products, reductions)
__all__ = ["image", "linalg", "nn", "numpy", *[name for home in _HOMES for name in home.__all__]]
