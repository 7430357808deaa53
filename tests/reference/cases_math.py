"""Elementwise functions: arithmetic, powers, trigonometry, rounding, comparisons, choices."""

from .case import Case, bools, case, f16, f32, f64, ints, lit, program

inf, nan = float("inf"), float("nan")
EDGES = lit([0.0, -0.0, 1.0, -1.0, inf, -inf, nan, 1e-30, 3e38])

# name: (low, high), an interval on which the function is smooth
SMOOTH = {
    "abs": (0.5, 3.0),
    "acos": (-0.9, 0.9),
    "acosh": (1.2, 4.0),
    "asin": (-0.9, 0.9),
    "asinh": (-3.0, 3.0),
    "atan": (-3.0, 3.0),
    "atanh": (-0.9, 0.9),
    "cos": (-4.0, 4.0),
    "cosh": (-3.0, 3.0),
    "exp": (-4.0, 4.0),
    "math.erf": (-2.5, 2.5),
    "math.erfc": (-2.5, 2.5),
    "math.expm1": (-2.0, 2.0),
    "math.lgamma": (0.3, 5.0),
    "math.log": (0.2, 9.0),
    "math.log1p": (-0.8, 5.0),
    "math.log_sigmoid": (-6.0, 6.0),
    "math.reciprocal": (0.4, 3.0),
    "math.rsqrt": (0.3, 5.0),
    "math.softplus": (-6.0, 6.0),
    "negative": (-2.0, 2.0),
    "sigmoid": (-6.0, 6.0),
    "sin": (-4.0, 4.0),
    "sinh": (-3.0, 3.0),
    "sqrt": (0.2, 9.0),
    "square": (-3.0, 3.0),
    "tan": (-1.3, 1.3),
    "tanh": (-4.0, 4.0),
}

# Steps: no derivative, or zero everywhere. Given halves, where rounding rules differ.
HALVES = [-2.5, -1.5, -1.2, -0.5, 0.0, 0.5, 0.7, 1.5, 2.5, 3.9]
STEPS = ["floor", "math.ceil", "round", "math.rint", "sign"]

BINARY = [
    "add",
    "math.atan2",
    "divide",
    "math.divide_no_nan",
    "math.floordiv",
    "math.mod",
    "math.multiply_no_nan",
    "math.squared_difference",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]
COMPARE = ["equal", "greater", "greater_equal", "less", "less_equal", "not_equal"]
LOGICAL = ["logical_and", "logical_or", "math.logical_xor"]

CASES: list[Case] = []

for name, (low, high) in SMOOTH.items():
    # TensorFlow's float32 approximations are good to a few units in the sixth digit.
    CASES += [
        case(name, f32(3, 4, low=low, high=high)).check(tol=5),
        case(name, f64(2, 3, low=low, high=high)).check(tol=5),
        case(name, EDGES).check(order=0, nan=True, tol=5),
    ]
for name in ["exp", "tanh", "sigmoid", "negative", "square", "sqrt"]:
    CASES += [
        case(name, f32()) if name != "sqrt" else case(name, f32(low=1, high=2)),
        case(name, f32(0, 3)),
        case(name, f16(2, 3, low=0.5)).check(order=1),
    ]
for name in STEPS:
    CASES += [
        case(name, lit(HALVES)),
        case(name, lit(HALVES, "float64")),
        case(name, EDGES).check(order=0, nan=True),
    ]
for name in BINARY:
    y = f32(2, 3, low=0.4, high=3.0)
    CASES += [
        case(name, f32(2, 3), y),
        case(name, f32(2, 1, 3), f32(4, 1, low=0.5)),
        case(name, f64(3), f64(2, 3, low=0.5)),
        case(name, f32(2, 3), 1.5),
        case(name, f32(0, 3), f32(1, 3, low=0.5)),
    ]
for name in COMPARE:
    CASES += [
        case(name, ints(3, 4), ints(3, 4)),
        case(name, f32(2, 3), f32(3)),
        case(name, lit([nan, inf, 0.0, 1.0]), lit([nan, inf, -0.0, nan])),
        case(name, ints(4), 1),
    ]
for name in LOGICAL:
    CASES += [case(name, bools(3, 4), bools(3, 4)), case(name, bools(2, 1), bools(3))]
for name in ["math.is_nan", "math.is_inf", "math.is_finite"]:
    CASES += [case(name, EDGES), case(name, f64(2, 3))]

CASES += [
    case("logical_not", bools(3, 4)),
    case("math.equal", bools(4), bools(4)),
    case("abs", lit([-2.0, 0.0, 3.0])),
    case("abs", ints(5)),
    case("abs", lit([-128, 5, -7], "int8")),
    case("negative", ints(5)),
    case("square", ints(5)),
    case("sign", ints(5)),
    case("sign", f32(5)),
    case("math.digamma", f32(6, low=0.4, high=5.0)).check(order=0, tol=10),
    case("math.digamma", f64(6, low=0.4, high=5.0)).check(order=1, tol=10),
    case("math.softsign", f32(2, 3)),
    case("math.sigmoid", lit([-100.0, -20.0, 0.0, 20.0, 100.0])),
    case("math.log_sigmoid", lit([-100.0, -20.0, 0.0, 20.0, 100.0])),
    case("math.softplus", lit([-100.0, -20.0, 0.0, 20.0, 100.0])),
    case("math.expm1", lit([1e-8, -1e-8, 1e-4], "float64")),
    case("math.log1p", lit([1e-8, -1e-8, 1e-4], "float64")),
    # remainders and quotients take the divisor's sign, as in Python
    case("math.floordiv", lit([-7, -6, 7, 6, -1], "int32"), lit([3, 3, -3, -3, 5], "int32")),
    case("math.floormod", lit([-7, -6, 7, 6, -1], "int32"), lit([3, 3, -3, -3, 5], "int32")),
    case("math.floormod", lit([-7.5, 7.5, -1.0]), lit([2.0, -2.0, 0.3])).check(order=1),
    case("math.floordiv", lit([-7.5, 7.5, -1.0]), lit([2.0, -2.0, 0.3])),
    case("math.truediv", lit([-7, 6, 7], "int32"), lit([3, 4, -3], "int32")),
    case("math.truediv", lit([-7, 6, 7], "int16"), lit([3, 4, -3], "int16")),
    case("divide", lit([-7, 6, 7], "int32"), lit([3, 4, -3], "int32")),
    case("divide", lit([1.0, -1.0, 0.0]), lit([0.0, 0.0, 0.0])).check(order=0, nan=True),
    case("truncatediv", lit([-7, -6, 7], "int32"), lit([3, 4, -3], "int32")),
    case("truncatemod", lit([-7, -6, 7], "int32"), lit([3, 4, -3], "int32")),
    case("math.divide_no_nan", lit([1.0, 0.0, 4.0]), lit([0.0, 0.0, 2.0])),
    case("math.multiply_no_nan", lit([inf, nan, 4.0]), lit([0.0, 0.0, 2.0])).check(order=0),
    case("pow", f32(2, 3, low=0.3), f32(2, 3)),
    case("pow", f64(2, 1, low=0.3), f64(3)),
    case("pow", f32(2, 3), 3.0),
    case("pow", f32(4), 2),
    case("pow", lit([0.0, 0.0, 2.0]), lit([2.0, 1.0, 0.0])).check(order=1),
    case("pow", ints(4), lit([0, 1, 2, 3], "int32")),
    case("math.xlogy", f32(2, 3), f32(2, 3, low=0.2)),
    case("math.xlogy", lit([0.0, 2.0]), lit([0.0, 3.0])).check(order=1),
    case("math.xlog1py", f64(2, 3), f64(3, low=-0.5)),
    case("math.xdivy", f64(2, 3), f64(3, low=0.5)),
    case("math.xdivy", lit([0.0, 2.0]), lit([0.0, 3.0])).check(order=0),
    case("maximum", lit([1.0, 2.0, 3.0]), lit([1.0, 3.0, 2.0])),
    case("minimum", lit([1.0, 2.0, 3.0]), lit([1.0, 3.0, 2.0])),
    case("maximum", ints(5), ints(5)),
    case("maximum", lit([nan, 1.0, nan]), lit([1.0, nan, nan])).check(order=0, nan=True),
    case("math.add_n", [f32(2, 3), f32(2, 3), f32(2, 3)]),
    case("add_n", [ints(3), ints(3)]),
    case("math.scalar_mul", 2.5, f32(2, 3)),
    case("math.multiply", f32(2, 3), lit(2.0, "float32"), name="product"),
    case("math.add", x=f32(2), y=f32(2)),
    case("math.subtract", ints(2, 3, dtype="int64"), ints(3, dtype="int64")),
    case("math.multiply", ints(3, dtype="uint8", low=0), ints(3, dtype="uint8", low=0)),
    case("math.maximum", f32(2, 3), f32(2, 3)),
    case("math.minimum", f32(2, 3), 0.5),
    case("math.greater", f32(2, 3), 0.0),
    case("math.pow", f64(3, low=0.5), 0.5),
    case("math.erfinv", f64(5, low=-0.9, high=0.9)).check(tol=100),
    case("math.polygamma", lit(1.0, "float64"), f64(4, low=0.5, high=4)).check(diff=[1], tol=100),
    # bits
    case("bitwise.bitwise_and", ints(6), ints(6)),
    case("bitwise.bitwise_or", ints(6), ints(6)),
    case("bitwise.bitwise_xor", ints(6), ints(6)),
    case("bitwise.invert", ints(6)),
    case("bitwise.left_shift", ints(6), ints(6, low=0, high=4)),
    case("bitwise.right_shift", ints(6), ints(6, low=0, high=4)),
    case("operator.invert", bools(3)),
    # choices
    case("where", bools(3, 4), f32(3, 4), f32(3, 4)),
    case("where", bools(3, 1), f32(4), f32(3, 4)),
    case("where", bools(3), f64(3), 0.0),
    case("where", bools(3), 1, ints(3)),
    case("where", bools(3, 4)),
    case("where", ints(2, 5)),
    case("where", lit([False, False], "bool")),
    case("where", lit([[1.0, 0.0], [0.0, -2.0]])),
    case("clip_by_value", f32(3, 4), -0.75, 1.0),
    case("clip_by_value", f64(2, 3), f64(3, low=-1, high=-0.5), f64(2, 1, low=0.5, high=1.0)),
    case("clip_by_value", ints(6), clip_value_min=-1, clip_value_max=2),
    case("clip_by_value", lit([-1.0, 1.0, 3.0]), -1.0, 1.0),
    # casts
    case("cast", f32(3), "float64"),
    case("cast", f64(2, 2), "float32"),
    case("cast", f32(3), "float16").check(order=1),
    case("cast", lit([-2.7, -0.4, 0.4, 2.7]), "int32"),
    case("cast", lit([0.0, -0.5, 3.0]), "bool"),
    case("cast", bools(4), "float32"),
    case("cast", bools(4), "int64"),
    case("cast", lit([300, -1, 7], "int32"), "uint8"),
    case("cast", ints(4), dtype="float64"),
    case("saturate_cast", lit([300.0, -5.0, 7.9]), "uint8"),
    case("saturate_cast", lit([70000, -70000, 7], "int32"), "int16"),
    case("clip_by_norm", f32(2, 3), 1.5),
    case("clip_by_norm", f32(2, 3, low=-0.1, high=0.1), 1.5),
    case("clip_by_norm", f64(2, 3), 1.5, axes=[1]),
    case("clip_by_global_norm", [f32(3), f32(2, 2)], 1.0),
    case("clip_by_global_norm", [f32(3), f32(2, 2)], 100.0),
    case("linalg.global_norm", [f32(3), f32(2, 2)]),
]


@program(CASES, "cast", f32(3))
def casts_by_dtype_object(tf, x):
    return tf.cast(x, tf.float16), tf.cast(x, tf.int8), tf.cast(x, dtype=tf.float64)


@program(CASES, "where ones_like zeros_like", lit([-1.0, 0.0, 4.0]))
def safe_square_root(tf, x):
    """The gradient stays finite where the root's does not exist: both branches are guarded."""
    positive = x > 0
    return tf.where(positive, tf.sqrt(tf.where(positive, x, tf.ones_like(x))), tf.zeros_like(x))


@program(CASES, "sqrt", lit([0.0, 4.0]), order=1)
def slope_of_a_root_at_zero(tf, x):
    return tf.sqrt(x)
