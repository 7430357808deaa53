"""TFRecord files, Examples, and what parses them; compared with files that TensorFlow wrote."""

import contextlib
import copy
import gzip
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minitf as tf
from minitf.errors import DataError, DataLossError, InvalidArgumentError, UnimplementedError
from minitf.runtime.events import records as framing
from minitf.runtime.events.wire import read_varint, varint
from tests import event_files
from tests.pipelines import contents
from tests.reference import records as reference

FIXED = tf.io.FixedLenFeature
SEQUENCE = tf.io.FixedLenSequenceFeature


def feature(value):
    if isinstance(value[0], bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=value))
    if isinstance(value[0], int):
        return tf.train.Feature(int64_list=tf.train.Int64List(value=value))
    return tf.train.Feature(float_list=tf.train.FloatList(value=value))


def example(**values):
    features = {name: feature(value) for name, value in values.items()}
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def read(path, **how):
    return contents(tf.data.TFRecordDataset(path, **how))


# ---- against TensorFlow's own files


@pytest.mark.parametrize(
    ("path", "kind"), [(reference.PLAIN, None), (reference.PACKED, "GZIP")], ids=["plain", "gzip"]
)
def test_the_examples_of_tensorflow_are_read(path, kind):
    found = [tf.train.Example.FromString(c.numpy())
             for c in tf.data.TFRecordDataset(str(path), kind)]  # fmt: skip
    assert found == reference.examples(tf)
    integers = [list(e.features.feature["integers"].int64_list.value) for e in found]
    assert integers == reference.INTEGERS
    assert [e.features.feature["bytes"].bytes_list.value for e in found] == reference.BYTES
    floats = [e.features.feature["floats"].float_list.value for e in found]
    with np.errstate(over="ignore"):
        wanted = [np.array(f).astype(np.float32).tolist() for f in reference.FLOATS]
    np.testing.assert_equal([list(f) for f in floats], wanted)


@pytest.mark.parametrize("options", [None, "GZIP", tf.io.TFRecordOptions("GZIP")])
def test_what_is_written_is_what_tensorflow_writes(options, tmp_path):
    made = [e.SerializeToString() for e in reference.examples(tf)]
    reference.write(tf, tmp_path / "made", made, options)
    written = (tmp_path / "made").read_bytes()
    written = gzip.decompress(written) if options else written
    assert written == reference.PLAIN.read_bytes()


def test_serialized_tensors_are_those_of_tensorflow():
    stored = list(tf.data.TFRecordDataset(reference.TENSORS))
    for content, tensor in zip(stored, reference.tensors(tf), strict=True):
        assert tf.io.serialize_tensor(tensor).numpy() == content.numpy()
        found = tf.io.parse_tensor(content, tensor.dtype)
        assert found.dtype is tensor.dtype
        np.testing.assert_array_equal(found.numpy(), tensor.numpy())


# ---- files


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(max_size=300)), st.sampled_from([None, "GZIP"]))
def test_records_come_back_as_they_were(tmp_path_factory, records, kind):
    path = tmp_path_factory.mktemp("files") / "records"
    with tf.io.TFRecordWriter(path, kind) as writer:
        for record in records:
            writer.write(record)
    assert [r.numpy() for r in tf.data.TFRecordDataset(path, kind)] == records
    if not kind:
        assert list(event_files.records(path.read_bytes())) == records


@pytest.fixture
def two(tmp_path):
    """Return two files of three records each."""
    for name in "ab":
        reference.write(tf, tmp_path / name, [f"{name}{i}" for i in range(3)])
    return [str(tmp_path / "a"), str(tmp_path / "b")]


@pytest.mark.parametrize("given", [list, tf.constant, tf.data.Dataset.from_tensor_slices])
def test_several_files_come_one_after_the_other(given, two):
    assert read(given(two)) == [b"a0", b"a1", b"a2", b"b0", b"b1", b"b2"]
    assert read(given(two), num_parallel_reads=1) == read(given(two))


def test_several_files_at_a_time_take_turns(two):
    found = read(two, num_parallel_reads=2)
    assert found == [b"a0", b"b0", b"a1", b"b1", b"a2", b"b2"]
    assert sorted(read(two, num_parallel_reads=tf.data.AUTOTUNE)) == sorted(found)
    assert contents(tf.data.Dataset.from_tensor_slices(two).interleave(tf.data.TFRecordDataset))


def test_no_files_hold_no_records():
    assert read([]) == []


def test_an_empty_file_holds_no_records(tmp_path):
    (tmp_path / "empty").touch()
    assert read(tmp_path / "empty") == []


def test_a_dataset_is_written_by_the_experimental_writer(tmp_path):
    words = tf.data.Dataset.from_tensor_slices(["to", "be"])
    tf.data.experimental.TFRecordWriter(str(tmp_path / "w")).write(words)
    assert read(tmp_path / "w") == [b"to", b"be"]
    with pytest.raises(TypeError, match="single strings"):
        tf.data.experimental.TFRecordWriter(tmp_path / "n").write(tf.data.Dataset.range(2))


def flipped(content, at):
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


DAMAGED = {
    "cut in the header": (lambda c: c[:5], "truncated record at 0: 12 bytes .* 5"),
    "cut in the data": (lambda c: c[:13], "truncated record at 0: 6 bytes .* 1"),
    "cut in the last": (lambda c: c[:-1], "truncated record at 36: 6 bytes .* 5"),
    "a wrong length": (lambda c: flipped(c, 0), "corrupted record at 0; is it a TFRecord"),
    "a wrong check of the length": (lambda c: flipped(c, 18 + 8), "corrupted record at 18"),
    "wrong data": (lambda c: flipped(c, 13), "corrupted record at 0: the checksum of its 2 bytes"),
    "a wrong check of the data": (lambda c: flipped(c, 17), "corrupted record at 0: the checksum"),
    "another kind of file": (lambda c: b"\x89PNG\r\n\x1a\n" * 9, "corrupted record at 0"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_named_with_the_position(name, two):
    damage, message = DAMAGED[name]
    with open(two[0], "rb") as file:
        content = file.read()
    with open(two[0], "wb") as file:
        file.write(damage(content))
    with pytest.raises(
        DataLossError, match=rf"TFRecordDataset: .*a is damaged: {message}.*\[in te"
    ):
        read(two[0])


@pytest.mark.parametrize("kind", [None, "GZIP"])
def test_a_huge_length_with_a_right_checksum_takes_no_memory(kind, tmp_path):
    length = (2**62).to_bytes(8, "little")
    check = framing.masked_crc32c(length).to_bytes(4, "little")
    with (gzip.open if kind else open)(tmp_path / "huge", "wb") as file:
        file.write(length + check + b"little")
    with pytest.raises(DataLossError, match=f"truncated record at 0: {2**62 + 4} bytes.* 6"):
        read(tmp_path / "huge", compression_type=kind)


def test_a_damaged_packed_file_is_named(tmp_path):
    reference.write(tf, tmp_path / "packed", [os.urandom(500)] * 3, "GZIP")
    content = (tmp_path / "packed").read_bytes()
    for damaged in (content[:200], flipped(content, 300), b"no gzip"):
        (tmp_path / "packed").write_bytes(damaged)
        with pytest.raises(DataLossError, match="packed is damaged"):
            read(tmp_path / "packed", compression_type="GZIP")


def test_errors_of_files(tmp_path):
    with pytest.raises(DataError, match="missing cannot be read: No such file"):
        read(tmp_path / "missing")
    with pytest.raises(ValueError, match="compression_type is '' or 'GZIP', got 'BZ2'"):
        read(tmp_path / "missing", compression_type="BZ2")
    with pytest.raises(DataError, match="cannot be written"):
        tf.io.TFRecordWriter(tmp_path / "no" / "file")
    writer = tf.io.TFRecordWriter(tmp_path / "file")
    with pytest.raises(TypeError, match="expected bytes, got Example; .*SerializeToString"):
        writer.write(tf.train.Example())
    writer.close()
    with pytest.raises(tf.errors.FailedPreconditionError, match="file is closed"):
        writer.write(b"more")


@given(st.binary(max_size=100))
def test_the_compiled_checksum_is_the_same(data):
    assert framing._compiled()(data) == framing.crc32c(data) == event_files.crc32c(data)


# ---- Examples


def test_a_part_is_set_by_the_first_change_in_it():
    made = tf.train.Example()
    assert made.SerializeToString() == b""
    assert not made.HasField("features")
    assert not made.features.feature["x"].HasField("int64_list")
    made.features.feature["x"].int64_list.value.append(3)
    made.features.feature["x"].int64_list.value.extend(np.arange(2))
    assert made.HasField("features")
    assert made.features.feature["x"].int64_list.value == [3, 0, 1]
    del made.features.feature["x"].int64_list.value[0]
    made.features.feature["x"].int64_list.value[0] = 5
    made.features.feature["x"].int64_list.value[1:] = [6, 7]
    assert made.SerializeToString() == example(x=[5, 6, 7])


def test_a_feature_holds_one_list():
    made = feature([1, 2])
    old = made.int64_list
    assert made.WhichOneof("kind") == "int64_list"
    assert made.float_list.value == []
    made.float_list.value.append(0.5)
    assert made.WhichOneof("kind") == "float_list"
    assert made.int64_list.value == []
    old.value.append(4)  # belongs to nobody
    assert made.WhichOneof("kind") == "float_list"
    made.ClearField("float_list")
    assert made.WhichOneof("kind") is None
    assert made == tf.train.Feature()


def test_an_example_can_be_copied_and_shown():
    first = tf.train.Example.FromString(example(a=[b'x\0"'], m=[0.1, 2.0]))
    second = tf.train.Example()
    second.CopyFrom(first)
    assert first == second == copy.deepcopy(first)
    second.features.feature["m"].float_list.value.append(3)
    assert first != second
    assert " ".join(str(first).split()) == (
        'features { feature { key: "a" value { bytes_list { value: "x\\000\\"" } } } '
        'feature { key: "m" value { float_list { value: 0.1 value: 2 } } } }'
    )


def test_values_of_the_wrong_type_are_refused():
    for kind, value, message in [
        (tf.train.Int64List, [1.5], "integers, got 1.5"),
        (tf.train.Int64List, [True], "integers, got True"),
        (tf.train.Int64List, [2**63], "64 bits"),
        (tf.train.Int64List, 3, "sequence of values, got 3"),
        (tf.train.FloatList, ["1"], "numbers, got '1'"),
        (tf.train.FloatList, [[1.0]], "numbers, got"),
        (tf.train.BytesList, ["text"], "bytes, got 'text' .*encode"),
        (tf.train.BytesList, b"text", "bytes, got 116"),
    ]:
        with pytest.raises(InvalidArgumentError, match=message):
            kind(value=value)
    with pytest.raises(TypeError, match="int64_list is a tf.train.Int64List, got list"):
        tf.train.Feature(int64_list=[3])
    with pytest.raises(ValueError, match="Feature has no part 'ints'"):
        tf.train.Feature(ints=[3])
    with pytest.raises(TypeError, match="cannot be assigned"):
        feature([1]).int64_list = tf.train.Int64List()
    with pytest.raises(TypeError, match="CopyFrom"):
        tf.train.Features().feature["x"] = feature([1])
    with pytest.raises(AttributeError):
        _ = feature([1]).ints


def test_values_may_be_written_one_by_one():
    """As writers of other languages do: a field for each number, where Python packs them."""
    integers = b"".join(b"\x08" + varint(v) for v in (3, -1))
    assert tf.train.Int64List.FromString(integers).value == [3, -1]
    floats = b"".join(b"\x0d" + np.float32(v).tobytes() for v in (0.5, 2))
    assert tf.train.FloatList.FromString(floats).value == [0.5, 2.0]


@given(st.binary(max_size=40))
def test_any_bytes_are_an_example_or_an_error(content):
    with contextlib.suppress(DataError):
        tf.train.Example.FromString(content)
    with contextlib.suppress(InvalidArgumentError):
        tf.io.parse_single_example(np.array(content, object), {"x": SEQUENCE([], tf.int64, True)})


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_integers_are_written_as_one_by_one(values):
    content = tf.train.Int64List(value=values).SerializeToString()
    one_by_one = b"".join(map(varint, values))
    assert content == (b"\n" + varint(len(one_by_one)) + one_by_one if values else b"")
    assert tf.train.Int64List.FromString(content).value == values


def test_arrays_are_values_too():
    for array in (np.arange(3), np.arange(3, dtype=np.uint8), np.arange(3).astype(object)):
        assert tf.train.Int64List(value=array).value == [0, 1, 2]
        assert tf.train.FloatList(value=array).value == [0.0, 1.0, 2.0]
    assert tf.train.FloatList(value=tf.constant([0.5, 2.0])).value == [0.5, 2.0]
    assert tf.train.Int64List(value=[tf.constant(3), np.int8(-1)]).value == [3, -1]
    with pytest.raises(TypeError, match="integers, got .*0.0"):
        tf.train.Int64List(value=np.arange(3.0))


@given(st.integers(0, 2**64 - 1), st.binary(max_size=4))
def test_numbers_are_read_as_they_were_written(number, behind):
    written = varint(number)
    assert read_varint(b"x" + written + behind, 1) == (number, 1 + len(written))
    with pytest.raises(DataError, match="has no end"):
        read_varint(written[:-1], 0)


# ---- parsing


def test_features_of_one_example():
    content = example(label=[7], image=[b"\0\xff"], sizes=[1.0, 2.0, 3.0, 4.0], words=[b"a", b"b"])
    found = tf.io.parse_single_example(
        content,
        {
            "words": SEQUENCE([], tf.string, allow_missing=True),
            "label": FIXED([], tf.int64),
            "image": FIXED((), tf.string),
            "sizes": FIXED([2, 2], tf.float32),
            "pairs": SEQUENCE([2], tf.int64, allow_missing=True),
            "more": FIXED([2], tf.int64, default_value=[8, 9]),
        },
    )
    assert list(found) == ["image", "label", "more", "pairs", "sizes", "words"]
    assert found["label"].numpy() == 7
    assert found["label"].dtype is tf.int64
    assert found["image"].numpy() == b"\0\xff"
    assert found["sizes"].numpy().tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert found["words"].numpy().tolist() == [b"a", b"b"]
    assert found["more"].numpy().tolist() == [8, 9]
    assert found["pairs"].shape == (0, 2)


def test_features_of_several_examples():
    found = tf.io.parse_example(
        [example(n=[1, 2, 3, 4], x=[0.5]), example(n=[5, 6]), example()],
        {
            "n": SEQUENCE([2], tf.int64, allow_missing=True, default_value=-1),
            "x": FIXED([], tf.float32, default_value=0.0),
            "s": SEQUENCE([], tf.string, allow_missing=True),
        },
    )
    assert list(found) == ["n", "s", "x"]
    assert found["n"].numpy().tolist() == [[[1, 2], [3, 4]], [[5, 6], [-1, -1]], [[-1, -1]] * 2]
    assert found["x"].numpy().tolist() == [0.5, 0.0, 0.0]
    assert found["s"].shape == (3, 0)


def test_strings_of_several_examples():
    contents = [example(s=[b"a", b"\0\xff"], one=[b"x"]), example(s=[b"b"])]
    wanted = {
        "s": SEQUENCE([], tf.string, allow_missing=True, default_value="-"),
        "one": FIXED([], tf.string, default_value="none"),
        "two": FIXED([1], tf.string, default_value=b"\xff"),
    }
    found = tf.io.parse_example(contents, wanted)
    assert found["s"].numpy().tolist() == [[b"a", b"\0\xff"], [b"b", b"-"]]
    assert found["one"].numpy().tolist() == [b"x", b"none"]
    assert found["two"].numpy().tolist() == [[b"\xff"]] * 2
    assert tf.io.parse_single_example(contents[1], wanted)["one"].numpy() == b"none"


@pytest.mark.parametrize("parallel", [None, 2])
def test_in_a_pipeline(parallel, tmp_path):
    reference.write(tf, tmp_path / "f", [example(x=[i / 2, i * 2.0], y=[i]) for i in range(5)])
    wanted = {"x": FIXED([2], tf.float32), "y": FIXED([], tf.int64)}

    def parse(content):
        found = tf.io.parse_single_example(content, wanted)
        return found["x"], found["y"]

    single = tf.data.TFRecordDataset(str(tmp_path / "f")).map(parse, parallel).batch(3)
    assert single.element_spec[0].shape.as_list() == [None, 2]
    several = tf.data.TFRecordDataset(str(tmp_path / "f")).batch(3)
    several = several.map(lambda contents: tf.io.parse_example(contents, wanted))
    for (x, y), both in zip(single, several, strict=True):
        np.testing.assert_array_equal(x, both["x"])
        np.testing.assert_array_equal(y, both["y"])
    assert several.element_spec["x"].shape.as_list() == [None, 2]


def test_in_a_function():
    @tf.function
    def parse(contents):
        found = tf.io.parse_example(contents, {"x": FIXED([1], tf.float32)})
        return found["x"] * 2.0

    assert parse(tf.constant([example(x=[1.5]), example(x=[2.0])])).numpy().tolist() == [
        [3.0],
        [4.0],
    ]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"n": FIXED([], tf.int64)}, "feature 'n': shape .* needs 1 value.*, there are 3"),
        ({"n": FIXED([3], tf.float32)}, "'n': expected float32, the Example holds a int64_list"),
        ({"n": FIXED([3], tf.int32)}, "'n': an Example holds int64, .* not int32; tf.cast"),
        ({"n": FIXED([None], tf.int64)}, "'n': shape .* FixedLenSequenceFeature"),
        ({"x": FIXED([2], tf.int64)}, "feature 'x' .of int64. is missing, and has no default"),
        ({"x": FIXED([2], tf.int64, 7)}, "feature 'x': default_value: expected 2 of int64, got 7"),
        ({"x": FIXED([1], tf.string, 7)}, "feature 'x': default_value: expected 1 of string"),
        ({"n": SEQUENCE([], tf.int64)}, "'n': .* needs allow_missing=True"),
        ({"n": SEQUENCE([2], tf.int64, True)}, "'n': .* groups of 2 .* there are 3"),
        ({"n": tf.int64}, "feature 'n': expected a tf.io.FixedLenFeature"),
        ({}, "features is empty"),
    ],
)
def test_what_does_not_fit_is_said(wanted, message):
    with pytest.raises(
        InvalidArgumentError, match=rf"parse_single_example: .*{message}.*\[in test_"
    ):
        tf.io.parse_single_example(example(n=[1, 2, 3]), wanted)


def test_which_example_does_not_fit():
    wanted = {"n": FIXED([], tf.int64)}
    with pytest.raises(InvalidArgumentError, match="example 1: feature 'n'"):
        tf.io.parse_example([example(n=[1]), example()], wanted)
    with pytest.raises(InvalidArgumentError, match="string 1: not a tf.train.Example"):
        tf.io.parse_example([example(n=[1]), b"abc"], wanted)
    with pytest.raises(InvalidArgumentError, match="one string, .*parse_example takes several"):
        tf.io.parse_single_example([example(n=[1])], wanted)


def test_sparse_features_say_what_to_use_instead():
    with pytest.raises(UnimplementedError, match="SparseFeature: .*io.VarLenFeature"):
        tf.io.SparseFeature("index", "value", tf.int64, 3)


# ---- tensors in bytes


def test_raw_numbers():
    assert tf.io.decode_raw([b"abcd"], tf.uint8).numpy().tolist() == [[97, 98, 99, 100]]
    assert tf.io.decode_raw(b"\1\0", tf.int16, little_endian=False).numpy().tolist() == [256]
    padded = tf.io.decode_raw([b"abcd", b"efg"], tf.int16, fixed_length=6)
    assert padded.numpy().tolist() == [[25185, 25699, 0], [26213, 103, 0]]
    for wrong, message in [([b"ab", b"a"], "2 lengths"), ([b"abc"], "no whole numbers")]:
        with pytest.raises(InvalidArgumentError, match=f"decode_raw: .*{message}"):
            tf.io.decode_raw(wrong, tf.int16)
    with pytest.raises(InvalidArgumentError, match="multiple of the 2 bytes"):
        tf.io.decode_raw([b"abc"], tf.int16, fixed_length=3)
    with pytest.raises(TypeError, match="expected strings"):
        tf.io.decode_raw([1.0], tf.int16)


def test_a_tensor_in_a_pipeline():
    dataset = tf.data.Dataset.from_tensor_slices(np.eye(3, dtype=np.float32))
    dataset = dataset.map(tf.io.serialize_tensor).map(lambda t: tf.io.parse_tensor(t, tf.float32))
    np.testing.assert_array_equal(np.stack(list(dataset.as_numpy_iterator())), np.eye(3))


@settings(max_examples=50)
@given(st.binary(max_size=30))
def test_any_bytes_are_a_tensor_or_an_error(content):
    with contextlib.suppress(InvalidArgumentError):
        tf.io.parse_tensor(np.array(content, object), tf.float32)


def test_a_tensor_that_is_too_large_takes_no_memory():
    size = varint(2**40)
    shape = b"\x12" + varint(2 + len(size) + 0) + b"\x12" + varint(1 + len(size)) + b"\x08" + size
    with pytest.raises(InvalidArgumentError, match="not a serialized tensor"):
        tf.io.parse_tensor(np.array(b"\x08\x01" + shape, object), tf.float32)


def test_errors_of_tensors():
    content = tf.io.serialize_tensor([1, 2])
    with pytest.raises(TypeError, match="parse_tensor: .*of type int32, expected float32"):
        tf.io.parse_tensor(content, tf.float32)
    with pytest.raises(UnimplementedError, match="parse_tensor: .*call it eagerly"):
        tf.function(lambda c: tf.io.parse_tensor(c, tf.int32))(content)


# ---- strings


def test_bytes_beside_text_are_strings():
    assert tf.constant(["a", b"\xff"]).numpy().tolist() == [b"a", b"\xff"]
    assert tf.constant([], tf.string).shape == (0,)
