"""Objects as configs and back: what files say of layers, optimizers, losses and functions.

A config is plain JSON: ``{"module": "keras.layers", "class_name": "Dense", "config": {...},
"registered_name": None}``, in the form of Keras 3, so that files can be exchanged. To read one
never imports or runs anything that it names. A class is found among the public ones of minitf (by
its public module), among those that the program has registered or passed as ``custom_objects``,
and among the Keras classes of modules that the program itself has imported already.
"""

from __future__ import annotations

import difflib
import inspect
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from reprlib import repr as shorten
from typing import Any

import numpy as np

from minitf.dtypes import DType
from minitf.errors import InvalidArgumentError, NotFoundError, UsageError
from minitf.graph.convert import convert_to_tensor
from minitf.graph.spec import TensorShape
from minitf.graph.tensor import Tensor
from minitf.lambdas import code_as_text, function_from_text
from minitf.ops.state import Variable

# Where the classes of a public module are at home. Only what stands in `__all__` there is public.
HOMES = {
    "keras": "minitf.models",
    "keras.models": "minitf.models",
    "keras.src.models.functional": "minitf.models",
    "keras.src.models.sequential": "minitf.models",
    "keras.layers": "minitf.layers",
    "keras.optimizers": "minitf.optimizers",
    "keras.optimizers.schedules": "minitf.optimizers.schedules",
    "keras.losses": "minitf.losses",
    "keras.metrics": "minitf.metrics",
    "keras.initializers": "minitf.initializers",
    "keras.regularizers": "minitf.regularizers",
    "keras.constraints": "minitf.constraints",
    "keras.activations": "minitf.activations",
    "keras.dtype_policies": "minitf.layers",
}
# A class says where it is public by the module that defines it; the longest prefix counts.
PUBLIC = {
    "minitf.models.functional": "keras.src.models.functional",
    "minitf.models": "keras",
    "minitf.layers.dtype_policy": "keras",
    "minitf.optimizers.schedules": "keras.optimizers.schedules",
    **{f"minitf.{family}": f"keras.{family}" for family in (
        "layers", "optimizers", "losses", "metrics", "initializers", "regularizers",
        "constraints", "activations")},
}  # fmt: skip

_registered: dict[str, Any] = {}
_scopes: list[dict[str, Any]] = []
_safe_mode: ContextVar[bool | None] = ContextVar("safe_mode", default=None)


# -- registering ----------------------------------------------------------------------------------


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[Any], Any]:
    """Make a class or function of the program known to files; a decorator.

    Parameters
    ----------
    package, name : str
        What a file calls it: ``package>name``; the name is its own by default.

    Examples
    --------
    >>> from minitf import keras
    >>> @keras.saving.register_keras_serializable("course")
    ... def double(x):
    ...     return 2 * x
    >>> keras.saving.get_registered_name(double)
    'course>double'
    """

    def register(thing: Any) -> Any:
        if inspect.isclass(thing) and not hasattr(thing, "get_config"):
            raise UsageError(f"{thing.__name__} cannot be registered: it has no get_config()")
        _registered[f"{package}>{name or thing.__name__}"] = thing
        return thing

    return register


def get_registered_name(thing: Any) -> str:
    """Return what a file calls a registered class or function; its own name for others."""
    return next((k for k, v in _registered.items() if v is thing), thing.__name__)


def get_registered_object(
    name: str,
    custom_objects: Mapping[str, Any] | None = None,
    module_objects: Mapping[str, Any] | None = None,
) -> Any:
    """Return what is registered, or passed, under a name; None if nothing is."""
    for known in (custom_objects or {}, *reversed(_scopes), _registered, module_objects or {}):
        if name in known:
            return known[name]
    return None


def get_custom_objects() -> dict[str, Any]:
    """Return the dictionary of registered classes and functions, which may be changed."""
    return _registered


@contextmanager
def custom_object_scope(custom_objects: Mapping[str, Any]) -> Iterator[None]:
    """Make classes and functions known to files by name for the length of a block.

    Examples
    --------
    >>> from minitf import keras
    >>> with keras.saving.custom_object_scope({"double": lambda x: 2 * x}):
    ...     layer = keras.layers.Activation("double")
    >>> layer(keras.ops.ones(1)).numpy().tolist()
    [2.0]
    """
    _scopes.append(dict(custom_objects))
    try:
        yield
    finally:
        _scopes.pop()


CustomObjectScope = custom_object_scope


# -- by name --------------------------------------------------------------------------------------


def look_up(identifier: Any, kind: str, known: Mapping[str, Any]) -> Any:
    """Return the object that a program means by a name, a config, or the object itself.

    Parameters
    ----------
    identifier : None, str, dict, class, function or object
        None stays None; a class is instantiated.
    kind : str
        What is looked for, for errors: "activation", "loss", ...
    known : mapping of str
        The accepted names.

    Raises
    ------
    InvalidArgumentError
        For an unknown name; the nearest one is suggested.
    UsageError
        For anything that is not one of the above.
    """
    if identifier is None:
        return None
    if isinstance(identifier, str):
        found = get_registered_object(identifier, module_objects=known)
        if found is None:
            found = next((v for k, v in _registered.items() if k.endswith(f">{identifier}")), None)
        if found is None:
            raise InvalidArgumentError(
                f"unknown {kind} {identifier!r}{_nearest(identifier, known)}"
            )
        return found() if inspect.isclass(found) else found
    if isinstance(identifier, Mapping):
        if set(identifier) >= {"class_name", "config"} and "module" not in identifier:
            identifier = _complete(dict(identifier), kind, known)
        return deserialize_keras_object(identifier)
    if inspect.isclass(identifier):
        return identifier()
    if callable(identifier) or hasattr(identifier, "get_config"):
        return identifier
    raise UsageError(f"cannot understand {shorten(identifier)} as {kind}: a name, an object, or "
                     "a config is expected")  # fmt: skip


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(name, known, 1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(sorted(known))}"


def _complete(config: dict[str, Any], kind: str, known: Mapping[str, Any]) -> Any:
    """Return a config of tf.keras 2, which names no module, in today's form."""
    found = get_registered_object(config["class_name"], module_objects=known)
    if found is None:
        name = config["class_name"]
        raise InvalidArgumentError(f"unknown {kind} {name!r}{_nearest(name, known)}")
    return {**config, "module": public_module(found), "registered_name": get_registered_name(found)}


# -- writing --------------------------------------------------------------------------------------


def public_module(thing: Any) -> str | None:
    """Return the public module of a class or function of minitf; None for those of programs."""
    parts = thing.__module__.split(".")
    for count in range(len(parts), 0, -1):
        found = PUBLIC.get(".".join(parts[:count]))
        if found is not None:
            return found
    return None


def serialize_keras_object(obj: Any) -> Any:
    """Return an object as plain JSON data.

    Parameters
    ----------
    obj : object
        Anything with `get_config`, a function, a number, array, Tensor, dtype, or nested lists,
        tuples and dicts of these.

    Returns
    -------
    dict, list, str, number or None

    Raises
    ------
    UsageError
        For an object without `get_config`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.saving.serialize_keras_object(keras.regularizers.L2(0.1))["class_name"]
    'L2'
    """
    if obj is None or isinstance(obj, (bool, int, float, str)):
        return obj
    if hasattr(obj, "get_config") and not inspect.isclass(obj):
        return _object_config(obj)
    for kinds, write in _WRITERS:
        if isinstance(obj, kinds):
            return write(obj)
    raise UsageError(f"cannot save {shorten(obj)}: {type(obj).__name__} has no get_config()")


def _tagged(tag: str, **config: Any) -> dict[str, Any]:
    return {"class_name": f"__{tag}__", "config": config}


def _array_config(array: Any) -> Any:
    array = np.asarray(array)
    return _tagged("numpy", value=array.tolist(), dtype=array.dtype.name)


def _tensor_config(tensor: Tensor) -> Any:
    return _tagged("tensor", value=tensor.tolist(), dtype=tensor.dtype.name)


def _function_config(function: Any) -> Any:
    if function.__name__ == "<lambda>":
        return _tagged("lambda", **lambda_config(function))
    return {"module": "builtins", "class_name": "function",
            "config": get_registered_name(function), "registered_name": "function"}  # fmt: skip


_WRITERS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    ((list, tuple, TensorShape), lambda v: [serialize_keras_object(x) for x in v]),
    (Mapping, lambda v: {str(k): serialize_keras_object(x) for k, x in v.items()}),
    (np.ndarray, _array_config),
    (np.generic, lambda v: v.item()),
    (Tensor, _tensor_config),
    (Variable, lambda v: _array_config(v.numpy())),
    (DType, lambda v: v.name),
    (np.dtype, lambda v: v.name),
    (bytes, lambda v: _tagged("bytes", value=v.decode())),
    (slice, lambda v: _tagged("slice", start=v.start, stop=v.stop, step=v.step)),
    (type(...), lambda v: _tagged("ellipsis")),
    (types.FunctionType, _function_config),
    (types.MethodType, lambda v: _function_config(v.__func__)),
)  # fmt: skip


def _object_config(obj: Any) -> dict[str, Any]:
    cls = getattr(type(obj), "keras_class", type(obj))
    module = public_module(cls)
    config = {
        "module": module or cls.__module__,
        "class_name": cls.__name__,
        "config": {k: serialize_keras_object(v) for k, v in obj.get_config().items()},
        "registered_name": None if module else get_registered_name(cls),
    }
    if cls.__module__ == "minitf.models.functional":
        config["registered_name"] = cls.__name__  # Keras does not export this class
    for key in ("build_config", "compile_config"):
        found = getattr(obj, f"get_{key}", lambda: None)()
        if found is not None:
            config[key] = serialize_keras_object(found)
    return config


def lambda_config(function: Any) -> dict[str, Any]:
    """Return the code of a lambda as text, with its defaults and the values it closes over."""
    cells = [c.cell_contents for c in function.__closure__ or ()]
    return {
        "value": code_as_text(function),
        "defaults": serialize_keras_object(list(function.__defaults__ or ())) or None,
        "closure": serialize_keras_object(cells) or None,
    }


def lambda_from_config(config: Mapping[str, Any], safe_mode: bool = True) -> Any:
    """Return a lambda made of saved code; only where the caller trusts it with `safe_mode=False`.

    Raises
    ------
    UsageError
        In safe mode.
    """
    if safe_mode:
        raise UsageError("this file holds a Lambda, whose code would run: if you trust where the "
                         "file comes from, pass safe_mode=False")  # fmt: skip
    told = config["value"]
    text, defaults, closure = told if isinstance(told, (list, tuple)) else (
        told, config.get("defaults"), config.get("closure"))  # fmt: skip
    return function_from_text(
        text, _read(defaults or [], safe_mode), _read(closure or [], safe_mode)
    )


# -- reading --------------------------------------------------------------------------------------


def deserialize_keras_object(
    config: Any,
    custom_objects: Mapping[str, Any] | None = None,
    safe_mode: bool = True,
) -> Any:
    """Return the object that a config describes.

    Parameters
    ----------
    config : dict, list, str, number or None
        As `serialize_keras_object` gives it.
    custom_objects : dict of str to class or function, optional
        Classes and functions of the program.
    safe_mode : bool
        Whether the code of lambdas is refused.

    Raises
    ------
    NotFoundError
        For a class or function that is neither public nor known by name.
    UsageError
        For a lambda in safe mode.

    Examples
    --------
    >>> from minitf import keras
    >>> config = keras.saving.serialize_keras_object(keras.layers.Dense(3))
    >>> keras.saving.deserialize_keras_object(config).units
    3
    """
    outermost = _safe_mode.get()  # what stands inside is as safe as the file is said to be
    mode = safe_mode if outermost is None else outermost
    token = _safe_mode.set(mode)
    try:
        with custom_object_scope(custom_objects or {}):
            return _read(config, mode)
    finally:
        _safe_mode.reset(token)


def _read(config: Any, safe_mode: bool) -> Any:
    if isinstance(config, list):
        return [_read(c, safe_mode) for c in config]
    if not isinstance(config, Mapping):
        return config
    if "class_name" not in config or "config" not in config:
        return {k: _read(v, safe_mode) for k, v in config.items()}
    name, inner = config["class_name"], config["config"]
    if name in _READERS:
        return _READERS[name](inner, safe_mode)
    if name == "function":
        return _find_function(config)
    cls = _find_class(config)
    return _build(cls, config, safe_mode)


_READERS: dict[str, Callable[[Any, bool], Any]] = {
    "__numpy__": lambda c, safe: np.array(c["value"], c["dtype"]),
    "__tensor__": lambda c, safe: convert_to_tensor(np.array(c["value"], c["dtype"])),
    "__bytes__": lambda c, safe: c["value"].encode(),
    "__slice__": lambda c, safe: slice(*[_read(c[k], safe) for k in ("start", "stop", "step")]),
    "__ellipsis__": lambda c, safe: ...,
    "__lambda__": lambda_from_config,
}  # fmt: skip


def _find_function(config: Mapping[str, Any]) -> Any:
    name = config["config"] if isinstance(config["config"], str) else config["config"]["name"]
    registered = config.get("registered_name") or name
    found = get_registered_object(registered) or get_registered_object(name)
    if found is None and str(config.get("module", "")).startswith("keras."):
        found = _public(config["module"], name)
    if found is None:
        raise NotFoundError(
            f"the file uses a function {name!r} that is not known here: pass custom_objects="
            f"{{{name!r}: {name}}}, or decorate it with @keras.saving.register_keras_serializable()"
        )
    return found


def _find_class(config: Mapping[str, Any]) -> Any:
    name, module = config["class_name"], config.get("module") or ""
    found = get_registered_object(config.get("registered_name") or name)
    found = found or get_registered_object(name) or _public(module, name)
    if found is None and module in sys.modules:
        found = vars(sys.modules[module]).get(name)
        if not _is_keras_class(found, module):
            found = None
    if found is None:
        raise NotFoundError(
            f"the file uses a class {name!r} of {module or 'an unnamed module'} that is not known "
            f"here: pass custom_objects={{{name!r}: {name}}}, or decorate it with "
            "@keras.saving.register_keras_serializable()"
        )
    return found


def _is_keras_class(found: Any, module: str) -> bool:
    """Return whether it is a class with a config that the program itself has defined there."""
    return (inspect.isclass(found) and found.__module__ == module
            and hasattr(found, "from_config") and hasattr(found, "get_config"))  # fmt: skip


def _public(module: str, name: str) -> Any:
    """Return a public class or function of minitf by the module that Keras has it in."""
    while module and module not in HOMES:  # keras.src.layers.core.dense is public as keras.layers
        module = module.replace("keras.src.", "keras.") if ".src." in module else (
            module.rpartition(".")[0])  # fmt: skip
    if not module:
        return None
    home = import_module(HOMES[module])
    return getattr(home, name) if name in home.__all__ else None


def _build(cls: Any, config: Mapping[str, Any], safe_mode: bool) -> Any:
    inner = dict(config["config"])
    takes = inspect.signature(cls.from_config).parameters
    obj = cls.from_config(inner, safe_mode=safe_mode) if "safe_mode" in takes else (
        cls.from_config(inner))  # fmt: skip
    if config.get("build_config") and hasattr(obj, "build_from_config"):
        obj.build_from_config(_read(config["build_config"], safe_mode))
    if config.get("compile_config") and hasattr(obj, "compile_from_config"):
        obj.compile_from_config(config["compile_config"])
    return obj
