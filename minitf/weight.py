"""keras.Variable: the Variables of layers and metrics, with Keras 3's arguments."""

from __future__ import annotations

from typing import Any

from minitf import initializers
from minitf.graph.tensor import Tensor
from minitf.naming import auto_name
from minitf.ops import state
from minitf.settings import floatx


class Variable(state.Variable):
    """A Variable as Keras makes it: from an initializer and a shape; `value` is no method.

    Parameters
    ----------
    initializer : number, array, Tensor, str or initializer
        The first value, or what gives it for a shape.
    shape : sequence of int, optional
        Of what the initializer is to give.
    dtype : str, optional
        Element type; `keras.backend.floatx()` for an initializer.
    trainable : bool
        Whether tapes watch it and optimizers find it.
    autocast, aggregation, layout
        Accepted for Keras' sake.
    name : str, optional
        Name for errors, drawings and files; "variable", "variable_1", ... by default.
    constraint : callable, optional
        What optimizers apply to the value after each step.

    Examples
    --------
    >>> from minitf import keras
    >>> v = keras.Variable("ones", shape=(2,), name="v")
    >>> v.assign(v * 3.0).value.numpy().tolist()
    [3.0, 3.0]
    """

    def __init__(self, initializer: Any, shape: Any = None, dtype: Any = None,
                 trainable: bool = True, autocast: bool = True, aggregation: Any = None,
                 layout: Any = None, name: str | None = None,
                 constraint: Any = None):  # fmt: skip
        first = initializer
        if isinstance(initializer, str) or callable(initializer):
            values: Any = initializers.get(initializer)
            first = values(tuple(shape or ()), dtype=dtype or floatx())
        super().__init__(first, trainable, name=name or auto_name("variable"), dtype=dtype,
                         constraint=constraint)  # fmt: skip

    @property
    def value(self) -> Tensor:  # type: ignore[override]
        """The value as a Tensor; in a graph, of the Operation that reads it."""
        return self.read_value()

    def __reduce__(self) -> Any:
        kept = {key: vars(self)[key] for key in ("path", "regularizer", "constraint",
                                                "trainable")}  # fmt: skip
        return _copied, (self.numpy(), self.watchable, self.name), kept


def _copied(value: Any, trainable: bool, name: str) -> Variable:
    return Variable(value, trainable=trainable, name=name)
