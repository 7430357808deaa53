"""Optimizers: rules that turn gradients into steps."""

from minitf.optimizers.adam import Adam
from minitf.optimizers.optimizer import Optimizer
from minitf.optimizers.sgd import SGD

__all__ = ["SGD", "Adam", "Optimizer"]
