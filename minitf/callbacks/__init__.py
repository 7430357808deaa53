"""Callbacks: what happens around training besides training, without a line in the loop.

They see a model from outside only, through its public names (`stop_training`, `optimizer`,
`get_weights`, `save`, ...), so any object that has these can be trained with them.
"""

from minitf.callbacks.averages import SwapEMAWeights
from minitf.callbacks.backup import BackupAndRestore
from minitf.callbacks.callback import Callback, LambdaCallback
from minitf.callbacks.callback_list import CallbackList
from minitf.callbacks.checkpoint import ModelCheckpoint
from minitf.callbacks.learning_rate import LearningRateScheduler, ReduceLROnPlateau
from minitf.callbacks.logs import CSVLogger, History, ProgbarLogger
from minitf.callbacks.monitor import EarlyStopping, MonitorCallback
from minitf.callbacks.tensorboard import TensorBoard
from minitf.callbacks.terminate import TerminateOnNaN

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "MonitorCallback",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
]
