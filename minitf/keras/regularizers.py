"""`keras.regularizers`."""

from minitf import regularizers as _home
from minitf.regularizers import *  # noqa: F403

__all__ = list(_home.__all__)
