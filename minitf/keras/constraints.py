"""`keras.constraints`."""

from minitf import constraints as _home
from minitf.constraints import *  # noqa: F403

__all__ = list(_home.__all__)
