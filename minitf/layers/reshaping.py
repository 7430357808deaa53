"""Other shapes for the same numbers; the batch stays as it is."""

from __future__ import annotations

import math
from typing import Any

from minitf.errors import ShapeError, UsageError
from minitf.layers.arguments import as_int, positive, settings
from minitf.layers.input_spec import InputSpec
from minitf.layers.layer import Layer
from minitf.layers.spatial import as_data_format
from minitf.ops.array import expand_dims, known_size, reshape, transpose
from minitf.ops.convolution import channels_last
from minitf.ops.rearrange import tile

__all__ = ["Flatten", "Permute", "RepeatVector", "Reshape"]


def with_batch(x: Any, rest: tuple[int, ...]) -> list[Any]:
    """Return a new shape for `x`: its batch, then `rest`, which holds at most one -1."""
    return [known_size(x, 0) if -1 in rest else -1, *rest]


class Flatten(Layer):
    """One long axis for all axes behind the batch.

    Parameters
    ----------
    data_format : {"channels_last", "channels_first"}, optional
        With channels first, they are moved to the end before.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.Flatten()(keras.ops.ones((2, 3, 4))).shape
    (2, 12)
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = as_data_format(self, data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        """Return the inputs as (batch, elements)."""
        x = channels_last(inputs) if self.data_format == "channels_first" else inputs
        sizes = tuple(x.shape)[1:]
        return reshape(x, with_batch(x, (-1,) if None in sizes else (math.prod(sizes),)))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "data_format")}


class Reshape(Layer):
    """Arrange the elements of each example in another shape.

    Parameters
    ----------
    target_shape : sequence of int
        The new shape, without the batch; one size may be -1 and is worked out.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.Reshape((2, -1))(keras.ops.ones((5, 6))).shape
    (5, 2, 3)
    """

    def __init__(self, target_shape: Any, **kwargs: Any):
        super().__init__(**kwargs)
        target = (target_shape,) if isinstance(target_shape, int) else tuple(target_shape)
        sizes: list[Any] = [as_int(n) for n in target]
        if any(n is None or n < -1 for n in sizes) or sizes.count(-1) > 1:
            raise ShapeError(
                f"layer {self.name!r}: target_shape holds whole numbers, at most one of them -1, "
                f"got {target_shape!r}"
            )
        self.target_shape: tuple[int, ...] = tuple(sizes)

    def call(self, inputs: Any) -> Any:
        """Return the inputs as (batch, *target_shape)."""
        return reshape(inputs, with_batch(inputs, self._sizes(tuple(inputs.shape)[1:])))

    def _sizes(self, given: tuple[Any, ...]) -> Any:
        """Return the target shape, its -1 worked out where the graph knows enough."""
        if None in given:
            return self.target_shape
        count, fixed = math.prod(given), math.prod(n for n in self.target_shape if n != -1)
        fits = count == fixed if -1 not in self.target_shape else fixed and count % fixed == 0
        if not fits:
            raise ShapeError(
                f"layer {self.name!r}: {count} elements of each input, of shape {given}, do not "
                f"fill the target_shape {self.target_shape}"
            )
        return tuple(count // fixed if n == -1 else n for n in self.target_shape)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "target_shape")}


class Permute(Layer):
    """The axes in another order.

    Parameters
    ----------
    dims : sequence of int
        Which axis comes first, second, ...; the batch is axis 0 and left out.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.Permute((2, 1))(keras.ops.ones((5, 2, 3))).shape
    (5, 3, 2)
    """

    def __init__(self, dims: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ShapeError(
                f"layer {self.name!r}: dims are the numbers from 1 to {len(self.dims)} in some "
                f"order, got {dims!r}"
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Any) -> Any:
        """Return the inputs with their axes in the new order."""
        return transpose(inputs, (0, *self.dims))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "dims")}


class RepeatVector(Layer):
    """A vector, again at each of n time steps.

    Parameters
    ----------
    n : int
        How often.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.RepeatVector(3)(keras.ops.array([[1, 2]])).numpy().tolist()
    [[[1, 2], [1, 2], [1, 2]]]
    """

    def __init__(self, n: int, **kwargs: Any):
        super().__init__(**kwargs)
        if as_int(n) is None:
            raise UsageError(f"layer {self.name!r}: n is a whole number, got {n!r}")
        self.n = positive(self, "n", n)
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        """Return the inputs (batch, features) as (batch, n, features)."""
        return tile(expand_dims(inputs, 1), [1, self.n, 1])

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "n")}
