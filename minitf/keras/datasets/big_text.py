"""`keras.datasets.big_text`: six million characters of English prose."""

from minitf.data import load_big_text as load_data

__all__ = ["load_data"]
