"""`keras.datasets.fashion_mnist`: pieces of clothing, 28 x 28."""

from minitf.data import load_fashion_mnist as load_data

__all__ = ["load_data"]
