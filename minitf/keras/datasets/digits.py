"""`keras.datasets.digits`: handwritten digits, 8 x 8, without a download."""

from minitf.data import load_digits as load_data

__all__ = ["load_data"]
