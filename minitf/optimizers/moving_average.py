"""`tf.train.ExponentialMovingAverage`: averages of Variables over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minitf.errors import DTypeError, InvalidArgumentError
from minitf.graph.context import init_scope
from minitf.graph.operation import Operation
from minitf.ops.grouping import group
from minitf.ops.math import cast
from minitf.ops.rounding import minimum
from minitf.ops.state import Variable


class ExponentialMovingAverage:
    """Averages of Variables in which later values count more.

    After each step ``average += (1 - decay) * (variable - average)``.

    Parameters
    ----------
    decay : float
        Close to 1: the larger, the longer a value is remembered.
    num_updates : int or Variable, optional
        The number of steps so far. In the first steps less is remembered then, the decay is
        ``min(decay, (1 + num_updates) / (10 + num_updates))``.
    zero_debias : bool
        Accepted as in TensorFlow; averages begin at the values of their Variables.
    name : str
        Behind the names of the averages.

    Examples
    --------
    >>> import minitf as tf
    >>> w = tf.Variable([0.0, 10.0])
    >>> ema = tf.train.ExponentialMovingAverage(decay=0.75)
    >>> ema.apply([w])
    >>> _ = w.assign([4.0, 10.0])
    >>> ema.apply([w])
    >>> ema.average(w).numpy().tolist()
    [1.0, 10.0]
    """

    def __init__(
        self,
        decay: float,
        num_updates: Any = None,
        zero_debias: bool = False,
        name: str = "ExponentialMovingAverage",
    ):
        self._decay, self._num_updates, self.name = decay, num_updates, name
        self._averages: dict[Variable, Variable] = {}

    def apply(self, var_list: Sequence[Variable] | None = None) -> Operation | None:
        """Update the averages; in the first call, make them.

        Parameters
        ----------
        var_list : sequence of Variable
            Of floating types.

        Returns
        -------
        Operation or None
            In a `tf.Graph`, the operation to run.
        """
        if var_list is None:
            raise InvalidArgumentError("ExponentialMovingAverage.apply: give the Variables")
        for variable in var_list:
            if variable not in self._averages:
                self._averages[variable] = self._made(variable)
        return group(*[self._updated(v) for v in var_list])

    def _made(self, variable: Any) -> Variable:
        if not isinstance(variable, Variable) or not variable.dtype.is_floating:
            raise DTypeError("ExponentialMovingAverage.apply: expected Variables of floating types,"
                             f" got {variable!r}")  # fmt: skip
        name = f"{variable.name.partition(':')[0]}/{self.name}"
        if variable.initializer is not None:  # both get their values when the graph is run
            return Variable(variable.initial_value, trainable=False, name=name)
        with init_scope():
            return Variable(variable, trainable=False, name=name)

    def _updated(self, variable: Variable) -> Any:
        average = self._averages[variable]
        decay: Any = self._decay
        if self._num_updates is not None:
            steps = cast(self._num_updates, variable.dtype)
            decay = minimum(decay, (1.0 + steps) / (10.0 + steps))
        return average.assign_sub((average - variable) * (1.0 - decay))

    def average(self, var: Variable) -> Variable | None:
        """Return the average of a Variable, a Variable itself; None if there is none."""
        return self._averages.get(var)

    def average_name(self, var: Variable) -> str:
        """Return the name of the average of a Variable."""
        own = self._averages.get(var)
        name = own.name if own is not None else f"{var.name.partition(':')[0]}/{self.name}"
        return name.partition(":")[0]

    def variables_to_restore(self, moving_avg_variables: Any = None) -> dict[str, Variable]:
        """Return the Variables by the names of their averages, to start from these."""
        chosen = self._averages if moving_avg_variables is None else moving_avg_variables
        return {self.average_name(v): v for v in chosen}
