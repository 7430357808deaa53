"""`tf.get_logger`: what TensorFlow's programs tell how much they want to hear."""

from __future__ import annotations

import logging


def get_logger() -> logging.Logger:
    """Return the logger that programs set the level of; minitf itself says nothing there.

    Returns
    -------
    logging.Logger

    Examples
    --------
    >>> import minitf as tf
    >>> tf.get_logger().setLevel("ERROR")
    >>> tf.get_logger().name
    'tensorflow'
    """
    return logging.getLogger("tensorflow")


def set_verbosity(v: int) -> None:
    """Set the level below which messages are left out, `tf.compat.v1.logging.ERROR` for example."""
    get_logger().setLevel(v)


def get_verbosity() -> int:
    """Return the level below which messages are left out."""
    return get_logger().getEffectiveLevel()
