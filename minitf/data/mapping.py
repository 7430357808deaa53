"""Transformations that call a function of the user's on every element."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Iterator as PythonIterator
from itertools import chain, islice
from typing import Any

import numpy as np

from minitf.data.background import ahead, spread, spread_if_slow
from minitf.data.calls import Calls
from minitf.data.element import Element, as_element, spec_of, to_tensors
from minitf.data.pipeline import (
    AUTOTUNE,
    UNKNOWN_CARDINALITY,
    Origin,
    Pipeline,
    first_spec,
    whole,
)
from minitf.dtypes import int64
from minitf.errors import Error, FailedPreconditionError, InvalidArgumentError
from minitf.graph.spec import TensorSpec
from minitf.ops.composed import composed

CYCLE = 4  # how many datasets interleave opens unless told: the same on every machine


class Mapping(Pipeline):
    """What a dataset can do with functions."""

    @composed
    def map(
        self,
        map_func: Callable[..., Any],
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        synchronous: bool | None = None,
        use_unbounded_threadpool: bool = False,
        name: str | None = None,
    ) -> Any:
        """Replace every element by what a function makes of it.

        Parameters
        ----------
        map_func : callable
            Takes the element as Tensors; the entries of a tuple are separate arguments. Returns a
            Tensor, or a nested structure of tuples and dicts. It is called eagerly, outside of all
            graphs and tapes. The random numbers that it draws depend on the number of the element,
            and not on threads.
        num_parallel_calls : int, optional
            Threads to call it on. AUTOTUNE takes all cores, if the function turns out to be slow
            enough for that to help.
        deterministic : bool, optional
            False lets elements come in the order in which they are ready.
        synchronous, use_unbounded_threadpool, name : optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> ds = tf.data.Dataset.from_tensor_slices(([1, 2], [10, 20]))
        >>> list(ds.map(lambda x, y: x + y).as_numpy_iterator())
        [np.int32(11), np.int32(22)]
        """
        origin = Origin.here("map")
        calls = Calls(map_func, origin)
        workers = _threads(num_parallel_calls)
        in_order = deterministic is not False

        def start() -> PythonIterator[Element]:
            call, jobs = calls.on_elements(), enumerate(self.elements())
            if workers == AUTOTUNE:
                return spread_if_slow(call, jobs, in_order)
            return spread(call, jobs, workers, in_order) if workers > 1 else map(call, jobs)

        def spec() -> Any:
            return traced_or_run(lambda: calls.result_spec(self), lambda: first_spec(start, origin))

        return self.derived(start, spec, self._size, origin)

    @composed
    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Any:
        """Keep the elements that fulfil a condition.

        Parameters
        ----------
        predicate : callable
            Takes an element as `map` passes it, and returns a truth value.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> [int(x) for x in tf.data.Dataset.range(6).filter(lambda x: x % 3 == 0)]
        [0, 3]
        """
        origin = Origin.here("filter")
        calls = Calls(predicate, origin)

        def start() -> PythonIterator[Element]:
            fulfils = calls.on_elements()
            numbered = enumerate(self.elements())
            return (job[1] for job in numbered if _truth(fulfils(job), origin))

        return self.derived(start, lambda: self.element_spec, UNKNOWN_CARDINALITY, origin)

    @composed
    def take_while(self, predicate: Callable[..., Any], name: str | None = None) -> Any:
        """Keep the elements before the first one that does not fulfil a condition.

        Parameters
        ----------
        predicate, name
            As for `filter`.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> [int(x) for x in tf.data.Dataset.range(6).take_while(lambda x: x < 2)]
        [0, 1]
        """
        origin = Origin.here("take_while")
        calls = Calls(predicate, origin)

        def start() -> PythonIterator[Element]:
            fulfils = calls.on_elements()
            for job in enumerate(self.elements()):
                if not _truth(fulfils(job), origin):
                    return
                yield job[1]

        return self.derived(start, lambda: self.element_spec, UNKNOWN_CARDINALITY, origin)

    @composed
    def flat_map(self, map_func: Callable[..., Any], name: str | None = None) -> Any:
        """Make a dataset of every element, and go through one after the other.

        Parameters
        ----------
        map_func : callable
            Takes an element as `map` passes it, and returns a Dataset.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> ds = tf.data.Dataset.range(4).window(2, shift=1, drop_remainder=True)
        >>> [w.numpy().tolist() for w in ds.flat_map(lambda w: w.batch(2))]
        [[0, 1], [1, 2], [2, 3]]
        """
        origin = Origin.here("flat_map")
        calls = Calls(map_func, origin)

        def start() -> PythonIterator[Element]:
            return chain.from_iterable(d.elements() for d in _datasets(calls, self, origin))

        def spec() -> Any:
            inner = _datasets(calls, self, origin)
            return traced_or_run(
                lambda: calls.result_spec(self).element_spec,
                lambda: _first(inner, origin).element_spec,
            )

        return self.derived(start, spec, UNKNOWN_CARDINALITY, origin)

    @composed
    def interleave(
        self,
        map_func: Callable[..., Any],
        cycle_length: Any = None,
        block_length: Any = None,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Any:
        """Make a dataset of every element, and go through several at a time, taking turns.

        Parameters
        ----------
        map_func : callable
            Takes an element as `map` passes it, and returns a Dataset.
        cycle_length : int, optional
            How many are open at a time; 4 by default.
        block_length : int, optional
            How many elements to take of one before the next has its turn; 1 by default.
        num_parallel_calls : int, optional
            If given, each open dataset is read ahead by a thread of its own.
        deterministic, name : optional
            Accepted as in TensorFlow; the order is always that of the turns.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> ds = tf.data.Dataset.range(3)
        >>> ds = ds.interleave(lambda x: tf.data.Dataset.from_tensors(x).repeat(2), cycle_length=2)
        >>> [int(x) for x in ds]
        [0, 1, 0, 1, 2, 2]
        """
        origin = Origin.here("interleave")
        calls = Calls(map_func, origin)
        slots = (
            CYCLE if cycle_length in (None, AUTOTUNE) else whole(cycle_length, "cycle_length", 1)
        )
        block = whole(1 if block_length is None else block_length, "block_length", 1)
        threads = _threads(num_parallel_calls) != 0

        def start() -> PythonIterator[Element]:
            iterators = (d.elements() for d in _datasets(calls, self, origin))
            if threads:
                iterators = (ahead(i, block) for i in iterators)
            return take_turns(iterators, slots, block)

        def spec() -> Any:
            inner = _datasets(calls, self, origin)
            return traced_or_run(
                lambda: calls.result_spec(self).element_spec,
                lambda: _first(inner, origin).element_spec,
            )

        return self.derived(start, spec, UNKNOWN_CARDINALITY, origin)

    @composed
    def scan(
        self, initial_state: Any, scan_func: Callable[..., Any], name: str | None = None
    ) -> Any:
        """Replace every element by what a function makes of it and of a state that it carries on.

        Parameters
        ----------
        initial_state : nested structure of tensors
            The state before the first element.
        scan_func : callable
            Takes (state, element), and returns (new state, new element).
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> ds = tf.data.Dataset.range(1, 5)
        >>> [int(x) for x in ds.scan(tf.constant(0, tf.int64), lambda s, x: (s + x, s + x))]
        [1, 3, 6, 10]
        """
        origin = Origin.here("scan")
        calls = Calls(scan_func, origin)

        def start() -> PythonIterator[Element]:
            state, call = as_element(initial_state), calls.begin()
            for number, element in enumerate(self.elements()):
                state, made = _pair(call((number, (state, element))), origin)
                yield made

        def spec() -> Any:
            state = spec_of(as_element(initial_state))
            return traced_or_run(
                lambda: calls.result_spec(self, state)[1], lambda: first_spec(start, origin)
            )

        return self.derived(start, spec, self._size, origin)

    @composed
    def reduce(
        self, initial_state: Any, reduce_func: Callable[..., Any], name: str | None = None
    ) -> Any:
        """Go through all elements with a state, and return the last one.

        Parameters
        ----------
        initial_state : nested structure of tensors
            The state before the first element.
        reduce_func : callable
            Takes (state, element), and returns the new state.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        nested structure of Tensor

        Examples
        --------
        >>> import minitf as tf
        >>> int(tf.data.Dataset.range(5).reduce(np.int64(0), lambda s, x: s + x))
        10
        """
        calls = Calls(reduce_func, Origin.here("reduce"))
        state, call = as_element(initial_state), calls.begin()
        for number, element in enumerate(self.elements()):
            state = call((number, (state, element)))
        return to_tensors(state)

    @composed
    def enumerate(self, start: int = 0, name: str | None = None) -> Any:
        """Put its number in front of every element.

        Parameters
        ----------
        start : int
            The first number.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset
            Of pairs (number as int64, element).

        Examples
        --------
        >>> import minitf as tf
        >>> list(tf.data.Dataset.range(5, 7).enumerate().as_numpy_iterator())
        [(np.int64(0), np.int64(5)), (np.int64(1), np.int64(6))]
        """
        first = int(start)
        return self.derived(
            lambda: ((np.array(i), e) for i, e in enumerate(self.elements(), first)),
            lambda: (TensorSpec((), int64), self.element_spec),
            self._size,
            Origin.here("enumerate"),
        )

    @composed
    def apply(self, transformation_func: Callable[[Any], Any]) -> Any:
        """Return what a function makes of the dataset as a whole.

        Parameters
        ----------
        transformation_func : callable
            Takes a Dataset and returns one.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> def pairs(ds):
        ...     return ds.batch(2, drop_remainder=True)
        >>> len(tf.data.Dataset.range(5).apply(pairs))
        2
        """
        made = transformation_func(self)
        if not isinstance(made, Pipeline):
            raise InvalidArgumentError(f"the function must return a Dataset, got {made!r}")
        return made


# -- details ----------------------------------------------------------------------------------


def _threads(num_parallel_calls: Any) -> int:
    """Return a number of threads, AUTOTUNE, or 0 where none is asked for."""
    if num_parallel_calls is None:
        return 0
    number = int(num_parallel_calls)
    return AUTOTUNE if number == AUTOTUNE else whole(number, "num_parallel_calls", 1)


def _truth(value: Element, origin: Origin) -> bool:
    if not isinstance(value, np.ndarray) or value.shape != () or value.dtype != np.bool_:
        shown = spec_of(value)
        problem = InvalidArgumentError(f"the function must return one truth value, got {shown}")
        raise origin.located(problem)
    return bool(value)


def _pair(value: Element, origin: Origin) -> tuple[Element, Element]:
    if not isinstance(value, tuple) or len(value) != 2:
        problem = InvalidArgumentError("the function must return (new state, new element)")
        raise origin.located(problem)
    return value


def _datasets(calls: Calls, source: Pipeline, origin: Origin) -> PythonIterator[Pipeline]:
    """Yield the dataset that the function returns for each element."""
    for made in map(calls.on_elements(), enumerate(source.elements())):
        if not isinstance(made, Pipeline):
            problem = InvalidArgumentError(
                f"the function must return a Dataset, got {spec_of(made)}; to return tensors, "
                "use map"
            )
            raise origin.located(problem)
        yield made


def _first(datasets: PythonIterator[Pipeline], origin: Origin) -> Pipeline:
    for dataset in datasets:
        return dataset
    problem = FailedPreconditionError("there are no elements, so their shapes are not known")
    raise origin.located(problem)


def take_turns(
    iterators: Iterable[PythonIterator[Element]], slots: int, block: int
) -> PythonIterator[Element]:
    """Yield `block` elements of each of `slots` iterators in turn.

    An iterator that has ended is replaced when it would have its next turn.
    """
    waiting, more = iter(iterators), True
    turns: list[PythonIterator[Element] | None] = [None] * slots
    while more or any(turns):
        for slot in range(slots):
            if turns[slot] is None and more:
                turns[slot] = next(waiting, None)
                more = turns[slot] is not None
            taken = 0
            for element in islice(turns[slot] or (), block):
                taken += 1
                yield element
            if taken < block:
                turns[slot] = None


def traced_or_run(trace: Callable[[], Any], run: Callable[[], Any]) -> Any:
    """Return the specs that come of tracing a function, or else of running it."""
    try:
        return trace()
    except (Error, ValueError, TypeError):  # the function looks at values: let it
        return run()
