"""tf.lookup: tables from words to numbers and back."""

import numpy as np
import pytest

import minitf as tf
from minitf.errors import DataError, DTypeError, FailedPreconditionError, InvalidArgumentError
from tests.pipelines import contents

lookup = tf.lookup
WHOLE_LINE, LINE_NUMBER = lookup.TextFileIndex.WHOLE_LINE, lookup.TextFileIndex.LINE_NUMBER


def filling(keys=("to", "be"), values=(7, 8), **types):
    return lookup.KeyValueTensorInitializer(list(keys), list(values), **types)


@pytest.fixture
def table():
    return lookup.StaticHashTable(filling(value_dtype=tf.int64), default_value=-1)


# ---- static tables


def test_keys_of_any_shape_are_looked_up(table):
    assert table.lookup(tf.constant([["to"], ["or"]])).numpy().tolist() == [[7], [-1]]
    assert int(table["be"]) == 8
    assert table.lookup(tf.zeros([0, 2], tf.string)).shape == (0, 2)
    assert (table.key_dtype, table.value_dtype) == (tf.string, tf.int64)
    assert table.lookup("to").dtype is tf.int64
    assert int(table.size()) == 2
    assert table.size().dtype is tf.int64
    keys, values = table.export()
    assert (keys.numpy().tolist(), values.numpy().tolist()) == ([b"to", b"be"], [7, 8])
    assert int(table.default_value) == -1
    assert repr(table) == "<StaticHashTable from string to int64>"


@pytest.mark.parametrize(
    ("keys", "values", "default", "wanted"),
    [
        ([1, 2], ["a", "b"], "?", {2: b"b", 3: b"?"}),
        (["a", "b"], ["x", "y"], "", {"b": b"y", "c": b""}),
        (["a", b"\xff"], [0.5, 1.5], np.nan, {"a": 0.5, b"\xff": 1.5}),
        ([10, 20], [True, False], False, {10: True, 30: False}),
    ],
)
def test_types_of_keys_and_values(keys, values, default, wanted):
    table = lookup.StaticHashTable(filling(keys, values), default)
    assert {k: table.lookup(k).numpy() for k in wanted} == wanted


def test_in_a_pipeline_and_in_a_function(table):
    words = tf.data.Dataset.from_tensor_slices([["to", "or"], ["be", "not"]])
    assert [x.tolist() for x in words.map(table.lookup).as_numpy_iterator()] == [[7, -1], [8, -1]]
    assert words.map(table.lookup).element_spec == tf.TensorSpec((2,), tf.int64)
    pairs = words.map(lambda w: (tf.strings.upper(w), table[w])).batch(2)
    assert next(iter(pairs))[1].numpy().tolist() == [[7, -1], [8, -1]]

    @tf.function
    def found(words):
        return table.lookup(words) * 2 + table.size()

    assert found(tf.constant(["to", "or"])).numpy().tolist() == [16, 0]


def test_one_value_for_each_key():
    assert int(lookup.StaticHashTable(filling("aa", [1, 1]), 0).size()) == 1
    with pytest.raises(FailedPreconditionError, match="the key 'a' has two values, 1 and 2"):
        lookup.StaticHashTable(filling("aa", [1, 2]), 0)


def test_errors_of_static_tables(table):
    with pytest.raises(DTypeError, match="keys of type string, got int32.*test_lookup"):
        table.lookup([3])
    with pytest.raises(DTypeError, match="default_value"):
        lookup.StaticHashTable(filling(), "x")
    with pytest.raises(ValueError, match="single value, got shape"):
        lookup.StaticHashTable(filling(), [1, 2])
    with pytest.raises(ValueError, match="3 keys and 2 values"):
        filling("abc")
    with pytest.raises(ValueError, match="keys must be a vector, got .* shape"):
        filling([["a"]], [1])


# ---- words outside of the vocabulary


def test_other_words_fall_into_buckets():
    """The numbers are TensorFlow's."""
    table = lookup.StaticVocabularyTable(filling("ab", [0, 1], value_dtype=tf.int64), 3)
    assert table.lookup(["a", "b", "zz", "word", "x"]).numpy().tolist() == [0, 1, 3, 2, 4]
    assert int(table.size()) == 5
    alone = lookup.StaticVocabularyTable(None, 4)
    assert alone.lookup(["a", "b"]).numpy().tolist() == [3, 2]
    numbers = filling([5, 7], [0, 1], key_dtype=tf.int64, value_dtype=tf.int64)
    for kind in (None, tf.int32):
        table = lookup.StaticVocabularyTable(numbers, 4, lookup_key_dtype=kind)
        keys = tf.constant([5, 9, 100, -3], kind or tf.int64)
        assert table[keys].numpy().tolist() == [0, 3, 5, 5]


def test_errors_of_vocabularies():
    with pytest.raises(DTypeError, match="must be int64, got int32; pass value_dtype"):
        lookup.StaticVocabularyTable(filling(), 1)
    with pytest.raises(InvalidArgumentError, match="num_oov_buckets must be at least 1, got 0"):
        lookup.StaticVocabularyTable(filling(value_dtype=tf.int64), 0)


# ---- text files


@pytest.fixture
def words(tmp_path):
    (tmp_path / "words.txt").write_bytes("to\r\nb\u00e9\nor\n".encode())
    return str(tmp_path / "words.txt")


@pytest.fixture
def columns(tmp_path):
    (tmp_path / "columns.txt").write_text("a,1,x\nb,2,y", encoding="utf-8")
    return tmp_path / "columns.txt"


def test_lines_and_their_numbers(words):
    there = lookup.TextFileInitializer(words, tf.string, WHOLE_LINE, tf.int64, LINE_NUMBER)
    found = lookup.StaticHashTable(there, -1).lookup(["or", "to", "b\u00e9", ""])
    assert found.numpy().tolist() == [2, 0, 1, -1]
    back = lookup.TextFileInitializer(words, tf.int64, LINE_NUMBER, tf.string, WHOLE_LINE)
    found = lookup.StaticHashTable(back, "?").lookup(tf.constant([1, 3], tf.int64))
    assert found.numpy().tolist() == ["b\u00e9".encode(), b"?"]
    later = lookup.TextFileInitializer(
        words, tf.string, WHOLE_LINE, tf.int64, LINE_NUMBER, vocab_size=2, value_index_offset=10
    )
    assert lookup.StaticHashTable(later, -1)[["to", "or"]].numpy().tolist() == [10, -1]


def test_columns(columns):
    numbers = lookup.TextFileInitializer(columns, tf.string, 0, tf.int64, 1, delimiter=",")
    assert contents(tf.data.Dataset.from_tensors(["b", "a", "x"]).map(
        lookup.StaticHashTable(numbers, 0).lookup)) == [[2, 1, 0]]  # fmt: skip
    letters = lookup.TextFileInitializer(columns, tf.string, 2, tf.string, 0, delimiter=",")
    assert lookup.StaticHashTable(letters, "").lookup("y").numpy() == b"b"


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ({"value_index": 2}, DataError, "columns.txt: line 0: 'x' is not of type int64"),
        ({"value_index": 3}, DataError, "line 0, 'a,1,x', has 3 column.* no number 3"),
        ({"vocab_size": 5}, InvalidArgumentError, "vocab_size is 5, but .* has 2 lines"),
        ({"key_index": -3}, InvalidArgumentError, "key_index is a column, .* got -3"),
        ({"value_index": -1, "value_dtype": tf.string}, InvalidArgumentError, "is an integer"),
        ({"filename": "missing.txt"}, DataError, "missing.txt cannot be read: No such"),
    ],
)
def test_errors_of_files(how, error, message, columns):
    given = {"filename": columns, "key_dtype": tf.string, "key_index": 0, "value_dtype": tf.int64,
             "value_index": 1, "delimiter": ",", **how}  # fmt: skip
    with pytest.raises(error, match=message):
        lookup.StaticHashTable(lookup.TextFileInitializer(**given), -1)


# ---- tables that grow


def test_a_table_grows():
    table = lookup.experimental.MutableHashTable(tf.string, tf.float32, [0.0, 0.0])
    table.insert(["a", "b"], [[1, 2], [3, 4]])
    table.insert("a", [5, 6])
    assert table.lookup([["a"], ["x"]]).numpy().tolist() == [[[5.0, 6.0]], [[0.0, 0.0]]]
    assert table.lookup(["x"], [9.0, 9.0]).numpy().tolist() == [[9.0, 9.0]]
    assert int(table.size()) == 2
    table.remove(["a", "x"])
    keys, values = table.export()
    assert (keys.numpy().tolist(), values.numpy().tolist()) == ([b"b"], [[3.0, 4.0]])
    with pytest.raises(ValueError, match=r"insert: .*values of shape \(1, 2\), got \(2,\)"):
        table.insert(["a"], [1.0, 2.0])
    with pytest.raises(TypeError, match="keys of type string, got int32"):
        table.lookup([1])
    with pytest.raises(TypeError, match="values of type float32, got string"):
        table.insert(["a"], ["b"])


def test_a_function_sees_what_the_table_holds_when_it_runs():
    table = lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, empty_key=-1, deleted_key=-2)

    @tf.function
    def number_of(key):
        found = table.lookup(key)
        table.insert(key, table.size())
        return found, table.lookup(key)

    assert [t.numpy().tolist() for t in number_of(tf.constant(5, tf.int64))] == [-1, 0]
    assert [t.numpy().tolist() for t in number_of(tf.constant(6, tf.int64))] == [-1, 1]
    assert [t.numpy().tolist() for t in number_of(tf.constant(5, tf.int64))] == [0, 2]
    table.erase([5])
    assert table[[5, 6]].numpy().tolist() == [-1, 1]
