"""Input pipelines: chance, threads, errors, and what is known before they run."""

import gc
import inspect
import itertools
import re
import time

import numpy as np
import pytest

import minitf as tf
from minitf.errors import (
    Error,
    FailedPreconditionError,
    GraphError,
    InvalidArgumentError,
    OutOfRangeError,
    ShapeError,
)

from .pipelines import contents, no_thread_is_left, plain, slowly, threads  # noqa: F401

Dataset = tf.data.Dataset
AUTOTUNE = tf.data.AUTOTUNE


# -- chance ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 3, 50, 1000])
def test_shuffling_loses_nothing_and_respects_the_buffer(size):
    order = contents(Dataset.range(50).shuffle(size))
    assert sorted(order) == list(range(50))
    assert all(x <= place + size - 1 for place, x in enumerate(order))
    assert (order == list(range(50))) == (size == 1)


def test_shuffling_again_each_time_unless_told_otherwise():
    dataset = Dataset.range(20).shuffle(20)
    assert contents(dataset) != contents(dataset)
    dataset = Dataset.range(20).shuffle(20, reshuffle_each_iteration=False)
    assert contents(dataset) == contents(dataset)
    first, second = np.split(np.array(contents(Dataset.range(9).shuffle(9).repeat(2))), 2)
    assert sorted(first) == sorted(second)
    assert first.tolist() != second.tolist()


def test_seeds_of_shuffles():
    def loops(**how):
        dataset = Dataset.range(30).shuffle(10, **how)
        return contents(dataset), contents(dataset)

    assert loops(seed=4) == loops(seed=4)
    assert loops(seed=4) != loops(seed=5)
    assert loops() != loops()
    tf.random.set_seed(7)
    once = loops(), loops(seed=3)
    tf.random.set_seed(7)
    assert (loops(), loops(seed=3)) == once


def test_two_shuffles_of_one_seed_agree():
    x, y = (Dataset.range(30).shuffle(10, seed=4) for _ in range(2))
    assert all(a == b for a, b in contents(Dataset.zip((x, y))))


def test_all_orders_are_as_likely():
    tf.random.set_seed(1)
    found = [tuple(contents(Dataset.range(3).shuffle(3))) for _ in range(1200)]
    counts = [found.count(order) for order in itertools.permutations(range(3))]
    assert min(counts) > 140
    assert max(counts) < 260


@tf.function
def noise_in_a_graph():
    return tf.random.uniform([])


def noisy(x):
    time.sleep(0.001 if x % 3 == 0 else 0.0)
    return (
        tf.random.uniform([]),
        tf.random.normal([], seed=5),
        noise_in_a_graph(),
        tf.random.uniform([]),
    )


def test_random_numbers_of_a_function_do_not_depend_on_threads():
    noise_in_a_graph()

    def loops(workers):
        tf.random.set_seed(3)
        dataset = Dataset.range(12).map(noisy, num_parallel_calls=workers).prefetch(2)
        return contents(dataset), contents(dataset), float(tf.random.uniform([]))

    first, second, after = loops(None)
    assert (first, second, after) == loops(4)
    every = [number for element in first + second for number in element]
    assert len(set(every)) == len(every), "all draws differ"


def test_a_draw_with_a_seed_of_its_own_is_reproducible_without_the_programs():
    def loops():
        dataset = Dataset.range(5).map(lambda x: tf.random.uniform([], seed=1))
        return contents(dataset), contents(dataset)

    tf.random.set_seed(None)
    first, second = loops()
    assert first != second
    assert (first, second) == loops()


def test_looking_at_the_specs_changes_no_random_number():
    def loop(look):
        tf.random.set_seed(3)
        dataset = Dataset.range(5).shuffle(5).map(lambda x: tf.random.uniform([]))
        if look:
            assert dataset.element_spec == tf.TensorSpec((), tf.float32)
        return contents(dataset), float(tf.random.uniform([]))

    assert loop(True) == loop(False)


# -- threads --------------------------------------------------------------------------------------


PIPELINES = {
    "prefetch": lambda d: d.prefetch(2),
    "map": lambda d: d.map(slowly, num_parallel_calls=3),
    "both": lambda d: d.map(slowly, num_parallel_calls=3).prefetch(4).batch(2).prefetch(1),
    "interleave": lambda d: d.interleave(
        lambda x: Dataset.range(9).map(slowly), num_parallel_calls=2
    ),
    "generator": lambda d: Dataset.from_generator(
        itertools.count, output_signature=tf.TensorSpec((), tf.int32)
    ).prefetch(3),
}


@pytest.mark.parametrize("how", PIPELINES)
def test_threads_end_with_the_iterator(how):
    iterator = iter(PIPELINES[how](Dataset.range(10**9)))
    next(iterator), next(iterator)
    assert threads()
    del iterator
    assert threads() == []


@pytest.mark.parametrize("how", PIPELINES)
def test_threads_end_with_the_loop(how):
    for i, _ in enumerate(PIPELINES[how](Dataset.range(10**9))):
        if i == 3:
            break
    gc.collect()
    assert threads() == []


def test_threads_end_when_the_consumer_fails():
    def consume(dataset):
        for _ in dataset:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        consume(PIPELINES["both"](Dataset.range(10**9)))


def test_prefetch_works_ahead_and_no_further():
    made = []

    def make(x):
        made.append(int(x))
        return x

    iterator = iter(Dataset.range(20).map(make).prefetch(3))
    assert made == []
    assert int(next(iterator)) == 0
    end = time.monotonic() + 5
    while len(made) < 4 and time.monotonic() < end:
        time.sleep(0.001)
    time.sleep(0.02)
    assert made == [0, 1, 2, 3]


def test_two_loops_at_once_are_independent():
    dataset = Dataset.range(3).prefetch(1)
    assert [(int(x), int(y)) for x in dataset for y in dataset] == list(
        itertools.product(range(3), range(3))
    )


# -- errors ---------------------------------------------------------------------------------------


def multiply(x):
    return tf.ones([2, 3]) @ tf.ones([x, 3])


@pytest.mark.parametrize("workers", [None, 2])
@pytest.mark.parametrize("ahead", [0, 2])
def test_an_op_that_fails_in_a_function_names_the_element_and_the_line(workers, ahead):
    dataset = Dataset.range(3, 9).map(multiply, num_parallel_calls=workers).prefetch(ahead)
    iterator = iter(dataset)
    assert next(iterator).shape == (2, 3)
    with pytest.raises(ShapeError, match="map: element 1: matmul: inner dimensions") as caught:
        next(iterator)
    line = inspect.getsourcelines(multiply)[1] + 1
    assert str(caught.value).endswith(f"[in test_dataset_runs.py:{line}]")


@pytest.mark.parametrize("workers", [None, 2])
def test_other_errors_in_a_function_keep_their_type(workers):
    def look_up(x):
        return {0: 1}[int(x)]

    dataset = Dataset.range(3).map(look_up, num_parallel_calls=workers).prefetch(1)
    with pytest.raises(KeyError, match="1") as caught:
        contents(dataset)
    assert caught.value.__notes__ == ["map: raised by the function on element 1"]
    assert "look_up" in [entry.name for entry in caught.traceback]


def test_results_that_are_no_tensors():
    with pytest.raises(InvalidArgumentError, match="map: element 0: value is None") as caught:
        contents(Dataset.range(3).map(lambda x: None, num_parallel_calls=2))
    assert "[in test_dataset_runs.py:" in str(caught.value)
    with pytest.raises(Error, match="map: element 0: .*not a tensor"):
        contents(Dataset.range(3).map(lambda x: object()))


def test_the_end_of_another_iterator_is_an_error_and_not_the_end():
    other = iter(Dataset.range(1))
    with pytest.raises(OutOfRangeError, match="element 1: .*StopIteration"):
        contents(Dataset.range(3).map(lambda x: next(other)))


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda d: d.batch(0), "batch_size must be a whole number >= 1, got 0"),
        (lambda d: d.batch("two"), "batch_size must be a whole number >= 1, got 'two'"),
        (lambda d: d.shuffle(0), "buffer_size must be"),
        (lambda d: d.shuffle(3, seed=1.5), "seed must be"),
        (lambda d: d.window(3, shift=0), "shift must be"),
        (lambda d: d.map(3), "expected a function, got 3"),
        (lambda d: d.map(slowly, num_parallel_calls=0), "num_parallel_calls must be"),
        (lambda d: d.shard(2, 2), "index must be < num_shards = 2, got 2"),
        (lambda d: d.concatenate([1]), "expected a Dataset"),
        (lambda d: Dataset.zip((d, [1])), "expected Datasets"),
        (lambda d: d.apply(len), "must return a Dataset, got 3"),
        (lambda d: Dataset.sample_from_datasets([d], [0.5, 0.5]), "weights of 1 datasets"),
    ],
)
def test_wrong_arguments_are_refused_at_once(call, complaint):
    with pytest.raises(Error, match=f"{re.escape(complaint)}.*in test_dataset_runs.py") as caught:
        call(Dataset.range(3))
    assert isinstance(caught.value, (ValueError, TypeError))


def test_a_dataset_in_a_graph_is_refused():
    iterator = iter(Dataset.range(3))
    with pytest.raises(GraphError, match="cannot be read while a graph is being written"):
        tf.function(lambda: next(iterator))()


def test_the_end_of_an_iterator():
    iterator = iter(Dataset.range(1))
    assert int(iterator.get_next()) == 0
    with pytest.raises(OutOfRangeError, match="the dataset has ended"):
        iterator.get_next()
    with pytest.raises(StopIteration):
        next(iterator)


# -- specs ----------------------------------------------------------------------------------------


def spec(*shape, dtype=tf.int64):
    return tf.TensorSpec(shape, dtype)


SPECS = [
    (lambda d: d.batch(2), spec(None)),
    (lambda d: d.batch(2, drop_remainder=True).unbatch(), spec()),
    (lambda d: d.batch(2, drop_remainder=True), spec(2)),
    (lambda d: d.batch(2).map(lambda x: (x, {"y": x[None]})), (spec(None), {"y": spec(1, None)})),
    (lambda d: d.map(lambda x: float(x) if x > 1 else 0.0), spec(dtype=tf.float32)),
    (lambda d: d.window(2), tf.data.DatasetSpec(spec())),
    (lambda d: d.window(2).flat_map(lambda w: w.batch(2, True)), spec(2)),
    (lambda d: d.flat_map(lambda x: Dataset.from_tensor_slices([x, x])), spec()),
    (lambda d: d.interleave(lambda x: Dataset.from_tensors([x, x])), spec(2)),
    (lambda d: d.enumerate(), (spec(), spec())),
    (lambda d: d.scan(0.0, lambda s, x: (s, (s, x))), (spec(dtype=tf.float32), spec())),
    (lambda d: d.map(lambda x: tf.fill([3, x], x)).padded_batch(2), spec(None, 3, None)),
    (lambda d: d.shuffle(2).repeat().take(3).skip(1).cache().filter(lambda x: True), spec()),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), SPECS, ids=range(len(SPECS)))
def test_specs(change, expected):
    dataset = change(Dataset.range(1, 4))
    assert dataset.element_spec == expected
    assert iter(dataset).element_spec == expected


def test_the_spec_of_nothing():
    nothing = Dataset.range(0).map(lambda x: int(x))
    with pytest.raises(FailedPreconditionError, match="map: there are no elements"):
        _ = nothing.element_spec


def test_a_dataset_shows_who_made_it():
    assert re.fullmatch(
        r"<tf.data.Dataset from batch  \[in test_dataset_runs.py:\d+\]>",
        repr(Dataset.range(3).batch(2)),
    )


def test_the_names_of_older_programs():
    assert tf.data.experimental.AUTOTUNE == AUTOTUNE == -1
    assert int(tf.data.experimental.cardinality(Dataset.range(3))) == 3
    assert list(Dataset.range(2).as_numpy_iterator()) == [0, 1]
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    assert contents(Dataset.range(2).with_options(options)) == [0, 1]
