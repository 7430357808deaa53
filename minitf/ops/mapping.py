"""A function for every row: `map_fn`, `vectorized_map`, `scan`, `foldl`, `foldr`.

Eagerly each is a Python loop. In a graph each is a `while_loop` operation whose step reads its
element from a list of the rows, and *saves* its result: the loop itself returns the list of what it
saves, so nothing is copied from step to step (see `minitf.ops.loop`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minitf.dtypes import as_dtype, int64
from minitf.errors import DTypeError, InvalidArgumentError, ShapeError
from minitf.graph.composite import composites
from minitf.graph.context import context
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten, is_nested, pack_like
from minitf.graph.spec import TensorSpec
from minitf.graph.tensor import Tensor
from minitf.graph.trace import pack_results, trace
from minitf.ops.array import concat, expand_dims, stack, unstack
from minitf.ops.composed import composed
from minitf.ops.index import getitem
from minitf.ops.lists import list_read, list_stack, list_unstack
from minitf.ops.loop import STEP, run_loop
from minitf.ops.source import constant, stop_gradient
from minitf.ops.source import shape as shape_of
from minitf.ops.subgraph import check_form

Function = Callable[..., Any]


class Rows:
    """The rows of nested tensors that share their first axis.

    Attributes
    ----------
    structure : nested structure
        The form of the elements.
    tensors : list of Tensor
        Its leaves, each of shape (n, ...).
    """

    def __init__(self, elems: Any):
        _check_tensors("elems must be tensors", elems)
        self.structure = elems
        self.tensors = [as_tensor(t) for t in flatten(elems)]
        if not self.tensors or any(not t.shape for t in self.tensors):
            raise ShapeError("elems must be tensors with a first axis to go along")
        counts = {t.shape[0] for t in self.tensors} - {None}
        if len(counts) > 1:
            raise ShapeError(f"elems differ in their first axis: {[t.shape for t in self.tensors]}")
        self.count = counts.pop() if counts else None

    def __iter__(self) -> Any:
        columns = [unstack(t) for t in self.tensors]
        return (self.pack(row) for row in zip(*columns, strict=True))

    def pack(self, leaves: Sequence[Any]) -> Any:
        """Return one row in the form of the elements."""
        return pack_like(self.structure, leaves)

    @property
    def specs(self) -> list[TensorSpec]:
        """What one row is."""
        return [TensorSpec(t.shape[1:], t.dtype) for t in self.tensors]

    def limit(self) -> Tensor:
        """Return the number of rows as a tensor of the graph."""
        if self.count is not None:
            return constant(np.int64(self.count))
        return unstack(shape_of(self.tensors[0], int64))[0]

    def reader(self) -> Callable[[Tensor], Any]:
        """Return a function from a step to its row, for the body of a loop."""
        lists = list(zip(map(list_unstack, self.tensors), self.specs, strict=True))

        def read(step: Tensor) -> Any:
            return self.pack([list_read(items, step, spec) for items, spec in lists])

        return read

    def stacked(self, lists: Sequence[Tensor], like: Sequence[Tensor]) -> list[Tensor]:
        """Return lists of what was made of each row, tensors like `like`, as one tensor each."""
        found = [list_stack(items, t.spec) for items, t in zip(lists, like, strict=True)]
        for tensor in found:
            tensor.set_shape([self.count, *tensor.shape[1:]])
        return found

    def row(self, index: int) -> Any:
        """Return one row."""
        return self.pack([getitem(t, index) for t in self.tensors])

    def without(self, index: int) -> Rows:
        """Return the rows without the first (0) or the last one (-1)."""
        rest = slice(1, None) if index == 0 else slice(None, -1)
        return Rows(self.pack([getitem(t, rest) for t in self.tensors]))


def _flat(structure: Any) -> list[Tensor]:
    _check_tensors("a function of rows returns tensors", structure)
    return [as_tensor(leaf) for leaf in flatten(structure)]


def _check_tensors(expected: str, structure: Any) -> None:
    """Stop at a ragged or sparse tensor, whose components have no rows in common."""
    for composite in composites(structure):
        raise InvalidArgumentError(f"{expected}, got a {type(composite).__name__}")


# -- map --------------------------------------------------------------------------------------


@composed
def map_fn(
    fn: Function,
    elems: Any,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
    fn_output_signature: Any = None,
) -> Any:
    """Apply a function to every row, and stack the results.

    Where `fn` is made of ops that work on any number of rows, calling it once on all of them is
    much faster.

    Parameters
    ----------
    fn : callable
        Takes one row of `elems`, returns a tensor or a nested structure of tensors.
    elems : Tensor, or nested structure of Tensors
        Shapes (n, ...).
    dtype : DType, or nested structure of them, optional
        Older name of `fn_output_signature`.
    parallel_iterations, swap_memory, infer_shape, name : optional
        Accepted as in TensorFlow, without effect.
    back_prop : bool
        False lets no gradient pass.
    fn_output_signature : DType or TensorSpec, or nested structure of them, optional
        What `fn` returns; found out by itself where it is not given.

    Returns
    -------
    Tensor, or nested structure of Tensors
        Shapes (n, ...).

    Examples
    --------
    >>> import minitf as tf
    >>> rows = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    >>> tf.map_fn(lambda row: tf.reduce_sum(row * row), rows).numpy().tolist()
    [5.0, 25.0]
    """
    rows = Rows(elems)
    wanted = dtype if fn_output_signature is None else fn_output_signature
    if context.graph is None and rows.count:
        results = [fn(row) for row in rows]
        leaves = [stack(list(column)) for column in zip(*map(_flat, results), strict=True)]
        mapped = pack_like(results[0], leaves) if is_nested(results[0]) else leaves[0]
    elif context.graph is None:
        mapped = _map_nothing(fn, rows)
    else:
        mapped = _map_in_graph(fn, rows)
    _check_signature(wanted, mapped)
    return mapped if back_prop else _stop(mapped)


def _map_in_graph(fn: Function, rows: Rows) -> Any:
    read = rows.reader()
    graph = trace(lambda step: fn(read(step)), [STEP], name="map_fn")
    saved, graph.results = graph.results, []
    _, lists = run_loop(rows.limit(), [], graph, saved=saved)
    return pack_results(graph, rows.stacked(lists, saved))


def _map_nothing(fn: Function, rows: Rows) -> Any:
    """Return the result for no rows: tracing tells what `fn` would have returned."""
    graph = trace(lambda *row: fn(rows.pack(row)), rows.specs, name="map_fn")
    empty = [np.zeros((0, *(n or 0 for n in t.shape)), t.dtype.numpy) for t in graph.results]
    return pack_results(graph, map(as_tensor, empty))


def _check_signature(wanted: Any, mapped: Any) -> None:
    if wanted is None:
        return
    check_form("what fn returns", wanted, mapped)
    for spec, tensor in zip(flatten(wanted), flatten(mapped), strict=True):
        expected = spec.dtype if isinstance(spec, TensorSpec) else as_dtype(spec)
        if tensor.dtype is not expected:
            raise DTypeError(f"fn returns {tensor.dtype.name}, but the signature says "
                             f"{expected.name}")  # fmt: skip


def _stop(structure: Any) -> Any:
    leaves = [stop_gradient(t) for t in flatten(structure)]
    return pack_like(structure, leaves)


def vectorized_map(
    fn: Function, elems: Any, fallback_to_while_loop: bool = True, warn: bool = True
) -> Any:
    """Apply a function to every row, and stack the results: `map_fn` under another name.

    Parameters
    ----------
    fn : callable
        Takes one row of `elems`.
    elems : Tensor, or nested structure of Tensors
        Shapes (n, ...).
    fallback_to_while_loop, warn : bool
        Accepted as in TensorFlow: here it is always a loop.

    Returns
    -------
    Tensor, or nested structure of Tensors

    Examples
    --------
    >>> import minitf as tf
    >>> tf.vectorized_map(lambda x: x * x, tf.constant([1.0, 2.0, 3.0])).numpy().tolist()
    [1.0, 4.0, 9.0]
    """
    return map_fn(fn, elems)


# -- fold and scan ----------------------------------------------------------------------------


class Fold:
    """One pass over rows that carries an accumulator along.

    Parameters
    ----------
    fn : callable
        Takes the accumulator and a row, returns the next accumulator.
    elems : nested structure of Tensors
        The rows.
    initializer : nested structure of Tensors, or None
        The first accumulator; None stands for the first row of the pass.
    reverse : bool
        Whether to begin with the last row.
    """

    def __init__(self, fn: Function, elems: Any, initializer: Any, reverse: bool):
        self.fn, self.reverse = fn, reverse
        self.rows = Rows(elems)
        self.starts_with_row = initializer is None
        if initializer is None:
            edge = -1 if reverse else 0
            if self.rows.count == 0:
                raise InvalidArgumentError("elems is empty, and there is no initializer")
            self.first = self.rows.row(edge)
            self.rows = self.rows.without(edge)
        else:
            self.first = initializer
        self.first = _pack(self.first, _flat(self.first))

    def run(self, keep: bool) -> Any:
        """Return the last accumulator, or with `keep` all of them, stacked in the rows' order."""
        if context.graph is None:
            return self._run_now(keep)
        return self._run_in_graph(keep)

    def _next(self, accumulator: Any, row: Any) -> Any:
        """Return the next accumulator, checked against the one before."""
        found = self.fn(accumulator, row)
        check_form("what fn returns", self.first, found)
        leaves = []
        for old, new in zip(flatten(self.first), flatten(found), strict=True):
            tensor = as_tensor(new, hint=old.dtype)
            if tensor.dtype is not old.dtype:
                raise DTypeError(f"the accumulator is {old.dtype.name}, but fn returns "
                                 f"{tensor.dtype.name}")  # fmt: skip
            if not old.shape.is_compatible_with(tensor.shape):
                raise ShapeError(f"the accumulator has shape {old.shape}, but fn returns "
                                 f"{tensor.shape}")  # fmt: skip
            leaves.append(tensor)
        return _pack(self.first, leaves)

    def _run_now(self, keep: bool) -> Any:
        rows = list(self.rows)
        kept = [self.first] if self.starts_with_row else []
        accumulator = self.first
        for row in reversed(rows) if self.reverse else rows:
            accumulator = self._next(accumulator, row)
            kept.append(accumulator)
        if not keep:
            return accumulator
        if not kept:
            return _pack(self.first, [_no_rows_like(t) for t in flatten(self.first)])
        columns = zip(*map(flatten, kept[::-1] if self.reverse else kept), strict=True)
        return _pack(self.first, [stack(list(column)) for column in columns])

    def _run_in_graph(self, keep: bool) -> Any:
        read, start = self.rows.reader(), flatten(self.first)

        def step(index: Tensor, *accumulator: Tensor) -> Any:
            return flatten(self._next(_pack(self.first, accumulator), read(index)))

        graph = trace(step, [STEP, *(t.spec for t in start)], name="fold")
        saved = graph.results if keep else []
        last, lists = run_loop(self.rows.limit(), start, graph, saved=saved, reverse=self.reverse)
        if keep:
            stacked = self.rows.stacked(lists, start)
            last = [self._with_first(*pair) for pair in zip(start, stacked, strict=True)]
        return _pack(self.first, last)

    def _with_first(self, first: Tensor, rest: Tensor) -> Tensor:
        if not self.starts_with_row:
            return rest
        row = expand_dims(first, 0)
        return concat([rest, row] if self.reverse else [row, rest], 0)


def _pack(structure: Any, leaves: Sequence[Any]) -> Any:
    return pack_like(structure, leaves)


def _no_rows_like(tensor: Tensor) -> Tensor:
    return as_tensor(np.zeros((0, *tensor.shape), tensor.dtype.numpy))


@composed
def scan(
    fn: Function,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """Carry an accumulator over the rows, and stack all of its values.

    Parameters
    ----------
    fn : callable
        Takes the accumulator and one row of `elems`, returns the next accumulator.
    elems : Tensor, or nested structure of Tensors
        Shapes (n, ...).
    initializer : Tensor, or nested structure of Tensors, optional
        The first accumulator (which is not part of the result); the first row by default (which
        is).
    parallel_iterations, swap_memory, infer_shape, name : optional
        Accepted as in TensorFlow, without effect.
    back_prop : bool
        False lets no gradient pass.
    reverse : bool
        Go from the last row to the first.

    Returns
    -------
    like the accumulator
        Shapes (n, ...): in place i, the accumulator after row i.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.scan(lambda total, x: total + x, tf.constant([1, 2, 3, 4])).numpy().tolist()
    [1, 3, 6, 10]
    """
    found = Fold(fn, elems, initializer, reverse).run(keep=True)
    return found if back_prop else _stop(found)


@composed
def foldl(
    fn: Function,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """Carry an accumulator over the rows, from the first to the last, and return it.

    Parameters
    ----------
    fn : callable
        Takes the accumulator and one row of `elems`, returns the next accumulator.
    elems : Tensor, or nested structure of Tensors
        Shapes (n, ...).
    initializer : Tensor, or nested structure of Tensors, optional
        The first accumulator; the first row by default.
    parallel_iterations, swap_memory, name : optional
        Accepted as in TensorFlow, without effect.
    back_prop : bool
        False lets no gradient pass.

    Returns
    -------
    like the accumulator

    Examples
    --------
    >>> import minitf as tf
    >>> int(tf.foldl(lambda a, x: 10 * a + x, tf.constant([1, 2, 3])))
    123
    """
    found = Fold(fn, elems, initializer, reverse=False).run(keep=False)
    return found if back_prop else _stop(found)


@composed
def foldr(
    fn: Function,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """Carry an accumulator over the rows, from the last to the first, and return it.

    Parameters
    ----------
    fn, elems, initializer, parallel_iterations, back_prop, swap_memory, name
        As for `foldl`; the accumulator begins with the last row by default.

    Returns
    -------
    like the accumulator

    Examples
    --------
    >>> import minitf as tf
    >>> int(tf.foldr(lambda a, x: 10 * a + x, tf.constant([1, 2, 3])))
    321
    """
    found = Fold(fn, elems, initializer, reverse=True).run(keep=False)
    return found if back_prop else _stop(found)
