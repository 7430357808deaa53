"""Moving numbers about: shapes, joining and splitting, padding, fills, ranges."""

from .case import Case, bools, case, f16, f32, f64, ints, lit, program

CASES: list[Case] = [
    case("reshape", f32(2, 6), [3, 4]),
    case("reshape", f64(2, 6), [4, -1]),
    case("reshape", f32(2, 3), [-1]),
    case("reshape", f32(1), []),
    case("reshape", f32(0, 3), [3, 0]),
    case("reshape", f32(0, 3), [-1, 3]),
    case("reshape", ints(4), lit([2, 2], "int32")),
    case("reshape", tensor=f32(4), shape=(2, 2)),
    case("transpose", f32(2, 3)),
    case("transpose", f64(2, 3, 4)),
    case("transpose", f64(2, 3, 4), perm=[1, 2, 0]),
    case("transpose", ints(2, 3, 4), [0, 2, 1]),
    case("expand_dims", f32(2, 3), 0),
    case("expand_dims", f32(2, 3), -1),
    case("expand_dims", f32(2, 3), axis=1),
    case("expand_dims", 5, 0),
    case("squeeze", f32(1, 2, 1, 3)),
    case("squeeze", f64(1, 2, 1, 3), axis=[2]),
    case("squeeze", f64(1, 2, 1), axis=-1),
    case("squeeze", f64(1, 2, 1), 0),
    # joining
    case("concat", [f32(2, 3), f32(1, 3)], 0),
    case("concat", [f64(2, 3), f64(2, 1), f64(2, 2)], axis=-1),
    case("concat", [f32(2, 0), f32(2, 3)], axis=1),
    case("concat", [ints(2), ints(3)], axis=0),
    case("concat", [f32(2, 3)], axis=0),
    case("stack", [f32(2, 3), f32(2, 3)]),
    case("stack", [f64(2, 3), f64(2, 3), f64(2, 3)], axis=-1),
    case("stack", [f64(2), f64(2)], 1),
    case("stack", [1, 2, 3]),
    case("stack", f32(2, 3), axis=1).check(in_graph=False),
    case("unstack", f32(3, 2)),
    case("unstack", f64(2, 3), axis=-1),
    case("unstack", f64(2, 3), num=3, axis=1),
    case("split", f32(4, 6), 3, axis=1),
    case("split", f64(6, 2), [1, 3, 2]),
    case("split", f64(6, 2), [1, -1, 2], 0),
    case("split", value=f32(4), num_or_size_splits=2),
    case("tile", f32(2, 3), [2, 1]),
    case("tile", f64(2, 3), multiples=[2, 3]),
    case("tile", ints(3), [4]),
    case("tile", f32(2, 3), [0, 2]),
    case("repeat", f32(2, 3), 2),
    case("repeat", f64(2, 3), repeats=2, axis=1),
    case("repeat", f64(3, 2), repeats=[1, 0, 2], axis=0),
    case("repeat", ints(3), [2, 1, 3]),
    case("repeat", f64(2, 3), 3, -1),
    case("pad", f32(2, 3), [[1, 2], [0, 1]]),
    case("pad", f64(2, 3), [[1, 0], [2, 2]], "CONSTANT", 9),
    case("pad", f64(3, 4), [[1, 2], [2, 0]], mode="REFLECT"),
    case("pad", f64(3, 4), [[1, 2], [2, 0]], mode="SYMMETRIC"),
    case("pad", f64(2, 3, 4), [[0, 0], [2, 1], [1, 3]], "reflect").check(order=1),
    case("pad", ints(3), [[1, 1]], constant_values=-1),
    case("reverse", f32(2, 3), [0]),
    case("reverse", f64(2, 3, 4), axis=[0, -1]),
    case("reverse", ints(4), [0]),
    case("roll", f32(5), 2, 0),
    case("roll", f64(3, 4), shift=[1, -2], axis=[0, 1]),
    case("roll", f64(3, 4), shift=-1, axis=-1),
    case("roll", f64(4), shift=9, axis=0),
    # fills and ranges
    case("zeros", [2, 3]),
    case("zeros", [], "int64"),
    case("ones", [2, 3], dtype="float64"),
    case("ones", (2,), dtype="bool"),
    case("zeros_like", f32(2, 3)),
    case("zeros_like", ints(3), dtype="float64"),
    case("ones_like", ints(2, 2)),
    case("ones_like", f64(3)),
    case("fill", [2, 3], 7),
    case("fill", [2], 1.5),
    case("fill", [2, 2], f32()),
    case("fill", [2], True),
    case("range", 5),
    case("range", 2, 11, 3),
    case("range", 5, 0, -2),
    case("range", 0.0, 1.0, 0.25),
    case("range", 3, dtype="float32"),
    case("range", 1, 4, dtype="int64"),
    case("range", 5, 5),
    case("range", start=1, limit=6, delta=2),
    case("linspace", 0.0, 1.0, 5),
    case("linspace", lit(2.0, "float64"), lit(-1.0, "float64"), 4),
    case("linspace", lit([0.0, 10.0]), lit([1.0, 20.0]), 3).check(order=1),
    case("linspace", lit([0.0, 10.0]), lit([1.0, 20.0]), 3, axis=-1).check(order=0),
    case("linspace", 2.0, 5.0, 1),
    case("meshgrid", f32(3), f32(2)),
    case("meshgrid", f64(3), f64(2), indexing="ij"),
    case("meshgrid", ints(2), ints(3), ints(2)),
    case("broadcast_to", f32(3), [2, 3]),
    case("broadcast_to", f64(2, 1, 3), [4, 2, 5, 3]),
    case("broadcast_to", f32(), [2, 2]),
    case("broadcast_to", ints(1), [0]),
    case("broadcast_dynamic_shape", lit([2, 1, 3], "int32"), lit([4, 1], "int32")),
    case("identity", f32(2, 3)),
    case("identity", [1, 2, 3]),
    case("stop_gradient", f32(2, 3)),
    case("ensure_shape", f32(2, 3), [None, 3]),
    case("shape", f32(2, 3)),
    case("shape", f32(2, 0), out_type="int64"),
    case("shape", 1.0),
    case("size", f32(2, 3)),
    case("size", f32(0, 3)),
    case("rank", f32(2, 3, 1)),
    case("rank", 3),
    case("shape_n", [f32(2, 3), f32(4)]),
    case("one_hot", [0, 2, -1, 5], 3),
    case("one_hot", ints(2, 3, low=0, high=4), 4, axis=1),
    case("one_hot", lit([1, 0], "int64"), depth=3, on_value=5.0, off_value=-1.0, axis=0),
    case("one_hot", lit([1, 0], "int32"), 2, on_value=True, off_value=False, dtype="bool"),
    case("one_hot", lit(1, "int32"), 3, dtype="int32"),
    case("one_hot", lit([1, 2], "uint8"), 3, 1.0, 0.0, -1, "float64"),
    case("sequence_mask", [1, 3, 2]),
    case("sequence_mask", [[1, 0], [3, 2]], maxlen=4),
    case("sequence_mask", [1, 3], 5, "float32"),
    case("constant", [1, 2, 3]),
    case("constant", 1.5),
    case("constant", [[1.0, 2.0], [3.0, 4.0]], dtype="float64"),
    case("constant", 7, shape=[2, 2]),
    case("constant", [1, 2, 3, 4], "float32", [2, 2]),
    case("constant", True),
    case("constant", [[]]),
    case("convert_to_tensor", [[1, 2], [3, 4]], dtype="float32"),
    case("convert_to_tensor", f32(2)),
    case("convert_to_tensor", [f32(), f32()]),
    case("tensor_scatter_nd_add", f64(4), lit([[1], [3], [1]], "int32"), f64(3)),
    case("nn.space_to_depth", f64(1, 4, 4, 2), 2),
    case("nn.depth_to_space", f64(1, 2, 2, 8), 2),
    case("identity_n", [f32(2), f32(3)]),
    case("concat", [f16(2), f16(3)], 0).check(order=1),
    case("transpose", bools(2, 3)),
]


@program(CASES, "shape reshape concat", f32(2, 3, 4))
def flatten_by_computed_shape(tf, x):
    s = tf.shape(x)
    return tf.reshape(x, tf.stack([s[0] * s[1], s[2]])), tf.reshape(x, [s[0], -1])


@program(CASES, "broadcast_static_shape TensorShape", in_graph=False)
def static_shapes(tf):
    shape = tf.broadcast_static_shape(tf.TensorShape([2, 1]), tf.TensorShape([3]))
    return shape.as_list(), shape.rank, shape.num_elements(), tf.TensorShape([None, 3]).rank


@program(CASES, "split concat", f64(3, 4))
def split_and_join(tf, x):
    a, b = tf.split(x, 2, axis=1)
    return tf.concat([b * a, a], axis=0)


@program(CASES, "meshgrid stack", f64(2), f64(3))
def grid_of_points(tf, x, y):
    return tf.stack(tf.meshgrid(x, y), axis=-1)


@program(CASES, "shape size", f32(2, 0))
def counts_as_int64(tf, x):
    return tf.shape(x, tf.int64), tf.size(x, out_type=tf.int64)


@program(CASES, "newaxis", f32(2, 3))
def newaxis(tf, x):
    return x[:, tf.newaxis], x[tf.newaxis, ..., tf.newaxis]
