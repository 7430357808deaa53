"""Layers as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minitf.errors import UsageError
from minitf.layers.layer import Layer
from minitf.serialization import deserialize_keras_object, serialize_keras_object


def serialize(layer: Any) -> Any:
    """Return a layer as plain data: its class and its config.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.serialize(keras.layers.Dense(3))["config"]["units"]
    3
    """
    return serialize_keras_object(layer)


def deserialize(
    config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
) -> Layer:
    """Return the layer that plain data describes; it has no weights yet.

    Parameters
    ----------
    config : dict
        What `serialize` returned.
    custom_objects : dict, optional
        The program's own classes and functions, by name.

    Raises
    ------
    UsageError
        Where the data describes something that is no layer.

    Examples
    --------
    >>> from minitf import keras
    >>> config = keras.layers.serialize(keras.layers.Dense(3))
    >>> keras.layers.deserialize(config).units
    3
    """
    found = deserialize_keras_object(config, custom_objects)
    if not isinstance(found, Layer):
        raise UsageError(f"expected the config of a layer, got that of {found!r}")
    return found
