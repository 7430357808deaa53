"""Several tensors made into one: sums, products, concatenation, dot products.

Each class has a function of the same name in lower case, for one use: ``add([x, y])``.
"""

from __future__ import annotations

import functools
import string
from collections.abc import Callable
from typing import Any

from minitf.dtypes import bool_
from minitf.errors import InvalidArgumentError, ShapeError, UsageError
from minitf.layers.arguments import as_int, settings
from minitf.layers.calls import mask_of
from minitf.layers.layer import Layer
from minitf.ops.array import concat, expand_dims
from minitf.ops.einsum import einsum
from minitf.ops.logic import logical_or
from minitf.ops.math import cast
from minitf.ops.norms import l2_normalize
from minitf.ops.reduction import reduce_any
from minitf.ops.rounding import maximum as larger
from minitf.ops.rounding import minimum as smaller
from minitf.ops.source import ones_like
from minitf.ops.where import where

__all__ = [
    "Add",
    "Average",
    "Concatenate",
    "Dot",
    "Maximum",
    "Merge",
    "Minimum",
    "Multiply",
    "Subtract",
    "add",
    "average",
    "concatenate",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]


class Merge(Layer):
    """What all merges share: inputs in a list, broadcast to each other, and a mask in common.

    The output is masked where all inputs are; where one of them has no mask, there is none.
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Check that the inputs fit each other."""
        shapes = self._shapes(input_shape)
        if len({shape[0] for shape in shapes if shape} - {None}) > 1:
            raise ShapeError(f"layer {self.name!r}: batches of different sizes: {shapes}")
        self.check(shapes)

    def _shapes(self, input_shape: Any) -> list[Any]:
        """Return the shapes of the inputs, which must be a list."""
        several = isinstance(input_shape, (list, tuple)) and len(input_shape) > 0
        if not several or not isinstance(input_shape[0], (list, tuple)):
            raise InvalidArgumentError(
                f"layer {self.name!r}: a list of inputs is expected, got one of shape {input_shape}"
            )
        return [tuple(shape) for shape in input_shape]

    def check(self, shapes: list[Any]) -> None:
        """Complain of shapes that do not broadcast, from the last axis on."""
        for places in zip(*(reversed(shape[1:]) for shape in shapes), strict=False):
            if len(set(places) - {1, None}) > 1:
                raise ShapeError(f"layer {self.name!r}: shapes do not fit each other: {shapes}")

    def call(self, inputs: Any) -> Any:
        """Return the merged inputs; those of fewer axes get some behind the batch."""
        rank = max(len(x.shape) for x in inputs)
        return self.merge([self._expanded(x, rank) for x in _alike(inputs, self.compute_dtype)])

    def _expanded(self, x: Any, rank: int) -> Any:
        mask = mask_of(x)
        for _ in range(rank - len(x.shape)):
            x = expand_dims(x, 1)
        if mask is not None:
            x._keras_mask = mask
        return x

    def merge(self, inputs: list[Any]) -> Any:
        """Return one tensor made of several of the same number of axes."""
        raise NotImplementedError(f"{type(self).__name__} does not say how inputs are merged")

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return where at least one input counts."""
        masks = self.masks(inputs, previous_mask)
        return None if _has_none(masks) else functools.reduce(logical_or, masks)

    def masks(self, inputs: Any, given: Any) -> list[Any]:
        """Return one mask, or None, for each input."""
        if given is None:
            return [None] * len(inputs)
        if not isinstance(given, (list, tuple)) or len(given) != len(inputs):
            raise InvalidArgumentError(
                f"layer {self.name!r}: a list of {len(inputs)} masks is expected, got {given!r}"
            )
        return list(given)


def _alike(inputs: Any, dtype: Any) -> list[Any]:
    """Return the inputs in one dtype: their own, or else that of the layer."""
    if len({x.dtype for x in inputs}) == 1:
        return list(inputs)
    return [cast(x, dtype) for x in inputs]


def _has_none(values: list[Any]) -> bool:
    return any(value is None for value in values)


def _spread(mask: Any, x: Any) -> Any:
    """Return a mask of time steps as one of elements."""
    return mask if len(mask.shape) == len(x.shape) else expand_dims(mask, -1)


class Add(Merge):
    """The sum of the inputs, elementwise.

    Examples
    --------
    >>> from minitf import keras
    >>> x = keras.ops.array([1.0, 2.0])
    >>> keras.layers.Add()([x, x, x]).numpy().tolist()
    [3.0, 6.0]
    """

    def merge(self, inputs: list[Any]) -> Any:
        """Return x1 + x2 + ..."""
        return functools.reduce(lambda x, y: x + y, inputs)


class Subtract(Merge):
    """The first input minus the second, elementwise.

    Examples
    --------
    >>> from minitf import keras
    >>> x, y = keras.ops.array([5.0, 2.0]), keras.ops.array([1.0, 1.0])
    >>> keras.layers.Subtract()([x, y]).numpy().tolist()
    [4.0, 1.0]
    """

    def build(self, input_shape: Any) -> None:
        """Check that there are two inputs, and that they fit."""
        super().build(input_shape)
        _check_two(self, input_shape)

    def merge(self, inputs: list[Any]) -> Any:
        """Return x1 - x2."""
        return inputs[0] - inputs[1]


class Average(Merge):
    """The mean of the inputs, elementwise.

    Examples
    --------
    >>> from minitf import keras
    >>> x, y = keras.ops.array([5.0, 2.0]), keras.ops.array([1.0, 1.0])
    >>> keras.layers.Average()([x, y]).numpy().tolist()
    [3.0, 1.5]
    """

    def merge(self, inputs: list[Any]) -> Any:
        """Return (x1 + x2 + ...) / n."""
        return functools.reduce(lambda x, y: x + y, inputs) / len(inputs)


class Multiply(Merge):
    """The product of the inputs, elementwise; masked elements count as 1.

    Examples
    --------
    >>> from minitf import keras
    >>> x = keras.ops.array([1.0, 3.0])
    >>> keras.layers.Multiply()([x, x]).numpy().tolist()
    [1.0, 9.0]
    """

    def merge(self, inputs: list[Any]) -> Any:
        """Return x1 * x2 * ...; 0 where all inputs are masked."""
        masks = [None if mask_of(x) is None else _spread(mask_of(x), x) for x in inputs]
        factors = [
            x if mask is None else where(mask, x, 1) for x, mask in zip(inputs, masks, strict=True)
        ]
        y = functools.reduce(lambda x, y: x * y, factors)
        return y if _has_none(masks) else where(functools.reduce(logical_or, masks), y, 0)


class Extreme(Merge):
    """The largest or smallest of the inputs, elementwise; masked elements are left out."""

    choose: Callable[[Any, Any], Any]

    def merge(self, inputs: list[Any]) -> Any:
        """Return choose(choose(x1, x2), x3) ..., over what is not masked."""
        y, seen = inputs[0], self._mask(inputs[0])
        for x in inputs[1:]:
            mask = self._mask(x)
            x = x if mask is None else where(mask, x, y)
            y = y if seen is None else where(seen, y, x)
            seen = None if seen is None or mask is None else logical_or(seen, mask)
            y = type(self).choose(y, x)
        return y

    @staticmethod
    def _mask(x: Any) -> Any:
        mask = mask_of(x)
        return None if mask is None else _spread(mask, x)


class Maximum(Extreme):
    """The largest of the inputs, elementwise.

    Examples
    --------
    >>> from minitf import keras
    >>> x, y = keras.ops.array([5.0, 1.0]), keras.ops.array([2.0, 2.0])
    >>> keras.layers.Maximum()([x, y]).numpy().tolist()
    [5.0, 2.0]
    """

    choose = staticmethod(larger)


class Minimum(Extreme):
    """The smallest of the inputs, elementwise.

    Examples
    --------
    >>> from minitf import keras
    >>> x, y = keras.ops.array([5.0, 1.0]), keras.ops.array([2.0, 2.0])
    >>> keras.layers.Minimum()([x, y]).numpy().tolist()
    [2.0, 1.0]
    """

    choose = staticmethod(smaller)


class Concatenate(Merge):
    """The inputs side by side along one axis; along the others they have equal sizes.

    Parameters
    ----------
    axis : int
        The axis along which they are joined.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> x, y = keras.ops.ones((5, 2)), keras.ops.ones((5, 3))
    >>> keras.layers.Concatenate()([x, y]).shape
    (5, 5)
    """

    def __init__(self, axis: int = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axis

    def build(self, input_shape: Any) -> None:
        """Check that the inputs fit each other."""
        shapes = self._shapes(input_shape)
        ranks = {len(shape) for shape in shapes}
        rank = ranks.pop()
        if ranks or not -rank <= self.axis < rank:
            raise ShapeError(
                f"layer {self.name!r}: inputs with an axis {self.axis}, all of the same number of "
                f"axes, are expected, got {shapes}"
            )
        rest = [[n for i, n in enumerate(shape) if i != self.axis % rank] for shape in shapes]
        if any(len(set(sizes) - {None}) > 1 for sizes in zip(*rest, strict=True)):
            raise ShapeError(
                f"layer {self.name!r}: sizes may differ along axis {self.axis} only, got {shapes}"
            )

    def call(self, inputs: Any) -> Any:
        """Return the joined inputs."""
        return concat(_alike(inputs, self.compute_dtype), self.axis)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return where at least one feature of one input counts."""
        masks = self.masks(inputs, previous_mask)
        if all(mask is None for mask in masks):
            return None
        whole = [self._elements(x, mask) for x, mask in zip(inputs, masks, strict=True)]
        return reduce_any(concat(whole, self.axis), -1)

    @staticmethod
    def _elements(x: Any, mask: Any) -> Any:
        """Return for each element of an input whether it counts."""
        everywhere = ones_like(x, dtype=bool_)
        return everywhere if mask is None else everywhere & _spread(mask, x)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "axis")}


class Dot(Merge):
    """Products of two inputs, summed over one axis of each, for each example by itself.

    Parameters
    ----------
    axes : int or (int, int)
        The axis of each input; 0 is the batch and cannot be one.
    normalize : bool
        Whether vectors along these axes are scaled to length 1 before: then the result is the
        cosine of their angle.
    **kwargs
        As of every layer.

    Notes
    -----
    For inputs (batch, i, k) and (batch, k, j) and axes (2, 1), the result is their matrix product
    (batch, i, j). For two inputs (batch, k) it is (batch, 1).

    Examples
    --------
    >>> from minitf import keras
    >>> x, y = keras.ops.array([[1.0, 2.0]]), keras.ops.array([[3.0, 4.0]])
    >>> keras.layers.Dot(axes=1)([x, y]).numpy().tolist()
    [[11.0]]
    """

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        both = (axes, axes) if as_int(axes) is not None else axes
        if not isinstance(both, (list, tuple)) or len(both) != 2 or None in map(as_int, both):
            raise UsageError(f"layer {self.name!r}: axes is an int, or two of them, got {axes!r}")
        self.axes = axes
        self.normalize = normalize

    def build(self, input_shape: Any) -> None:
        """Check that the inputs fit each other."""
        shapes = self._shapes(input_shape)
        _check_two(self, shapes)
        sizes = [shape[axis] for shape, axis in zip(shapes, self._axes(shapes), strict=True)]
        if None not in sizes and sizes[0] != sizes[1]:
            raise ShapeError(
                f"layer {self.name!r}: the axes {self.axes} have the sizes {sizes[0]} and "
                f"{sizes[1]} in inputs of the shapes {shapes[0]} and {shapes[1]}"
            )

    def _axes(self, shapes: Any) -> list[int]:
        """Return the axis of each input, counted from the first."""
        both = self.axes if isinstance(self.axes, (list, tuple)) else (self.axes, self.axes)
        found = []
        for axis, shape in zip(both, shapes, strict=True):
            if not -len(shape) <= axis < len(shape) or axis % len(shape) == 0:
                raise ShapeError(
                    f"layer {self.name!r}: axes {self.axes} of inputs of the shapes {shapes}: each "
                    "is one behind the batch"
                )
            found.append(axis % len(shape))
        return found

    def call(self, inputs: Any) -> Any:
        """Return the sums of products."""
        x, y = _alike(inputs, self.compute_dtype)
        axes = self._axes([tuple(x.shape), tuple(y.shape)])
        if self.normalize:
            x, y = l2_normalize(x, axes[0]), l2_normalize(y, axes[1])
        z = einsum(_dot_equation(len(x.shape), len(y.shape), axes), x, y)
        return expand_dims(z, -1) if len(z.shape) == 1 else z

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return no mask."""
        return None

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "axes", "normalize")}


def _dot_equation(x_rank: int, y_rank: int, axes: list[int]) -> str:
    """Return the einsum equation with one letter for the batch and one for the two axes."""
    letters = string.ascii_lowercase
    x = list(letters[:x_rank])
    y = [x[0], *letters[x_rank : x_rank + y_rank - 1]]
    y[axes[1]] = x[axes[0]]
    rest = [a for a in x if a != x[axes[0]]] + [b for b in y[1:] if b != x[axes[0]]]
    return f"{''.join(x)},{''.join(y)}->{''.join(rest)}"


def _check_two(layer: Layer, shapes: Any) -> None:
    if len(shapes) != 2:
        raise InvalidArgumentError(
            f"layer {layer.name!r}: 2 inputs are expected, got {len(shapes)}"
        )


# -- as functions ---------------------------------------------------------------------------------


def add(inputs: Any, **kwargs: Any) -> Any:
    """Return the sum of the inputs; see `Add`."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Any, **kwargs: Any) -> Any:
    """Return the first input minus the second; see `Subtract`."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """Return the product of the inputs; see `Multiply`."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Any, **kwargs: Any) -> Any:
    """Return the mean of the inputs; see `Average`."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Any, **kwargs: Any) -> Any:
    """Return the largest of the inputs; see `Maximum`."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Any, **kwargs: Any) -> Any:
    """Return the smallest of the inputs; see `Minimum`."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """Return the inputs side by side; see `Concatenate`."""
    return Concatenate(axis, **kwargs)(inputs)


def dot(inputs: Any, axes: Any = -1, **kwargs: Any) -> Any:
    """Return sums of products of two inputs; see `Dot`."""
    return Dot(axes, **kwargs)(inputs)
