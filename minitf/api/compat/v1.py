"""`tf.compat.v1`: TensorFlow 1's names, for programs of placeholders and Sessions."""

from types import SimpleNamespace

from minitf.autodiff.gradients import gradients, hessians
from minitf.graph.context import default_session as get_default_session
from minitf.graph.context import executing_eagerly, name_scope
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
from minitf.ops.source import placeholder
from minitf.ops.state import Variable
from minitf.optimizers.legacy import (
    AdamOptimizer,
    GradientDescentOptimizer,
    MomentumOptimizer,
)
from minitf.runtime.session import InteractiveSession, Session

train = SimpleNamespace(
    AdamOptimizer=AdamOptimizer,
    GradientDescentOptimizer=GradientDescentOptimizer,
    MomentumOptimizer=MomentumOptimizer,
)

__all__ = [
    "Graph",
    "InteractiveSession",
    "Session",
    "Variable",
    "disable_eager_execution",
    "enable_eager_execution",
    "executing_eagerly",
    "get_default_graph",
    "get_default_session",
    "global_variables",
    "global_variables_initializer",
    "gradients",
    "hessians",
    "name_scope",
    "placeholder",
    "reset_default_graph",
    "train",
    "trainable_variables",
    "variables_initializer",
]
