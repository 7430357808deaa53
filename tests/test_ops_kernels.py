"""Every kernel of an op computes the same, and so does its scalar rule."""

import itertools

import numpy as np
import pytest

from minitf.graph.registry import OPS
from minitf.graph.tensor import eager_tensor
from minitf.kernels.fused import Expression, Instruction, compiled, rule_source

from .sampling import SAMPLED, SAMPLES, Call, each_sample, same

SCALAR = [(name, i) for name, i in SAMPLED if OPS[name].scalar_rule is not None]
each_scalar_sample = pytest.mark.parametrize(
    ("name", "number"), SCALAR, ids=[f"{name}-{i}" for name, i in SCALAR]
)
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 1e300, -1e300, np.inf, -np.inf, np.nan]


@each_sample
def test_every_kernel_agrees_with_numpy(name, number):
    """On the CPU; other devices have tests of their own."""
    call = Call(name, number)
    for backend in call.host_backends if call.repeatable else ():
        for dtype, rtol in [(np.float64, 1e-12), (np.float32, 1e-5)]:
            arrays = call.cast(dtype)
            same(call.compute(backend, arrays), call.compute("numpy", arrays), rtol=rtol)


def edges(call, dtype):
    """Return arrays for the inputs of a call in which every special value meets every other."""
    kinds = [SPECIAL if a.dtype.kind == "f" else sorted(set(a.ravel()[:3])) for a in call.inputs]
    columns = zip(*itertools.product(*kinds), strict=True)
    with np.errstate(over="ignore"):
        return [
            np.array(column, dtype if a.dtype.kind == "f" else a.dtype)
            for column, a in zip(columns, call.inputs, strict=True)
        ]


def one_by_one(call, arrays):
    """Return the result of the scalar rule, element by element; None where Python refuses.

    Python's own functions raise where IEEE arithmetic, which compiled code follows, gives infinity
    or NaN.
    """
    rule, keywords = call.definition.scalar_rule, call.attributes
    found = []
    for elements in zip(*[a.ravel() for a in np.broadcast_arrays(*arrays)], strict=True):
        try:
            found.append(rule(*[e.item() for e in elements], **keywords))
        except (OverflowError, ValueError, ZeroDivisionError):
            found.append(None)
    return found


def agree(found, expected):
    for got, want in zip(found, expected.ravel(), strict=True):
        if got is not None:
            np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)


@each_scalar_sample
def test_the_scalar_rule_is_the_numpy_kernel_for_one_element(name, number):
    call = Call(name, number)
    (expected,) = call.run()
    found = one_by_one(call, call.inputs)
    assert None not in found
    agree(found, expected)


@pytest.mark.parametrize("name", sorted({name for name, _ in SCALAR}))
def test_the_scalar_rule_agrees_at_the_edges(name):
    for number in range(len(SAMPLES[name])):
        call = Call(name, number)
        if not call.floating:
            continue
        grid = edges(call, np.float64)
        (expected,) = call.run(grid)
        agree(one_by_one(call, grid), expected)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_compiled_scalar_rules_give_the_bits_of_the_numpy_kernels(dtype):
    """All rules with inputs of the same types go into one loop: compiling takes the time."""
    pytest.importorskip("numba")
    groups = {}
    for name, number in SCALAR:
        call = Call(name, number)
        if call.floating and rule_source(call.definition.scalar_rule):
            grid = edges(call, dtype)
            key = tuple(g.tobytes() for g in grid)
            groups.setdefault(key, (grid, []))[1].append((f"{name}-{number}", call))
    wrong = []
    for grid, members in groups.values():
        outputs = fused_together(grid, [call for _, call in members])
        for (label, call), got in zip(members, outputs, strict=True):
            (expected,) = call.run(grid)
            alike = got.dtype == expected.dtype and np.array_equal(
                got, expected, got.dtype.kind == "f"
            )
            zeros = expected == 0
            if not alike or (np.signbit(got[zeros]) != np.signbit(expected[zeros])).any():
                wrong.append(label)
    assert wrong == []


def fused_together(grid, calls):
    """Return what each call gives for the same inputs, computed by one fused kernel."""
    inputs = [eager_tensor(g) for g in grid]
    instructions = [
        Instruction(
            call.definition,
            call.attributes,
            tuple(range(len(grid))),
            call.definition.infer(tuple(inputs), call.attributes)[0],
        )
        for call in calls
    ]
    expression = Expression([t.spec for t in inputs], instructions, range(len(calls)))
    found = compiled(expression)(grid, None)
    return found if isinstance(found, tuple) else (found,)
