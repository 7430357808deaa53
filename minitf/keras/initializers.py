"""`keras.initializers`."""

from minitf import initializers as _home
from minitf.initializers import *  # noqa: F403

__all__ = list(_home.__all__)
