"""`keras.layers`."""

from minitf import layers as _home
from minitf.layers import *  # noqa: F403

__all__ = list(_home.__all__)
