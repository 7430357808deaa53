"""Input pipelines: what comes out, in which order, on how many threads, and what happens on errors.

The lists of expected elements were compared with TensorFlow 2.21.
"""

import gc
import itertools
import threading
import time
from collections import namedtuple

import numpy as np
import pytest

import minitf as tf
from minitf.data.background import NAME
from minitf.errors import (
    DataError,
    Error,
    InvalidArgumentError,
    NotFoundError,
    ShapeError,
)

from .pipelines import contents, no_thread_is_left, plain, slowly, threads  # noqa: F401

Dataset = tf.data.Dataset
AUTOTUNE = tf.data.AUTOTUNE
Pair = namedtuple("Pair", "a b")


# -- sources --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tensors", "expected"),
    [
        ([[1, 2], [3, 4]], [[1, 2], [3, 4]]),
        (([1, 2], ["a", "b"]), [(1, b"a"), (2, b"b")]),
        ({"x": [1, 2], "y": ([3, 4], [5, 6])}, [{"x": 1, "y": (3, 5)}, {"x": 2, "y": (4, 6)}]),
        (([1, 2],), [(1,), (2,)]),
        (np.zeros((0, 3)), []),
    ],
)
def test_slices_keep_the_structure(tensors, expected):
    dataset = Dataset.from_tensor_slices(tensors)
    assert contents(dataset) == expected
    assert len(dataset) == len(expected)


def test_slices_are_tensors_of_the_usual_types():
    dataset = Dataset.from_tensor_slices(([1.5], [1], np.array([1.0]), tf.Variable([True])))
    assert [x.dtype for x in next(iter(dataset))] == [tf.float32, tf.int32, tf.float64, tf.bool]


def test_a_named_tuple_stays_one_and_is_passed_whole():
    dataset = Dataset.from_tensor_slices(Pair([1, 2], [3, 4]))
    assert next(iter(dataset)).b == 3
    assert contents(dataset.map(lambda pair: pair.a * pair.b)) == [3, 8]


def test_the_dataset_does_not_change_with_the_array_it_came_from():
    array = np.arange(3)
    dataset = Dataset.from_tensor_slices(array)
    array[:] = 9
    assert contents(dataset) == [0, 1, 2]


@pytest.mark.parametrize("tensors", [([1, 2], [3]), 5, ([1], 2.0), ()])
def test_slices_of_different_lengths_are_refused(tensors):
    with pytest.raises(ShapeError, match=r"one first size, got shapes .*test_dataset.py:\d"):
        Dataset.from_tensor_slices(tensors)


def test_other_sources():
    assert contents(Dataset.from_tensors(([1, 2], 3))) == [([1, 2], 3)]
    assert contents(Dataset.range(5, 1, -2)) == [5, 3]
    assert Dataset.range(3, output_type=tf.int32).element_spec == tf.TensorSpec((), tf.int32)
    assert contents(tf.data.experimental.Counter(3, 2).take(2)) == [3, 5]
    zipped = Dataset.zip({"a": Dataset.range(9), "b": (Dataset.range(2), Dataset.range(3))})
    assert contents(zipped) == [{"a": 0, "b": (0, 0)}, {"a": 1, "b": (1, 1)}]
    assert contents(Dataset.zip(Dataset.range(2), Dataset.range(7).repeat())) == [(0, 0), (1, 1)]


def count_up(n=3):
    for i in range(n):
        yield i, [1.0] * i


SIGNATURE = (tf.TensorSpec((), tf.int32), tf.TensorSpec((None,), tf.float32))


@pytest.mark.parametrize(
    "dataset",
    [
        Dataset.from_generator(count_up, output_signature=SIGNATURE),
        Dataset.from_generator(count_up, (tf.int32, tf.float32), ([], [None])),
        Dataset.from_generator(count_up, (tf.int32, tf.float32)),
        Dataset.from_generator(count_up, output_signature=SIGNATURE, args=[3]),
        Dataset.from_generator(lambda: list(map(list, count_up())), output_signature=SIGNATURE),
    ],
    ids=["signature", "types and shapes", "types", "arguments", "lists"],
)
def test_a_generator(dataset):
    expected = [(0, []), (1, [1.0]), (2, [1.0, 1.0])]
    assert contents(dataset) == expected
    assert contents(dataset) == expected, "the second time"
    assert dataset.element_spec == SIGNATURE
    assert int(dataset.cardinality()) == tf.data.UNKNOWN_CARDINALITY


def test_a_generator_is_closed_when_the_loop_ends_early():
    closed = []

    def endless():
        try:
            yield from itertools.count()
        finally:
            closed.append(True)

    dataset = Dataset.from_generator(endless, output_signature=tf.TensorSpec((), tf.int32))
    assert contents(dataset.batch(2).prefetch(2).take(2)) == [[0, 1], [2, 3]]
    gc.collect()
    assert closed == [True]


@pytest.mark.parametrize(
    ("values", "signature", "complaint"),
    [
        ([[1.0], [1.0, 2.0]], tf.TensorSpec((1,)), r"element 1: expected shape \(1,\), got \(2,\)"),
        ([1, 2.5], tf.TensorSpec((), tf.int32), "element 1: .*fractions"),
        ([1], (tf.TensorSpec(()),), "element 0: expected a tuple of 1, got 1"),
        ([{"a": 1}], {"b": tf.TensorSpec(())}, "element 0: expected a dict of"),
    ],
)
def test_a_generator_that_breaks_its_promise(values, signature, complaint):
    dataset = Dataset.from_generator(lambda: values, output_signature=signature)
    with pytest.raises(Error, match=f"from_generator: {complaint}") as caught:
        contents(dataset)
    assert "[in test_dataset.py:" in str(caught.value)


def test_an_error_inside_a_generator_keeps_its_type_and_names_the_element():
    def broken():
        yield 1
        raise KeyError("lost")

    dataset = Dataset.from_generator(broken, output_signature=tf.TensorSpec((), tf.int32))
    with pytest.raises(KeyError, match="lost") as caught:
        contents(dataset.prefetch(1))
    assert caught.value.__notes__ == ["from_generator: raised by the generator at element 1"]


def test_a_generator_that_is_no_function_or_not_announced():
    with pytest.raises(InvalidArgumentError, match="must be a function .* write lambda"):
        Dataset.from_generator([1, 2], tf.int32)
    with pytest.raises(InvalidArgumentError, match="give output_signature"):
        Dataset.from_generator(count_up)


def test_files(tmp_path):
    for name, text in [("a.txt", "one\r\n\ntwo"), ("b.txt", "three\n"), ("c.csv", "")]:
        (tmp_path / name).write_bytes(text.encode())
    files = Dataset.list_files(str(tmp_path / "*.txt"), shuffle=False)
    assert [n.rpartition(b"a.txt")[1] for n in contents(files)] == [b"a.txt", b""]
    assert len(Dataset.list_files([str(tmp_path / "*.txt"), str(tmp_path / "*.csv")])) == 3
    lines = files.flat_map(lambda n: tf.data.TextLineDataset(n))
    assert contents(lines) == [b"one", b"", b"two", b"three"]
    assert lines.element_spec == tf.TensorSpec((), tf.string)
    with pytest.raises(NotFoundError, match="no file fits .*nothing"):
        Dataset.list_files(str(tmp_path / "nothing*"))
    with pytest.raises(DataError, match="missing.txt cannot be read"):
        contents(tf.data.TextLineDataset(str(tmp_path / "missing.txt")))


def test_packed_lines(tmp_path):
    import gzip

    with gzip.open(tmp_path / "a.gz", "wt") as file:
        file.write("one\ntwo\n")
    assert contents(tf.data.TextLineDataset(str(tmp_path / "a.gz"), "GZIP")) == [b"one", b"two"]
    (tmp_path / "a.gz").write_bytes((tmp_path / "a.gz").read_bytes()[:-12])
    with pytest.raises(DataError, match="a.gz cannot be read"):
        contents(tf.data.TextLineDataset(str(tmp_path / "a.gz"), "GZIP"))


# -- functions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [None, 1, 3, AUTOTUNE])
def test_map_keeps_the_order_on_any_number_of_threads(workers):
    def slower_first(x):
        time.sleep(0.002 if x % 4 == 0 else 0.0)
        return x, {"half": tf.cast(x, tf.float32) / 2}

    dataset = Dataset.range(20).map(slower_first, num_parallel_calls=workers)
    assert contents(dataset) == [(i, {"half": i / 2}) for i in range(20)]
    assert len(dataset) == 20


def test_map_out_of_order_when_allowed():
    taken = threading.Event()

    def wait_for_others(x):
        assert x != 1 or taken.wait(10)
        return x

    dataset = Dataset.range(4).map(wait_for_others, num_parallel_calls=2, deterministic=False)
    iterator = iter(dataset)
    assert int(next(iterator)) == 0
    second = int(next(iterator))
    assert second in (2, 3)
    taken.set()
    assert sorted(map(int, iterator)) == sorted({1, 2, 3} - {second})


def test_autotune_uses_threads_once_the_function_is_slow(monkeypatch):
    monkeypatch.setattr("minitf.data.background.available_cores", lambda: 2)
    seen = []

    def slow(x):
        seen.append(threading.current_thread().name.startswith(NAME))
        time.sleep(0.002)
        return x

    assert contents(Dataset.range(8).map(slow, num_parallel_calls=AUTOTUNE)) == list(range(8))
    assert seen[:3] == [False] * 3
    assert seen[3:] == [True] * 5


def test_arguments_and_results_of_functions():
    pairs = Dataset.from_tensor_slices(([1, 2], [3, 4]))
    assert contents(pairs.map(lambda x, y: [x, y])) == [(1, 3), (2, 4)]
    assert contents(pairs.map(lambda *xy: {"xy": [xy[0], xy[1]]})) == [
        {"xy": [1, 3]},
        {"xy": [2, 4]},
    ]
    assert contents(pairs.enumerate().map(lambda i, xy: xy[0] * xy[1])) == [3, 8]
    assert contents(pairs.map(lambda x, y: 1.5)) == [1.5, 1.5]
    assert contents(pairs.map(tf.function(lambda x, y: x + y))) == [4, 6]


def test_functions_see_eager_tensors_and_no_tape():
    v = tf.Variable(2.0)
    dataset = Dataset.from_tensor_slices([1.0, 2.0]).map(lambda x: v * x if x > 1 else x)
    with tf.GradientTape() as tape:
        total = sum(dataset) * 1.0
    assert float(total) == 5.0
    assert tape.gradient(total, v) is None


def test_filter_and_take_while():
    assert contents(Dataset.range(9).filter(lambda x: x % 3 == 1)) == [1, 4, 7]
    assert contents(Dataset.range(9).take_while(lambda x: x < 2)) == [0, 1]
    pairs = Dataset.from_tensor_slices(([1, 2, 3], [3, 2, 1]))
    assert contents(pairs.filter(lambda x, y: x < y)) == [(1, 3)]
    with pytest.raises(InvalidArgumentError, match="filter: .*one truth value, got .*int64"):
        contents(Dataset.range(2).filter(lambda x: x))


INTERLEAVED = {
    (2, 1): [1, 2, 2, 3, 3, 4, 3, 4, 4, 5, 4, 5, 5, 5, 5],
    (2, 2): [1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 4, 4, 5, 5, 5],
    (3, 2): [1, 2, 2, 3, 3, 4, 4, 3, 4, 4, 5, 5, 5, 5, 5],
    (5, 1): [1, 2, 3, 4, 5, 2, 3, 4, 5, 3, 4, 5, 4, 5, 5],
}


@pytest.mark.parametrize("workers", [None, 2])
@pytest.mark.parametrize(("cycle", "block"), INTERLEAVED)
def test_interleave_takes_turns_as_tensorflow_does(cycle, block, workers):
    def several(x):
        return Dataset.from_tensors(x).repeat(x)

    dataset = Dataset.range(1, 6).interleave(several, cycle, block, workers)
    assert contents(dataset) == INTERLEAVED[cycle, block]


def test_interleave_of_empty_datasets_goes_on():
    dataset = Dataset.range(6).interleave(lambda x: Dataset.range(x % 3), 2, 2)
    assert contents(dataset) == [0, 0, 1, 0, 0, 1]


def test_a_function_that_should_return_a_dataset_and_does_not():
    with pytest.raises(InvalidArgumentError, match="flat_map: .*return a Dataset, got .*int64"):
        contents(Dataset.range(2).flat_map(lambda x: x))


def test_states_are_carried_on():
    pairs = Dataset.from_tensor_slices(([1, 2], [3.0, 4.0]))
    assert plain(pairs.reduce((0, 0.0), lambda s, xy: (s[0] + xy[0], s[1] + xy[1]))) == (3, 7.0)
    assert contents(pairs.scan(10, lambda s, xy: (s + xy[0], (s, xy[1])))) == [(10, 3.0), (11, 4.0)]
    with pytest.raises(InvalidArgumentError, match="new state, new element"):
        contents(pairs.scan(10, lambda s, xy: s))


# -- groups ---------------------------------------------------------------------------------------


def test_batches():
    assert contents(Dataset.range(5).batch(2)) == [[0, 1], [2, 3], [4]]
    assert contents(Dataset.range(5).batch(2, drop_remainder=True)) == [[0, 1], [2, 3]]
    words = Dataset.from_tensor_slices({"w": ["a", "b", "c"]}).batch(3)
    assert contents(words) == [{"w": [b"a", b"b", b"c"]}]
    assert contents(Dataset.range(5).batch(2).unbatch()) == [0, 1, 2, 3, 4]
    assert contents(Dataset.range(5).batch(2).rebatch(4)) == [[0, 1, 2, 3], [4]]


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        (lambda x: tf.ones([x]), r"number 0 is float32 \(0,\), number 1 is float32 \(1,\).*padded"),
        (lambda x: x if x < 2 else tf.cast(x, tf.float32), "number 2 is float32"),
        (lambda x: x if x < 2 else (x, x), "differ in structure"),
        (lambda x: {"a": x} if x < 2 else {"b": x}, "differ in structure"),
    ],
)
def test_elements_that_do_not_fit_into_a_batch(function, complaint):
    dataset = Dataset.range(4).map(function).batch(4)
    with pytest.raises(InvalidArgumentError, match=f"batch: .*{complaint}") as caught:
        contents(dataset.prefetch(1))
    assert f"[in test_dataset.py:{line_of('function).batch(4)')}]" in str(caught.value)


def line_of(text):
    """Return the number of the one line of this file that ends with a text."""
    with open(__file__) as file:
        return next(i for i, line in enumerate(file, 1) if line.endswith(text + "\n"))


def staircase():
    return Dataset.range(1, 5).map(lambda x: (tf.fill([x], x), x))


def test_padded_batches():
    assert contents(staircase().padded_batch(2))[0] == ([[1, 0], [2, 2]], [1, 2])
    given = staircase().padded_batch(3, ([5], []), (tf.constant(9, tf.int64), None))
    assert contents(given)[1] == ([[4, 4, 4, 4, 9]], [4])
    assert given.element_spec[0] == tf.TensorSpec((None, 5), tf.int64)
    first = staircase().map(lambda x, y: {"x": x, "s": tf.constant(["a"])})
    padded = first.padded_batch(2, {"x": tf.TensorShape([None]), "s": [2]})
    assert contents(padded)[0] == {"x": [[1, 0], [2, 2]], "s": [[b"a", b""], [b"a", b""]]}
    with pytest.raises(ShapeError, match=r"shape \(2,\) does not fit into \(1,\)"):
        contents(staircase().padded_batch(2, ([1], [])))
    with pytest.raises(ShapeError, match=r"padded shape \(None, 3\) for elements of 1 axes"):
        contents(staircase().padded_batch(2, ([None, 3], [])))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((3,), [[0, 1, 2], [3, 4, 5], [6, 7]]),
        ((3, 1, 1, True), [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5, 6], [5, 6, 7]]),
        ((2, 3), [[0, 1], [3, 4], [6, 7]]),
        ((3, None, 2), [[0, 2, 4], [3, 5, 7], [6]]),
        ((3, 2, 2, True), [[0, 2, 4], [2, 4, 6]]),
        ((2, 5, 1, True), [[0, 1], [5, 6]]),
        ((20, 5, 1, True), []),
    ],
)
def test_windows(arguments, expected):
    dataset = Dataset.range(8).window(*arguments)
    assert contents(dataset) == expected
    assert len(dataset) == len(expected)


def test_windows_of_pairs_are_pairs_of_windows():
    pairs = Dataset.from_tensor_slices((np.arange(4), np.arange(4.0)))
    windows = pairs.window(2, shift=2)
    assert contents(windows) == [([0, 1], [0.0, 1.0]), ([2, 3], [2.0, 3.0])]
    joined = windows.flat_map(lambda x, y: Dataset.zip((x.batch(2), y.batch(2))))
    assert contents(joined) == contents(windows)
    with pytest.raises(InvalidArgumentError, match="element is a dataset: write flat_map"):
        contents(windows.batch(2))


def test_the_time_series_idiom():
    dataset = Dataset.range(6).window(4, shift=1, drop_remainder=True)
    dataset = dataset.flat_map(lambda w: w.batch(4)).map(lambda w: (w[:-1], w[-1])).batch(2)
    assert contents(dataset) == [([[0, 1, 2], [1, 2, 3]], [3, 4]), ([[2, 3, 4]], [5])]


# -- order and number -----------------------------------------------------------------------------


def test_numbers_of_elements():
    numbers = Dataset.range(5)
    assert contents(numbers.take(2)) == contents(numbers.repeat().take(7).take(2)) == [0, 1]
    assert contents(numbers.take(-1)) == contents(numbers.skip(0)) == [0, 1, 2, 3, 4]
    assert contents(numbers.skip(3)) == [3, 4]
    assert contents(numbers.skip(-1)) == contents(numbers.skip(9)) == []
    assert contents(numbers.shard(2, 1)) == [1, 3]
    assert contents(numbers.concatenate(Dataset.range(1))) == [0, 1, 2, 3, 4, 0]
    assert contents(numbers.repeat(2).skip(4)) == [4, 0, 1, 2, 3, 4]
    assert contents(Dataset.range(0).repeat()) == []


SIZES = [
    (lambda d: d, 5),
    (lambda d: d.batch(2), 3),
    (lambda d: d.batch(2, drop_remainder=True).prefetch(1), 2),
    (lambda d: d.map(lambda x: x).shuffle(3).cache(), 5),
    (lambda d: d.repeat(), -1),
    (lambda d: d.repeat().take(3), 3),
    (lambda d: d.repeat(3).skip(1), 14),
    (lambda d: d.filter(lambda x: True), -2),
    (lambda d: d.filter(lambda x: True).batch(2).take(1), -2),
    (lambda d: d.flat_map(lambda x: Dataset.range(x)), -2),
    (lambda d: d.concatenate(d.repeat()), -1),
    (lambda d: d.concatenate(d.filter(lambda x: True)), -2),
    (lambda d: d.shard(3, 2), 1),
    (lambda d: d.window(2, shift=1), 5),
    (lambda d: d.enumerate().padded_batch(3), 2),
    (lambda d: Dataset.zip((d, d.repeat())), 5),
    (lambda d: Dataset.zip((d.repeat(), d.repeat())), -1),
]


@pytest.mark.parametrize(("change", "size"), SIZES, ids=range(len(SIZES)))
def test_the_size_is_told_in_advance_where_it_can_be(change, size):
    dataset = change(Dataset.range(5))
    assert int(dataset.cardinality()) == size
    assert dataset
    if size >= 0:
        assert len(dataset) == size == len(contents(dataset))
    else:
        with pytest.raises(TypeError, match="length of .* is (infinite|not known)"):
            len(dataset)


def test_one_element():
    assert contents(Dataset.range(3).batch(3)) == [[0, 1, 2]]
    assert plain(Dataset.range(3).batch(3).get_single_element()) == [0, 1, 2]
    for size, got in [(0, "none"), (3, "several")]:
        with pytest.raises(InvalidArgumentError, match=f"expected one element, got {got}"):
            Dataset.range(size).get_single_element()


def test_choices():
    parts = [Dataset.range(3), Dataset.range(10, 12), Dataset.range(20, 21)]
    choices = Dataset.from_tensor_slices([0, 1, 2, 2, 0, 1, 0, 0, 1, 0])
    assert contents(Dataset.choose_from_datasets(parts, choices)) == [0, 10, 20]
    going_on = Dataset.choose_from_datasets(parts, choices, stop_on_empty_dataset=False)
    assert contents(going_on) == [0, 10, 20, 1, 11, 2]
    with pytest.raises(InvalidArgumentError, match="no dataset number 3"):
        contents(Dataset.choose_from_datasets(parts, Dataset.range(9).map(lambda x: x + 3)))
    mixed = [Dataset.from_tensors(i).repeat() for i in range(3)]
    sampled = contents(Dataset.sample_from_datasets(mixed, [0.7, 0.3, 0.0], seed=1).take(2000))
    assert 0.65 < np.mean(np.equal(sampled, 0)) < 0.75
    assert 2 not in sampled


def test_a_cache_asks_once():
    asked = []

    def ask(x):
        asked.append(int(x))
        return x

    dataset = Dataset.range(3).map(ask).cache()
    assert contents(dataset.take(2)) == [0, 1], "not to the end: nothing is kept"
    assert contents(dataset) == contents(dataset) == [0, 1, 2]
    assert asked == [0, 1, 0, 1, 2]


def test_padded_batch_knows_the_sizes_that_its_elements_know():
    rows = tf.data.Dataset.range(1, 4).map(lambda n: tf.ones([n, 5]))
    assert rows.padded_batch(2).element_spec.shape == (None, None, 5)
