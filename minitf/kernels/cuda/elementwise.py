"""Elementwise kernels: one mechanism that turns any op's scalar rule into a kernel.

Each thread takes every so-manieth element of the result, finds the elements of the inputs that
belong to it (inputs of other shapes are stretched by strides of 0), and calls the rule on them:

    out   o0 o1 o2 o3 o4 o5 o6        threads  t0 t1 t2
          t0 t1 t2 t0 t1 t2 t0        each goes on by the number of all threads

The rule is the one that stands beside the op, with two changes. Its attributes become constants.
And its numbers take the type of the data: Python's 0.5 is a float64, and would widen all that it
meets to a type that most GPUs compute 32 times slower.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np
from numba import cuda

from minitf.graph.op import INPUTS, VARIADIC, OpDef, as_specs
from minitf.graph.registry import OPS, SCALAR_COMPILERS
from minitf.graph.spec import TensorSpec
from minitf.kernels.cuda.launch import cuda_kernel, empty, flat, launch_flat, rule_function
from minitf.kernels.cuda.layout import collapse, offset, stretched


def result_specs(op: str, arrays: Sequence[Any], attributes: dict[str, Any]) -> Any:
    """Return the specs of a kernel's results; the op's declaration knows them."""
    definition = OPS[op]
    inputs = [p for p in definition.parameters if p.kind in INPUTS]
    specs: Any = [TensorSpec(tuple(a.shape), a.dtype) for a in arrays]
    if inputs[0].kind in VARIADIC:
        specs = [specs]
    given = {p.name: s for p, s in zip(inputs, specs, strict=True)}
    return as_specs(definition.body(**given, **attributes))


def from_scalar_rule(definition: OpDef) -> Callable[..., Any] | None:
    """Return the kernel that an op's scalar rule describes; None for a rule of too many inputs."""
    kinds = [p.kind for p in definition.parameters if p.kind in INPUTS]
    if len(kinds) not in LOOPS or any(k in VARIADIC for k in kinds):
        return None

    def kernel(*arrays: Any, **attributes: Any) -> Any:
        (spec,) = result_specs(definition.name, arrays, attributes)
        dtypes = [a.dtype for a in arrays] + [spec.dtype.numpy]
        loop = compiled(definition.scalar_rule, len(arrays), number_type(dtypes),
                        arguments(definition.scalar_rule, len(arrays), attributes))  # fmt: skip
        return run(loop, arrays, spec.shape, spec.dtype.numpy)

    return kernel


SCALAR_COMPILERS["cuda"] = from_scalar_rule


@cuda_kernel("add_n")
def _(first, *others):
    add = OPS["add"].find_kernel(("cuda",))
    assert add is not None
    return functools.reduce(add, others, first)


def run(loop: Any, arrays: Sequence[Any], shape: Any, dtype: Any) -> Any:
    """Return a new array, computed by a loop from arrays stretched to its shape."""
    out = empty(shape, dtype)
    axes, *steps = collapse(shape, *[stretched(a.shape, shape) for a in arrays])
    inputs = [x for pair in zip(map(flat, arrays), steps, strict=True) for x in pair]
    launch_flat(loop, out.size, flat(out), axes, *inputs)
    return out


# -- the rule ----------------------------------------------------------------------------------


@cache
def compiled(rule: Any, count: int, number: Any = None, values: tuple[Any, ...] = ()) -> Any:
    """Return the loop for a rule of `count` inputs, its attributes and its numbers' type given."""
    return LOOPS[count](rule_function(with_constants(rule, number, values)))


def with_constants(rule: Any, number: Any, values: tuple[Any, ...]) -> Any:
    """Return a rule whose literals are of type `number` and whose last parameters are `values`.

    The attributes become defaults of parameters, which the compiler takes as constants.
    """
    code = rule.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    counts = "range" in code.co_names  # whole numbers may be what a loop counts to

    def typed(value: Any) -> Any:
        is_number = type(value) is float or (type(value) is int and not counts)
        return number(value) if number is not None and is_number else value

    literals = tuple(map(typed, code.co_consts))
    code = code.replace(co_consts=literals, co_argcount=count, co_kwonlyargcount=0)
    defaults = tuple(map(typed, values))
    return FunctionType(code, rule.__globals__, rule.__name__, defaults, rule.__closure__)


def arguments(rule: Any, count: int, attributes: dict[str, Any]) -> tuple[Any, ...]:
    """Return the attributes that a rule takes behind its `count` inputs, in its order."""
    code = rule.__code__
    names = code.co_varnames[count : code.co_argcount + code.co_kwonlyargcount]
    return tuple(attributes[name] for name in names)


def number_type(dtypes: Sequence[Any]) -> Any:
    """Return the type of a rule's numbers: the widest floating one of the data; None without."""
    floating = [d for d in dtypes if d.kind == "f"]
    return np.result_type(np.float32, *floating).type if floating else None


# -- the loop over the elements ----------------------------------------------------------------


def unary(rule: Any) -> Any:
    """Return the kernel that computes ``out = rule(a)``."""

    @cuda.jit
    def kernel(out, shape, a, a_strides):
        for i in range(cuda.grid(1), out.size, cuda.gridsize(1)):
            out[i] = rule(a[offset(i, shape, a_strides)])

    return kernel


def binary(rule: Any) -> Any:
    """Return the kernel that computes ``out = rule(a, b)``."""

    @cuda.jit
    def kernel(out, shape, a, a_strides, b, b_strides):
        for i in range(cuda.grid(1), out.size, cuda.gridsize(1)):
            x = a[offset(i, shape, a_strides)]
            y = b[offset(i, shape, b_strides)]
            out[i] = rule(x, y)

    return kernel


def ternary(rule: Any) -> Any:
    """Return the kernel that computes ``out = rule(a, b, c)``."""

    @cuda.jit
    def kernel(out, shape, a, a_strides, b, b_strides, c, c_strides):
        for i in range(cuda.grid(1), out.size, cuda.gridsize(1)):
            x = a[offset(i, shape, a_strides)]
            y = b[offset(i, shape, b_strides)]
            z = c[offset(i, shape, c_strides)]
            out[i] = rule(x, y, z)

    return kernel


LOOPS = {1: unary, 2: binary, 3: ternary}
