"""Everything that a tf.data pipeline does: making, mapping, batching, mixing, reducing."""

import numpy as np
import tensorflow as tf


def listed(dataset):
    return [x.tolist() if hasattr(x, "tolist") else x for x in dataset.as_numpy_iterator()]


numbers = tf.data.Dataset.range(10)
tensors = tf.data.Dataset.from_tensors([1, 2, 3])
slices = tf.data.Dataset.from_tensor_slices({"a": [1, 2], "b": [[3, 4], [5, 6]]})


def count(stop):
    for i in range(stop):
        yield i, [1] * i


generated = tf.data.Dataset.from_generator(
    count,
    args=[3],
    output_signature=(
        tf.TensorSpec(shape=(), dtype=tf.int32),
        tf.TensorSpec(shape=(None,), dtype=tf.int32),
    ),
)
padded = generated.padded_batch(3, padded_shapes=([], [None]))
old_style = tf.data.Dataset.from_generator(lambda: iter([1.0, 2.0]), output_types=tf.float32)
mapped = numbers.map(lambda x: x * 2, num_parallel_calls=tf.data.experimental.AUTOTUNE)
mapped = mapped.filter(lambda x: x % 3 == 0).repeat(2).take(5).skip(1)
batched = numbers.batch(4, drop_remainder=True)
rest = numbers.batch(batch_size=4)
zipped = tf.data.Dataset.zip((numbers, numbers.map(lambda x: x + 100))).take(2)
numbered = slices.enumerate(start=5)
interleaved = tf.data.Dataset.range(1, 4).interleave(
    lambda x: tf.data.Dataset.from_tensors(x).repeat(2), cycle_length=2, block_length=1
)
flat = tf.data.Dataset.from_tensor_slices([[1, 2], [3, 4]]).flat_map(
    tf.data.Dataset.from_tensor_slices
)
total = numbers.reduce(np.int64(0), lambda state, value: state + value)
joined = numbers.take(2).concatenate(numbers.skip(8))
unbatched = rest.unbatch()
sharded = numbers.shard(num_shards=3, index=1)
cached = numbers.cache().prefetch(buffer_size=tf.data.AUTOTUNE)
shuffled = numbers.shuffle(buffer_size=10, seed=1, reshuffle_each_iteration=False)
applied = numbers.apply(lambda ds: ds.filter(lambda x: x < 3))
options = tf.data.Options()
options.deterministic = True
with_options = numbers.with_options(options)
single = numbers.batch(10).get_single_element()
python = numbers.take(2).map(lambda x: tf.py_function(lambda v: v.numpy() + 1, [x], tf.int64))
through_numpy = numbers.take(2).map(lambda x: tf.numpy_function(lambda v: v * 10, [x], tf.int64))
windows = [[int(x) for x in window] for window in numbers.window(4, shift=3)]

with open("lines.txt", "w") as stream:
    stream.write("x,y\n1.0,2\n3.0,4\n")
with open("more.txt", "w") as stream:
    stream.write("5.0,6\n")
lines = tf.data.TextLineDataset("lines.txt").skip(1)
parsed = lines.map(lambda line: tf.strings.to_number(tf.strings.split(line, ",")))
both = tf.data.TextLineDataset(filenames=["lines.txt", "more.txt"])
files = tf.data.Dataset.list_files("*.txt", shuffle=False).map(
    lambda path: tf.strings.split(path, "/")[-1]
)
iterator = iter(numbers.batch(3))
first = next(iterator)

RESULT = {
    "slices": listed(slices),
    "tensors": listed(tensors),
    "padded": [t.numpy() for t in next(iter(padded))],
    "old style": listed(old_style),
    "mapped": listed(mapped),
    "batched": [listed(batched), [len(b) for b in rest]],
    "zipped": listed(zipped),
    "numbered": [int(i) for i, _ in numbered],
    "interleaved": listed(interleaved),
    "flat": listed(flat),
    "total": total.numpy(),
    "joined": listed(joined),
    "unbatched": len(listed(unbatched)),
    "sharded": listed(sharded),
    "cached": listed(cached),
    "shuffled": [sorted(listed(shuffled)), listed(shuffled) == listed(shuffled)],
    "applied": listed(applied),
    "options": listed(with_options.take(1)),
    "single": single,
    "python": [listed(python), listed(through_numpy)],
    "windows": windows,
    "parsed": listed(parsed),
    "lines": listed(both),
    "files": listed(files),
    "cardinality": [numbers.cardinality(), len(batched), tf.data.INFINITE_CARDINALITY],
    "spec": [rest.element_spec.shape, rest.element_spec.dtype.name],
    "first": first,
}
