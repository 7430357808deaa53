"""`tf.train`: checkpoints, and what TFRecord files hold."""

from minitf.data.example import BytesList, Example, Feature, Features, FloatList, Int64List
from minitf.models.checkpoint import Checkpoint, CheckpointManager, latest_checkpoint

__all__ = [
    "BytesList",
    "Checkpoint",
    "CheckpointManager",
    "Example",
    "Feature",
    "Features",
    "FloatList",
    "Int64List",
    "latest_checkpoint",
]
