"""`keras.losses`."""

from minitf import losses as _home
from minitf.losses import *  # noqa: F403

__all__ = list(_home.__all__)
