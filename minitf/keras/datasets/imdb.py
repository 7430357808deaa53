"""`keras.datasets.imdb`: film reviews, as numbers of words."""

from minitf.data import imdb_word_index as get_word_index
from minitf.data import load_imdb as load_data

__all__ = ["get_word_index", "load_data"]
