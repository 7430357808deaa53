"""Calls of the functions that users give: on Tensors, eagerly, each with its own random numbers.

TensorFlow traces such functions into graphs. Here they are called on every element, so Python's
``if``, ``print`` and ``.numpy()`` work in them, and errors point to their lines. They are traced
only to find out what they return, when somebody asks for the `element_spec`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from minitf.autograph import convert
from minitf.data.element import (
    DatasetSpec,
    Element,
    as_element,
    leaf_spec,
    map_leaves,
    to_tensors,
)
from minitf.data.pipeline import UNKNOWN_CARDINALITY, Origin, Pipeline
from minitf.errors import Error, GraphError, InvalidArgumentError, OutOfRangeError
from minitf.graph.composite import Composite
from minitf.graph.context import set_context
from minitf.graph.trace import FunctionGraph
from minitf.ops.seeds import Turn, program_stream, set_seed
from minitf.ops.source import placeholder_value


class Turns:
    """The random numbers that are drawn while the elements of one dataset are made.

    They depend on how many loops there were before, and on the number of the element.
    """

    def __init__(self) -> None:
        self._streams = program_stream(), program_stream(0)

    def begin(self) -> Callable[[int], AbstractContextManager[None]]:
        """Return what makes the surroundings of each element of one loop."""
        keys = (self._streams[0].next(), self._streams[1].next())
        return lambda number: eagerly(Turn(keys, number))


class Calls:
    """The calls of one user's function by one dataset.

    Parameters
    ----------
    function : callable
        Takes Tensors: the entries of an element that is a tuple, else the element.
    origin : Origin
        The method call that the function was given to.
    """

    def __init__(self, function: Callable[..., Any], origin: Origin):
        if not callable(function):
            raise InvalidArgumentError(f"expected a function, got {function!r}")
        self._function, self._origin = function, origin
        self._turns = Turns()

    def begin(self) -> Callable[[tuple[int, tuple[Any, ...]]], Element]:
        """Return what calls the function during one loop: on the number and arguments of a call."""
        turn = self._turns.begin()

        def call(job: tuple[int, tuple[Any, ...]]) -> Element:
            number, arguments = job
            try:
                with turn(number):
                    return as_element(_packed(self._function(*to_tensors(arguments))))
            except Exception as error:  # noqa: BLE001  (it is raised again)
                raise self._explained(error, number) from error.__cause__

        return call

    def on_elements(self) -> Callable[[tuple[int, Element]], Element]:
        """Return what calls the function during one loop: on the number and value of an element."""
        call = self.begin()
        return lambda job: call((job[0], arguments(job[1])))

    def _explained(self, error: Exception, number: int) -> Exception:
        """Return an error of the user's function that says which element it came up with."""
        if isinstance(error, StopIteration):  # would look like the end of the data
            error = OutOfRangeError("the function raised StopIteration")
        if isinstance(error, Error):
            message = str(error.args[0]) if error.args else type(error).__name__
            error.args = (f"element {number}: {message}",)
            return self._origin.located(error)
        error.add_note(f"{self._origin.method}: raised by the function on element {number}")
        return error

    def result_spec(self, dataset: Pipeline, *more: Any) -> Any:
        """Return the specs of what the function returns for an element of a dataset.

        The function is traced. Raises an Error if it cannot be, since it looks at values.
        """
        with eagerly(None), FunctionGraph(f"function of {self._origin.method}").as_default():
            set_seed(0)  # of this graph: looking must not use up the program's random numbers
            specs = (*more, dataset.element_spec) if more else arguments(dataset.element_spec)
            stand_ins = map_leaves(lambda spec: _stand_in(spec, dataset), specs)
            function = convert(self._function)  # on elements Python's `if` works, here it would not
            return map_leaves(leaf_spec, _packed(function(*stand_ins)))


def arguments(element: Any) -> tuple[Any, ...]:
    """Return the arguments of a function that is called on an element."""
    return element if type(element) is tuple else (element,)


def _packed(result: Any) -> Any:
    """Return what a function returns: ``[x, y]`` is a pair there, and a tensor anywhere else."""
    return tuple(result) if isinstance(result, list) else result


def eagerly(seeds: Turn | None) -> AbstractContextManager[None]:
    """Leave what is around: the consumer's graph, tapes and device are not those of the data."""
    return set_context(
        graph=None, scope="", recorders=[], gradient_of=None, device=None, seeds=seeds
    )


def _stand_in(spec: Any, dataset: Pipeline) -> Any:
    """Return a placeholder, or a dataset that has a structure but no elements."""
    if isinstance(spec, Composite):
        return spec.with_components([placeholder_value(part) for part in spec.components()])
    if not isinstance(spec, DatasetSpec):
        return placeholder_value(spec)

    def start() -> Any:
        raise GraphError("this dataset has no elements yet: its function is being traced")

    return dataset.derived(start, spec.element_spec, UNKNOWN_CARDINALITY, Origin("window", None))
