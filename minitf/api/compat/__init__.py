"""`tf.compat`: the names of other versions."""

from minitf.api.compat import v1

__all__ = ["v1"]
