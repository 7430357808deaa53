"""Layer: Variables, and the computation that uses them.

``layer(x)`` is more than ``layer.call(x)``. In this order it

1. turns arrays into Tensors and casts floating ones to the layer's compute dtype;
2. with symbolic inputs, writes the call down instead (see `minitf.layers.symbolic`);
3. creates the layer's Variables, the first time, from the shapes of the inputs (`build`);
4. passes on to `call` what it asks for: `training`, and the `mask` that the input carries;
5. puts a mask on the output, and adds the activity's regularization to the losses.

What a layer consists of, what it reports of a call, and what it tells of itself stand in
`minitf.layers.holding`, `reporting` and `describing`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from minitf import constraints, initializers, regularizers
from minitf.dtypes import as_dtype
from minitf.errors import (
    FailedPreconditionError,
    InvalidArgumentError,
    NotBuiltError,
    UnimplementedError,
    UsageError,
)
from minitf.graph.context import context, init_scope, set_context
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten, is_nested, pack_like
from minitf.graph.tensor import Tensor
from minitf.layers.calls import (
    Signature,
    building,
    calling,
    calls,
    inherited_training,
    mask_of,
    signature_of,
)
from minitf.layers.describing import Described, unknown_arguments
from minitf.layers.dtype_policy import DTypePolicy, get_policy
from minitf.layers.input_spec import check_inputs
from minitf.layers.reporting import Reporter
from minitf.layers.shapes import as_shape, given_input_shape, shapes_of
from minitf.naming import auto_name, snake_case
from minitf.ops.array import known_size
from minitf.ops.division import divide_no_nan
from minitf.ops.math import cast
from minitf.ops.state import Variable
from minitf.weight import Variable as KerasVariable

# The graph of layers is built on top of this module and tells it how to write a call down.
_writer: list[Callable[..., Any]] = []


def set_call_writer(
    write: Callable[..., Any], is_symbolic: Callable[[Any], bool], infer: Callable[..., Any]
) -> None:
    """Tell layers how to write down a call on symbolic tensors, how to know these, and shapes."""
    _writer[:] = [write, is_symbolic, infer]


# -- the layer ------------------------------------------------------------------------------------


class Layer(Described, Reporter):
    """Variables, and the computation that uses them.

    A subclass creates its Variables in `build` (from the shapes of the inputs) and computes in
    `call`. It may be called on arrays, on Tensors, inside a `tf.function`, and on symbolic inputs.

    Parameters
    ----------
    activity_regularizer : regularizer, optional
        Of the outputs; joins the losses.
    trainable : bool
        Whether its Variables are trained.
    dtype : str or DTypePolicy, optional
        In which it computes and keeps its Variables; "float32" by default.
    autocast : bool
        Whether floating inputs are cast to the compute dtype.
    name : str, optional
        Its name; that of the class, numbered, by default.

    Attributes
    ----------
    built : bool
        Whether the Variables exist.
    supports_masking : bool
        Whether a mask on the input may be passed on to the output.

    Examples
    --------
    >>> from minitf import keras
    >>> class Scale(keras.layers.Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight(
    ...             shape=(input_shape[-1],), initializer="ones", name="factor")
    ...     def call(self, inputs):
    ...         return inputs * self.factor
    >>> layer = Scale(name="scale")
    >>> layer([[1.0, 2.0]]).numpy().tolist()
    [[1.0, 2.0]]
    >>> [v.path for v in layer.weights]
    ['scale/factor']
    """

    def __init_subclass__(cls, says_when_built: bool = False, **kwargs: Any) -> None:
        """Let a call of `build` be remembered; models see to that themselves."""
        super().__init_subclass__(**kwargs)
        if "build" in vars(cls) and not says_when_built:
            cls.build = _remembered(vars(cls)["build"])  # type: ignore[method-assign]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Keep the arguments: of them is made the config of a layer without a `get_config`."""
        layer = super().__new__(cls)
        layer.__dict__["_arguments"] = (args, kwargs)
        return layer

    def __init__(self, *, activity_regularizer: Any = None, trainable: bool = True,
                 dtype: Any = None, autocast: bool = True, name: str | None = None,
                 **kwargs: Any):  # fmt: skip
        self._name = _checked_name(name) or auto_name(snake_case(type(self).__name__))
        self._input_shape_given = given_input_shape(kwargs)
        self._initial_weights = kwargs.pop("weights", None)
        kwargs.pop("dynamic", None)  # of tf.keras 2; every layer may run eagerly here
        if kwargs:
            raise UsageError(f"{type(self).__name__}: {unknown_arguments(self, kwargs)}")
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.dtype_policy: DTypePolicy = get_policy(dtype)
        self.autocast = autocast
        self.built = False
        self.input_spec: Any = None
        if not hasattr(self, "supports_masking"):  # a subclass may have said so already
            self.supports_masking = False
        self._trainable = bool(trainable)
        self._trainable_variables: list[Variable] = []
        self._non_trainable_variables: list[Variable] = []
        self._losses: list[Any] = []
        self._numbers: dict[str, Any] = {}
        self._inbound_nodes: list[Any] = []

    _plain_init = __init__

    # -- what subclasses say ------------------------------------------------------------------

    def build(self, *shapes: Any) -> None:
        """Create the Variables, from the shapes of the inputs.

        Parameters
        ----------
        input_shape : tuple of int or None
            With the batch axis; a list or dict of tuples where the layer has several inputs.
        """
        self.built = True

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs."""
        raise UnimplementedError(f"{type(self).__name__} does not define call()")

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the mask of the outputs; that of the inputs, unless overridden."""
        return previous_mask

    # -- calling ------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Build if need be, and compute; or write the call down, on symbolic inputs.

        Raises
        ------
        ShapeError
            Where an input is not what the layer was built for.
        """
        if "_trainable" not in self.__dict__:
            raise FailedPreconditionError(
                f"{type(self).__name__}: call super().__init__() in its __init__ before using it"
            )
        args, kwargs = self._converted(args, kwargs)
        is_symbolic = _writer[1]
        if any(map(is_symbolic, _leaves_of(args, kwargs))):
            return _writer[0](self, args, kwargs)
        signature = signature_of(type(self).call)
        training = self._training(signature, args, kwargs)
        with calling(self, training), self._casting():
            self._build_once(signature, args, kwargs)
            if self.input_spec is not None and args:
                check_inputs(self.input_spec, args[0], self.name)
            self._fill_masks(signature, args, kwargs)
            if signature.training and len(args) <= signature.names.index("training"):
                kwargs["training"] = training
            outputs = self.call(*args, **kwargs)
            self._finish(args, kwargs, outputs)
        return outputs

    def _converted(self, args: Any, kwargs: Any) -> Any:
        """Return the arguments with arrays as Tensors, in the compute dtype where floating."""
        if len(args) == 1 and not kwargs:
            value = args[0]
            if not isinstance(value, Tensor) and _is_list_of_numbers(value):
                value = as_tensor(value)  # a list of numbers is one input, not many
            if isinstance(value, Tensor) or not is_nested(value):
                return (self._convert(value),), {}
            return (pack_like(value, [self._convert(v) for v in flatten(value)]),), {}
        leaves = [self._convert(leaf) for leaf in flatten((args, kwargs))]
        return pack_like((args, kwargs), leaves)

    def _convert(self, value: Any) -> Any:
        if isinstance(value, (np.ndarray, np.generic, Variable)):
            value = as_tensor(value)
        if isinstance(value, Tensor) and self.autocast and value.dtype.is_floating:
            if value.dtype.name == self.dtype_policy.compute_dtype:
                return value
            wanted = as_dtype(self.compute_dtype)
            if wanted.is_floating:
                mask = mask_of(value)
                value = cast(value, wanted)
                if mask is not None:
                    value._keras_mask = mask
        return value

    def _training(self, signature: Signature, args: Any, kwargs: Any) -> Any:
        """Return whether this call trains: as told, else as the call around it, else by default."""
        if signature.training:
            place = signature.names.index("training")
            said = args[place] if len(args) > place else kwargs.get("training")
        else:
            keep = signature.takes_any
            said = kwargs.get("training") if keep else kwargs.pop("training", None)
        if said is None:
            said = inherited_training()
        if said is None:
            said = signature.default
        return said if said is None or isinstance(said, Tensor) else bool(said)

    def _casting(self) -> Any:
        """Return a block in which Variables are read in the compute dtype, where that differs."""
        policy = self.dtype_policy
        same = policy.compute_dtype == policy.variable_dtype
        wanted = None if same or not self.autocast else as_dtype(policy.compute_dtype)
        return set_context(autocast=wanted) if wanted is not context.autocast else nullcontext()

    def _fill_masks(self, signature: Signature, args: Any, kwargs: Any) -> None:
        """Give `call` the masks that its inputs carry, where it asks and was given none."""
        if not signature.masks:
            return
        given = dict(zip(signature.names, args, strict=False)) | kwargs
        for name, wanted in signature.masks:
            if given.get(wanted) is None and name in given:
                masks = [mask_of(t) for t in flatten(given[name])]
                if any(m is not None for m in masks):
                    kwargs[wanted] = pack_like(given[name], masks)

    def _finish(self, args: Any, kwargs: Any, outputs: Any) -> None:
        """Put masks on the outputs, and regularize them."""
        first = args[0] if args else next(iter(kwargs.values()), None)
        has_own = type(self).compute_mask is not Layer.compute_mask
        if self.supports_masking or has_own:
            previous = kwargs.get("mask")
            if previous is None:
                previous = _masks_of(first)
            if has_own or previous is not None:
                self._put_masks(first, previous, outputs)
        if self.activity_regularizer is not None:
            for tensor in flatten(outputs):
                self.add_loss(_per_example(self.activity_regularizer(tensor), tensor))

    def _put_masks(self, inputs: Any, previous: Any, outputs: Any) -> None:
        leaves = [t for t in flatten(outputs) if isinstance(t, Tensor)]
        if all(mask_of(t) is not None for t in leaves):
            return  # the layer has seen to it itself
        masks = self.compute_mask(inputs, previous)
        if masks is None:
            return
        for tensor, mask in zip(leaves, flatten(masks), strict=False):
            if mask is not None and mask_of(tensor) is None:
                tensor._keras_mask = mask

    # -- building -----------------------------------------------------------------------------

    def _build_once(self, signature: Signature, args: Any, kwargs: Any) -> None:
        if self.built:
            return
        given = dict(zip(signature.names, args, strict=False)) | kwargs
        shapes = {f"{k}_shape": shapes_of(v) for k, v in given.items()}
        shapes = {k: v for k, v in shapes.items() if v is not None}
        wanted = list(inspect.signature(self.build).parameters.values())
        with init_scope():
            if len(wanted) == 1 and wanted[0].kind is not wanted[0].VAR_POSITIONAL:
                self._build(next(iter(shapes.values()), None))
            elif any(p.kind is p.VAR_POSITIONAL for p in wanted) or not wanted:
                self._build(*shapes.values() if wanted else ())
            else:
                self._build(**{p.name: shapes.get(p.name) for p in wanted})

    def _build(self, *shapes: Any, **named: Any) -> None:
        self.build(*shapes, **named)
        self._was_built(shapes, named)

    def _was_built(self, shapes: Any, named: Any) -> None:
        self.built = True
        if len(shapes) > 1:
            names = inspect.signature(self.build).parameters
            named = dict(zip(names, shapes, strict=False)) | named
        self._build_shapes = named or (shapes[0] if shapes else None)
        if self._initial_weights is not None:
            self.set_weights(self._initial_weights)
            self._initial_weights = None
        if self._restored:
            self._take_restored()

    def get_build_config(self) -> dict[str, Any] | None:
        """Return the shapes that the layer was built for, as Keras' files hold them."""
        shapes = getattr(self, "_build_shapes", None)
        if shapes is None:
            return None
        if isinstance(shapes, dict) and all(k.endswith("_shape") for k in shapes):
            return {"shapes_dict": shapes}
        return {"input_shape": shapes}

    def build_from_config(self, config: Mapping[str, Any]) -> None:
        """Build for the shapes of a config."""
        shapes = config.get("input_shape", config.get("shapes_dict"))
        if shapes is None or self.built:
            return
        named = shapes if "shapes_dict" in config else {}
        with init_scope():
            self._build(**{k: as_shape(v) for k, v in named.items()}) if named else self._build(
                as_shape(shapes))  # fmt: skip

    def add_weight(self, shape: Any = None, initializer: Any = None, dtype: Any = None,
                   trainable: bool = True, autocast: bool = True, regularizer: Any = None,
                   constraint: Any = None, aggregation: Any = None, name: str | None = None,
                   experimental_autocast: Any = None, synchronization: Any = None,
                   use_resource: Any = None, collections: Any = None, getter: Any = None,
                   layout: Any = None) -> Variable:  # fmt: skip
        """Create a Variable of the layer.

        Parameters
        ----------
        shape : tuple of int
            () for one number.
        initializer : str or initializer, optional
            "glorot_uniform" by default, "zeros" for whole numbers.
        dtype : str, optional
            That of the layer's Variables by default.
        trainable : bool
            Whether it is trained.
        regularizer, constraint : optional
            Joins the losses; is applied after each step of an optimizer.
        name : str, optional
            Its name; the path has the layers' names before it.

        The other arguments are Keras' for several machines, or of tf.keras 2, and not used.

        Returns
        -------
        Variable
        """
        if isinstance(shape, str):  # tf.keras 2 had the name first
            name, shape = shape, initializer
            initializer = None
        kind = as_dtype(dtype or self.variable_dtype)
        sizes = tuple(int(n) for n in (() if shape is None else as_shape(shape)))
        make: Any = initializers.get(
            initializer or ("glorot_uniform" if kind.is_floating else "zeros")
        )
        if inspect.isclass(make):
            make = make()
        with init_scope():
            variable = KerasVariable(
                make(sizes, dtype=kind), trainable=trainable, dtype=kind, name=name,
                constraint=constraints.get(constraint),
            )  # fmt: skip
        variable.path = "/".join([*self._path(), variable.name])
        variable.regularizer = regularizers.get(regularizer)
        self._track(variable)
        return variable

    add_variable = add_weight

    def _path(self) -> list[str]:
        """Return the names of the layers that are being called or built around this one, and it."""
        around = [frame.layer for frame in calls.frames]
        around += [] if around and around[-1] is self else [self]
        return [layer.name for layer in around]

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """Return the shape of the output for a shape of the input, by tracing `call`."""
        return _writer[2](self, *args, **kwargs)

    @property
    def path(self) -> str:
        """Its name, with those of the layers around it while they are being called or built."""
        return "/".join(self._path())

    if not TYPE_CHECKING:  # or every attribute would be known to type checkers

        def __getattr__(self, name: str) -> Any:
            """Say why there is no such attribute: the Variables come with the first call."""
            can_come = not name.startswith("_") and not hasattr(type(self), name)
            if can_come and not self.__dict__.get("built", True):
                raise NotBuiltError(
                    f"layer {self.name!r} has no {name!r}; it has no weights before it is built: "
                    "call it, or build(input_shape)"
                )
            return object.__getattribute__(self, name)  # which says what it always says

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _remembered(build: Callable[..., None]) -> Callable[..., None]:
    """Return a `build` after which the layer is built, and knows for which shapes."""

    @functools.wraps(build)
    def remembered(self: Layer, *shapes: Any, **named: Any) -> None:
        with building(self):
            build(self, *shapes, **named)
        if type(self).build is remembered:  # not where a subclass calls super().build()
            self._was_built(shapes, named)

    return remembered


def _leaves_of(args: Any, kwargs: Any) -> Any:
    """Return all values among the arguments; quickly, where it is one Tensor."""
    if len(args) == 1 and not kwargs and isinstance(args[0], Tensor):
        return args
    return flatten((args, kwargs))


def _is_list_of_numbers(value: Any) -> bool:
    if not is_nested(value) or not value or isinstance(value, Mapping):
        return False
    return not any(isinstance(leaf, (Tensor, np.ndarray, Variable)) for leaf in flatten(value))


def _masks_of(values: Any) -> Any:
    """Return the masks that values carry, in their structure."""
    if isinstance(values, Tensor) or not is_nested(values):
        return mask_of(values)
    return pack_like(values, [mask_of(t) for t in flatten(values)])


def _per_example(loss: Any, outputs: Tensor) -> Any:
    """Return a loss divided by the size of the batch; one number has none."""
    loss = as_tensor(loss)
    if not len(outputs.shape):
        return loss
    return divide_no_nan(loss, cast(known_size(outputs, 0), loss.dtype))


def _checked_name(name: Any) -> str | None:
    if name is None:
        return None
    if not isinstance(name, str):
        raise UsageError(f"the name of a layer is a string, got {name!r}")
    if "/" in name:
        raise InvalidArgumentError(f"the name of a layer holds no '/', got {name!r}")
    return name
