"""What layers do with their arguments: check them, keep them, and put them into a config.

A weight called ``kernel`` has three arguments, ``kernel_initializer``, ``kernel_regularizer`` and
``kernel_constraint``. `describe` keeps them, `make` creates the Variable, `settings` returns them
in the form of a config.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from minitf import activations, constraints, initializers, regularizers
from minitf.errors import InvalidArgumentError, UnimplementedError, UsageError
from minitf.layers.layer import Layer
from minitf.serialization import serialize_keras_object

WHAT = ("initializer", "regularizer", "constraint")
QUANTIZED = ("quantization_config", "lora_rank", "lora_alpha", "gptq_unpacked_column_size")
PLAIN = (bool, int, float, str, tuple, list, type(None))


# -- weights --------------------------------------------------------------------------------------


def describe(layer: Layer, name: str, initializer: Any, regularizer: Any = None,
             constraint: Any = None) -> None:  # fmt: skip
    """Keep what a layer was told about one of its weights."""
    setattr(layer, f"{name}_initializer", initializers.get(initializer))
    setattr(layer, f"{name}_regularizer", regularizers.get(regularizer))
    setattr(layer, f"{name}_constraint", constraints.get(constraint))


def make(layer: Layer, kind: str, shape: Iterable[Any], name: str | None = None, **how: Any) -> Any:
    """Create the weight that was described; `kind` is also its name, unless another is given."""
    described = {what: getattr(layer, f"{kind}_{what}", None) for what in WHAT}
    return layer.add_weight(shape=known(layer, shape), name=name or kind, **{**described, **how})


def known(layer: Layer, shape: Iterable[Any]) -> tuple[int, ...]:
    """Return the shape of a weight; an input whose size is open cannot have one."""
    shape = tuple(shape)
    if None in shape:
        raise InvalidArgumentError(
            f"layer {layer.name!r}: a weight has a known shape, got {shape}: the input's size "
            "must be known along this axis"
        )
    return shape


# -- configs --------------------------------------------------------------------------------------


def settings(layer: Layer, *names: str) -> dict[str, Any]:
    """Return arguments of a layer in the form that its config has."""
    return {name: _setting(name, getattr(layer, name)) for name in names}


def _setting(name: str, value: Any) -> Any:
    if isinstance(value, PLAIN):
        return value
    return activations.serialize(value) if name == "activation" else serialize_keras_object(value)


def told(*weights: str) -> list[str]:
    """Return the names of the arguments that describe weights."""
    return [f"{weight}_{what}" for weight in weights for what in WHAT]


def refuse_quantization(layer: str, kwargs: dict[str, Any]) -> None:
    """Take out what Keras has for quantized and low-rank weights; all must be None."""
    for name in QUANTIZED:
        if kwargs.pop(name, None) is not None:
            raise UnimplementedError(f"{layer}: {name} is not supported by minitf")


# -- checks ---------------------------------------------------------------------------------------


def positive(layer: Layer, name: str, value: Any) -> int:
    """Return a whole number from 1 on."""
    number = as_int(value)
    if number is None or number < 1:
        raise InvalidArgumentError(
            f"layer {layer.name!r}: {name} is a whole number from 1 on, got {value!r}"
        )
    return number


def as_int(value: Any) -> int | None:
    """Return a whole number as an int; None for anything else."""
    whole = hasattr(value, "__index__") and not isinstance(value, bool)
    return value.__index__() if whole else None


def per_axis(layer: Layer, name: str, value: Any, count: int, least: int = 1) -> tuple[int, ...]:
    """Return one whole number per axis, from one for all or one for each."""
    values = (value,) * count if as_int(value) is not None else value
    numbers = tuple(as_int(v) for v in values) if isinstance(values, (list, tuple)) else ()
    if len(numbers) != count or any(n is None or n < least for n in numbers):
        raise InvalidArgumentError(
            f"layer {layer.name!r}: {name} is a whole number from {least} on, or {count} of them, "
            f"got {value!r}"
        )
    return numbers  # type: ignore[return-value]


def pairs(layer: Layer, name: str, value: Any, count: int) -> tuple[tuple[int, ...], ...]:
    """Return (before, after) per axis, from a number, one each, or a pair each."""
    values = (value,) * count if as_int(value) is not None else value
    if not isinstance(values, (list, tuple)) or len(values) != count:
        raise InvalidArgumentError(
            f"layer {layer.name!r}: {name} is a whole number, {count} of them, or {count} pairs "
            f"(before, after), got {value!r}"
        )
    return tuple(per_axis(layer, name, v, 2, least=0) for v in values)


def choice(layer: Layer, name: str, value: Any, choices: tuple[str, ...]) -> str:
    """Return one of several words, in lower case; the nearest one is suggested."""
    word = value.lower() if isinstance(value, str) else value
    if word in choices:
        return str(word)
    close = difflib.get_close_matches(str(word), choices, 1, cutoff=0.5)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise InvalidArgumentError(
        f"layer {layer.name!r}: {name} is one of {', '.join(map(repr, choices))}, got {value!r}"
        f"{hint}"
    )


def fraction(layer: Layer, name: str, value: Any) -> Any:
    """Return a number from 0 to 1."""
    if not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise InvalidArgumentError(
            f"layer {layer.name!r}: {name} is a number from 0 to 1, got {value!r}"
        )
    return value


def axes(layer: Layer, axis: Any) -> Any:
    """Return an axis, or a list of them."""
    if isinstance(axis, (list, tuple)):
        return list(axis)
    if as_int(axis) is None:
        raise UsageError(f"layer {layer.name!r}: axis is an int or a list of them, got {axis!r}")
    return axis


def size_along(layer: Layer, shape: tuple[Any, ...], axis: int) -> Any:
    """Return the size of one axis of a shape."""
    if not -len(shape) <= axis < len(shape):
        raise InvalidArgumentError(
            f"layer {layer.name!r}: the input of shape {tuple(shape)} has no axis {axis}"
        )
    return shape[axis]
