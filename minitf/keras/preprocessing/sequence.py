"""`keras.preprocessing.sequence`."""

from minitf.data import TimeseriesGenerator, make_sampling_table, pad_sequences, skipgrams

__all__ = ["TimeseriesGenerator", "make_sampling_table", "pad_sequences", "skipgrams"]
