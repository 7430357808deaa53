"""LossScaleOptimizer: keeps the small gradients of float16 from vanishing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.initializers import Constant
from minitf.ops.array import stack
from minitf.ops.cond import cond
from minitf.ops.logic import equal, is_finite
from minitf.ops.math import cast
from minitf.ops.reduction import reduce_all
from minitf.ops.state import Variable
from minitf.ops.where import where
from minitf.optimizers.optimizer import Optimizer
from minitf.serialization import deserialize_keras_object, serialize_keras_object


class LossScaleOptimizer(Optimizer):
    """Lets another optimizer take the steps, with gradients of a loss that was multiplied.

    A gradient below 6e-8 is 0 in float16. So the loss is multiplied by a large scale, and the
    gradients divided by it. Where the scale was too large some are infinite: then no step is taken,
    and the scale is halved. After many good steps in a row it is doubled.

    Parameters
    ----------
    inner_optimizer : Optimizer
        Takes the steps.
    initial_scale : float
        The first scale.
    dynamic_growth_steps : int
        After so many good steps the scale is doubled.
    name : str, optional
        The class's name by default.

    References
    ----------
    Micikevicius et al., "Mixed precision training", 2018, section 3.2.

    Examples
    --------
    >>> import minitf as tf
    >>> w = tf.Variable(1.0)
    >>> optimizer = tf.optimizers.LossScaleOptimizer(tf.optimizers.SGD(0.5), initial_scale=8.0)
    >>> for gradient in (8.0, float("inf")):
    ...     _ = optimizer.apply_gradients([(tf.constant(gradient), w)])
    ...     print(float(w), float(optimizer.dynamic_scale))
    0.5 8.0
    0.5 4.0
    """

    def __init__(self, inner_optimizer: Optimizer, initial_scale: float = 2.0**15,
                 dynamic_growth_steps: int = 2000, name: str | None = None):  # fmt: skip
        super().__init__(0.0, name=name)
        self.inner_optimizer = inner_optimizer
        self.inner_optimizer.loss_scale_factor = None  # or gradients would be divided twice
        self.initial_scale = initial_scale
        self.dynamic_growth_steps = dynamic_growth_steps
        self.step_counter = self.add_variable((), dtype="int64", name="step_counter")
        first = Constant(initial_scale)  # here already: a step is traced before `build` is called
        self.dynamic_scale = self.add_variable((), first, name="dynamic_scale")

    def build(self, variables: Iterable[Variable]) -> None:
        """Create what the inner optimizer remembers."""
        variables = list(variables)
        self.inner_optimizer.build(variables)
        super().build(variables)

    @property
    def variables(self) -> list[Variable]:
        """Everything that both optimizers remember."""
        return [*super().variables, *self.inner_optimizer.variables]

    def named_state(self) -> dict[str, Variable]:
        """Return everything that both optimizers remember, by name, for checkpoints."""
        inner = self.inner_optimizer.named_state()
        return {**super().named_state(), **{f"inner/{k}": v for k, v in inner.items()}}

    def apply(self, grads: Any, trainable_variables: Any = None) -> Any:
        """Take one step, if all gradients are finite."""
        grads, variables = list(grads), list(trainable_variables or self._slots)
        self._know(variables)
        scale = self.dynamic_scale.read_value()

        def step() -> Tensor:
            unscaled = [None if g is None else g / cast(scale, v.dtype)
                        for g, v in zip(grads, variables)]  # fmt: skip
            self.inner_optimizer.apply(unscaled, variables)
            is_time = equal(self.step_counter + 1, self.dynamic_growth_steps)
            self._go_on(where(is_time, 2 * scale, scale), where(is_time, 0, self.step_counter + 1))
            return scale

        def back_off() -> Tensor:
            self._go_on(scale / 2, as_tensor(0))
            return scale

        finite = [reduce_all(is_finite(g)) for g in grads if g is not None]
        cond(reduce_all(stack(finite)), step, back_off)
        return self.inner_optimizer.iterations

    def _go_on(self, scale: Any, good_steps: Any) -> None:
        self.dynamic_scale.assign(scale)
        self.step_counter.assign(cast(good_steps, "int64"))

    @property
    def learning_rate(self) -> Any:
        """The length of the inner optimizer's next step."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    lr = learning_rate

    @property
    def iterations(self) -> Any:
        """Number of steps that the inner optimizer has taken."""
        return self.inner_optimizer.iterations

    def scale_loss(self, loss: Any) -> Any:
        """Return the loss to be differentiated."""
        return loss * cast(self.dynamic_scale, loss.dtype)

    def finalize_variable_values(self, var_list: Any = None) -> None:
        """Set Variables to their averages, if the inner optimizer keeps them."""
        self.inner_optimizer.finalize_variable_values(var_list)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {"name": self.name, "inner_optimizer": serialize_keras_object(self.inner_optimizer),
                "initial_scale": self.initial_scale,
                "dynamic_growth_steps": self.dynamic_growth_steps}  # fmt: skip

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> LossScaleOptimizer:
        """Return the optimizer that a config describes."""
        config = dict(config)
        inner = deserialize_keras_object(config.pop("inner_optimizer"), custom_objects)
        return cls(inner, **config)
