"""`keras.datasets.wordsim353`: how similar people find two words."""

from minitf.data import load_wordsim353 as load_data

__all__ = ["load_data"]
