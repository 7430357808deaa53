"""TFRecord files that TensorFlow wrote: one program for both frameworks.

TensorFlow is needed only to write `records/`, which `tests/test_tfrecord.py` reads, and compares
with what minitf writes::

    ../tensorflow/bin/python -m tests.reference.records
"""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "records"
PLAIN, PACKED = FOLDER / "examples.tfrecord", FOLDER / "examples.tfrecord.gz"
TENSORS = FOLDER / "tensors.tfrecord"

INTEGERS = [[], [0], [127, 128], [-1, 2**63 - 1, -(2**63)], list(range(0, 70000, 999))]
FLOATS = [[0.1], [], [1e300, -1e-300, 3.0], [float("nan")], [i / 7 for i in range(40)]]
BYTES = [[b"one"], [b"\0\xff\0", b""], ["gr\u00fc\u00df".encode()], [], [b"x" * 300]]


def examples(tf):
    """Return Examples with all kinds of features."""

    def features(i):
        yield "number", tf.train.Feature(int64_list=tf.train.Int64List(value=[i]))
        yield "integers", tf.train.Feature(int64_list=tf.train.Int64List(value=INTEGERS[i]))
        yield "floats", tf.train.Feature(float_list=tf.train.FloatList(value=FLOATS[i]))
        yield "bytes", tf.train.Feature(bytes_list=tf.train.BytesList(value=BYTES[i]))
        if i % 2:
            yield "sometimes", tf.train.Feature(float_list=tf.train.FloatList(value=[i]))
        if i == 3:
            yield "nothing", tf.train.Feature()

    made = [tf.train.Features(feature=dict(features(i))) for i in range(len(INTEGERS))]
    return [tf.train.Example(features=f) for f in made]


def tensors(tf):
    """Return tensors of all kinds."""
    types = "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool"
    arrays = [np.arange(6).reshape(2, 3).astype(t) for t in types.split()]
    arrays += [np.zeros((0, 3), np.float32), np.float32(0.5), np.array([1 - 2j])]
    return [*map(tf.constant, arrays), tf.constant([b"a", b"\xff\0"]), tf.constant("")]


def write(tf, path, contents, options=None):
    """Write strings of bytes into a file."""
    with tf.io.TFRecordWriter(str(path), options) as writer:
        for content in contents:
            writer.write(content)


def main():
    """Write the files under TensorFlow."""
    import tensorflow as tf

    FOLDER.mkdir(exist_ok=True)
    serialized = [e.SerializeToString(deterministic=True) for e in examples(tf)]
    write(tf, PLAIN, serialized)
    write(tf, PACKED, serialized, "GZIP")
    write(tf, TENSORS, [tf.io.serialize_tensor(t).numpy() for t in tensors(tf)])


if __name__ == "__main__":
    main()
