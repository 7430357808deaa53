"""minitf: the TensorFlow dataflow model, from scratch, readable.

``import minitf as tf``, and TensorFlow's names mean what they mean there. Where to read on:
`minitf.graph` (what a computation is), `minitf.ops` (what can be computed), `minitf.autodiff` (how
derivatives are found), `minitf.runtime` (how a graph runs).
"""

from minitf import errors
from minitf.api import dtypes
from minitf.autodiff.backprop import UnconnectedGradients
from minitf.autodiff.custom import custom_gradient, grad_pass_through, recompute_grad
from minitf.autodiff.gradients import gradients, hessians
from minitf.autodiff.tape import GradientTape
from minitf.dtypes import (
    DType,
    as_dtype,
    complex64,
    complex128,
    double,
    float16,
    float32,
    float64,
    half,
    int8,
    int16,
    int32,
    int64,
    string,
    uint8,
    uint16,
    uint32,
    uint64,
)
from minitf.dtypes import (
    bool_ as bool,
)
from minitf.graph.context import executing_eagerly, init_scope, name_scope
from minitf.graph.convert import convert_to_tensor, is_tensor
from minitf.graph.device import device
from minitf.graph.graph import Graph, control_dependencies
from minitf.graph.operation import Operation
from minitf.graph.spec import TensorShape, TensorSpec
from minitf.graph.static import get_static_value
from minitf.graph.tensor import Tensor
from minitf.lazily import offer
from minitf.ops.array import concat, expand_dims, reshape, split, squeeze, stack, transpose, unstack
from minitf.ops.blocks import batch_to_space, space_to_batch_nd
from minitf.ops.broadcasting import broadcast_to
from minitf.ops.cond import case, cond, switch_case
from minitf.ops.counting import histogram_fixed_width, histogram_fixed_width_bins
from minitf.ops.cumulative import cumsum
from minitf.ops.division import divide, truediv, truncatediv, truncatemod
from minitf.ops.einsum import einsum, tensordot
from minitf.ops.exponential import exp, sigmoid
from minitf.ops.filling import eye, fill, linspace, one_hot, ones, range, sequence_mask, zeros
from minitf.ops.gather import gather, gather_nd, scatter_nd
from minitf.ops.grouping import group, no_op
from minitf.ops.index import slice_ as slice
from minitf.ops.index import strided_slice
from minitf.ops.logic import (
    equal,
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    not_equal,
)
from minitf.ops.loop import while_loop
from minitf.ops.mapping import foldl, foldr, map_fn, scan, vectorized_map
from minitf.ops.math import (
    abs_ as abs,
)
from minitf.ops.math import (
    add,
    add_n,
    cast,
    multiply,
    negative,
    scalar_mul,
    sign,
    subtract,
)
from minitf.ops.norms import clip_by_global_norm, clip_by_norm, global_norm, norm
from minitf.ops.partition import boolean_mask, dynamic_partition, dynamic_stitch
from minitf.ops.powers import pow_ as pow
from minitf.ops.powers import sqrt, square
from minitf.ops.products import matmul
from minitf.ops.rearrange import meshgrid, pad, repeat, reverse, reverse_sequence, roll, tile
from minitf.ops.reduction import (
    argmax,
    argmin,
    reduce_all,
    reduce_any,
    reduce_logsumexp,
    reduce_max,
    reduce_mean,
    reduce_min,
    reduce_prod,
    reduce_sum,
)
from minitf.ops.rounding import (
    clip_by_value,
    floor,
    maximum,
    minimum,
    saturate_cast,
)
from minitf.ops.rounding import (
    round_ as round,
)
from minitf.ops.scatter import (
    tensor_scatter_nd_add,
    tensor_scatter_nd_max,
    tensor_scatter_nd_min,
    tensor_scatter_nd_sub,
    tensor_scatter_nd_update,
)
from minitf.ops.script import numpy_function, py_function, timestamp
from minitf.ops.script import print_ as print
from minitf.ops.shapes import (
    broadcast_dynamic_shape,
    broadcast_static_shape,
    ensure_shape,
    identity_n,
    shape_n,
    unravel_index,
)
from minitf.ops.sorting import argsort, searchsorted, sort, unique, unique_with_counts
from minitf.ops.source import (
    constant,
    identity,
    ones_like,
    placeholder,
    rank,
    shape,
    size,
    stop_gradient,
    zeros_like,
)
from minitf.ops.state import Variable
from minitf.ops.tensor_array import TensorArray
from minitf.ops.trigonometry import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cos,
    cosh,
    sin,
    sinh,
    tan,
    tanh,
)
from minitf.ops.where import where
from minitf.runtime.function import Function, function
from minitf.runtime.module import Module
from minitf.runtime.session import InteractiveSession, Session

# The first two numbers are those of the TensorFlow whose public interface is followed.
__version__ = "2.21.0a1"

newaxis = None

# What only some programs use is imported when they do.
_lazy, __getattr__, __dir__ = offer(
    __name__,
    {
        **{f"minitf.api.{name}": [name] for name in (
            "bitwise", "compat", "config", "debugging", "image", "io", "linalg", "lookup", "math",
            "nest", "nn", "profiler", "random", "show", "strings", "summary", "test", "train")},
        "minitf.api.ragged": ["RaggedTensor", "RaggedTensorSpec", "ragged"],
        "minitf.api.sparse": ["IndexedSlices", "SparseTensor", "SparseTensorSpec", "sparse"],
        **{name: [name] for name in (
            "autodiff", "data", "initializers", "keras", "losses", "metrics", "optimizers")},
        "minitf.runtime.debugging": ["Assert", "assert_equal", "assert_greater", "assert_less",
                                     "assert_rank"],
        "minitf.runtime.logger": ["get_logger"],
        "minitf.ops.spelling": ["as_string"],
        "minitf.initializers": ["constant_initializer", "ones_initializer",
                                "random_normal_initializer", "random_uniform_initializer",
                                "zeros_initializer"],
    },
)  # fmt: skip

__all__ = [
    *_lazy,
    "DType",
    "Function",
    "GradientTape",
    "Graph",
    "InteractiveSession",
    "Module",
    "Operation",
    "Session",
    "Tensor",
    "TensorArray",
    "TensorShape",
    "TensorSpec",
    "UnconnectedGradients",
    "Variable",
    "__version__",
    "abs",
    "acos",
    "acosh",
    "add",
    "add_n",
    "argmax",
    "argmin",
    "argsort",
    "as_dtype",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "batch_to_space",
    "bool",
    "boolean_mask",
    "broadcast_dynamic_shape",
    "broadcast_static_shape",
    "broadcast_to",
    "case",
    "cast",
    "clip_by_global_norm",
    "clip_by_norm",
    "clip_by_value",
    "complex64",
    "complex128",
    "concat",
    "cond",
    "constant",
    "control_dependencies",
    "convert_to_tensor",
    "cos",
    "cosh",
    "cumsum",
    "custom_gradient",
    "device",
    "divide",
    "double",
    "dtypes",
    "dynamic_partition",
    "dynamic_stitch",
    "einsum",
    "ensure_shape",
    "equal",
    "errors",
    "executing_eagerly",
    "exp",
    "expand_dims",
    "eye",
    "fill",
    "float16",
    "float32",
    "float64",
    "floor",
    "foldl",
    "foldr",
    "function",
    "gather",
    "gather_nd",
    "get_static_value",
    "global_norm",
    "grad_pass_through",
    "gradients",
    "greater",
    "greater_equal",
    "group",
    "half",
    "hessians",
    "histogram_fixed_width",
    "histogram_fixed_width_bins",
    "identity",
    "identity_n",
    "init_scope",
    "int8",
    "int16",
    "int32",
    "int64",
    "is_tensor",
    "less",
    "less_equal",
    "linspace",
    "logical_and",
    "logical_not",
    "logical_or",
    "map_fn",
    "matmul",
    "maximum",
    "meshgrid",
    "minimum",
    "multiply",
    "name_scope",
    "negative",
    "no_op",
    "norm",
    "not_equal",
    "numpy_function",
    "one_hot",
    "ones",
    "ones_like",
    "pad",
    "placeholder",
    "pow",
    "print",
    "py_function",
    "range",
    "rank",
    "recompute_grad",
    "reduce_all",
    "reduce_any",
    "reduce_logsumexp",
    "reduce_max",
    "reduce_mean",
    "reduce_min",
    "reduce_prod",
    "reduce_sum",
    "repeat",
    "reshape",
    "reverse",
    "reverse_sequence",
    "roll",
    "round",
    "saturate_cast",
    "scalar_mul",
    "scan",
    "scatter_nd",
    "searchsorted",
    "sequence_mask",
    "shape",
    "shape_n",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "size",
    "slice",
    "sort",
    "space_to_batch_nd",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "stop_gradient",
    "strided_slice",
    "string",
    "subtract",
    "switch_case",
    "tan",
    "tanh",
    "tensor_scatter_nd_add",
    "tensor_scatter_nd_max",
    "tensor_scatter_nd_min",
    "tensor_scatter_nd_sub",
    "tensor_scatter_nd_update",
    "tensordot",
    "tile",
    "timestamp",
    "transpose",
    "truediv",
    "truncatediv",
    "truncatemod",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "unique",
    "unique_with_counts",
    "unravel_index",
    "unstack",
    "vectorized_map",
    "where",
    "while_loop",
    "zeros",
    "zeros_like",
]
