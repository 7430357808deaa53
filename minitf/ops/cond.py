"""Choosing between graphs: `cond`, `switch_case`, `case`.

Eagerly the choice is Python's: the function that is taken is called, and a tape records what it
does. In a graph nobody knows yet which one it will be, so every function is traced to a graph, and
an operation holds them all; its kernel runs one.

The derivative is a choice, too: between the derivatives of the branches, by the same index.
Intermediate values that those need become further outputs of the forward operation (see
`minitf.ops.subgraph`). A branch that was not taken has none, and returns placeholders, which nobody
reads: the derivative takes the same branch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minitf.dtypes import int32
from minitf.errors import DTypeError, InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.op import AnyTensor, IntTensor, Raw, op
from minitf.graph.operation import Operation
from minitf.graph.spec import TensorShape, TensorSpec
from minitf.graph.tensor import Tensor, eager_tensor
from minitf.graph.trace import FunctionGraph, pack_results, set_results, walk_back
from minitf.ops.array import as_list, reshape
from minitf.ops.composed import composed
from minitf.ops.math import add
from minitf.ops.source import constant_value, zeros_like
from minitf.ops.subgraph import (
    BackwardGraph,
    Holder,
    Part,
    add_output,
    announce_outputs,
    form,
    share_inputs,
    shown,
    without_operations,
)
from minitf.ops.tensor_array import from_tensors, to_tensors

Branch = Callable[[], Any]
Agree = Callable[[Sequence[Any]], Sequence[Any]]  # from what branches return to what they give


class Branches(Holder):
    """The graphs of which an operation runs one.

    Attributes
    ----------
    keys : tuple of int
        The index that chooses each branch but the last, which is taken for every other index.
    specs : tuple of TensorSpec
        What the operation returns, whichever branch is taken.
    """

    def __init__(self, parts: Sequence[Part], keys: Sequence[int], specs: Sequence[TensorSpec]):
        super().__init__(parts)
        self.keys = tuple(keys)
        self.specs = tuple(specs)

    def run(self, index: int, values: Sequence[Any]) -> tuple[Any, ...]:
        """Run the branch of an index on the operation's values."""
        chosen = self.keys.index(index) if index in self.keys else -1
        return tuple(self.parts[chosen].bind(values)())

    def exposing(self, k: int, tensor: Tensor) -> Branches:
        """Return branches that also return `tensor` of branch `k`."""
        parts = [
            part.returning(tensor if i == k else _stand_in(part.graph, tensor.spec))
            for i, part in enumerate(self.parts)
        ]
        return Branches(parts, self.keys, (*self.specs, tensor.spec))


def _stand_in(graph: FunctionGraph, spec: TensorSpec) -> Tensor:
    """Return a constant of the promised spec, for a value that a branch does not have."""
    shape = tuple(n or 0 for n in spec.shape)
    value = eager_tensor(np.broadcast_to(np.zeros((), spec.dtype.numpy), shape))  # takes no memory
    with graph.as_default():
        return constant_value(value)


@op(name="cond", stateful=True, accepts_none=True)
def cond_(pred: AnyTensor, values: list[AnyTensor], branches: Raw):  # type: ignore[valid-type]
    """Run one of two graphs; see `cond`."""
    if pred.shape:
        raise ShapeError(f"pred must be a scalar, got a tensor of shape {pred.shape}")
    return branches.specs


@cond_.kernel("numpy")
def _(pred, *values, branches):
    return branches.run(1 if pred else 0, values)


@op(name="switch_case", stateful=True, accepts_none=True)
def switch_case_(index: IntTensor, values: list[AnyTensor], branches: Raw):  # type: ignore[valid-type]
    """Run one of several graphs; see `switch_case`."""
    if index.shape:
        raise ShapeError(f"branch_index must be a scalar, got a tensor of shape {index.shape}")
    return branches.specs


@switch_case_.kernel("numpy")
def _(index, *values, branches):
    return branches.run(int(index), values)


# -- the derivative ---------------------------------------------------------------------------


@cond_.gradient
def _(node, *dys):
    return _gradient(cond_, node, dys)


@switch_case_.gradient
def _(node, *dys):
    return _gradient(switch_case_, node, dys)


def _gradient(function: Callable[..., Any], node: Operation, dys: Any) -> list[Tensor | None]:
    """Choose between the derivatives of the branches; return the gradients of the sources."""
    count = len(node["branches"].parts)
    seeded = [i for i, dy in enumerate(dys) if dy is not None]
    walks = [_BranchGradient(node, k, seeded) for k in range(count)]
    announce_outputs(node)
    reached = [s for s in node.sources[1:] if any(s in walk.found for walk in walks)]
    if not reached:
        return [None] * len(node.sources)
    for walk in walks:
        walk.finish(reached)
    inputs = [[*(dys[i] for i in seeded), *walk.graph.captured] for walk in walks]
    gradients = _write(function, node.inputs[0], [w.graph for w in walks], inputs,
                       node["branches"].keys)  # fmt: skip
    found = dict(zip(reached, gradients, strict=True))
    return [None, *(found.get(s) for s in node.sources[1:])]


class _BranchGradient:
    """The derivative of one branch of an operation.

    Attributes
    ----------
    graph : BackwardGraph
        Its arguments are the gradients of the operation's outputs.
    found : dict
        The gradients of the operation's sources that the branch reaches, as tensors of `graph`.
    """

    def __init__(self, node: Operation, k: int, seeded: Sequence[int]):
        self.node, self.k = node, k
        part = node["branches"].parts[k]
        self.graph = BackwardGraph(part.graph, self._expose)
        seeds = [self.graph.argument(node.outputs[i].spec, "dy") for i in seeded]
        self.found: dict[Any, Tensor] = {}
        inside = [*part.graph.inputs, *part.graph.read_variables]
        outside = [*(node.inputs[1 + p] for p in part.positions), *part.graph.read_variables]
        with self.graph.as_default():
            targets = [part.fetches[i] for i in seeded]
            gradients = walk_back(part.graph.operations[:], targets, seeds, inside)
            for source, gradient in zip(outside, gradients, strict=True):
                if gradient is not None:
                    before = self.found.get(source)
                    self.found[source] = gradient if before is None else add(before, gradient)

    def _expose(self, tensor: Tensor) -> Tensor:
        """Return the tensor outside of the branch that has the value of one inside."""
        branches = self.node["branches"]
        part = branches.parts[self.k]
        for inner, position in zip(part.graph.inputs, part.positions, strict=True):
            if inner is tensor:
                return self.node.inputs[1 + position]
        for fetch, output in zip(part.fetches, self.node.outputs, strict=True):
            if fetch is tensor:
                return output
        return add_output(self.node, tensor.spec, branches=branches.exposing(self.k, tensor))

    def finish(self, reached: Sequence[Any]) -> None:
        """Let the graph return a gradient for every source that any branch reaches."""
        with self.graph.as_default():
            set_results(self.graph, [
                self.found[s] if s in self.found else zeros_like(s) for s in reached
            ])  # fmt: skip


# -- writing ----------------------------------------------------------------------------------


def _write(function: Callable[..., Any], index: Tensor, graphs: Sequence[FunctionGraph],
           inputs: Sequence[Sequence[Tensor]], keys: Sequence[int]) -> list[Tensor]:  # fmt: skip
    """Write an operation that runs one of the graphs, and return its outputs."""
    values, positions = share_inputs(inputs)
    parts = [Part(g, g.results, p) for g, p in zip(graphs, positions, strict=True)]
    specs = [_merge(i, group) for i, group in enumerate(zip(*[g.results for g in graphs]))]
    outputs = function(index, values, Branches(parts, keys, specs))
    return [] if isinstance(outputs, Operation) else as_list(outputs)


def _merge(i: int, tensors: Sequence[Tensor]) -> TensorSpec:
    """Return the spec that the results of all branches in one place satisfy."""
    first = tensors[0]
    for other in tensors[1:]:
        if other.dtype is not first.dtype:
            raise DTypeError(f"the branches return different dtypes in place {i}: "
                             f"{first.dtype.name} and {other.dtype.name}")  # fmt: skip
        if len(other.shape) != len(first.shape):
            raise ShapeError(f"the branches return different numbers of dimensions in place {i}: "
                             f"shapes {first.shape} and {other.shape}")  # fmt: skip
    dims = zip(*[t.shape for t in tensors], strict=True)
    return TensorSpec(TensorShape(d[0] if len(set(d)) == 1 else None for d in dims), first.dtype)


def _choose_in_graph(function: Callable[..., Any], index: Tensor, keys: Sequence[int],
                     branches: dict[str, Branch]) -> Any:  # fmt: skip
    """Trace the branches, write the operation, and return what it returns, in their form."""

    def agree(returned: Sequence[Any]) -> list[Any]:
        templates = [without_operations(value) for value in returned]
        (first, template), *others = zip(branches, templates, strict=True)
        for name, other in others:
            if form(other) != form(template):
                raise InvalidArgumentError(
                    f"the branches return different structures: {first} {shown(template)}, "
                    f"{name} {shown(other)}"
                )
        return templates

    return _choose(function, index, keys, branches, agree)


def choose(pred: Tensor, branches: dict[str, Branch], agree: Agree) -> Any:
    """Write a choice between two branches; what it returns is decided when both are traced."""
    return _choose(cond_, _single(pred), (1,), branches, agree)


def _single(pred: Tensor) -> Tensor:
    """Return a condition without its axes where it can be one truth value, as bool() takes it."""
    if pred.shape and all(size in (1, None) for size in pred.shape):
        return reshape(pred, [])
    return pred


def _choose(function: Callable[..., Any], index: Tensor, keys: Sequence[int],
            branches: dict[str, Branch], agree: Agree) -> Any:  # fmt: skip
    graphs = [FunctionGraph(name) for name in branches]
    returned = []
    for graph, branch in zip(graphs, branches.values(), strict=True):
        with graph.as_default():
            returned.append(branch())
    templates = agree(returned)
    for graph, template in zip(graphs, templates, strict=True):
        with graph.as_default():
            set_results(graph, to_tensors(template))
    outputs = _write(function, index, graphs, [g.captured for g in graphs], keys)
    return from_tensors(pack_results(graphs[0], outputs), *templates)


# -- what users call --------------------------------------------------------------------------


@composed
def cond(
    pred: Any,
    true_fn: Branch | None = None,
    false_fn: Branch | None = None,
    name: str | None = None,
) -> Any:
    """Return what one of two functions returns, chosen when the graph runs.

    Parameters
    ----------
    pred : Tensor or bool
        A scalar, or a single truth value in axes of length 1.
    true_fn, false_fn : callable
        Take no arguments, and return tensors in one structure, with the same dtypes. In a graph
        both are traced, but only one of them is run.
    name : str, optional
        Name scope of the operation.

    Returns
    -------
    Tensor, or nested structure of Tensors
        What the chosen function returns. Dimensions in which the two differ are unknown.

    Raises
    ------
    InvalidArgumentError
        Where the functions return different structures, dtypes or numbers of dimensions.

    Examples
    --------
    >>> import minitf as tf
    >>> @tf.function
    ... def root(x):
    ...     return tf.cond(x < 0.0, lambda: tf.zeros_like(x), lambda: tf.sqrt(x))
    >>> float(root(tf.constant(9.0))), float(root(tf.constant(-9.0)))
    (3.0, 0.0)
    """
    for which, branch in (("true_fn", true_fn), ("false_fn", false_fn)):
        _check_callable(which, branch)
    tensor = as_tensor(pred) if isinstance(pred, Tensor) or hasattr(pred, "graph_tensor") else pred
    if not isinstance(tensor, Tensor) or tensor.operation is None:
        return true_fn() if bool(tensor) else false_fn()  # type: ignore[misc]
    branches = {"true_fn": true_fn, "false_fn": false_fn}
    return _choose_in_graph(cond_, _single(tensor), (1,), branches)  # type: ignore[arg-type]


def _check_callable(which: str, branch: Any) -> None:
    if not callable(branch):
        raise DTypeError(f"{which} must be a function without arguments, got {branch!r}; "
                         "write lambda: ...")  # fmt: skip


@composed
def switch_case(
    branch_index: Any, branch_fns: Any, default: Branch | None = None, name: str = "switch_case"
) -> Any:
    """Return what one of several functions returns, chosen by a number when the graph runs.

    Parameters
    ----------
    branch_index : Tensor or int
        A scalar of integer type.
    branch_fns : sequence of callable, of (int, callable), or dict of int to callable
        The functions, by index. They take no arguments and return one structure.
    default : callable, optional
        Called for every other index; by default the function of the largest index is.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor, or nested structure of Tensors

    Examples
    --------
    >>> import minitf as tf
    >>> @tf.function
    ... def apply(i, x):
    ...     return tf.switch_case(i, [lambda: x, lambda: 2.0 * x], default=lambda: 0.0 * x)
    >>> [float(apply(tf.constant(i), tf.constant(5.0))) for i in range(3)]
    [5.0, 10.0, 0.0]
    """
    branches = _by_index(branch_fns)
    last = branches.pop(max(branches)) if default is None else default
    return _switch(as_tensor(branch_index, hint=int32), branches, last)


def _switch(index: Tensor, branches: dict[int, Branch], last: Branch) -> Any:
    """Call the branch of an index, or `last` where it has none."""
    named = {f"branch {i}": branch for i, branch in branches.items()} | {"default": last}
    for which, branch in named.items():
        _check_callable(which, branch)
    if index.operation is None:
        return branches.get(int(index), last)()
    return _choose_in_graph(switch_case_, index, tuple(branches), named)


def _by_index(functions: Any) -> dict[int, Branch]:
    if not functions:
        raise InvalidArgumentError("at least one branch is needed")
    if isinstance(functions, dict):
        return dict(functions)
    if callable(functions[0]):
        return dict(enumerate(functions))
    return dict(functions)


@op(differentiable=False)
def first_true(preds: list[Tensor], exclusive: bool, complete: bool):
    """Return the index of the first scalar that is true, or their number where none is.

    Parameters
    ----------
    preds : sequence of Tensor
        Of type bool and shape ().
    exclusive : bool
        Whether it is an error if more than one is true.
    complete : bool
        Whether it is an error if none is.

    Returns
    -------
    Tensor
        Of shape () and type int32.

    Examples
    --------
    >>> from minitf.ops.cond import first_true
    >>> int(first_true([False, True, True], False, False))
    1
    """
    for pred in preds:
        if not pred.dtype.is_bool or pred.shape:
            raise DTypeError(f"a predicate must be a bool scalar, got {pred}")
    return TensorSpec((), int32)


@first_true.kernel("numpy")
def _(*preds, exclusive, complete):
    found = [i for i, pred in enumerate(preds) if pred]
    if exclusive and len(found) > 1:
        raise InvalidArgumentError(f"the predicates {found} are true, but at most one may be")
    if complete and not found:
        raise InvalidArgumentError("no predicate is true, and there is no default")
    return np.int32(found[0] if found else len(preds))


@composed
def case(
    pred_fn_pairs: Any,
    default: Branch | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> Any:
    """Return what the function returns whose predicate is the first to be true.

    Parameters
    ----------
    pred_fn_pairs : sequence of (Tensor, callable), or dict of the same
        Scalars of type bool, and functions without arguments that return one structure.
    default : callable, optional
        Called where no predicate is true; without it, that is an error.
    exclusive : bool
        Whether it is an error if more than one predicate is true.
    strict, name : optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor, or nested structure of Tensors

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.constant(3.0)
    >>> pairs = [(x < 1.0, lambda: tf.constant(1)), (x < 5.0, lambda: tf.constant(2))]
    >>> int(tf.case(pairs, default=lambda: tf.constant(3)))
    2
    """
    if isinstance(pred_fn_pairs, dict):
        pred_fn_pairs = pred_fn_pairs.items()
    pairs = list(pred_fn_pairs)
    if not pairs:
        raise InvalidArgumentError("at least one pair of predicate and function is needed")
    index = first_true([as_tensor(p) for p, _ in pairs], exclusive, default is None)
    branches = {i: branch for i, (_, branch) in enumerate(pairs)}
    last = branches.pop(len(pairs) - 1) if default is None else default
    return _switch(index, branches, last)
