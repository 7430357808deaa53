"""`keras.datasets.names`: first names."""

from minitf.data import load_names as load_data

__all__ = ["load_data"]
