"""`keras.datasets.sentence_polarity`: sentences of film reviews, praise and blame."""

from minitf.data import load_sentence_polarity as load_data

__all__ = ["load_data"]
