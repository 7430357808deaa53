"""`keras.callbacks`."""

from minitf import callbacks as _home
from minitf.callbacks import *  # noqa: F403

__all__ = list(_home.__all__)
