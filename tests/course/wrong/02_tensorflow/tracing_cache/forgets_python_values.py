# message: its value belongs to the signature

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np


def arrays_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[np.ndarray]:
    """Return the arrays among the arguments: first by position, then by name, in sorted order."""
    named = [kwargs[name] for name in sorted(kwargs)]
    return [value for value in (*args, *named) if isinstance(value, np.ndarray)]


def signature(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Hashable:
    """Return what the calls have in common that one graph serves.

    Parameters
    ----------
    args : tuple
        The positional arguments: arrays, numbers, strings, None, tuples of numbers.
    kwargs : dict
        The keyword arguments; their order does not matter.
    """

    def kind(value: Any) -> Hashable:
        if isinstance(value, np.ndarray):
            return "array", value.shape, value.dtype.name
        return type(value)

    named = tuple((name, kind(kwargs[name])) for name in sorted(kwargs))
    return tuple(map(kind, args)), named


class Function:
    """A Python function that keeps one graph per signature.

    Attributes
    ----------
    traces : int
        How many graphs have been traced.
    """

    def __init__(self, python_function: Callable[..., Any], trace: Callable[..., Any]):
        """Keep the function; trace nothing yet.

        Parameters
        ----------
        python_function : callable
            What is traced.
        trace : callable
            ``trace(python_function, args, kwargs)`` returns a graph; ``graph(arrays)`` runs it.
        """
        self.python_function = python_function
        self.trace = trace
        self.graphs: dict[Hashable, Any] = {}  # of this function alone, not of the class

    @property
    def traces(self) -> int:
        """How many graphs have been traced."""
        return len(self.graphs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the graph for these arguments, tracing it first where there is none yet."""
        key = signature(args, kwargs)
        if key not in self.graphs:
            self.graphs[key] = self.trace(self.python_function, args, kwargs)
        return self.graphs[key](arrays_of(args, kwargs))
