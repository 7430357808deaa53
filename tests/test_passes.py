"""Passes: what they change, and above all what they must not."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import minitf as tf
from minitf.graph.registry import OPS
from minitf.kernels.fused import Expression
from minitf.runtime.passes import AS_WRITTEN, FUSING, STANDARD, run_passes
from minitf.runtime.passes.cut import cut
from minitf.runtime.passes.fold import LARGEST, fold
from minitf.runtime.passes.fuse import fuse
from minitf.runtime.passes.order import order
from minitf.runtime.passes.prune import prune
from minitf.runtime.passes.share import share
from minitf.runtime.passes.simplify import simplify
from minitf.runtime.passes.spell_out import spell_out
from minitf.runtime.placer import place
from minitf.runtime.plan import make_plan
from minitf.runtime.program import Program

from .graphs import recipes, run, same_bits, types
from .sampling import SAMPLED, Call

PASSES = [prune, order, fold, simplify, share, spell_out, fuse]
some = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def interpreted(monkeypatch):
    """Fused operations are computed by NumPy: compiling each random one would take too long."""
    monkeypatch.delitem(OPS["fused"].kernels, "numba")


@pytest.fixture
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def program_of(fetches, feeds=(), effects=()):
    graph = next(iter([*fetches, *effects])).graph
    return Program(graph, list(feeds), list(fetches), list(effects))


def run_session(fetches, feed_dict=None):
    with tf.Session() as session:
        session.run(tf.compat.v1.global_variables_initializer())
        return session.run(fetches, feed_dict)


# -- no pass changes a bit -------------------------------------------------------------------------


@pytest.mark.parametrize("step", PASSES, ids=lambda p: p.__name__)
@some
@given(recipe=recipes())
def test_each_pass_alone_changes_no_bit(step, recipe, interpreted):
    arrays = recipe.arrays()
    program = recipe.program()
    expected = run(program, (cut,), arrays)
    same_bits(run(program, (cut, step), arrays), expected)


@some
@given(recipe=recipes())
def test_all_passes_together_give_the_bits_of_eager_calls(recipe, interpreted):
    for seed in range(3):
        arrays = recipe.arrays(seed)
        expected = recipe.eagerly(arrays)
        for passes in (AS_WRITTEN, STANDARD, STANDARD + FUSING):
            same_bits(run(recipe.program(), passes, arrays), expected)


@given(recipe=recipes())
def test_a_pass_leaves_the_graph_that_it_is_given_as_it_is(recipe):
    program = recipe.program()
    before = [(n, n.inputs, n.control_inputs, n.attributes) for n in program.graph.operations]
    for _, stage in run_passes(program, STANDARD + FUSING)[1:]:
        assert not set(stage.graph.operations) & {n for n, *_ in before} or stage is program
    after = [(n, n.inputs, n.control_inputs, n.attributes) for n in program.graph.operations]
    assert [a[0] for a in before] == [a[0] for a in after]
    assert all(x is y for a, b in zip(before, after, strict=True) for x, y in zip(a[1], b[1]))


@given(recipe=recipes())
def test_every_stage_is_in_topological_order_and_complete(recipe):
    for _, stage in run_passes(recipe.program(), STANDARD + FUSING):
        seen = set()
        for node in stage.graph.operations:
            assert {t.op for t in node.inputs} | set(node.control_inputs) <= seen
            seen.add(node)
        assert {t.op for t in (*stage.feeds, *stage.fetches)} | set(stage.effects) <= seen


# -- cut: any edge can be fed ----------------------------------------------------------------------


def test_a_constant_can_be_fed(graph):
    c = tf.constant(2.0)
    assert run_session([c * 3.0, c], {c: 5.0}) == [15.0, 5.0]


def test_one_output_of_several_can_be_fed(graph):
    a, b = tf.split(tf.constant([1.0, 2.0, 3.0, 4.0]), 2)
    total, untouched = run_session([a + b, b], {a: [10.0, 20.0]})
    assert total.tolist() == [13.0, 24.0]
    assert untouched.tolist() == [3.0, 4.0]


def test_what_is_fed_need_not_be_computed(graph):
    x = tf.placeholder(tf.float32, [])
    y = tf.sqrt(x)
    assert run_session(y + 1.0, {y: 4.0}) == 5.0


def test_the_operation_behind_a_fed_edge_runs_if_it_is_wanted_itself(graph):
    v = tf.Variable(1.0)
    changed = v.assign(5.0)
    with tf.Session() as session:
        session.run(v.initializer)
        assert session.run(changed + 1.0, {changed: 7.0}) == 8.0
        assert session.run(v) == 1.0
        session.run(changed.op, {changed: 7.0})
        assert session.run(v) == 5.0


def test_a_fed_placeholder_waits_for_nothing(graph):
    v = tf.Variable(1.0)
    with tf.control_dependencies([v.assign(5.0)]):
        x = tf.placeholder(tf.float32, [])
    assert run_session([x + 1.0, v.read_value()], {x: 1.0}) == [2.0, 1.0]


# -- prune and order -------------------------------------------------------------------------------


def test_prune_keeps_what_the_fetches_need_and_nothing_else(graph):
    x = tf.placeholder(tf.float32, [2], name="x")
    y = tf.square(x)
    tf.exp(y)
    tf.random.normal([2])
    assert types(prune(program_of([y], [x]))) == ["placeholder", "square"]


def test_prune_keeps_what_must_run_before(graph):
    v = tf.Variable(1.0)
    with tf.control_dependencies([v.assign_add(2.0)]):
        y = tf.constant(3.0)
    assert "assign_add_variable" in types(prune(program_of([y])))


def test_order_lets_reads_and_assignments_keep_the_order_of_the_program(graph):
    v = tf.Variable(1.0)
    first = v.read_value()
    changed = v.assign(10.0)
    second, third = v.read_value(), v.read_value()
    assert run_session([first, changed, second, third]) == [1.0, 10.0, 10.0, 10.0]
    ordered = order(prune(program_of([first, changed, second, third])))
    reads = [n for n in ordered.graph.operations if n.type == "read_variable"]
    (assign,) = (n for n in ordered.graph.operations if n.type == "assign_variable")
    assert assign.control_inputs == (reads[0],)
    assert reads[1].control_inputs == reads[2].control_inputs == (assign,)


def test_order_leaves_different_variables_alone(graph):
    v, w = tf.Variable(1.0), tf.Variable(1.0)
    a, b = v.assign(2.0), w.assign(3.0)
    ordered = order(prune(program_of([a, b])))
    last = [n for n in ordered.graph.operations if n.type == "assign_variable"]
    assert [n.control_inputs for n in last] == [(), ()]


# -- fold ------------------------------------------------------------------------------------------


def test_fold_computes_constants_once(graph):
    y = tf.constant([1.0, 2.0]) * 3.0 + tf.sqrt(4.0)
    folded = prune(fold(program_of([y])))
    assert types(folded) == ["constant"]
    assert run(folded, (), [])[0].tolist() == [5.0, 8.0]


def test_fold_knows_known_shapes_without_making_an_array_of_them(graph):
    x = tf.placeholder(tf.float32, [10**6, 10**6])  # four terabytes
    folded = prune(fold(program_of([tf.shape(x) * 2], [x])))
    assert types(folded) == ["constant", "placeholder"]


def test_fold_makes_no_large_constants(graph):
    big = tf.zeros([3000, 3000]) + tf.fill([3000, 3000], 2.0)
    folded = fold(program_of([tf.reduce_sum(big)]))
    sizes = [t.shape.num_elements() for n in folded.graph.operations if n.type == "constant"
             for t in n.outputs]  # fmt: skip
    assert max(sizes) <= LARGEST
    assert run_session(tf.reduce_sum(big)) == 18e6


def test_fold_executes_no_side_effects(graph):
    seen = []
    v = tf.Variable(1.0)
    draws = tf.random.normal([2])
    called = tf.numpy_function(
        lambda a: seen.append(1) or a, [tf.constant(1.0)], tf.TensorSpec([], tf.float32)
    )
    checked = tf.debugging.check_numerics(tf.constant(1.0), "checked")
    kept = [draws, called, checked, v.assign(2.0), v.read_value()]
    folded = fold(program_of(kept))
    assert seen == []
    assert types(folded).count("constant") == types(program_of(kept)).count("constant")


def test_fold_leaves_an_error_to_the_run_which_knows_the_line(graph):
    y = tf.linalg.inv(tf.zeros([2, 2]))
    fold(program_of([y]))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"inv.*test_passes\.py:"):
        run_session(y)


# -- simplify --------------------------------------------------------------------------------------

NASTY = np.array([0.0, -0.0, 1.5, -1.5, np.inf, -np.inf, np.nan], np.float32)


@pytest.mark.parametrize(
    ("write", "left"),
    [
        (lambda x: x * 1.0, []),
        (lambda x: 1.0 * x, []),
        (lambda x: x / 1.0, []),
        (lambda x: x - 0.0, []),
        (lambda x: tf.negative(tf.negative(x)), []),
        (lambda x: tf.identity(tf.stop_gradient(x)), []),
        (lambda x: tf.reshape(x, [7]), []),
        (lambda x: tf.cast(x, tf.float32), []),
        (lambda x: x + 0.0, ["add"]),  # -0.0 + 0.0 is 0.0
        (lambda x: x - tf.constant(-0.0), ["subtract"]),
        (lambda x: x * 0.0, ["multiply"]),  # NaN and infinity
        (lambda x: 1.0 / x, ["divide"]),
        (lambda x: 0.0 - x, ["subtract"]),
        (lambda x: x * tf.constant([1.0] * 6 + [2.0]), ["multiply"]),
        (lambda x: x * tf.ones([2, 7]), ["multiply"]),  # it stretches x
        (lambda x: -tf.abs(-x), ["abs", "negative", "negative"]),
        (lambda x: tf.cast(tf.cast(x, tf.float16), tf.float32), ["cast", "cast"]),
    ],
)
def test_simplify_drops_only_what_changes_no_bit(graph, write, left):
    x = tf.placeholder(tf.float32, [7])
    program = program_of([write(x)], [x])
    simple = prune(simplify(fold(program)))
    assert [t for t in types(simple) if t not in ("constant", "placeholder")] == left
    same_bits(run(simple, (), [NASTY]), run(program, (cut,), [NASTY]))


def test_simplify_keeps_what_may_stretch_an_unknown_size(graph):
    x = tf.placeholder(tf.float32, [None])
    program = program_of([x * tf.ones([3])], [x])
    assert "multiply" in types(simplify(program))
    assert run(program, STANDARD, [np.float32([2.0])])[0].tolist() == [2.0, 2.0, 2.0]
    assert types(prune(simplify(program_of([x * 1.0], [x])))) == ["placeholder"]


def test_simplify_works_on_integers_and_bools(graph):
    n, p = tf.placeholder(tf.int32, [2]), tf.placeholder(tf.bool, [2])
    program = program_of([n * 1 - 0, tf.logical_not(tf.logical_not(p))], [n, p])
    assert types(prune(simplify(program))) == ["placeholder", "placeholder"]


def takes_several(name, number):
    return OPS[name].scalar_rule is not None and len(Call(name, number).inputs) > 1


STRETCHED = sorted({name for name, number in SAMPLED if takes_several(name, number)})


@pytest.mark.parametrize("name", STRETCHED)
def test_an_elementwise_op_does_its_own_stretching(name):
    """Simplify relies on it: it takes `broadcast_to` away from in front of such an op."""
    call = Call(name, next(i for n, i in SAMPLED if n == name))
    rng = np.random.default_rng(0)
    for narrow in range(len(call.inputs)):
        shapes = [(3, 1) if i == narrow else (3, 4) for i in range(len(call.inputs))]
        arrays = [like(rng, a, shape) for a, shape in zip(call.inputs, shapes, strict=True)]
        with tf.Graph().as_default():
            inputs = [tf.placeholder(a.dtype, a.shape) for a in arrays]
            wide = [tf.broadcast_to(t, [3, 4]) for t in inputs]
            program = program_of(call(*wide), inputs)
        simple = prune(simplify(prune(simplify(program))))
        assert types(simple).count("broadcast_to") == 0
        same_bits(run(program, STANDARD, arrays), run(program, (cut,), arrays))


def like(rng, array, shape):
    """Return random positive numbers of an array's type."""
    numbers = np.abs(rng.normal(size=shape)) + 0.5
    return numbers > 1.0 if array.dtype == bool else numbers.astype(array.dtype)


# -- what is dropped hands on whom it waits for ----------------------------------------------------


@pytest.mark.parametrize(
    "write",
    [
        lambda x: (tf.constant(1.0), lambda c: c + 1.0),
        lambda x: (tf.constant(1.0), lambda c: x * c),
        lambda x: (tf.constant(0.0), lambda c: x - c),
        lambda x: (-x, lambda y: -y),
        lambda x: (tf.identity(x), lambda y: y),
        lambda x: (tf.identity(x), lambda y: tf.identity(y)),
        lambda x: (tf.reshape(x, [2]), lambda y: y * 1.0),
        lambda x: (tf.broadcast_to(x, [3, 2]), lambda y: y + tf.ones([3, 2])),
        lambda x: (tf.shape(x), lambda s: tf.reduce_sum(s)),
        lambda x: (tf.zeros_like(x), lambda z: z + 1.0),
    ],
)
def test_an_operation_with_control_inputs_is_not_lost(graph, write):
    x = tf.placeholder(tf.float32, [2])
    v = tf.Variable(1.0)
    changed = v.assign(5.0)
    with tf.control_dependencies([changed]):
        inner, more = write(x)
    result = more(inner)
    with tf.Session() as session:
        session.run(v.initializer)
        session.run(result, {x: [1.0, 2.0]})
        assert session.run(v) == 5.0


def test_reading_a_variable_through_identity_waits_for_the_assignment(graph):
    v = tf.Variable(1.0)
    with tf.control_dependencies([v.assign(7.0)]):
        y = tf.identity(v)
    assert run_session(y) == 7.0


def test_who_waits_for_a_constant_waits_for_whom_it_waits(graph):
    v = tf.Variable(1.0)
    with tf.control_dependencies([v.assign(5.0)]):
        between = tf.constant(1.0)
    with tf.control_dependencies([between]):
        late = tf.exp(tf.placeholder(tf.float32, [2]))
    placed = run_passes(program_of([late], [late.op.inputs[0]]), (*STANDARD, place))[-1][1]
    plan = make_plan(placed)
    assert [step.node.type for step in plan.steps] == ["assign_variable", "exp"]
    assert plan.followers[0] == (1,)


# -- share -----------------------------------------------------------------------------------------


def test_share_computes_equal_things_once(graph):
    x = tf.placeholder(tf.float32, [3])
    program = program_of([tf.exp(x) * 2.0 + tf.exp(x) * 2.0], [x])
    assert types(prune(share(program))) == ["add", "constant", "exp", "multiply", "placeholder"]


def test_share_tells_zeros_and_types_apart(graph):
    x = tf.placeholder(tf.float32, [3])
    one = tf.constant(1.0) / tf.constant([0.0, -0.0])[1]
    values = [1.0 / (tf.constant(0.0) + x * 0.0), tf.constant(0.0), tf.constant(-0.0), one]
    program = program_of(values, [x])
    same_bits(run(program, (cut, share), [np.zeros(3, np.float32)]),
              run(program, (cut,), [np.zeros(3, np.float32)]))  # fmt: skip
    a, b = tf.nn.leaky_relu(x, 0.0), tf.nn.leaky_relu(x, -0.0)
    bent = run(program_of([a, b], [x]), STANDARD, [-np.ones(3, np.float32)])
    assert [bool(np.signbit(array[0])) for array in bent] == [True, False]
    ones = [tf.constant(1), tf.constant(1.0), tf.constant(True), tf.constant([1])]
    found = run(program_of(ones, [x]), (share,), [np.zeros(3, np.float32)])
    assert [a.dtype.kind + str(a.ndim) for a in found] == ["i0", "f0", "b0", "i1"]


def test_reads_around_an_assignment_are_not_shared(graph):
    v = tf.Variable(1.0)
    before = v.read_value() * 2.0
    changed = v.assign(10.0)
    after = v.read_value() * 2.0
    again = v.read_value() * 2.0
    assert run_session([before, changed, after, again]) == [2.0, 10.0, 20.0, 20.0]
    program = run_passes(program_of([before, changed, after, again]))[-1][1]
    assert types(program).count("read_variable") == 2


def test_random_numbers_are_never_shared_nor_folded(graph):
    a, b = tf.random.normal([4]), tf.random.normal([4])
    program = program_of([a, b])
    assert types(share(program)) == types(program)
    first, second = run(program, STANDARD, [])
    assert (first != second).any()
    with tf.Session() as session:
        assert (session.run(a) != session.run(a)).any()


def test_what_acts_on_the_world_is_never_shared(graph):
    seen = []
    f = lambda a: seen.append(1) or a  # noqa: E731
    spec = tf.TensorSpec([], tf.float32)
    one = tf.constant(1.0)
    a, b = (tf.numpy_function(f, [one], spec) for _ in range(2))
    assert types(share(program_of([a, b]))) == ["constant", "py_function", "py_function"]
    run_session(a + b)
    assert len(seen) == 2


def test_equal_additions_to_a_variable_are_two_additions(graph):
    v = tf.Variable(1.0)
    one = tf.constant(1.0)
    program = program_of([v.assign_add(one), v.assign_add(one)])
    assert types(share(program)).count("assign_add_variable") == 2


def test_operations_on_different_devices_or_that_wait_for_others_are_not_shared(graph):
    x = tf.placeholder(tf.float32, [2])
    v = tf.Variable(1.0)
    with tf.device("/cpu:1"):
        there = tf.exp(x)
    here = tf.exp(x)
    with tf.control_dependencies([v.assign(2.0)]):
        later = tf.exp(x)
    program = run_passes(program_of([there, here, later], [x]))[-1][1]
    assert types(program).count("exp") == 3


def test_large_constants_are_not_compared_element_by_element(graph):
    big = np.zeros(1000, np.float32)
    a, b = tf.constant(big), tf.constant(big)
    assert types(share(program_of([a, b]))) == ["constant", "constant"]


# -- spell out -------------------------------------------------------------------------------------


@pytest.mark.parametrize("passes", [STANDARD, STANDARD + (spell_out,), STANDARD + FUSING])
def test_assign_add_and_sub_spelled_out_are_the_same(graph, passes, interpreted):
    v = tf.Variable(tf.zeros([3]))
    v.array = np.float32([1.0, 2.0, 3.0])
    steps = [v.read_value(), v.assign_add([1.0, 1.0, 1.0]), v.read_value(), v.assign_sub(v * 2.0),
             v.assign_add([0.5, 0.5, 0.5])]  # fmt: skip
    found = run(program_of(steps), passes, [])
    assert [a[0] for a in found] == [1.0, 2.0, 2.0, -2.0, -1.5]
    assert v.numpy().tolist() == [-1.5, -2.5, -3.5]


def test_spell_out_leaves_unknown_shapes_alone(graph):
    v = tf.Variable(tf.zeros([3]), shape=[None])
    assert "assign_add_variable" in types(spell_out(program_of([v.assign_add([1.0, 1.0, 1.0])])))


# -- fuse ------------------------------------------------------------------------------------------


def clusters(program):
    """Return the names of the ops in each fused operation of a program."""
    return [
        [i.definition.name for i in n.attributes["expression"].instructions]
        for n in program.graph.operations
        if n.type == "fused"
    ]


def test_a_chain_becomes_one_operation(graph):
    x = tf.placeholder(tf.float32, [8])
    program = fuse(program_of([tf.nn.relu(x * 2.0) - x], [x]))
    assert clusters(program) == [["multiply", "relu", "subtract"]]


def test_a_cluster_never_waits_for_itself(graph, interpreted):
    x = tf.placeholder(tf.float32, [8])
    a = x * 2.0
    outside = tf.sin(a)  # reads a member, and a member would read it
    program = program_of([a + outside + a * x], [x])
    found = clusters(fuse(program))
    assert found
    assert ["multiply", "multiply", "add", "add"] not in found
    array = np.arange(8, dtype=np.float32)
    same_bits(run(program, (fuse,), [array]), run(program, (), [array]))


def test_two_clusters_do_not_wait_for_each_other(graph, interpreted):
    """A cycle can also run through two clusters, each of which is harmless alone."""
    x, y = tf.placeholder(tf.float32, [8]), tf.placeholder(tf.float32, [8])
    a, b = x * 2.0, y * 3.0
    wide = tf.reshape(tf.sin(b), [8]) + a
    other = tf.reshape(tf.sin(a), [8]) + b
    arrays = [np.arange(8, dtype=np.float32), np.ones(8, np.float32)]
    program = program_of([wide, other, wide * other], [x, y])
    same_bits(run(program, STANDARD + FUSING, arrays), run(program, (cut,), arrays))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(recipe=recipes(("add", "multiply", "maximum", "where", "sin", "sum"), most=30))
def test_clusters_of_tangled_graphs_have_an_order(recipe, interpreted):
    program = recipe.program()
    arrays = recipe.arrays()
    same_bits(run(program, STANDARD + FUSING, arrays), run(program, (cut,), arrays))


def test_members_that_are_fetched_leave_the_cluster_too(graph, interpreted):
    x = tf.placeholder(tf.float32, [4])
    a = x + 1.0
    b = a * 2.0
    program = program_of([b, a], [x])
    fused = fuse(program)
    assert clusters(fused) == [["add", "multiply"]]
    same_bits(
        run(fused, (), [np.ones(4, np.float32)]),
        [np.full(4, 4, np.float32), np.full(4, 2, np.float32)],
    )


def test_a_member_may_be_wanted_for_being_run_alone(graph, interpreted):
    x = tf.placeholder(tf.float32, [4])
    a = x + 1.0
    b = a * 2.0
    assert run(fuse(program_of([], [x], [b.op])), (), [np.ones(4, np.float32)]) == []


def test_an_operation_that_waits_for_others_stays_alone(graph):
    x = tf.placeholder(tf.float32, [4])
    v = tf.Variable(1.0)
    a = x + 1.0
    with tf.control_dependencies([v.assign(2.0)]):
        b = a * 2.0
    assert clusters(fuse(program_of([b - 1.0, a], [x]))) == []


def test_types_and_devices_are_not_mixed(graph):
    x = tf.placeholder(tf.float32, [4])
    wide = tf.cast(x + 1.0, tf.float64) * 2.0
    with tf.device("/cpu:1"):
        there = x * 3.0
    found = clusters(fuse(program_of([tf.cast(wide, tf.float32) + there - x], [x])))
    assert found == [["add", "subtract"]]


def test_a_cluster_is_not_endless(graph):
    x = tf.placeholder(tf.float32, [4])
    y = x
    for _ in range(200):
        y = y + x
    assert max(len(c) for c in clusters(fuse(program_of([y], [x])))) <= 40


def test_an_expression_can_be_read(graph):
    x = tf.placeholder(tf.float32, [4])
    program = fuse(program_of([x * x + x], [x]))
    expression = next(n for n in program.graph.operations if n.type == "fused").attributes[
        "expression"
    ]
    assert isinstance(expression, Expression)
    assert [i.definition.name for i in expression.instructions] == ["multiply", "add"]
