"""Optimizer: what all update rules share."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import signature
from typing import Any

from minitf.autodiff.tape import GradientTape
from minitf.dtypes import DType, int64
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.context import init_scope
from minitf.graph.convert import as_tensor
from minitf.graph.device import device
from minitf.graph.tensor import Tensor
from minitf.ops.filling import zeros
from minitf.ops.math import cast
from minitf.ops.state import Variable


class Optimizer:
    """Turns gradients into steps.

    A subclass says what it remembers of each Variable (`slots`) and how one Variable moves
    (`update`); the rest is the same for all.

    Parameters
    ----------
    learning_rate : float, Variable, Tensor, or function
        Length of the steps. A function (a schedule) is called with the number of steps taken, if it
        has a parameter for it. A Tensor is one of a graph.
    name : str, optional
        Prefix of the names of its Variables.

    Attributes
    ----------
    iterations : Variable
        Number of steps taken, int64.
    """

    slots: tuple[str, ...] = ()

    def __init__(self, learning_rate: Any = 0.01, name: str | None = None):
        self.name = name or type(self).__name__.lower()
        if isinstance(learning_rate, (int, float)) and not learning_rate >= 0:
            raise InvalidArgumentError(f"{self.name}: learning_rate >= 0, got {learning_rate}")
        with init_scope():
            self.iterations = Variable(
                0, trainable=False, dtype=int64, name=f"{self.name}/iteration"
            )
            self._rate: Any = learning_rate
            if not callable(learning_rate) and not isinstance(learning_rate, (Variable, Tensor)):
                self._rate = Variable(learning_rate, trainable=False, dtype="float32",
                                      name=f"{self.name}/learning_rate")  # fmt: skip
        self._slots: dict[Variable, dict[str, Variable]] = {}
        self._waiting: dict[str, Any] = {}

    # -- what users call ----------------------------------------------------------------------

    @property
    def learning_rate(self) -> Any:
        """The length of the next step: a Variable, or what the schedule gives."""
        if not self._is_schedule:
            return self._rate
        return self._rate(self.iterations) if signature(self._rate).parameters else self._rate()

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        if not isinstance(self._rate, Variable):
            raise InvalidArgumentError(f"{self.name}: the learning rate follows a schedule")
        self._rate.assign(float(value))

    lr = learning_rate

    @property
    def _is_schedule(self) -> bool:
        return callable(self._rate) and not isinstance(self._rate, Variable)

    @property
    def variables(self) -> list[Variable]:
        """Everything that the optimizer remembers."""
        rate = [self._rate] if isinstance(self._rate, Variable) else []
        slots = [v for held in self._slots.values() for v in held.values()]
        return [self.iterations, *rate, *slots]

    def named_state(self) -> dict[str, Variable]:
        """Return everything that the optimizer remembers, by name, for saving."""
        state = {"iteration": self.iterations}
        if isinstance(self._rate, Variable):
            state["learning_rate"] = self._rate
        for i, held in enumerate(self._slots.values()):
            state |= {f"slots/{i}/{slot}": variable for slot, variable in held.items()}
        return state

    def restore_later(self, values: dict[str, Any]) -> None:
        """Keep saved values for the Variables that `build` will create."""
        self._waiting = dict(values)

    def build(self, variables: Iterable[Variable]) -> None:
        """Create what is remembered of each Variable."""
        for variable in variables:
            if variable in self._slots:
                continue
            number = len(self._slots)
            with init_scope():
                held = {s: self._slot(variable, s) for s in self.slots}
                for slot, made in held.items():
                    saved = self._waiting.pop(f"slots/{number}/{slot}", None)
                    if saved is not None:
                        made.assign(saved)
            self._slots[variable] = held

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]],
                        name: str | None = None) -> Any:  # fmt: skip
        """Take one step.

        Parameters
        ----------
        grads_and_vars : iterable of (Tensor, Variable)
            Pairs whose gradient is None are left out.

        Returns
        -------
        Variable or Tensor
            The number of steps taken.

        Raises
        ------
        InvalidArgumentError
            Where no Variable has a gradient, or a pair is none.
        ShapeError
            Where a gradient has not the shape of its Variable.
        """
        pairs = [(g, v) for g, v in grads_and_vars if g is not None]
        if not pairs:
            raise InvalidArgumentError(f"{self.name}: no gradients for any Variable")
        pairs = [self._checked(g, v) for g, v in pairs]
        self.build(v for _, v in pairs)
        rate, taken = self.learning_rate, self.iterations + 1
        common: dict[DType, Any] = {}
        for gradient, variable in pairs:
            dtype = variable.dtype
            if dtype not in common:
                rate_here = cast(as_tensor(rate, hint=dtype), dtype)
                common[dtype] = self.prepare(rate_here, cast(taken, dtype))
            self.update(gradient, variable, self._slots[variable], common[dtype])
        return self.iterations.assign_add(1)

    def _checked(self, gradient: Any, variable: Any) -> tuple[Tensor, Variable]:
        if not isinstance(variable, Variable):
            raise InvalidArgumentError(
                f"{self.name}: expected pairs of a gradient and its Variable, got {variable!r}"
            )
        gradient = as_tensor(gradient, hint=variable.dtype)
        if not variable.shape.is_compatible_with(gradient.shape):
            raise ShapeError(f"{self.name}: {variable.name!r} has shape {variable.shape}, its "
                             f"gradient {gradient.shape}")  # fmt: skip
        return gradient, variable

    def minimize(self, loss: Any, var_list: Any, tape: GradientTape | None = None) -> Any:
        """Differentiate a loss (a function, or a Tensor with its tape) and take one step."""
        if callable(loss) and not isinstance(loss, Tensor):
            with GradientTape() as tape:
                loss = loss()
        variables = var_list() if callable(var_list) else var_list
        if tape is None:
            raise InvalidArgumentError(f"{self.name}: minimize needs a function, or a tape")
        return self.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    # -- what subclasses say ------------------------------------------------------------------

    def prepare(self, rate: Any, taken: Tensor) -> Any:
        """Return what the updates of one step have in common; the rate, unless overridden.

        Parameters
        ----------
        rate, taken : Tensor
            The learning rate, and the number of the step (from 1), in the Variables' dtype.
        """
        return rate

    def update(self, gradient: Tensor, variable: Variable, slots: dict[str, Variable],
               common: Any) -> None:  # fmt: skip
        """Move one Variable."""
        raise NotImplementedError(f"{type(self).__name__} does not say how a Variable moves")

    def _slot(self, variable: Variable, slot: str) -> Variable:
        name = f"{self.name}/{variable.name}_{slot}"
        with device(variable.place):
            return Variable(zeros(variable.shape, variable.dtype), trainable=False, name=name)
