"""Autograph: programs that must do on tensors, in a graph, what Python does with numbers."""

import doctest
import functools
import importlib.util
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minitf as tf
from minitf import keras
from minitf.autograph import drawing
from minitf.autograph.names import bound, reads
from minitf.errors import DTypeError, Error, GraphError, InvalidArgumentError

# ---- the same results as Python's: whole numbers in, whole numbers out


def chooses(a, b):
    if a > b:
        big, small = a, b
    else:
        big, small = b, a
    return big - 2 * small


def chooses_among_many(a, b):
    if a < 0:
        c = 1
    elif a == b:
        c = 2
    elif b > 3:
        c = 3
        a = a + b
    else:
        c = a
    return c + a


def returns_from_branches(a, b):
    if a > b:
        return a - b
    if a == b:
        return 100
    if b > 3:
        c = b * 2
        if c > 10:
            return c
    else:
        return -1
    return c + a


def returns_at_the_end_of_a_branch_only(a, b):
    if a > 0:
        b += 1
        if b > 2:
            b *= 2
            return b
        b -= 5
    return b - a


def counts_down(a, b):
    steps = 0
    while a > 0:
        a -= 2
        steps += b
    return steps + a


def breaks(a, b):
    total = 0
    while True:
        total += a
        if total > 20 or total < -20:
            break
        a += 1
        if b > a:
            total -= 1
    return total


def continues(a, b):
    total = 0
    for i in range(a):
        if i % 2 == b % 2:
            continue
        total += i
        if total > 8:
            break
        total += 1
    return total


def returns_from_a_loop(a, b):
    for i in range(a + 3):
        for j in range(i + 1):
            if i * j > b:
                return 10 * i + j
            if j > 4:
                break
    return -1


def has_an_else_of_a_loop(a, b):
    i, found = 0, 0
    while i < a:
        if i == b:
            found = i
            break
        i += 1
    else:
        found = 99
    for j in range(a):
        if j > b:
            break
    else:
        found += 1000
    return found


def joins_conditions(a, b):
    if a > 0 and b > 0 and a != b:
        c = 1
    elif not (a > 0 or b > 0):
        c = 2
    else:
        c = 3
    if -2 < a <= b < 5:
        c += 10
    return c


def has_expressions_that_choose(a, b):
    return (a if a > b else -b) + (1 if not a < b else b if b > 2 else 7)


def nests(a, b):
    total = 0
    while a > 0:
        for i in range(a):
            if i == 2:
                continue
            if i > 3:
                break
            k = i
            while k < b:
                k += 2
                total += 1
        a -= 1
    return total


def keeps_what_a_loop_gives(a, b):
    for i in range(b * b + 1):
        last = i + a
    return last * 10 + i


def defines_functions(a, b):
    def bigger(x, y):
        if x > y:
            return x
        return y

    def twice():
        nonlocal a
        if b > 0:
            a = a * 2
        return a

    return bigger(a, b) + twice() + a


def carries_structures(a, b):
    pair, named = (a, b), {"x": a}
    while pair[0] < 5:
        pair = (pair[0] + 1, pair[1] * 2)
        named = {"x": named["x"] + pair[1]}
    return pair[1] + named["x"]


def calls_others(a, b):
    return largest([chooses(a, b), counts_down(a, b)]) + returns_from_branches(b, a)


def largest(values):
    best = values[0]
    for value in values:
        if value > best:
            best = value
    return best


def unpacks(a, b):
    (a, b), *rest = (b, a), 3
    if a > b:
        a, b = b, a
        rest = [rest[0] + 1]
    return a * 10 + b + rest[0]


def annotates(a, b):
    if a > b:
        c: int = a
    else:
        c: int = b
    return c


def has_with_and_try(a, b):
    with tf.name_scope("inside"):
        if a > b:
            return a
        try:
            if b > 0:
                c = b
            else:
                c = 1
        finally:
            a += 1
        return a + c


def mixes_both_kinds(a, b):
    for i in (1, 2, 3):  # known while tracing
        if i == 2:
            continue
        if a > b:  # not known
            break
        a += i
    while i < 6:
        i += 1
    return a + i


def has_names_of_its_own(a, b):
    values, names, state, item, body = a, b, 1, 2, 3
    for item in range(a):
        values, test = item, body
        if values > names:
            state, then, get, put = values, 1, 2, 3
            names += then + get + put + test
    return values + names + state + item


def factorial(n):
    return 1 if n < 2 else n * factorial(n - 1)


def calls_itself(a, b):
    def power(n):
        return a * power(n - 1) if n else 1

    return factorial(4) * power(3) + b


def walks(a, b):
    while (c := a * 2) < b:
        a += 1
    return c


PROGRAMS = [
    annotates, breaks, calls_itself, calls_others, carries_structures, chooses,
    chooses_among_many, continues,
    counts_down, defines_functions, has_an_else_of_a_loop, has_expressions_that_choose,
    has_names_of_its_own, has_with_and_try, joins_conditions, keeps_what_a_loop_gives,
    mixes_both_kinds, nests,
    returns_at_the_end_of_a_branch_only, returns_from_a_loop, returns_from_branches, unpacks, walks,
]  # fmt: skip
TRACED = {f: tf.function(f, input_signature=[tf.TensorSpec((), tf.int32)] * 2) for f in PROGRAMS}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_a_graph_does_what_python_does(program):
    for a in range(-3, 8):
        for b in range(-2, 6):
            found = TRACED[program](tf.constant(a), tf.constant(b))
            assert int(found) == program(a, b), (a, b)
    assert TRACED[program].experimental_get_tracing_count() == 1


@settings(max_examples=40, deadline=None)
@given(st.integers(-50, 50), st.integers(-50, 50))
def test_whatever_the_numbers(a, b):
    for program in (chooses_among_many, joins_conditions, returns_from_branches, unpacks):
        assert int(TRACED[program](tf.constant(a), tf.constant(b))) == program(a, b)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_on_numbers_what_is_rewritten_is_the_same(program):
    converted = tf.autograph.to_graph(program)
    for a, b in [(0, 0), (3, 1), (1, 3), (-2, 5), (7, 7)]:
        assert converted(a, b) == program(a, b)


# ---- tensors, gradients, Variables


def test_a_loop_over_a_tensor_takes_its_rows():
    @tf.function
    def sums(rows):
        total = tf.zeros(2)
        for row in rows:
            if tf.reduce_all(row > 0):
                total += row
        return total, len(rows)

    rows = np.float32([[1, 2], [-1, 5], [3, 4]])
    total, count = sums(tf.constant(rows))
    assert (total.numpy().tolist(), int(count)) == ([4, 6], 3)


def test_gradients_flow_through_branches_and_loops():
    @tf.function
    def gradient(x, n):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in tf.range(n):
                if y < 100.0:
                    y = y * x
                else:
                    y = y + x
        return tape.gradient(y, x)

    assert float(gradient(tf.constant(3.0), tf.constant(2))) == 27  # x^3
    assert float(gradient(tf.constant(3.0), tf.constant(6))) == 5 * 81 + 2  # x^5 + 2x


def test_sizes_that_grow_are_found():
    @tf.function
    def squares(n):
        found = tf.zeros((0, 1), tf.int32)
        for i in tf.range(n):
            found = tf.concat([found, [[i * i]]], 0)
        return found

    assert squares(tf.constant(4)).numpy().ravel().tolist() == [0, 1, 4, 9]
    assert squares(tf.constant(0)).shape == (0, 1)


def test_tensor_arrays_are_carried():
    @tf.function
    def rollout(limit):
        seen = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
        state = tf.constant(1.0)
        for t in tf.range(10):
            seen = seen.write(t, state)
            state *= 2.0
            if state > limit:
                break
        return seen.stack()

    assert rollout(tf.constant(10.0)).numpy().tolist() == [1, 2, 4, 8]


def test_only_the_branch_that_is_taken_assigns():
    class Counter(tf.Module):
        def __init__(self):
            super().__init__()
            self.__even, self.odd = tf.Variable(0), tf.Variable(0)

        @tf.function
        def count(self, n):
            if n % 2 == 0:
                self.__even.assign_add(1)
            else:
                self.odd.assign_add(1)
            if self.__even > 1:  # as a Variable, too
                return self.odd * 10
            return self.odd.value()

    counter = Counter()
    assert [int(counter.count(tf.constant(n))) for n in (1, 2, 3, 4)] == [1, 1, 2, 20]


def test_super_is_found_in_a_branch():
    class First:
        def step(self, x):
            return x + 1

    class Second(First):
        @tf.function
        def step(self, x):
            if x > 0:
                x = super().step(x)
            return x

    assert [int(Second().step(tf.constant(n))) for n in (-5, 5)] == [-5, 6]


def test_what_is_called_is_rewritten_too():
    class Clip:
        def __call__(self, x):
            return 1.0 if x > 1.0 else x

    def halve(x, times=1, *, until):
        while x > until:
            x /= 2.0
        return x * times

    clip, by_two = Clip(), functools.partial(halve, times=2, until=1.0)
    both = tf.function(lambda x: (clip(x), by_two(x)))
    with pytest.raises(GraphError, match="Python cannot branch"):  # a lambda keeps its form
        both(tf.constant(5.0))

    @tf.function
    def named(x):
        return clip(x), by_two(x)

    assert [float(v) for v in named(tf.constant(5.0))] == [1.0, 1.25]


def test_an_assertion_is_checked_when_the_graph_runs():
    @tf.function
    def root(x):
        assert x >= 0.0, "a root of a negative number"
        return tf.sqrt(x)

    assert float(root(tf.constant(4.0))) == 2
    with pytest.raises(InvalidArgumentError, match="a root of a negative number"):
        root(tf.constant(-4.0))


def test_numbers_of_python_become_tensors_where_they_must():
    @tf.function
    def f(x):
        n = 0
        if x > 0:
            n = 1.5
        return n, int(x), float(len(x[None]))

    with pytest.raises(DTypeError):
        f(tf.constant(2.0))

    @tf.function
    def g(x):
        n = 0.0
        for _ in range(int(x)):
            n += 1.5
        return n, float(x)

    assert [float(v) for v in g(tf.constant(2.9))] == [3.0, np.float32(2.9)]


def test_a_loop_over_a_dataset_sees_every_element_at_every_run():
    numbers = tf.data.Dataset.range(10).map(lambda n: (n, {"square": n * n})).batch(4)
    numbers = numbers.shuffle(3)
    weight = tf.Variable(0, dtype=tf.int64)

    @tf.function
    def total(data, limit):
        squares = tf.constant(0, tf.int64)
        for i, (n, more) in enumerate(data):
            squares += tf.reduce_sum(more["square"])
            weight.assign_add(tf.reduce_sum(n))
            last = i
            if squares > limit:
                break
        return squares, last

    for _ in range(2):
        squares, last = total(numbers, tf.constant(1000, tf.int64))
        assert (int(squares), int(last)) == (285, 2)
    assert int(weight) == 2 * 45
    squares, last = total(numbers, tf.constant(-1, tf.int64))
    assert int(last) == 0
    assert int(squares) in {14, 126, 145}
    assert total.experimental_get_tracing_count() == 1
    empty = numbers.take(0)
    assert int(total(empty, tf.constant(0, tf.int64))[0]) == 0


@pytest.mark.parametrize("limit", [1000, 0], ids=["to the end", "left early"])
def test_the_iterator_of_a_loop_goes_when_the_loop_is_over(limit, monkeypatch):
    begin, left = drawing.Drawing._begin, []

    def watched(self):
        left.append(self._iterators)
        return begin(self)

    monkeypatch.setattr(drawing.Drawing, "_begin", watched)

    @tf.function
    def total(data, limit):
        found = tf.constant(0, tf.int64)
        for n in data:
            found += n
            if found > limit:
                break
        return found

    for _ in range(3):
        total(tf.data.Dataset.range(4), tf.constant(limit, tf.int64))
    assert len(left) == 3
    assert not any(left)


def test_types_that_are_not_there_stay_words(tmp_path):
    """As under ``from __future__ import annotations``, in functions inside, too."""
    (tmp_path / "typed.py").write_text(
        "from __future__ import annotations\n"
        "def outer(x):\n"
        "    def inner(y: NotThere) -> NotThere:\n"
        "        return -y if y > 0 else y\n"
        "    return inner(x)\n"
    )
    spec = importlib.util.spec_from_file_location("typed", tmp_path / "typed.py")
    typed = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(typed)
    assert int(tf.function(typed.outer)(tf.constant(3))) == -3


def test_an_error_on_the_way_to_an_element_is_told():
    def fail(n):
        return n if n < 3 else 1 // (n - n)

    @tf.function
    def total(data):
        found = tf.constant(0, tf.int64)
        for n in data:
            found += n
        return found

    with pytest.raises(Error, match="element 3"):
        total(tf.data.Dataset.range(5).map(fail))


def test_datasets_know_what_functions_with_branches_return():
    def clip(x):
        if x > 2:
            return tf.constant(2, tf.int64), "many"
        return x, "few"

    mapped = tf.data.Dataset.range(5).map(clip)
    assert mapped.element_spec[0] == tf.TensorSpec((), tf.int64)
    assert [int(x) for x, _ in mapped] == [0, 1, 2, 2, 2]


def test_a_model_that_generates_text_until_it_ends():
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input((None,)), keras.layers.Embedding(7, 4), keras.layers.Dense(7)]
    )

    def generate(start, end, longest=8):
        text = start
        for _ in tf.range(longest):
            likely = tf.argmax(model(text)[:, -1], -1, output_type=tf.int32)
            text = tf.concat([text, likely[:, None]], 1)
            if likely[0] == end:
                break
        return text

    start = tf.constant([[1, 2, 3]])
    for end in range(7):
        found = tf.function(generate)(start, tf.constant(end))
        np.testing.assert_array_equal(found, generate(start, tf.constant(end)))


# ---- what keeps its form


def test_without_autograph_python_branches():
    @tf.function(autograph=False)
    def f(x):
        return 1 if x > 0 else 2

    with pytest.raises(GraphError, match="Python cannot branch"):
        f(tf.constant(1))

    @tf.autograph.experimental.do_not_convert
    def plain(x):
        return 1 if x > 0 else 2

    @tf.function
    def g(x):
        return plain(x)

    with pytest.raises(GraphError, match="Python cannot branch"):
        g(tf.constant(1))
    assert tf.autograph.to_graph(plain) is plain


def test_generators_and_what_has_no_source_keep_their_form():
    def numbers(n):
        for i in range(n):
            yield i * 1

    made = eval("lambda: 0")
    places = {}
    exec("def f(x):\n    return 1 if x > 0 else 2", places)
    for function in (numbers, made, places["f"], len, np.sum, keras.layers.Dense(2)):
        assert tf.autograph.to_graph(function) is function

    @tf.function
    def total(x):
        return sum(x * n for n in numbers(4))

    assert int(total(tf.constant(2))) == 12


def test_side_effects_happen_while_tracing_as_ever(capsys):
    @tf.function
    def f(x):
        print("tracing")
        if x > 0:
            print("one side")
        else:
            print("the other")
        return x

    f(tf.constant(1))
    f(tf.constant(-1))
    assert capsys.readouterr().out.split("\n")[:-1] == ["tracing", "one side", "the other"]


# ---- errors


def test_an_error_names_the_line_of_the_user():
    @tf.function
    def f(x):
        y = x
        if tf.reduce_sum(x) > 0:
            y = tf.matmul(x, x)  # the line
        return y

    with pytest.raises(Error) as caught:
        f(tf.ones((2, 3)))
    with open(__file__, encoding="utf-8") as file:
        (line,) = [n for n, text in enumerate(file, 1) if text.endswith("# the line\n")]
    assert caught.value.line == (__file__, line)


def no_value_after_one_side(x):
    if x > 0:
        y = 1.0
    return y


def nothing_after_one_side(x):
    y = None
    if x > 0:
        y = x
    return y


def no_return(x):  # noqa: RET503
    if x > 0:
        return x


def another_structure(x):
    y = x
    if x > 0:
        y = (x, x)
    return y


def none_before_a_loop(x):
    y = None
    while x > 0:
        x -= 1
        y = x
    return y


def a_dtype_that_changes(x):
    y = 0
    while x > 0:
        x -= 1
        y = y + 1.5
    return y


def nothing_to_carry(x):
    while x > 0:
        pass
    return x


def appended_in_a_loop(x):
    found = []
    for i in tf.range(x):
        found.append(i)
    return found


def no_value_in_time(x):
    while x > 0:
        x -= 1
        if x > 3:
            y = x
        x -= y
    return x


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (no_value_after_one_side, "'y' is a float after the if, unbound after the else"),
        (nothing_after_one_side, "'y' is a Tensor after the if, None after the else"),
        (no_return, "returns on some of its ways only"),
        (another_structure, "'y' is a tuple after the if, a Tensor after the else"),
        (none_before_a_loop, "'y' is None before the loop, and a Tensor after a step"),
        (a_dtype_that_changes, "int32.*float32"),
        (nothing_to_carry, "never end"),
        (appended_in_a_loop, "only there.*collect it in a tf.TensorArray"),
        (no_value_in_time, "'y' is a Tensor after the if, unbound after the else"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_a_graph_cannot_hold_is_explained(program, words):
    with pytest.raises(Error, match=words):
        tf.function(program)(tf.constant(3))


# ---- the parts


def test_names_that_are_bound_and_read():
    import ast

    block = ast.parse(
        "import a.b, c as d\n"
        "with e() as f: g.h = [i for i in j]\n"
        "def k(): l = m\n"
        "for n, *o in p: q += r\n"
        "match s:\n    case [t, *u]: pass\n"
    ).body
    assert bound(block) == {"a", "d", "f", "k", "n", "o", "q", "t", "u"}
    found = reads(block)
    assert set(found) == {"e", "g", "i", "j", "m", "p", "q", "r", "s"}


def test_the_source_of_what_a_function_becomes():
    source = tf.autograph.to_code(TRACED[chooses])
    assert source.startswith("def chooses(a, b):")
    assert "ag__.if_(a > b," in source
    compile(source, "", "exec")


@pytest.mark.parametrize("module", ["autograph.converting", "autograph.names"])
def test_docstrings_run(module):
    assert doctest.testmod(import_module(f"minitf.{module}")).failed == 0
