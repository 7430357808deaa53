"""The tracing cache.

Write what stands around a traced function: the part of `tf.function` that decides whether there
is a graph for this call already, or whether the Python code has to be traced once more.

Tracing is given to you: `trace(python_function, args, kwargs)` runs the Python code once and
returns a graph, which is called with the *arrays* of a call alone, in order: `graph(arrays)`. A
graph fits all arrays of the same shapes and dtypes. But every other argument, a number or a
string, has become part of the graph: another value needs another graph.

    >>> import numpy as np
    >>> def trace(function, args, kwargs):
    ...     print("tracing")
    ...     return lambda arrays: ("ran with", len(arrays), "array(s)")
    >>> f = Function(lambda x, power: x**power, trace)
    >>> f(np.zeros(3), 2)
    tracing
    ('ran with', 1, 'array(s)')
    >>> f(np.ones(3), 2)                # other numbers, the same shape: no new trace
    ('ran with', 1, 'array(s)')
    >>> f.traces
    1

Approach: `signature` turns a call into something hashable: for an array its shape and dtype, for
everything else its type and value. Then a dictionary from signatures to graphs does the rest.

Difficulty: 3 of 5
Minutes: 25
Section: 02_tensorflow/functions.md#one-graph-per-signature
Forbidden: minitf, functools.cache, functools.lru_cache
Hint 1: The values of an array must not be part of the signature, or every call is traced. The
values of everything else must, and with their types: 1 == True.
Hint 2: `f(a, scale=2)` and `f(a, 2)` may be different signatures, but `f(x=a, y=b)` and `f(y=b,
x=a)` are the same call: sort the keyword arguments by their names, for the signature and for the
arrays.
Hint 3: Tracing may raise an exception. Store the graph after `trace` has returned it, so that the
next call tries again.
"""

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
        return type(value), value  # the type too: 1 == 1.0 == True

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
