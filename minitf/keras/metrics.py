"""`keras.metrics`."""

from minitf import metrics as _home
from minitf.metrics import *  # noqa: F403

__all__ = list(_home.__all__)
