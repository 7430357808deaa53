"""`keras.activations`."""

from minitf import activations as _home
from minitf.activations import *  # noqa: F403

__all__ = list(_home.__all__)
