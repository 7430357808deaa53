"""GradientTape: operations that have run, kept for backprop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from minitf.autodiff.backprop import backprop
from minitf.errors import FailedPreconditionError, InvalidArgumentError
from minitf.graph.context import context, set_context
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten, pack_like
from minitf.graph.operation import Operation
from minitf.graph.tensor import Tensor
from minitf.ops.source import zeros_like


class UnconnectedGradients:
    """What `gradient` gives for a source that does not reach the target."""

    NONE = "none"
    ZERO = "zero"


class GradientTape:
    """Record operations, then differentiate what they computed.

    A tape is a list of Operations, filled while its block runs: of every operation that a watched
    tensor reaches, and of no other. It is not a graph of objects that point at each other; when the
    tape goes, the history goes.

    Parameters
    ----------
    persistent : bool
        Whether `gradient` may be called more than once.
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
        context.recorders = [r for r in context.recorders if r is not self]

    def wants(self, inputs: tuple[Tensor, ...], variables: tuple[Any, ...]) -> bool:
        """Return whether a watched tensor, or a Variable to be watched, is among the sources."""
        if variables and self._watches_variables:
            for variable in variables:
                if variable.trainable:
                    self._watched.add(variable)
                    self._variables[variable] = None
        watched = self._watched
        return not (watched.isdisjoint(inputs) and watched.isdisjoint(variables))

    def record(self, node: Operation) -> None:
        """Keep an operation, and follow its outputs."""
        self.operations.append(node)
        self._watched.update(t for t in node.outputs if t.dtype.is_differentiable)

    def watch(self, tensor: Any) -> None:
        """Follow a tensor (or Variable, or a nested structure of them) from now on.

        Raises
        ------
        InvalidArgumentError
            For a tensor of integer type: it has no derivative.
        """
        for item in flatten(tensor):
            if not item.dtype.is_differentiable:
                raise InvalidArgumentError(
                    f"GradientTape.watch: only floating tensors have derivatives, got "
                    f"{item.dtype.name}"
                )
            if not isinstance(item, Tensor):
                self._variables[item] = None
            self._watched.add(item)

    def watched_variables(self) -> tuple[Any, ...]:
        """Return the Variables that were read, in the order of their first reading."""
        return tuple(self._variables)

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Record nothing inside the block."""
        with set_context(recorders=[r for r in context.recorders if r is not self]):
            yield

    def reset(self) -> None:
        """Forget everything recorded so far."""
        self.operations.clear()
        self._watched.clear()
        self._variables.clear()

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
        if self._used and not self._persistent:
            raise FailedPreconditionError(
                "GradientTape.gradient: this tape has been used; make it with persistent=True to "
                "take several gradients"
            )
        self._used = True
        targets = [as_tensor(t) for t in flatten(target)]
        seeds = [None] * len(targets) if output_gradients is None else [
            None if g is None else as_tensor(g, hint=t.dtype)
            for g, t in zip(flatten(output_gradients), targets, strict=True)
        ]  # fmt: skip
        flat = flatten(sources)
        recording = self._recording and self._persistent
        others = context.recorders if recording else [r for r in context.recorders if r is not self]
        with set_context(recorders=others):
            found = backprop(list(self.operations), targets, seeds, self._watched_only(flat))
            result = unconnected(found, flat, unconnected_gradients)
        if not self._persistent:
            self.operations.clear()
        return pack_like(sources, result)

    def _watched_only(self, sources: list[Any]) -> list[Any]:
        """Replace sources that were not watched by ones that nothing reaches."""
        return [s if s in self._watched else Unreached() for s in sources]


class Unreached:
    """A source that no target depends on."""


def unconnected(found: list[Tensor | None], sources: list[Any], rule: str) -> list[Tensor | None]:
    """Return the gradients, those that are missing replaced as `rule` says."""
    if rule in ("none", UnconnectedGradients.NONE):
        return found
    if rule != UnconnectedGradients.ZERO:
        raise InvalidArgumentError(f"unconnected_gradients is 'none' or 'zero', got {rule!r}")
    return [zeros_like(s) if g is None else g for g, s in zip(found, sources, strict=True)]
