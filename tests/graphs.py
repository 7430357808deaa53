"""Small random programs: one recipe, computed eagerly or written as a graph, whole or in parts."""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

import minitf as tf
from minitf.runtime.executor import Executor
from minitf.runtime.passes import run_passes
from minitf.runtime.placer import place
from minitf.runtime.plan import make_plan
from minitf.runtime.program import Program

SHAPES = [(3, 4), (4,), (3, 1), (1, 4), ()]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.5, -1e30, 1e-30, np.inf, -np.inf, np.nan]

STEPS = {
    # What can be fused,
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "maximum": tf.maximum,
    "where": lambda x, y: tf.where(x > y, x, y),
    "negative": lambda x, _: -x,
    "abs": lambda x, _: tf.abs(x),
    "relu": lambda x, _: tf.nn.relu(x),
    "square": lambda x, _: tf.square(x),
    "sqrt": lambda x, _: tf.sqrt(tf.abs(x)),
    # what cannot,
    "sin": lambda x, _: tf.sin(x),
    "sum": lambda x, _: tf.reduce_sum(x, keepdims=True),
    "transpose": lambda x, _: tf.transpose(x),
    # what can be simplified or folded, and what only looks like it.
    "times one": lambda x, _: x * 1.0,
    "divided by one": lambda x, _: x / 1.0,
    "minus zero": lambda x, _: x - 0.0,
    "plus zero": lambda x, _: x + 0.0,
    "times zero": lambda x, _: x * 0.0,
    "twice negative": lambda x, _: tf.negative(tf.negative(x)),
    "identity": lambda x, _: tf.identity(x),
    "reshape": lambda x, _: tf.reshape(x, tf.shape(x)),
    "stretched": lambda x, y: stretched(x) + stretched(y),
    "constant": lambda x, _: x * (tf.constant(2.0) + tf.constant(-0.0)),
    "zeros": lambda x, _: x + tf.zeros_like(x),
}


def stretched(tensor):
    is_narrow = all(n in (1, m) for n, m in zip(reversed(tensor.shape), (4, 3)))
    return tf.broadcast_to(tensor, (3, 4)) if is_narrow else tf.reduce_sum(tensor)


def fits(a, b):
    return all(m == n or 1 in (m, n) for m, n in zip(reversed(a), reversed(b), strict=False))


class Recipe(NamedTuple):
    """Steps on inputs; step i makes value number len(inputs) + i."""

    shapes: tuple
    steps: tuple
    fetches: tuple
    fed: tuple

    def values(self, inputs, fed=None):
        """Return all values, computed or written; of `fed`, those that are given."""
        found = list(inputs)
        for i, (name, a, b) in enumerate(self.steps):
            x, y = found[a % len(found)], found[b % len(found)]
            x, y = (x, y) if fits(x.shape, y.shape) else (x, x)
            made = STEPS[name](x, y)
            found.append((fed or {}).get(len(self.shapes) + i, made))
        return found

    def arrays(self, seed=0, dtype=np.float32):
        """Return arrays for the inputs and the fed values, special numbers among them."""
        rng = np.random.default_rng(seed)
        shapes = [*self.shapes, *self.fed_shapes()]
        return [_some(rng, shape).astype(dtype) for shape in shapes]

    def fed_shapes(self):
        values = self.values([tf.zeros(s) for s in self.shapes])
        return [tuple(values[k].shape) for k in self.fed]

    def eagerly(self, arrays):
        """Return the fetched arrays, computed by one eager call after the other."""
        inputs = [tf.constant(a) for a in arrays]
        count = len(self.shapes)
        found = self.values(inputs[:count], dict(zip(self.fed, inputs[count:], strict=True)))
        return [found[k % len(found)].numpy() for k in self.fetches]

    def program(self, dtype=tf.float32, devices=()):
        """Return the same as a Program."""
        graph = tf.Graph()
        with graph.as_default():
            inputs = [tf.placeholder(dtype, s) for s in self.shapes]
            found = self.values(inputs)
        for i, node in enumerate(n for n in graph.operations if n.type != "placeholder"):
            if devices:
                node.device = devices[i % len(devices)]
        feeds = inputs + [found[k] for k in self.fed]
        return Program(graph, feeds, [found[k % len(found)] for k in self.fetches], [])


def _some(rng, shape):
    numbers = rng.normal(size=shape)
    return np.where(rng.random(shape) < 0.3, rng.choice(SPECIAL, shape), numbers)


@st.composite
def recipes(draw, names=tuple(STEPS), most=14, feeding=True):
    """Draw a recipe: shared subexpressions, several fetches, and fed edges in the middle."""
    shapes = tuple(draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=3)))
    number = st.integers(0, 40)
    steps = st.tuples(st.sampled_from(names), number, number)
    steps = tuple(draw(st.lists(steps, min_size=1, max_size=most)))
    fetches = tuple(draw(st.lists(number, min_size=1, max_size=3)))
    inner = st.sampled_from([len(shapes) + i for i in range(len(steps))])
    fed = tuple(draw(st.lists(inner, unique=True, max_size=2))) if feeding else ()
    return Recipe(shapes, steps, fetches, fed)


def run(program, passes, arrays):
    """Return what a Program fetches after some passes, on the sequential schedule."""
    placed = run_passes(program, (*passes, place))[-1][1]
    return [np.array(a) for a in Executor(make_plan(placed), arrays).run()]


def same_bits(found, expected):
    """Assert that arrays agree in every bit, signs of zeros included; all NaNs are alike."""
    assert len(found) == len(expected)
    for a, b in zip(map(np.asarray, found), map(np.asarray, expected), strict=True):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        np.testing.assert_array_equal(a, b)
        if a.dtype.kind == "f":
            numbers = ~np.isnan(a)
            np.testing.assert_array_equal(np.signbit(a[numbers]), np.signbit(b[numbers]))


def types(program):
    """Return the ops of a Program, sorted."""
    return sorted(n.type for n in program.graph.operations)
