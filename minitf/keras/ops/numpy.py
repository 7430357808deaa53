"""`keras.ops.numpy`: what NumPy has under the same names."""

from minitf.keras.ops import arrangement, creation, elementwise, products, reductions
from minitf.keras.ops.arrangement import *  # noqa: F403
from minitf.keras.ops.creation import *  # noqa: F403
from minitf.keras.ops.elementwise import *  # noqa: F403
from minitf.keras.ops.products import *  # noqa: F403
from minitf.keras.ops.reductions import *  # noqa: F403

_HOMES = (arrangement, creation, elementwise, products, reductions)
__all__ = [name for home in _HOMES for name in home.__all__]
