"""Picking out and putting in: slices, gather, scatter, masks, and Python's square brackets."""

from .case import Case, bools, case, f32, f64, ints, lit, program

LEFT = slice(None, 2)
CASES: list[Case] = [
    case("slice", f32(4, 5), [1, 2], [2, 3]),
    case("slice", f64(4, 5), begin=[1, 0], size=[-1, 2]),
    case("slice", ints(3, 4), [0, 0], [0, 4]),
    case("strided_slice", f32(4, 6), [1, 0], [4, 6], [2, 3]),
    case("strided_slice", f64(4, 6), [3, -1], [0, -6], [-1, -2]),
    case("strided_slice", f64(4, 6), [1, 2], [2, 5], shrink_axis_mask=1),
    case("strided_slice", f64(4, 6), [1, 1], [3, 3], begin_mask=1, end_mask=2),
    case("strided_slice", f64(4, 6), [0, 0], [0, 2], new_axis_mask=1).check(order=1),
    # gather
    case("gather", f32(5, 3), lit([3, 0, 3], "int32")),
    case("gather", f64(5, 3), ints(2, 2, low=0, high=5)),
    case("gather", f64(3, 4), lit([2, 0], "int64"), axis=1),
    case("gather", f64(2, 3, 4), ints(2, 2, low=0, high=4), axis=-1),
    case("gather", f64(2, 5), ints(2, 3, low=0, high=5), batch_dims=1),
    case("gather", f64(2, 3, 4), ints(2, 2, low=0, high=4), axis=2, batch_dims=1),
    case("gather", f64(2, 3, 4), ints(2, 3, low=0, high=4), batch_dims=2),
    case("gather", f32(5), 2),
    case("gather", f32(5, 2), lit([], "int32")),
    case("gather", ints(5), [1, 1, 4]),
    case("gather", params=f32(5), indices=[0, 4], axis=0),
    case("gather_nd", f32(3, 4), lit([[0, 1], [2, 3]], "int32")),
    case("gather_nd", f64(3, 4), lit([[2], [0]], "int32")),
    case("gather_nd", f64(2, 3, 4), lit([[[0, 1]], [[1, 2]]], "int64")),
    case("gather_nd", f64(2, 3, 4), lit([[1], [2]], "int32"), batch_dims=1),
    case("gather_nd", f64(2, 3, 4), lit([[[2, 3], [0, 0]], [[1, 1], [1, 1]]], "int32"), 1),
    case("nn.embedding_lookup", f32(6, 3), ints(2, 4, low=0, high=6)),
    case("nn.embedding_lookup", f64(6, 3), lit([5, 5, 0], "int64")),
    # scatter
    case("scatter_nd", lit([[4], [3], [1]], "int32"), f32(3), [6]),
    case("scatter_nd", lit([[0], [2], [0]], "int32"), f64(3, 2), [4, 2]),
    case("scatter_nd", lit([[0, 1], [1, 0]], "int32"), ints(2), shape=[2, 2]),
    case("tensor_scatter_nd_add", f64(4, 3), lit([[0], [2], [0]], "int32"), f64(3, 3)),
    case("tensor_scatter_nd_sub", f64(4, 3), lit([[0], [2], [0]], "int32"), f64(3, 3)),
    case("tensor_scatter_nd_update", f32(4), lit([[3], [1]], "int32"), f32(2)),
    case("tensor_scatter_nd_update", f64(3, 4), lit([[0, 1], [2, 3]], "int32"), f64(2)),
    case("tensor_scatter_nd_max", f64(4), lit([[3], [1]], "int32"), f64(2)).check(order=1),
    case("tensor_scatter_nd_min", f64(4), lit([[3], [1]], "int32"), f64(2)).check(order=1),
    case("tensor_scatter_nd_max", ints(4), lit([[3], [1], [3]], "int32"), ints(3)),
    # masks and partitions
    case("boolean_mask", f32(5), bools(5)),
    case("boolean_mask", f64(3, 4), bools(3)),
    case("boolean_mask", f64(3, 4), bools(3, 4)),
    case("boolean_mask", f64(2, 3, 4), bools(3), axis=1),
    case("boolean_mask", ints(4), [True, False, True, True]),
    case("boolean_mask", f32(3), lit([False, False, False], "bool")),
    case("dynamic_partition", f64(5, 2), lit([0, 1, 0, 2, 1], "int32"), 3).check(order=1),
    case("dynamic_stitch", [lit([0, 2], "int32"), lit([1, 3], "int32")], [f64(2, 2), f64(2, 2)]),
    # square brackets
    case("operator.getitem", f32(4, 5), 1),
    case("operator.getitem", f32(4, 5), -1),
    case("operator.getitem", f32(4, 5), (2, -3)),
    case("operator.getitem", f64(4, 5), slice(1, 3)),
    case("operator.getitem", f64(4, 5), (slice(1, None), slice(None, None, 2))),
    case("operator.getitem", f64(4, 5), (slice(None, None, -1), slice(-2, None))),
    case("operator.getitem", f64(4, 5), (slice(None), slice(4, 0, -2))),
    case("operator.getitem", f64(4, 5), (slice(2, 2), 1)),
    case("operator.getitem", f64(4, 5), slice(-100, 100)),
    case("operator.getitem", f64(2, 3, 4), (..., 1)),
    case("operator.getitem", f64(2, 3, 4), (0, ..., None)),
    case("operator.getitem", f64(2, 3, 4), (None, ..., slice(None, None, 3))),
    case("operator.getitem", f64(2, 3, 4), (1, None, slice(0, 2), -1)),
    case("operator.getitem", f64(2, 3, 4), ...),
    case("operator.getitem", ints(4, 5), (slice(1, 3), LEFT)),
    case("operator.getitem", bools(4), slice(1, 4, 2)),
    case("operator.getitem", f64(3, 4), bools(3)),
    case("operator.getitem", f64(3, 4), bools(3, 4)),
    case("operator.getitem", f64(5, 2), lit(3, "int32")),
]


@program(CASES, "Tensor", f64(5, 2), lit(1, "int32"))
def slice_from_a_tensor(tf, x, start):
    return x[start:], x[: start + 2, 0], x[-start]


@program(CASES, "boolean_mask", f64(6))
def masked_square(tf, x):
    return tf.boolean_mask(x * x, x > 0)


@program(CASES, "gather", f64(4, 3), lit([1, 1, 2], "int32"))
def gathered_twice(tf, table, ids):
    """One table read in two ways: the gradients of the two reads meet."""
    return tf.gather(table, ids) * tf.gather(table, ids[::-1]), table[0] * table[1]


@program(CASES, "gather_nd where", f64(3, 4))
def gather_where(tf, x):
    return tf.gather_nd(x, tf.where(x > 0))


@program(CASES, "scatter_nd shape", lit([[1], [3]], "int32"), f64(2))
def scatter_then_square(tf, indices, updates):
    return tf.scatter_nd(indices, updates, tf.constant([5])) ** 2


@program(CASES, "unstack", f64(3, 2))
def iterate_rows(tf, x):
    first, *others = tf.unstack(x)
    return [first * row for row in others]


@program(CASES, "Tensor", f64(3, 2), in_graph=False)
def iterate_a_tensor(tf, x):
    return [row * row for row in x], len(x)
