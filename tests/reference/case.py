"""The words in which a reference case is written.

A case is one call of a public TensorFlow symbol, with inputs that are *recipes* instead of data:
`f32(2, 3)` stands for "some float32 array of shape (2, 3)". The text of the call is the name of
the case and also seeds its recipes, so the same line means the same numbers on every machine. All
recipes use integer arithmetic and the frozen `numpy.random.RandomState`, nothing that a
different libm could round differently.

>>> case("math.cumsum", f32(2, 3), axis=1, exclusive=True).id
'math.cumsum(f32(2, 3), axis=1, exclusive=True)'
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import textwrap
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Recipe:
    """How to make one input array. Not the array itself: `make` does that for a given seed."""

    text: str
    make: Callable[[np.random.RandomState], np.ndarray]

    def __repr__(self) -> str:
        return self.text


def _distinct(draw: np.random.RandomState, shape, low, high) -> np.ndarray:
    """Numbers spread over [low, high], no two alike, so that maxima and orders have no ties."""
    count = int(np.prod(shape))
    rank = draw.permutation(count) + 0.2 + 0.6 * draw.random_sample(count)
    return (low + (high - low) * rank / max(count, 1)).reshape(shape)


def _floats(kind: str, dtype: str):
    def recipe(*shape: int, low: float = -2.0, high: float = 2.0) -> Recipe:
        bounds = "" if (low, high) == (-2.0, 2.0) else f", low={low:g}, high={high:g}"
        text = f"{kind}({', '.join(map(str, shape))}{bounds})".replace("(, ", "(")
        return Recipe(text, lambda draw: _distinct(draw, shape, low, high).astype(dtype))

    recipe.__doc__ = f"A {dtype} array of the given shape with distinct values in [low, high]."
    return recipe


f16 = _floats("f16", "float16")
f32 = _floats("f32", "float32")
f64 = _floats("f64", "float64")


def ints(*shape: int, low: int = -5, high: int = 6, dtype: str = "int32") -> Recipe:
    """Integers in [low, high), repeats likely."""
    text = f"ints({', '.join(map(str, shape))}, low={low}, high={high}, dtype={dtype!r})"
    return Recipe(text, lambda draw: draw.randint(low, high, shape).astype(dtype))


def bools(*shape: int) -> Recipe:
    """Random truth values."""
    text = f"bools({', '.join(map(str, shape))})"
    return Recipe(text, lambda draw: draw.randint(0, 2, shape).astype(bool))


def lit(values: Any, dtype: str = "float32") -> Recipe:
    """Exactly these values."""
    return Recipe(f"lit({values!r}, {dtype!r})", lambda draw: np.array(values, dtype=dtype))


def spd(*shape: int, dtype: str = "float64") -> Recipe:
    """Symmetric positive definite matrices with well separated eigenvalues."""

    def make(draw: np.random.RandomState) -> np.ndarray:
        a = draw.randint(-9, 10, shape) / 8
        apart = np.diag(np.arange(1.0, shape[-1] + 1))
        return (a @ np.swapaxes(a, -1, -2) + apart).astype(dtype)

    return Recipe(f"spd({', '.join(map(str, shape))}, dtype={dtype!r})", make)


def square(*shape: int, dtype: str = "float64") -> Recipe:
    """Well conditioned square matrices, not symmetric."""

    def make(draw: np.random.RandomState) -> np.ndarray:
        away_from_singular = np.diag(3.0 + np.arange(shape[-1]))
        return (draw.randint(-9, 10, shape) / 8 + away_from_singular).astype(dtype)

    return Recipe(f"square({', '.join(map(str, shape))}, dtype={dtype!r})", make)


@dataclass(frozen=True)
class Case:
    """One call to be made under TensorFlow and under minitf, and how to compare the two.

    Attributes
    ----------
    symbols : tuple of str
        Dotted public names this case exercises; for a plain case, the one that is called.
    args, kwargs
        What the call is given. Recipes anywhere inside become Tensors; all else is passed as is.
    function : callable or None
        For a program: called as ``function(tf, *args)`` in place of a symbol.
    diff : sequence of int or None
        Which recipe inputs (counted from 0) to differentiate; None means every floating one.
    order : int
        0 compares values only, 1 also gradients, 2 also one Hessian-vector product.
    tol : float
        Factor on the tolerance that the dtype implies.
    post : str
        Name of a function in `measure.POST` applied to the result first, for results that are
        defined only up to a sign.
    nan : bool
        Whether NaN may be the right answer. The generator refuses it otherwise.
    fails : bool
        The call must raise.
    in_graph : bool
        Whether the call also works while a Function is being traced.
    """

    symbols: tuple[str, ...]
    args: tuple
    kwargs: dict[str, Any] = field(default_factory=dict)
    function: Callable | None = None
    diff: Sequence[int] | None = None
    order: int = 2
    tol: float = 1.0
    post: str = ""
    nan: bool = False
    fails: bool = False
    in_graph: bool = True

    @property
    def id(self) -> str:
        """The call as one would write it."""
        words = [_text(a) for a in self.args]
        words += [f"{name}={_text(value)}" for name, value in self.kwargs.items()]
        name = self.function.__name__ if self.function else self.symbols[0]
        return f"{name}({', '.join(words)})"

    def check(self, **how) -> Case:
        """The same call, compared in another way: ``case(...).check(order=1, tol=10)``."""
        return replace(self, **how)

    def draw(self) -> np.random.RandomState:
        """The random numbers of this case, always the same."""
        return np.random.RandomState(zlib.crc32(self.id.encode()))

    def fingerprint(self) -> str:
        """Changes when the body of a program does. (A plain case is all in its name.)"""
        if self.function is None:
            return ""
        tree = ast.parse(textwrap.dedent(inspect.getsource(self.function)))
        tree.body[0].decorator_list = []
        return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:12]


def _text(value: Any) -> str:
    return getattr(value, "__name__", None) or repr(value)


def case(symbol: str, *args, **kwargs) -> Case:
    """A call of one public symbol, ``"nn.conv2d"`` or ``"operator.matmul"``."""
    return Case((symbol,), args, kwargs)


def program(cases: list[Case], symbols: str, *args, **how) -> Callable:
    """Decorate ``f(tf, *inputs)``, a few lines of public API, to append it to `cases`.

    `symbols` names, separated by blanks, what the program exercises.
    """

    def append(function: Callable) -> Callable:
        cases.append(Case(tuple(symbols.split()), args, {}, function, **how))
        return function

    return append
