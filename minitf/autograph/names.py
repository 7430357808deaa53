"""Which names a piece of a program binds and reads.

What is defined inside of a function or class inside of the piece has names of its own, and does not
count; what these read of the names outside does.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Sequence

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class _Binding(ast.NodeVisitor):
    """Collects the names that are bound, and those that are declared to be from elsewhere."""

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.declared: dict[str, set[str]] = {"global": set(), "nonlocal": set()}

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.bound.add(node.id)

    def _visit_scope(self, node: Scope) -> None:
        self.bound.add(node.name)

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _visit_scope

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Leave out: a lambda binds its own names only."""

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for part in (node.iter, *node.ifs):  # what runs through it is its own
            self.visit(part)

    def visit_alias(self, node: ast.alias) -> None:
        self.bound.add(node.asname or node.name.partition(".")[0])

    def visit_Global(self, node: ast.Global) -> None:
        self.declared["global"].update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.declared["nonlocal"].update(node.names)

    def _visit_capture(self, node: ast.MatchAs | ast.MatchStar) -> None:
        self.bound.update([node.name] if node.name else [])
        self.generic_visit(node)

    visit_MatchAs = visit_MatchStar = _visit_capture


def _binding(statements: Iterable[ast.AST]) -> _Binding:
    found = _Binding()
    for statement in statements:
        found.visit(statement)
    return found


def bound(statements: Iterable[ast.AST]) -> set[str]:
    r"""Return the names that statements bind: by assignment, import, a loop, `with`, or `def`.

    Examples
    --------
    >>> import ast
    >>> from minitf.autograph.names import bound
    >>> program = "a, b[0] = f(c)\nfor d in [e for e in a]:\n    a += 1"
    >>> sorted(bound(ast.parse(program).body))
    ['a', 'd']
    """
    return _binding(statements).bound


def declared(statements: Iterable[ast.AST]) -> dict[str, set[str]]:
    """Return the names that statements declare to be ``"global"``, and ``"nonlocal"``."""
    return _binding(statements).declared


def parameters(function: ast.FunctionDef) -> set[str]:
    """Return the names of the parameters of a function."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return {argument.arg for argument in every}


def reads(nodes: Sequence[ast.AST]) -> Counter[str]:
    """Return how often each name is read, functions inside included."""
    every = [node for root in nodes for node in ast.walk(root)]
    names = [n.id for n in every if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    changed = [n.target for n in every if isinstance(n, ast.AugAssign)]
    return Counter([*names, *(t.id for t in changed if isinstance(t, ast.Name))])


def contains(node: ast.AST, kinds: tuple[type[ast.AST], ...]) -> bool:
    """Return whether a statement is of some kinds, or has others in it, outside of functions."""
    if isinstance(node, kinds):
        return True
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
        return False
    return any(contains(child, kinds) for child in ast.iter_child_nodes(node))
