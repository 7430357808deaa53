"""InputSpec: what a layer demands of its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.nest import flatten
from minitf.graph.tensor import Tensor


class InputSpec:
    """What a layer demands of one input; what is None is free.

    Parameters
    ----------
    dtype : str, optional
        Element type.
    shape : tuple, optional
        Its dimensions; those that are None are free.
    ndim, max_ndim, min_ndim : int, optional
        Number of dimensions, or its bounds.
    axes : dict of int to int, optional
        Sizes of single axes.
    allow_last_axis_squeeze : bool
        Whether a last axis of size 1 may be missing, or surplus.
    name : str, optional
        The key of the input, where inputs come as a dict.

    Examples
    --------
    >>> from minitf import keras
    >>> dense = keras.layers.Dense(2)
    >>> dense.build((None, 3))
    >>> dense.input_spec
    InputSpec(min_ndim=2, axes={-1: 3})
    """

    def __init__(self, dtype: Any = None, shape: Any = None, ndim: int | None = None,
                 max_ndim: int | None = None, min_ndim: int | None = None,
                 axes: Mapping[int, int | None] | None = None,
                 allow_last_axis_squeeze: bool = False, name: str | None = None,
                 optional: bool = False):  # fmt: skip
        self.dtype = dtype
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.axes = {int(k): v for k, v in (axes or {}).items()}
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name, self.optional = name, optional

    def complaint(self, shape: tuple[int | None, ...]) -> str:
        """Return what is wrong with a shape; empty if nothing is."""
        rank = len(shape)
        if self.ndim is not None and rank != self.ndim and not self.allow_last_axis_squeeze:
            return f"expected {self.ndim} dimensions"
        if self.min_ndim is not None and rank < self.min_ndim:
            return f"expected at least {self.min_ndim} dimensions"
        if self.max_ndim is not None and rank > self.max_ndim:
            return f"expected at most {self.max_ndim} dimensions"
        for axis, size in self.axes.items():
            if not -rank <= axis < rank:
                return f"expected an axis {axis}"
            if size is not None and shape[axis] not in (size, None):
                return f"expected size {size} of axis {axis}"
        return self._shape_complaint(shape)

    def _shape_complaint(self, shape: tuple[int | None, ...]) -> str:
        if self.shape is None:
            return ""
        wanted = self.shape
        if self.allow_last_axis_squeeze:
            wanted = wanted[:-1] if wanted and wanted[-1] == 1 else wanted
            shape = shape[:-1] if shape and shape[-1] == 1 else shape
        pairs = zip(wanted, shape, strict=False)
        if len(wanted) == len(shape) and all(a is None or b is None or a == b for a, b in pairs):
            return ""
        return f"expected the shape {self.shape}"

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal spec."""
        return {k: v for k, v in vars(self).items() if k not in ("name", "optional")}

    def __repr__(self) -> str:
        said = {k: v for k, v in vars(self).items() if v}
        return f"InputSpec({', '.join(f'{k}={v!r}' for k, v in said.items())})"


def check_inputs(spec: Any, inputs: Any, layer: str) -> None:
    """Compare the inputs of a layer with what it demands.

    Raises
    ------
    InvalidArgumentError
        For another number of inputs.
    ShapeError
        For an input that is not as demanded.
    """
    if isinstance(spec, InputSpec) and isinstance(inputs, Tensor):
        _check(spec, inputs, 0, layer)
        return
    specs = flatten(spec)
    if isinstance(inputs, Mapping) and all(s.name in inputs for s in specs if s is not None):
        tensors = [inputs[s.name] for s in specs]
    else:
        tensors = flatten(inputs)
    if len(specs) != len(tensors):
        raise InvalidArgumentError(
            f"layer {layer!r} expects {len(specs)} input(s), got {len(tensors)}"
        )
    for i, (wanted, tensor) in enumerate(zip(specs, tensors, strict=True)):
        if wanted is not None and isinstance(tensor, Tensor):
            _check(wanted, tensor, i, layer)


def _check(wanted: InputSpec, tensor: Tensor, number: int, layer: str) -> None:
    wrong = wanted.complaint(tensor.shape)
    if wrong:
        raise ShapeError(f"input {number} of layer {layer!r} does not fit: {wrong}, got the shape "
                         f"{tuple(tensor.shape)}")  # fmt: skip
