"""`keras.datasets.cifar100`: colour photographs of a hundred kinds of things, 32 x 32."""

from minitf.data import load_cifar100 as load_data

__all__ = ["load_data"]
