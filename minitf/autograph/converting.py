"""From a function to the same function with branches and loops that a graph can hold.

The source is read, rewritten and compiled, under its own file name and line numbers; what comes out
shares globals, defaults and closure with the function. Functions that it calls are converted when
they are called.
"""

from __future__ import annotations
import __future__

import ast
import functools
import inspect
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from minitf.autograph.choosing import and_, assert_, if_, if_exp, not_, or_, returned
from minitf.autograph.looping import as_float, as_int, enumerate_, for_, len_, range_, while_
from minitf.autograph.rewriting import TOOLS, Rewriter, contains_yield
from minitf.autograph.state import NOTHING, State, Unbound
from minitf.errors import is_ours

BUILTINS: dict[Any, Any] = {
    enumerate: enumerate_, float: as_float, int: as_int, len: len_, range: range_
}  # fmt: skip
# Where the standard library and installed packages lie.
LIBRARIES = str(Path(ast.__file__).parent), str(Path(np.__file__).parents[1])


def convert(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what a function becomes while a graph is written.

    Parameters
    ----------
    function : callable
        A function or method; anything else, and a function whose source is unknown, is returned as
        it is.

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.autograph import convert
    >>> def half(n):
    ...     return n // 2 if n % 2 == 0 else n
    >>> convert(half)(10)
    5
    """
    if isinstance(function, types.MethodType):
        return types.MethodType(convert(function.__func__), function.__self__)
    if isinstance(function, functools.partial):
        return functools.partial(convert(function.func), *function.args, **function.keywords)
    if not isinstance(function, types.FunctionType):
        return function
    code = None if is_left_alone(function) else converted_code(function.__code__)
    return function if code is None else _with_code(function, code)


def call(function: Any) -> Any:
    """Return what is called in the place of something, inside of a converted function."""
    if isinstance(function, (types.FunctionType, types.MethodType, functools.partial)):
        return convert(function)
    if isinstance(function, type) or type(function) is types.BuiltinFunctionType:
        return BUILTINS.get(function, function)
    method: Any = getattr(type(function), "__call__", None)  # noqa: B004  (the method is wanted)
    return convert(types.MethodType(method, function)) if _is_own(method) else function


# What rewritten functions know as `ag__`.
_tools = types.SimpleNamespace(
    NOTHING=NOTHING, State=State, Unbound=Unbound, and_=and_, assert_=assert_, call=call, for_=for_,
    if_=if_, if_exp=if_exp, not_=not_, or_=or_, returned=returned, while_=while_,
)  # fmt: skip


def _is_own(function: Any) -> bool:
    return isinstance(function, types.FunctionType) and not is_left_alone(function)


def is_left_alone(function: types.FunctionType) -> bool:
    """Return whether a function keeps its form: lambdas, libraries, and what asks for it."""
    code = function.__code__
    return (
        code.co_name == "<lambda>"
        or TOOLS in code.co_freevars  # it is part of a function that has been converted
        or getattr(function, "ag__left_alone", False)
        or is_ours(code.co_filename)
        or code.co_filename.startswith(LIBRARIES)
    )


def do_not_convert(func: Any = None) -> Any:
    """Leave a function as it is while a graph is written; a decorator.

    Examples
    --------
    >>> import minitf as tf
    >>> @tf.autograph.experimental.do_not_convert
    ... def plain(x):
    ...     return x + 1
    >>> plain(1)
    2
    """
    if func is None:
        return do_not_convert
    if isinstance(func, types.FunctionType):
        func.ag__left_alone = True  # type: ignore[attr-defined]
    return func


# -- source -------------------------------------------------------------------------------------


def _parsed(code: types.CodeType) -> ast.FunctionDef | None:
    """Return the definition of a function; None where its source is not to be had."""
    try:
        lines, start = inspect.getsourcelines(code)
    except (OSError, TypeError):  # typed at a prompt, or made by a program
        return None
    indented = lines[0][:1].isspace()
    source = ("if True:\n" if indented else "") + "".join(lines)
    try:
        tree: Any = ast.parse(source)
    except SyntaxError:  # a piece of a longer expression
        return None
    found = tree.body[0].body[0] if indented else tree.body[0]
    if not isinstance(found, ast.FunctionDef) or found.name != code.co_name:
        return None
    ast.increment_lineno(found, start - 1 - indented)
    return found


def rewritten(code: types.CodeType) -> ast.FunctionDef | None:
    """Return the definition of a function after rewriting; None where it keeps its form."""
    found = _parsed(code)
    if found is None or contains_yield(found):
        return None
    found.decorator_list = []
    *_, owner, _ = ["", *code.co_qualname.split(".")]
    rewriter = Rewriter(owner if owner.isidentifier() else "")
    return ast.fix_missing_locations(rewriter.visit_FunctionDef(found))


@functools.lru_cache(maxsize=1024)
def converted_code(code: types.CodeType) -> types.CodeType | None:
    """Return the code of a function after rewriting; None where it keeps its form."""
    definition = rewritten(code)
    if definition is None:
        return None
    definition.returns = None
    definition.name = "ag__function"  # its own name stays that of the original, for recursion
    # Names from outside, and the tools, are parameters of a function around it: so it is compiled
    # with a closure, which is then filled with the cells of the original.
    factory: Any = ast.parse(f"def around({', '.join([*code.co_freevars, TOOLS])}): pass")
    factory.body[0].body = [definition]
    ast.fix_missing_locations(factory)
    flags = code.co_flags & __future__.annotations.compiler_flag  # as in the module it is from
    whole = compile(factory, code.co_filename, "exec", flags, dont_inherit=True)
    found = _inside(_inside(whole, "around"), definition.name)
    return found.replace(co_name=code.co_name, co_qualname=code.co_qualname)


def _inside(code: types.CodeType, name: str) -> types.CodeType:
    """Return the code of a function that is defined in another one."""
    every = [c for c in code.co_consts if isinstance(c, types.CodeType) and c.co_name == name]
    return every[-1]


def _with_code(function: types.FunctionType, code: types.CodeType) -> types.FunctionType:
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    cells[TOOLS] = types.CellType(_tools)
    closure = tuple(cells[name] for name in code.co_freevars)
    made = types.FunctionType(code, function.__globals__, function.__name__, function.__defaults__,
                              closure)  # fmt: skip
    made.__kwdefaults__ = function.__kwdefaults__
    made.__dict__.update(function.__dict__)
    return made


def to_code(entity: Callable[..., Any], recursive: bool = True,
            experimental_optional_features: Any = None) -> str:  # fmt: skip
    """Return the source of what a function becomes while a graph is written.

    Parameters
    ----------
    entity : callable
        A Python function.
    recursive, experimental_optional_features : optional
        Accepted as in TensorFlow.

    Examples
    --------
    >>> import minitf as tf
    >>> def clip(x):
    ...     if x > 1:
    ...         x = 1
    ...     return x
    >>> print(tf.autograph.to_code(clip))  # doctest: +ELLIPSIS
    def clip(x):
    <BLANKLINE>
        def ag__then_1():
            nonlocal x
            x = 1
    ...
        ag__.if_(x > 1, ag__then_1, ag__otherwise_1, ag__state_1)
        return x
    """
    function: Any = getattr(entity, "python_function", entity)
    definition = rewritten(inspect.unwrap(function).__code__)
    return inspect.getsource(entity) if definition is None else ast.unparse(definition)
