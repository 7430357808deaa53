"""`keras.datasets.tinyshakespeare`: a million characters of Shakespeare."""

from minitf.data import load_tinyshakespeare as load_data

__all__ = ["load_data"]
