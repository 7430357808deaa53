"""Layers around a layer: for each step of a sequence, or in both directions."""

from __future__ import annotations

from typing import Any

from minitf.errors import FailedPreconditionError, InvalidArgumentError, ShapeError, UsageError
from minitf.graph.nest import flatten, is_nested
from minitf.layers.calls import signature_of
from minitf.layers.layer import Layer
from minitf.layers.rnn import build_cell
from minitf.ops.array import concat, known_size, reshape, stack, unstack
from minitf.ops.rearrange import reverse
from minitf.serialization import deserialize_keras_object, serialize_keras_object

__all__ = ["Bidirectional", "TimeDistributed", "Wrapper"]

MERGES = {
    "concat": lambda x, y: concat([x, y], -1),
    "sum": lambda x, y: x + y,
    "ave": lambda x, y: (x + y) / 2,
    "mul": lambda x, y: x * y,
}

SHARED = ("stateful", "return_sequences", "return_state", "go_backwards")


class Wrapper(Layer):
    """A layer around another; subclasses say what for.

    Parameters
    ----------
    layer : Layer
        The layer inside.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> class Twice(keras.layers.Wrapper):
    ...     def call(self, inputs):
    ...         return self.layer(self.layer(inputs))
    >>> Twice(keras.layers.Dense(3))(keras.ops.ones((1, 3))).shape
    (1, 3)
    """

    def __init__(self, layer: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.layer = checked_layer(self, "layer", layer)

    def build(self, input_shape: Any = None) -> None:
        """Build the layer inside."""
        build_cell(self.layer, input_shape)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), "layer": serialize_keras_object(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Return the layer that a config describes."""
        layer = deserialize_keras_object(config["layer"], custom_objects=custom_objects)
        return cls(**{**config, "layer": layer})


def checked_layer(wrapper: Layer, name: str, layer: Any) -> Layer:
    """Return a layer to be wrapped; anything else is an error."""
    if not isinstance(layer, Layer):
        raise UsageError(f"layer {wrapper.name!r}: {name} is a layer, got {layer!r}")
    return layer


class TimeDistributed(Wrapper):
    """A layer applied to each step of a sequence by itself.

    Parameters
    ----------
    layer : Layer
        What is applied to (batch, ...).
    **kwargs
        As of every layer.

    Notes
    -----
    The steps become part of the batch: the layer is called once, on (batch * steps, ...). While it
    trains, a layer that keeps statistics of its batches (`BatchNormalization`, or a model with one)
    is called on one step after another, as in Keras: each step is a batch of its own.

    Examples
    --------
    >>> from minitf import keras
    >>> frames = keras.ops.ones((2, 10, 8, 8, 3))
    >>> keras.layers.TimeDistributed(keras.layers.Conv2D(4, 3))(frames).shape
    (2, 10, 6, 6, 4)
    """

    def __init__(self, layer: Any, **kwargs: Any):
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any = None) -> None:
        """Build the layer inside for the shape of one step."""
        if is_nested(input_shape[0]) or len(input_shape) < 3:
            raise ShapeError(f"layer {self.name!r}: expected an input (batch, steps, ...), got "
                             f"shape {input_shape}")  # fmt: skip
        super().build((input_shape[0], *input_shape[2:]))

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Apply the layer to all steps of all sequences."""
        if mask is not None:
            self._check_mask(mask, inputs)
        if training not in (None, False) and self._keeps_statistics and inputs.shape[1]:
            return self._by_step(inputs, training, mask)
        batch, steps = known_size(inputs, 0), known_size(inputs, 1)
        told = {"training": training}
        if mask is not None and len(mask.shape) > 2:  # the layer has a mask of its own each step
            told["mask"] = _joined(mask)
        outputs = self.layer(_joined(inputs), **told)
        return reshape(outputs, [batch, steps, *_sizes(outputs, 1)])

    @property
    def _keeps_statistics(self) -> bool:
        layer = self.layer  # a model that is not built yet may
        return not layer.built or bool(layer.trainable and layer.non_trainable_weights)

    def _by_step(self, inputs: Any, training: Any, mask: Any) -> Any:
        takes_mask = mask is not None and "mask" in signature_of(type(self.layer).call).names
        masks = unstack(mask, axis=1) if takes_mask else None
        told = {"training": training}
        return stack(
            [
                self.layer(x, **told, **({"mask": masks[i]} if masks else {}))
                for i, x in enumerate(unstack(inputs, axis=1))
            ],
            axis=1,
        )

    def _check_mask(self, mask: Any, inputs: Any) -> None:
        if len(mask.shape) < 2 or not mask.shape[:2].is_compatible_with(inputs.shape[:2]):
            raise ShapeError(f"layer {self.name!r}: a mask begins with (batch, steps), here "
                             f"{inputs.shape[:2]}, got {mask.shape}")  # fmt: skip


def _joined(x: Any) -> Any:
    """Return (batch, steps, ...) as (batch * steps, ...)."""
    return reshape(x, [known_size(x, 0) * known_size(x, 1), *_sizes(x, 2)])


def _sizes(x: Any, first: int) -> list[Any]:
    return [known_size(x, i) for i in range(first, len(x.shape))]


class Bidirectional(Layer):
    """A recurrent layer that reads a sequence forwards, and another that reads it backwards.

    Parameters
    ----------
    layer : RNN
        A recurrent layer; a copy of it reads forwards.
    merge_mode : {"concat", "sum", "ave", "mul"} or None
        How the outputs of both are put together; None returns both.
    weights : list of array, optional
        First weights: those of the one that reads forwards, then those of the other.
    backward_layer : RNN, optional
        The one that reads backwards, with `go_backwards`; a copy of `layer` by default.
    **kwargs
        As of every layer.

    Notes
    -----
    The outputs that are read backwards are turned round again, so that both outputs of a step stand
    side by side. With `return_state` the states follow: forwards, then backwards.

    References
    ----------
    M. Schuster and K. Paliwal, "Bidirectional recurrent neural networks", IEEE Transactions on
    Signal Processing 45(11), 1997.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.Bidirectional(keras.layers.LSTM(4, return_sequences=True))
    >>> layer(keras.ops.ones((2, 5, 3))).shape
    (2, 5, 8)
    """

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **kwargs: Any,
    ):
        super().__init__(weights=weights, **kwargs)
        missing = [n for n in SHARED if not hasattr(checked_layer(self, "layer", layer), n)]
        if missing:
            raise UsageError(f"layer {self.name!r}: what reads in both directions is a recurrent "
                             f"layer; {layer!r} has no {missing[0]}")  # fmt: skip
        if merge_mode is not None and merge_mode not in MERGES:
            raise InvalidArgumentError(f"layer {self.name!r}: merge_mode is one of "
                                       f"{[*MERGES, None]}, got {merge_mode!r}")  # fmt: skip
        self.merge_mode = merge_mode
        self.forward_layer = _copy(layer, "forward_")
        if backward_layer is None:
            self.backward_layer = _copy(layer, "backward_", go_backwards=True)
        else:
            self.backward_layer = checked_layer(self, "backward_layer", backward_layer)
        self._check_pair()
        for each in (self.forward_layer, self.backward_layer):
            if hasattr(each, "zero_output_for_mask"):  # so that merging adds nothing to a step
                each.zero_output_for_mask = each.return_sequences
        self.supports_masking = True
        self.input_spec = layer.input_spec

    def _check_pair(self) -> None:
        one, other = self.forward_layer, self.backward_layer
        for name in SHARED:
            values = getattr(one, name), getattr(other, name, None)
            if (values[0] == values[1]) == (name == "go_backwards"):
                wanted = "different values" if name == "go_backwards" else "one value"
                raise InvalidArgumentError(f"layer {self.name!r}: the layers for both directions "
                                           f"have {wanted} of {name}, got {values}")  # fmt: skip

    stateful = property(lambda self: self.forward_layer.stateful, doc="Whether states are kept.")
    return_sequences = property(
        lambda self: self.forward_layer.return_sequences, doc="Whether all outputs are returned."
    )
    return_state = property(
        lambda self: self.forward_layer.return_state, doc="Whether states are returned."
    )

    @property
    def states(self) -> Any:
        """The states that both layers keep, if they do."""
        both = self.forward_layer.states, self.backward_layer.states
        return None if None in both else (*both[0], *both[1])

    def reset_state(self) -> None:
        """Set the states that are kept to zero.

        Raises
        ------
        FailedPreconditionError
            Where none are kept.
        """
        if not self.stateful:
            raise FailedPreconditionError(f"layer {self.name!r}: only with stateful=True are "
                                          "states kept, which could be reset")  # fmt: skip
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    reset_states = reset_state

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build both layers."""
        for layer in (self.forward_layer, self.backward_layer):
            build_cell(layer, sequences_shape)

    def call(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: Any = None
    ) -> Any:
        """Return what both layers make of the sequences, merged, and the states if asked for."""
        half = 0 if initial_state is None else len(initial_state) // 2
        first = (initial_state[:half], initial_state[half:]) if half else (None, None)
        told = {"mask": mask, "training": training}
        y, *states = _listed(self.forward_layer(sequences, initial_state=first[0], **told))
        z, *more = _listed(self.backward_layer(sequences, initial_state=first[1], **told))
        if self.return_sequences:
            z = reverse(z, [1])
        merged = (y, z) if self.merge_mode is None else (MERGES[self.merge_mode](y, z),)
        if self.return_state:
            return (*merged, *states, *more)
        return merged if self.merge_mode is None else merged[0]

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the mask of the outputs, if they are sequences; the states have none."""
        mask = flatten(previous_mask)[0] if self.return_sequences else None
        return [mask] if self.merge_mode else [mask, mask]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        layers = {"layer": self.forward_layer, "backward_layer": self.backward_layer}
        own = {name: serialize_keras_object(layer) for name, layer in layers.items()}
        return {**super().get_config(), "merge_mode": self.merge_mode, **own}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Return the layer that a config describes."""
        config = dict(config)
        for name in ("layer", "backward_layer"):
            if config.get(name) is not None:
                config[name] = deserialize_keras_object(config[name], custom_objects=custom_objects)
        return cls(**config)


def _copy(layer: Layer, prefix: str, **changes: Any) -> Any:
    """Return a layer like another, with a name that says in which direction it reads."""
    config = serialize_keras_object(layer)
    name = prefix + layer.name.removeprefix(prefix)
    config["config"] = {**config["config"], "name": name, **changes}
    made = deserialize_keras_object(config)
    if hasattr(layer, "use_cudnn"):  # how it computes is no part of a config
        made.use_cudnn = layer.use_cudnn
    return made


def _listed(outputs: Any) -> list[Any]:
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
