"""Saving models and reading them back, in the files of Keras 3.

=====================  ============================================================================
``model.keras``        config, weights and optimizer in a zip archive (`minitf.models.archive`)
``model.weights.h5``   weights and optimizer (`minitf.models.weights_file`)
``model.h5``           the older format of whole models and weights (`minitf.models.legacy_h5`)
any other name         weights alone, as a checkpoint (`minitf.models.checkpoint`)
=====================  ============================================================================

A file is written whole or not at all. To read one runs no code that stands in it (a Lambda needs
``safe_mode=False``), and before the first weight is changed all of them have been found to fit.
"""

from __future__ import annotations

import datetime
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from minitf.errors import (
    DataError,
    Error,
    FailedPreconditionError,
    InvalidArgumentError,
    ShapeError,
    UnimplementedError,
    warn,
)
from minitf.layers.layer import Layer
from minitf.models import archive
from minitf.models.checkpoint import Checkpoint
from minitf.models.legacy_h5 import (
    is_legacy,
    load_legacy_model,
    load_legacy_weights,
    save_legacy_model,
    save_legacy_weights,
)
from minitf.models.walk import parts_of
from minitf.models.weights_file import WeightsFile, WeightsWriter, open_weights
from minitf.ops.transaction import alone_with
from minitf.optimizers.optimizer import Optimizer
from minitf.paths import write_whole
from minitf.serialization import deserialize_keras_object, serialize_keras_object

LAYOUT = "3.15.1"  # the version of Keras whose files these are
H5 = (".h5", ".hdf5")


# -- whole models ---------------------------------------------------------------------------------


def save_model(model: Any, filepath: Any, overwrite: bool = True, zipped: bool | None = None,
               include_optimizer: bool = True, save_format: str | None = None,
               options: Any = None) -> None:  # fmt: skip
    """Write a model to a file: its config, weights, and the optimizer's state.

    Parameters
    ----------
    model : Model
        What to save.
    filepath : str or Path
        With the suffix ``.keras``; or ``.h5`` for the older format.
    overwrite : bool
        Whether an existing file may be replaced.
    zipped : bool, optional
        True; a folder instead of an archive is not written.
    include_optimizer : bool
        For ``.h5``: whether the optimizer's state is saved.
    save_format : str, optional
        Of tf.keras 2: "h5" says the older format whatever the suffix is.
    options : optional
        Of tf.keras 2; not used.

    Raises
    ------
    InvalidArgumentError
        For another suffix, or where the file exists and may not be replaced.

    Examples
    --------
    >>> from minitf import keras
    >>> import tempfile
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> path = tempfile.mkdtemp() + "/model.keras"
    >>> keras.models.save_model(model, path)
    >>> x = keras.ops.ones((1, 2))
    >>> bool(keras.models.load_model(path)(x) == model(x))
    True
    """
    path = _free_path(filepath, overwrite)
    if zipped is False:
        raise UnimplementedError("save_model: minitf writes archives only; leave out zipped=False")
    if path.suffix in H5 or save_format == "h5":
        write_whole(path, save_legacy_model(model, include_optimizer))
    elif path.suffix == ".keras":
        write_whole(path, archive.pack(_members(model)))
    else:
        raise InvalidArgumentError(
            f"save_model: the file's name must end in .keras (or .h5), got {path.name!r}; "
            "TensorFlow's SavedModel is not written by minitf"
        )


def _free_path(filepath: Any, overwrite: bool) -> Path:
    """Return a path whose folder exists and that may be written to."""
    path = Path(filepath).expanduser()
    if path.exists() and not overwrite:
        raise InvalidArgumentError(f"{path} exists, and overwrite=False")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _members(model: Any) -> dict[str, bytes]:
    """Return what the archive of a model holds."""
    if not model.built:
        warn(f"model {model.name!r} is saved without weights: it has not been built")  # fmt: skip
    now = datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    metadata = {"keras_version": LAYOUT, "date_saved": now}
    return {archive.METADATA: json.dumps(metadata).encode(),
            archive.CONFIG: json.dumps(serialize_keras_object(model)).encode(),
            archive.WEIGHTS: _weights_of(model), **_assets_of(model)}  # fmt: skip


def load_model(filepath: Any, custom_objects: Mapping[str, Any] | None = None,
               compile: bool = True, safe_mode: bool = True,
               options: Any = None) -> Any:  # fmt: skip
    """Return the model of a file.

    Parameters
    ----------
    filepath : str or Path
        A ``.keras`` archive or an older ``.h5`` file, by minitf or by Keras.
    custom_objects : dict of str to class or function, optional
        What the file calls by name and the program has defined.
    compile : bool
        Whether the model is compiled as it was, and its optimizer restored.
    safe_mode : bool
        Whether the code of Lambda layers is refused.
    options : optional
        Of tf.keras 2; not used.

    Raises
    ------
    DataError, DataLossError
        For a file that is missing, foreign or damaged.
    NotFoundError
        For a class or function that is not known here.
    ShapeError
        Where the weights are not those of the model.
    """
    path = Path(filepath).expanduser()
    if _starts_with(path, b"\x89HDF"):
        with open_weights(path, path.name) as file:
            return load_legacy_model(file, custom_objects, compile, safe_mode)
    members = archive.unpack(path)
    for name in (archive.CONFIG, archive.WEIGHTS):
        if name not in members:
            raise DataError(f"{path.name} is no model: it holds no {name}")
    config = _as_config(members[archive.CONFIG], path.name)
    model = _from_config(config, custom_objects, compile, safe_mode, path.name)
    with open_weights(members[archive.WEIGHTS], path.name) as file:
        _load_state(model, file)
    _load_assets(model, members)
    return model


def _starts_with(path: Path, magic: bytes) -> bool:
    if path.is_dir():
        raise DataError(f"{path} is a folder: minitf reads .keras and .h5 files, no SavedModel")
    if not path.is_file():
        raise DataError(f"there is no file {path}")
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


def _as_config(content: bytes, name: str) -> dict[str, Any]:
    try:
        config = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name}: its config is no JSON: {error}") from error
    if not isinstance(config, dict) or not {"class_name", "config"} <= set(config):
        raise DataError(f"{name}: its config describes no model")
    return config


def _from_config(config: dict[str, Any], custom_objects: Any, compile: bool, safe_mode: bool,
                 name: str) -> Any:  # fmt: skip
    if not compile:
        config["compile_config"] = None
    try:
        model = deserialize_keras_object(config, custom_objects, safe_mode)
    except Error:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise DataError(f"{name}: its config cannot be understood: {error!r}") from error
    if not isinstance(model, Layer):
        raise DataError(f"{name}: its config describes no model, but {type(model).__name__}")
    return model


# -- configs as JSON ------------------------------------------------------------------------------


def model_to_json(model: Any, **options: Any) -> str:
    """Return the config of a model as JSON; `options` are those of `json.dumps`."""
    return json.dumps(serialize_keras_object(model), **options)


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return a model, with new weights, from what its `to_json` returned.

    Examples
    --------
    >>> from minitf import keras
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    >>> keras.models.model_from_json(model.to_json()).output_shape
    (None, 3)
    """
    config = _as_config(json_string.encode(), "model_from_json")
    return _from_config(config, custom_objects, True, True, "model_from_json")


# -- weights alone --------------------------------------------------------------------------------


def save_weights(model: Any, filepath: Any, overwrite: bool = True,
                 save_format: str | None = None, options: Any = None) -> None:  # fmt: skip
    """Write the weights of a model, and its optimizer's state, to a file.

    Parameters
    ----------
    model : Model
        Built.
    filepath : str or Path
        With the suffix ``.weights.h5``. As in tf.keras 2, ``.h5`` alone gives the older format,
        and a name without it a checkpoint.
    overwrite : bool
        Whether an existing file may be replaced.
    save_format : str, optional
        Of tf.keras 2: "h5" says the older format whatever the suffix is.
    options : optional
        Of tf.keras 2; not used.

    Raises
    ------
    FailedPreconditionError
        Where the model has not been built.
    InvalidArgumentError
        For the suffix ``.keras``, or where the file exists and may not be replaced.
    """
    _check_built(model, "save_weights")
    path = _free_path(filepath, overwrite)
    if path.suffix == ".keras":
        raise InvalidArgumentError(
            f"save_weights: the file's name must end in .weights.h5, got {path.name!r}; "
            "save() writes .keras"
        )
    if path.name.endswith(".weights.h5"):
        write_whole(path, _weights_of(model))
    elif path.suffix in H5 or save_format == "h5":
        write_whole(path, save_legacy_weights(model))
    else:
        Checkpoint(model=model).write(path)


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False,
                 by_name: bool = False, options: Any = None) -> Any:  # fmt: skip
    """Give a model the weights of a file.

    Parameters
    ----------
    model : Model
        Built.
    filepath : str or Path
        What `save_weights` or `save_model` of minitf or Keras has written.
    skip_mismatch : bool
        Whether what does not fit is left out, with a warning, instead of being an error.
    by_name : bool
        For the older ``.h5`` format: give weights to the layers of the same names; by default the
        order counts.
    options : optional
        Of tf.keras 2; not used.

    Raises
    ------
    ShapeError
        Where weights are missing, left over or of other shapes; the model has not changed then.
    """
    path = Path(filepath).expanduser()
    checkpoint = Path(f"{path}.ckpt")
    if not path.is_file() and checkpoint.is_file():
        return Checkpoint(model=model).read(path)
    _check_built(model, "load_weights")
    if _starts_with(path, b"PK"):
        members = archive.unpack(path)
        if archive.WEIGHTS not in members:
            raise DataError(f"{path.name} holds no {archive.WEIGHTS}")
        source: bytes | Path = members[archive.WEIGHTS]
    else:
        source = path
    with open_weights(source, path.name) as file:
        if is_legacy(file):
            load_legacy_weights(model, file, by_name, skip_mismatch)
        elif by_name:
            raise InvalidArgumentError(
                f"load_weights: by_name is for the older .h5 format, which {path.name} is not in"
            )
        else:
            _load_state(model, file, skip_mismatch)
    return None


def _check_built(model: Any, method: str) -> None:
    """Say so if weights are missing; a model that has only trained its parts has all of them."""
    parts = model._flatten_layers(include_self=False)
    if not model.built and not (parts and all(part.built for part in parts)):
        raise FailedPreconditionError(
            f"{method}: model {model.name!r} has no weights yet: call it on data, or build() it"
        )


# -- parts and their arrays -----------------------------------------------------------------------


def _weights_of(model: Any) -> bytes:
    """Return the content of a weights file."""
    writer = WeightsWriter()
    with alone_with(frozenset(model.variables)):  # no run changes them half-way
        for place, part in parts_of(model).items():
            if hasattr(part, "save_own_variables"):
                part.save_own_variables(writer.store(place, part.name))
    return writer.content()


def _load_state(model: Any, file: WeightsFile, skip_mismatch: bool = False) -> None:
    """Give all parts of a model their arrays, after checking that they fit."""
    optimizer = getattr(model, "optimizer", None)
    if isinstance(optimizer, Optimizer) and not optimizer.built:
        if len(file.arrays("optimizer").shapes()) > len(optimizer.variables):  # it had trained
            optimizer.build(model.trainable_variables)
    parts = {place: part for place, part in parts_of(model).items()
             if hasattr(part, "load_own_variables")}  # fmt: skip
    found = {place: file.arrays(place) for place in parts}
    troubles = {place: _trouble(part, place, found[place]) for place, part in parts.items()}
    told = [text for text in troubles.values() if text] + _left_over(model, file)
    if told:
        message = f"{file.name} does not fit model {model.name!r}: " + "; ".join(_shortened(told))
        if not skip_mismatch:
            raise ShapeError(f"{message}. (skip_mismatch=True of load_weights takes what fits)")
        warn(message)
    for place, part in parts.items():
        if not troubles[place]:
            part.load_own_variables(found[place])


def _trouble(part: Any, place: str, arrays: Any) -> str | None:
    """Return why arrays are not those of a part, before they are read; None where they are."""
    if type(part).load_own_variables is not Layer.load_own_variables:
        return None  # it knows better, and an optimizer of other steps begins anew with a warning
    wanted = {str(i): tuple(v.shape) for i, v in enumerate(part._own_variables())}
    shapes = arrays.shapes()
    if wanted == shapes:
        return None
    what = f"layer {part.name!r} ({place or 'the model itself'})"
    if not shapes:
        return f"{what} has {_listed(wanted)}, the file nothing for it"
    if not wanted:
        return f"{what} has no weights{'' if part.built else ' (it is not built)'}, " + (
            f"the file {_listed(shapes)}")  # fmt: skip
    return f"{what} has {_listed(wanted)}, the file {_listed(shapes)}"


def _listed(shapes: dict[str, tuple[int, ...]]) -> str:
    order = sorted(shapes, key=lambda key: (len(key), key))
    return ", ".join(str(shapes[key]) for key in order)


def _left_over(model: Any, file: WeightsFile) -> list[str]:
    """Name the arrays that no part has asked for; those of an optimizer may be left."""
    free = getattr(model, "optimizer", None) is None
    rest = {path.rpartition("/vars/")[0] for path in file.datasets.keys() - file.used
            if not (free and path.startswith("optimizer/"))}  # fmt: skip
    return [f"the file has weights of {place}, the model no such part" for place in sorted(rest)]


def _shortened(told: list[str]) -> list[str]:
    most = 8
    return told if len(told) <= most else [*told[:most], f"and {len(told) - most} more"]


# -- vocabularies and other files of layers -------------------------------------------------------


def _assets_of(model: Any) -> dict[str, bytes]:
    """Return the files that layers write beside their weights, as members of the archive."""
    found: dict[str, bytes] = {}
    for place, part in parts_of(model).items():
        if hasattr(part, "save_assets"):
            with tempfile.TemporaryDirectory() as folder:
                part.save_assets(folder)
                files = [p for p in sorted(Path(folder).rglob("*")) if p.is_file()]
                for file in files:
                    name = PurePosixPath(archive.ASSETS, place, *file.relative_to(folder).parts)
                    found[str(name)] = file.read_bytes()
    return found


def _load_assets(model: Any, members: Mapping[str, bytes]) -> None:
    """Let layers read the files that they have written."""
    for place, part in parts_of(model).items():
        if hasattr(part, "load_assets"):
            inside = PurePosixPath(archive.ASSETS, place)
            mine = {PurePosixPath(n): c for n, c in members.items()
                    if PurePosixPath(n).parent == inside}  # fmt: skip
            with tempfile.TemporaryDirectory() as folder:
                for name, content in mine.items():
                    Path(folder, name.name).write_bytes(content)
                part.load_assets(folder if mine else None)
