"""Every kernel for the GPU is compiled for a real one, to PTX, which takes no GPU.

What the simulator runs need not compile: it runs Python. Here numba's compiler for CUDA is asked,
for compute capability 9.0, and what it writes is looked at.
"""

import inspect
import os
import re
from importlib.util import find_spec
from types import SimpleNamespace

import numba
import numpy as np
import pytest
from numba import cuda, types
from numba.cuda import dispatcher

import minitf
from minitf.errors import Error
from minitf.graph.op import INPUTS
from minitf.graph.registry import OPS
from minitf.kernels.cuda import cross_entropy, elementwise, matmul, moves, reduction, softmax
from minitf.kernels.cuda import device as every_kernel


def has_toolkit():
    try:
        return find_spec("nvidia.cu13") is not None
    except ModuleNotFoundError:
        return False


pytestmark = [
    pytest.mark.skipif(
        not (find_spec("numba_cuda") and has_toolkit()),
        reason="the CUDA toolkit is not installed: pip install -e .[cuda]",
    ),
    pytest.mark.skipif(
        os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in ("", "0"),
        reason="the simulator cannot compile: unset NUMBA_ENABLE_CUDASIM",
    ),
]

CAPABILITY = (9, 0)
INT = types.int64
AXES = types.UniTuple(INT, 2)
FLOATS = {"float32": np.dtype(np.float32), "float64": np.dtype(np.float64)}

assert minitf.__all__  # the ops are there,
assert every_kernel.KERNELS  # and so are their kernels


@pytest.fixture(autouse=True)
def _no_gpu_needed(monkeypatch):
    # Functions that kernels call are compiled for "the current device", so there must be one.
    there = SimpleNamespace(compute_capability=CAPABILITY)
    monkeypatch.setattr(dispatcher, "get_current_device", lambda: there)


def array(dtype):
    return numba.from_dtype(np.dtype(dtype))[::1]


def compile_ptx(kernel, *arguments):
    """Return the PTX code of a kernel for arguments of these types."""
    assert len(inspect.signature(kernel.py_func).parameters) == len(arguments)
    code, _ = cuda.compile_ptx(kernel.py_func, arguments, cc=CAPABILITY)
    assert ".visible .entry" in code
    return code


# ---- every scalar rule

KINDS = {
    "FloatTensor": ["float32"],
    "IntTensor": ["int32"],
    "BoolTensor": ["bool"],
    "Tensor": ["float32", "int32", "bool"],
    "AnyTensor": ["float32"],
}
MISSING = inspect.Parameter.empty
# Their float64 is not ours: CUDA's library reduces large angles and evaluates tails in it.
LIBRARY = {"sin", "cos", "tan", "erfc", "erfinv", "gelu", "gelu_slope", "pow", "lgamma", "digamma"}


def rules():
    """Return the names of ops with a scalar rule, and dtypes that their inputs can have."""
    for name, definition in sorted(OPS.items()):
        if definition.scalar_rule is not None:
            kinds = [KINDS[p.kind] for p in definition.parameters if p.kind in INPUTS]
            for i in range(max(map(len, kinds))):
                dtypes = [k[min(i, len(k) - 1)] for k in kinds]
                if result_dtype(name, dtypes) is not None:
                    yield name, dtypes


def given(name):
    """Return attributes for an op: its defaults, and a half where there is none."""
    attributes = [p for p in OPS[name].parameters if p.kind not in INPUTS]
    return {p.name: 0.5 if p.default is MISSING else p.default for p in attributes}


def result_dtype(name, dtypes):
    arrays = [SimpleNamespace(shape=(2,), dtype=np.dtype(d)) for d in dtypes]
    try:
        (spec,) = elementwise.result_specs(name, arrays, given(name))
    except Error:  # it does not take these types
        return None
    return spec.dtype.numpy


RULES = list(rules())


@pytest.mark.parametrize(("name", "dtypes"), RULES, ids=[f"{n}-{d[-1]}" for n, d in RULES])
def test_a_scalar_rule_compiles(name, dtypes):
    rule, result = OPS[name].scalar_rule, result_dtype(name, dtypes)
    number = elementwise.number_type([*map(np.dtype, dtypes), result])
    values = elementwise.arguments(rule, len(dtypes), given(name))
    loop = elementwise.compiled(rule, len(dtypes), number, values)
    inputs = [t for d in dtypes for t in (array(d), AXES)]
    code = compile_ptx(loop, array(result), AXES, *inputs)
    if number is np.float32 and name not in LIBRARY:
        assert not re.search(r"\.f64", code), "float32 data is computed in float64"


# ---- every kernel that was written by hand

LINES = (AXES, AXES, INT, AXES, AXES)  # what `reduction.split` returns

each_float = pytest.mark.parametrize("dtype", FLOATS.values(), ids=FLOATS)


@pytest.mark.parametrize("name", ["float32", "float64", "int32"])
def test_matmul_compiles(name):
    a = array(name)
    size, layers = types.UniTuple(INT, 3), types.UniTuple(INT, 1)
    kernel = matmul.product(np.dtype(name))
    code = compile_ptx(kernel, a, size, INT, layers, a, layers, AXES, a, layers, AXES)
    assert code.count(".shared .align") == 2, "each tile needs memory of its own"
    assert "bar.sync" in code


COMBINATIONS = ["SUM", "PRODUCT", "MAXIMUM", "MINIMUM"]


@pytest.mark.parametrize("name", COMBINATIONS)
@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_reductions_compile(name, dtype):
    for mean in {False, name == "SUM"}:
        kernel = reduction.reducer(getattr(reduction, name), np.dtype(dtype), mean)
        code = compile_ptx(kernel, array(dtype), array(dtype), *LINES)
        assert "bar.sync" in code


@pytest.mark.parametrize("name", ["ALL", "ANY"])
def test_logical_reductions_compile(name):
    kernel = reduction.reducer(getattr(reduction, name), np.dtype(bool), False)
    compile_ptx(kernel, array(bool), array(bool), *LINES)


@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_searching_compiles(dtype):
    for wins in (reduction._is_larger, reduction._is_smaller):
        compile_ptx(reduction.searcher(wins), array("int64"), array(dtype), *LINES)


@each_float
def test_softmax_compiles(dtype):
    x = array(dtype)
    for logarithm in (False, True):
        code = compile_ptx(softmax.softmax_rows(dtype, logarithm), x, x, INT, *LINES)
        assert dtype.itemsize == 8 or ".f64" not in code
    compile_ptx(softmax.softmax_grad_rows(dtype), x, x, x, INT, *LINES)
    compile_ptx(softmax.logsumexp_rows(dtype), x, x, INT, *LINES)


@each_float
def test_cross_entropies_compile(dtype):
    x = array(dtype)
    compile_ptx(cross_entropy.dense(dtype), x, x, x, x, INT)
    for labels in ("int32", "int64"):
        compile_ptx(cross_entropy.sparse(dtype), x, x, array(labels), x, INT)


@pytest.mark.parametrize("to", ["float32", "float64", "int32", "int64", "bool", "uint8"])
@pytest.mark.parametrize("dtype", ["float32", "int32", "bool"])
def test_moves_compile(dtype, to):
    compile_ptx(moves.gather, array(to), AXES, array(dtype), INT, AXES)


def test_fills_compile():
    compile_ptx(moves.scatter, array("float32"), INT, AXES, AXES, array("float32"))
    for dtype in ("float32", "int32", "bool"):
        compile_ptx(moves.fill, array(dtype), INT)
        on = types.float64
        compile_ptx(moves.mark, array(dtype), array("int32"), INT, INT, on, on)


def test_no_kernel_is_forgotten():
    modules = (cross_entropy, elementwise, matmul, moves, reduction, softmax)
    sources = "".join(inspect.getsource(m) for m in modules)
    tested = "product reducer searcher softmax_rows softmax_grad_rows logsumexp_rows dense sparse"
    loops = "unary binary ternary gather scatter fill mark"
    assert sources.count("@cuda.jit") == len((tested + " " + loops).split())
