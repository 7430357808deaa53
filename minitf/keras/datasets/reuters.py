"""`keras.datasets.reuters`: newswires on 46 topics, as numbers of words."""

from minitf.data import load_reuters as load_data
from minitf.data import reuters_label_names as get_label_names
from minitf.data import reuters_word_index as get_word_index

__all__ = ["get_label_names", "get_word_index", "load_data"]
