"""What "here" means for a call: which graph is being written, on which device, for which tape.

One small object per thread. Ops read it once per call; `with Graph()`, `tf.device`,
`tf.name_scope`, `tf.control_dependencies` and the tapes change it for the length of a block.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from minitf.errors import FailedPreconditionError

if TYPE_CHECKING:
    from minitf.graph.device import Device
    from minitf.graph.graph import Graph
    from minitf.graph.operation import Operation
    from minitf.graph.tensor import Tensor


class Recorder(Protocol):
    """Something that follows eager operations: a tape, or a forward-mode accumulator."""

    def wants(self, inputs: tuple[Tensor, ...], variables: tuple[Any, ...]) -> bool:
        """Return whether an operation on these inputs is of interest."""

    def record(self, node: Operation) -> None:
        """Take note of an operation that has just run."""


class Context(threading.local):
    """The state of one thread.

    Attributes
    ----------
    graph : Graph or None
        The graph that calls are written into; None when they compute at once.
    device : Device or None
        The device asked for by `tf.device`; None leaves the choice to the placer.
    scope : str
        Prefix of new names, such as ``"layer1/"``.
    recorders : list of Recorder
        Tapes that follow eager operations, the innermost last.
    gradient_of : str or None
        While a derivative is being built: the name of the operation that it belongs to.
    sessions : list of Session
        The open ``with Session()`` blocks, the innermost last.
    seeds : Seeds or None
        Whose random numbers are drawn, where it is not the program's that decide.
    in_kernel : bool
        Whether a kernel is running that an eager call has started.
    autocast : DType or None
        To which floating Variables are cast where they are read (mixed precision).
    quiet : contextvars.Context
        In which NumPy does not warn of division by zero and its like.
    """

    def __init__(self) -> None:
        self.graph: Graph | None = None
        self.device: Device | None = None
        self.scope: str = ""
        self.recorders: list[Recorder] = []
        self.gradient_of: str | None = None
        self.sessions: list[Any] = []
        self.seeds: Any = None
        self.in_kernel = False
        self.autocast: Any = None
        self.quiet = contextvars.copy_context()
        self.quiet.run(np.seterr, all="ignore")


context = Context()


@contextmanager
def set_context(**changes: Any) -> Iterator[None]:
    """Change fields of this thread's context for the length of a block."""
    before = {key: getattr(context, key) for key in changes}
    context.__dict__.update(changes)
    try:
        yield
    finally:
        context.__dict__.update(before)


def get_default_session() -> Any:
    """Return the innermost ``with Session()`` of this thread, or None."""
    return context.sessions[-1] if context.sessions else None


def default_session() -> Any:
    """Return the innermost ``with Session()`` of this thread; that there is none is an error."""
    if not context.sessions:
        raise FailedPreconditionError(
            "no default session: use `with tf.Session():` or pass session="
        )
    return context.sessions[-1]


def executing_eagerly() -> bool:
    """Return whether calls compute at once (True) or are written into a graph (False).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.executing_eagerly()
    True
    """
    return context.graph is None


@contextmanager
def init_scope() -> Iterator[None]:
    """Leave every graph for the length of a block: calls inside compute at once."""
    with set_context(graph=None, scope="", recorders=[], gradient_of=None):
        yield


@contextmanager
def name_scope(name: str | None) -> Iterator[str]:
    """Put `name` in front of the names of operations made inside the block.

    Parameters
    ----------
    name : str or None
        Made unique in the graph. A name that ends in "/", such as the block gives, is a scope that
        exists already and is entered again; "" and None lead out of all scopes.

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.Graph() as g, tf.name_scope("layer1"):
    ...     t = tf.constant(1.0, name="one")
    >>> t.name
    'layer1/one:0'
    """
    with set_context(scope=_scope(name)):
        yield context.scope


def _scope(name: str | None) -> str:
    """Return the prefix that a scope gives to names."""
    if not name:
        return ""
    if name.endswith("/"):
        return name
    full = context.scope + name
    return (full if context.graph is None else context.graph.unique_name(full)) + "/"


def run_quietly(kernel: Callable[..., Any], *arrays: Any, **attributes: Any) -> Any:
    """Call a kernel with NumPy's floating-point warnings off: 1/0 is inf, as IEEE says.

    NumPy keeps that setting in a context variable. Entering a context in which it has been changed
    once is several times cheaper than changing it for each call.
    """
    if context.in_kernel:  # a kernel that calls ops, such as tf.py_function
        return kernel(*arrays, **attributes)
    context.in_kernel = True
    try:
        return context.quiet.run(kernel, *arrays, **attributes)
    finally:
        context.in_kernel = False
