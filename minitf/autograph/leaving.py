"""`return`, `break` and `continue` written as assignments.

A branch or a body that becomes a graph is a function of its own, which cannot leave the function or
loop around it. So these statements set a flag, and what would have been skipped asks for it::

    while a:                    stopped = False
        if b:                   while not stopped and a:
            break                   if b:
        f()                             stopped = True
                                    else:
                                        f()

A branch that leaves in any case lets what follows the ``if`` be its ``else``; then the flag is
known while the graph is written, and asking for it costs nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, NamedTuple

from minitf.autograph.names import contains

DONE, RESULT = "ag__done", "ag__result"  # whether the function has returned, and what
LEAVING = (ast.Return, ast.Break, ast.Continue)
BRANCHING = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match, ast.ExceptHandler,
             ast.match_case)  # fmt: skip


class Flags(NamedTuple):
    """The names of the flags that statements in a loop set: `stop` all steps, `skip` one."""

    stop: str
    skip: str


def without_leaving(function: ast.FunctionDef) -> None:
    """Rewrite a function so that nothing in a branch or loop of it leaves."""
    function.body = _rest_in_else(function.body)
    lowering = _Lowering()
    if not any(map(_returns_from_a_branch, function.body)):
        function.body = lowering.loops_only(function.body)
        return
    lowering.returns = True
    done = ast.Constant(True) if _always_leaves(function.body) else _name(DONE)
    body, _ = lowering.block(function.body, None)
    first = [_assign(DONE, ast.Constant(False)), _assign(RESULT, _tool("NOTHING"))]
    last = ast.Return(_tool("returned", done, _name(RESULT)))
    function.body = [*first, *body, last]


def _returns_from_a_branch(node: ast.AST) -> bool:
    if isinstance(node, (ast.If, ast.For, ast.While)):
        return contains(node, (ast.Return,))
    if not isinstance(node, BRANCHING):
        return False
    return any(map(_returns_from_a_branch, ast.iter_child_nodes(node)))


# -- the rest as else ---------------------------------------------------------------------------


def _rest_in_else(block: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Move what follows an `if` that leaves on one side to the other side."""
    for i, statement in enumerate(block):
        rest = list(block[i + 1 :])
        if isinstance(statement, ast.If) and rest:
            if _always_leaves(statement.body):
                statement.orelse, rest = [*statement.orelse, *rest], []
            elif _always_leaves(statement.orelse):
                statement.body, rest = [*statement.body, *rest], []
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(statement, name, None)
            if inner and not isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
                setattr(statement, name, _rest_in_else(inner))
        if not rest:
            return list(block[: i + 1])
    return list(block)


def _always_leaves(block: Sequence[ast.stmt]) -> bool:
    if not block:
        return False
    last = block[-1]
    if isinstance(last, ast.If):
        return _always_leaves(last.body) and _always_leaves(last.orelse)
    if isinstance(last, ast.With):
        return _always_leaves(last.body)
    return isinstance(last, LEAVING)


# -- flags --------------------------------------------------------------------------------------


class _Lowering:
    """Writes assignments to flags, and tests of them."""

    def __init__(self) -> None:
        self.returns = False
        self.count = 0

    def loops_only(self, block: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Return a block with the `break` and `continue` of its loops written as flags."""
        return [new for statement in block for new in self.statement(statement, None)[0]]

    def block(
        self, block: Sequence[ast.stmt], flags: Flags | None
    ) -> tuple[list[ast.stmt], set[str]]:
        """Return a block without leaving, and the flags that it may set."""
        written: list[ast.stmt] = []
        for i, statement in enumerate(block):
            new, may_set = self.statement(statement, flags)
            written += new
            rest = list(block[i + 1 :])
            if may_set and isinstance(statement, LEAVING):
                return written, may_set  # the rest is never reached
            if may_set and rest:
                inner, more = self.block(rest, flags)
                test = _not(_any(sorted(may_set)))
                written.append(_at(statement, ast.If(test=test, body=inner, orelse=[])))
                return written, may_set | more
            if may_set:
                return written, may_set
        return written, set()

    def statement(self, node: ast.stmt, flags: Flags | None) -> tuple[list[ast.stmt], set[str]]:
        """Return what a statement becomes, and the flags that it may set."""
        if isinstance(node, ast.Return) and self.returns:
            value = node.value or ast.Constant(None)
            return [_at(node, _assign(RESULT, value)), _at(node, _set(DONE))], {DONE}
        if isinstance(node, (ast.Break, ast.Continue)) and flags is not None:
            flag = flags.stop if isinstance(node, ast.Break) else flags.skip
            return [_at(node, _set(flag))], {flag}
        if isinstance(node, (ast.For, ast.While)):
            return self.loop(node, flags)
        if isinstance(node, BRANCHING):
            return [node], self._parts(node, flags)
        return [node], set()

    def _parts(self, node: Any, flags: Flags | None) -> set[str]:
        """Rewrite the blocks of a statement in place."""
        may_set: set[str] = set()
        for name in ("body", "orelse", "finalbody"):
            if getattr(node, name, None):
                block, found = self.block(getattr(node, name), flags)
                setattr(node, name, block or [ast.Pass()])
                may_set |= found
        for part in [*getattr(node, "handlers", []), *getattr(node, "cases", [])]:
            may_set |= self._parts(part, flags)
        return may_set

    def loop(
        self, node: ast.For | ast.While, outer: Flags | None
    ) -> tuple[list[ast.stmt], set[str]]:
        """Return a loop that asks for its flags before each step."""
        if isinstance(node, ast.While) and contains(node.test, (ast.NamedExpr,)):
            # The test binds a name, so it belongs to the body.
            node.body = [_at(node, ast.If(_not(node.test), [ast.Break()], [])), *node.body]
            node.test = _at(node.test, ast.Constant(True))
        self.count += 1
        flags = Flags(f"ag__stop_{self.count}", f"ag__skip_{self.count}")
        node.body, may_set = self.block(node.body, flags)
        before: list[ast.stmt] = []
        if flags.skip in may_set:
            node.body.insert(0, _assign(flags.skip, ast.Constant(False)))
        if flags.stop in may_set:
            before.append(_at(node, _assign(flags.stop, ast.Constant(False))))
        stops = sorted(may_set - {flags.skip})
        if stops and isinstance(node, ast.While):
            node.test = _at(node.test, ast.BoolOp(ast.And(), [_not(_any(stops)), node.test]))
        elif stops:
            node.go_on = _at(node, _not(_any(stops)))  # type: ignore[union-attr]
        after, more = self.block(node.orelse, outer)
        node.orelse = []
        if after and stops:
            after = [_at(node, ast.If(test=_not(_any(stops)), body=after, orelse=[]))]
        return [*before, node, *after], (may_set - set(flags)) | more


# -- pieces of program --------------------------------------------------------------------------


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _tool(name: str, *arguments: ast.expr) -> ast.expr:
    tool = ast.Attribute(_name("ag__"), name, ast.Load())
    return ast.Call(tool, list(arguments), []) if arguments else tool


def _assign(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _set(name: str) -> ast.Assign:
    return _assign(name, ast.Constant(True))


def _any(names: Sequence[str]) -> ast.expr:
    return _name(names[0]) if len(names) == 1 else ast.BoolOp(ast.Or(), [_name(n) for n in names])


def _not(value: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), value)


def _at(place: ast.AST, node: Any) -> Any:
    """Return a node that stands where another one does, for error messages."""
    return ast.fix_missing_locations(ast.copy_location(node, place))
