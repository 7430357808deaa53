"""`keras.optimizers.legacy`: the optimizers under the names that tf.keras 2.11 gave them."""

from minitf.optimizers import legacy as _home
from minitf.optimizers.legacy import *  # noqa: F403

__all__ = list(_home.__all__)
