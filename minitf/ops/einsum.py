"""Sums of products, written with one letter per axis: `einsum` and `tensordot`.

An equation is brought into a normal form first, without dots: every axis has a label, a letter
where the user gave one and a digit where "..." stood. Axes of one letter have one size; axes of one
digit broadcast. The kernel takes two tensors at a time and hands each pair to the matrix product,
which is where the speed comes from. The gradient is an einsum again.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from string import ascii_letters, digits
from typing import Any, NamedTuple

import numpy as np

from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor, plain
from minitf.graph.op import Tensor, op
from minitf.graph.spec import Dim, TensorShape, TensorSpec, broadcast, normalize_axis
from minitf.ops.array import known_size
from minitf.ops.broadcasting import unbroadcast
from minitf.ops.composed import composed
from minitf.ops.filling import eye, ones
from minitf.ops.linalg import multiply_matrices

# -- the equation -----------------------------------------------------------------------------


@functools.lru_cache(maxsize=1024)
def normal_form(equation: str, ranks: tuple[int, ...]) -> str:
    """Return an equation without spaces and dots, and with its output written down."""
    left, arrow, output = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(ranks):
        raise InvalidArgumentError(f"{equation!r} is for {len(terms)} tensors, got {len(ranks)}")
    _check_letters(*terms, output)
    terms = [_without_dots(term, rank) for term, rank in zip(terms, ranks, strict=True)]
    counts = Counter("".join(terms))
    dots = "".join(sorted(label for label in counts if label in digits))
    once = "".join(sorted(c for c in counts if counts[c] == 1 and c not in digits))
    output = output.replace("...", dots) if arrow else dots + once
    _check_output(output, counts, dots)
    return f"{','.join(terms)}->{output}"


def _check_letters(*terms: str) -> None:
    for term in terms:
        if not re.fullmatch(r"[A-Za-z]*(\.\.\.)?[A-Za-z]*", term):
            raise InvalidArgumentError(f"a term is made of letters and one '...', got {term!r}")


def _without_dots(term: str, rank: int) -> str:
    """Return a term with "..." replaced by digits, counted from the right: 9 is the last axis."""
    letters = term.replace("...", "")
    hidden = rank - len(letters)
    if hidden < 0 or hidden > len(digits) or (hidden and letters == term):
        raise ShapeError(f"{term!r} does not name the axes of a tensor that has {rank}")
    return term.replace("...", digits[len(digits) - hidden :])


def _check_output(output: str, counts: Counter[str], dots: str) -> None:
    unknown = [label for label in output if label not in counts]
    if unknown:
        raise InvalidArgumentError(f"{unknown[0]!r} stands in the output, but in no input")
    if len(set(output)) < len(output):
        raise InvalidArgumentError(f"the output {output!r} names an axis twice")
    if not set(dots) <= set(output):
        raise InvalidArgumentError("the inputs have axes under '...': the output must have it too")


@functools.lru_cache(maxsize=1024)
def _parts(equation: str) -> tuple[tuple[str, ...], str]:
    left, _, output = equation.partition("->")
    return tuple(left.split(",")), output


# -- the op -----------------------------------------------------------------------------------


@op(name="einsum")
def einsum_(inputs: list[Tensor], equation: str):
    """Sum products of elements; see `einsum`. The equation is in normal form."""
    terms, output = _parts(equation)
    sizes: dict[str, Dim] = {}
    for term, x in zip(terms, inputs, strict=True):
        for label, size in zip(term, x.shape, strict=True):
            sizes[label] = _meet(label, sizes.get(label, size), size)
    return TensorSpec([sizes[label] for label in output], inputs[0].dtype)


def _meet(label: str, one: Dim, other: Dim) -> Dim:
    if label in digits:
        return broadcast(TensorShape([one]), TensorShape([other]))[0]
    if one is not None and other is not None and one != other:
        raise ShapeError(f"axes of one letter have one size: {label!r} is {one} and {other}")
    return other if one is None else one


@einsum_.gradient
def _(node, dy):
    terms, output = _parts(node["equation"])
    return [_gradient(node.inputs, terms, output, dy, i) for i in range(len(terms))]


def _gradient(inputs: Any, terms: tuple[str, ...], output: str, dy: Any, i: int) -> Any:
    """Return the gradient of input i: the output in its place, and the input wanted.

    An axis that was summed over alone gets the factor ones, an axis that was named twice the
    identity matrix: so every axis of the input stands somewhere on the left.
    """
    x, mine = inputs[i], terms[i]
    factors = [(dy, output)] + [(inputs[k], t) for k, t in enumerate(terms) if k != i]
    elsewhere = "".join(term for _, term in factors)
    fresh = (label for label in ascii_letters if label not in elsewhere + mine)
    target = ""
    for axis, label in enumerate(mine):
        size = known_size(x, axis)
        if label in target:
            target += next(fresh)
            factors.append((eye(size, dtype=x.dtype), label + target[-1]))
            continue
        target += label
        if label not in (output if label in digits else elsewhere):
            factors.append((ones([size], x.dtype), label))
    left = ",".join(term for _, term in factors)
    return unbroadcast(einsum_([f for f, _ in factors], f"{left}->{target}"), x)


# -- the kernel -------------------------------------------------------------------------------


@einsum_.kernel("numpy")
def _(*inputs, equation):
    terms, output = _parts(equation)
    factors = [_alone(x, term, set(output).union(*terms[:i], *terms[i + 1 :]))
               for i, (x, term) in enumerate(zip(inputs, terms, strict=True))]  # fmt: skip
    while len(factors) > 1:
        i, j = _next_pair(factors, output)
        second, first = factors.pop(j), factors.pop(i)
        keep = "".join({*output}.union(*[term for _, term in factors]))
        factors.append(_multiply(*first, *second, keep))
    result, term = factors[0]
    result = result.transpose([term.index(label) for label in output])
    # Of one input, it can be a mere view; a value that others may change must not be shared.
    return result.copy() if len(inputs) == 1 and np.may_share_memory(result, inputs[0]) else result


def _alone(x: Any, term: str, keep: set[str]) -> tuple[Any, str]:
    """Do what concerns one tensor: take diagonals, sum over axes that nobody else needs."""
    distinct = "".join(dict.fromkeys(term))
    if len(distinct) < len(term):
        x = np.einsum(x, [distinct.index(c) for c in term], list(range(len(distinct))))
    lone = tuple(i for i, label in enumerate(distinct) if label not in keep)
    if lone:
        x = x.sum(axis=lone, dtype=x.dtype)
    return x, "".join(label for label in distinct if label in keep)


def _next_pair(factors: list[tuple[Any, str]], output: str) -> tuple[int, int]:
    """Return the two factors whose product is the smallest."""
    if len(factors) == 2:
        return 0, 1
    sizes = {label: n for x, term in factors for label, n in zip(term, x.shape, strict=True)}

    def elements(pair: tuple[int, int]) -> int:
        others = {*output}.union(*[t for k, (_, t) in enumerate(factors) if k not in pair])
        mine = {*factors[pair[0]][1], *factors[pair[1]][1]}
        return math.prod(sizes[label] for label in mine & others)

    return min(combinations(range(len(factors)), 2), key=elements)


class Plan(NamedTuple):
    """How two tensors are multiplied: the order of their axes, how many are of each sort."""

    first_axes: list[int]  # batch, rows, summed
    second_axes: list[int]  # batch, summed, columns
    batch: int
    rows: int
    summed: int
    columns: int
    result: str  # batch, rows, columns


@functools.lru_cache(maxsize=1024)
def _plan(first: str, second: str, keep: str) -> Plan:
    shared = [label for label in first if label in second]
    batch = [label for label in shared if label in keep]
    summed = [label for label in shared if label not in keep]
    rows = [label for label in first if label not in second]
    columns = [label for label in second if label not in first]
    return Plan(
        _places(first, (*batch, *rows, *summed)), _places(second, (*batch, *summed, *columns)),
        len(batch), len(rows), len(summed), len(columns), "".join((*batch, *rows, *columns)),
    )  # fmt: skip


def _places(term: str, labels: Iterable[str]) -> list[int]:
    return [term.index(label) for label in labels]


def _multiply(x: Any, first: str, y: Any, second: str, keep: str) -> tuple[Any, str]:
    """Multiply two tensors and sum over the axes that nobody else needs."""
    plan = _plan(first, second, keep)
    x, y = x.transpose(plan.first_axes), y.transpose(plan.second_axes)
    batch, inner = plan.batch, plan.batch + plan.summed
    rows, columns = x.shape[batch : batch + plan.rows], y.shape[inner:]
    if not plan.summed:
        spread = y.reshape((*y.shape[:batch], *[1] * plan.rows, *columns))
        return x.reshape((*x.shape, *[1] * plan.columns)) * spread, plan.result
    if x.shape[batch + plan.rows :] != y.shape[batch:inner]:  # digits: one of two sizes is 1
        x, y = _same_sums(x, y, plan)
    if batch and not plan.rows and not plan.columns:
        axes = list(range(inner))
        return np.einsum(x, axes, y, axes, axes[:batch]), plan.result
    summed = math.prod(y.shape[batch:inner])
    left = x.reshape((*x.shape[:batch], math.prod(rows), summed))
    right = y.reshape((*y.shape[:batch], summed, math.prod(columns)))
    product = multiply_matrices(left, right)
    return product.reshape((*product.shape[:batch], *rows, *columns)), plan.result


def _same_sums(x: Any, y: Any, plan: Plan) -> tuple[Any, Any]:
    """Return both tensors with the axes to be summed stretched to one size."""
    start, inner = plan.batch + plan.rows, plan.batch + plan.summed
    sums = np.broadcast_shapes(x.shape[start:], y.shape[plan.batch : inner])
    stretched = np.broadcast_to(y, (*y.shape[: plan.batch], *sums, *y.shape[inner:]))
    return np.broadcast_to(x, (*x.shape[:start], *sums)), stretched


# -- what a programmer calls ------------------------------------------------------------------


@composed
def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Tensor:
    """Sum products of elements over the axes that an equation leaves out.

    Parameters
    ----------
    equation : str
        One term per tensor, with one letter per axis, and the output: ``"bij,bjk->bik"``. A letter
        that the output leaves out is summed over; one that a term holds twice means a diagonal;
        "..." stands for axes that broadcast. Without ``->``, the output has what is under "..." and
        then the letters that occur once, in alphabetical order.
    *inputs : Tensor
        One per term, of one dtype.
    **kwargs
        `name`, and `optimize`, which is accepted for compatibility.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        Where a term does not fit its tensor, or a letter has two sizes.

    Notes
    -----
    Two tensors at a time are multiplied as matrices; of several, first those whose product is
    smallest. The gradient of one input is the einsum in which the output's gradient takes its
    place.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.einsum("ij,j->i", [[1.0, 2.0], [3.0, 4.0]], [1.0, 10.0]).numpy().tolist()
    [21.0, 43.0]
    >>> tf.einsum("...ii", [[1, 2], [3, 4]]).numpy()
    np.int32(5)
    """
    name = kwargs.pop("name", None)
    unknown = set(kwargs) - {"optimize"}
    if unknown:
        raise TypeError(f"einsum() does not know the argument {unknown.pop()!r}")
    tensors = [as_tensor(x) for x in inputs]
    ranks = tuple(len(x.shape) for x in tensors)
    return einsum_(tensors, normal_form(equation, ranks), name=name)


@composed
def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Tensor:
    """Sum products over pairs of axes of two tensors.

    Parameters
    ----------
    a, b : Tensor
        Any shapes, one dtype.
    axes : int, or pair of (sequences of) int
        The axes of `a` and those of `b` that belong together; an int n means the last n of `a` and
        the first n of `b`.

    Returns
    -------
    Tensor
        With the axes of `a` that are left, then those of `b`.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.tensordot([[1, 2], [3, 4]], [10, 1], axes=1).numpy().tolist()
    [12, 34]
    """
    a = as_tensor(a)
    b = as_tensor(b, hint=a.dtype)
    pairs = _axis_pairs(plain(axes), len(a.shape), len(b.shape))
    first = ascii_letters[: len(a.shape)]
    second = list(ascii_letters[len(a.shape) : len(a.shape) + len(b.shape)])
    for i, j in pairs:
        second[j] = first[i]
        if not a.shape[i : i + 1].is_compatible_with(b.shape[j : j + 1]):
            raise ShapeError(f"axis {i} of {a.shape} and axis {j} of {b.shape} differ in size")
    summed = {i for i, _ in pairs}
    left = [label for i, label in enumerate(first) if i not in summed]
    right = [label for label in second if label not in first]
    return einsum_([a, b], f"{first},{''.join(second)}->{''.join(left + right)}", name=name)


def _axis_pairs(axes: Any, a_rank: int, b_rank: int) -> list[tuple[int, int]]:
    if isinstance(axes, int):
        if not 0 <= axes <= min(a_rank, b_rank):
            raise InvalidArgumentError(f"{axes} axes cannot be summed of {a_rank} and {b_rank}")
        return [(a_rank - axes + i, i) for i in range(axes)]
    of_a, of_b = (x if isinstance(x, tuple) else (x,) for x in axes)
    if len(of_a) != len(of_b):
        raise InvalidArgumentError(f"axes come in pairs, got {of_a} and {of_b}")
    return [(normalize_axis(i, a_rank), normalize_axis(j, b_rank))
            for i, j in zip(of_a, of_b, strict=True)]  # fmt: skip
