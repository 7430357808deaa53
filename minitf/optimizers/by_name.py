"""Optimizers by their names, and as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minitf.errors import UsageError
from minitf.optimizers.adafactor import Adafactor
from minitf.optimizers.adagrad import Adadelta, Adagrad
from minitf.optimizers.adam import Adam, AdamW
from minitf.optimizers.adamax import Adamax
from minitf.optimizers.ftrl import Ftrl
from minitf.optimizers.lamb import Lamb
from minitf.optimizers.lion import Lion
from minitf.optimizers.loss_scale import LossScaleOptimizer
from minitf.optimizers.muon import Muon
from minitf.optimizers.nadam import Nadam
from minitf.optimizers.optimizer import Optimizer
from minitf.optimizers.rmsprop import RMSprop
from minitf.optimizers.sgd import SGD
from minitf.serialization import custom_object_scope, look_up, serialize_keras_object

KNOWN: dict[str, Any] = {
    cls.__name__.lower(): cls
    for cls in (
        SGD, Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Ftrl, Lamb, Lion,
        LossScaleOptimizer, Muon, Nadam, RMSprop,
    )
}  # fmt: skip


def get(identifier: Any) -> Optimizer | None:
    """Return the optimizer that is meant by a name, a config, or the object itself.

    Parameters
    ----------
    identifier : str, dict, Optimizer, class or None
        A name in any case.

    Raises
    ------
    InvalidArgumentError
        For an unknown name.
    UsageError
        For something that is no optimizer.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.optimizers.get("rmsprop").rho
    0.9
    """
    found = look_up(_in_lower_case(identifier), "optimizer", KNOWN)
    if found is not None and not isinstance(found, Optimizer):
        raise UsageError(f"expected an optimizer, got {found!r}")
    return found


def _in_lower_case(identifier: Any) -> Any:
    """Return a name, or a config that holds one, as it is known here."""
    if isinstance(identifier, str) and identifier.lower() in KNOWN:
        return identifier.lower()
    if isinstance(identifier, Mapping) and str(identifier.get("class_name")).lower() in KNOWN:
        name = KNOWN[identifier["class_name"].lower()].__name__
        return {"module": "keras.optimizers", "config": {}, **identifier, "class_name": name}
    return identifier


def serialize(optimizer: Any) -> Any:
    """Return an optimizer as plain data."""
    return serialize_keras_object(optimizer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the optimizer that plain data describes.

    Examples
    --------
    >>> import minitf as tf
    >>> config = tf.optimizers.serialize(tf.optimizers.SGD(0.5, momentum=0.9))
    >>> tf.optimizers.deserialize(config).momentum
    0.9
    """
    with custom_object_scope(custom_objects or {}):
        return get(config)
