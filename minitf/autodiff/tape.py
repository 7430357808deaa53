"""GradientTape: operations that have run, kept for backprop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from minitf.autodiff.backprop import UnconnectedGradients, as_seeds, backprop, unconnected
from minitf.autodiff.jacobian import batch_jacobian, jacobians
from minitf.dtypes import bool_
from minitf.errors import FailedPreconditionError, InvalidArgumentError, warn
from minitf.graph.context import context, set_context
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten, pack_like
from minitf.graph.operation import Operation
from minitf.graph.tensor import Tensor

Gradients = list[Tensor | None]


class GradientTape:
    """Record operations, then differentiate what they computed.

    A tape is a list of Operations, filled while its block runs: of every operation that a watched
    tensor reaches, and of no other. It is not a graph of objects that point at each other; when the
    tape goes, the history goes.

    Parameters
    ----------
    persistent : bool
        Whether the tape may be differentiated more than once.
    watch_accessed_variables : bool
        Whether reading a trainable Variable watches it.

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x
    >>> tape.gradient(y, x).numpy()
    np.float32(6.0)

    Tapes nest, because gradients are computed by operations too:

    >>> with tf.GradientTape() as outer:
    ...     outer.watch(x)
    ...     with tf.GradientTape() as inner:
    ...         inner.watch(x)
    ...         y = x * x * x
    ...     slope = inner.gradient(y, x)
    >>> outer.gradient(slope, x).numpy()
    np.float32(18.0)
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True):
        self.operations: list[Operation] = []
        self._persistent = persistent
        self._watches_variables = watch_accessed_variables
        self._watched: set[Any] = set()
        self._variables: dict[Any, None] = {}
        self._recording = False
        self._used = False

    # -- recording ----------------------------------------------------------------------------

    def __enter__(self) -> GradientTape:
        if self._recording:
            raise InvalidArgumentError("GradientTape: this tape is recording already")
        self._recording = True
        context.recorders = [*context.recorders, self]
        return self

    def __exit__(self, *error: Any) -> None:
        self._recording = False
        context.recorders = self._others()

    def _others(self) -> list[Any]:
        return [r for r in context.recorders if r is not self]

    def wants(self, inputs: tuple[Tensor, ...], variables: tuple[Any, ...]) -> bool:
        """Return whether a watched tensor, or a Variable to be watched, is among the sources."""
        if variables and self._watches_variables:
            for variable in variables:
                if variable.watchable:
                    self._watched.add(variable)
                    self._variables[variable] = None
        watched = self._watched
        return not (watched.isdisjoint(inputs) and watched.isdisjoint(variables))

    def record(self, node: Operation) -> None:
        """Keep an operation, and follow its outputs."""
        self.operations.append(node)
        for tensor in node.outputs:
            if tensor.spec.dtype.is_differentiable:
                self._watched.add(tensor)

    def follow(self, node: Operation) -> None:
        """Follow the outputs too that an operation has got since it was recorded."""
        if not self._watched.isdisjoint(node.outputs):
            self._watched.update(t for t in node.outputs if t.dtype.is_differentiable)

    def watch(self, tensor: Any) -> None:
        """Follow a tensor (or Variable, or a nested structure of them) from now on.

        A tensor of integer type has no derivative: this warns, and the gradient is None.

        Raises
        ------
        InvalidArgumentError
            For what is no tensor.
        """
        for item in flatten(tensor):
            if not hasattr(item, "graph_tensor") and not isinstance(item, Tensor):
                raise InvalidArgumentError(
                    f"GradientTape.watch: only tensors and Variables can be watched, got {item!r}; "
                    "convert it with tf.constant first, and compute with the result"
                )
            if not item.dtype.is_differentiable:
                warn(f"GradientTape.watch: only floating tensors have derivatives, got "
                     f"{item.dtype.name}; the gradient will be None")  # fmt: skip
                continue
            if not isinstance(item, Tensor):
                self._variables[item] = None
            self._watched.add(here(item))

    def watched_variables(self) -> tuple[Any, ...]:
        """Return the Variables that were read, in the order of their first reading."""
        return tuple(self._variables)

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Record nothing inside the block."""
        if not self._recording:
            raise FailedPreconditionError("GradientTape.stop_recording: this tape is not recording")
        with set_context(recorders=self._others()):
            yield

    def reset(self) -> None:
        """Forget everything recorded so far."""
        self.operations.clear()
        self._watched.clear()
        self._variables.clear()
        self._used = False

    # -- differentiating ----------------------------------------------------------------------

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: str = UnconnectedGradients.NONE,
    ) -> Any:
        """Return the derivative of `target` (summed over its elements) for each source.

        Parameters
        ----------
        target : Tensor, or nested structure of Tensors
            What is differentiated.
        sources : Tensor or Variable, or nested structure of them
            What is differentiated for.
        output_gradients : like `target`, optional
            Weights of the target's elements; ones by default.
        unconnected_gradients : {"none", "zero"}
            What to return for a source that does not reach the target.

        Returns
        -------
        like `sources`
            Tensors of the sources' shapes.

        Raises
        ------
        FailedPreconditionError
            On the second call, unless the tape is persistent.
        """
        targets = [self._target(t) for t in flatten(target)]
        seeds = as_seeds(output_gradients, targets)
        flat = flatten(sources)
        with self._differentiating("gradient"):
            found = self._gradients(targets, seeds, flat, unconnected_gradients)
        return pack_like(sources, found)

    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """Return the derivative of every element of `target` for every element of each source.

        One backprop per element of the target.

        Parameters
        ----------
        target : Tensor
            What is differentiated; of shape T, known completely.
        sources : Tensor or Variable, or nested structure of them
            What is differentiated for; of shapes S.
        unconnected_gradients : {"none", "zero"}
            What to return for a source that does not reach the target.
        parallel_iterations, experimental_use_pfor
            Accepted as in TensorFlow, without effect.

        Returns
        -------
        like `sources`
            Tensors of shapes T + S.

        Raises
        ------
        FailedPreconditionError
            Where the tape has been used before and is not persistent.

        Examples
        --------
        >>> import minitf as tf
        >>> x = tf.constant([1.0, 2.0])
        >>> with tf.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> tape.jacobian(y, x).numpy().tolist()
        [[2.0, 0.0], [0.0, 4.0]]
        """
        target, flat = self._target(target), flatten(sources)
        with self._differentiating("jacobian"):
            found = jacobians(
                lambda seed: self._gradients([target], [seed], flat, unconnected_gradients),
                target,
                flat,
            )
        return pack_like(sources, found)

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """Return the Jacobian of each row of `target` for the same row of `source`.

        The rows of a batch must not depend on each other. One backprop per element of one row.

        Parameters
        ----------
        target : Tensor
            Shape (b, *T); T known completely.
        source : Tensor or Variable
            Shape (b, *S).
        unconnected_gradients : {"none", "zero"}
            What to return where the source does not reach the target.
        parallel_iterations, experimental_use_pfor
            Accepted as in TensorFlow, without effect.

        Returns
        -------
        Tensor or None
            Shape (b, *T, *S).

        Raises
        ------
        ShapeError
            Where the first axes differ.
        FailedPreconditionError
            Where the tape has been used before and is not persistent.

        Examples
        --------
        >>> import minitf as tf
        >>> x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
        >>> with tf.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> tape.batch_jacobian(y, x).numpy().tolist()
        [[[2.0, 0.0], [0.0, 4.0]], [[6.0, 0.0], [0.0, 8.0]]]
        """
        target = self._target(target)
        with self._differentiating("batch_jacobian"):
            return batch_jacobian(
                lambda seed: self._gradients([target], [seed], [source], unconnected_gradients),
                target,
                source,
            )

    @contextmanager
    def _differentiating(self, method: str) -> Iterator[None]:
        """Check that the tape may be used, keep it out of its own way, and free it afterwards."""
        if self._used and not self._persistent:
            raise FailedPreconditionError(
                f"GradientTape.{method}: this tape has been used; a tape gives one gradient or "
                "Jacobian unless it is made with persistent=True"
            )
        self._used = True
        recording = self._recording and self._persistent
        with set_context(recorders=context.recorders if recording else self._others()):
            yield
        if not self._persistent:
            self.operations.clear()
            self._watched.clear()

    def _gradients(
        self, targets: list[Tensor], seeds: Any, sources: list[Any], rule: str
    ) -> Gradients:
        watched = [
            s if (s := here(source)) in self._watched else _Unreached() for source in sources
        ]
        found = backprop(self.operations[:], targets, seeds, watched)
        return unconnected(found, sources, rule)

    def _target(self, value: Any) -> Tensor:
        """Return a target as a Tensor; reading a Variable for it belongs to the history."""
        with set_context(recorders=[*self._others(), self]):
            return as_tensor(value)


class _Unreached:
    """Stands for a source that was not watched: no target depends on it."""

    dtype = bool_  # a type without derivatives


def here(source: Any) -> Any:
    """Return a source as the graph that is being written knows it."""
    inside = context.graph is not None and isinstance(source, Tensor)
    return context.graph.capture(source) if inside else source  # type: ignore[union-attr]
