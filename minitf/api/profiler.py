"""`tf.profiler`: who ran what, when."""

from minitf.runtime.timeline import Event, Trace

__all__ = [
    "Event",
    "Trace",
]
