"""Grades tracing_cache.py: with a tracer that writes down what it is asked."""

import numpy as np
import pytest

from minitf.course.grading import expect, expect_raises, expect_true

pytestmark = pytest.mark.exercise("02/tracing_cache", points=10)


class Tracer:
    """Stands for the framework: says which call it was asked to trace, and counts runs."""

    def __init__(self):
        self.asked = []
        self.runs = []

    def __call__(self, function, args, kwargs):
        number = len(self.asked)
        self.asked.append((args, kwargs))

        def graph(arrays):
            self.runs.append(number)
            return number, [np.array(a) for a in arrays]

        return graph


def identity(*args, **kwargs):
    raise AssertionError("only `trace` may call the Python function")


def made(work):
    tracer = Tracer()
    return work.Function(identity, tracer), tracer


def test_nothing_is_traced_before_the_first_call(work):
    function, tracer = made(work)
    expect((function.traces, tracer.asked), (0, []), "the traces of a new function")


def test_the_same_shape_is_traced_once(work):
    function, tracer = made(work)
    for start in range(3):
        function(np.arange(4.0) + start)
    expect(
        len(tracer.asked),
        1,
        "the number of traces for three arrays of one shape",
        misconception="The numbers in an array are no part of the signature: its shape and dtype "
        "are.",
    )
    expect(function.traces, 1, "what `traces` says")
    expect(tracer.runs, [0, 0, 0], "the graphs that ran")


def test_a_graph_gets_the_arrays_of_its_own_call(work):
    function, _ = made(work)
    function(np.array([1.0]), 7)
    _, arrays = function(np.array([2.0]), 7)
    expect(
        arrays,
        [np.array([2.0])],
        "the arrays that the graph got in the second call",
        misconception="A graph is run with the arrays of this call, not with those that it was "
        "traced with; and numbers such as 7 are in the graph already.",
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (np.zeros(3), np.zeros(4)),
        (np.zeros(3), np.zeros((3, 1))),
        (np.zeros(3), np.zeros(3, np.float32)),
        (np.zeros(2), np.zeros(2, np.int64)),
    ],
    ids=["another size", "another rank", "float32", "int64"],
)
def test_another_shape_or_dtype_is_another_graph(work, first, second):
    function, tracer = made(work)
    function(first)
    function(second)
    function(first)
    expect(
        (len(tracer.asked), tracer.runs),
        (2, [0, 1, 0]),
        f"traces, and graphs that ran, for {first.dtype} {first.shape} and {second.dtype} "
        f"{second.shape}",
        misconception="Shape *and* dtype are part of the signature; and the old graph is still "
        "there when the first form comes again.",
    )


@pytest.mark.parametrize(
    ("first", "second"), [(2, 3), ("relu", "tanh"), (None, 0), ((1, 2), (2, 1))]
)
def test_another_python_value_is_another_graph(work, first, second):
    function, tracer = made(work)
    x = np.zeros(3)
    function(x, first)
    function(x, second)
    function(x, first)
    expect(
        (len(tracer.asked), tracer.runs),
        (2, [0, 1, 0]),
        f"traces, and graphs that ran, for {first!r} and {second!r}",
        misconception="What is no array has become part of the graph, so its value belongs to the "
        "signature.",
    )


@pytest.mark.parametrize(("first", "second"), [(1, True), (1, 1.0), (0, False)])
def test_equal_values_of_different_types_are_different(work, first, second):
    function, tracer = made(work)
    function(np.zeros(3), first)
    function(np.zeros(3), second)
    expect(
        len(tracer.asked),
        2,
        f"the number of traces for {first!r} and {second!r}",
        misconception=f"To Python {first!r} == {second!r}, and a dictionary takes them for one "
        "key. `if training is True` does not: put the type beside the value.",
    )


def test_the_place_of_an_argument_matters(work):
    function, tracer = made(work)
    function(np.zeros(3), 2)
    function(2, np.zeros(3))
    expect(
        len(tracer.asked),
        2,
        "the number of traces for f(x, 2) and f(2, x)",
        misconception="Keep the arguments in order; a set, or arrays and the rest in separate "
        "lists, loses it.",
    )


def test_the_order_of_keywords_does_not_matter(work):
    function, tracer = made(work)
    a, b = np.array([1.0]), np.array([2.0])
    _, first = function(a=a, b=b)
    _, second = function(b=b, a=a)
    misconception = "Sort the keyword arguments by name, for the signature and for the arrays."
    expect(
        len(tracer.asked),
        1,
        "the number of traces for f(a=.., b=..) and f(b=.., a=..)",
        misconception=misconception,
    )
    expect(first, [a, b], "the arrays of the first call", misconception=misconception)
    expect(second, [a, b], "the arrays of the second call", misconception=misconception)


def test_the_name_of_a_keyword_matters(work):
    function, tracer = made(work)
    function(np.zeros(3), scale=2)
    function(np.zeros(3), power=2)
    expect(
        len(tracer.asked),
        2,
        "the number of traces for scale=2 and power=2",
        misconception="The values are equal, the names are not: both belong to the signature.",
    )


def test_the_tracer_gets_the_call_as_it_was(work):
    function, tracer = made(work)
    x = np.zeros(3)
    function(x, 2, training=True)
    args, kwargs = tracer.asked[0]
    expect_true(
        args[0] is x and args[1] == 2 and kwargs == {"training": True},
        "args and kwargs as they were given, for `trace`",
        got=(args, kwargs),
    )


def test_each_function_has_its_own_graphs(work):
    one, first = made(work)
    other, second = made(work)
    one(np.zeros(3))
    other(np.zeros(3))
    expect(
        (len(first.asked), len(second.asked)),
        (1, 1),
        "the number of traces of two functions",
        misconception="The dictionary belongs to the object: make it in `__init__`. One that is "
        "made in the class, or as a default argument, is shared by all.",
    )


def test_a_trace_that_failed_is_tried_again(work):
    tries = []

    def trace(function, args, kwargs):
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("no")
        return lambda arrays: "done"

    function = work.Function(identity, trace)
    expect_raises(ValueError, lambda: function(np.zeros(3)), "a trace that fails")
    expect(
        function(np.zeros(3)),
        "done",
        "the second try",
        misconception="Nothing may be left behind in the dictionary by a trace that failed.",
    )
    expect(function.traces, 1, "what `traces` says after a failed and a good trace")


def test_a_signature_can_be_a_key(work):
    key = work.signature((np.zeros(3), 2, "relu"), {"training": True})
    expect_true(
        {key: 1}[key] == 1,
        "a signature that a dictionary takes as a key",
        misconception="Lists, dicts and arrays cannot be keys; tuples of plain values can.",
    )
