"""Metric: a number about many batches, computed from a state that each batch updates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from minitf.dtypes import as_dtype
from minitf.errors import InvalidArgumentError, UsageError
from minitf.graph.context import init_scope
from minitf.initializers import get as get_initializer
from minitf.naming import auto_name, snake_case
from minitf.ops.filling import zeros
from minitf.ops.math import cast
from minitf.ops.state import Variable
from minitf.settings import floatx
from minitf.weight import Variable as KerasVariable


class Metric:
    """A number about many batches, such as the accuracy in an epoch.

    A subclass creates its state with `add_weight`, adds a batch to it in `update_state`, and says
    in `result` what follows from it. Both are ordinary ops, so they may stand in a graph.

    Parameters
    ----------
    dtype : str, optional
        The type of the result; `keras.backend.floatx()` by default.
    name : str, optional
        Name for logs; made of the class's by default.

    Examples
    --------
    >>> from minitf import keras
    >>> class Largest(keras.metrics.Metric):
    ...     def __init__(self, name="largest", **kwargs):
    ...         super().__init__(name=name, **kwargs)
    ...         self.largest = self.add_weight(name="largest", initializer="zeros")
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         self.largest.assign(keras.ops.maximum(self.largest, keras.ops.max(y_pred)))
    ...     def result(self):
    ...         return self.largest
    >>> metric = Largest()
    >>> metric.update_state(None, [1.0, 5.0])
    >>> float(metric(None, [3.0]))
    5.0
    """

    def __init__(self, dtype: Any = None, name: str | None = None):
        self.name = name or auto_name(snake_case(type(self).__name__))
        self.dtype = as_dtype(getattr(dtype, "compute_dtype", dtype) or floatx()).name
        self._own: list[Variable] = []

    # -- what subclasses say ----------------------------------------------------------------------

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Add a batch to the state."""
        raise NotImplementedError(f"{type(self).__name__} does not say what a batch changes")

    def result(self) -> Any:
        """Return the number that follows from the state."""
        raise NotImplementedError(f"{type(self).__name__} does not say what its state means")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """Return the metric that a config describes."""
        return cls(**config)

    # -- its state --------------------------------------------------------------------------------

    def add_variable(
        self,
        shape: Any = (),
        initializer: Any = None,
        dtype: Any = None,
        aggregation: str | None = "sum",
        name: str | None = None,
    ) -> Variable:
        """Create a Variable of the state.

        Parameters
        ----------
        shape : sequence of int
            Its shape.
        initializer : str or Initializer
            Its first value; zeros by default.
        dtype : str, optional
            `keras.backend.floatx()` by default.
        aggregation : str
            Accepted for Keras' sake: how workers would combine theirs.
        name : str, optional
            Its name.
        """
        if not hasattr(self, "_own"):
            raise UsageError(
                f"{type(self).__name__}: call super().__init__() before anything is added"
            )
        first: Any = get_initializer(initializer or "zeros")
        with init_scope():  # a state outlives the graph in which it is first used
            value = first(tuple(shape), dtype=dtype or floatx())
            variable = KerasVariable(value, dtype=dtype, trainable=False, name=name)
        self._own.append(variable)
        return variable

    def add_weight(
        self, shape: Any = (), initializer: Any = None, dtype: Any = None, name: str | None = None,
        **kwargs: Any,
    ) -> Variable:  # fmt: skip
        """Create a Variable of the state; see `add_variable`. The first argument may be the name.

        Examples
        --------
        >>> from minitf import keras
        >>> keras.metrics.Metric().add_weight("count").shape
        ()
        """
        if isinstance(shape, str):
            shape, name = kwargs.pop("shape", ()), shape
        return self.add_variable(shape, initializer, dtype, name=name)

    @property
    def variables(self) -> list[Variable]:
        """The state: what `add_weight` made, then other Variables and those of other metrics."""
        return list({id(v): v for v in _variables_in(list(vars(self).values()))}.values())

    weights = non_trainable_variables = non_trainable_weights = variables
    trainable_variables: tuple[Variable, ...] = ()

    def reset_state(self) -> None:
        """Forget all batches."""
        if type(self).reset_states is not Metric.reset_states:
            self.reset_states()
        else:
            _assign(self.variables, self.stateless_reset_state())

    def reset_states(self) -> None:
        """Forget all batches: the name of `reset_state` in tf.keras 2, which may be overridden."""
        if type(self).reset_state is not Metric.reset_state:
            self.reset_state()
        else:
            _assign(self.variables, self.stateless_reset_state())

    # -- calling it -------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Add a batch, and return the result so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def stateless_update_state(self, metric_variables: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """Return the state that follows a given one after a batch; the metric's own stays."""
        with self._borrowed(metric_variables):
            self.update_state(*args, **kwargs)
            return [v.read_value() for v in self.variables]

    def stateless_result(self, metric_variables: Any) -> Any:
        """Return the result that follows from a given state; the metric's own stays."""
        with self._borrowed(metric_variables):
            return self.result()

    def stateless_reset_state(self) -> list[Any]:
        """Return the state before any batch."""
        return [zeros(v.shape, v.dtype) for v in self.variables]

    @contextmanager
    def _borrowed(self, values: Any) -> Iterator[None]:
        own = self.variables
        if len(values) != len(own):
            raise InvalidArgumentError(
                f"{self.name}: the state has {len(own)} values, got {len(values)}"
            )
        kept = [v.read_value() for v in own]
        _assign(own, values)
        try:
            yield
        finally:
            _assign(own, kept)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _variables_in(value: Any) -> list[Variable]:
    if isinstance(value, Variable):
        return [value]
    if isinstance(value, Metric):
        return value.variables
    if isinstance(value, (list, tuple)):
        return [v for item in value for v in _variables_in(item)]
    return []


def _assign(variables: list[Variable], values: Any) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(cast(value, variable.dtype))
