"""Step: one kind of step of a model, as a graph per form of batch, or as Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitf.runtime.function import ConcreteFunction, Function

# Batches come in two sizes, the full ones and the last; padded texts in many. More forms than
# this, and one graph that knows no sizes serves all.
FORMS = 6


class Step:
    """Runs a method of a model on batches.

    Parameters
    ----------
    method : callable
        Called with a batch.
    eager : bool
        Run it as Python, at each call.
    """

    def __init__(self, method: Callable[[Any], Any], eager: bool = False):
        self.method, self.eager = method, eager
        self._exact = Function(method)
        self._general = Function(method, reduce_retracing=True)

    def __call__(self, batch: Any) -> Any:
        """Return what the method returns for a batch."""
        if self.eager:
            return self.method(batch)
        if self._exact.experimental_get_tracing_count() < FORMS:
            return self._exact(batch)
        return self._general(batch)

    @property
    def concrete_functions(self) -> list[ConcreteFunction]:
        """The graphs traced so far."""
        return self._exact.concrete_functions + self._general.concrete_functions
