"""Optimizer: what all update rules share."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from inspect import signature
from typing import Any

from minitf.autodiff.tape import GradientTape
from minitf.dtypes import DType, int64
from minitf.errors import (
    FailedPreconditionError,
    InvalidArgumentError,
    ShapeError,
    UsageError,
    warn,
)
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops.cond import cond
from minitf.ops.logic import equal
from minitf.ops.math import cast
from minitf.ops.norms import clip_by_global_norm, clip_by_norm
from minitf.ops.rounding import clip_by_value
from minitf.ops.source import zeros_like
from minitf.ops.state import Variable
from minitf.optimizers.memory import Memory, Slots
from minitf.optimizers.schedules import LearningRateSchedule
from minitf.serialization import deserialize_keras_object, serialize_keras_object

Pairs = list[tuple[Tensor, Variable]]


class Optimizer(Memory):
    """Turns gradients into steps.

    A subclass says what it remembers of each Variable (`slots`) and how one Variable moves
    (`update`); the rest is the same for all. A program may also write its own as for Keras, with
    `build` and `update_step`.

    In each step gradients are unscaled, summed up over several calls, and clipped; weights decay;
    the Variables move; their averages follow; and their constraints hold again. All but the moving
    is left out where it is not asked for.

    Parameters
    ----------
    learning_rate : float, Variable, Tensor, or function
        Length of the steps. A function (a schedule) is called with the number of steps taken, if it
        has a parameter for it. A Tensor is one of a graph.
    weight_decay : float, optional
        In each step a weight w loses ``learning_rate * weight_decay * w``.
    clipnorm, global_clipnorm, clipvalue : float, optional
        One of: the largest norm of each gradient, of all together, the largest element.
    use_ema : bool
        Keep an average of each Variable, ``a <- ema_momentum a + (1 - ema_momentum) w``.
    ema_momentum : float
        How slowly the average forgets.
    ema_overwrite_frequency : int, optional
        Every so many steps the Variables become their averages; always at the end of `Model.fit`.
    loss_scale_factor : float, optional
        What the loss was multiplied by, to keep small gradients from vanishing in float16.
    gradient_accumulation_steps : int, optional
        Step only every so many calls, with the average of their gradients.
    name : str, optional
        The class's name by default.
    lr, decay : float, optional
        Keras 2's `learning_rate`, and ``learning_rate / (1 + decay * iterations)``.
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **old: Any,
    ):
        super().__init__(name)
        learning_rate = old.pop("lr", learning_rate)
        self.decay = old.pop("decay", None) or 0.0
        if old:
            raise self._unknown_argument(next(iter(old)))
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue = clipnorm, clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema, self.ema_momentum = use_ema, ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self._check_settings()
        self._undecayed: Callable[[Variable], bool] = lambda variable: False
        self._iterations = self._remember("iteration", lambda: as_tensor(0, int64), "iteration")
        self._rate: Any = None
        self._set_rate(learning_rate)

    def _unknown_argument(self, argument: str) -> UsageError:
        known = {*signature(Optimizer).parameters, *signature(type(self)).parameters}
        close = difflib.get_close_matches(argument, known, 1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        return UsageError(f"{type(self).__name__}: unknown argument {argument!r}{hint}")

    def _check_settings(self) -> None:
        clips = {"clipnorm": self.clipnorm, "clipvalue": self.clipvalue,
                 "global_clipnorm": self.global_clipnorm}  # fmt: skip
        if sum(limit is not None for limit in clips.values()) > 1:
            raise InvalidArgumentError(f"{self.name}: at most one way of clipping, got {clips}")
        self._require("ema_momentum in [0, 1]", 0 <= self.ema_momentum <= 1, self.ema_momentum)
        every = self.ema_overwrite_frequency
        self._require("ema_overwrite_frequency >= 1", every is None or every >= 1, every)
        calls = self.gradient_accumulation_steps
        self._require("gradient_accumulation_steps >= 2", not calls or calls >= 2, calls)

    def _require(self, what: str, holds: bool, got: Any) -> None:
        if not holds:
            raise InvalidArgumentError(f"{self.name}: {what}, got {got}")

    # -- the learning rate --------------------------------------------------------------------

    def _set_rate(self, rate: Any) -> None:
        """Follow a schedule, a Variable or Tensor of the program, or a number kept here."""
        if isinstance(rate, Variable):
            self._state["learning_rate"] = rate
        elif not callable(rate) and not isinstance(rate, Tensor):
            self._require("learning_rate >= 0", float(rate) >= 0, rate)
            rate = self._remember("learning_rate", lambda: as_tensor(float(rate)), "learning_rate")
        self._rate = rate

    @property
    def learning_rate(self) -> Any:
        """The length of the next step: a Variable, or what the schedule gives."""
        if isinstance(self._rate, (Variable, Tensor)):
            return self._rate
        takes_step = (
            isinstance(self._rate, LearningRateSchedule) or signature(self._rate).parameters
        )
        return self._rate(self._iterations) if takes_step else self._rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if callable(value) and not isinstance(value, Variable):
            self._state.pop("learning_rate", None)
            self._rate = value
        elif isinstance(self._rate, Variable):
            self._rate.assign(cast(value, self._rate.dtype))
        else:
            raise UsageError(f"{self.name}: the learning rate follows a schedule")

    lr = learning_rate

    def _step_length(self) -> Any:
        rate = self.learning_rate
        return rate / (1.0 + self.decay * cast(self._iterations, "float32")) if self.decay else rate

    @property
    def iterations(self) -> Any:
        """Number of steps taken: the Variable that counts them, int64."""
        calls = self.gradient_accumulation_steps
        return self._iterations // calls if calls else self._iterations

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        rate = self._rate
        if isinstance(rate, Variable):
            rate = float(rate.numpy())
        config = {
            "name": self.name,
            "learning_rate": serialize_keras_object(rate),
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }
        return {**config, "decay": self.decay} if self.decay else config

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Optimizer:
        """Return the optimizer that a config describes, with nothing remembered."""
        config = dict(config)
        if isinstance(config.get("learning_rate"), Mapping):
            rate = deserialize_keras_object(config["learning_rate"], custom_objects)
            config["learning_rate"] = rate
        return cls(**config)

    def slot_groups(self) -> tuple[tuple[str, ...], ...]:
        """Return the names of all slots, in the order of files."""
        average = ("average",) * self.use_ema
        sums = ("gradient_accumulator",) * bool(self.gradient_accumulation_steps)
        return (average, sums, *self.slots)

    # -- one step -----------------------------------------------------------------------------

    def minimize(self, loss: Any, var_list: Any, tape: GradientTape | None = None) -> Any:
        """Differentiate a loss (a function, or a Tensor with its tape) and take one step."""
        if callable(loss) and not isinstance(loss, Tensor):
            with GradientTape() as tape:
                loss = loss()
        variables = var_list() if callable(var_list) else var_list
        if tape is None:
            raise InvalidArgumentError(f"{self.name}: minimize needs a function, or a tape")
        return self.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    def apply_gradients(
        self, grads_and_vars: Iterable[tuple[Any, Variable]], name: str | None = None
    ) -> Any:
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
        pairs = list(grads_and_vars)
        if not pairs:
            raise InvalidArgumentError(f"{self.name}: no gradients for any Variable")
        return self.apply([g for g, _ in pairs], [v for _, v in pairs])

    def apply(self, grads: Any, trainable_variables: Any = None) -> Any:
        """Take one step; see `apply_gradients`. By default for the Variables given to `build`."""
        grads = list(grads)
        if trainable_variables is None and not self.built:
            raise FailedPreconditionError(f"{self.name}: call build(variables) first, or pass them")
        variables = list(self._slots if trainable_variables is None else trainable_variables)
        if len(grads) != len(variables):
            raise InvalidArgumentError(
                f"{self.name}: {len(grads)} gradients for {len(variables)} Variables"
            )
        if not variables:
            return self._iterations
        pairs = self._with_gradient(grads, variables)
        self._know(variables)
        return self._step(pairs)

    def _with_gradient(self, grads: list[Any], variables: list[Any]) -> Pairs:
        """Return the pairs that have a gradient, checked; name those that have none."""
        pairs = [self._checked(g, v) for g, v in zip(grads, variables)]
        missing = [v.name for (g, v) in pairs if g is None]
        if len(missing) == len(pairs):
            raise InvalidArgumentError(
                f"{self.name}: no gradients for any Variable: the loss depends on none of {missing}"
            )
        if missing:
            warn(f"{self.name}: the loss does not depend on {missing}: no gradients, so "
                          "they stay as they are")  # fmt: skip
        return [(g, v) for g, v in pairs if g is not None]

    def _checked(self, gradient: Any, variable: Any) -> tuple[Any, Variable]:
        if not isinstance(variable, Variable):
            raise InvalidArgumentError(
                f"{self.name}: expected pairs of a gradient and its Variable, got {variable!r}"
            )
        if gradient is None:
            return None, variable
        gradient = as_tensor(gradient, hint=variable.dtype)
        if not variable.shape.is_compatible_with(gradient.shape):
            raise ShapeError(f"{self.name}: {variable.name!r} has shape {variable.shape}, its "
                             f"gradient {gradient.shape}")  # fmt: skip
        return gradient, variable

    def _know(self, variables: list[Variable]) -> None:
        """Build for these Variables; as in TensorFlow 2, one optimizer may move several models."""
        if not self.built:
            self.build(variables)
            self.built = True
        unknown = [v for v in variables if v not in self._slots]
        if not unknown:
            return
        if type(self).update_step is not Optimizer.update_step:  # its `build` is made for one call
            raise InvalidArgumentError(
                f"{self.name}: it moves the {len(self._slots)} Variables of its first step, and "
                f"{[v.name for v in unknown]} are not among them: use an optimizer for each model, "
                "or call build(variables) first, with all of them"
            )
        self.build(unknown)

    def _step(self, pairs: Pairs) -> Any:
        if self.loss_scale_factor is not None:
            pairs = [(g / self.loss_scale_factor, w) for g, w in pairs]
        if self.gradient_accumulation_steps:
            self._accumulate(pairs, self.gradient_accumulation_steps)
        else:
            self._move(pairs)
        if self.use_ema:
            self._average()
        for _, w in pairs:
            if w.constraint is not None:
                w.assign(w.constraint(w))
        return self._iterations.assign_add(1)

    def _accumulate(self, pairs: Pairs, n: int) -> None:
        """Add the gradients to their sums; every n-th time, move by the average instead."""
        sums = [self._slots[w]["gradient_accumulator"] for _, w in pairs]

        def add() -> None:
            for (g, _), s in zip(pairs, sums):
                s.assign_add(g)

        def move() -> None:
            self._move([((g + s) / n, w) for (g, w), s in zip(pairs, sums)])
            for s in sums:
                s.assign(zeros_like(s))

        _choose(equal((self._iterations + 1) % n, 0), move, add)

    def _move(self, pairs: Pairs) -> None:
        rate = self._step_length()
        gradients = self._clipped([g for g, _ in pairs])
        for _, w in pairs:
            decay = self._decay_of(w)
            if decay:
                w.assign_sub(w * (decay * cast(as_tensor(rate, hint=w.dtype), w.dtype)))
        self.take_step([(g, w) for g, (_, w) in zip(gradients, pairs)], rate)

    def _clipped(self, gradients: list[Any]) -> list[Any]:
        if self.clipnorm:
            return [clip_by_norm(g, self.clipnorm) for g in gradients]
        if self.global_clipnorm:
            return clip_by_global_norm(gradients, self.global_clipnorm)[0]
        if self.clipvalue:
            return [clip_by_value(g, -self.clipvalue, self.clipvalue) for g in gradients]
        return gradients

    # -- weight decay and averages ------------------------------------------------------------

    def exclude_from_weight_decay(self, var_list: Any = None, var_names: Any = None) -> None:
        """Let some Variables keep their size: those of a list, and whose names hold a given word.

        Parameters
        ----------
        var_list : list of Variable, optional
        var_names : list of str, optional
            Regular expressions, such as ``["bias", "gamma"]``.
        """
        kept = set(var_list or [])
        words = re.compile("|".join(var_names)) if var_names else None
        self._undecayed = lambda v: v in kept or bool(words and words.search(v.name))

    def weight_decay_of(self, variable: Variable) -> float | None:
        """Return the weight decay of one Variable; a subclass may choose."""
        return self.weight_decay

    def _decay_of(self, variable: Variable) -> float | None:
        return None if self._undecayed(variable) else self.weight_decay_of(variable)

    def _average(self) -> None:
        """Let the averages follow the Variables; in the first step they are set to them."""
        for w, slots in self._slots.items():
            mu = self.ema_momentum * cast(self.iterations > 0, w.dtype)
            slots["average"].assign(mu * slots["average"] + (1 - mu) * w)
        every = self.ema_overwrite_frequency
        if every:
            due = equal((self.iterations + 1) % every, 0)
            _choose(due, self.finalize_variable_values, lambda: None)

    @property
    def averages(self) -> dict[Variable, Variable]:
        """The Variables with their averages; empty, if none are kept."""
        return {w: held["average"] for w, held in self._slots.items() if "average" in held}

    def finalize_variable_values(self, var_list: Any = None) -> None:
        """Set Variables to their averages, if averages are kept; the last act of training."""
        if self.use_ema:
            for w in self._slots if var_list is None else var_list:
                w.assign(self._slots[w]["average"])

    def scale_loss(self, loss: Any) -> Any:
        """Return the loss to be differentiated: multiplied by the scale, if there is one."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    # -- what subclasses say ------------------------------------------------------------------

    def take_step(self, pairs: Pairs, rate: Any) -> None:
        """Move all Variables by their gradients."""
        if type(self).update_step is not Optimizer.update_step:
            for g, w in pairs:
                self.update_step(g, w, rate)
            return
        taken = self.iterations + 1
        common: dict[DType, Any] = {}
        for g, w in pairs:
            if w.dtype not in common:
                rate_here = cast(as_tensor(rate, hint=w.dtype), w.dtype)
                common[w.dtype] = self.prepare(rate_here, cast(taken, w.dtype))
            self.update(g, w, self._slots[w], common[w.dtype])

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Move one Variable; a program's own optimizer may override this, as in Keras."""
        dtype = variable.dtype
        rate = cast(as_tensor(learning_rate, hint=dtype), dtype)
        common = self.prepare(rate, cast(self.iterations + 1, dtype))
        self.update(gradient, variable, self._slots[variable], common)

    def prepare(self, rate: Any, taken: Any) -> Any:
        """Return what the updates of one step have in common; the rate, unless overridden.

        Parameters
        ----------
        rate, taken : Tensor
            The learning rate, and the number of the step (from 1), in the Variables' dtype.
        """
        return rate

    def update(self, g: Any, w: Variable, slots: Slots, common: Any) -> None:
        """Move one Variable w by its gradient g; `common` is what `prepare` returned."""
        raise NotImplementedError(f"{type(self).__name__} does not say how a Variable moves")

    def assign(self, variable: Variable, value: Any) -> None:
        """Replace a value; custom optimizers call this."""
        variable.assign(cast(value, variable.dtype))

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Add to a value; custom optimizers call this."""
        variable.assign_add(cast(value, variable.dtype))

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtract from a value; custom optimizers call this."""
        variable.assign_sub(cast(value, variable.dtype))


def _choose(condition: Tensor, then: Callable[[], None], otherwise: Callable[[], None]) -> None:
    """Run one of two functions that change Variables, eagerly or in a graph."""
    done = as_tensor(0)

    def ran(function: Callable[[], None]) -> Tensor:
        function()
        return done

    cond(condition, lambda: ran(then), lambda: ran(otherwise))
