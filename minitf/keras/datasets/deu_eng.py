"""`keras.datasets.deu_eng`: short sentences in German and English."""

from minitf.data import load_deu_eng as load_data

__all__ = ["load_data"]
