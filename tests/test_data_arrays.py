"""Arrays for training: labels as vectors, padded sequences, windows, splits, batches by number.

Expected values, where they are written down, are those of Keras 3.15.
"""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import minitf as tf
from minitf.data import (
    PyDataset,
    Sequence,
    TimeseriesGenerator,
    make_sampling_table,
    normalize,
    pack_x_y_sample_weight,
    pad_sequences,
    set_random_seed,
    skipgrams,
    split_dataset,
    timeseries_dataset_from_array,
    to_categorical,
    unpack_x_y_sample_weight,
)
from minitf.errors import Error
from tests.pipelines import contents, no_thread_is_left  # noqa: F401  (a fixture)

# ---- to_categorical


@given(arrays(np.int64, st.lists(st.integers(0, 4), max_size=3), elements=st.integers(0, 6)))
def test_the_largest_entry_is_at_the_label(labels):
    vectors = to_categorical(labels, 7)
    dropped = labels[..., 0] if labels.ndim > 1 and labels.shape[-1] == 1 else labels
    assert vectors.shape == (*dropped.shape, 7)
    assert vectors.dtype == np.float64
    np.testing.assert_array_equal(vectors.argmax(-1), dropped)
    np.testing.assert_array_equal(vectors.sum(-1), np.ones(dropped.shape))


def test_the_number_of_classes_is_found():
    assert to_categorical([2, 0]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert to_categorical([[2], [0]]).shape == (2, 3)
    assert to_categorical(3).tolist() == [0, 0, 0, 1]
    assert to_categorical([1], dtype="float32").dtype == np.float32
    assert to_categorical([], 4).shape == (0, 4)


def test_a_tensor_stays_a_tensor():
    vectors = to_categorical(tf.constant([[2], [0]]), 3)
    assert vectors.dtype is tf.float32
    assert vectors.numpy().tolist() == [[0, 0, 1], [1, 0, 0]]
    with pytest.raises(Error, match="to_categorical: num_classes must be given"):
        to_categorical(tf.constant([1]))


@pytest.mark.parametrize("labels", [[-1, 0], [0, 3]])
def test_labels_outside_are_errors(labels):
    with pytest.raises(IndexError, match=r"labels must lie in 0 ... 2, got .*\[in test_data_arr"):
        to_categorical(labels, 3)


# ---- normalize


@given(arrays(np.float64, (3, 4), elements=st.floats(-9, 9)), st.sampled_from([0, 1, -1]))
def test_lengths_become_one(x, axis):
    unit = normalize(x, axis)
    lengths = np.linalg.norm(x, axis=axis, keepdims=True)
    np.testing.assert_allclose(unit * lengths, x, atol=1e-12)
    found = np.linalg.norm(unit, axis=axis, keepdims=True)
    np.testing.assert_allclose(found[lengths > 1e-3], 1)
    assert (found[lengths == 0] == 0).all()


def test_normalize_of_tensors_and_other_orders():
    assert normalize(tf.constant([[3.0, 4.0], [0.0, 0.0]])).numpy().tolist() == (
        pytest.approx(np.array([[0.6, 0.8], [0, 0]])))  # fmt: skip
    assert normalize([[1, 3]], order=1).tolist() == [[0.25, 0.75]]


# ---- pad_sequences

sequences = st.lists(st.lists(st.integers(-99, 99), max_size=6), max_size=5)
ends = st.sampled_from(["pre", "post"])


@given(sequences, st.none() | st.integers(0, 7), ends, ends)
def test_padding_by_its_definition(rows, maxlen, padding, truncating):
    padded = pad_sequences(rows, maxlen, padding=padding, truncating=truncating, value=7)
    size = max(map(len, rows), default=0) if maxlen is None else maxlen
    assert padded.shape == (len(rows), size)
    assert padded.dtype == np.int32
    for row, found in zip(rows, padded.tolist(), strict=True):
        cut = max(len(row) - size, 0)
        kept = row[cut:] if truncating == "pre" else row[: len(row) - cut]
        filling = [7] * (size - len(kept))
        assert found == (filling + kept if padding == "pre" else kept + filling)


def test_sequences_of_vectors_and_of_strings():
    vectors = pad_sequences([[[1, 2]], [[3, 4], [5, 6]]], dtype="float32")
    assert vectors.tolist() == [[[0, 0], [1, 2]], [[3, 4], [5, 6]]]
    words = pad_sequences([["a"], ["b", "c"]], dtype=object, value="-")
    assert words.tolist() == [["-", "a"], ["b", "c"]]
    arrays_too = pad_sequences([np.array([1.9]), np.array([2, 3])])
    assert arrays_too.tolist() == [[0, 1], [2, 3]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pad_sequences([1, 2]), "expected a list of sequences"),
        (lambda: pad_sequences(3), "expected a list of sequences"),
        (lambda: pad_sequences([[1]], padding="left"), "'pre' or 'post', got 'left'"),
        (lambda: pad_sequences([[1]], truncating="left"), "'pre' or 'post'"),
        (lambda: pad_sequences([["a"]], value="-"), "pass dtype=object"),
        (lambda: pad_sequences([[[1, 2]], [[3]]]), r"sequence 1 holds entries of shape \(1,\)"),
    ],
)
def test_what_cannot_be_padded(call, message):
    with pytest.raises(Error, match=f"pad_sequences: .*{message}"):
        call()


# ---- words


def test_skipgrams_are_neighbours():
    couples, labels = skipgrams([1, 2, 0, 3], 4, window_size=2, negative_samples=0, shuffle=False)
    assert couples == [[1, 2], [2, 1], [2, 3], [3, 2]]
    assert labels == [1] * 4


def test_skipgrams_with_random_words():
    random.seed(0)
    couples, labels = skipgrams([1, 2, 3, 4], 50, window_size=1, negative_samples=2.0)
    near = {(1, 2), (2, 1), (2, 3), (3, 2), (3, 4), (4, 3)}
    assert sum(labels) == 6
    assert len(labels) == len(couples) == 18
    assert {tuple(c) for c, label in zip(couples, labels, strict=True) if label} == near
    assert labels != sorted(labels, reverse=True)  # mixed
    assert all(1 <= word < 50 for couple in couples for word in couple)
    assert skipgrams([1, 2], 9, categorical=True, seed=1)[1].count([0, 1]) == 2


def test_a_sampling_table_leaves_frequent_words_out():
    table = make_sampling_table(100_000)
    assert (np.diff(table[1:]) >= 0).all()
    assert (table[0], table[-1]) == (table[1], 1.0)
    assert table[1] == pytest.approx(0.00315225, rel=1e-5)
    assert skipgrams([1] * 50, 3, sampling_table=np.zeros(3)) == ([], [])


# ---- seeds and batches


def test_one_seed_for_all_random_numbers():
    def draw():
        set_random_seed(3)
        return random.random(), np.random.rand(), float(tf.random.normal([]))

    assert draw() == draw()
    with pytest.raises(Error, match="whole number, got 'x'"):
        set_random_seed("x")


@pytest.mark.parametrize(
    ("data", "parts"),
    [("x", ("x", None, None)), (("x",), ("x", None, None)), (["x", "y"], ("x", "y", None)),
     (("x", "y", "w"), ("x", "y", "w")), ({"a": 1}, ({"a": 1}, None, None))],
)  # fmt: skip
def test_unpacked_batches(data, parts):
    assert unpack_x_y_sample_weight(data) == parts
    assert unpack_x_y_sample_weight(pack_x_y_sample_weight(*parts)) == parts


def test_packed_batches():
    assert pack_x_y_sample_weight("x") == "x"
    assert pack_x_y_sample_weight(("a", "b")) == (("a", "b"),)
    with pytest.raises(Error, match="got 4 entries"):
        unpack_x_y_sample_weight((1, 2, 3, 4))


# ---- splits


@pytest.mark.parametrize(
    ("sizes", "left"),
    [((0.7,), 7), ((None, 3), 7), ((None, 0.25), 8), ((5, 2), 5), ((0.5, 0.3), 5)],
)
def test_sizes_of_a_split(sizes, left):
    first, second = split_dataset(np.arange(10), *sizes)
    assert contents(first) == list(range(left))
    right = 10 - left if len(sizes) == 1 or sizes[0] is None else {5: 2, 0.5: 3}[sizes[0]]
    assert contents(second) == list(range(10 - right, 10))


def test_a_split_of_pairs_and_of_datasets():
    x, y = np.arange(4), np.arange(8).reshape(4, 2)
    left, right = split_dataset((x, y), left_size=3)
    assert contents(left) == [(0, [0, 1]), (1, [2, 3]), (2, [4, 5])]
    assert contents(right) == [(3, [6, 7])]
    left, right = split_dataset(tf.data.Dataset.range(8).batch(3), right_size=2)
    assert contents(left) == [[0, 1, 2], [3, 4, 5]]
    assert contents(right) == [[6, 7]]
    left, right = split_dataset(tf.data.Dataset.range(3), left_size=2)
    assert (contents(left), contents(right)) == ([0, 1], [2])


def test_a_shuffled_split_loses_nothing_and_can_be_repeated():
    first = [contents(d) for d in split_dataset(np.arange(50), 0.5, shuffle=True, seed=1)]
    again = [contents(d) for d in split_dataset(np.arange(50), 0.5, shuffle=True, seed=1)]
    assert first == again
    assert sorted(first[0] + first[1]) == list(range(50))
    assert first[0] != sorted(first[0])


@pytest.mark.parametrize(
    ("sizes", "message"),
    [((None, None), "give left_size or right_size"), ((0, None), "left_size is a share below 1"),
     ((10, None), "below 10, got 10"), ((1.5, None), "left_size"), ((True, None), "left_size"),
     ((6, 6), "cannot be split"), ((None, 0.01), "cannot be split"), (("x", 3), "got 'x'")],
)  # fmt: skip
def test_splits_that_cannot_be(sizes, message):
    with pytest.raises(Error, match=f"split_dataset: .*{message}"):
        split_dataset(np.arange(10), *sizes)


def test_data_that_cannot_be_split():
    with pytest.raises(Error, match="one first size"):
        split_dataset((np.arange(3), np.arange(4)), 0.5)
    with pytest.raises(Error, match="expected a Dataset, an array"):
        split_dataset("text", 0.5)


# ---- windows

SERIES = np.arange(20)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.integers(0, 4),
       st.integers(15, 20), st.none() | st.integers(1, 5))  # fmt: skip
def test_windows_by_their_definition(length, stride, rate, start, end, batch_size):
    made = timeseries_dataset_from_array(
        SERIES, -SERIES, length, stride, rate, batch_size, start_index=start, end_index=end
    )
    last = end - (length - 1) * rate
    starts = range(start, last, stride)
    expected = [(list(range(p, p + length * rate, rate)), -p) for p in starts]
    found = contents(made)
    if batch_size is not None:
        assert [len(y) for _, y in found[:-1]] == [batch_size] * (len(found) - 1)
        found = [pair for x, y in found for pair in zip(x, y, strict=True)]
    assert found == expected


def test_windows_alone_and_of_several_measurements():
    made = timeseries_dataset_from_array(np.zeros((9, 3), np.float32), None, 4)
    assert made.element_spec == tf.TensorSpec((None, 4, 3), tf.float32)
    assert next(iter(made)).shape == (6, 4, 3)


def test_shuffled_windows_are_the_same_ones():
    def made():
        tf.random.set_seed(1)
        return contents(
            timeseries_dataset_from_array(SERIES, None, 2, batch_size=None, shuffle=True, seed=4)
        )

    assert made() == made()
    assert made() != sorted(made())
    assert sorted(made()) == [[i, i + 1] for i in range(19)]


@pytest.mark.parametrize(
    ("options", "message"),
    [({"sequence_length": 21}, "no window of 21 measurements"), ({"start_index": -1}, "no part"),
     ({"start_index": 5, "end_index": 5}, "no part"), ({"end_index": 21}, "no part of 20"),
     ({"sampling_rate": 0}, "sampling_rate lies in 1 ... 19, got 0"),
     ({"sequence_stride": 20}, "sequence_stride lies in"), ({"format": "grain"}, "got 'grain'")],
)  # fmt: skip
def test_windows_that_cannot_be(options, message):
    with pytest.raises(Error, match=message):
        timeseries_dataset_from_array(SERIES, None, **{"sequence_length": 3, **options})


def test_the_generator_of_windows():
    made = TimeseriesGenerator(SERIES, SERIES, length=4, sampling_rate=2, stride=3, batch_size=2,
                               start_index=1, end_index=15, reverse=True)  # fmt: skip
    assert len(made) == 2
    assert [[part.tolist() for part in batch] for batch in made] == [
        [[[3, 1], [6, 4]], [5, 8]],
        [[[9, 7], [12, 10]], [11, 14]],
    ]
    drawn = TimeseriesGenerator(SERIES, SERIES, length=2, shuffle=True, batch_size=100)[0]
    assert all(x.tolist() == [y - 2, y - 1] for x, y in zip(*drawn, strict=True))
    assert '"length": 2' in TimeseriesGenerator([1, 2, 3], [1, 2, 3], 2).to_json()
    with pytest.raises(Error, match="one length, got 2 and 3"):
        TimeseriesGenerator([1, 2], [1, 2, 3], 1)
    with pytest.raises(Error, match="no window fits"):
        TimeseriesGenerator([1, 2], [1, 2], 2)


# ---- batches by number


class Squares(PyDataset):
    def __init__(self):
        """Forget to call that of the base class, as many programs do."""
        self.epochs = 0

    def __len__(self):
        return 3

    def __getitem__(self, index):
        return index, index**2

    def on_epoch_end(self):
        self.epochs += 1


def test_a_dataset_of_batches_by_number():
    made = Squares()
    assert list(made) == [(0, 0), (1, 1), (2, 4)]
    assert made.num_batches == 3
    assert (made.workers, made.use_multiprocessing, made.max_queue_size) == (1, False, 10)
    made.workers = 4
    assert (made.workers, Squares().workers) == (4, 1)
    made.on_epoch_begin()
    made.on_epoch_end()
    assert made.epochs == 1
    assert Sequence is PyDataset
    assert PyDataset(workers=2, max_queue_size=5).max_queue_size == 5


def test_methods_that_are_missing():
    with pytest.raises(NotImplementedError, match=r"needs a method __getitem__"):
        PyDataset()[0]
    with pytest.raises(NotImplementedError, match=r"needs a method __len__"):
        list(PyDataset())
