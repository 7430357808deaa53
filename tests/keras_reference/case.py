"""The words in which a case is written.

A case is one object of Keras and what it is given. Inputs are *recipes* instead of data:
`x(2, 3)` stands for "some float32 array of shape (2, 3)". The text of the case is its name and also
seeds its recipes, so the same line means the same numbers on every machine.

>>> layer("Dense", dict(units=2), x(4, 3)).id
'layers.Dense(units=2)(x(4, 3))'
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

Draw = np.random.RandomState  # frozen: the same numbers in every version of NumPy

# -- inputs ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recipe:
    """How to make one input array. Not the array itself: `make` does that from random numbers."""

    text: str
    make: Callable[[Draw], np.ndarray]

    def __repr__(self) -> str:
        return self.text


def _text(name: str, shape: Sequence[int], **options: Any) -> str:
    words = [*map(str, shape), *(f"{k}={v!r}" for k, v in options.items())]
    return f"{name}({', '.join(words)})"


def distinct(draw: Draw, shape: Sequence[int], low: float, high: float) -> np.ndarray:
    """Return float32 spread over [low, high], no two alike: maxima and orders have no ties."""
    count = int(np.prod(shape))
    rank = draw.permutation(count) + 0.2 + 0.6 * draw.random_sample(count)
    return (low + (high - low) * rank / max(count, 1)).reshape(shape).astype("float32")


def x(*shape: int, low: float = -1.0, high: float = 1.0) -> Recipe:
    """Return a float32 array of distinct values in [low, high]."""
    bounds = {} if (low, high) == (-1.0, 1.0) else {"low": low, "high": high}
    return Recipe(_text("x", shape, **bounds), lambda draw: distinct(draw, shape, low, high))


def ints(*shape: int, below: int, low: int = 0, dtype: str = "int32") -> Recipe:
    """Return integers in [low, below), repeats likely."""
    options = {"below": below, **({"low": low} if low else {})}
    options |= {} if dtype == "int32" else {"dtype": dtype}
    return Recipe(
        _text("ints", shape, **options), lambda draw: draw.randint(low, below, shape).astype(dtype)
    )


def bools(*shape: int) -> Recipe:
    """Return truth values."""
    return Recipe(_text("bools", shape), lambda draw: draw.randint(0, 2, shape).astype(bool))


def bits(*shape: int) -> Recipe:
    """Return float32 that are 0 or 1."""
    return Recipe(_text("bits", shape), lambda draw: draw.randint(0, 2, shape).astype("float32"))


def probabilities(*shape: int) -> Recipe:
    """Return positive float32 that sum to 1 over the last axis."""

    def make(draw: Draw) -> np.ndarray:
        parts = distinct(draw, shape, 0.05, 1.0)
        return parts / parts.sum(-1, keepdims=True)

    return Recipe(_text("probabilities", shape), make)


def one_hot(*shape: int) -> Recipe:
    """Return float32 rows of zeros with a single one; the last axis is that of the classes."""

    def make(draw: Draw) -> np.ndarray:
        return np.eye(shape[-1], dtype="float32")[draw.randint(0, shape[-1], shape[:-1])]

    return Recipe(_text("one_hot", shape), make)


# -- objects --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Obj:
    """An object of Keras, by its public name (``"layers.LSTMCell"``), made when the case runs."""

    symbol: str
    args: tuple = ()
    kwargs: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        words = [repr(a) for a in self.args] + [f"{k}={v!r}" for k, v in self.kwargs.items()]
        return f"{self.symbol}({', '.join(words)})"


def obj(symbol: str, *args: Any, **kwargs: Any) -> Obj:
    """Return an object to be made: ``obj("layers.LSTMCell", units=3)``."""
    return Obj(symbol, args, kwargs)


# -- cases ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One object, what it is given, and how to compare what it returns.

    Attributes
    ----------
    kind : {"layer", "optimizer", "loss", "metric", "function"}
        What is done with the object; see `measure`.
    object : Obj or str
        The object; for a function its public name.
    inputs : any
        What it is given. Recipes anywhere inside become arrays; plain lists of numbers or strings
        become arrays too.
    call : dict
        Further arguments of the call.
    adapt : any
        What a preprocessing layer learns from first.
    tol : float
        Factor on the tolerance.
    grads, in_graph : bool
        Whether gradients, and the results inside a ``tf.function``, are compared.
    config : bool or "more"
        Whether configs are compared; "more" where minitf's also says what Keras forgets.
    fails : bool
        The object cannot be made or called: both must raise.
    """

    kind: str
    object: Obj | str
    inputs: Any = ()
    call: dict[str, Any] = field(default_factory=dict)
    adapt: Any = None
    tol: float = 1.0
    grads: bool = True
    config: bool | str = True
    in_graph: bool = True
    fails: bool = False

    @property
    def id(self) -> str:
        """The call as one would write it."""
        inputs = self.inputs if isinstance(self.inputs, tuple) else (self.inputs,)
        words = [*map(repr, inputs), *(f"{k}={v!r}" for k, v in self.call.items())]
        adapted = "" if self.adapt is None else f".adapt({self.adapt!r})"
        return f"{self.object}{adapted}({', '.join(words)})"

    def check(self, **how: Any) -> Case:
        """Return the same case, compared in another way: ``layer(...).check(tol=10)``."""
        return replace(self, **how)

    def draw(self) -> Draw:
        """Return the random numbers of this case, always the same."""
        return Draw(zlib.crc32(self.id.encode()))


def layer(name: str, kwargs: dict | None = None, inputs: Any = (), call: dict | None = None,
          adapt: Any = None) -> Case:  # fmt: skip
    """Return a layer that is called: ``layer("Dense", dict(units=2), x(4, 3))``.

    A list of recipes is a list of inputs, a dict a dict of them.
    """
    return Case("layer", obj(f"layers.{name}", **(kwargs or {})), inputs, call or {}, adapt)


def optimizer(name: str, kwargs: dict | None = None) -> Case:
    """Return an optimizer that takes five steps with a matrix and a vector."""
    return Case("optimizer", obj(f"optimizers.{name}", **(kwargs or {})))


def loss(name: str, kwargs: dict | None = None, y_true: Any = None, y_pred: Any = None,
         sample_weight: Any = None, mask: Any = None) -> Case:  # fmt: skip
    """Return a loss of a prediction, which may have a mask."""
    more = {"sample_weight": sample_weight, "mask": mask}
    call = {k: v for k, v in more.items() if v is not None}
    return Case("loss", obj(f"losses.{name}", **(kwargs or {})), (y_true, y_pred), call)


def metric(name: str, kwargs: dict | None = None, updates: Sequence = ()) -> Case:
    """Return a metric that is shown one batch after the other.

    An update is a tuple of the arguments of `update_state`: ``(y_true, y_pred)``,
    ``(y_true, y_pred, sample_weight)``, or ``(values,)``.
    """
    return Case("metric", obj(f"metrics.{name}", **(kwargs or {})), tuple(updates))


def function(what: str | Obj, *inputs: Any, **kwargs: Any) -> Case:
    """Return a call of a public function, or of an object that can be called.

    >>> function("activations.relu", x(3), max_value=0.5).id
    'activations.relu(x(3), max_value=0.5)'
    >>> function(obj("regularizers.L2", 0.1), x(3)).id
    'regularizers.L2(0.1)(x(3))'
    """
    return Case("function", what, inputs, kwargs)
