"""Python's operators on Tensors, dtype rules, and calls that must be refused."""

from .case import Case, bools, case, f16, f32, f64, ints, lit, program

CASES: list[Case] = []
for name in ["add", "sub", "mul", "truediv", "floordiv", "mod"]:
    CASES += [
        case(f"operator.{name}", f32(2, 3), 2),
        case(f"operator.{name}", 2, f32(2, 3, low=0.5)),
        case(f"operator.{name}", f64(2, 3), f64(3, low=0.5)),
        case(f"operator.{name}", lit([-7, 7, -6], "int32"), lit([3, -3, 4], "int32")),
        case(f"operator.{name}", 7, lit([2, -3, 4], "int32")),
        case(f"operator.{name}", lit([-7, 7, -6], "int64"), 4),
        case(f"operator.{name}", f16(3), 1.5).check(order=1),
        case(f"operator.{name}", f64(2), [0.5, 1.5]),
    ]
for name in ["lt", "le", "gt", "ge", "eq", "ne"]:
    CASES += [
        case(f"operator.{name}", ints(4), 1),
        case(f"operator.{name}", f32(2, 3), f32(3)),
        case(f"operator.{name}", 0.5, f32(4)),
    ]
for name in ["and_", "or_", "xor"]:
    CASES += [
        case(f"operator.{name}", bools(6), bools(6)),
        case(f"operator.{name}", bools(3), True),
    ]

CASES += [
    case("operator.pow", f64(3, low=0.5), 2.5),
    case("operator.pow", f64(3), 2),
    case("operator.pow", 2.0, f64(3)),
    case("operator.pow", f64(2, 1, low=0.5), f64(3)),
    case("operator.pow", ints(4), 3),
    case("operator.neg", f64(3)),
    case("operator.neg", ints(3)),
    case("operator.abs", f64(3)),
    case("operator.matmul", f64(2, 3), f64(3, 2)),
    case("operator.matmul", f64(2, 2, 3), f64(3, 4)),
    # refused: no dtype is silently converted into another, no shape forced on a partner
    case("add", ints(3), f32(3)).check(fails=True),
    case("add", f32(3), f64(3)).check(fails=True),
    case("multiply", ints(3), ints(3, dtype="int64")).check(fails=True),
    case("operator.add", ints(3), 0.5).check(fails=True),
    case("add", f32(3), f32(4)).check(fails=True),
    case("matmul", f32(3, 4), f32(3, 4)).check(fails=True),
    case("matmul", f32(3), f32(3)).check(fails=True),
    case("matmul", f32(2, 3, 4), f32(3, 4, 5)).check(fails=True),
    case("reshape", f32(2, 3), [4, 2]).check(fails=True),
    case("reshape", f32(2, 3), [-1, -1]).check(fails=True),
    case("concat", [f32(2, 3), f32(2, 4)], 0).check(fails=True),
    case("concat", [f32(2, 3), f32(2, 3)], 2).check(fails=True),
    case("stack", [f32(2), f32(3)]).check(fails=True),
    case("reduce_sum", f32(2, 3), axis=2).check(fails=True),
    case("reduce_all", f32(3)).check(fails=True),
    case("logical_and", f32(3), f32(3)).check(fails=True),
    case("squeeze", f32(2, 3), axis=0).check(fails=True),
    case("expand_dims", f32(2, 3), 4).check(fails=True),
    case("transpose", f32(2, 3), [0, 0]).check(fails=True),
    case("gather", f32(3), lit([3], "int32")).check(fails=True),
    case("gather", f32(3), f32(2)).check(fails=True),
    case("gather_nd", f32(3, 2), lit([[0, 5]], "int32")).check(fails=True),
    case("split", f32(5, 2), 2).check(fails=True),
    case("split", f32(5, 2), [2, 2]).check(fails=True),
    case("tile", f32(2, 3), [2]).check(fails=True),
    case("pad", f32(2, 3), [[3, 0], [0, 0]], "REFLECT").check(fails=True),
    case("einsum", "ij,jk->ik", f32(2, 3), f32(4, 2)).check(fails=True),
    case("linalg.inv", f32(2, 3)).check(fails=True),
    case("nn.conv2d", f32(1, 4, 4, 2), f32(2, 2, 3, 1), 1, "SAME").check(fails=True),
    case("nn.bias_add", f32(2, 3), f32(4)).check(fails=True),
    case("nn.softmax_cross_entropy_with_logits", f32(2, 3), f32(2, 4)).check(fails=True),
    case("nn.sparse_softmax_cross_entropy_with_logits", [0, 1], f32(3, 4)).check(fails=True),
    case("broadcast_to", f32(3), [2, 4]).check(fails=True),
    case("ensure_shape", f32(2, 3), [2, 4]).check(fails=True),
    case("math.top_k", f32(3), k=4).check(fails=True),
    case("operator.getitem", f32(3), 3).check(fails=True),
    case("operator.getitem", f32(3), (0, 0)).check(fails=True),
    case("scatter_nd", lit([[9]], "int32"), f32(1), [4]).check(fails=True),
    case("unstack", f32(3, 2), num=2).check(fails=True),
    case("where", bools(3), f32(3), f32(4)).check(fails=True),
    case("sqrt", ints(3)).check(fails=True),
    case("exp", ints(3)).check(fails=True),
]
CASES += [
    case("debugging.assert_equal", ints(3), lit([9, 9, 9], "int32")).check(fails=True),
    case("debugging.assert_less", f32(3), lit(-2.0)).check(fails=True),
    case("debugging.assert_rank", f32(3), 2).check(fails=True),
    case("debugging.assert_shapes", [(f32(2, 3), (2, 4))]).check(fails=True),
    case("debugging.check_numerics", lit([1.0, float("nan")]), "bad").check(fails=True),
    case("debugging.check_numerics", f32(2, 3), "good"),
]


@program(CASES, "random.normal random.uniform random.truncated_normal random.stateless_uniform")
def what_is_certain_of_random_numbers(tf):
    u = tf.random.uniform([2, 50], minval=1.0, maxval=3.0, dtype=tf.float64)
    n = tf.random.truncated_normal([50], stddev=0.5)
    k = tf.random.uniform([50], maxval=4, dtype=tf.int32)
    same = [tf.random.stateless_uniform([4], seed=[1, 2]) for _ in range(2)]
    return (
        tf.shape(tf.random.normal([2, 3])),
        tf.reduce_all((u >= 1) & (u < 3)),
        tf.reduce_all(tf.abs(n) <= 1.0),
        tf.reduce_all((k >= 0) & (k < 4)),
        tf.reduce_all(same[0] == same[1]),
    )


@program(CASES, "random.shuffle random.categorical random.gamma", f32(6))
def what_is_certain_of_draws(tf, x):
    drawn = tf.random.categorical([[0.0, -1e9, -1e9]], 5)
    shuffled = tf.sort(tf.random.shuffle(x))
    return drawn, tf.sort(x) == shuffled, tf.reduce_all(tf.random.gamma([9], 2.0) > 0)


@program(CASES, "constant convert_to_tensor", in_graph=False)
def dtypes_of_python_numbers(tf):
    return (
        tf.constant(1),
        tf.constant(1.0),
        tf.constant([1, 2.5]),
        tf.constant(True),
        tf.constant(2**40),
        tf.convert_to_tensor([[1], [2]]),
        tf.constant(1, tf.uint8),
    )


@program(CASES, "Tensor", f64(3), ints(2, 3))
def literals_take_the_tensors_dtype(tf, x, n):
    return x + 1, 2 * x, x - 0.5, 1 / x, n + 1, 3 - n, n * 2, x * [1, 2, 3], n // 2, n / 2


@program(CASES, "shape rank size", f32(2, 3))
def dtypes_of_what_is_counted(tf, x):
    return (
        tf.shape(x),
        tf.rank(x),
        tf.size(x),
        tf.argmax(x, 1),
        tf.math.count_nonzero(x),
        tf.where(x > 0),
        tf.argsort(x),
        tf.range(3),
    )


@program(CASES, "Tensor", f32(2, 3), in_graph=False)
def what_a_tensor_tells(tf, x):
    return (
        x.shape[0],
        x.shape.as_list(),
        x.ndim,
        len(x),
        float(x[0, 0]),
        int(x[1, 1]),
        x.dtype == tf.float32,
        x.shape == (2, 3),
        tf.is_tensor(x),
        tf.is_tensor(3),
    )


@program(CASES, "Tensor", f64(2, 3))
def many_operators(tf, x):
    y = (x * 2 - 1) / (x * x + 1)
    return (y @ tf.transpose(x)) ** 2 + abs(-y[:, :2]) - 3 % (x[:, 1:] + 4)
