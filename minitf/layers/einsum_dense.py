"""EinsumDense: a linear map over any axes of its input."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from minitf import activations
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.initializers import VarianceScaling
from minitf.layers.arguments import describe, make, refuse_quantization, settings, told
from minitf.layers.input_spec import InputSpec
from minitf.layers.layer import Layer
from minitf.ops.einsum import einsum
from minitf.ops.math import cast

__all__ = ["EinsumDense"]

EQUATION = re.compile(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?")


class EinsumDense(Layer):
    """A linear map that an einsum equation describes.

    Parameters
    ----------
    equation : str
        Axes of input and kernel, and of the output: ``"abc,cd->abd"``. "..." on the left or on the
        right stands for further axes of input and output.
    output_shape : int or sequence of int
        Sizes of the output's axes that have letters, without the batch; None where the input says
        it.
    activation : str or function, optional
        Applied at the end.
    bias_axes : str, optional
        Letters of the output along which the bias varies; no bias without.
    kernel_initializer, bias_initializer : str or Initializer
        First values of the weights.
    kernel_regularizer, bias_regularizer : str or Regularizer, optional
        What they add to the loss.
    kernel_constraint, bias_constraint : str or Constraint, optional
        What they are forced into after each step.
    **kwargs
        As of every layer.

    Notes
    -----
    ``y = activation(einsum(equation, x, kernel) + bias)``. `Dense` is "...x,xy->...y"; the
    projection to the heads of attention is "abc,cde->abde".

    Examples
    --------
    >>> from minitf import keras
    >>> heads = keras.layers.EinsumDense("abc,cde->abde", (None, 2, 5), bias_axes="de")
    >>> heads(keras.ops.ones((1, 3, 4))).shape, [w.shape for w in heads.weights]
    ((1, 3, 2, 5), [(4, 2, 5), (2, 5)])
    """

    def __init__(
        self,
        equation: str,
        output_shape: int | Sequence[int | None],
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        refuse_quantization("EinsumDense", kwargs)
        super().__init__(**kwargs)
        self.equation = equation
        shape = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        self.partial_output_shape = shape
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        describe(self, "kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        describe(self, "bias", bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: Any) -> None:
        """Create the weights for inputs of a shape."""
        try:
            found = weight_shapes(
                self.equation, self.bias_axes, tuple(input_shape), self.partial_output_shape
            )
        except InvalidArgumentError as error:
            raise type(error)(f"layer {self.name!r}: {error.args[0]}") from None
        initializer = _with_axes(self.kernel_initializer, found)  # type: ignore[attr-defined]
        self.kernel = make(self, "kernel", found.kernel, initializer=initializer)
        self.bias = None if found.bias is None else make(self, "bias", found.bias)
        self.input_spec = InputSpec(ndim=len(input_shape))

    def call(self, inputs: Any) -> Any:
        """Return activation(einsum(equation, inputs, kernel) + bias)."""
        y = einsum(self.equation, cast(inputs, self.compute_dtype), self.kernel)
        if self.bias is not None:
            y = y + self.bias
        return y if self.activation is None else self.activation(y)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        names = ("equation", "activation", "bias_axes", *told("kernel", "bias"),
                 "activity_regularizer")  # fmt: skip
        own = {"output_shape": self.partial_output_shape, **settings(self, *names)}
        return {**super().get_config(), **own}


class Shapes(NamedTuple):
    """Shapes of the weights, and which axes of the kernel belong to input and output."""

    kernel: tuple[Any, ...]
    bias: tuple[Any, ...] | None
    input_axes: list[int]
    output_axes: list[int]


def weight_shapes(equation: str, bias_axes: str | None, input_shape: tuple[Any, ...],
                  output_shape: tuple[Any, ...]) -> Shapes:  # fmt: skip
    """Work out the shapes of the weights from an equation, the input, and part of the output."""
    x, w, y, dots = _parse(equation)
    free = len(input_shape) - len(x)  # axes under the dots
    if free < 0 or (free and not dots):
        raise ShapeError(f"{equation!r} does not fit an input of shape {input_shape}")
    sizes = dict(zip(x, input_shape[free if dots == "left" else 0 :], strict=False))
    own = y if dots == "left" and free else y[1:]  # the batch, where it has a letter, is first
    if len(own) != len(output_shape):
        raise ShapeError(
            f"{equation!r} leaves open the sizes of {own!r} in the output, got {output_shape}"
        )
    made = dict(zip(own, output_shape, strict=True))
    for letter, size in made.items():
        _meet(sizes, letter, size)
    for letter in w:
        if letter not in sizes:
            raise InvalidArgumentError(
                f"{equation!r}: {letter!r} of the kernel is neither in the input nor in the output"
            )
    axes = [i for i, letter in enumerate(w) if letter in y]
    bias = _bias_shape(equation, bias_axes, y, sizes)
    if bias is not None and dots == "right":
        bias += (1,) * free
    others = [i for i in range(len(w)) if i not in axes]
    return Shapes(tuple(sizes[letter] for letter in w), bias, others, axes)


def _parse(equation: str) -> tuple[str, str, str, str]:
    """Return the letters of input, kernel and output, and on which side the dots are."""
    found = EQUATION.fullmatch(equation.replace(" ", ""))
    if found:
        left, x, right, w, y_left, y, y_right = found.groups()
        unknown = set(y) - set(x) - set(w)
        if (left, right) == (y_left, y_right) and not (left and right) and not unknown:
            return x, w, y, "left" if left else "right" if right else ""
    raise InvalidArgumentError(
        "the equation has the form 'ab,bc->ac', '...b,bc->...c' or 'ab...,bc->ac...', with every "
        f"letter of the output in one of the inputs, got {equation!r}"
    )


def _meet(sizes: dict[str, Any], letter: str, size: Any) -> None:
    """Let a letter of the output have a size, if the input does not say otherwise."""
    if sizes.get(letter) is None:
        sizes[letter] = size
    elif size is not None and size != sizes[letter]:
        raise ShapeError(f"{letter!r} is {sizes[letter]} in the input, {size} in output_shape")


def _bias_shape(equation: str, letters: str | None, y: str, sizes: dict[str, Any]) -> Any:
    if letters is None:
        return None
    surplus = set(letters) - set(y)
    if surplus or not letters:
        raise InvalidArgumentError(
            f"bias_axes are letters of the output of {equation!r}, got {letters!r}"
        )
    first = min(y.index(letter) for letter in letters)
    return tuple(sizes[letter] if letter in letters else 1 for letter in y[first:])


def _with_axes(initializer: Any, found: Shapes) -> Any:
    """Tell an initializer that counts inputs and outputs which axes of the kernel these are."""
    if not isinstance(initializer, VarianceScaling) or initializer.input_axes is not None:
        return initializer
    axes = {"input_axes": found.input_axes, "output_axes": found.output_axes}
    return VarianceScaling.from_config(
        {
            "scale": initializer.scale,
            "mode": initializer.mode,
            "distribution": initializer.distribution,
            "seed": initializer.seed,
            **axes,
        }
    )
