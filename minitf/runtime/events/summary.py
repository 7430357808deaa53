"""`tf.summary`: numbers, histograms, images and texts of a run, for TensorBoard.

Whoever records names a tag and a step; the writer is the one of the innermost ``as_default`` block
of the thread. Inside a traced function recording is an operation that acts on the world outside: it
runs at every call, in the order of the program, with the values of that call. The writer is the
one that was the default when the function was traced.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from minitf.dtypes import int64, string
from minitf.errors import FailedPreconditionError, InvalidArgumentError, ShapeError
from minitf.graph.context import context
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops.composed import composed
from minitf.ops.script import numpy_function
from minitf.runtime.events.event_file import EventFile
from minitf.runtime.events.messages import metadata_message, summary_message
from minitf.runtime.events.png import png

BUCKETS = 30


class _State(threading.local):
    """What recording means in one thread: where to, at which step, and whether at all."""

    def __init__(self) -> None:
        self.writer: SummaryWriter | None = None
        self.step: Any = None
        self.condition: Any = True


state = _State()


# -- writers ----------------------------------------------------------------------------------


class SummaryWriter:
    """Where summaries go: an event file, or nowhere; see `create_file_writer`."""

    def __init__(self, file: EventFile | None):
        self._file = file

    @contextmanager
    def as_default(self, step: Any = None) -> Iterator[SummaryWriter]:
        """Send here what this thread records inside the block, and flush at its end.

        Parameters
        ----------
        step : int, Tensor or Variable, optional
            The step of everything that names none.
        """
        self._check_open()
        before = state.writer, state.step
        state.writer, state.step = self, state.step if step is None else step
        try:
            yield self
        finally:
            state.writer, state.step = before
            self.flush()

    def set_as_default(self, step: Any = None) -> None:
        """Send here what this thread records from now on."""
        self._check_open()
        state.writer, state.step = self, state.step if step is None else step

    @property
    def closed(self) -> bool:
        """Whether it takes no further summaries."""
        return self._file is not None and self._file.closed

    def _check_open(self) -> None:
        if self.closed:
            raise FailedPreconditionError("the SummaryWriter is closed already")

    def add(self, step: int = 0, **what: bytes) -> None:
        """Write one event; `minitf.runtime.events.messages` has its fields."""
        if self._file is not None:
            self._file.add(step, **what)

    def init(self) -> None:
        """Do nothing: a writer is ready when it is made."""

    def flush(self) -> None:
        """Hand everything to the operating system, so that TensorBoard can see it."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Flush, and take no further summaries."""
        if self._file is not None:
            self._file.close()


def create_file_writer(
    logdir: Any,
    max_queue: int | None = None,
    flush_millis: int | None = None,
    filename_suffix: str | None = None,
    name: str | None = None,
    experimental_trackable: bool = False,
    experimental_mesh: Any = None,
) -> SummaryWriter:
    """Open a new event file in a directory.

    Parameters
    ----------
    logdir : path
        The directory, one per run; it is created where it is missing.
    max_queue : int, optional
        Summaries that may wait for being written, 10 by default.
    flush_millis : int, optional
        The longest that they wait, 120000 by default.
    filename_suffix : str, optional
        The end of the file's name, ".v2" by default.
    name, experimental_trackable, experimental_mesh : optional
        Accepted as in TensorFlow.

    Returns
    -------
    SummaryWriter

    Examples
    --------
    >>> import tempfile
    >>> import minitf as tf
    >>> logs = tempfile.mkdtemp()
    >>> with tf.summary.create_file_writer(logs).as_default():
    ...     for step in range(3):
    ...         _ = tf.summary.scalar("loss", 1.0 / (step + 1), step=step)
    """
    given = {"max_queue": max_queue, "flush_millis": flush_millis,
             "filename_suffix": filename_suffix}  # fmt: skip
    options = {key: value for key, value in given.items() if value is not None}
    return SummaryWriter(EventFile(logdir, **options))  # type: ignore[arg-type]


def create_noop_writer() -> SummaryWriter:
    """Return a writer that writes nothing."""
    return SummaryWriter(None)


def flush(writer: SummaryWriter | None = None, name: str | None = None) -> None:
    """Flush a writer, by default that of this thread."""
    chosen = writer or state.writer
    if chosen is not None:
        chosen.flush()


# -- when to record ---------------------------------------------------------------------------


@contextmanager
def record_if(condition: Any) -> Iterator[None]:
    """Record inside the block only where a condition holds.

    Parameters
    ----------
    condition : bool, Tensor, or function that returns one of them
        A function is asked at every summary; in a traced function once, so there it should return
        a Tensor.
    """
    before, state.condition = state.condition, condition
    try:
        yield
    finally:
        state.condition = before


def should_record_summaries() -> Any:
    """Return whether a summary would be written now."""
    if state.writer is None:
        return False
    return state.condition() if callable(state.condition) else state.condition


def get_step() -> Any:
    """Return the step of summaries that name none, or None."""
    return state.step


def set_step(step: Any) -> None:
    """Set the step of summaries that name none, for this thread.

    A number is fixed when a function is traced; a Variable is read at every call.
    """
    state.step = step


# -- what to record ---------------------------------------------------------------------------


@composed
def scalar(name: str, data: Any, step: Any = None, description: str | None = None) -> Tensor:
    """Record a number.

    Parameters
    ----------
    name : str
        The tag; the name scopes around stand before it.
    data : number or Tensor of shape ()
    step : int, Tensor or Variable, optional
        When; by default the step of the writer's block, or that of `set_step`.
    description : str, optional
        Shown beside it, as Markdown.

    Returns
    -------
    Tensor
        Of type bool: whether it was written, as far as is known now. It is not where no writer is
        the default.

    Raises
    ------
    InvalidArgumentError
        Where there is no step.
    """
    metadata = metadata_message("scalars", description)
    return _record(name, data, step, metadata, np.float32, rank=0)


@composed
def histogram(
    name: str,
    data: Any,
    step: Any = None,
    buckets: int | None = None,
    description: str | None = None,
) -> Tensor:
    """Record how the elements of a tensor are distributed.

    Parameters
    ----------
    name, step, description
        As for `scalar`.
    data : Tensor
        Of any shape.
    buckets : int, optional
        Of equal width, between the smallest and the largest element; 30 by default.

    Returns
    -------
    Tensor
    """
    count = BUCKETS if buckets is None else buckets
    metadata = metadata_message("histograms", description)
    return _record(name, data, step, metadata, lambda values: count_in_buckets(values, count))


def count_in_buckets(values: Any, count: int) -> Any:
    """Return the rows (left edge, right edge, number of elements) of a histogram.

    As in TensorBoard, equal elements all stand in the last bucket, and all edges are that value;
    NaN and infinity, which no bucket can hold, are left out.
    """
    values = np.asarray(values, np.float64).ravel()
    values = values[np.isfinite(values)]
    if not values.size or count < 1:
        return np.zeros([max(count, 0), 3])
    low, high = values.min(), values.max()
    if low == high:
        counts = np.zeros(count)
        counts[-1] = values.size
        return np.stack([np.full(count, low), np.full(count, low), counts], axis=1)
    counts, edges = np.histogram(values, count, (low, high))
    return np.stack([edges[:-1], edges[1:], counts], axis=1)


@composed
def image(
    name: str,
    data: Any,
    step: Any = None,
    max_outputs: int = 3,
    description: str | None = None,
) -> Tensor:
    """Record images.

    Parameters
    ----------
    name, step, description
        As for `scalar`.
    data : Tensor, shape (images, height, width, channels)
        Floats from 0 to 1, or integers from 0 to 255; what lies outside is clipped. 1 channel is
        gray, 2 are gray and alpha, 3 RGB, 4 RGBA.
    max_outputs : int
        Images that are written at most.

    Returns
    -------
    Tensor
    """

    def encode(images: Any) -> Any:
        height, width = images.shape[1:3]
        files = [png(as_bytes(pixels)) for pixels in images[:max_outputs]]
        return np.array([str(width).encode(), str(height).encode(), *files], object)

    return _record(name, data, step, metadata_message("images", description), encode, rank=4)


def as_bytes(pixels: Any) -> Any:
    """Return an image as numbers from 0 to 255."""
    if pixels.dtype.kind == "f":
        return np.clip(np.nan_to_num(pixels) * 255.5, 0, 255).astype(np.uint8)
    return np.clip(pixels, 0, 255).astype(np.uint8)


@composed
def text(name: str, data: Any, step: Any = None, description: str | None = None) -> Tensor:
    """Record text.

    Parameters
    ----------
    name, step, description
        As for `scalar`.
    data : str, or Tensor of strings
        Markdown; a tensor with one or two dimensions is shown as a table.

    Returns
    -------
    Tensor
    """
    return _record(name, data, step, metadata_message("text", description), np.asarray, kind=string)


@composed
def write(tag: str, tensor: Any, step: Any = None, metadata: Any = None,
          name: str | None = None) -> Tensor:  # fmt: skip
    """Record a tensor for any plugin of TensorBoard.

    Parameters
    ----------
    tag : str
        The whole tag: name scopes are not put before it.
    tensor : Tensor, or function that returns one
        A function is called only if there is somebody to write to.
    step : int, Tensor or Variable, optional
        As for `scalar`.
    metadata : bytes, optional
        An encoded SummaryMetadata message, which names the plugin.

    Returns
    -------
    Tensor
    """
    encoded = metadata.SerializeToString() if hasattr(metadata, "SerializeToString") else metadata
    return write_value(tag, tensor, step, encoded or b"", np.asarray)


def _record(
    name: str,
    data: Any,
    step: Any,
    metadata: bytes,
    form: Callable[[Any], Any],
    rank: int | None = None,
    kind: Any = None,
) -> Tensor:
    """Check a value, and write it in the form in which a plugin expects it."""
    if state.writer is None:
        return as_tensor(False)
    tensor = as_tensor(data)
    if rank is not None and tensor.ndim != rank:
        raise ShapeError(f"{name!r} needs {rank} dimensions, got a tensor of shape {tensor.shape}")
    if (tensor.dtype is string) is not (kind is string):
        wanted = "strings" if kind is string else "numbers"
        raise InvalidArgumentError(f"{name!r} needs {wanted}, got {tensor.dtype.name}")
    return write_value(context.scope + name, tensor, step, metadata, form)


def write_value(
    tag: str, data: Any, step: Any, metadata: bytes, form: Callable[[Any], Any]
) -> Tensor:
    """Write a value now, or whenever the graph runs that is being written."""
    writer, recording = state.writer, should_record_summaries()
    if writer is None or recording is False:
        return as_tensor(False)
    step = state.step if step is None else step
    if step is None:
        raise InvalidArgumentError(
            f"{tag!r} has no step: pass step=, or use writer.as_default(step) or "
            "tf.summary.experimental.set_step"
        )

    def put(is_recording: Any, step: Any, value: Any) -> None:
        if is_recording and not writer.closed:  # a traced function may outlive its writer
            writer.add(int(step), summary=summary_message(tag, form(value), metadata))

    value = data() if callable(data) and not isinstance(data, Tensor) else data
    inputs = [as_tensor(recording), as_tensor(step, hint=int64), as_tensor(value)]
    numpy_function(put, inputs, [], name="summary")
    return inputs[0]
