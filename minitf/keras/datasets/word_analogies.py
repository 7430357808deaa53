"""`keras.datasets.word_analogies`: a is to b as c is to d."""

from minitf.data import load_word_analogies as load_data

__all__ = ["load_data"]
