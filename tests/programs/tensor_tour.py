"""What can be done with tensors: the tour that every introduction gives."""

import numpy as np
import tensorflow as tf

scalar = tf.constant(7)
matrix = tf.constant([[10, 7], [3, 2]], dtype=tf.float32, name="matrix")
filled = tf.constant(-1.0, shape=[2, 3])
ranged = tf.range(start=0, limit=12, delta=1, dtype=tf.int32)
cube = tf.reshape(ranged, shape=(2, 3, 2), name="cube")
joined = tf.concat([matrix, matrix + 1], axis=0)
stacked = tf.stack([matrix, 2 * matrix], axis=1)
first, second = tf.split(joined, num_or_size_splits=2, axis=0)
parts = tf.split(ranged, [2, 4, 6])
total = tf.reduce_sum(cube, axis=[0, 1])
mean = tf.reduce_mean(matrix, axis=1, keepdims=True)
largest = tf.argmax(matrix, axis=0, output_type=tf.int32)
product = tf.matmul(matrix, matrix, transpose_b=True)
picked = tf.gather(params=ranged, indices=[1, 5, 7])
along = tf.gather(cube, [0, 0], axis=1)
pairs = tf.gather(matrix, [[1], [0]], batch_dims=1, axis=1)
where = tf.where(matrix > 5, matrix, tf.zeros_like(matrix))
indices = tf.where(tf.constant([False, True, True]))
coded = tf.one_hot([0, 2], depth=3, dtype=tf.float32)
grid = tf.meshgrid(tf.range(2), tf.range(3))
sines = [tf.sin(0.0), tf.cos(0.0), tf.exp(1.0), tf.math.log(10.0), tf.sqrt(2.0), tf.pow(2.0, 3.0)]
extremes = [tf.reduce_max(cube), tf.reduce_min(matrix), tf.maximum(3, 5), tf.minimum(3, 5)]
booleans = tf.equal([1, 2], [1, 3])
converted = tf.convert_to_tensor(np.arange(3), dtype=tf.float32)
integers = tf.cast(tf.constant([1.8, -1.8]), dtype=tf.int32)

RESULT = {
    "ranks": [scalar.ndim, tf.rank(matrix), cube.shape.rank],
    "filled": filled,
    "shapes": [t.shape for t in (joined, stacked, first, cube, along)],
    "parts": [p.shape[0] for p in parts],
    "total": total,
    "mean": mean,
    "largest": largest,
    "product": product,
    "picked": picked,
    "along": along,
    "pairs": pairs,
    "where": where,
    "indices": indices,
    "coded": coded,
    "grid": grid,
    "functions": sines,
    "extremes": extremes,
    "booleans": booleans,
    "converted": converted,
    "integers": integers,
    "sliced": [cube[0, 1:, ::-1], cube[..., 0], matrix[:, tf.newaxis].shape, ranged[-3:]],
    "squeezed": tf.squeeze(tf.ones((1, 3, 1)), axis=0).shape,
    "expanded": tf.expand_dims(matrix, axis=-1).shape,
    "transposed": tf.transpose(cube, perm=[2, 0, 1]).shape,
    "size": tf.size(cube),
    "dtypes": [t.dtype.name for t in (scalar, matrix, booleans)],
    "tile": tf.tile([[1, 2]], [2, 2]),
    "norms": [tf.norm([3.0, 4.0]), tf.math.l2_normalize([3.0, 4.0])],
    "clip": tf.clip_by_value([-2.0, 0.5, 9.0], clip_value_min=0.0, clip_value_max=1.0),
    "cumsum": tf.cumsum([1, 2, 3]),
    "fill": tf.fill([2, 2], 9),
    "repeat": tf.repeat([1, 2], [2, 3]),
    "top": tf.math.top_k([1.0, 9.0, 4.0], k=2).indices,
    "einsum": tf.einsum("ij,jk->ik", matrix, matrix),
    "eye": tf.eye(2),
    "pad": tf.pad([[1, 2]], [[1, 0], [0, 1]]),
    "unstack": [t.numpy() for t in tf.unstack(matrix, axis=1)],
    "add": tf.add(1, 2),
    "add_n": tf.add_n([matrix, matrix]),
    "operators": [
        (matrix / 2).numpy(),
        (scalar // 2).numpy(),
        (scalar % 4).numpy(),
        (-scalar).numpy(),
    ],
    "text": tf.strings.join(["a", "b"], separator="-"),
    "same": bool(tf.reduce_all(tf.math.not_equal([1, 2], [3, 4]))),
    "floor": tf.floor([1.5, -1.5]),
    "abs": tf.abs([-3, 2]),
    "band": tf.linalg.band_part(tf.ones((3, 3)), -1, 0),
    "string": tf.constant("text").dtype == tf.string,
}
