"""`keras.datasets.cifar10`: colour photographs of ten kinds of things, 32 x 32."""

from minitf.data import load_cifar10 as load_data

__all__ = ["load_data"]
