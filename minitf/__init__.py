"""minitf: the TensorFlow dataflow model, from scratch, readable."""

from minitf.autodiff.tape import GradientTape
from minitf.dtypes import (
    DType,
    as_dtype,
    bool_ as bool,
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
from minitf.graph import nest
from minitf.graph.context import executing_eagerly, init_scope, name_scope
from minitf.graph.convert import convert_to_tensor
from minitf.graph.device import device
from minitf.graph.graph import Graph, control_dependencies
from minitf.graph.operation import Operation
from minitf.graph.spec import TensorShape, TensorSpec
from minitf.graph.tensor import Tensor
from minitf.ops.math import *
from minitf.ops.division import *
from minitf.ops.exponential import *
from minitf.ops.logic import *
from minitf.ops.powers import *
from minitf.ops.rounding import *
from minitf.ops.trigonometry import *
from minitf.ops.where import *
from minitf.ops.array import *
from minitf.ops.filling import *
from minitf.ops.gather import *
from minitf.ops.rearrange import *
from minitf.ops.source import constant, placeholder, identity, zeros_like, ones_like, shape, stop_gradient, rank, size
from minitf.ops.linalg import matmul
from minitf.ops.reduction import *
from minitf.ops.state import Variable
from minitf.runtime.session import Session
from minitf.runtime.function import function
from minitf.runtime.module import Module
from minitf import optimizers
from minitf.ops import softmax, cross_entropy, activation, rectifier
import types as _t
nn = _t.SimpleNamespace(**{k: v for m in (softmax, cross_entropy, activation, rectifier) for k, v in vars(m).items() if not k.startswith("_")})
from minitf.runtime import timeline as profiler, debugging
from minitf import errors
