"""Preprocessing: from raw data to what a model computes with.

These layers have nothing that training changes. Some learn once from the data before
(`layer.adapt(data)`), some change images at random while a model trains. They work inside a model
as well as in `tf.data.Dataset.map`.
"""

from minitf.layers.preprocessing.augmentation import (
    RandomBrightness,
    RandomContrast,
    RandomCrop,
    RandomFlip,
)
from minitf.layers.preprocessing.categories import (
    CategoryEncoding,
    Discretization,
    HashedCrossing,
    Hashing,
)
from minitf.layers.preprocessing.lookup import IntegerLookup, StringLookup
from minitf.layers.preprocessing.normalization import Normalization, Rescaling
from minitf.layers.preprocessing.sizes import CenterCrop, Resizing
from minitf.layers.preprocessing.text import TextVectorization
from minitf.layers.preprocessing.warping import RandomRotation, RandomTranslation, RandomZoom

__all__ = [
    "CategoryEncoding",
    "CenterCrop",
    "Discretization",
    "HashedCrossing",
    "Hashing",
    "IntegerLookup",
    "Normalization",
    "RandomBrightness",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "Rescaling",
    "Resizing",
    "StringLookup",
    "TextVectorization",
]
