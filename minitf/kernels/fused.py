"""Fused kernels: several elementwise operations in one loop over the data.

An elementwise operation reads its inputs from memory, does next to nothing with each element, and
writes the result back; the next one reads it again. A fused kernel keeps the intermediate values
in registers and goes over memory once. The loop is put together from the ops' scalar rules and
compiled by numba. Each kernel is a small Python file in the cache directory, written to be read:

    # add, relu
    def kernel(a0, a1, out0):              # a0 (rows, columns), a1 (columns,)
        for i in range(rows):
            for j in range(columns):
                t0 = float32(add(a0[i, j], a1[j]))
                t1 = float32(relu(t0))
                out0[i, j] = t1

The compiled loop does IEEE arithmetic in the same order and precision as the NumPy kernels, so its
results are the same bit for bit. Rules that call slow functions (exp, tanh, ...) are left to NumPy,
whose versions of those use vector instructions.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import math
import sys
import textwrap
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from minitf.errors import ShapeError
from minitf.graph.op import AnyTensor, OpDef, Raw, op
from minitf.graph.operation import Operation, bind
from minitf.graph.spec import TensorShape, TensorSpec
from minitf.paths import cache_directory, write_whole

FULL, SCALAR, ROW, COLUMN = "full", "scalar", "row", "column"
CHEAP = {"sqrt", "fabs", "floor", "ceil", "trunc", "isnan", "isinf", "isfinite", "copysign"}
BUILTINS = {"abs", "min", "max", "bool", "math"}


class Instruction(NamedTuple):
    """One operation of an Expression.

    Attributes
    ----------
    definition : OpDef
        What is computed.
    attributes : dict
        The operation's attributes.
    operands : tuple of int
        Numbers of values: the expression's inputs come first, then the instructions' results.
    spec : TensorSpec
        Of the result.
    """

    definition: OpDef
    attributes: dict[str, Any]
    operands: tuple[int, ...]
    spec: TensorSpec


class Expression:
    """A small elementwise program: what several operations compute, element by element.

    Attributes
    ----------
    inputs : tuple of TensorSpec
        What is read.
    instructions : tuple of Instruction
        In order.
    results : tuple of int
        Which instructions' values leave the kernel.
    may_compile : bool
        Whether its loop may be compiled at its next use; until then NumPy computes it.
    """

    may_compile = True

    def __init__(self, inputs: Sequence[TensorSpec], instructions: Sequence[Instruction],
                 results: Sequence[int]):  # fmt: skip
        self.inputs = tuple(inputs)
        self.instructions = tuple(instructions)
        self.results = tuple(results)
        self.shape: TensorShape = self.instructions[0].spec.shape
        self.rows, self.columns = split(self.shape, [i.shape for i in self.inputs])

    @property
    def specs(self) -> list[TensorSpec]:
        """Specs of the results."""
        return [self.instructions[r].spec for r in self.results]

    @property
    def layouts(self) -> tuple[str, ...]:
        """How each input is read by the loop."""
        return tuple(_layout(i.shape, self.shape, self.rows, self.columns) for i in self.inputs)

    def interpret(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """Compute with NumPy, one operation at a time."""
        values = list(arrays)
        for definition, attributes, operands, _ in self.instructions:
            kernel = bind(definition.kernels["numpy"], attributes, len(operands))
            values.append(kernel(*[values[i] for i in operands]))
        return tuple(values[len(self.inputs) + r] for r in self.results)


# -- which operations can take part ------------------------------------------------------------


def split(shape: TensorShape, inputs: Sequence[TensorShape]) -> tuple[int, int]:
    """Return the (rows, columns) of a loop in which inputs of these shapes can be read.

    A bias of shape (c,) meets data of shape (b, h, w, c) as a row of c columns; a column of shape
    (b, 1) meets (b, n) as one value per row. One split must serve all inputs.

    Raises
    ------
    ShapeError
        Where none does.
    """
    for k in range(len(shape) + 1):
        rows, columns = math.prod(shape[:k]), math.prod(shape[k:])
        if all(_layout(s, shape, rows, columns) for s in inputs):
            return rows, columns
    raise ShapeError(f"inputs of shapes {inputs} cannot be read in one loop over {shape}")


def _layout(given: TensorShape, shape: TensorShape, rows: int, columns: int) -> str:
    """Return how an input is read in a loop of that form, or "" where it cannot be."""
    count = math.prod(given)
    if given == shape:
        return FULL
    if count == 1:
        return SCALAR
    padded = (1,) * (len(shape) - len(given)) + tuple(given)
    stretched = [n for n, m in zip(padded, shape, strict=True) if n != m]
    kept = [i for i, n in enumerate(padded) if n == shape[i] and n != 1]
    if any(n != 1 for n in stretched) or not kept:
        return ""
    if count == columns and _only_ones(shape, padded, range(kept[0])):
        return ROW
    if count == rows and _only_ones(shape, padded, range(kept[-1] + 1, len(shape))):
        return COLUMN
    return ""


def _only_ones(shape: TensorShape, padded: tuple[int | None, ...], rest: range) -> bool:
    """Return whether all stretched axes lie in `rest`, so that what is kept is one block."""
    return all(i in rest for i, n in enumerate(padded) if n != shape[i])


@cache
def rule_source(rule: Callable[..., Any]) -> ast.FunctionDef | None:
    """Return the parsed code of a scalar rule that is worth fusing; None for one that is not."""
    try:
        text = textwrap.dedent(inspect.getsource(rule))
    except (OSError, TypeError):
        return None  # written where its source cannot be read: NumPy computes it
    tree = ast.parse(text).body[0]
    if not isinstance(tree, ast.FunctionDef):
        return None
    own = {a.arg for a in tree.args.args + tree.args.kwonlyargs}
    own |= {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    body = [n for statement in tree.body for n in ast.walk(statement)]
    names = {n.id for n in body if isinstance(n, ast.Name)}
    functions = {n.attr for n in body if isinstance(n, ast.Attribute)}
    exact = not any(isinstance(n, ast.Pow) for n in body)  # NumPy's powers differ in the last bit
    return tree if exact and names <= own | BUILTINS and functions <= CHEAP else None


# -- the op ------------------------------------------------------------------------------------


@op(differentiable=False)
def fused(values: list[AnyTensor], expression: Raw):  # type: ignore[valid-type]
    """Compute a small elementwise program in one loop; the fuse pass makes these.

    Parameters
    ----------
    values : sequence of Tensor
        The inputs of the expression.
    expression : Expression
        What to compute.

    Returns
    -------
    list of Tensor
        One for each of the expression's results.
    """
    return expression.specs


@fused.kernel("numpy")
def interpreted(*arrays, expression, homes=None):
    """Compute with NumPy, in arrays of its own."""
    found = expression.interpret(arrays)
    return found[0] if len(found) == 1 else found


@fused.kernel("numba")
def _(*arrays, expression, homes=None):
    if not expression.may_compile:
        return interpreted(*arrays, expression=expression)
    return compiled(expression)(arrays, homes)


def compiled(expression: Expression) -> Callable[..., Any]:
    """Return an Expression as a function of arrays; compiled at its first use."""
    if not hasattr(expression, "function"):
        expression.function = _compile(expression)  # type: ignore[attr-defined]
    return expression.function  # type: ignore[attr-defined, no-any-return]


def _compile(expression: Expression) -> Callable[..., Any]:
    kernel = load_kernel(write_source(expression))
    specs = [(tuple(s.shape), s.dtype.numpy) for s in expression.specs]
    scalar = [layout == SCALAR for layout in expression.layouts]
    rows, columns = expression.rows, expression.columns
    single = len(specs) == 1

    def run(arrays: Sequence[Any], homes: Any) -> Any:
        inputs = [
            a.item() if is_scalar else a if a.flags.c_contiguous else np.ascontiguousarray(a)
            for a, is_scalar in zip(arrays, scalar)
        ]
        if homes is None:
            outputs = [np.empty(shape, dtype) for shape, dtype in specs]
        else:
            outputs = [np.empty(*spec) if home is None else home(*spec)
                       for spec, home in zip(specs, homes)]  # fmt: skip
        kernel(rows, columns, *inputs, *outputs)
        return outputs[0] if single else tuple(outputs)

    return run


# -- the loop as text --------------------------------------------------------------------------


def write_source(expression: Expression) -> str:
    """Return the Python code of the loop."""
    number = _number_type(expression)
    rules = {i.definition.name: i.definition.scalar_rule for i in expression.instructions}
    layouts, count = expression.layouts, len(expression.inputs)
    arguments = [f"a{i}" for i in range(count)] + [
        f"out{i}" for i in range(len(expression.results))
    ]
    two_axes = ROW in layouts or COLUMN in layouts
    title = ", ".join(i.definition.name for i in expression.instructions)
    imports = ["import math", "", "import numba", f"from numpy import bool_, {number}"]
    lines = [f'"""{title}, fused."""', "", *imports, ""]
    for name, rule in rules.items():
        lines += ["", COMPILE, _rule_text(name, rule, number), ""]
    lines += ["", COMPILE, f"def kernel(rows, columns, {', '.join(arguments)}):"]
    for i, layout in enumerate(layouts):
        scalar = f"    a{i} = {_type_name(expression.inputs[i])}(a{i})"
        lines.append(scalar if layout == SCALAR else f"    a{i} = a{i}.ravel()")
    lines += [f"    out{i} = out{i}.ravel()" for i in range(len(expression.results))]
    if two_axes:
        lines += ["    for i in range(rows):", "        for j in range(columns):",
                  "            k = i * columns + j"]  # fmt: skip
    else:
        lines += ["    for k in range(rows * columns):"]
    indent = " " * (12 if two_axes else 8)
    lines += [indent + line for line in _body(expression, layouts, number)]
    return "\n".join(lines) + "\n"


COMPILE = '@numba.njit(error_model="numpy", nogil=True, cache=True)'
INDEX = {FULL: "[k]", SCALAR: "", ROW: "[j]", COLUMN: "[i]"}


def _body(expression: Expression, layouts: Sequence[str], number: str) -> list[str]:
    """Return the statements for one element."""
    count = len(expression.inputs)
    names = [f"a{i}{INDEX[layout]}" for i, layout in enumerate(layouts)]
    lines = []
    for i, (definition, attributes, operands, spec) in enumerate(expression.instructions):
        keywords = [f"{k}={_literal(v, number)}" for k, v in attributes.items()]
        call = ", ".join([names[o] for o in operands] + keywords)
        lines.append(f"t{i} = {_type_name(spec)}({definition.name}({call}))")
        names.append(f"t{i}")
    stores = [f"out{n}[k] = {names[count + r]}" for n, r in enumerate(expression.results)]
    return lines + stores


def _literal(value: Any, number: str) -> str:
    """Return an attribute as Python code; numbers have the type of the data, as in NumPy."""
    if isinstance(value, bool):
        return repr(value)
    plain = repr(value) if math.isfinite(value) else f"math.{abs(value)}"
    return f"{number}({'-' if value == -math.inf else ''}{plain})"


def _type_name(spec: TensorSpec) -> str:
    return "bool_" if spec.dtype.is_bool else spec.dtype.name


def _number_type(expression: Expression) -> str:
    specs = [*expression.inputs, *(i.spec for i in expression.instructions)]
    return next(s.dtype.name for s in specs if s.dtype.is_floating)


class _Typed(ast.NodeTransformer):
    """Gives number literals the type of the data: Python's floats would widen it to float64."""

    def __init__(self, number: str):
        self.number = number

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            return node
        return ast.Call(ast.Name(self.number, ast.Load()), [node], [])


def _rule_text(name: str, rule: Any, number: str) -> str:
    """Return a scalar rule as the text of a function of that name."""
    tree = rule_source(rule)
    assert tree is not None
    body = [_Typed(number).visit(ast.parse(ast.unparse(s)).body[0]) for s in tree.body]
    made = ast.FunctionDef(name, tree.args, body, [], lineno=1)
    return ast.unparse(ast.fix_missing_locations(made))


@cache
def can_compile() -> bool:
    """Return whether numba is there; without it NumPy computes everything."""
    try:
        import numba  # noqa: F401
    except ImportError:
        return False
    return True


def work(expression: Expression) -> int:
    """Return how much a kernel computes in one run: elements times operations."""
    return expression.rows * expression.columns * len(expression.instructions)


def is_ready(node: Operation) -> bool:
    """Return whether an operation needs no compiling, or an earlier process has compiled it."""
    if node.type != "fused":
        return True
    try:
        path = kernel_path(write_source(node.attributes["expression"]))
    except PackageNotFoundError:
        return False
    return any((path.parent / "__pycache__").glob(f"{path.stem}.kernel-*.nbi"))


def kernel_path(source: str) -> Path:
    """Return where the code of a kernel is kept; other versions of numba have other files."""
    stamp = f"{source}\n{version('numba')} {np.__version__}"
    name = f"minitf_fused_{hashlib.sha256(stamp.encode()).hexdigest()[:20]}"
    return cache_directory("kernels") / f"{name}.py"


def load_kernel(source: str) -> Callable[..., Any]:
    """Write a kernel's code into the cache directory, where numba keeps what it compiles."""
    path = kernel_path(source)
    if not path.exists() or path.read_text(encoding="utf-8") != source:
        write_whole(path, source.encode())
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # numba's cache finds its way back to a kernel by this name
    spec.loader.exec_module(module)
    return module.kernel  # type: ignore[no-any-return]
