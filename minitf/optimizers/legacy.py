"""Older optimizers: those of TensorFlow 1, and the names that Keras 2 kept its own under.

In TensorFlow 1 `minimize` takes a tensor of a graph and returns an Operation. The names of
`keras.optimizers.legacy` are today's classes, which accept Keras 2's `lr` and `decay`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minitf.autodiff.gradients import gradients
from minitf.graph.graph import get_default_graph
from minitf.graph.tensor import Tensor
from minitf.ops.grouping import group
from minitf.ops.state import Variable
from minitf.optimizers.adagrad import Adadelta, Adagrad
from minitf.optimizers.adam import Adam
from minitf.optimizers.adamax import Adamax
from minitf.optimizers.ftrl import Ftrl
from minitf.optimizers.nadam import Nadam
from minitf.optimizers.optimizer import Optimizer
from minitf.optimizers.rmsprop import RMSprop
from minitf.optimizers.sgd import SGD


class GraphOptimizer:
    """Writes the training of a graph's Variables into the graph.

    Parameters
    ----------
    rule : Optimizer
        The update rule.
    """

    def __init__(self, rule: Optimizer):
        self.rule = rule

    def compute_gradients(self, loss: Tensor, var_list: Any = None) -> list[tuple[Any, Variable]]:
        """Return pairs of a gradient and its Variable, all trainable ones by default."""
        variables = var_list or [v for v in get_default_graph().variables if v.trainable]
        return list(zip(gradients(loss, variables), variables, strict=True))

    def apply_gradients(
        self,
        grads_and_vars: Iterable[tuple[Any, Variable]],
        global_step: Variable | None = None,
        name: str | None = None,
    ) -> Any:
        """Return an Operation that takes one step."""
        graph = get_default_graph()
        before = len(graph.operations)
        pairs = list(grads_and_vars)
        self.rule.build([v for g, v in pairs if g is not None])  # further ones, perhaps
        self.rule.apply_gradients([(g, v) for g, v in pairs if g is not None])
        steps: list[Any] = [n for n in graph.operations[before:] if n.definition.writes]
        if global_step is not None:
            steps.append(global_step.assign_add(1))
        return group(*steps, name=name or "train")

    def minimize(self, loss: Tensor, global_step: Variable | None = None, var_list: Any = None,
                 name: str | None = None) -> Any:  # fmt: skip
        """Return an Operation that takes one step down a loss."""
        return self.apply_gradients(self.compute_gradients(loss, var_list), global_step, name)


class GradientDescentOptimizer(GraphOptimizer):
    """Gradient descent, as `tf.compat.v1.train.GradientDescentOptimizer`.

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     w = tf.Variable(1.0)
    ...     train = tf.compat.v1.train.GradientDescentOptimizer(0.5).minimize(tf.square(w))
    ...     session.run(tf.compat.v1.global_variables_initializer())
    ...     session.run(train)
    ...     print(session.run(w))
    0.0
    """

    def __init__(self, learning_rate: float, use_locking: bool = False, name: str | None = None):
        super().__init__(SGD(learning_rate))


class MomentumOptimizer(GraphOptimizer):
    """Gradient descent with momentum, as `tf.compat.v1.train.MomentumOptimizer`.

    The velocity holds the learning rate here; with a constant rate the steps are the same.
    """

    def __init__(self, learning_rate: float, momentum: float, use_locking: bool = False,
                 name: str | None = None, use_nesterov: bool = False):  # fmt: skip
        super().__init__(SGD(learning_rate, momentum, use_nesterov))


class AdamOptimizer(GraphOptimizer):
    """Adam, as `tf.compat.v1.train.AdamOptimizer`."""

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        use_locking: bool = False,
        name: str | None = None,
    ):
        super().__init__(Adam(learning_rate, beta1, beta2, epsilon))


__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamOptimizer",
    "Adamax",
    "Ftrl",
    "GradientDescentOptimizer",
    "GraphOptimizer",
    "MomentumOptimizer",
    "Nadam",
    "Optimizer",
    "RMSprop",
]
