"""A function, rewritten so that its branches and loops ask what they branch on.

Each block becomes a function of its own, and what it may bind is its `state`, which can be read and
set from outside::

    if a:               def then():
        b = f(c)            nonlocal b
                            b = ag__.call(f)(c)

                        def otherwise():
                            pass

                        def get():
                            return (b,)

                        def put(values):
                            nonlocal b
                            (b,) = values

                        ag__.if_(a, then, otherwise, ag__.State(("b",), get, put))

Whether there is a Tensor to branch on turns out when this runs; `minitf.autograph.choosing` and
`looping` see to both.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from minitf.autograph.leaving import DONE, RESULT, without_leaving
from minitf.autograph.names import bound, contains, declared, parameters, reads

TOOLS = "ag__"
CHAINED = (ast.Name, ast.Attribute, ast.Constant)  # may be looked at twice


class Rewriter(ast.NodeTransformer):
    """Rewrites one function, and those that are defined inside of it.

    Parameters
    ----------
    owner : str
        Name of the class whose method it is, for names like ``__x`` and for `super()`.
    """

    def __init__(self, owner: str = ""):
        self.owner = owner
        self.function: ast.FunctionDef | None = None
        self.elsewhere: dict[str, set[str]] = {}
        self.states: set[str] = set()
        self.count = 0

    # -- functions ----------------------------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Rewrite the body; names that blocks bind exist from the beginning."""
        if contains_yield(node):
            return node
        around = self.function, self.elsewhere, self.states
        without_leaving(node)
        self.function, self.elsewhere, self.states = node, declared(node.body), set()
        body = self._block(node.body)
        there = parameters(node).union({DONE, RESULT}, *self.elsewhere.values())
        unbound = sorted(self.states - there)
        first = [_at(node, _parse(f"{name} = {TOOLS}.Unbound({name!r})")) for name in unbound]
        place = _after_declarations(body)
        node.body = [*body[:place], *first, *body[place:]]
        self.function, self.elsewhere, self.states = around
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        """Leave classes alone: their methods are rewritten when they are called."""
        return node

    visit_AsyncFunctionDef = visit_ClassDef  # type: ignore[assignment]

    def _block(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in statements:
            new = self.visit(statement)
            found += new if isinstance(new, list) else [new]
        return found

    # -- statements ---------------------------------------------------------------------------

    def visit_If(self, node: ast.If) -> list[ast.stmt]:
        """Make functions of both sides."""
        names, number = self._names([*node.body, *node.orelse]), self._number()
        test, state = self.visit(node.test), f"ag__state_{number}"
        then, otherwise = f"ag__then_{number}", f"ag__otherwise_{number}"
        return self._at(node, [
            self._function(then, [], names, self._block(node.body)),
            self._function(otherwise, [], names, self._block(node.orelse)),
            *self._state(names, number),
            _call("if_", test, then, otherwise, state),
        ])  # fmt: skip

    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        """Make functions of the test and the body."""
        names, number = self._names([node.test, *node.body]), self._number()
        kept = self._read_outside(node, names)
        test = ast.Return(self.visit(node.test))
        return self._at(node, [
            self._function(f"ag__test_{number}", [], names, [test]),
            self._function(f"ag__body_{number}", [], names, self._block(node.body)),
            *self._state(names, number, kept),
            _call("while_", f"ag__test_{number}", f"ag__body_{number}", f"ag__state_{number}"),
        ])  # fmt: skip

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        """Make a function of the body, which takes the item."""
        names, number = self._names([node.target, *node.body]), self._number()
        kept = self._read_outside(node, names)
        items, go_on = self.visit(node.iter), getattr(node, "go_on", None)
        take = ast.Assign([self.visit(node.target)], ast.Name("ag__item", ast.Load()))
        test = [] if go_on is None else [_lambda(self.visit(go_on))]
        body = [take, *self._block(node.body)]
        return self._at(node, [
            self._function(f"ag__body_{number}", ["ag__item"], names, body),
            *self._state(names, number, kept),
            _call("for_", items, f"ag__body_{number}", f"ag__state_{number}", *test),
        ])  # fmt: skip

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        """Leave the type out: names of functions outside cannot have one."""
        if not isinstance(node.target, ast.Name):
            return self._visit_inside(node)
        assign = ast.Assign([node.target], self.visit(node.value)) if node.value else ast.Pass()
        return _at(node, assign)

    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        """Check when the graph runs."""
        told = node.msg or ast.Constant("")
        return self._at(node, [_call("assert_", self.visit(node.test), _lambda(self.visit(told)))])

    # -- expressions --------------------------------------------------------------------------

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """Compute one side only."""
        if contains(node, (ast.NamedExpr,)):
            return self._visit_inside(node)
        sides = _lambda(self.visit(node.body)), _lambda(self.visit(node.orelse))
        return _at(node, _expression("if_exp", self.visit(node.test), *sides))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """Look at one operand after the other."""
        if contains(node, (ast.NamedExpr,)):
            return self._visit_inside(node)
        first, *others = [self.visit(value) for value in node.values]
        tool = "and_" if isinstance(node.op, ast.And) else "or_"
        return _at(node, _expression(tool, first, *map(_lambda, others)))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """Turn `not` into a function."""
        operand = self.visit(node.operand)
        if isinstance(node.op, ast.Not):
            return _at(node, _expression("not_", operand))
        node.operand = operand
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """Turn ``a < b < c`` into ``a < b and b < c``."""
        if len(node.ops) == 1 or not all(isinstance(c, CHAINED) for c in node.comparators[:-1]):
            return self._visit_inside(node)
        left = [node.left, *node.comparators]
        pairs: list[ast.expr] = [ast.Compare(a, [op], [b])
                                 for a, op, b in zip(left, node.ops, node.comparators)]  # fmt: skip
        return self.visit(_at(node, ast.BoolOp(ast.And(), pairs)))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Let what is called be rewritten, too."""
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            return self._with_its_arguments(node)
        node.args = [self.visit(a) for a in node.args]
        node.keywords = [self.visit(k) for k in node.keywords]
        if isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == TOOLS:
            return node
        node.func = _at(node.func, _expression("call", self.visit(node.func)))
        return node

    def _with_its_arguments(self, node: ast.Call) -> ast.expr:
        """Return `super()` as it can be called in a function inside of the method."""
        first = [*self.function.args.posonlyargs, *self.function.args.args] if self.function else []
        if node.args or not first:
            return node
        return _at(node, _parse(f"super(__class__, {first[0].arg})").value)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Name what is private to the class as the class does."""
        if self.owner and node.attr.startswith("__") and not node.attr.endswith("__"):
            node.attr = f"_{self.owner.lstrip('_')}{node.attr}"
        return self._visit_inside(node)

    def _visit_inside(self, node: Any) -> Any:
        return super().generic_visit(node)

    # -- state --------------------------------------------------------------------------------

    def _names(self, statements: Sequence[ast.AST]) -> list[str]:
        """Return the names that statements bind."""
        names = sorted(bound(statements))
        self.states.update(names)
        return names

    def _read_outside(self, loop: ast.stmt, names: Sequence[str]) -> list[str]:
        """Return the names that something outside of a loop reads."""
        inside = reads([loop, *([loop.go_on] if hasattr(loop, "go_on") else [])])
        return [name for name in names if self._reads[name] > inside[name]]

    @property
    def _reads(self) -> Any:
        return reads(self.function.body if self.function else [])

    def _number(self) -> int:
        self.count += 1
        return self.count

    def _state(self, names: list[str], number: int, kept: Sequence[str] = ()) -> list[ast.stmt]:
        """Return the functions that get and put the values of names, and a State of them."""
        values = f"({', '.join(names)},)" if names else "()"
        put = [_parse(f"{values} = ag__values")] if names else []
        told = f"{tuple(names)!r}, ag__get_{number}, ag__put_{number}, {tuple(kept)!r}"
        return [
            self._function(f"ag__get_{number}", [], [], [_parse(f"return {values}")]),
            self._function(f"ag__put_{number}", ["ag__values"], names, put),
            _parse(f"ag__state_{number} = {TOOLS}.State({told})"),
        ]

    def _function(self, name: str, takes: list[str], names: Sequence[str],
                  body: Sequence[ast.stmt]) -> Any:  # fmt: skip
        used, globals_ = bound(body), self.elsewhere["global"]
        outside = {"nonlocal": {*names} - globals_, "global": globals_}
        first = [_parse(f"{word} {', '.join(sorted(found & used))}")
                 for word, found in outside.items() if found & used]  # fmt: skip
        function = _parse(f"def {name}({', '.join(takes)}): pass")
        function.body = [*first, *body] or function.body
        return function

    def _at(self, place: ast.stmt, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        return [_at(place, statement) for statement in statements]


def contains_yield(function: ast.FunctionDef) -> bool:
    """Return whether a function is a generator, or waits: these keep their form."""
    return any(contains(s, (ast.Yield, ast.YieldFrom, ast.Await)) for s in function.body)


# -- pieces of program --------------------------------------------------------------------------


def _after_declarations(body: Sequence[ast.stmt]) -> int:
    """Return where a body goes on after its docstring and declarations."""
    for i, statement in enumerate(body):
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not is_text and not isinstance(statement, (ast.Global, ast.Nonlocal)):
            return i
    return len(body)


def _parse(statement: str) -> Any:
    """Return a statement that stands nowhere yet."""
    found = ast.parse(statement).body[0]
    for node in ast.walk(found):
        for place in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
            node.__dict__.pop(place, None)
    return found


def _lambda(value: ast.expr) -> ast.expr:
    found: ast.Lambda = _parse("lambda: 0").value
    found.body = value
    return found


def _expression(tool: str, *arguments: ast.expr | str) -> ast.expr:
    values = [ast.Name(a, ast.Load()) if isinstance(a, str) else a for a in arguments]
    return ast.Call(ast.Attribute(ast.Name(TOOLS, ast.Load()), tool, ast.Load()), values, [])


def _call(tool: str, *arguments: ast.expr | str) -> ast.stmt:
    return ast.Expr(_expression(tool, *arguments))


def _at(place: ast.AST, node: Any) -> Any:
    """Return a node that stands where another one does, for error messages."""
    return ast.fix_missing_locations(ast.copy_location(node, place))
