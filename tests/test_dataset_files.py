"""Datasets that keep their elements in files, and those that sort elements into groups."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minitf as tf
from minitf.errors import DataError, Error, FailedPreconditionError
from tests.pipelines import contents, no_thread_is_left  # noqa: F401  (a fixture)

Dataset = tf.data.Dataset


def counting(n=3):
    """Return a dataset, and a list of the elements that it has made."""
    made = []

    def look(x):
        made.append(int(x))
        return x * 10

    return Dataset.range(n).map(look), made


# ---- caches in files


def test_a_cache_in_a_file_is_for_later_programs_too(tmp_path):
    dataset, made = counting()
    cached = dataset.cache(str(tmp_path / "new" / "cache"))
    assert contents(cached) == contents(cached) == [0, 10, 20]
    assert made == [0, 1, 2]
    again, more = counting()
    assert contents(again.cache(tmp_path / "new" / "cache")) == [0, 10, 20]
    assert more == []
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["cache"]


def test_a_loop_that_stops_early_leaves_no_cache(tmp_path):
    dataset, made = counting()
    cached = dataset.cache(tmp_path / "cache")
    for _ in cached:
        break
    assert list(tmp_path.iterdir()) == []
    assert contents(cached) == [0, 10, 20]
    assert made == [0, 0, 1, 2]


def test_an_error_leaves_no_cache(tmp_path):
    def fail(x):
        if int(x) == 1:
            raise ValueError("broken")
        return x

    with pytest.raises(ValueError, match="broken"):
        contents(Dataset.range(3).map(fail).cache(tmp_path / "cache"))
    assert list(tmp_path.iterdir()) == []


PROGRAM = """
import sys, time
import minitf as tf
def slow(x):
    print(int(x), flush=True)
    time.sleep(30 if int(x) == 2 else 0)
    return x
for _ in tf.data.Dataset.range(3).map(slow).cache(sys.argv[1]):
    pass
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_killed_program_leaves_no_cache_under_its_name(tmp_path):
    root = Path(__file__).resolve().parent.parent
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", PROGRAM, tmp_path / "cache"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    for _ in range(3):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (tmp_path / "cache").exists()
    assert contents(Dataset.range(3).cache(tmp_path / "cache")) == [0, 1, 2]


@pytest.mark.parametrize(
    "damage",
    [lambda c: c[:-1], lambda c: c[:40], lambda c: b"", lambda c: b"other" * 50,
     lambda c: c[:60] + bytes([c[60] ^ 1]) + c[61:]],
    ids=["cut", "cut short", "empty", "other", "one bit"],
)  # fmt: skip
def test_a_damaged_cache_is_named(damage, tmp_path):
    cached = Dataset.range(3).cache(tmp_path / "cache")
    contents(cached)
    path = tmp_path / "cache"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(
        DataError, match=r"cache: .*cache (is damaged|does not hold).*\[in test_dat"
    ):
        contents(cached)


values = st.one_of(
    st.integers(-9, 9), st.floats(-1, 1, width=32), st.booleans(), st.text(), st.binary(),
    st.lists(st.text(max_size=3), min_size=2, max_size=2),
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(st.tuples(values, st.fixed_dictionaries({"a": values})), min_size=1, max_size=1))
def test_elements_come_back_as_they_were(elements):
    (first,) = elements

    def generator():
        yield first
        yield first

    folder = Path(os.environ["PYTEST_CURRENT_TEST_FOLDER"])
    spec = Dataset.from_tensors(first).element_spec
    dataset = Dataset.from_generator(generator, output_signature=spec)
    expected = contents(dataset)
    dataset.save(folder)
    loaded = Dataset.load(folder)
    assert contents(loaded) == expected
    assert len(loaded) == 2
    assert loaded.element_spec == spec


@pytest.fixture(autouse=True)
def folder_for_hypothesis(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTEST_CURRENT_TEST_FOLDER", str(tmp_path / "set"))


def test_save_and_load(tmp_path):
    pairs = Dataset.from_tensor_slices((np.eye(3, dtype=np.float32), ["a", "b\u00e4", ""]))
    pairs.batch(2).save(str(tmp_path / "set"))
    assert contents(Dataset.load(str(tmp_path / "set"))) == contents(pairs.batch(2))
    tf.data.experimental.save(Dataset.range(0), tmp_path / "empty")
    assert contents(tf.data.experimental.load(tmp_path / "empty")) == []
    with pytest.raises(DataError, match="load: .*cannot be read"):
        Dataset.load(tmp_path / "nothing")
    with pytest.raises(Error, match="a dataset of datasets cannot be kept"):
        Dataset.range(4).window(2).save(tmp_path / "windows")


def test_snapshots(tmp_path):
    dataset, made = counting()
    for _ in range(2):
        assert contents(dataset.snapshot(str(tmp_path / "shot"))) == [0, 10, 20]
    assert made == [0, 1, 2]


def test_a_cache_in_memory_is_as_before():
    dataset, made = counting()
    cached = dataset.cache()
    assert contents(cached) == contents(cached)
    assert made == [0, 1, 2]
    assert len(cached) == 3


# ---- groups


def test_windows_of_one_key():
    def reduce(key, group):
        return group.batch(9).map(lambda x: (key, x))

    dataset = Dataset.from_tensor_slices([3, 1, 5, 2, 7, 4])
    made = dataset.group_by_window(lambda x: x % 2, reduce, window_size=2)
    assert contents(made) == [(1, [3, 1]), (1, [5, 7]), (0, [2, 4])]
    sizes = dataset.group_by_window(lambda x: x % 2, lambda key, group: group.batch(9),
                                    window_size_func=lambda key: key * 2 + 1)  # fmt: skip
    assert contents(sizes) == [[3, 1, 5], [2], [4], [7]]
    assert made.element_spec[1].shape.as_list() == [None]


@given(st.lists(st.integers(1, 12), max_size=20))
def test_buckets_hold_elements_of_like_length(lengths):
    dataset = Dataset.from_generator(
        lambda: ([n] * n for n in lengths), output_signature=tf.TensorSpec([None], tf.int32)
    )
    sizes = {0: 4, 1: 3, 2: 2}
    made = dataset.bucket_by_sequence_length(lambda x: tf.shape(x)[0], [4, 8], [4, 3, 2])
    found = []
    for batch in made:
        rows = [[v for v in row if v] for row in batch.numpy().tolist()]
        buckets = {0 if len(r) < 4 else 1 if len(r) < 8 else 2 for r in rows}
        assert len(buckets) == 1
        assert len(rows) <= sizes[buckets.pop()]
        assert batch.shape[1] == max(map(len, rows))
        found += map(len, rows)
    assert sorted(found) == sorted(lengths)


def test_options_of_buckets():
    words = Dataset.from_tensor_slices([1, 2, 3, 5]).map(lambda n: (tf.fill([n], 1), n))

    def length(x, n):
        return n

    up = words.bucket_by_sequence_length(
        length, [4, 7], [2, 2, 2], pad_to_bucket_boundary=True, padding_values=(-1, 0)
    )
    assert contents(up) == [
        ([[1, -1, -1], [1, 1, -1]], [1, 2]), ([[1, 1, 1]], [3]), ([[1, 1, 1, 1, 1, -1]], [5])
    ]  # fmt: skip
    dropped = words.bucket_by_sequence_length(length, [4], [2, 2], drop_remainder=True)
    assert [y for _, y in contents(dropped)] == [[1, 2]]
    same = Dataset.range(3).bucket_by_sequence_length(lambda x: 1, [2], [2, 1], no_padding=True)
    assert contents(same) == [[0, 1], [2]]
    assert up.element_spec[0] == tf.TensorSpec((None, None), tf.int32)
    with pytest.raises(Error, match="bucket_by.*an element of length 5 fits no boundary"):
        contents(words.bucket_by_sequence_length(length, [4], [9, 9], pad_to_bucket_boundary=True))
    with pytest.raises(Error, match="one more size"):
        words.bucket_by_sequence_length(length, [4], [2])


@pytest.mark.parametrize("initial", [None, [0.9, 0.1]])
def test_rejection_makes_classes_equally_frequent(initial):
    tf.random.set_seed(0)
    data = np.random.default_rng(0).permutation([0] * 900 + [1] * 100)
    made = Dataset.from_tensor_slices(data).rejection_resample(lambda x: x, [0.5, 0.5], initial)
    pairs = contents(made)
    assert all(kind == x for kind, x in pairs)
    ones = sum(x for _, x in pairs)
    assert ones == 100
    assert 70 <= len(pairs) - ones <= (400 if initial is None else 140)
    assert made.element_spec[0] == tf.TensorSpec((), tf.int32)
    with pytest.raises(Error, match="class 2, but shares for 2"):
        contents(Dataset.range(3).rejection_resample(lambda x: x, [0.5, 0.5]))


def test_equal_elements():
    pairs = Dataset.from_tensor_slices(([1, 1, 2, 1], ["a", "b", "a", "a"])).unique()
    assert contents(pairs) == [(1, b"a"), (1, b"b"), (2, b"a")]


def test_random_numbers():
    tf.random.set_seed(1)
    fixed = Dataset.random(seed=3).take(3)
    assert contents(fixed) == contents(fixed)
    moving = Dataset.random(seed=3, rerandomize_each_iteration=True).take(3)
    assert contents(moving) != contents(moving)


def test_a_stated_number_of_elements():
    odd = Dataset.range(9).filter(lambda x: x % 2 == 1)
    assert len(odd.assert_cardinality(4)) == 4
    assert contents(odd.assert_cardinality(4)) == [1, 3, 5, 7]
    for wrong in (3, 5):
        with pytest.raises(FailedPreconditionError, match=f"expected {wrong} elements, got 4"):
            contents(odd.assert_cardinality(wrong))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d: d.group_by_window(lambda x: x, lambda k, g: g), "give window_size or"),
        (lambda d: d.group_by_window(lambda x: 1.5, lambda k, g: g, 1), "must return a whole"),
        (lambda d: d.group_by_window(lambda x: x, lambda k, g: k, 1), "must return a Dataset"),
        (lambda d: d.group_by_window(lambda x: x, lambda k, g: g, 0), "window_size must be"),
    ],
)
def test_groups_that_cannot_be(call, message):
    with pytest.raises(Error, match=f"group_by_window: .*{message}"):
        contents(call(Dataset.range(3)))


def test_old_names():
    e, ten = tf.data.experimental, Dataset.range(10)
    assert contents(ten.apply(e.map_and_batch(lambda x: x + 1, 4, drop_remainder=True))) == [
        [1, 2, 3, 4], [5, 6, 7, 8]]  # fmt: skip
    assert contents(ten.batch(3).apply(e.unbatch())) == list(range(10))
    assert sorted(contents(ten.apply(e.shuffle_and_repeat(4, 2)))) == sorted([*range(10)] * 2)
    assert contents(ten.apply(e.take_while(lambda x: x < 2))) == [0, 1]
    assert contents(ten.apply(e.prefetch_to_device("CPU:0"))) == list(range(10))
    assert len(contents(ten.apply(e.enumerate_dataset(5)))) == 10
    assert contents(e.choose_from_datasets([ten, ten], Dataset.from_tensor_slices([0, 1]))) == [
        0,
        0,
    ]
    grouped = ten.apply(e.group_by_window(lambda x: x % 2, lambda k, g: g.batch(5), 5))
    assert contents(grouped) == [[0, 2, 4, 6, 8], [1, 3, 5, 7, 9]]
    assert e.group_by_window.__doc__.startswith("Return `Dataset.group_by_window`")


def test_groups_are_made_ahead_too():
    made = Dataset.range(6).group_by_window(lambda x: 0, lambda k, g: g.batch(2), 2).prefetch(2)
    assert contents(made) == [[0, 1], [2, 3], [4, 5]]
