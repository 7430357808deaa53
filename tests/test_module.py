"""Modules: which Variables and Modules they find, in which order, and their names."""

import copy

import numpy as np
import pytest

import minitf as tf
from minitf.errors import InvalidArgumentError, UsageError


class Deep(tf.Module):
    def __init__(self):
        super().__init__()
        with self.name_scope:
            self.v = tf.Variable(1.0, name="v")

    @tf.Module.with_name_scope
    def __call__(self, x):
        """Return the input."""
        return tf.identity(x, name="y")


class Inner(tf.Module):
    def __init__(self):
        super().__init__()
        self.w = tf.Variable(1.0, name="w")
        self.deep = Deep()


class MLPBlock(tf.Module):
    """Holds Variables and Modules in every way that there is."""

    def __init__(self, name=None):
        super().__init__(name)
        self.z = tf.Variable(1.0, name="z")
        self.a = Inner()
        frozen = tf.Variable(2.0, name="j", trainable=False)
        self.b = [Inner(), {"k": Inner(), "j": frozen}]
        self.shared = self.a
        self.t = (self.z, 3, None, "text")
        self.itself = self


def names(things):
    return [thing.name for thing in things]


def test_variables_come_in_tensorflows_order():
    """Of each module first its own, by attribute name, then those of its Modules."""
    block = MLPBlock()
    # TensorFlow 2.21 finds the same Variables of the same classes in the same order.
    found = ["j", "z", "w", "deep/v", "w", "deep/v", "w", "deep/v"]
    assert names(block.variables) == found
    assert names(block.trainable_variables) == found[1:]
    assert names(block.non_trainable_variables) == found[:1]
    assert block.variables[2] is block.a.w
    assert block.variables[4] is block.b[0].w
    assert type(block.variables) is tuple


def test_submodules_are_found_at_any_depth_each_once():
    block = MLPBlock()
    assert names(block.submodules) == ["inner", "inner", "inner", "deep", "deep", "deep"]
    assert block.submodules[0] is block.a
    assert block not in block.submodules


def test_what_is_shared_is_found_once():
    one, two = Deep(), Deep()
    two.v = one.v
    both = tf.Module()
    both.layers = [one, two, one]
    assert both.variables == (one.v,)
    assert both.submodules == (one, two)


def test_variables_of_an_attribute_set_later_are_found():
    module = tf.Module()
    assert (module.variables, module.submodules) == ((), ())
    module.later = [tf.Variable(1.0), [tf.Variable(2.0)]]
    assert [float(v) for v in module.variables] == [1.0, 2.0]
    module.later.pop()
    assert [float(v) for v in module.variables] == [1.0]


def test_tensors_as_keys_of_an_attribute():
    module, x, y = tf.Module(), tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0])
    module.table = {y: tf.Variable(1.0, name="of y"), x: tf.Variable(2.0, name="of x")}
    assert names(module.variables) == ["of y", "of x"]


@pytest.mark.parametrize(
    ("class_name", "name"),
    [
        ("Dense", "dense"),
        ("MLP", "mlp"),
        ("MLPBlock", "mlp_block"),
        ("HTTPServer2Thing", "http_server2_thing"),
        ("aB", "a_b"),
        ("Conv2D", "conv2_d"),
    ],
)
def test_the_name_of_a_class_becomes_that_of_the_module(class_name, name):
    assert type(class_name, (tf.Module,), {})().name == name


def test_a_module_can_be_named():
    assert MLPBlock("encoder").name == MLPBlock(name="encoder").name == "encoder"


@pytest.mark.parametrize("name", ["a b", "", "a/b", "1a", "a-b"])
def test_an_impossible_name_is_refused(name):
    with pytest.raises(InvalidArgumentError, match="is not a name") as caught:
        tf.Module(name)
    assert "[in test_module.py:" in str(caught.value)


def test_a_name_is_a_string():
    with pytest.raises(UsageError, match="a name is a string, got 3") as caught:
        tf.Module(3)
    assert isinstance(caught.value, TypeError)


def test_a_class_that_forgets_to_call_init_still_works():
    class Forgetful(tf.Module):
        def __init__(self):
            self.v = tf.Variable(1.0)

    module = Forgetful()
    assert module.name == "forgetful"
    assert len(module.variables) == 1
    with tf.Graph().as_default(), module.name_scope:
        assert tf.constant(1.0, name="x").name == "forgetful/x:0"


def test_the_operations_of_a_module_stand_in_its_scope():
    outside = Deep()
    with tf.Graph().as_default() as graph:
        x = tf.constant(1.0)
        outside(x), outside(x)
        one, two = Deep(), Deep()
        one(x), two(x), one(x)
    found = [n.name for n in graph.operations if n.type == "identity"]
    # Those made while the graph is written get scopes of their own; TensorFlow 2.21 agrees.
    assert found == ["deep/y", "deep/y_1", "deep/y_2", "deep_1/y", "deep/y_3"]
    assert [one.v.name, two.v.name] == ["deep/v", "deep_1/v"]


def test_the_scope_is_the_one_in_which_the_module_was_made():
    with tf.name_scope("outer"):
        module = Deep()
    assert module.v.name == "outer/deep/v"
    with tf.Graph().as_default(), tf.name_scope("elsewhere"):
        assert module(tf.constant(1.0)).name == "outer/deep/y:0"


def test_a_decorated_method_keeps_its_name_and_documentation():
    assert Deep.__call__.__name__ == "__call__"
    assert Deep.__call__.__doc__ == "Return the input."
    assert float(Deep()(tf.constant(3.0))) == 3.0


def test_a_copy_has_variables_of_its_own_shared_as_before():
    block = MLPBlock()
    other = copy.deepcopy(block)
    assert other.a is other.shared
    assert names(other.variables) == names(block.variables)
    assert not set(map(id, other.variables)) & set(map(id, block.variables))
    other.z.assign(9.0)
    assert float(block.z) == 1.0


class Linear(tf.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.w = tf.Variable(tf.ones([inputs, outputs]), name="w")

    @tf.function
    def __call__(self, x):
        return x @ self.w


def test_a_module_is_trained_through_its_variables():
    net = tf.Module()
    net.layers = [Linear(2, 3), Linear(3, 1)]
    x, y = tf.constant([[1.0, 2.0], [3.0, -1.0]]), tf.constant([[1.0], [0.0]])
    losses = []
    for _ in range(30):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(net.layers[1](net.layers[0](x)) - y))
        gradients = tape.gradient(loss, net.trainable_variables)
        for v, g in zip(net.trainable_variables, gradients, strict=True):
            v.assign_sub(0.01 * g)
        losses.append(float(loss))
    assert losses[-1] < 0.1 * losses[0]
    assert np.shape(net.variables[0]) == (2, 3)


def test_each_object_of_a_class_has_its_own_graphs():
    one, two = Linear(2, 3), Linear(2, 1)
    x = tf.ones([1, 2])
    assert one(x).shape == (1, 3)
    assert two(x).shape == (1, 1)
    one.w.assign(0.0 * one.w)
    assert one(x).numpy().tolist() == [[0.0] * 3]
    assert two(x).numpy().tolist() == [[2.0]]
