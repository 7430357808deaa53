"""Model: a layer that can be trained, saved and shown."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from minitf.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError
from minitf.graph.context import init_scope
from minitf.graph.nest import flatten
from minitf.graph.trace import FunctionGraph
from minitf.layers.layer import Layer
from minitf.layers.shapes import as_shape
from minitf.layers.symbolic import is_symbolic, stand_ins
from minitf.models.training import Trainer
from minitf.models.wiring import model_from_config

# The class of functional models, which is built on top of this module.
_functional: list[Any] = []


def set_functional(cls: type) -> None:
    """Tell Model what a model with inputs and outputs is."""
    _functional[:] = [cls]


class Model(Trainer, Layer, says_when_built=True):
    """A layer that can be trained (`compile`, `fit`), saved and shown.

    There are three ways to make one: ``Model(inputs, outputs)`` from symbolic tensors (then it is
    a `Functional`); a subclass whose `__init__` makes layers and whose `call` uses them; or
    `Sequential`.

    Parameters
    ----------
    inputs, outputs : symbolic tensors or structures of them, optional
        What leads from the one to the other becomes the model.
    name : str, optional
        Its name.

    Examples
    --------
    >>> from minitf import keras
    >>> class TwoLayers(keras.Model):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = keras.layers.Dense(8, activation="relu")
    ...         self.top = keras.layers.Dense(2)
    ...     def call(self, inputs):
    ...         return self.top(self.hidden(inputs))
    >>> model = TwoLayers()
    >>> model(keras.ops.ones((3, 4))).shape
    (3, 2)
    >>> model.count_params()
    58
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Return a functional model where symbolic inputs and outputs are given."""
        if cls is Model and _are_functional(args, kwargs):
            return super().__new__(_functional[0], *args, **kwargs)
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any):
        self._start_training()
        if _are_functional(args, kwargs):
            self._become_functional(args, kwargs)
            return
        if args:
            raise InvalidArgumentError(
                f"{type(self).__name__}: expected symbolic inputs and outputs, got {args!r}"
            )
        Layer.__init__(self, **kwargs)

    def _become_functional(self, args: Any, kwargs: dict[str, Any]) -> None:
        """Give this object, of a subclass of Model, the ways of a functional model."""
        if not isinstance(self, _functional[0]):
            self.__class__ = _functional_form(type(self))  # type: ignore[arg-type]
        _functional[0].__init__(self, *args, **kwargs)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Return the model that a config describes."""
        if {"layers", "input_layers", "output_layers"} <= set(config):
            return model_from_config(cls, config, custom_objects)
        return super().from_config(config)

    # -- what it holds ------------------------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """The layers directly inside this model."""
        return list(self._layers)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return a layer by its name, or by its place among `layers`.

        Raises
        ------
        NotFoundError
            Where there is none.
        """
        if (name is None) == (index is None):
            raise InvalidArgumentError("get_layer: give either name= or index=")
        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise NotFoundError(
                    f"get_layer: the model has {len(self.layers)} layers, no {index}"
                )
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        names = ", ".join(layer.name for layer in self.layers)
        raise NotFoundError(f"get_layer: no layer {name!r} in model {self.name!r}; it has: {names}")

    def build(self, *shapes: Any, **named: Any) -> None:
        """Create the Variables of all layers, by calling the model on symbolic stand-ins.

        Parameters
        ----------
        input_shape : tuple, or list or dict of tuples
            With the batch axis. For several arguments of `call`, one ``..._shape`` for each.
        """
        input_shape = named.pop("input_shape", shapes[0] if shapes else None)
        if type(self).call is Layer.call or (input_shape is None and not named):
            self.built = True
            return
        with init_scope(), FunctionGraph(self.name).as_default():
            inputs = [] if input_shape is None else [stand_ins(input_shape)]
            others = {k.removesuffix("_shape"): stand_ins(v) for k, v in named.items()}
            try:
                self.built = True
                self(*inputs, **others)
            except Exception:
                self.built = False
                raise
        self._build_shapes = named or input_shape
        self.clear_losses()

    def build_from_config(self, config: Mapping[str, Any]) -> None:
        """Create the Variables of all layers, for the shapes of a config."""
        if type(self).build is not Model.build or self.built:
            super().build_from_config(config)
        elif "shapes_dict" in config:
            self.build(**{k: as_shape(v) for k, v in config["shapes_dict"].items()})
        else:
            self.build(as_shape(config.get("input_shape")))

    def _build(self, *shapes: Any, **named: Any) -> None:
        """Leave the layers to the call that is about to run, unless the subclass has a `build`."""
        if type(self).build is not Model.build:
            super()._build(*shapes, **named)
        self.built = True
        self._build_shapes = named or (shapes[0] if shapes else None)

    # -- saving and showing -------------------------------------------------------------------

    def save(self, filepath: Any, overwrite: bool = True, zipped: bool | None = None,
             **kwargs: Any) -> None:  # fmt: skip
        """Write the model, its weights and the optimizer's state to a ``.keras`` file.

        The file appears whole or not at all; real Keras 3 reads it.
        """
        from minitf.models.saving import save_model

        save_model(self, filepath, overwrite=overwrite, zipped=zipped, **kwargs)

    def save_weights(self, filepath: Any, overwrite: bool = True, **kwargs: Any) -> None:
        """Write the weights to a ``.weights.h5`` file."""
        from minitf.models.saving import save_weights

        save_weights(self, filepath, overwrite=overwrite, **kwargs)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
        """Read the weights of a ``.weights.h5`` or ``.keras`` file."""
        from minitf.models.saving import load_weights

        load_weights(self, filepath, skip_mismatch=skip_mismatch, **kwargs)

    def summary(self, line_length: int | None = None, positions: Any = None,
                print_fn: Callable[[str], Any] | None = None, expand_nested: bool = False,
                show_trainable: bool = False, layer_range: Any = None) -> None:  # fmt: skip
        """Print a table of the layers, their output shapes and numbers of weights."""
        from minitf.models.summary import print_summary

        print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable,
                      layer_range)  # fmt: skip

    def to_json(self, **kwargs: Any) -> str:
        """Return the config as JSON; `keras.models.model_from_json` reads it."""
        from minitf.models.saving import model_to_json

        return model_to_json(self, **kwargs)

    def export(self, *args: Any, **kwargs: Any) -> None:
        """Raise: TensorFlow's SavedModel is not written by minitf; `save` writes ``.keras``."""
        raise InvalidArgumentError("export: SavedModel is not supported; use save('model.keras')")

    def count_params(self) -> int:
        """Return how many numbers the weights are."""
        if not self.built:
            raise FailedPreconditionError(
                f"count_params: model {self.name!r} has no weights before it is built: call it, "
                "fit it, or build(input_shape)"
            )
        return super().count_params()

    def reset_states(self) -> None:
        """Forget the states of stateful layers."""
        for layer in self._flatten_layers(include_self=False):
            forget = getattr(layer, "reset_states", getattr(layer, "reset_state", None))
            if getattr(layer, "stateful", False) and forget is not None:
                forget()


def _are_functional(args: Any, kwargs: dict[str, Any]) -> bool:
    """Return whether symbolic inputs and outputs are among the arguments."""
    if len(args) >= 2 or (len(args) == 1 and "outputs" in kwargs):
        return any(is_symbolic(t) for t in flatten(args[0]))
    return "inputs" in kwargs and "outputs" in kwargs


@functools.cache
def _functional_form(cls: type) -> type:
    """Return a class like a subclass of Model, with a functional model's ways behind its own."""
    bases = (cls, _functional[0])
    return type(cls.__name__, bases, {"__module__": cls.__module__, "__doc__": cls.__doc__,
                                      "keras_class": cls})  # fmt: skip
