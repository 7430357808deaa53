"""`tf.compat.v1`: TensorFlow 1's names, for programs of placeholders and Sessions.

Names that both versions of TensorFlow have (`tf.compat.v1.matmul`) are those of `tf`.
"""

import logging as levels
import sys
from types import SimpleNamespace
from typing import Any

from minitf.autodiff.gradients import gradients, hessians
from minitf.graph.context import executing_eagerly, get_default_session, name_scope
from minitf.graph.graph import (
    Graph,
    disable_eager_execution,
    enable_eager_execution,
    get_default_graph,
    reset_default_graph,
)
from minitf.ops.grouping import (
    global_variables,
    global_variables_initializer,
    trainable_variables,
    variables_initializer,
)
from minitf.ops.seeds import set_seed as set_random_seed
from minitf.ops.source import placeholder
from minitf.ops.state import Variable
from minitf.optimizers.legacy import (
    AdamOptimizer,
    GradientDescentOptimizer,
    MomentumOptimizer,
)
from minitf.runtime.logger import get_logger, get_verbosity, set_verbosity
from minitf.runtime.session import InteractiveSession, Session

logging = SimpleNamespace(
    DEBUG=levels.DEBUG,
    ERROR=levels.ERROR,
    FATAL=levels.FATAL,
    INFO=levels.INFO,
    WARN=levels.WARNING,
    debug=get_logger().debug,
    error=get_logger().error,
    get_verbosity=get_verbosity,
    info=get_logger().info,
    set_verbosity=set_verbosity,
    warn=get_logger().warning,
    warning=get_logger().warning,
)

train = SimpleNamespace(
    AdamOptimizer=AdamOptimizer,
    GradientDescentOptimizer=GradientDescentOptimizer,
    MomentumOptimizer=MomentumOptimizer,
)

disable_v2_behavior, enable_v2_behavior = disable_eager_execution, enable_eager_execution


def assign(ref: Variable, value: Any, name: str | None = None) -> Any:
    """Replace the value of a Variable, as ``ref.assign(value)``."""
    return ref.assign(value, name=name)


def assign_add(ref: Variable, value: Any, name: str | None = None) -> Any:
    """Add to the value of a Variable, as ``ref.assign_add(value)``."""
    return ref.assign_add(value, name=name)


def assign_sub(ref: Variable, value: Any, name: str | None = None) -> Any:
    """Subtract from the value of a Variable, as ``ref.assign_sub(value)``."""
    return ref.assign_sub(value, name=name)


def __getattr__(name: str) -> Any:
    return getattr(sys.modules["minitf"], name)


__all__ = [
    "Graph",
    "InteractiveSession",
    "Session",
    "Variable",
    "assign",
    "assign_add",
    "assign_sub",
    "disable_eager_execution",
    "disable_v2_behavior",
    "enable_eager_execution",
    "enable_v2_behavior",
    "executing_eagerly",
    "get_default_graph",
    "get_default_session",
    "global_variables",
    "global_variables_initializer",
    "gradients",
    "hessians",
    "logging",
    "name_scope",
    "placeholder",
    "reset_default_graph",
    "set_random_seed",
    "train",
    "trainable_variables",
    "variables_initializer",
]
