"""`keras.optimizers.schedules`."""

from minitf.optimizers import schedules as _home
from minitf.optimizers.schedules import *  # noqa: F403

__all__ = list(_home.__all__)
