"""Gradients against finite differences.

A derivative is right when the function really changes by it. For every input element x_j, the
function is evaluated a little to either side, and::

    dy / dx_j  =  (f(x + h e_j) - f(x - h e_j)) / 2h  +  O(h^2)

must be what backprop says. In float64 the error is about 1e-10, so a wrong factor, sign or index
cannot hide. The gradient is then itself taken as a function and checked in the same way: that is
order 2, and so on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minitf.autodiff.tape import GradientTape
from minitf.errors import GradientError, InvalidArgumentError
from minitf.graph.context import init_scope
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten
from minitf.graph.tensor import Tensor, eager_tensor
from minitf.ops.math import add, multiply
from minitf.ops.reduction import reduce_sum

Array = np.ndarray[Any, Any]
Values = Callable[[list[Tensor]], list[Tensor]]

SMALL = 2500  # a Jacobian of more entries is sampled in random directions
SAMPLES = 3


def check_gradients(
    fn: Callable[..., Any],
    inputs: Any,
    order: int = 2,
    eps: float = 1e-5,
    atol: float = 1e-6,
    rtol: float = 1e-5,
) -> list[float]:
    """Compare the derivatives of a function with finite differences, in float64.

    Parameters
    ----------
    fn : callable
        Takes tensors, returns a tensor or a nested structure of tensors. It must return the same
        for the same arguments.
    inputs : array, or list of arrays
        The point at which to compare; away from kinks and poles. Floating ones are converted to
        float64, the others are passed as they are.
    order : int
        Compare derivatives up to this order.
    eps : float
        Step of the finite differences, relative to inputs larger than 1.
    atol, rtol : float
        ``|got - expected| <= atol + rtol * |expected|`` is accepted.

    Returns
    -------
    list of float
        The largest difference that was found, one per order.

    Raises
    ------
    GradientError
        Where they disagree; the message names the input, the element, and both numbers.

    Notes
    -----
    The whole Jacobian is compared where it is small, otherwise its products with a few random
    vectors.

    Examples
    --------
    >>> import minitf as tf
    >>> max(tf.autodiff.check_gradients(lambda x, y: tf.exp(x) * y, [[0.5, 1.0], 2.0])) < 1e-6
    True
    """
    with init_scope():
        everything = [_as_float64(x) for x in _as_list(inputs)]
        places = [i for i, t in enumerate(everything) if t.dtype.is_floating and _count(t)]
        values = _restricted(fn, everything, places)
        points = [everything[i] for i in places]
        _check_start(values, points)
        worst = []
        for k in range(1, order + 1):
            worst.append(_Comparison(values, points, places, k, eps, atol, rtol).run())
            values = _slopes(values)
        return worst


def compute_gradient(
    f: Callable[..., Any], x: Sequence[Any], delta: float | None = None
) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Return the Jacobians of a function, by backprop and by finite differences.

    Parameters
    ----------
    f : callable
        Takes tensors, returns one tensor of m elements.
    x : list of Tensor
        Its arguments, of floating type.
    delta : float, optional
        Step of the finite differences; 1/1024 by default.

    Returns
    -------
    theoretical, numerical
        Two tuples of arrays, one (m, n) for each argument of n elements.

    Examples
    --------
    >>> import minitf as tf
    >>> theoretical, numerical = tf.autodiff.compute_gradient(tf.square, [tf.constant([1.0, 3.0])])
    >>> theoretical[0].tolist(), numerical[0].tolist()
    ([[2.0, 0.0], [0.0, 6.0]], [[2.0, 0.0], [0.0, 6.0]])
    """
    points = [as_tensor(value) for value in x]

    def values(tensors: list[Tensor]) -> list[Tensor]:
        return [as_tensor(f(*tensors))]

    return tuple(_backprop(values, points)), tuple(_differences(values, points, delta or 1 / 1024))


# -- the function that is differentiated ----------------------------------------------------------


def _as_list(value: Any) -> list[Any]:
    return [*value] if isinstance(value, (list, tuple)) else [value]


def _as_float64(value: Any) -> Tensor:
    tensor = as_tensor(value)
    return eager_tensor(tensor.numpy().astype(np.float64)) if tensor.dtype.is_floating else tensor


def _restricted(fn: Callable[..., Any], everything: list[Tensor], places: list[int]) -> Values:
    """Return `fn` as a function from its floating inputs to its floating outputs."""

    def values(points: list[Tensor]) -> list[Tensor]:
        arguments = [*everything]
        for i, point in zip(places, points, strict=True):
            arguments[i] = point
        outputs = [as_tensor(t) for t in flatten(fn(*arguments))]
        return [t for t in outputs if t.dtype.is_floating]

    return values


def _slopes(values: Values) -> Values:
    """Return the gradient of a fixed random weighting of the outputs, as a function."""

    def slopes(points: list[Tensor]) -> list[Tensor]:
        with GradientTape() as tape:
            tape.watch(points)
            outputs = values(points)
        random = np.random.default_rng(len(outputs))
        weights = [_like(random.uniform(0.5, 1.5, _count(t)), t) for t in outputs]
        found: list[Tensor] = tape.gradient(outputs, points, weights, "zero")
        return found

    return slopes


def _check_start(values: Values, points: list[Tensor]) -> None:
    if not points:
        raise InvalidArgumentError(
            "check_gradients: there is no floating input to differentiate for"
        )
    once, again = _evaluate(values, points), _evaluate(values, points)
    if not once.size:
        raise InvalidArgumentError("check_gradients: there is no floating output to differentiate")
    if not np.array_equal(once, again, equal_nan=True):
        raise InvalidArgumentError(
            "check_gradients: the function returns different values for the same arguments; give "
            "random numbers inside of it a fixed seed"
        )
    if not np.isfinite(once).all():
        raise InvalidArgumentError(
            "check_gradients: the function is not finite at this point: there is no derivative"
        )


def _evaluate(values: Values, points: list[Tensor]) -> Array:
    """Return all outputs behind each other."""
    return np.concatenate([np.ravel(t.numpy()) for t in values(points)] or [np.zeros(0)])


def _like(array: Any, tensor: Tensor) -> Tensor:
    return eager_tensor(np.asarray(array, tensor.dtype.numpy).reshape(tensor.shape))


# -- two ways to the same numbers -----------------------------------------------------------------


def _backprop(values: Values, points: list[Tensor]) -> list[Array]:
    """Return the Jacobian of all outputs (m elements) for each point (n elements), as (m, n)."""
    with GradientTape(persistent=True) as tape:
        tape.watch(points)
        outputs = values(points)
    blocks = [tape.jacobian(t, points, unconnected_gradients="zero") for t in outputs]
    return [
        np.concatenate([np.reshape(row[j].numpy(), (-1, _count(p))) for row in blocks])
        for j, p in enumerate(points)
    ]


def _differences(values: Values, points: list[Tensor], eps: float) -> list[Array]:
    """Return the same by finite differences."""
    return [
        np.stack([_slope(values, points, j, unit, eps) for unit in np.eye(_count(p))], axis=-1)
        for j, p in enumerate(points)
    ]


def _count(tensor: Tensor) -> int:
    return tensor.shape.num_elements() or 0


def _slope(values: Values, points: list[Tensor], j: int, direction: Array, eps: float) -> Array:
    """Return how all outputs change per step of point j in a direction."""
    array = points[j].numpy()
    direction = direction.reshape(points[j].shape)
    step = eps * max(1.0, float(np.max(np.abs(array * (direction != 0)))))

    def moved(by: float) -> Array:
        shifted = _like(array + by * direction, points[j])
        return _evaluate(values, [*points[:j], shifted, *points[j + 1 :]])

    return (moved(step) - moved(-step)) / (2 * step)


# -- comparing ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Comparison:
    """One function at one point, and what counts as agreement there."""

    values: Values
    points: list[Tensor]
    places: list[int]
    order: int
    eps: float
    atol: float
    rtol: float

    def run(self) -> float:
        """Return the largest difference between the two ways; raise where it is too large."""
        size = _evaluate(self.values, self.points).size
        if size * sum(map(_count, self.points)) <= SMALL:
            expected = _differences(self.values, self.points, self.eps)
            got = _backprop(self.values, self.points)
            return self._agree(got, expected, self._output)
        return max(self._sample(size, seed) for seed in range(SAMPLES))

    def _sample(self, size: int, seed: int) -> float:
        """Compare one random weighting of the outputs, in a random direction of each input."""
        random = np.random.default_rng(seed)
        weighted = _weighted(self.values, random.uniform(0.5, 1.5, size))
        rows = _backprop(weighted, self.points)
        worst = 0.0
        for j, row in enumerate(rows):
            direction = random.choice([-1.0, 1.0], row.shape[1])
            expected = _slope(weighted, self.points, j, direction, self.eps)
            got = row @ direction
            if not self._close(got, expected, scale=np.sum(np.abs(row))).all():
                # Say which element it is, whatever that costs.
                exact = _differences(weighted, self.points, self.eps)
                self._agree(rows, exact, lambda _: "a random sum of the outputs")
            worst = max(worst, float(np.max(np.abs(got - expected))))
        return worst

    def _agree(
        self, got: list[Array], expected: list[Array], output: Callable[[int], str]
    ) -> float:
        """Return the largest difference of two lists of Jacobians; raise for a wrong element."""
        worst = 0.0
        for j, (block, exact) in enumerate(zip(got, expected, strict=True)):
            difference = np.nan_to_num(np.abs(block - exact), nan=np.inf)
            wrong = np.where(self._close(block, exact), -1, difference)
            if wrong.size and wrong.max() >= 0:
                row, column = map(int, np.unravel_index(np.argmax(wrong), wrong.shape))
                numbers = f"{exact[row, column]:.10g} by finite differences, got "
                numbers += f"{block[row, column]:.10g}"
                raise GradientError(
                    f"check_gradients: order {self.order}: the derivative of {output(row)} for "
                    f"input {self.places[j]}{_index(column, self.points[j])}: expected {numbers}"
                )
            worst = max(worst, float(np.max(difference, initial=0)))
        return worst

    def _close(self, got: Array, expected: Array, scale: Any = 0) -> Any:
        allowed = self.atol + self.rtol * np.maximum(np.abs(expected), scale)
        return np.abs(got - expected) <= allowed

    def _output(self, row: int) -> str:
        """Return the name of an element of the outputs."""
        for i, output in enumerate(self.values(self.points)):
            if row < _count(output):
                kind = (
                    f"output {i}" if self.order == 1 else f"the gradient of input {self.places[i]}"
                )
                return kind + _index(row, output)
            row -= _count(output)
        raise IndexError(row)


def _index(flat: int, tensor: Tensor) -> str:
    """Return the place of an element, as one would write it behind the tensor."""
    index = np.unravel_index(flat, tensor.numpy().shape) if tensor.shape else ()
    return f"[{', '.join(str(int(i)) for i in index)}]" if index else ""


def _weighted(values: Values, weights: Array) -> Values:
    """Return the sum of all outputs, each element times a weight, as a function."""

    def total(points: list[Tensor]) -> list[Tensor]:
        outputs = values(points)
        ends = np.cumsum([_count(t) for t in outputs])[:-1]
        parts = [
            reduce_sum(multiply(t, _like(w, t)))
            for t, w in zip(outputs, np.split(weights, ends), strict=True)
        ]
        return [functools.reduce(add, parts)]

    return total
