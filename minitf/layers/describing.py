"""Described: what a layer tells of itself: its config, its names, what it was first called on."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable
from typing import Any

from minitf import regularizers
from minitf.errors import NotBuiltError, UnimplementedError, UsageError
from minitf.graph.nest import flatten, pack_like
from minitf.graph.tensor import Tensor
from minitf.layers.dtype_policy import DTypePolicy
from minitf.layers.shapes import shapes_of
from minitf.serialization import serialize_keras_object


class Described:
    """The part of a Layer that tells what it is."""

    _arguments: tuple[Any, dict[str, Any]]
    _plain_init: Any  # what makes a layer that has nothing of its own
    _inbound_nodes: list[Any]
    _name: str
    activity_regularizer: Any
    dtype_policy: DTypePolicy
    trainable: bool

    # -- configs ------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal layer, without its weights.

        Raises
        ------
        UnimplementedError
            For a subclass whose arguments are not plain data and that does not override this.
        """
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable,
                                  "dtype": serialize_keras_object(self.dtype_policy)}  # fmt: skip
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        if type(self).get_config is Described.get_config:
            config |= self._arguments_config(config)
        return config

    def _arguments_config(self, config: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments that the layer was made with, where they are plain data."""
        args, kwargs = self._arguments
        if type(self).__init__ is type(self)._plain_init:
            return {}
        bound = inspect.signature(type(self).__init__).bind(self, *args, **kwargs).arguments
        said = {k: v for k, v in list(bound.items())[1:] if k not in ("kwargs", "args")}
        said |= bound.get("kwargs", {})
        for key, value in said.items():
            if key not in config and not all(map(_is_plain, flatten(value))):
                raise UnimplementedError(
                    f"{type(self).__name__}: define get_config(), which returns all that __init__ "
                    f"takes: {key!r} is a {type(value).__name__}, which is no plain data"
                )
        return {k: v for k, v in said.items() if k not in config}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return the layer that a config describes.

        Raises
        ------
        UsageError
            Where the class does not take what the config says.
        """
        try:
            return cls(**config)
        except TypeError as error:
            raise UsageError(
                f"{cls.__name__} cannot be made of a config with {', '.join(config)}: {error}"
            ) from error

    # -- names, types, ends -------------------------------------------------------------------

    @property
    def name(self) -> str:
        """Its name."""
        return str(self._name)

    @property
    def dtype(self) -> str:
        """Element type of its Variables."""
        return self.dtype_policy.variable_dtype

    @property
    def variable_dtype(self) -> str:
        """Element type of its Variables."""
        return self.dtype_policy.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """Element type in which it computes."""
        return self.dtype_policy.compute_dtype

    @property
    def input_dtype(self) -> str:
        """Element type to which floating inputs are cast."""
        return self.dtype_policy.compute_dtype

    @property
    def input(self) -> Any:
        """The symbolic tensor, or structure, that the layer was first called on."""
        node = self._first_node("input")
        args, kwargs = node.definition.filled(node.inputs)
        return args[0] if len(args) == 1 and not kwargs else [
            t for t in flatten((args, kwargs)) if isinstance(t, Tensor)]  # fmt: skip

    @property
    def output(self) -> Any:
        """What its first call on symbolic tensors returned."""
        node = self._first_node("output")
        return pack_like(node.definition.structure, node.outputs[: node.definition.outputs])

    def _first_node(self, what: str) -> Any:
        if not self._inbound_nodes:
            raise NotBuiltError(
                f"layer {self.name!r} has no {what}: it has not been called on symbolic tensors"
            )
        return self._inbound_nodes[0]

    @property
    def input_shape(self) -> Any:
        """Shape of `input`."""
        return shapes_of(self.input)

    @property
    def output_shape(self) -> Any:
        """Shape of `output`."""
        return shapes_of(self.output)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))


def unknown_arguments(layer: Any, given: Iterable[str]) -> str:
    """Return what to say of arguments that a layer does not have."""
    makers = [vars(cls)["__init__"] for cls in type(layer).__mro__ if "__init__" in vars(cls)]
    known = [name for make in makers for name in inspect.signature(make).parameters]
    close = [near for name in given for near in difflib.get_close_matches(name, known, 1)]
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"unknown argument(s) {', '.join(map(repr, given))}{hint}"
