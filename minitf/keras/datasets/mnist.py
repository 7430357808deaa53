"""`keras.datasets.mnist`: handwritten digits, 28 x 28."""

from minitf.data import load_mnist as load_data

__all__ = ["load_data"]
