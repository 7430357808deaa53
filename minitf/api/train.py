"""`tf.train`: checkpoints, averages of Variables, and what TFRecord files hold."""

from minitf.data.example import BytesList, Example, Feature, Features, FloatList, Int64List
from minitf.models.checkpoint import Checkpoint, CheckpointManager, latest_checkpoint
from minitf.models.checkpoint_reader import (
    CheckpointReader,
    get_checkpoint_state,
    list_variables,
    load_checkpoint,
    load_variable,
)
from minitf.optimizers.moving_average import ExponentialMovingAverage

__all__ = [
    "BytesList",
    "Checkpoint",
    "CheckpointManager",
    "CheckpointReader",
    "Example",
    "ExponentialMovingAverage",
    "Feature",
    "Features",
    "FloatList",
    "Int64List",
    "get_checkpoint_state",
    "latest_checkpoint",
    "list_variables",
    "load_checkpoint",
    "load_variable",
]
