"""Grades common_subexpressions.py: by small graphs, worked out by hand."""

from unittest.mock import patch

import pytest

from minitf.course.grading import expect, expect_true

pytestmark = pytest.mark.exercise("02/common_subexpressions", points=10)


def graph(work, *lines):
    """Return nodes from lines such as ("a", "exp", "x") or ("s", "sum", "a b", {"axis": 0}).

    The first inputs are placeholders, made from names that no line defines.
    """
    defined = {line[0] for line in lines}
    nodes, made = [], set()
    for name, op, inputs, *rest in lines:
        attributes, stateful = (*rest, {}, False)[:2] if rest else ({}, False)
        edges = [work.Edge(*_parts(text)) for text in inputs.split()]
        for edge in edges:
            if edge.node not in defined | made:
                made.add(edge.node)
                nodes.append(work.Node(edge.node, "placeholder", (), {}, True))
        nodes.append(work.Node(name, op, tuple(edges), attributes, stateful))
    return nodes


def _parts(text):
    name, _, index = text.partition(":")
    return name, int(index or 0)


def shared(work, *lines):
    """Return what `share` says of the lines, the placeholders left out."""
    found = work.share(graph(work, *lines))
    return {line[0]: found[line[0]] for line in lines}


def test_equal_nodes_are_one(work):
    got = shared(work, ("a", "exp", "x"), ("b", "exp", "x"), ("c", "exp", "y"))
    expect(got, {"a": "a", "b": "a", "c": "c"}, "who computes exp(x), exp(x) again, and exp(y)")


def test_every_node_has_an_answer(work):
    found = work.share(graph(work, ("a", "exp", "x"), ("b", "exp", "x")))
    expect(
        sorted(found),
        ["a", "b", "x"],
        "the names in the mapping",
        misconception="Nodes that are not shared are in it too, with their own names.",
    )


def test_different_ops_are_different(work):
    got = shared(work, ("a", "exp", "x"), ("b", "log", "x"))
    expect(got, {"a": "a", "b": "b"}, "who computes exp(x) and log(x)")


def test_sharing_goes_on_along_a_chain(work):
    got = shared(
        work,
        ("a", "exp", "x"),
        ("b", "exp", "x"),
        ("c", "square", "a"),
        ("d", "square", "b"),
        ("e", "add", "c d"),
        ("f", "add", "d c"),
    )
    expect(
        got,
        {"a": "a", "b": "a", "c": "c", "d": "c", "e": "e", "f": "e"},
        "who computes what in two equal chains",
        misconception="Once a and b are one, the squares of a and of b are equal too: compare the "
        "inputs after they have been shared, not as they were written.",
    )


def test_the_order_of_the_inputs_matters(work):
    got = shared(work, ("a", "subtract", "x y"), ("b", "subtract", "y x"))
    expect(
        got,
        {"a": "a", "b": "b"},
        "who computes x - y and y - x",
        misconception="x - y is not y - x: keep the inputs in order, in a tuple, not in a set.",
    )


def test_outputs_of_one_node_are_different_values(work):
    got = shared(
        work, ("s", "split", "x"), ("a", "exp", "s:0"), ("b", "exp", "s:1"), ("c", "exp", "s:0")
    )
    expect(
        got,
        {"s": "s", "a": "a", "b": "b", "c": "a"},
        "who computes exp of the first output of a split, and of the second",
        misconception="An input is a node *and* the number of its output.",
    )


def test_different_attributes_are_different(work):
    got = shared(
        work,
        ("a", "sum", "x", {"axis": 0}),
        ("b", "sum", "x", {"axis": 1}),
        ("c", "sum", "x", {"axis": 0}),
    )
    expect(
        got,
        {"a": "a", "b": "b", "c": "a"},
        "who computes the sums over axis 0, axis 1, and axis 0 again",
        misconception="Attributes are part of what is computed: a sum over another axis is "
        "another sum.",
    )


def test_the_order_of_attributes_does_not_matter(work):
    got = shared(
        work,
        ("a", "sum", "x", {"axis": 0, "keepdims": True}),
        ("b", "sum", "x", {"keepdims": True, "axis": 0}),
    )
    expect(
        got,
        {"a": "a", "b": "a"},
        "who computes two sums whose attributes were given in another order",
        misconception="A dictionary has no order worth keeping here: sort its items.",
    )


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True), (0, False), (0.0, -0.0)])
def test_equal_numbers_of_different_kinds_are_different(work, one, other):
    got = shared(
        work, ("a", "constant", "", {"value": one}), ("b", "constant", "", {"value": other})
    )
    expect(
        got,
        {"a": "a", "b": "b"},
        f"who computes the constants {one!r} and {other!r}",
        misconception=f"To Python {one!r} == {other!r}, and both are the same key of a dictionary. "
        "To a graph they are different: put the type (or the repr) into the key.",
    )


def test_equal_constants_are_one(work):
    got = shared(work, ("a", "constant", "", {"value": 2.5}), ("b", "constant", "", {"value": 2.5}))
    expect(got, {"a": "a", "b": "a"}, "who computes the constant 2.5, twice")


def test_random_numbers_are_drawn_twice(work):
    got = shared(
        work,
        ("a", "normal", "", {"shape": (2,)}, True),
        ("b", "normal", "", {"shape": (2,)}, True),
    )
    expect(
        got,
        {"a": "a", "b": "b"},
        "who computes two draws of random numbers",
        misconception="Stateful nodes may differ although everything about them is equal: never "
        "share them.",
    )


def test_what_uses_two_draws_differs_too(work):
    got = shared(
        work,
        ("a", "normal", "", {}, True),
        ("b", "normal", "", {}, True),
        ("c", "exp", "a"),
        ("d", "exp", "b"),
    )
    expect(got, {"a": "a", "b": "b", "c": "c", "d": "d"}, "who computes exp of two random draws")


def test_two_placeholders_are_two(work):
    nodes = graph(work, ("a", "exp", "x"), ("b", "exp", "y"))
    expect(work.share(nodes)["y"], "y", "who computes the placeholder y")


def test_a_later_graph_starts_afresh(work):
    lines = [("a", "exp", "x")]
    work.share(graph(work, *lines))
    got = work.share(graph(work, ("z", "exp", "x")))
    expect(
        got,
        {"x": "x", "z": "z"},
        "the mapping of a second graph",
        misconception="The dictionary belongs to one call: make it inside `share`.",
    )


def test_long_chains_are_fast(work):
    lines = [("n0", "exp", "x"), ("m0", "exp", "x")]
    for i in range(1, 1500):
        lines += [(f"n{i}", "exp", f"n{i - 1}"), (f"m{i}", "exp", f"m{i - 1}")]
    found = work.share(graph(work, *lines))
    expect_true(
        all(found[f"m{i}"] == f"n{i}" for i in range(1500)),
        "every node of a chain of 1500 shared with its twin",
    )


def install(work):
    """Let minitf's own pass ask `work.share` which operations compute the same."""
    from minitf.graph.tensor import Tensor
    from minitf.runtime import compile as compiling
    from minitf.runtime import stages
    from minitf.runtime.passes.share import share as own
    from minitf.runtime.program import Rewriter

    plain = (bool, int, float, str, type(None))

    def value(item):
        if isinstance(item, tuple):
            return tuple(map(value, item))
        if isinstance(item, plain):
            return item
        if isinstance(item, Tensor) and item.array.dtype.kind != "O" and item.array.size < 256:
            return item.array.dtype.str, item.array.shape, item.array.tobytes()
        return type(item).__name__, id(item)  # the same object, or another

    def node(operation):
        edges = tuple(work.Edge(t.op.name, t.index) for t in operation.inputs)
        attributes = {name: value(item) for name, item in operation.attributes.items()}
        attributes |= {
            " device": str(operation.device),
            " waits": tuple(sorted(n.name for n in operation.control_inputs)),
            " outputs": len(operation.outputs),
        }
        acts = operation.definition.stateful and operation.type != "read_variable"
        alone = acts or operation.type == "placeholder" or not operation.outputs
        return work.Node(operation.name, operation.type, edges, attributes, alone)

    def share(program):
        computed_by = work.share([node(operation) for operation in program.graph.operations])
        rewriter, kept = Rewriter(program), {}
        for operation in program.graph.operations:
            twin = kept.get(computed_by[operation.name])
            if twin is None:
                kept[operation.name] = rewriter.copy(operation)
            else:
                rewriter.alias(operation, twin.outputs)
        return rewriter.finish()

    patches = [
        patch.object(module, name, tuple(share if p is own else p for p in getattr(module, name)))
        for module in (compiling, stages)
        for name in ("STANDARD", "FUSING")
    ]
    for one in patches:
        one.start()
    return lambda: [one.stop() for one in patches]
