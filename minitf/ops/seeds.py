"""Where random numbers come from: seeds, streams and counters.

Randomness here is a function. A *key* of three numbers (seed, stream, run) names a sequence of
random bits; the ops in `minitf.ops.draws` turn a key into numbers and are as pure as `add`. All
that has state is the one op that hands out keys, `random_key`::

      set_seed(7)                          seed 7
      tf.random.normal([3])                stream 0, run 0        each eager call: a new stream
      @tf.function                         stream 1, run 0, 1, ...  each op of a graph: its own
      def f(): return tf.random.normal([3])                         stream, each run the next key

A stream's number is settled when the program makes the call or writes the operation, and nobody
else draws from it. So it does not matter how many threads run a graph, or in which order.

Where threads make eager calls, as those of `tf.data.Dataset.map` do, the order of the calls would
decide. There, the function's call on element i has seeds of its own, which are made of i (`Turn`).

The bits are those of Philox, a counter-based generator: the key is its key, the run is part of its
counter, and sequences that differ in one of them do not overlap.

References
----------
Salmon, Moraes, Dror and Shaw, 2011, "Parallel random numbers: as easy as 1, 2, 3", SC '11.
Steele, Lea and Flood, 2014, "Fast splittable pseudorandom number generators", OOPSLA '14 (`mix`).
"""

from __future__ import annotations

import itertools
import secrets
import threading
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from minitf.dtypes import uint64
from minitf.errors import DTypeError
from minitf.graph.context import context
from minitf.graph.graph import Graph
from minitf.graph.op import Raw, op
from minitf.graph.spec import TensorSpec
from minitf.graph.tensor import Tensor, eager_tensor

Key = tuple[int, int, int]
MASK = 2**64 - 1
OWN_SEED = 2**63  # streams from here on belong to calls with a seed of their own
OF_A_TURN = 2**62  # streams from here on belong to the eager calls of one turn
DEFAULT_SEED = 87654321  # stands for the program's seed in calls that only have one of their own


class Seeds:
    """A seed, and who has drawn from it so far.

    Attributes
    ----------
    seed : int
        The seed that was set, or else one that the operating system gave.
    is_set : bool
        Whether it was set.
    generation : int
        Counts the calls of `reset`; streams start again when it changes.
    """

    def __init__(self, seed: int | None = None):
        self.generation = 0
        self.reset(seed)

    def reset(self, seed: int | None) -> None:
        """Start again from another seed; None lets the operating system choose."""
        self.is_set = seed is not None
        self.seed = secrets.randbits(64) if seed is None else as_seed(seed)
        self.generation += 1
        self._streams = itertools.count()
        self._runs: dict[int, Any] = {}

    def stream(self, own_seed: int | None) -> tuple[int, int]:
        """Return (seed, number) of the stream of a new call or operation."""
        number = next(self._streams) if own_seed is None else OWN_SEED | as_seed(own_seed)
        return self.seed_for(own_seed), number

    def seed_for(self, own_seed: int | None) -> int:
        """Return the seed of a call; one with a seed of its own does not depend on chance."""
        return self.seed if own_seed is None or self.is_set else DEFAULT_SEED

    def run(self, stream: int) -> int:
        """Return how often a stream has been drawn from."""
        return next(self._runs.setdefault(stream, itertools.count()))

    def key(self, own_seed: int | None) -> Tensor:
        """Return the key for an eager call, a new one each time."""
        seed, stream = self.stream(own_seed)
        run = 0 if own_seed is None else self.run(stream)
        return eager_tensor(np.array((seed, stream, run), np.uint64))


class Turn(Seeds):
    """The seeds of one call among many that may be made in any order, and by any thread.

    Parameters
    ----------
    keys : pair of keys
        Of all the calls: for draws without a seed of their own, and with one.
    number : int
        Which call it is.
    """

    def __init__(self, keys: tuple[Key, Key], number: int):
        self._keys, self._number = keys, number
        self.generation = 0
        self._streams = itertools.count(OF_A_TURN)
        self._runs = {}

    def seed_for(self, own_seed: int | None) -> int:
        """Return a seed made of the calls' key and the number of this one."""
        return mix(*self._keys[own_seed is not None], self._number)


def mix(*numbers: int) -> int:
    """Return 64 bits that look random, the same for the same numbers (SplitMix64)."""
    bits = 0
    for number in numbers:
        bits = (bits + number + 0x9E3779B97F4A7C15) & MASK
        bits = ((bits ^ bits >> 30) * 0xBF58476D1CE4E5B9) & MASK
        bits = ((bits ^ bits >> 27) * 0x94D049BB133111EB) & MASK
        bits ^= bits >> 31
    return bits


def as_seed(value: Any) -> int:
    """Return a seed as 64 bits."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise DTypeError(f"a seed must be a whole number, got {value!r}")
    return int(value) & MASK


class Stream:
    """The keys that one operation of a graph draws, one per run."""

    def __init__(self, seeds: Seeds, own_seed: int | None):
        self._seeds, self._own_seed = seeds, own_seed
        self._number = seeds.stream(own_seed)[1]
        self._restart()

    def _restart(self) -> None:
        self._generation = self._seeds.generation
        self._runs = itertools.count()

    def next(self) -> Key:
        """Return the next key."""
        if context.seeds is not None:
            turn = context.seeds
            return turn.seed_for(self._own_seed), self._number, turn.run(self._number)
        if self._generation != self._seeds.generation:
            self._restart()
        return self._seeds.seed_for(self._own_seed), self._number, next(self._runs)

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Itself: operations that draw from one stream keep their order."""
        return (self,)


@op(stateful=True, differentiable=False)
def random_key(stream: Raw):
    """Return the next key of a stream of random numbers.

    Parameters
    ----------
    stream : Stream
        Belongs to this operation alone.

    Returns
    -------
    Tensor
        Seed, stream and run; of type uint64.

    Examples
    --------
    >>> from minitf.ops.seeds import Seeds, Stream, random_key
    >>> stream = Stream(Seeds(7), None)
    >>> random_key(stream).numpy().tolist(), random_key(stream).numpy().tolist()
    ([7, 0, 0], [7, 0, 1])
    """
    return TensorSpec((3,), uint64)


@random_key.kernel("numpy")
def _(*, stream):
    return np.array(stream.next(), np.uint64)


_program = Seeds()
_of_graphs: WeakKeyDictionary[Graph, Seeds] = WeakKeyDictionary()


def program_stream(own_seed: int | None = None) -> Stream:
    """Return a new stream of the program's (or of a turn's), whichever graph is being written."""
    return Stream(context.seeds or _program, own_seed)


def next_key(own_seed: int | None = None, seeds: Seeds | None = None) -> Tensor:
    """Return the key for a call: a number when eager, in a graph the operation that draws it."""
    graph = context.graph
    if graph is None:
        return (seeds or context.seeds or _program).key(own_seed)
    return random_key(Stream(seeds or _seeds_of(graph), own_seed))


def _seeds_of(graph: Graph | None) -> Seeds:
    """Return the seeds set for a graph or one around it, else those of the program."""
    while graph is not None:
        if graph in _of_graphs:
            return _of_graphs[graph]
        graph = graph.outer
    return _program


def set_seed(seed: int | None) -> None:
    """Make the random numbers of the program reproducible.

    All streams start again: what is drawn after two calls with the same seed is the same, by eager
    calls and by the operations of graphs, on any number of threads.

    Parameters
    ----------
    seed : int
        Any whole number. Inside of a `tf.Graph` it is the seed of that graph alone.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.random.set_seed(7)
    >>> a = tf.random.normal([3])
    >>> tf.random.set_seed(7)
    >>> bool(tf.reduce_all(a == tf.random.normal([3])))
    True
    """
    graph = context.graph
    if graph is None:
        _program.reset(seed)
    else:
        graph.seed = seed
        _of_graphs.setdefault(graph, Seeds()).reset(seed)


class _Bits(threading.local):
    """One generator per thread: setting its state is ten times faster than making another."""

    def __init__(self) -> None:
        self.philox = np.random.Philox(key=0)
        self.generator = np.random.Generator(self.philox)
        self.state = self.philox.state | {"buffer_pos": 4, "has_uint32": 0, "uinteger": 0}


_bits = _Bits()


def generator(key: Any) -> np.random.Generator:
    """Return this thread's generator, set to the beginning of a key's sequence.

    A key that a user gives has two numbers. Those of streams have the run as a third one, and a
    one behind it in the counter, so that the two kinds never meet.
    """
    numbers = np.asarray(key).astype(np.uint64)
    run = (numbers[2], 1) if len(numbers) > 2 else (0, 0)
    state = _bits.state["state"]
    state["key"], state["counter"] = numbers[:2], np.array((0, 0, *run), np.uint64)
    _bits.philox.state = _bits.state
    return _bits.generator
