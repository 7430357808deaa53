"""`keras.datasets.iris`: measures of 150 flowers of three species."""

from minitf.data import load_iris as load_data

__all__ = ["load_data"]
