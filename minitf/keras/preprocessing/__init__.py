"""`keras.preprocessing`: what tf.keras 2 had here for images, sequences and text."""

from minitf.keras.preprocessing import image, sequence, text
from minitf.keras.utils import (
    image_dataset_from_directory,
    text_dataset_from_directory,
    timeseries_dataset_from_array,
)

__all__ = [
    "image",
    "image_dataset_from_directory",
    "sequence",
    "text",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
]
