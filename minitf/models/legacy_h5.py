"""The older format of Keras: ``model.h5``, one HDF5 file.

The config stands in the attribute ``model_config``, how the model was compiled in
``training_config``. The group ``model_weights`` has a group for every layer, by the layer's name;
the attributes ``layer_names`` and ``weight_names`` give the order. A file of weights alone has the
same groups at its root.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

import numpy as np

from minitf.errors import DataError, NotFoundError, ShapeError, UnimplementedError, warn
from minitf.models.functional import Functional
from minitf.models.sequential import Sequential
from minitf.models.weights_file import Array, WeightsFile, WeightsWriter, explained, write_array
from minitf.ops.state import Variable
from minitf.ops.transaction import alone_with
from minitf.serialization import (
    HOMES,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_object,
    serialize_keras_object,
)

VERSION, BACKEND = "3.15.1", "tensorflow"
WEIGHTS, OPTIMIZER, OWN = "model_weights", "optimizer_weights", "top_level_model_weights"


# -- writing --------------------------------------------------------------------------------------


def save_legacy_model(model: Any, include_optimizer: bool = True) -> bytes:
    """Return a model as the content of an ``.h5`` file.

    Raises
    ------
    UnimplementedError
        For a subclass of Model: the format does not say for which shapes it was built.
    """
    if not isinstance(model, (Functional, Sequential)):
        raise UnimplementedError(
            f"save: an .h5 file holds no subclass of Model such as {type(model).__name__}; "
            "save('model.keras'), or save_weights"
        )
    writer = WeightsWriter()
    file = writer.file
    whole = serialize_keras_object(model)
    config = {"class_name": whole["class_name"], "config": whole["config"]}
    compiled = whole.get("compile_config") if include_optimizer else None
    file.attrs.update(keras_version=VERSION, backend=BACKEND, model_config=json.dumps(config))
    with alone_with(frozenset(model.variables)):
        _write_layers(file.create_group(WEIGHTS), model)
        if compiled:
            told = compiled.pop("optimizer")
            optimizer: Any = model.optimizer
            compiled["optimizer_config"] = {k: told[k] for k in ("class_name", "config")}
            file.attrs["training_config"] = json.dumps(compiled)
            _write_weights(file.create_group(OPTIMIZER), optimizer.variables)
    return writer.content()


def save_legacy_weights(model: Any) -> bytes:
    """Return the weights of a model as the content of an ``.h5`` file."""
    writer = WeightsWriter()
    with alone_with(frozenset(model.variables)):
        _write_layers(writer.file, model)
    return writer.content()


def _write_layers(group: Any, model: Any) -> None:
    group.attrs.update(backend=BACKEND, keras_version=VERSION)
    group.attrs["layer_names"] = [layer.name for layer in model.layers]
    for layer in model.layers:
        _write_weights(group.create_group(layer.name), in_old_order(layer))
    _write_weights(group.create_group(OWN), _own(model))


def _write_weights(group: Any, variables: Iterable[Variable]) -> None:
    names: dict[str, Variable] = {}
    for variable in variables:
        name = path = str(getattr(variable, "path", variable.name))
        while name in names:  # two layers of one name inside a layer
            name = f"{path}_{len(names)}"
        names[name] = variable
    group.attrs["weight_names"] = list(names) or np.zeros(0)
    for name, variable in names.items():
        write_array(group, name, variable)


def in_old_order(layer: Any) -> list[Variable]:
    """Return the weights of a layer: those that are trained, then the others."""
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _own(model: Any) -> list[Variable]:
    """Return the Variables of a model that belong to none of its layers."""
    return list(model._own_variables())


# -- reading weights ------------------------------------------------------------------------------


def is_legacy(file: WeightsFile) -> bool:
    """Return whether a file is in this format."""
    return WEIGHTS in file.file or "layer_names" in file.file.attrs or (
        "layer_names0" in file.file.attrs)  # fmt: skip


def load_legacy_weights(model: Any, file: WeightsFile, by_name: bool = False,
                        skip_mismatch: bool = False) -> None:  # fmt: skip
    """Give a model the weights of a file, layer by layer in order, or by the layers' names.

    Raises
    ------
    ShapeError
        Where they do not fit; the model has not changed then.
    """
    root = f"/{WEIGHTS}" if WEIGHTS in file.file else "/"
    saved = {name: _read_weights(file, f"{root}/{name}")
             for name in file.long_attribute("layer_names", root)}  # fmt: skip
    pairs = _by_name(model, saved) if by_name else _in_order(model, saved)
    if OWN in file.file[root]:
        own = _read_weights(file, f"{root}/{OWN}")
        pairs.append((f"model {model.name!r} itself", _own(model), own))
    troubles = [_trouble(*pair) for pair in pairs]
    told = "; ".join(text for text in troubles if text)
    if told and not skip_mismatch:
        raise ShapeError(f"{file.name} does not fit model {model.name!r}: {told}")
    if told:
        warn(f"{file.name}: not loaded: {told}")
    for (_, variables, datasets), trouble in zip(pairs, troubles, strict=True):
        if not trouble:
            _assign(variables, datasets, file.name)


Pair = tuple[str, list[Variable], list[Any]]


def _in_order(model: Any, saved: Mapping[str, list[Any]]) -> list[Pair]:
    layers = [layer for layer in model.layers if layer.weights]
    full = [name for name, datasets in saved.items() if datasets]
    if len(layers) != len(full):
        mine = [layer.name for layer in layers]
        raise ShapeError(
            f"load_weights: the model has {len(layers)} layers with weights {mine}, the file "
            f"{len(full)} {full}"
        )
    return [(f"layer {layer.name!r} ({name!r} in the file)", in_old_order(layer), saved[name])
            for layer, name in zip(layers, full, strict=True)]  # fmt: skip


def _by_name(model: Any, saved: Mapping[str, list[Any]]) -> list[Pair]:
    return [(f"layer {layer.name!r}", in_old_order(layer), saved[layer.name])
            for layer in model.layers if layer.name in saved]  # fmt: skip


def _read_weights(file: WeightsFile, path: str) -> list[Any]:
    """Return the arrays of a group in the order that its attribute says, unread."""
    names = file.long_attribute("weight_names", path) if path in file.file else None
    if names is None:
        raise DataError(f"{file.name} names a layer {path!r} that it does not hold")
    paths = [f"{path}/{name}".strip("/").replace("//", "/") for name in names]
    missing = [p for p in paths if p not in file.datasets]
    if missing:
        raise DataError(f"{file.name} names weights {missing} that it does not hold")
    return [file.datasets[p] for p in paths]


def _trouble(what: str, variables: list[Variable], datasets: list[Any]) -> str | None:
    wanted = [tuple(v.shape) for v in variables]
    shapes = [tuple(d.shape) for d in datasets]
    return None if wanted == shapes else f"{what} has {wanted}, the file {shapes}"


def _assign(variables: list[Variable], datasets: list[Any], name: str) -> None:
    for variable, dataset in zip(variables, datasets, strict=True):
        with explained(name):
            array: Array = np.asarray(dataset)
        variable.assign(array.astype(variable.dtype.numpy))


# -- reading models -------------------------------------------------------------------------------


def load_legacy_model(file: WeightsFile, custom_objects: Mapping[str, Any] | None = None,
                      compile: bool = True, safe_mode: bool = True) -> Any:  # fmt: skip
    """Return the model of an ``.h5`` file."""
    config = _json_attribute(file, "model_config")
    if config is None:
        raise DataError(f"{file.name} holds weights, but no model: make the model, then call its "
                        "load_weights")  # fmt: skip
    known = dict(custom_objects or {})
    model = deserialize_keras_object(modern(config, "keras.layers", known), known, safe_mode)
    load_legacy_weights(model, file)
    training = _json_attribute(file, "training_config") if compile else None
    if training is not None:
        _compile(model, training, known)
        _load_optimizer(model, file)
    return model


def _json_attribute(file: WeightsFile, name: str) -> Any:
    text = file.attribute(name)
    try:
        return None if text is None else json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise DataError(f"{file.name}: {name} is no JSON: {error}") from error


def _compile(model: Any, training: dict[str, Any], known: Mapping[str, Any]) -> None:
    training = dict(training)
    optimizer = modern(training.pop("optimizer_config"), "keras.optimizers", known)
    taken = ("loss", "loss_weights", "metrics", "weighted_metrics", "run_eagerly")
    told = {k: training[k] for k in taken if training.get(k) is not None}
    for key, home in (("loss", "keras.losses"), ("metrics", "keras.metrics"),
                      ("weighted_metrics", "keras.metrics")):  # fmt: skip
        if key in told:
            told[key] = modern(told[key], home, known)
    model.compile_from_config({"optimizer": optimizer, **told})


def _load_optimizer(model: Any, file: WeightsFile) -> None:
    if OPTIMIZER not in file.file:
        return
    datasets = _read_weights(file, f"/{OPTIMIZER}")
    trouble = _trouble("the optimizer", model.optimizer.variables, datasets)
    if trouble:
        warn(f"{file.name}: the optimizer begins anew: {trouble}")
    else:
        _assign(model.optimizer.variables, datasets, file.name)


def modern(config: Any, home: str, known: Mapping[str, Any]) -> Any:
    """Return a config of tf.keras 2 in today's form, which says in which module a class is.

    Parameters
    ----------
    config : dict, list or plain data
        As the file has it.
    home : str
        The public module where a class is looked for first.
    known : mapping
        Classes and functions of the program.
    """
    if isinstance(config, list):
        return [modern(c, home, known) for c in config]
    if not isinstance(config, dict):
        return config
    if not {"class_name", "config"} <= set(config) or "module" in config:
        return {k: modern(v, home, known) for k, v in config.items()}
    name = config["class_name"]
    if not isinstance(name, str) or name.startswith("__"):
        return config
    inner = modern(_without_old_keys(name, config["config"]), home, known)
    own = _own_name(name, known)
    module = None if own else _module_of(name, home)
    rest = {k: v for k, v in config.items() if k not in ("class_name", "config")}
    return {"module": module, "class_name": OLD_NAMES.get(name, name), "config": inner,
            "registered_name": own, **rest}  # fmt: skip


OLD_NAMES = {"Model": "Functional"}
OLD_KEYS = {"batch_input_shape": "batch_shape"}  # of an InputLayer


def _without_old_keys(name: str, config: Any) -> Any:
    """Return the config of a layer as its class takes it today."""
    if not isinstance(config, dict):
        return {"layers": config} if name == "Sequential" else config
    config = dict(config)
    if name == "InputLayer":
        config = {OLD_KEYS.get(k, k): v for k, v in config.items()}
    axis = config.get("axis")
    if isinstance(axis, list) and len(axis) == 1:
        config["axis"] = axis[0]
    for gone in ("implementation", "time_major", "groups_axis"):
        config.pop(gone, None)
    return config


def _own_name(name: str, known: Mapping[str, Any]) -> str | None:
    """Return the name of a class of the program: as passed, or as registered in a package."""
    if get_registered_object(name, known) is not None:
        return name
    return next((full for full in get_custom_objects() if full.endswith(f">{name}")), None)


def _module_of(name: str, home: str) -> str:
    name = OLD_NAMES.get(name, name)
    for module in (home, "keras.models", *HOMES):
        if name in import_module(HOMES[module]).__all__:
            return module
    if name == "Functional":
        return "keras.src.models.functional"
    raise NotFoundError(f"the file uses a class {name!r} that is not known here: pass "
                        f"custom_objects={{{name!r}: {name}}}")  # fmt: skip
