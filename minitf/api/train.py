"""`tf.train`: checkpoints."""

from minitf.models.checkpoint import Checkpoint, CheckpointManager, latest_checkpoint

__all__ = [
    "Checkpoint",
    "CheckpointManager",
    "latest_checkpoint",
]
