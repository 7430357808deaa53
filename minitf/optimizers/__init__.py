"""Optimizers: rules that turn gradients into steps."""

from minitf.optimizers import schedules
from minitf.optimizers.adafactor import Adafactor
from minitf.optimizers.adagrad import Adadelta, Adagrad
from minitf.optimizers.adam import Adam, AdamW
from minitf.optimizers.adamax import Adamax
from minitf.optimizers.by_name import deserialize, get, serialize
from minitf.optimizers.ftrl import Ftrl
from minitf.optimizers.lamb import Lamb
from minitf.optimizers.lion import Lion
from minitf.optimizers.loss_scale import LossScaleOptimizer
from minitf.optimizers.muon import Muon
from minitf.optimizers.nadam import Nadam
from minitf.optimizers.optimizer import Optimizer
from minitf.optimizers.rmsprop import RMSprop
from minitf.optimizers.sgd import SGD

from minitf.optimizers import legacy  # isort: skip  (it offers the ones above under old names)

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "Muon",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "deserialize",
    "get",
    "legacy",
    "schedules",
    "serialize",
]
