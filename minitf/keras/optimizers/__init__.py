"""`keras.optimizers`."""

from minitf import optimizers as _home
from minitf.optimizers import *  # noqa: F403

__all__ = list(_home.__all__)
