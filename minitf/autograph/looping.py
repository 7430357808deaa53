"""What loops become: Python's loops, or an operation that repeats its body when the graph runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitf.autograph.choosing import blank, if_, is_value, symbol
from minitf.autograph.drawing import Drawing, can_be_drawn
from minitf.autograph.state import NOTHING, State, Unbound, is_unbound
from minitf.errors import GraphError, UnimplementedError
from minitf.graph.context import context
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten, pack_like
from minitf.graph.tensor import Tensor
from minitf.graph.trace import FunctionGraph
from minitf.ops.array import known_size
from minitf.ops.filling import range as tensor_range
from minitf.ops.logic import logical_and
from minitf.ops.loop import loop_in_graph
from minitf.ops.math import cast
from minitf.ops.rounding import maximum


def while_(test: Callable[[], Any], body: Callable[[], Any], state: State) -> None:
    """Repeat a block as long as a test holds.

    Python repeats it until the test is a Tensor whose value nobody knows yet: then the rest becomes
    a loop of the graph.
    """
    while True:
        holds = test()
        if symbol(holds) is not None:
            _repeat(test, body, state)
            return
        if not holds:
            return
        body()


def for_(items: Any, body: Callable[[Any], Any], state: State,
         go_on: Callable[[], Any] | None = None) -> None:  # fmt: skip
    """Run a block for each item; for rows of a Tensor and elements of data, when the graph runs."""
    if symbol(items) is not None:
        _for_each_row(as_tensor(items), body, state, go_on)
        return
    if context.graph is not None and can_be_drawn(items):
        _for_each_element(Drawing(items), body, state, go_on)
        return
    for item in items:
        holds = True if go_on is None else go_on()
        if symbol(holds) is None and not holds:
            return
        if_(holds, lambda item=item: body(item), lambda: None, state)  # type: ignore[misc]


def _for_each_row(rows: Tensor, body: Callable[[Any], Any], state: State, go_on: Any) -> None:
    """Count the rows, beside the state of the block."""
    place: list[Any] = [as_tensor(0)]
    count = known_size(rows, 0)

    def put(values: Any) -> None:
        place[0] = values[0]
        state.put(values[1:])

    def test() -> Any:
        more = place[0] < count
        holds = True if go_on is None else go_on()
        return more if holds is True else logical_and(more, holds)

    def step() -> None:
        body(rows[place[0]])
        place[0] = place[0] + 1

    names = ("the number of the row", *state.names)
    _repeat(test, step, State(names, lambda: (place[0], *state.get()), put, state.kept))


def _for_each_element(drawing: Drawing, body: Callable[[Any], Any], state: State,
                      go_on: Any) -> None:  # fmt: skip
    """Draw an element before each step, beside the state of the block."""
    found = [drawing.draw()]

    def put(values: Any) -> None:
        found[0] = values[0]
        state.put(values[1:])

    def test() -> Any:
        holds = True if go_on is None else go_on()
        return found[0][0] if holds is True else logical_and(found[0][0], holds)

    def step() -> None:
        body(drawing.element(found[0]))
        found[0] = drawing.draw()

    names = ("the element", *state.names)
    _repeat(test, step, State(names, lambda: (found[0], *state.get()), put, state.kept))
    drawing.end()


def _repeat(test: Callable[[], Any], body: Callable[[], Any], state: State) -> None:
    """Write a loop. What is carried from one step to the next is what was a value before it."""
    before = _with_first_values(state, body)
    carried = [i for i, value in enumerate(before) if is_value(value)]

    def enter(values: Any) -> None:
        inside = list(before)
        for i, value in zip(carried, values, strict=True):
            inside[i] = value
        state.put(tuple(inside))

    def holds(*values: Any) -> Any:
        enter(values)
        return as_tensor(test())

    def step(*values: Any) -> list[Any]:
        enter(values)
        body()
        return _next(state, before, carried)

    first = [_as_values(before[i]) for i in carried]
    if not first:
        raise GraphError("a loop on a Tensor changes nothing, so it would never end")
    last = loop_in_graph(holds, step, first, relax=True)
    enter(last)
    after = list(state.get())
    for i, value in enumerate(after):
        if is_unbound(value) and value is not NOTHING:
            after[i] = Unbound(state.names[i], _BORN)
    state.put(tuple(after))


_BORN = "gets its first value in a loop on a Tensor, which may take no step: give it one before"


def _next(state: State, before: Any, carried: list[int]) -> list[Any]:
    """Return the values of the next step, after checking that nothing else has changed."""
    after = state.get()
    for name, old, new in zip(state.names, before, after, strict=True):
        if is_unbound(old) or is_value(old):
            if is_value(old) and not is_value(new):
                raise GraphError(f"{name!r} is a tensor before a step of the loop, {new!r} after")
        elif new is not old and not (isinstance(old, str) and new == old):
            raise GraphError(
                f"{name!r} is {old!r} before the loop, and a {type(new).__name__} after a step: a "
                "loop on a Tensor carries tensors, so give it one before"
            )
    return [after[i] for i in carried]


def _as_values(value: Any) -> Any:
    return pack_like(value, [v if hasattr(v, "write") else as_tensor(v) for v in flatten(value)])


def _with_first_values(state: State, body: Callable[[], Any]) -> tuple[Any, ...]:
    """Return the state before a loop; names that it is to give to the outside get zeros.

    What these will be is seen by tracing the body once, into a graph that is thrown away.
    """
    before = state.get()
    born = [
        i for i, value in enumerate(before) if is_unbound(value) and state.names[i] in state.kept
    ]
    if not born:
        return before
    with FunctionGraph("one step").as_default():
        body()
        after = state.get()
    state.put(before)
    found = list(before)
    for i in born:
        if is_value(after[i]):
            found[i] = pack_like(after[i], [blank(leaf) for leaf in flatten(after[i])])
    state.put(tuple(found))
    return tuple(found)


def set_loop_options(
    parallel_iterations: Any = None,
    swap_memory: Any = None,
    maximum_iterations: Any = None,
    shape_invariants: Any = None,
) -> None:
    """Do nothing: which sizes a loop changes is found out by tracing it.

    Parameters
    ----------
    parallel_iterations, swap_memory, shape_invariants : optional
        Accepted as in TensorFlow.
    maximum_iterations : None
        Count the steps, and `break`.
    """
    if maximum_iterations is not None:
        raise UnimplementedError("set_loop_options: count the steps and break, instead of "
                                 f"maximum_iterations={maximum_iterations!r}")  # fmt: skip


# -- what Python's own functions become ---------------------------------------------------------


def range_(*limits: Any) -> Any:
    """Return numbers to count with: a Tensor, where a limit is one."""
    if all(symbol(n) is None for n in limits):
        return range(*limits)
    if len(limits) < 3:  # Python's range is empty where tf.range does not reach its limit
        start, limit = (0, *limits)[-2:]
        limits = (start, maximum(limit, start))
    return tensor_range(*limits)


def len_(value: Any) -> Any:
    """Return the number of items, of rows where it is a Tensor."""
    tensor = symbol(value)
    return len(value) if tensor is None else known_size(tensor, 0)


def enumerate_(items: Any, start: int = 0) -> Any:
    """Return pairs of a number and an item; of a dataset, a dataset of them."""
    return items.enumerate(start) if can_be_drawn(items) else enumerate(items, start)


def as_int(*value: Any) -> Any:
    """Return a whole number: a Tensor, where it is made of one."""
    return _cast(int, "int32", value)


def as_float(*value: Any) -> Any:
    """Return a number: a Tensor, where it is made of one."""
    return _cast(float, "float32", value)


def _cast(kind: Callable[..., Any], dtype: str, value: Any) -> Any:
    tensor = symbol(value[0]) if len(value) == 1 else None
    return kind(*value) if tensor is None else cast(tensor, dtype)
