"""The messages of which event files consist: TensorFlow's, reduced to the fields written here.

References
----------
TensorFlow's ``event.proto``, ``summary.proto``, ``tensor.proto``, ``graph.proto``,
``node_def.proto``, ``attr_value.proto``, ``types.proto`` and ``config.proto``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from minitf.dtypes import as_dtype, from_numpy
from minitf.errors import DataError
from minitf.runtime.events.wire import BLOCK, DOUBLE, INTEGER, SINGLE, Message, fields

EVENT = Message(
    wall_time=(1, DOUBLE), step=(2, INTEGER), file_version=(3, BLOCK), graph_def=(4, BLOCK),
    summary=(5, BLOCK),
)  # fmt: skip

SUMMARY = Message(value=(1, BLOCK))
VALUE = Message(tag=(1, BLOCK), tensor=(8, BLOCK), metadata=(9, BLOCK))
METADATA = Message(plugin_data=(1, BLOCK), summary_description=(3, BLOCK))
PLUGIN_DATA = Message(plugin_name=(1, BLOCK), content=(2, BLOCK))

TENSOR = Message(
    dtype=(1, INTEGER), tensor_shape=(2, BLOCK), tensor_content=(4, BLOCK), string_val=(8, BLOCK)
)
SHAPE = Message(dim=(2, BLOCK))
DIMENSION = Message(size=(1, INTEGER))

GRAPH = Message(node=(1, BLOCK), versions=(4, BLOCK))
VERSIONS = Message(producer=(1, INTEGER))
NODE = Message(name=(1, BLOCK), op=(2, BLOCK), input=(3, BLOCK), device=(4, BLOCK), attr=(5, BLOCK))
ENTRY = Message(key=(1, BLOCK), value=(2, BLOCK))  # of a map
ATTRIBUTE = Message(
    list=(1, BLOCK), s=(2, BLOCK), i=(3, INTEGER), f=(4, SINGLE), b=(5, INTEGER),
    type=(6, INTEGER), shape=(7, BLOCK), tensor=(8, BLOCK),
)  # fmt: skip
LIST = Message(
    s=(2, BLOCK), i=(3, INTEGER), f=(4, SINGLE), b=(5, INTEGER), type=(6, INTEGER),
    shape=(7, BLOCK),
)  # fmt: skip

RUN_METADATA = Message(function_graphs=(4, BLOCK))
FUNCTION_GRAPHS = Message(pre_optimization_graph=(2, BLOCK))

# The numbers of the element types.
DATA_TYPES = {
    "float32": 1, "float64": 2, "int32": 3, "uint8": 4, "int16": 5, "int8": 6, "string": 7,
    "complex64": 8, "int64": 9, "bool": 10, "uint16": 17, "complex128": 18, "float16": 19,
    "variant": 21, "uint32": 22, "uint64": 23,
}  # fmt: skip
_BY_NUMBER = {number: name for name, number in DATA_TYPES.items()}


def tensor_message(value: Any) -> bytes:
    """Return an array, or strings, as a tensor message."""
    array = np.asarray(value)
    shape = shape_message(array.shape)
    dtype = from_numpy(array.dtype)
    number = DATA_TYPES[dtype.name]
    if dtype == "string":
        return TENSOR(dtype=number, tensor_shape=shape, string_val=list(array.ravel()))
    little_endian = array.astype(array.dtype.newbyteorder("<"), copy=False)
    content = little_endian.tobytes() or None
    return TENSOR(dtype=number, tensor_shape=shape, tensor_content=content)


def tensor_of(data: bytes) -> np.ndarray[Any, Any]:
    """Return the array of a tensor message, as `tensor_message` writes it.

    Raises
    ------
    DataError
        Where it is no such message.

    Examples
    --------
    >>> from minitf.runtime.events.messages import tensor_message, tensor_of
    >>> tensor_of(tensor_message([[1, 2], [3, 4]])).tolist()
    [[1, 2], [3, 4]]
    """
    found = list(fields(data))
    last = {number: value for number, _, value in found}
    strings = [value for number, _, value in found if number == 8]
    content, kind = last.get(4, b""), last.get(1, 0)
    dtype = as_dtype(_BY_NUMBER.get(kind, "variant"))
    if dtype == "variant":
        raise DataError(f"a tensor message of an unknown type, number {kind}")
    sizes = tuple(_size(part) for _, _, part in fields(last.get(2, b"")))
    have = len(strings) if dtype == "string" else len(content)
    need = math.prod(sizes) * (1 if dtype == "string" else dtype.size)
    if have != need:
        unit = "strings" if dtype == "string" else "bytes"
        raise DataError(f"a tensor message of shape {sizes} needs {need} {unit}, it has {have}")
    if dtype == "string":
        return np.array([*strings, None], object)[:-1].reshape(sizes)
    stored = np.frombuffer(content, dtype.numpy.newbyteorder("<"))
    return stored.astype(dtype.numpy).reshape(sizes)


def shape_message(shape: Iterable[int | None]) -> bytes:
    """Return a shape as a message; a size that is not known is -1, and 0 goes without saying."""
    return SHAPE(dim=[DIMENSION(size=-1 if n is None else n or None) for n in shape])


def _size(dimension: bytes) -> int:
    sizes = [value for number, _, value in fields(dimension) if number == 1]
    if sizes and sizes[-1] >= 2**63:
        raise DataError("a tensor message of unknown shape")
    return sizes[-1] if sizes else 0


def summary_message(tag: str, value: Any, metadata: bytes) -> bytes:
    """Return a summary of one value."""
    return SUMMARY(value=VALUE(tag=tag, tensor=tensor_message(value), metadata=metadata))


def metadata_message(plugin: str, description: str | None = None, content: bytes = b"") -> bytes:
    """Return what says which of TensorBoard's plugins is to show a value."""
    data = PLUGIN_DATA(plugin_name=plugin, content=content or None)
    return METADATA(plugin_data=data, summary_description=description)
