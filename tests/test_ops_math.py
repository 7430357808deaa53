"""Elementwise ops, reductions, order and segments: what the contract of all ops does not say.

Values and derivatives at ordinary points are compared in test_ops_contract.py and with TensorFlow
in test_reference.py. Here: the edges, the dtype rules, the operators, and what errors say.
"""

import math
import operator

import numpy as np
import pytest

import minitf as tf
from minitf.errors import DTypeError, InvalidArgumentError, OutOfRangeError, ShapeError
from minitf.ops.cumulative import cumulative_logsumexp, decayed_sum
from minitf.ops.norms import clip_by_average_norm

inf, nan = math.inf, math.nan


def gradient(function, *points):
    """Return the derivatives of the sum of a function's elements, as arrays."""
    tensors = [tf.constant(p, tf.float32) for p in points]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        y = function(*tensors)
    found = tape.gradient(y, tensors)
    return [None if g is None else g.numpy().tolist() for g in found]


def equal(tensor, expected):
    """Compare values, NaN being equal to NaN."""
    np.testing.assert_array_equal(np.asarray(tensor), expected)


def close(tensor, expected, rtol=1e-6):
    np.testing.assert_allclose(np.asarray(tensor), expected, rtol, atol=rtol)


# -- operators ------------------------------------------------------------------------------------

X, Y = [[7.0, -7.0], [2.5, 4.0]], [2.0, 3.0]


@pytest.mark.parametrize(
    "symbol",
    ["add", "sub", "mul", "truediv", "floordiv", "mod", "lt", "le", "gt", "ge", "eq", "ne"],
)
def test_an_operator_is_numpys_from_either_side(symbol):
    compute = getattr(operator, symbol)
    x, y = np.float32(X), np.float32(Y)
    for result in (
        compute(tf.constant(x), tf.constant(y)),
        compute(tf.constant(x), y),
        compute(x, tf.constant(y)),
        compute(tf.Variable(x), tf.Variable(y)),
    ):
        assert isinstance(result, tf.Tensor)
        equal(result, compute(x, y))


@pytest.mark.parametrize("symbol", ["add", "sub", "mul", "truediv", "pow", "lt", "eq"])
@pytest.mark.parametrize("number", [3, 3.0, np.float32(3), np.float64(3)])
def test_a_number_takes_the_dtype_of_the_tensor(symbol, number):
    compute = getattr(operator, symbol)
    x = tf.constant(Y, tf.float64)
    for result, expected in [
        (compute(x, number), compute(np.array(Y), 3.0)),
        (compute(number, x), compute(3.0, np.array(Y))),
    ]:
        assert result.dtype in (tf.float64, tf.bool)
        equal(result, expected)


def test_operators_of_one_operand():
    x = tf.constant([1.5, -2.0])
    equal(-x, [-1.5, 2.0])
    equal(+x, [1.5, -2.0])
    equal(abs(x), [1.5, 2.0])


def test_logic_is_bitwise_for_integers_and_logical_for_truth_values():
    a, b = tf.constant([True, True, False]), tf.constant([True, False, False])
    equal(a & b, [True, False, False])
    equal(a | b, [True, True, False])
    equal(a ^ b, [False, True, False])
    equal(~a, [False, False, True])
    i = tf.constant([5, 6])
    equal(i & 3, [1, 2])
    equal(3 | i, [7, 7])
    equal(i ^ 3, [6, 5])
    equal(~i, [-6, -7])


def test_matrices_multiply_from_either_side():
    a, b = np.float32([[1, 2], [3, 4]]), np.float32([[0, 1], [1, 0]])
    equal(tf.constant(a) @ b, a @ b)
    equal(a @ tf.constant(b), a @ b)


def test_brackets_work_on_tensors_and_variables():
    for x in (tf.constant(X), tf.Variable(X)):
        equal(x[0], X[0])
        equal(x[:, 1], [-7.0, 4.0])
        equal(x[x > 3.0], [7.0, 4.0])


def test_truth_values_cannot_be_added():
    with pytest.raises(DTypeError, match=r"add: bool is no number.*\[in test_ops_math.py:\d+\]"):
        tf.constant([True]) + tf.constant([True])


def test_dtypes_do_not_mix():
    with pytest.raises(DTypeError, match="one dtype, got int32 and float32.*tf.cast"):
        tf.constant([1]) + 2.5
    with pytest.raises(DTypeError, match="one dtype, got float32 and int32"):
        tf.constant([1.0]) * tf.constant([1])


def test_of_literals_alone_the_first_decides():
    assert tf.add(1.0, 2).dtype == tf.float32
    assert tf.divide(1.0, 2).dtype == tf.float32
    with pytest.raises(DTypeError):
        tf.add(1, 2.5)


# -- equality -------------------------------------------------------------------------------------


def test_nothing_equals_none():
    x = tf.constant([1.0])
    assert (x == None) is False  # noqa: E711
    assert (x != None) is True  # noqa: E711
    assert (tf.Variable(1.0) == None) is False  # noqa: E711


@pytest.mark.parametrize("other", ["text", object(), {}, [[1], [1, 2]]])
def test_comparison_with_what_is_no_tensor_is_false(other):
    assert (tf.constant([1.0]) == other) is False
    assert (tf.constant([1.0]) != other) is True


def test_other_shapes_are_not_equal():
    x, y = tf.constant([1, 2]), tf.constant([1, 2, 3])
    assert bool(x == y) is False
    assert bool(x != y) is True
    assert (x == y).shape == ()


def test_equal_numbers_of_different_dtypes_are_an_error_and_not_false():
    with pytest.raises(DTypeError):
        tf.constant([1]) == tf.constant([1.0])  # noqa: B015


def test_a_tensor_is_hashed_by_identity():
    x, y = tf.constant(1.0), tf.constant(1.0)
    assert {x: "x", y: "y"}[x] == "x"
    assert len({x, y, x}) == 2
    v = tf.Variable(1.0)
    assert {v: 3}[v] == 3


# -- division -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "result"),
    [("int8", "float32"), ("uint8", "float32"), ("int16", "float32"), ("int32", "float64"),
     ("int64", "float64"), ("float16", "float16"), ("float32", "float32")],
)  # fmt: skip
def test_true_division_of_integers_is_floating(dtype, result):
    quotient = tf.constant([7], dtype) / tf.constant([2], dtype)
    assert quotient.dtype == result
    equal(quotient, [3.5])


@pytest.mark.parametrize(
    "function", [tf.math.floordiv, tf.math.floormod, tf.truncatediv, tf.truncatemod]
)
def test_whole_numbers_are_not_divided_by_zero(function):
    with pytest.raises(InvalidArgumentError, match="integer division by zero"):
        function([1, 2], [1, 0])
    assert not np.isfinite(function([1.0], [0.0]).numpy()[0])
    assert function(tf.zeros([0], tf.int32), [0]).shape == (0,)


def test_division_rounds_down_or_toward_zero():
    x, y = tf.constant([7, -7, 7, -7]), tf.constant([2, 2, -2, -2])
    equal(x // y, [3, -4, -4, 3])
    equal(x % y, [1, 1, -1, -1])
    equal(tf.truncatediv(x, y), [3, -3, -3, 3])
    equal(tf.truncatemod(x, y), [1, -1, 1, -1])
    equal(tf.truncatediv(tf.cast(x, tf.float32), tf.cast(y, tf.float32)), [3, -3, -3, 3])


def test_functions_that_ask_for_zeros_ignore_the_rest():
    equal(tf.math.divide_no_nan([0.0, 1.0, nan, 1.0], [0.0, 0.0, 0.0, nan]), [0, 0, 0, nan])
    equal(tf.math.multiply_no_nan([1.0, nan, inf, 2.0], [0.0, 0.0, 0.0, 3.0]), [0, 0, 0, 6])
    equal(tf.math.xlogy([0.0, 0.0, 0.0, 1.0], [0.0, nan, -1.0, 0.0]), [0, 0, 0, -inf])
    equal(tf.math.xlog1py([0.0, 1.0], [-1.0, -1.0]), [0, -inf])
    equal(tf.math.xdivy([0.0, 0.0, 1.0], [0.0, nan, 0.0]), [0, 0, inf])
    equal(tf.math.reciprocal_no_nan([0.0, 2.0]), [0, 0.5])
    assert gradient(tf.math.divide_no_nan, [1.0], [0.0]) == [[0.0], [0.0]]
    assert gradient(tf.math.xlogy, [0.0], [0.0])[1] == [0.0]


# -- powers ---------------------------------------------------------------------------------------


def test_powers_at_the_edges():
    equal(tf.pow([0.0, 0.0, -1.0, 2.0], [0.0, -1.0, 0.5, 3.0]), [1, inf, nan, 8])
    with pytest.raises(InvalidArgumentError, match="pow: .*negative integer powers"):
        tf.pow([2], [-1])


def test_the_slope_of_a_power_is_finite_where_the_base_is_not_positive():
    assert gradient(lambda x, y: x**y, [0.0, -2.0, 2.0], [2.0, 2.0, 2.0]) == [
        [0.0, -4.0, 4.0],
        [0.0, 0.0, pytest.approx(4 * math.log(2))],
    ]


def test_a_literal_square_is_a_square():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None])
        assert (x**2).op.type == "square"
        assert (x**2.0).op.type == "square"
        assert (x**3).op.type == "pow"
    assert graph is not None
    equal(tf.constant([3]) ** 2, [9])
    with pytest.raises(DTypeError):
        tf.constant([3]) ** 2.0


# -- stable at the edges --------------------------------------------------------------------------


def test_sigmoid_and_its_family_never_overflow():
    x = [-1000.0, -80.0, 0.0, 80.0, 1000.0, -inf, inf, nan]
    close(tf.sigmoid(x), [0, 1.8048513e-35, 0.5, 1, 1, 0, 1, nan])
    close(tf.sigmoid([-80.0]) * 1e35, [1.8048513878])
    close(tf.math.softplus(x), [0, 1.8048513e-35, math.log(2), 80, 1000, 0, inf, nan])
    equal(tf.tanh(x), [-1, -1, 0, 1, 1, -1, 1, nan])
    assert np.isfinite(gradient(tf.sigmoid, x[:5])[0]).all()
    assert np.isfinite(gradient(tf.math.softplus, x[:5])[0]).all()


def test_small_differences_survive():
    tiny = tf.constant([1e-20, -1e-20], tf.float64)
    equal(tf.math.expm1(tiny), tiny)
    equal(tf.math.log1p(tiny), tiny)
    close(tf.math.erf(tiny) * 1e20, [1.1283791670955126, -1.1283791670955126], 1e-15)
    close(tf.math.erfinv(tiny) * 1e20, [0.886226925452758, -0.886226925452758], 1e-15)


@pytest.mark.parametrize(("dtype", "rtol"), [("float32", 1e-6), ("float64", 1e-14)])
def test_error_functions_are_those_of_c(dtype, rtol):
    x = np.concatenate([np.linspace(-6, 6, 401), np.linspace(-1.01, 1.01, 101)]).astype(dtype)
    for function, reference in [(tf.math.erf, math.erf), (tf.math.erfc, math.erfc)]:
        expected = np.array([reference(v) for v in x.tolist()])
        np.testing.assert_allclose(function(x).numpy(), expected, 20 * rtol, atol=1e-44)
        np.testing.assert_allclose(function(x).numpy(), expected, rtol=1, atol=rtol)
    y = np.linspace(-0.999, 0.999, 301).astype(dtype)
    close(tf.math.erf(tf.math.erfinv(y)), y, rtol)
    equal(tf.math.erf([inf, -inf, nan]), [1, -1, nan])
    equal(tf.math.erfc([inf, -inf, nan]), [0, 2, nan])
    equal(tf.math.erfinv([-1.0, 1.0, 1.5, nan]), [-inf, inf, nan, nan])


def test_the_inverse_error_function_next_to_one():
    y = np.nextafter(1.0, 0.0) - np.array([0.0, 1e-15, 1e-12, 1e-8])
    x = tf.math.erfinv(y).numpy()
    back = np.array([math.erfc(v) for v in x])
    np.testing.assert_allclose(back, 1 - y, rtol=1e-12)


@pytest.mark.parametrize(("dtype", "rtol"), [("float32", 1e-6), ("float64", 1e-12)])
def test_log_gamma_is_that_of_c(dtype, rtol):
    x = np.array([1e-3, 0.3, 1, 1.5, 2, 7.9, 9, 30, 1e5, 1e10, -0.5, -1.3, -7.7]).astype(dtype)
    close(tf.math.lgamma(x), np.array([math.lgamma(v) for v in x.tolist()]), rtol)
    equal(tf.math.lgamma([0.0, -1.0, inf, -inf, nan]), [inf, inf, inf, inf, nan])


# To 20 digits, computed with mpmath.
DIGAMMA = {0.001: -1000.5755719318102797, 1.0: -0.57721566490153286061, 10.5: 2.3030010342976863753,
           -0.5: 0.036489973978576520559, -7.3: 4.3373073055100501422}  # fmt: skip
TRIGAMMA = {0.5: 4.9348022005446793094, 1.0: 1.6449340668482264365, 20.0: 0.051270822935203119832,
            -0.5: 8.9348022005446793094}  # fmt: skip


def test_derivatives_of_log_gamma_are_those_of_the_tables():
    x = np.array(list(DIGAMMA))
    close(tf.math.digamma(x), list(DIGAMMA.values()), 1e-12)
    close(tf.math.digamma(np.float32(x)), list(DIGAMMA.values()), 1e-5)
    equal(tf.math.digamma([0.0, -1.0, -inf, inf, nan]), [nan, nan, nan, inf, nan])
    x = np.array(list(TRIGAMMA))
    close(tf.math.polygamma(np.float64(1), x), list(TRIGAMMA.values()), 1e-12)
    equal(tf.math.polygamma([1.0, -1.0, 1.5], [0.0, 1.0, 1.0]), [inf, nan, nan])
    close(tf.math.polygamma([2.0, 3.0], [1.0, 1.0]), [-2.4041138063, 6.4939394023])


# -- rounding and bounds --------------------------------------------------------------------------


def test_halves_go_to_the_even_number():
    equal(tf.round([0.5, 1.5, 2.5, -0.5, -1.5, nan, inf]), [0, 2, 2, 0, -2, nan, inf])
    whole = tf.constant([3, -4])
    assert tf.round(whole) is whole


def test_nan_is_neither_larger_nor_smaller_and_wins():
    for function in (tf.maximum, tf.minimum):
        equal(function([nan, 1.0, nan], [1.0, nan, nan]), [nan, nan, nan])
    equal(tf.clip_by_value([nan, 5.0], 0.0, 1.0), [nan, 1])


def test_where_two_are_equal_the_first_gets_the_gradient():
    assert gradient(tf.maximum, [1.0, 2.0], [1.0, 3.0]) == [[1, 0], [0, 1]]
    assert gradient(tf.minimum, [1.0, 2.0], [1.0, 3.0]) == [[1, 1], [0, 0]]
    assert gradient(lambda x: tf.clip_by_value(x, 0.0, 1.0), [-1.0, 0.0, 0.5, 1.0, 2.0]) == [
        [0, 1, 1, 1, 0]
    ]


def test_the_ends_of_an_interval_may_be_tensors_but_not_larger():
    ends = tf.constant([[0.0], [2.0]])
    equal(tf.clip_by_value([[1.0, 9.0], [1.0, 9.0]], ends, ends + 3.0), [[1, 3], [2, 5]])
    with pytest.raises(ShapeError, match=r"clip_by_value: .*\(1,\) to \(2,\)"):
        tf.clip_by_value([1.0], [0.0, 0.0], 1.0)


def test_cast():
    equal(tf.cast([1.9, -1.9], tf.int32), [1, -1])
    equal(tf.cast([0.5, 0.0, nan], tf.bool), [True, False, True])
    equal(tf.cast([True, False], "float64"), [1.0, 0.0])
    x = tf.constant([1.0])
    assert tf.cast(x, tf.float32) is x
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.cast(tf.cast(x, tf.float16), tf.float64)
    assert tape.gradient(y, x).dtype == tf.float32
    with pytest.raises(DTypeError, match="cast: strings are no numbers: string to float32"):
        tf.cast(["1.0"], tf.float32)


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([300.0, -1.0, 7.9], "uint8", [255, 0, 7]),
        ([3e9, -3e9], "int32", [2147483520, -2147483648]),
        ([300, -5], "uint8", [255, 0]),
        ([1e6, -1e6], "float16", [65504, -65504]),
        ([5, 6], "int64", [5, 6]),
        ([True], "int8", [1]),
    ],
)
def test_saturate_cast_keeps_the_nearest(values, dtype, expected):
    equal(tf.saturate_cast(values, dtype), np.array(expected, dtype))


def test_the_absolute_value_has_no_slope_at_zero():
    assert gradient(tf.abs, [-2.0, 0.0, 3.0]) == [[-1, 0, 1]]
    equal(tf.sign([nan, -0.0, 2.0]), [nan, 0, 1])
    assert gradient(tf.sign, [2.0]) == [[0]]
    assert gradient(tf.floor, [2.5]) == [None]


# -- choosing -------------------------------------------------------------------------------------


def test_where_with_one_argument_says_where():
    found = tf.where([[1.0, 0.0], [0.0, 2.0]])
    assert found.dtype == tf.int64
    equal(found, [[0, 0], [1, 1]])
    equal(tf.where(tf.constant(True)), np.zeros((1, 0)))
    equal(tf.where([False, False]), np.zeros((0, 1)))


def test_where_in_a_function_does_not_know_how_many():
    @tf.function
    def positive(x):
        found = tf.where(x > 0.0)
        assert found.shape == (None, 1)
        return found

    equal(positive(tf.constant([1.0, -1.0, 2.0])), [[0], [2]])


def test_where_stretches_all_three():
    found = tf.where([[True], [False]], [1.0, 2.0], 0.0)
    equal(found, [[1, 2], [0, 0]])
    with pytest.raises(DTypeError, match="condition must be of type bool, got int32"):
        tf.where([1, 0], [1, 2], [3, 4])
    with pytest.raises(InvalidArgumentError, match="where: give both x and y"):
        tf.where([True], [1.0])


def test_the_branch_not_taken_gets_zeros():
    assert gradient(lambda x: tf.where(x > 0.0, x * 3.0, 5.0), [-1.0, 1.0]) == [[0, 3]]
    guarded = gradient(
        lambda x: tf.where(x > 0.0, tf.sqrt(tf.where(x > 0.0, x, 1.0)), 0.0), [-1.0, 0.0, 4.0]
    )
    assert guarded == [[0, 0, 0.25]]
    assert np.isnan(gradient(lambda x: tf.where(x > 0.0, tf.sqrt(x), 0.0), [-1.0])[0])


def test_logic_takes_truth_values_alone():
    with pytest.raises(DTypeError, match="logical_and: x must be of type bool, got int32"):
        tf.logical_and([1], [0])
    with pytest.raises(DTypeError, match="integers are needed, got float32"):
        tf.constant([1.0]) & tf.constant([1.0])


# -- reductions -----------------------------------------------------------------------------------

REDUCTIONS = [
    tf.reduce_sum, tf.reduce_mean, tf.reduce_max, tf.reduce_min, tf.reduce_prod,
    tf.reduce_logsumexp, tf.math.reduce_variance, tf.math.reduce_std,
    tf.math.reduce_euclidean_norm, tf.math.count_nonzero,
]  # fmt: skip


@pytest.mark.parametrize("reduce", REDUCTIONS)
def test_an_axis_may_be_a_number_a_list_an_array_or_a_tensor(reduce):
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    expected = reduce(x, axis=(0, 2)).numpy()
    assert expected.shape == (3,)
    for axis in ([0, 2], [-1, 0], np.array([0, 2]), tf.constant([2, 0]), range(0, 3, 2)):
        equal(reduce(x, axis=axis), expected)
    equal(reduce(x, tf.constant(1)), reduce(x, 1))
    assert reduce(x, axis=(0, 2), keepdims=True).shape == (1, 3, 1)
    assert reduce(x, axis=[]).shape == (2, 3, 4)
    assert reduce(x).shape == ()


@pytest.mark.parametrize("reduce", [tf.reduce_sum, tf.reduce_all, tf.argmax, tf.cumsum])
def test_an_axis_that_is_not_there(reduce):
    x = tf.ones([2, 2], tf.bool) if reduce is tf.reduce_all else tf.ones([2, 2])
    with pytest.raises(InvalidArgumentError, match="axis 2 is out of range for 2 dimension"):
        reduce(x, 2)


def test_an_axis_named_twice():
    with pytest.raises(
        InvalidArgumentError, match=r"reduce_sum: axes \(0, 0\) name a dimension tw"
    ):
        tf.reduce_sum(tf.zeros([2, 2]), axis=[0, 0])


def test_an_axis_that_the_graph_holds_has_a_gradient():
    @tf.function
    def slopes(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_max(x, axis=tf.constant(1)) + tf.reduce_mean(x, axis=tf.constant([-1]))
        return tape.gradient(y, x)

    equal(slopes(tf.constant([[1.0, 4.0]])), [[0.5, 1.5]])


def test_the_mean_of_integers_is_an_integer():
    equal(tf.reduce_mean([-1, -2]), -1)
    equal(tf.reduce_mean(tf.constant([200, 201], tf.uint8)), np.uint8(200))
    with pytest.raises(DTypeError, match="bool is no number"):
        tf.reduce_mean([True, False])


def test_reductions_of_nothing():
    nothing = tf.zeros([0, 2])
    equal(tf.reduce_sum(nothing, 0), [0, 0])
    equal(tf.reduce_prod(nothing, 0), [1, 1])
    equal(tf.reduce_mean(nothing, 0), [nan, nan])
    equal(tf.reduce_max(nothing, 0), [-inf, -inf])
    equal(tf.reduce_min(tf.zeros([0], tf.int32)), 2**31 - 1)
    equal(tf.reduce_logsumexp(nothing, 0), [-inf, -inf])
    equal(tf.reduce_all(tf.zeros([0], tf.bool)), True)
    equal(tf.reduce_any(tf.zeros([0], tf.bool)), False)
    equal(tf.reduce_mean(tf.zeros([0], tf.int32)), 0)
    with pytest.raises(InvalidArgumentError, match="argmax: .*nothing to choose from"):
        tf.argmax(nothing, 0)


def test_half_precision_is_summed_in_single():
    ones = tf.ones([3000], tf.float16)
    equal(tf.reduce_sum(ones), np.float16(3000))
    big = tf.fill([100], np.float16(1000))
    equal(tf.reduce_mean(big), np.float16(1000))


def test_equal_extremes_share_the_gradient():
    assert gradient(tf.reduce_max, [1.0, 3.0, 3.0]) == [[0, 0.5, 0.5]]
    assert gradient(lambda x: tf.reduce_min(x, axis=1), [[2.0, 2.0], [1.0, 5.0]]) == [
        [[0.5, 0.5], [1, 0]]
    ]


def test_a_product_with_zeros_has_the_right_slope():
    assert gradient(tf.reduce_prod, [2.0, 0.0, 5.0]) == [[0, 10, 0]]
    assert gradient(tf.reduce_prod, [0.0, 0.0, 5.0]) == [[0, 0, 0]]
    assert gradient(tf.reduce_prod, [[1.0, 2.0], [0.0, 4.0]]) == [[[0, 0], [8, 0]]]


def test_of_equal_elements_the_first_is_meant():
    equal(tf.argmax([1, 3, 3]), 1)
    equal(tf.argmin([3, 1, 1]), 1)
    equal(tf.argmax([[1, 3], [4, 2]]), [1, 0])
    assert tf.argmax([1.0], output_type=tf.int32).dtype == tf.int32


def test_the_spread_of_integers_is_refused():
    with pytest.raises(DTypeError, match="reduce_std: .*floating numbers are needed, got int32"):
        tf.math.reduce_std([1, 2])


def test_logsumexp_of_large_numbers():
    close(tf.reduce_logsumexp([1000.0, 1000.0]), 1000 + math.log(2))
    equal(tf.reduce_logsumexp([-inf, -inf]), -inf)
    equal(tf.reduce_logsumexp([inf, 1.0]), inf)


def test_counting_what_is_not_zero():
    equal(tf.math.count_nonzero([[True, False], [True, True]], axis=1), [1, 2])
    assert tf.math.count_nonzero([1.0]).dtype == tf.int64
    close(tf.math.zero_fraction([0.0, 1.0, 0.0]), 2 / 3)


# -- running totals -------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("reverse", [False, True])
def test_exclusive_totals_leave_the_element_out(axis, reverse):
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    with_it = tf.cumsum(x, axis, reverse=reverse).numpy()
    close(tf.cumsum(x, axis, exclusive=True, reverse=reverse), with_it - x)
    with_it = tf.math.cumprod(x, axis, reverse=reverse).numpy()
    close(tf.math.cumprod(x, axis, exclusive=True, reverse=reverse), with_it / x)
    with_it = np.exp(tf.math.cumulative_logsumexp(x, axis, reverse=reverse))
    without = tf.math.cumulative_logsumexp(x, axis, exclusive=True, reverse=reverse)
    close(np.exp(without), with_it - np.exp(x))


def test_running_logsumexp_keeps_its_slope_far_below_the_maximum():
    x = [-500.0, -501.0, 300.0]
    close(cumulative_logsumexp(x), [-500, -500 + math.log1p(math.exp(-1)), 300])
    assert gradient(lambda x: cumulative_logsumexp(x)[1], x) == [
        pytest.approx([1 / (1 + math.exp(-1)), 1 / (1 + math.e), 0], rel=1e-5)
    ]
    assert gradient(lambda x: cumulative_logsumexp(x, exclusive=True)[2], x)[0][2] == 0


def test_discounted_returns_are_a_decayed_sum():
    rewards, discount = np.array([1.0, 0.0, 2.0, 3.0]), 0.9
    expected = [sum(discount**k * r for k, r in enumerate(rewards[i:])) for i in range(4)]
    close(decayed_sum(rewards, np.full(4, discount), reverse=True), expected, 1e-12)


# -- norms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ord", ["euclidean", 1, 2, 3, 2.5, np.inf])
def test_norms_of_vectors_are_numpys(ord):
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    numpys = 2 if ord == "euclidean" else ord
    close(tf.norm(x, ord, axis=1), np.linalg.norm(x, numpys, axis=1), 1e-12)
    close(tf.norm(x, ord), np.linalg.norm(x.ravel(), numpys), 1e-12)
    assert tf.norm(x, ord, axis=1, keepdims=True).shape == (2, 1, 4)


@pytest.mark.parametrize("ord", ["euclidean", "fro", 1, 2, np.inf])
@pytest.mark.parametrize("axis", [(1, 2), (2, 0), (-1, -2)])
def test_norms_of_matrices_are_numpys(ord, axis):
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    expected = np.linalg.norm(x, "fro" if ord == "euclidean" else ord, axis=axis, keepdims=True)
    close(tf.norm(x, ord, axis=axis, keepdims=True), expected, 1e-12)
    close(tf.norm(x, ord, axis=axis), expected.reshape(tf.norm(x, ord, axis=axis).shape), 1e-12)


@pytest.mark.parametrize(("ord", "axis"), [("fro", None), ("x", None), (-1, 0), (3, (0, 1))])
def test_norms_that_do_not_exist(ord, axis):
    with pytest.raises(InvalidArgumentError, match="norm: the norm of a (vector|matrix) is"):
        tf.norm([[1.0, 2.0], [3.0, 4.0]], ord, axis)


def test_clipping_shortens_and_never_lengthens():
    close(tf.clip_by_norm([3.0, 4.0], 1.0), [0.6, 0.8])
    equal(tf.clip_by_norm([3.0, 4.0], 10.0), [3, 4])
    close(tf.clip_by_norm([[3.0, 4.0], [0.3, 0.4]], 1.0, axes=1), [[0.6, 0.8], [0.3, 0.4]])
    assert gradient(lambda x: tf.clip_by_norm(x, 1.0), [0.0, 0.0]) == [[1, 1]]
    close(clip_by_average_norm([3.0, 4.0], 1.0), [1.2, 1.6])


def test_clipping_together_keeps_proportions():
    clipped, norm = tf.clip_by_global_norm([tf.constant([3.0]), None, tf.constant([4.0])], 1.0)
    close(norm, 5)
    close(clipped[0], [0.6])
    assert clipped[1] is None
    close(clipped[2], [0.8])
    untouched, _ = tf.clip_by_global_norm([tf.constant([3.0])], 5.0)
    equal(untouched[0], [3])
    broken, _ = tf.clip_by_global_norm([tf.constant([inf]), tf.constant([1.0])], 1.0)
    equal(broken[1], [nan])
    with pytest.raises(InvalidArgumentError, match="at least one tensor"):
        tf.linalg.global_norm([None])


def test_normalizing_zeros_leaves_zeros():
    equal(tf.math.l2_normalize([0.0, 0.0]), [0, 0])
    close(tf.math.l2_normalize([[3.0, 4.0], [0.0, 2.0]], axis=1), [[0.6, 0.8], [0, 1]])


# -- order ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_sorting_along_any_axis_has_a_gradient(axis):
    x = np.float32([[3, 1, 2], [6, 5, 4]])
    equal(tf.sort(x, axis), np.sort(x, axis))
    equal(tf.sort(x, axis, "DESCENDING"), -np.sort(-x, axis))
    weights = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    place = np.argsort(np.argsort(x, axis), axis)
    expected = np.take_along_axis(weights.numpy(), place, axis)
    assert gradient(lambda x: tf.sort(x, axis) * weights, x) == [expected.tolist()]


def test_equal_elements_keep_their_order():
    equal(tf.argsort([1, 1, 0, 1]), [2, 0, 1, 3])
    equal(tf.argsort([1, 1, 0, 1], direction="DESCENDING"), [0, 1, 3, 2])
    equal(tf.sort([3.0, nan, 1.0]), [1, 3, nan])
    with pytest.raises(InvalidArgumentError, match="argsort: direction is 'ASCENDING' or"):
        tf.argsort([1], direction="up")


@pytest.mark.parametrize("k", [0, 1, 2, 4])
def test_top_k_takes_the_first_of_equals(k):
    top = tf.math.top_k([1, 3, 2, 3], k)
    equal(top.values, [3, 3, 2, 1][:k])
    equal(top.indices, [1, 3, 2, 0][:k])


def test_top_k_gives_its_gradient_to_the_largest():
    assert gradient(lambda x: tf.math.top_k(x, 2)[0], [[1.0, 5.0, 3.0]]) == [[[0, 1, 1]]]
    with pytest.raises(InvalidArgumentError, match="top_k: k must lie between 0 and .* 2, got 5"):
        tf.math.top_k([1, 2], 5)
    with pytest.raises(ShapeError, match="top_k: at least one axis"):
        tf.math.top_k(1.0)


def test_a_target_counts_as_in_the_top_where_it_ties():
    scores = [[1.0, 1.0], [0.0, nan], [1.0, 1.0], [1.0, 2.0], [1.0, 2.0]]
    equal(tf.math.in_top_k([0, 1, 5, -1, 1], scores, 1), [True, False, False, False, True])


def test_distinct_elements_come_as_they_appear():
    y, idx, count = tf.unique_with_counts([3, 1, 3, 2, 1])
    equal(y, [3, 1, 2])
    equal(idx, [0, 1, 0, 2, 1])
    equal(count, [2, 2, 1])
    assert tf.unique([1.0], out_idx=tf.int64).idx.dtype == tf.int64
    equal(tf.unique(tf.zeros([0])).y, [])
    with pytest.raises(ShapeError, match="unique: one axis is needed"):
        tf.unique([[1]])


def test_places_in_sorted_rows():
    rows = [[1, 3, 5], [2, 4, 6]]
    equal(tf.searchsorted(rows, [[0, 3], [3, 6]], side="right"), [[0, 2], [1, 3]])
    with pytest.raises(ShapeError, match="all axes but the last must agree"):
        tf.searchsorted(rows, [[1]])
    with pytest.raises(InvalidArgumentError, match="side is 'left' or 'right'"):
        tf.searchsorted([1], [1], side="middle")


# -- segments and counts --------------------------------------------------------------------------

DATA, IDS = [[1.0, 5.0], [2.0, 4.0], [3.0, 3.0]], [0, 0, 2]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (tf.math.segment_sum, [[3, 9], [0, 0], [3, 3]]),
        (tf.math.segment_mean, [[1.5, 4.5], [0, 0], [3, 3]]),
        (tf.math.segment_max, [[2, 5], [0, 0], [3, 3]]),
        (tf.math.segment_min, [[1, 4], [0, 0], [3, 3]]),
        (tf.math.segment_prod, [[2, 20], [1, 1], [3, 3]]),
    ],
)
def test_segments_without_rows(function, expected):
    equal(function(DATA, IDS), expected)
    traced = tf.function(function)(tf.constant(DATA), tf.constant(IDS))
    equal(traced, expected)
    with pytest.raises(InvalidArgumentError, match="ascending order"):
        function(DATA, [1, 0, 2])
    with pytest.raises(InvalidArgumentError, match="0 or more"):
        function(DATA, [-1, 0, 2])
    assert function(tf.zeros([0, 2]), tf.zeros([0], tf.int32)).shape == (0, 2)


@pytest.mark.parametrize(
    ("function", "empty"),
    [
        (tf.math.unsorted_segment_sum, 0),
        (tf.math.unsorted_segment_mean, 0),
        (tf.math.unsorted_segment_sqrt_n, 0),
        (tf.math.unsorted_segment_max, np.finfo(np.float32).min),
        (tf.math.unsorted_segment_min, np.finfo(np.float32).max),
        (tf.math.unsorted_segment_prod, 1),
    ],
)
def test_negative_segments_are_left_out(function, empty):
    found = function([7.0, 2.0, 4.0], [1, -1, 1], 3).numpy()
    assert found[0] == found[2] == np.float32(empty)
    assert found[1] == function([7.0, 4.0], [0, 0], 1).numpy()[0]
    assert gradient(lambda x: function(x, [1, -1, 1], 3)[1], [7.0, 2.0, 4.0])[0][1] == 0
    with pytest.raises(OutOfRangeError, match=r"segment 7 is not in \[0, 3\)"):
        function([1.0], [7], 3)
    with pytest.raises(ShapeError, match="must number the first axes of the data"):
        function([1.0, 2.0], [0], 3)


def test_a_product_of_a_segment_with_zeros_has_the_right_slope():
    def product(x):
        return tf.math.unsorted_segment_prod(x, [0, 0, 1, 1, 1], 2)

    assert gradient(product, [2.0, 0.0, 0.0, 0.0, 3.0]) == [[0, 2, 0, 0, 0]]


def test_means_of_integer_segments():
    assert tf.math.segment_mean([1, 2, 3], [0, 0, 1]).dtype == tf.int32
    equal(tf.math.segment_mean([1, 2, 3], [0, 0, 1]), [1, 3])
    equal(tf.math.unsorted_segment_mean([1, 2, 4], [0, 0, 0], 1), [7 / 3])


def test_counting_whole_numbers():
    equal(tf.math.bincount([1, 1, 3], minlength=6), [0, 2, 0, 1, 0, 0])
    equal(tf.math.bincount([1, 1, 3], maxlength=2), [0, 2])
    equal(tf.math.bincount([1, 1, 3], minlength=6, maxlength=2), [0, 2])
    equal(tf.math.bincount([[1, 1], [0, 3]]), [1, 2, 0, 1])
    equal(tf.math.bincount([[1, 1], [0, 3]], axis=-1), [[0, 2, 0, 0], [1, 0, 0, 1]])
    equal(tf.math.bincount([[1, 1], [0, 0]], axis=-1, binary_output=True), [[0, 1], [1, 0]])
    weighted = tf.math.bincount([1, 1, 3], weights=[1.0, 2.0, 4.0])
    assert weighted.dtype == tf.float32
    equal(weighted, [0, 3, 0, 4])
    equal(tf.math.bincount(tf.zeros([0], tf.int32)), [])
    with pytest.raises(InvalidArgumentError, match="only numbers >= 0 can be counted, got -1"):
        tf.math.bincount([-1, 1])
    with pytest.raises(ShapeError, match=r"weights of shape \(1,\) for numbers of shape \(2,\)"):
        tf.math.bincount([1, 1], weights=[1.0])
    with pytest.raises(InvalidArgumentError, match="axis is None, 0 or -1, got 1"):
        tf.math.bincount([[1]], axis=1)


def test_confusion():
    equal(tf.math.confusion_matrix([0, 1, 1], [1, 1, 0], weights=[1, 2, 3]), [[0, 1], [3, 2]])
    equal(tf.math.confusion_matrix([0], [0], num_classes=2), [[1, 0], [0, 0]])
    with pytest.raises(OutOfRangeError, match=r"class 4 is not in \[0, 2\)"):
        tf.math.confusion_matrix([0, 1, 4], [1, 1, 0], num_classes=2)
    with pytest.raises(ShapeError, match="labels .* and predictions .* differ"):
        tf.math.confusion_matrix([0, 1], [1])


def test_histograms_count_outsiders_at_the_ends():
    counts = tf.histogram_fixed_width([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5)
    equal(counts, [2, 1, 1, 0, 2])
    with pytest.raises(InvalidArgumentError, match="must begin below its end"):
        tf.histogram_fixed_width([1.0], [5.0, 5.0])


def test_adding_many():
    equal(tf.add_n([[1.0], [2.0], [3.0]]), [6])
    equal(tf.math.accumulate_n([[1], [2]]), [3])
    x = tf.constant([1.0])
    assert tf.add_n([x]).array is not x.array
    with pytest.raises(ShapeError, match=r"add_n: shapes differ: \(1,\) and \(2,\)"):
        tf.add_n([[1.0], [2.0, 3.0]])
    with pytest.raises(ShapeError, match="at least one tensor"):
        tf.add_n([])


def test_shapes_that_do_not_meet():
    with pytest.raises(ShapeError, match=r"multiply: shapes \(2, 3\) and \(4,\) do not broadcast"):
        tf.ones([2, 3]) * tf.ones([4])


def test_order():
    rising = [[1, 2, 3], [1, 1], [], [3], [[1, 2], [0, 3]]]
    assert [bool(tf.math.is_strictly_increasing(x)) for x in rising] == [1, 0, 1, 1, 0]
    assert [bool(tf.math.is_non_decreasing(x)) for x in rising] == [1, 1, 1, 1, 0]
    assert not bool(tf.function(tf.math.is_non_decreasing)(tf.constant([1.0, np.nan])))
