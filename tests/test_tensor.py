"""Tensors and Variables as Python and NumPy see them, and what becomes a Tensor."""

import copy
import operator
import pickle
from collections import namedtuple

import numpy as np
import pytest

import minitf as tf
from minitf.errors import DTypeError, GraphError, InvalidArgumentError, UsageError

KINDS = {"tensor": tf.constant, "variable": tf.Variable}


@pytest.fixture(params=KINDS)
def make(request):
    """Return what makes a Tensor, or a Variable, of a value."""
    return KINDS[request.param]


def dtype_of(value):
    return tf.constant(value).dtype


# -- NumPy's conventions ---------------------------------------------------------------------------


def test_numpy_gives_a_copy(make):
    x = make([1.0, 2.0])
    array = x.numpy()
    array[0] = 99.0
    assert x.numpy().tolist() == [1.0, 2.0]
    assert array.flags.writeable
    assert type(make(2.0).numpy()) is np.float32


def test_asarray_gives_what_cannot_be_written_over():
    x = tf.constant([1.0, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(x)[0] = 99.0
    np.array(x)[0] = 99.0
    assert x.numpy().tolist() == [1.0, 2.0]
    assert np.asarray(x) is not np.asarray(x)
    assert np.shares_memory(np.asarray(x), np.asarray(x))


def test_asarray_of_a_variable_is_its_value_now():
    v = tf.Variable([1.0, 2.0])
    before = np.asarray(v)
    v.assign_add([1.0, 1.0])
    assert before.tolist() == [1.0, 2.0]
    before[0] = 99.0
    assert v.numpy().tolist() == [2.0, 3.0]


@pytest.mark.parametrize("dtype", [np.float64, np.int32, "float16"])
def test_asarray_converts(make, dtype):
    array = np.asarray(make([1.0, 2.0]), dtype)
    assert (array.dtype, array.tolist()) == (np.dtype(dtype), [1, 2])


def test_a_tensor_shares_no_memory_with_the_array_that_it_was_made_of(make):
    array = np.ones(3, np.float32)
    x = make(array)
    array[:] = 99.0
    assert x.numpy().tolist() == [1.0] * 3


def test_assigning_takes_a_copy():
    v, array = tf.Variable([1.0, 1.0]), np.ones(2, np.float32)
    v.assign(array)
    array[:] = 99.0
    assert v.numpy().tolist() == [1.0, 1.0]


def test_numpy_functions_take_tensors(make):
    x = make([[1.0, 2.0], [3.0, 4.0]])
    assert np.sum(x) == 10.0
    assert np.stack([x, x]).shape == (2, 2, 2)
    assert np.array_equal(np.exp(x), np.exp(np.asarray(x)))
    assert np.allclose(x, [[1, 2], [3, 4]])
    assert np.shape(x) == (2, 2)


@pytest.mark.parametrize("layout", [lambda a: a.T, lambda a: a[::2, ::-1], np.asfortranarray])
def test_any_memory_layout_is_read_right(make, layout):
    array = layout(np.arange(12.0, dtype=np.float32).reshape(3, 4))
    x = make(array)
    assert np.array_equal(x.numpy(), array)
    assert np.array_equal((tf.reshape(x, [-1]) * 2.0).numpy(), 2 * array.reshape(-1))
    assert np.array_equal(tf.matmul(x, x, transpose_b=True).numpy(), array @ array.T)


def test_read_only_arrays_stay_unchanged(make):
    array = np.ones(3, np.float32)
    array.flags.writeable = False
    x = make(array)
    assert (x + 1.0).numpy().tolist() == [2.0] * 3
    assert array.tolist() == [1.0] * 3


def test_a_broadcast_array_can_be_added_to():
    v = tf.Variable(np.broadcast_to(np.float32(1), (2, 2)))
    v.assign_add(tf.ones([2, 2]))
    assert v.numpy().tolist() == [[2.0, 2.0], [2.0, 2.0]]


@pytest.mark.parametrize("code", [">f4", "<f4", ">i4", ">f8", ">i8"])
def test_bytes_in_either_order(code):
    x = tf.constant(np.array([1, 2, 3], code))
    assert x.dtype == np.dtype(code).newbyteorder("=").name
    assert x.numpy().tolist() == [1, 2, 3]


# -- numbers, sequences, truth ---------------------------------------------------------------------


def test_a_single_element_is_a_python_number(make):
    x = make(2.5)
    assert (float(x), int(x), complex(x)) == (2.5, 2, 2.5 + 0j)
    assert float(make([[2.5]])) == 2.5
    assert tf.constant([7]).item() == 7
    assert type(tf.constant(7).item()) is int


@pytest.mark.parametrize("convert", [float, int, complex, lambda t: tf.convert_to_tensor(t).item()])
def test_several_elements_are_no_number(make, convert):
    with pytest.raises(UsageError, match=r"a tensor of shape \(2,\) is not one number") as caught:
        convert(make([1.0, 2.0]))
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ValueError)


def test_an_integer_is_an_index(make):
    assert "abc"[make(1)] == "b"
    assert list(range(make(3))) == [0, 1, 2]
    assert [1, 2, 3][make(0) :] == [1, 2, 3]
    with pytest.raises(DTypeError, match="a tensor of dtype float32 cannot be an index") as caught:
        "abc"[make(1.0)]
    assert isinstance(caught.value, TypeError)


def test_length_and_iteration(make):
    x = make([[1, 2], [3, 4], [5, 6]])
    assert len(x) == 3
    assert [row.numpy().tolist() for row in x] == [[1, 2], [3, 4], [5, 6]]
    first, *rest = x
    assert (first.shape, len(rest)) == ((2,), 2)
    assert len(make(np.zeros((0, 2)))) == 0
    assert dict(zip("ab", make([1, 2]), strict=True))["b"].numpy() == 2


@pytest.mark.parametrize("use", [len, list, iter, lambda t: [*t], lambda t: max(t)])
def test_a_tensor_without_dimensions_is_no_sequence(make, use):
    with pytest.raises(UsageError, match="without dimensions has no length") as caught:
        use(make(1.0))
    assert isinstance(caught.value, TypeError)


def test_truth(make):
    assert make(True)
    assert make([[2.0]])
    assert not make(0)
    assert not make([0.0])
    for several in ([1.0, 0.0], np.zeros((0,))):
        with pytest.raises(InvalidArgumentError, match=r"is ambiguous: use tf.reduce_any"):
            bool(make(several))


def test_formatting():
    assert f"{tf.constant(1.23456):.2f}" == "1.23"
    assert f"{tf.constant(7):3d}|" == "  7|"
    assert f"{tf.constant(1.5)}" == "1.5"
    assert f"{tf.constant([1.5, 2.5])}" == "[1.5 2.5]"
    assert f"{tf.Variable(1.23456):.2f}" == "1.23"


def test_printing():
    assert str(tf.constant([1, 2])) == "tf.Tensor([1 2], shape=(2,), dtype=int32)"
    assert str(tf.constant(2.2)) == "tf.Tensor(2.2, shape=(), dtype=float32)"
    assert str(tf.constant([[1], [2]])) == "tf.Tensor(\n[[1]\n [2]], shape=(2, 1), dtype=int32)"
    assert repr(tf.constant(1.0)) == "<tf.Tensor: shape=(), dtype=float32, numpy=1.0>"
    assert repr(tf.constant([[1]])).endswith("numpy=array([[1]], dtype=int32)>")
    assert "\n" in repr(tf.constant([[1], [2]]))
    assert "'v' shape=(2,) dtype=float32" in repr(tf.Variable([1.0, 2.0], name="v"))
    assert repr(tf.Variable(1.0)).endswith("numpy=1.0>")


def test_tensors_are_immutable(make):
    x = make([1.0, 2.0])
    with pytest.raises(TypeError, match="does not support item assignment"):
        x[0] = 3.0
    y = x
    y += 1.0
    assert x.numpy().tolist() == [1.0, 2.0]
    assert y.numpy().tolist() == [2.0, 3.0]


def test_lists_and_copies():
    x = tf.constant([[1, 2], [3, 4]])
    assert x.tolist() == [[1, 2], [3, 4]]
    assert copy.copy(x) is copy.deepcopy(x) is x  # it never changes
    assert copy.deepcopy({"a": [x]})["a"][0] is x


def test_copies_of_variables_are_variables_of_their_own():
    v = tf.Variable([1.0, 2.0], name="v", trainable=False, shape=[None])
    shared = copy.deepcopy({"one": v, "same": v})
    assert shared["one"] is shared["same"]
    for copied in (shared["one"], copy.copy(v)):
        copied.assign([9.0, 9.0, 9.0])
        assert v.numpy().tolist() == [1.0, 2.0]
        assert (copied.name, copied.trainable, copied.shape) == ("v", False, (None,))


def test_values_travel_between_processes():
    for x in (tf.constant([[1, 2]]), tf.constant("text"), tf.constant(1.5, tf.float16)):
        found = pickle.loads(pickle.dumps(x))
        assert type(found) is tf.Tensor
        assert (found.dtype, found.shape, found.tolist()) == (x.dtype, x.shape, x.tolist())
    v = pickle.loads(pickle.dumps(tf.Variable([1.0], name="v", trainable=False)))
    assert (v.name, v.trainable, v.numpy().tolist()) == ("v", False, [1.0])
    assert pickle.loads(pickle.dumps(tf.float32)) is tf.float32
    assert pickle.loads(pickle.dumps(tf.bool)) is tf.bool


def test_an_edge_of_a_graph_has_no_value_to_travel():
    with tf.Graph().as_default(), pytest.raises(GraphError, match="is an edge of a graph"):
        pickle.dumps(tf.constant(1.0))


def test_tensors_are_keys():
    x, y = tf.constant(1.0), tf.constant(1.0)
    assert {x: "x", y: "y"}[x] == "x"
    assert len({x, y, x}) == 2
    v = tf.Variable(1.0)
    assert {v: 1}[v] == 1


# -- comparisons -----------------------------------------------------------------------------------


def test_comparisons_are_elementwise(make):
    x = make([1, 2, 3])
    for compare in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
        for other in (2, np.array([3, 2, 1]), tf.constant([3, 2, 1]), [3, 2, 1]):
            if isinstance(other, list) and compare not in (operator.eq, operator.ne):
                continue
            found = compare(x, other)
            assert found.dtype is tf.bool
            assert found.tolist() == compare(x.numpy(), np.asarray(other)).tolist()


def test_comparisons_with_an_array_on_the_left():
    assert type(np.array([1, 2]) < tf.constant([2, 2])) is tf.Tensor
    assert (np.array([1, 2]) == tf.constant([2, 2])).tolist() == [False, True]


def test_what_is_no_tensor_is_not_equal(make):
    x = make([1, 2])
    assert (x == None) is False  # noqa: E711
    assert (x != None) is True  # noqa: E711
    assert (x == "a") is False
    assert (x == object()) is False
    assert bool(x == [1, 2, 3]) is False
    assert bool(x != [1, 2, 3]) is True


def test_looking_for_a_tensor_in_a_list():
    x, y = tf.constant(1), tf.constant(2)
    assert y in [x, y]
    assert tf.constant(3) not in [x, y]
    assert 2 in tf.constant([1, 2])
    assert [x, None, y].index(None) == 1


def test_comparing_numbers_of_other_types_is_a_mistake(make):
    with pytest.raises(DTypeError, match="equal: the inputs must have one dtype"):
        operator.eq(make([1, 2]), tf.constant([1.0, 2.0]))


# -- operators, and who decides the dtype ----------------------------------------------------------


@pytest.mark.parametrize(
    "other", [1, 1.0, True, np.float64(1), np.ones(2), [1, 1], np.ones(2, int)]
)
@pytest.mark.parametrize("work", [operator.add, operator.sub, operator.mul, operator.truediv])
def test_float32_stays_float32(make, other, work):
    x = make([2.0, 4.0])
    for found in (work(x, other), work(other, x)):
        assert type(found) is tf.Tensor
        assert found.dtype is tf.float32
    expected = work(np.float32([2, 4]), np.asarray(other, np.float32))
    assert work(x, other).numpy().tolist() == expected.tolist()


@pytest.mark.parametrize("dtype", ["float16", "float64", "int8", "int64", "uint8", "int32"])
def test_a_number_takes_the_dtype_of_its_partner(make, dtype):
    x = make(np.array([1, 2], dtype))
    assert (x + 1).dtype is (1 + x).dtype is tf.as_dtype(dtype)
    assert (x * True).dtype is tf.as_dtype(dtype)


@pytest.mark.parametrize("fraction", [0.5, 1.0, np.float32(0.5), np.array([0.5, 1.0]), [0.5, 1.0]])
def test_a_fraction_never_becomes_an_integer(make, fraction):
    for work in (lambda x: x + fraction, lambda x: fraction * x):
        with pytest.raises(DTypeError, match=r"one dtype, got \w+ and \w+; .* tf.cast") as caught:
            work(make([1, 2]))
        assert isinstance(caught.value, TypeError)


def test_tensors_are_never_converted():
    for a, b in [("float32", "float64"), ("int32", "int64"), ("float32", "int32")]:
        with pytest.raises(DTypeError, match=f"got {a} and {b}"):
            tf.constant(1, a) + tf.constant(1, b)


def test_a_number_too_large_for_its_partner_is_not_cut():
    with pytest.raises(DTypeError, match="uint8 and int32"):
        tf.constant([1], tf.uint8) + 300
    with pytest.raises(DTypeError, match="int32 and int64"):
        tf.constant([1]) + np.array([2**40])


def test_truth_values_are_not_counted_in_silence():
    with pytest.raises(DTypeError, match="bool and int32"):
        tf.constant(True) + 1
    with pytest.raises(DTypeError, match="float32 and bool"):
        tf.constant(1.0) + np.array([True])


def test_an_array_gives_way_to_a_tensor():
    array, x = np.ones((2, 2), np.float32), tf.constant([[1.0, 2.0], [3.0, 4.0]])
    for found in (array + x, array @ x, array - x, array / x, array**x, array // x, array % x):
        assert type(found) is tf.Tensor
    assert (np.float32(2) * x).tolist() == [[2.0, 4.0], [6.0, 8.0]]
    assert type(np.float64(2) * tf.Variable(1.0)) is tf.Tensor


def test_the_operators_are_those_of_numpy():
    a, b = np.array([-7, 7, 5]), np.array([2, -2, 3])
    x, y = tf.constant(a), tf.constant(b)
    both = (operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod)
    bits = (operator.and_, operator.or_, operator.xor)
    for work in both + bits:
        assert work(x, y).tolist() == work(a, b).tolist()
    for work in (operator.neg, operator.pos, operator.abs, operator.invert):
        assert work(x).tolist() == work(a).tolist()
    assert (x**2).tolist() == (a**2).tolist()
    assert (x / y).dtype is tf.float64
    mask = tf.constant([True, False])
    assert (~mask).tolist() == [False, True]
    assert (mask & True).tolist() == [True, False]
    assert (mask ^ [True, True]).tolist() == [False, True]


# -- what becomes a Tensor -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1, "int32"),
        (-(2**31), "int32"),
        (2**31, "int64"),
        ([1, 2**40], "int64"),
        (1.0, "float32"),
        ([1, 2.5], "float32"),
        (True, "bool"),
        ([True, False], "bool"),
        ([], "float32"),
        ([[], []], "float32"),
        (1j, "complex128"),
        ("a", "string"),
        (b"a", "string"),
        (["a", "bc"], "string"),
        (range(3), "int32"),
        (np.float64(1), "float64"),
        (np.ones(2), "float64"),
        (np.arange(2), "int64"),
        (np.float16(1), "float16"),
        (np.array(["a"]), "string"),
        ([np.float64(1.5)], "float32"),
        ((1, (2)), "int32"),
    ],
)
def test_the_dtype_of_values(value, dtype):
    assert dtype_of(value) is tf.as_dtype(dtype)
    assert tf.convert_to_tensor(value).dtype is tf.as_dtype(dtype)
    assert tf.Variable(value).dtype is tf.as_dtype(dtype)
    with tf.Graph().as_default():
        assert dtype_of(value) is tf.as_dtype(dtype)


@pytest.mark.parametrize(
    ("value", "dtype", "found"),
    [
        (1, tf.float32, 1.0),
        (2.0, tf.int32, 2),
        (2.0, "int64", 2),
        ([0, 1], tf.bool, [False, True]),
        (True, tf.float32, 1.0),
        (np.ones(2), tf.float16, [1.0, 1.0]),
        (255, tf.uint8, 255),
        (2**63, tf.uint64, 2**63),
        (3, np.float64, 3.0),
        (3, float, 3.0),
    ],
)
def test_the_dtype_can_be_asked_for(value, dtype, found):
    x = tf.constant(value, dtype)
    assert (x.dtype, x.tolist()) == (tf.as_dtype(dtype), found)


@pytest.mark.parametrize(
    ("value", "dtype", "words"),
    [
        (1.5, tf.int32, "holds fractions and cannot be int32"),
        (float("nan"), tf.int32, "holds fractions"),
        (float("inf"), tf.int32, "does not fit into int32"),
        (1e20, tf.int64, "does not fit into int64"),
        (300, tf.uint8, "does not fit into uint8"),
        (-1, tf.uint8, "does not fit into uint8"),
        (2**40, tf.int32, "does not fit into int32"),
        ("a", tf.float32, "is of type string and cannot be float32"),
        (1.0, tf.string, "and cannot be string"),
        (1j, tf.float32, "is of type complex128 and cannot be float32"),
    ],
)
def test_a_value_that_the_dtype_cannot_hold_is_refused(value, dtype, words):
    for make in (tf.constant, tf.convert_to_tensor):
        with pytest.raises(InvalidArgumentError, match=words) as caught:
            make(value, dtype)
        assert str(caught.value).startswith(f"{make.__name__}: value ")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "is None where a tensor is needed"),
        ([None, 1], "with NoneType in it, is not a tensor: [None, 1]"),
        ([[1], [1, 2]], "is not rectangular, rows of a tensor have one length: [[1], [1, 2]]"),
        ([np.ones(2), np.ones(3)], "is not rectangular"),
        ([1, "a"], "with int in it, is not a tensor: [1, 'a']"),
        ({}, "of type dict is not a tensor: {}"),
        ({1}, "of type set is not a tensor"),
        (object(), "of type object is not a tensor: <object"),
        ((i for i in range(3)), "of type generator is not a tensor"),
        (2**70, "does not fit into int64: 11805916207"),
        ([1, 2**70], "does not fit into int64"),
        (np.datetime64("2020-01-01"), "dtype datetime64[D] has no counterpart"),
        (np.zeros(2, [("a", "f4")]), "has no counterpart"),
        (np.longdouble(1), "has no counterpart"),
    ],
)
def test_what_is_no_tensor_is_shown(value, words):
    for make in (tf.constant, tf.convert_to_tensor, tf.Variable, lambda x: tf.exp(x)):
        with pytest.raises(InvalidArgumentError) as caught:
            make(value)
        assert words in str(caught.value)
        assert "[in test_tensor.py:" in str(caught.value)
        assert isinstance(caught.value, ValueError)


def test_a_long_value_is_shown_in_part():
    with pytest.raises(InvalidArgumentError) as caught:
        tf.constant([[None] * 1000] * 1000)
    assert len(str(caught.value)) < 500


def test_lists_may_hold_tensors(make):
    x = make(1.0)
    for value in ([x, 2.0], (2, x), [[x, x], [3.0, 4]], [tf.constant(1.0), np.float64(2)]):
        assert tf.convert_to_tensor(value).dtype is tf.float32
        assert tf.convert_to_tensor(value).shape == np.shape(value)
    assert tf.convert_to_tensor([[x, 2], [3, x]]).tolist() == [[1.0, 2.0], [3.0, 1.0]]
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(tf.square([x, 2.0 * x]))
    assert float(tape.gradient(y, x)) == 10.0


def test_lists_of_tensors_must_fit():
    with pytest.raises(InvalidArgumentError, match=r"stack: shapes differ: \(1,\) and \(2,\)"):
        tf.convert_to_tensor([tf.ones([1]), tf.ones([2])])
    with pytest.raises(DTypeError, match="int32 and float32"):
        tf.convert_to_tensor([tf.constant(1), tf.constant(1.0)])


def test_a_dtype_that_is_asked_for_is_that_of_every_tensor_in_a_list():
    rows = [[1, tf.constant(0.5, tf.float64)], [tf.constant(2), 0]]
    for made in (tf.convert_to_tensor(rows, tf.float32), tf.Variable(rows, dtype=tf.float32)):
        assert made.dtype is tf.float32
        np.testing.assert_array_equal(made, [[1, 0.5], [2, 0]])
    made = tf.function(lambda x: tf.convert_to_tensor([x, x], tf.int32))(tf.constant(2.7))
    np.testing.assert_array_equal(made, np.array([2, 2], "int32"))


def test_a_tensor_is_not_converted_again():
    x = tf.constant([1.0])
    assert tf.convert_to_tensor(x) is x
    assert tf.convert_to_tensor(x, tf.float32) is x
    with pytest.raises(DTypeError, match="expected dtype int32, got a tensor of float32"):
        tf.convert_to_tensor(x, tf.int32)
    assert tf.convert_to_tensor(1, dtype_hint=tf.float32).dtype is tf.float32
    assert tf.convert_to_tensor(1.5, dtype_hint=tf.int32).dtype is tf.float32


def test_is_tensor():
    with tf.Graph().as_default():
        edge = tf.constant(1.0)
    assert all(map(tf.is_tensor, [tf.constant(1.0), tf.Variable(1.0), edge]))
    assert not any(map(tf.is_tensor, [1.0, [1.0], np.ones(1), None]))


# -- dtypes and specs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong", ["float31", None, dict, list, "", 3.5, 0, 99, True, np.dtype("M8[D]"), type]
)
def test_what_is_no_dtype_is_refused(wrong):
    with pytest.raises(DTypeError, match="is not|no counterpart") as caught:
        tf.as_dtype(wrong)
    assert isinstance(caught.value, TypeError)
    assert (tf.float32 == wrong) is False


def test_dtypes_have_tensorflows_numbers():
    assert [tf.as_dtype(n) for n in (1, 2, 3, 9, 10)] == [
        tf.float32, tf.float64, tf.int32, tf.int64, tf.bool]  # fmt: skip
    assert tf.zeros(2, 3).dtype is tf.int32  # a vector of two, of the dtype with the number 3


def test_dtypes_equal_their_names():
    assert tf.float32 == "float32" == tf.float32.name
    assert tf.float32 == np.float32
    assert tf.float32 != tf.float64
    assert len({tf.float32, tf.as_dtype("float32"), tf.as_dtype(np.float32)}) == 1


def test_specs_hold_up_to_64_dimensions():
    assert tf.zeros([1] * 64).ndim == 64
    for build in (tf.zeros, lambda s: tf.reshape(1.0, s), lambda s: tf.broadcast_to(1.0, s)):
        with pytest.raises(InvalidArgumentError, match="has 64 dimensions at most, .* got 65"):
            build([1] * 65)
    with pytest.raises(InvalidArgumentError, match="expand_dims: a tensor has 64 dimensions"):
        tf.expand_dims(tf.zeros([1] * 64), 0)


def test_many_dimensions_work():
    x = tf.ones([1] * 33 + [3])
    y = tf.reduce_sum(tf.transpose(x * 2.0), axis=0)
    assert (y.ndim, float(tf.reshape(y, []))) == (33, 6.0)


def test_shapes_are_tuples(make):
    x = make([[1.0, 2.0, 3.0]])
    rows, columns = x.shape
    assert (rows, columns, x.shape, x.ndim) == (1, 3, (1, 3), 2)
    assert x.shape == [1, 3]
    assert x.get_shape().as_list() == [1, 3]
    assert x.shape[-1] == x.shape.as_list()[-1] == 3
    assert isinstance(x.shape[:1], tf.TensorShape)
    assert x.shape[:1] + (7,) == (1, 7)


def test_shapes_with_unknown_sizes():
    shape = tf.TensorShape([None, 3])
    assert (shape.rank, shape.num_elements(), shape.is_fully_defined()) == (2, None, False)
    assert shape.is_compatible_with([5, 3])
    assert not shape.is_compatible_with([5, 4])
    assert not shape.is_compatible_with([5])
    assert shape.merge_with([5, None]) == (5, 3)
    assert shape.concatenate([2]) == (None, 3, 2)
    with pytest.raises(ValueError, match="not compatible"):
        shape.merge_with([5, 4])


def test_structures_with_tensors_as_keys():
    x, y = tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0])
    doubled = tf.nest.map_structure(lambda n: 2 * n, {y: 1, x: 2})
    assert [doubled[y], doubled[x]] == [2, 4]
    point = namedtuple("Point", "x y")(1, [2])
    assert tf.nest.map_structure(lambda n: -n, point) == (-1, [-2])
    assert type(tf.nest.map_structure(lambda n: -n, point)) is type(point)


def test_names_of_dtypes():
    assert tf.dtypes.cast([1.7], tf.int32).numpy().tolist() == [1]
    assert tf.dtypes.saturate_cast(300.0, tf.uint8).numpy() == 255
    assert tf.dtypes.bool is tf.bool
    assert tf.dtypes.float32 is tf.float32 is tf.dtypes.as_dtype("float32")
    assert pickle.loads(pickle.dumps(tf.bool)) is tf.bool


# ---- structures


def test_structures_of_one_form():
    same = tf.nest.assert_same_structure
    same([1, {"a": (2, 3)}], [4, {"a": (5, None)}])
    same(1, 2)
    same([1, 2], (1, 2), check_types=False)
    for a, b, error, message in [
        ([1, 2], (1, 2), TypeError, "in type"),
        ([1], {"a": 1}, TypeError, "in type"),
        ([1, [2]], [1, 2], ValueError, "structures differ: .2. and 2"),
        ({"a": 1}, {"b": 1}, ValueError, "in keys"),
        ([1], [1, 2], ValueError, "in length"),
    ]:
        with pytest.raises(error, match=message):
            same(a, b)
