"""`tf.summary`: what TensorBoard shows of a run."""

from types import SimpleNamespace

from minitf.runtime.events.summary import (
    SummaryWriter,
    create_file_writer,
    create_noop_writer,
    flush,
    get_step,
    histogram,
    image,
    record_if,
    scalar,
    set_step,
    should_record_summaries,
    text,
    write,
)
from minitf.runtime.events.tracing import graph, trace_export, trace_off, trace_on

experimental = SimpleNamespace(get_step=get_step, set_step=set_step)

__all__ = [
    "SummaryWriter",
    "create_file_writer",
    "create_noop_writer",
    "experimental",
    "flush",
    "graph",
    "histogram",
    "image",
    "record_if",
    "scalar",
    "should_record_summaries",
    "text",
    "trace_export",
    "trace_off",
    "trace_on",
    "write",
]
