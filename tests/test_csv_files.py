"""CSV files: what rows become, which types are found, what is said about rows that are wrong."""

import gzip

import numpy as np
import pytest

import minitf as tf
from minitf.errors import DataError, InvalidArgumentError

make = tf.data.experimental.make_csv_dataset
CsvDataset = tf.data.experimental.CsvDataset

PEOPLE = """age,job,pay,big,note
36,"clerk, old",1.5,3000000000,
,cook,2,7,x
 41,?,1e300,8,"say ""hi\"""
"""
MORE = "age,job,pay,big,note\n5,boss,2,9,z\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "a.csv").write_text(PEOPLE)
    (tmp_path / "b.csv").write_text(MORE)
    return tmp_path


def columns(batch):
    return {name: column.numpy().tolist() for name, column in batch.items()}


def test_types_are_found_and_gaps_are_filled(files):
    first, second = make(str(files / "*.csv"), 3, label_name="pay", num_epochs=1, shuffle=False,
                         na_value="?")  # fmt: skip
    assert {name: column.dtype for name, column in first[0].items()} == {
        "age": tf.int32, "job": tf.string, "big": tf.int64, "note": tf.string,
    }  # fmt: skip
    assert columns(first[0]) == {
        "age": [36, 0, 41],
        "job": [b"clerk, old", b"cook", b""],
        "big": [3000000000, 7, 8],
        "note": [b"", b"x", b'say "hi"'],
    }
    assert first[1].dtype == tf.float64  # 1e300 is too much for float32
    assert first[1].numpy().tolist() == [1.5, 2.0, 1e300]
    assert columns(second[0])["job"] == [b"boss"]


def test_types_are_looked_for_in_the_first_rows_only(tmp_path):
    (tmp_path / "x.csv").write_text("x\n1\n2\n3.5\n")
    path = str(tmp_path / "x.csv")
    with pytest.raises(InvalidArgumentError, match=r"line 4: '3.5' is not a number of type int32"):
        list(make(path, 1, num_epochs=1, shuffle=False, num_rows_for_inference=2))
    assert make(path, 1, num_rows_for_inference=None).element_spec["x"].dtype == tf.float32


def test_columns_are_chosen_by_name_and_come_in_the_order_of_the_file(files):
    ds = make([str(files / "a.csv")], 2, select_columns=["pay", "age"], num_epochs=2,
              column_defaults=[[7], tf.float64], shuffle=False)  # fmt: skip
    assert [columns(batch) for batch in ds] == [
        {"age": [36, 7], "pay": [1.5, 2.0]},
        {"age": [41, 36], "pay": [1e300, 1.5]},
        {"age": [7, 41], "pay": [2.0, 1e300]},
    ]


def test_without_an_end_all_batches_are_full_and_rows_are_shuffled(files):
    ds = make(str(files / "*.csv"), 3, column_names=list("abcde"), shuffle_seed=1)
    assert ds.element_spec["a"] == tf.TensorSpec((3,), tf.int32)
    rows = [columns(batch)["d"] for batch in ds.take(40)]
    assert all(len(row) == 3 for row in rows)
    assert len({tuple(row) for row in rows}) > 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label_name": "q"}, "'q' is none of"),
        ({"column_names": ["a", "b"]}, "a.csv, line 2: 2 fields expected, got 5"),
        ({"column_defaults": [0]}, "5 columns, but 1 column_defaults"),
        ({"column_defaults": [tf.int32, "", 0.0, 0.0, ""]}, "line 3: field 0 is empty"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(files, options, message):
    with pytest.raises(InvalidArgumentError, match=message):
        list(make(str(files / "a.csv"), 2, num_epochs=1, shuffle=False, **options))


def test_files_that_are_not_there_or_differ(files):
    with pytest.raises(DataError, match="no file fits"):
        make(str(files / "c.csv"), 2)
    (files / "c.csv").write_text("other\n1\n")
    with pytest.raises(InvalidArgumentError, match="different names"):
        make(str(files / "*.csv"), 2)


def test_rows_that_are_wrong_may_be_passed_over(files):
    defaults = [tf.int32, "", 0.0, tf.int64, ""]
    (batch,) = make(str(files / "a.csv"), 9, column_defaults=defaults, num_epochs=1,
                    shuffle=False, ignore_errors=True)  # fmt: skip
    assert columns(batch)["age"] == [36, 41]
    assert columns(batch)["pay"] == [1.5, np.inf]


def test_a_dataset_of_rows(files):
    path = str(files / "b.csv.gz")
    with gzip.open(path, "wt") as file:
        file.write(MORE)
    ds = CsvDataset(path, [tf.int32, "none"], "GZIP", header=True, exclude_cols=[1, 2, 3])
    ((age, note),) = ds
    assert (age.dtype, age.numpy(), note.numpy()) == (tf.int32, 5, b"z")
    with pytest.raises(InvalidArgumentError, match="ascending order"):
        CsvDataset(path, [0, 0], select_cols=[3, 1])


def test_lines_are_taken_apart_in_pipelines():
    def parse(line):
        defaults = [0.0, 0.0, tf.constant([], tf.float32)]
        fields = tf.io.decode_csv(line, record_defaults=defaults)
        return tf.stack(fields[:-1]), fields[-1]

    lines = tf.data.Dataset.from_tensor_slices(["1,2,3", ",5,6", "7,8,"]).map(parse)
    found = [(x.numpy().tolist(), float(y)) for x, y in lines.take(2)]
    assert found == [([1.0, 2.0], 3.0), ([0.0, 5.0], 6.0)]
    with pytest.raises(InvalidArgumentError, match="field 2 is empty, and has no default"):
        list(lines)
    with pytest.raises(InvalidArgumentError, match="1 fields expected, got 2"):
        tf.io.decode_csv("1,2", [[0]])
