"""One contract, held by every op.

Each op is called on the samples of `tests/samples/*.py`, and must keep, for every sample, what the
declaration of an op promises: the spec, the dtype, the derivatives, the same values in a graph and
on every backend, and its inputs left alone. A failure names the op and the number of the sample.
"""

import doctest
import itertools
from pathlib import Path

import numpy as np
import pytest

import minitf
from minitf.autodiff.check import check_gradients
from minitf.autodiff.functional import jvp, vjp
from minitf.autodiff.tape import GradientTape
from minitf.errors import DTypeError, Error, InvalidArgumentError, UnimplementedError
from minitf.graph.op import OpDef
from minitf.graph.registry import OPS
from minitf.graph.spec import TensorSpec
from minitf.graph.tensor import eager_tensor
from minitf.graph.trace import trace

from .sampling import SAMPLES, Call, each_op, each_sample, same

# Ops without samples, each with the place where it is tested instead.
ELSEWHERE = {
    "placeholder": "has no value of its own: test_session.py",
    "read_variable": "needs a Variable: test_variables.py",
    "assign_variable": "changes a Variable: test_variables.py",
    "assign_add_variable": "changes a Variable: test_variables.py",
    "assign_sub_variable": "changes a Variable: test_variables.py",
    "assign_part": "changes a Variable: test_variables.py",
    "copy": "needs two devices: test_cuda.py",
    "custom_gradient": "has the gradient that its user gives it: test_custom_gradient.py",
    "call": "runs a graph: test_function.py",
    "fused": "is made of other ops by a pass: test_ops_kernels.py",
    "no_op": "has no inputs and no outputs: test_session.py",
    "cond": "runs graphs: test_control_flow.py",
    "switch_case": "runs graphs: test_control_flow.py",
    "while_loop": "runs graphs: test_control_flow.py",
    "print": "prints: test_script.py",
    "py_function": "runs Python: test_script.py",
    **dict.fromkeys(
        [
            "list_clear",
            "list_only",
            "list_read",
            "list_read_like",
            "list_reserve",
            "list_resize",
            "list_stack",
            "list_stack_like",
            "list_unstack",
            "list_write",
        ],
        "takes or gives a list of arrays: test_lists.py",
    ),
}

# Where a promise cannot hold, each with its reason.
UNKNOWN_SHAPES_REFUSED = dict.fromkeys(
    ["gather_nd", "scatter_nd", *(f"tensor_scatter_nd_{how}" for how in ("update", "max", "min"))],
    "the length of an index vector says how many axes the result has",
)
NOTHING_OF_NOTHING = {
    "argmax": "nothing has no largest element",
    "argmin": "nothing has no smallest element",
    "in_top_k": "without classes there is no target",
    "boolean_mask_backprop": "the mask says that there is something",
    "reverse_sequence": "the lengths say that there is something",
}


# -- the declaration ------------------------------------------------------------------------------


def test_every_sample_belongs_to_an_op():
    assert sorted(set(SAMPLES) - set(OPS)) == []


@each_op
def test_it_has_samples(name):
    if name in ELSEWHERE:
        assert name not in SAMPLES, "has samples: take it off the list"
    else:
        assert SAMPLES.get(name), "add some to tests/samples/"


def test_what_is_tested_elsewhere_is_an_op_and_elsewhere_is_a_place():
    assert sorted(set(ELSEWHERE) - set(OPS)) == []
    places = {reason.rpartition(": ")[2] for reason in ELSEWHERE.values()}
    assert [p for p in sorted(places) if not (Path(__file__).parent / p).exists()] == []


@each_op
def test_it_has_a_numpy_kernel(name):
    assert "numpy" in OPS[name].kernels or name == "copy"  # whose kernels are the devices' own


@each_op
def test_it_has_a_gradient_or_says_that_there_is_none(name):
    definition = OPS[name]
    assert definition.differentiable == (definition.gradient_rule is not None)


@each_op
def test_a_differentiable_op_is_differentiated_on_some_sample(name):
    if OPS[name].differentiable and name in SAMPLES:
        assert any(Call(name, i).is_differentiated for i in range(len(SAMPLES[name])))


def public_functions():
    """Return every function that can be reached through the front door, by the op that it calls."""
    found, rooms = {}, [minitf]
    seen = set()
    while rooms:
        room = rooms.pop()
        if id(room) in seen:
            continue
        seen.add(id(room))
        for value in vars(room).values():
            if isinstance(getattr(value, "definition", None), OpDef):
                found[value.definition.name] = value
            elif type(value) is type(minitf) and value.__name__.startswith("minitf.api"):
                rooms.append(value)
    return found


PUBLIC = public_functions()


@each_op
def test_it_is_documented(name):
    doc = OPS[name].doc
    assert doc.splitlines()[0].endswith("."), "the first line is a sentence"
    if name in PUBLIC:
        for section in ["Parameters", "Returns", "Examples"][not OPS[name].parameters :]:
            assert f"{section}\n{'-' * len(section)}" in doc, f"no section {section}"


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_its_example_runs(name):
    test = doctest.DocTestParser().get_doctest(OPS[name].doc, {}, name, None, 0)
    assert test.examples, "no example"
    said = []
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    doctest.DocTestRunner(optionflags=flags).run(test, out=said.append)
    assert not said, "".join(said)


# -- what it returns ------------------------------------------------------------------------------


@each_sample
def test_the_result_is_what_was_declared(name, number):
    call = Call(name, number)
    specs = call.definition.infer(tuple(map(eager_tensor, call.inputs)), call.attributes)
    arrays = call.run()
    assert len(specs) == len(arrays)
    for spec, array in zip(specs, arrays, strict=True):
        assert spec.dtype == array.dtype
        assert spec.shape.is_compatible_with(array.shape), f"{spec} for {array.shape}"


@each_sample
def test_in_single_and_half_precision(name, number):
    call = Call(name, number)
    exact = call.run()
    wanted = [v.numpy for v in call.attributes.values() if isinstance(v, minitf.DType)]
    for dtype, rtol in [(np.float32, 1e-3), (np.float16, None)]:
        try:
            found = call.run(call.cast(dtype))
        except (DTypeError, InvalidArgumentError, UnimplementedError):
            assert dtype is np.float16, "float32 must work"
            continue
        for array, reference in zip(found, exact, strict=True):
            if reference.dtype == np.float64 and np.float64 not in wanted and call.floating:
                assert array.dtype == dtype
            if rtol and call.repeatable and reference.dtype.kind == "f":
                here = np.abs(reference) < np.finfo(dtype).max
                np.testing.assert_allclose(array[here], reference[here], rtol, atol=rtol)


@each_sample
def test_inputs_may_be_views_and_stay_as_they_are(name, number):
    call = Call(name, number)
    expected = call.run()
    for backend, awkward in itertools.product(call.host_backends, (spread_out, backwards)):
        views = list(map(awkward, call.inputs))
        copies = [v.copy() for v in views]
        found = call.compute(backend, views)
        for view, copy in zip(views, copies, strict=True):
            np.testing.assert_array_equal(view, copy)
        if call.repeatable:
            same(found, expected)
        if not call.definition.view:
            shared = [np.shares_memory(a, v) for a in found for v in views]
            assert not any(shared), "declare it with @op(view=True), or copy"


def spread_out(array):
    """Return a read-only view with gaps between the elements."""
    view = np.repeat(array, 2, axis=-1)[..., ::2] if array.ndim else array.copy()
    view.flags.writeable = False
    return view


def backwards(array):
    """Return a read-only view whose strides are negative, and in Fortran's order."""
    flip = (slice(None, None, -1),) * array.ndim
    view = array[flip].copy(order="F")[flip] if array.ndim else array.copy()
    view.flags.writeable = False
    return view


@each_sample
def test_what_is_declared_for_nothing_is_computed_for_nothing(name, number):
    """Wherever the declaration accepts an axis of size 0, the kernel and the gradient do."""
    call = Call(name, number)
    for size in sorted({n for a in call.inputs for n in a.shape if n > 1}):
        arrays = [a[tuple(slice(0 if n == size else n) for n in a.shape)] for a in call.inputs]
        tensors = tuple(map(eager_tensor, arrays))
        try:
            specs = call.definition.infer(tensors, call.attributes)
        except Error:
            assert call.definition.scalar_rule is None, "an elementwise op takes any shape"
            continue
        if name in NOTHING_OF_NOTHING:
            continue
        floating = [tensors[i] for i in call.floating]
        with GradientTape(persistent=True) as tape:
            tape.watch(floating)
            outputs = call(*tensors)
        for spec, output in zip(specs, outputs, strict=True):
            assert spec.dtype == output.array.dtype
            assert spec.shape.is_compatible_with(output.array.shape)
        if call.is_differentiated:
            for gradient, source in zip(tape.gradient(outputs, floating), floating, strict=True):
                assert gradient is None or gradient.array.shape == source.array.shape


# -- in a graph -----------------------------------------------------------------------------------


@each_sample
def test_in_a_graph(name, number):
    call = Call(name, number)
    graph = trace(call, [TensorSpec(a.shape, a.dtype) for a in call.inputs])
    expected = call.run()
    assert all(t.spec.shape.is_compatible_with(a.shape) for t, a in zip(graph.results, expected))
    assert [t.dtype.numpy for t in graph.results] == [a.dtype for a in expected]
    if call.repeatable:
        same(graph.run([*call.inputs, *captured(graph)]), expected, exactly=True)


@each_sample
def test_in_a_graph_that_does_not_know_the_sizes(name, number):
    call = Call(name, number)
    specs = [TensorSpec([None] * a.ndim, a.dtype) for a in call.inputs]
    if name in UNKNOWN_SHAPES_REFUSED:
        with pytest.raises(Error, match="known"):
            trace(call, specs)
        return
    graph = trace(call, specs)
    expected = call.run()
    for tensor, array in zip(graph.results, expected, strict=True):
        assert tensor.shape.is_compatible_with(array.shape), f"{tensor.shape} for {array.shape}"
    if call.repeatable:
        same(graph.run([*call.inputs, *captured(graph)]), expected, exactly=True)
    if call.is_differentiated and call.repeatable:
        slopes = gradients_of(call)
        expected = [t.numpy() for t in slopes(*map(eager_tensor, call.inputs))]
        graph = trace(slopes, specs)
        same(graph.run([*call.inputs, *captured(graph)]), expected)


@each_sample
def test_in_a_graph_that_computes_the_shapes_among_its_attributes(name, number):
    call = Call(name, number)
    shapes = [p.name for p, _ in call.counts if p.kind.startswith("Shape")]
    shapes = [s for s in shapes if call.attributes[s] and None not in call.attributes[s]]
    if not shapes or not call.repeatable:
        return
    numbers = [np.array(call.attributes[s], np.int32) for s in shapes]
    expected = call.run()

    def computed(*tensors):
        call.attributes |= dict(zip(shapes, tensors, strict=False))
        return call(*tensors[len(shapes) :])

    arrays = [*numbers, *call.inputs]
    graph = trace(computed, [TensorSpec(a.shape, a.dtype) for a in arrays])
    same(graph.run([*arrays, *captured(graph)]), expected, exactly=True)


def captured(graph):
    return [t.array for t in graph.captured]


def gradients_of(call):
    """Return a function that gives the gradients of an op for its floating inputs."""

    def slopes(*tensors):
        sources = [tensors[i] for i in call.floating]
        with GradientTape() as tape:
            tape.watch(sources)
            outputs = [t for t in call(*tensors) if t.dtype.is_floating]
        return tape.gradient(outputs, sources, unconnected_gradients="zero")

    return slopes


# -- derivatives ----------------------------------------------------------------------------------


@each_sample
def test_derivatives_to_second_order(name, number):
    call = Call(name, number)
    if call.is_differentiated and call.repeatable:
        finite = [np.flatnonzero(np.isfinite(a)) for a in call.run()]

        def finite_part(*tensors):
            """Return the elements that are not infinite: only these have derivatives."""
            return [
                OPS["gather"](OPS["reshape"](t, [-1]), where, 0, 0)
                if where.size < t.array.size
                else t
                for t, where in zip(call(*tensors), finite, strict=True)
            ]

        check_gradients(finite_part, call.inputs, order=2)


@each_sample
def test_forward_mode_is_the_transpose_of_reverse_mode(name, number):
    """For random u and v: u . (J v) = (u J) . v."""
    call = Call(name, number)
    if not call.is_differentiated or not call.repeatable:
        return
    rng = np.random.default_rng(number)
    points = [eager_tensor(call.inputs[i]) for i in call.floating]

    def function(*points):
        tensors = list(map(eager_tensor, call.inputs))
        for i, point in zip(call.floating, points, strict=True):
            tensors[i] = point
        return [t for t in call(*tensors) if t.dtype.is_floating]

    v = [eager_tensor(rng.normal(size=p.shape)) for p in points]
    outputs, pushed = jvp(function, points, v)
    u = [eager_tensor(rng.normal(size=t.shape).astype(t.dtype.numpy)) for t in outputs]
    _, pulled = vjp(function, points, u)
    np.testing.assert_allclose(dot(u, pushed), dot(pulled, v), rtol=1e-9, atol=1e-9)


def dot(a, b):
    return sum(np.sum(x.numpy() * y.numpy()) for x, y in zip(a, b, strict=True))
