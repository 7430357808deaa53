"""Composite: one value of a program that is made of several Tensors.

A ragged tensor is its values and where its rows end; a sparse one is its elements that are not 0
and where they lie. No op and no kernel knows of them. A nested structure is flattened through them
(`minitf.graph.nest`), so a `tf.function` takes and returns their Tensors; and an op that finds one
where it needs a Tensor looks for a rule that says, in other ops, what it means there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

Rule = Callable[..., Any]


class Composite:
    """The base class of what is made of Tensors and stands for one value.

    Attributes
    ----------
    shape : TensorShape
        The dimensions of the whole.
    rules : dict of str to function
        By the name of an op or of a public function: what it does with a composite of this class.
        A rule takes the arguments of the function.
    instead : str
        What to write where there is no rule.
    """

    __slots__ = ()
    shape: Any
    rules: ClassVar[dict[str, Rule]] = {}
    instead: ClassVar[str] = ""

    def components(self) -> Sequence[Any]:
        """Return the Tensors that it is made of."""
        raise NotImplementedError

    def with_components(self, components: Sequence[Any]) -> Any:
        """Return what has other Tensors (or specs, gradients, ...) in their places."""
        raise NotImplementedError

    def printed(self, arrays: Sequence[Any], show: Callable[[Any], str]) -> str:
        """Return what `tf.print` says of the arrays of the components; `show` makes text of one."""
        raise NotImplementedError

    def component_specs(self) -> Sequence[Any]:
        """Return what all composites of this form have in common: a graph is made for them."""
        raise NotImplementedError


def composites(*values: Any) -> Iterator[Composite]:
    """Yield the composites among values, and in their lists and dicts."""
    for value in values:
        if isinstance(value, Composite):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from composites(*value)
        elif isinstance(value, dict):
            yield from composites(*value.values())


def rule_for(name: str, args: Any, kwargs: Any = None) -> Rule | None:
    """Return what a function does with its arguments if a composite is among them, or None."""
    for composite in composites(args, kwargs):
        return composite.rules.get(name)
    return None
