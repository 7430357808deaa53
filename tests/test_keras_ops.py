"""`keras.ops`: one table of calls, each with what NumPy makes of the same arguments."""

import inspect
import math
from functools import partial

import numpy as np
import pytest

import minitf as tf
from minitf import keras
from minitf.errors import DTypeError, InvalidArgumentError, UsageError
from minitf.keras import ops

X = np.array([[1.5, -2.0, 0.25], [3.0, 0.5, -1.25]], np.float32)
Y = np.array([[0.5, 2.0, 4.0], [-1.5, 0.5, 1.0]], np.float32)
P = np.abs(Y) / 5  # in (0, 1)
V = np.array([3.0, -1.0, 2.0, 0.5], np.float32)
N = np.array([[5, -3, 2], [0, 7, -2]], np.int32)
M = np.array([[2, 2, -5], [3, 1, 4]], np.int32)
T = np.array([[True, False, True], [False, False, True]])
NAN = np.array([1.0, np.nan, -2.0, np.inf, -np.inf], np.float32)
S = np.array([[4.0, 1.0], [1.0, 3.0]], np.float32)  # symmetric, positive
IMAGE = np.arange(48, dtype=np.float32).reshape(1, 4, 4, 3)
SPACE = np.linspace(-1, 1, 2 * 5 * 5 * 2, dtype=np.float32).reshape(2, 5, 5, 2)


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def scattered(shape, places, values, add=True):
    out = np.zeros(shape, np.float32)
    for place, value in zip(places, values, strict=True):
        out[tuple(place)] = out[tuple(place)] * add + value
    return out


def causal_attention(q, k, v):
    logits = np.einsum("btnh,bsnh->bnts", q, k) / np.sqrt(q.shape[-1])
    weights = softmax(np.where(np.tri(*logits.shape[-2:]) > 0, logits, -1e30))
    return np.einsum("bnts,bsnh->btnh", weights, v)


ELEMENTWISE = [
    *[
        (name, (X,), getattr(np, name))
        for name in (
            "abs",
            "absolute",
            "negative",
            "sign",
            "square",
            "exp",
            "expm1",
            "sin",
            "cos",
            "tan",
            "sinh",
            "cosh",
            "tanh",
            "arctan",
            "arcsinh",
            "ceil",
            "floor",
            "trunc",
            "cbrt",
            "exp2",
            "reciprocal",
            "deg2rad",
            "rad2deg",
            "sinc",
            "fabs",
            "isfinite",
            "isinf",
            "isnan",
            "signbit",
            "logical_not",
            "round",
        )
    ],
    *[
        (name, (P,), getattr(np, name))
        for name in ("sqrt", "log", "log1p", "log2", "log10", "arcsin", "arccos", "arctanh")
    ],
    *[
        (name, (NAN,), getattr(np, name))
        for name in ("isnan", "isinf", "isposinf", "isneginf", "nan_to_num", "isfinite")
    ],
    ("arccosh", (Y + 3,), np.arccosh),
    ("rsqrt", (P,), lambda x: 1 / np.sqrt(x)),
    ("round", (X, 1), np.round),
    ("clip", (X, -1, 2.0), np.clip),
    ("signbit", (np.array([0.0, -0.0, 1.0, -1.0], np.float32),), np.signbit),
    ("nan_to_num", (NAN, 7.0, 8.0, 9.0), lambda x, *a: np.nan_to_num(x, True, *a)),
    *[
        (name, (X, Y), getattr(np, name))
        for name in (
            "add",
            "subtract",
            "multiply",
            "divide",
            "true_divide",
            "floor_divide",
            "mod",
            "fmod",
            "maximum",
            "minimum",
            "fmax",
            "fmin",
            "arctan2",
            "hypot",
            "logaddexp",
            "logaddexp2",
            "heaviside",
            "equal",
            "not_equal",
            "greater",
            "greater_equal",
            "less",
            "less_equal",
            "logical_and",
            "logical_or",
            "logical_xor",
            "isclose",
            "allclose",
        )
    ],
    ("power", (P, Y), np.power),
    ("fmax", (NAN, NAN[::-1].copy()), np.fmax),
    ("divide_no_nan", (X, np.zeros_like(X)), lambda x, y: np.zeros_like(x)),
    ("ldexp", (X, N), np.ldexp),
    ("logaddexp", (np.float32([-np.inf, 90]), np.float32([-np.inf, 89])), np.logaddexp),
    ("isclose", (NAN, NAN), lambda x, y: np.isclose(x, y)),
    ("isclose", (NAN, NAN, 1e-5, 1e-8, True), np.isclose),
    ("isin", (N, [2, 5, 9]), np.isin),
    *[
        (name, (N, M), getattr(np, name))
        for name in (
            "bitwise_and",
            "bitwise_or",
            "bitwise_xor",
            "add",
            "floor_divide",
            "mod",
            "maximum",
        )
    ],
    ("left_shift", (N, 2), np.left_shift),
    ("right_shift", (N, 1), np.right_shift),
    ("bitwise_not", (N,), np.bitwise_not),
    ("bitwise_invert", (T,), np.bitwise_not),
    ("erf", (X,), np.vectorize(math.erf)),
    ("erfc", (X,), np.vectorize(math.erfc)),
    ("erfinv", (np.float32([0.5]),), lambda x: np.float32([0.47693628])),
]

REDUCTIONS = [
    *[
        (name, (X, axis), getattr(np, name))
        for axis in (None, 0, -1)
        for name in (
            "sum",
            "mean",
            "max",
            "min",
            "prod",
            "std",
            "var",
            "ptp",
            "median",
            "argmax",
            "argmin",
            "all",
            "any",
            "count_nonzero",
            "cumsum",
            "cumprod",
            "average",
            "amax",
            "amin",
        )
    ],
    ("sum", (X, (0, 1), True), lambda x, a, k: np.sum(x, a, keepdims=k)),
    ("argmax", (X, 1, True), lambda x, a, k: np.argmax(x, a, keepdims=k)),
    ("max", (N, 1, False, 6), lambda x, a, k, i: np.max(x, a, initial=i)),
    ("average", (X, 1, P), lambda x, a, w: np.average(x, a, w)),
    ("average", (X, 0, np.float32([1, 3])), lambda x, a, w: np.average(x, a, w)),
    *[
        (name, (NAN[:3], 0), getattr(np, name))
        for name in ("nansum", "nanmean", "nanmax", "nanmin", "nanprod", "nanvar", "nanstd")
    ],
    *[
        (name, (NAN[:3], axis), getattr(np, name))
        for name in ("nanargmax", "nanargmin", "nancumsum", "nancumprod")
        for axis in (None, 0)
    ],
    ("nanargmax", (np.float32([[np.nan, np.nan], [1, np.nan]]), 1), lambda x, a: np.array([-1, 0])),
    ("trapezoid", (X,), np.trapezoid),
    ("trapezoid", (X, None, 0.5, 0), np.trapezoid),
    ("trapezoid", (X, V[:3]), np.trapezoid),
    ("trapezoid", (X, V[:2], 1.0, 0), np.trapezoid),
    ("trapezoid", (X, Y, 1.0, 0), np.trapezoid),
    ("corrcoef", (X,), np.corrcoef),
    ("corrcoef", (S,), np.corrcoef),
    ("corrcoef", (V,), np.corrcoef),
    *[
        (
            "quantile",
            (X, [0.1, 0.75], axis, method),
            lambda x, q, a, m: np.quantile(x, np.float32(q), a, method=m),
        )
        for axis in (None, 0, 1)
        for method in ("linear", "lower", "higher", "midpoint", "nearest")
    ],
    (
        "quantile",
        (X, 0.4, 1, "linear", True),
        lambda x, q, a, m, k: np.quantile(x, q, a, keepdims=k),
    ),
    ("percentile", (X, 30.0, 0), np.percentile),
    ("logsumexp", (X, 1), lambda x, a: np.log(np.exp(x).sum(a))),
]

ARRANGEMENT = [
    ("reshape", (X, (3, -1)), np.reshape),
    ("ravel", (X,), np.ravel),
    ("transpose", (X,), np.transpose),
    ("transpose", (SPACE, (0, 3, 1, 2)), np.transpose),
    ("swapaxes", (SPACE, 1, -1), np.swapaxes),
    ("moveaxis", (SPACE, 1, -1), np.moveaxis),
    ("moveaxis", (SPACE, (0, 3), (2, 0)), np.moveaxis),
    ("expand_dims", (X, 1), np.expand_dims),
    ("expand_dims", (X, (0, -1)), np.expand_dims),
    ("squeeze", (X[None],), np.squeeze),
    ("squeeze", (X[:, None], 1), np.squeeze),
    ("broadcast_to", (V, (2, 4)), np.broadcast_to),
    ("concatenate", ([X, Y], 1), np.concatenate),
    ("stack", ([X, Y], 1), np.stack),
    *[(name, ([X, Y],), getattr(np, name)) for name in ("hstack", "vstack", "dstack")],
    *[(name, ([V, V],), getattr(np, name)) for name in ("hstack", "vstack", "dstack")],
    ("append", (X, Y), np.append),
    ("append", (X, Y, 1), np.append),
    ("split", (V, 2), np.split),
    ("split", (V, [1, 3]), np.split),
    ("split", (X, 3, 1), np.split),
    ("array_split", (V, 3), np.array_split),
    ("hsplit", (X, 3), np.hsplit),
    ("vsplit", (X, 2), np.vsplit),
    ("dsplit", (IMAGE, 2), np.dsplit),
    ("unstack", (X,), list),
    ("tile", (X, 2), np.tile),
    ("tile", (V, (2, 2)), np.tile),
    ("repeat", (X, 2), np.repeat),
    ("repeat", (X, 2, 1), np.repeat),
    ("roll", (X, 1), np.roll),
    ("roll", (X, 1, 1), np.roll),
    ("flip", (X,), np.flip),
    ("flip", (X, 1), np.flip),
    ("fliplr", (X,), np.fliplr),
    ("flipud", (X,), np.flipud),
    *[("rot90", (X, k), np.rot90) for k in range(4)],
    ("rot90", (IMAGE, 1, (1, 2)), np.rot90),
    ("pad", (X, 1), np.pad),
    (
        "pad",
        (X, ((1, 0), (0, 2)), "constant", 7),
        lambda x, w, m, c: np.pad(x, w, m, constant_values=c),
    ),
    ("pad", (X, ((0, 1), (2, 1)), "reflect"), np.pad),
    ("take", (X, [1, -1], 1), np.take),
    ("take", (X, [[0, 5]]), np.take),
    ("take_along_axis", (X, np.argsort(X, 1), 1), np.take_along_axis),
    (
        "take_along_axis",
        (X, [[1, 0, -1]], 0),
        lambda x, i, a: np.take_along_axis(x, np.array(i), a),
    ),
    ("where", (T, X, Y), np.where),
    ("where", (T, N, 0.5), lambda c, x, y: np.where(c, x, y).astype(np.float32)),
    ("where", (T,), np.where),
    ("nonzero", (N,), np.nonzero),
    ("select", ([X > 2, X > 0], [X, Y], 9.0), np.select),
    ("diff", (X,), np.diff),
    ("diff", (V, 2), np.diff),
    ("diag", (V,), np.diag),
    ("diag", (S, 1), np.diag),
    ("diag", (V, -1), np.diag),
    ("diagflat", (X,), np.diagflat),
    ("diagonal", (X,), np.diagonal),
    ("diagonal", (SPACE, 1, 1, 2), np.diagonal),
    ("trace", (X, 1), np.trace),
    ("tril", (S,), np.tril),
    ("tril", (X, -1), np.tril),
    ("triu", (X, 1), np.triu),
    ("triu", (X, -1), np.triu),
    ("sort", (X,), np.sort),
    ("sort", (X, 0), np.sort),
    ("argsort", (X, 0), np.argsort),
    ("argpartition", (V, 2), lambda x, k: np.argsort(x)),
    ("searchsorted", ([1.0, 2.0, 3.0], X), np.searchsorted),
    ("searchsorted", ([1, 2, 3], [2, 4], "right"), np.searchsorted),
    ("digitize", (X, [0.0, 1.0, 2.0]), np.digitize),
    ("unravel_index", ([5, 2], (2, 3)), np.unravel_index),
    ("unique", (N,), np.unique),
    ("get_item", (X, (slice(None), 1)), lambda x, k: x[k]),
    ("size", (X,), np.size),
    ("ndim", (X,), np.ndim),
]

CREATION = [
    ("array", (X,), np.array),
    ("copy", (X,), np.copy),
    ("zeros", ((2, 3),), partial(np.zeros, dtype=np.float32)),
    ("ones", (3, "int32"), np.ones),
    ("empty", ((2,),), partial(np.zeros, dtype=np.float32)),
    ("full", ((2, 2), 7, "int32"), np.full),
    ("zeros_like", (N,), np.zeros_like),
    ("ones_like", (X, "int32"), np.ones_like),
    ("full_like", (N, 3), np.full_like),
    ("empty_like", (N,), np.zeros_like),
    ("arange", (5,), np.arange),
    ("arange", (1, 7, 2), np.arange),
    ("arange", (0.0, 1.0, 0.25), np.arange),
    ("linspace", (0, 1, 5), np.linspace),
    ("linspace", (0, 1, 4, False), np.linspace),
    ("logspace", (0, 2, 3), np.logspace),
    ("geomspace", (1, 1000, 4), np.geomspace),
    ("eye", (3,), np.eye),
    ("eye", (2, 3, 1), np.eye),
    ("identity", (2,), np.identity),
    ("tri", (3, 2, 0), np.tri),
    ("meshgrid", (V, X[0]), np.meshgrid),
    ("vander", (V, 3), np.vander),
    ("vander", (V, 3, True), np.vander),
    ("bincount", ([1, 1, 3],), np.bincount),
    ("bincount", ([1, 1, 3], np.float32([1, 2, 4]), 6), np.bincount),
    *[(name, (5,), getattr(np, name)) for name in ("bartlett", "hamming", "hanning", "blackman")],
    ("kaiser", (5, 3.0), np.kaiser),
]

PRODUCTS = [
    ("matmul", (X, Y.T), np.matmul),
    ("matmul", (V, np.tile(V[:, None], 3)), np.matmul),
    ("matmul", (V, V), np.matmul),
    ("dot", (X, Y.T), np.dot),
    ("dot", (X, 2.0), np.dot),
    ("dot", (SPACE, S), np.dot),
    ("inner", (X, Y), np.inner),
    ("outer", (V, V), np.outer),
    ("vdot", (X, Y), np.vdot),
    ("tensordot", (SPACE, SPACE, [[1, 2], [1, 2]]), np.tensordot),
    ("tensordot", (X, Y.T, 1), np.tensordot),
    ("einsum", ("ij,kj->ik", X, Y), np.einsum),
    ("cross", (X, Y), np.cross),
    ("kron", (S, X), np.kron),
    ("det", (S,), np.linalg.det),
    ("slogdet", (S,), lambda x: tuple(np.linalg.slogdet(x))),
    ("logdet", (S,), lambda x: np.log(np.linalg.det(x))),
    ("inv", (S,), np.linalg.inv),
    ("cholesky", (S,), np.linalg.cholesky),
    ("cholesky", (S, True), lambda x, upper: np.linalg.cholesky(x).T),
    ("cholesky_inverse", (np.linalg.cholesky(S),), lambda x: np.linalg.inv(S)),
    ("eigh", (S,), lambda x: [np.linalg.eigh(x)[0]]),
    ("solve", (S, V[:2]), np.linalg.solve),
    ("solve", (S, X), np.linalg.solve),
    ("solve_triangular", (np.tril(S), V[:2], True), lambda a, b, lower: np.linalg.solve(a, b)),
    ("lstsq", (X.T, V[:3]), lambda a, b: np.linalg.lstsq(a, b)[0]),
    ("pinv", (X,), np.linalg.pinv),
    ("matrix_rank", (np.ones((3, 3), np.float32),), np.linalg.matrix_rank),
    *[("norm", (V, order), np.linalg.norm) for order in (None, 1, 2, 3, np.inf, -np.inf, 0)],
    *[("norm", (X, order), np.linalg.norm) for order in (None, "fro", 1, -1, 2, -2, np.inf, "nuc")],
    ("norm", (X, None, 1, True), np.linalg.norm),
    ("norm", (SPACE, 2, (1, 2)), np.linalg.norm),
    ("svd", (X, False, False), lambda x, *a: np.linalg.svd(x, compute_uv=False)),
    ("segment_sum", (V, [0, 0, 2, 2]), lambda x, i: np.float32([2, 0, 2.5])),
    ("segment_max", (V, [0, 0, 1, 1], 2), lambda x, *a: np.float32([3, 2])),
    ("segment_min", (V, [0, 0, 1, 1]), lambda x, *a: np.float32([-1, 0.5])),
    ("segment_prod", (V, [0, 0, 1, 1]), lambda x, *a: np.float32([-3, 1])),
    ("top_k", (V, 2), lambda x, k: (np.float32([3, 2]), [0, 2])),
    ("in_top_k", ([0, 1], X, 1), lambda t, x, k: [True, False]),
    ("cdist", (X, Y), lambda x, y: np.linalg.norm(x[:, None] - y, axis=-1)),
    ("extract_sequences", (V, 2, 1), lambda x, *a: np.lib.stride_tricks.sliding_window_view(x, 2)),
]

CORE = [
    ("cast", (X, "int32"), lambda x, d: x.astype(d)),
    ("saturate_cast", (np.float32([300, -5]), "uint8"), lambda x, d: [255, 0]),
    ("convert_to_tensor", (X, "float64"), lambda x, d: x.astype(d)),
    ("convert_to_numpy", (X,), np.array),
    ("stop_gradient", (X,), np.array),
    ("scatter", ([[0], [2], [0]], V[:3], (4,)), lambda i, v, s: scattered(s, i, v)),
    ("scatter_update", (V, [[1], [3]], [9.0, 8.0]), lambda *a: [3, 9, 2, 8]),
    ("scatter_update", (V, [[1], [3]], [9.0, 8.0], "add"), lambda *a: [3, 8, 2, 8.5]),
    ("scatter_update", (V, [[0], [1]], [1.0, 1.0], "max"), lambda *a: [3, 1, 2, 0.5]),
    ("scatter_update", (V, [[0], [1]], [1.0, 1.0], "min"), lambda *a: [1, -1, 2, 0.5]),
    ("scatter_update", (V, [[0], [1]], [2.0, 2.0], "mul"), lambda *a: [6, -2, 2, 0.5]),
    ("slice", (X, (0, 1), (2, 2)), lambda x, *a: x[:, 1:]),
    ("slice_update", (X, (0, 1), np.zeros((2, 2), np.float32)), lambda x, *a: x * [1, 0, 0]),
    ("cond", (True, lambda: 1.0, lambda: 2.0), lambda *a: 1.0),
    ("switch", (1, [lambda x: x, lambda x: 2 * x], 5.0), lambda *a: 10.0),
    ("switch", (9, [lambda x: x, lambda x: 2 * x], 5.0), lambda *a: 10.0),
    ("while_loop", (lambda i: i < 5, lambda i: i + 2, 0), lambda *a: 6),
    (
        "while_loop",
        (lambda i, x: i < 2, lambda i, x: (i + 1, x * 2), (0, 1.0)),
        lambda *a: (2, 4.0),
    ),
    ("fori_loop", (0, 4, lambda i, x: x + i, 10), lambda *a: 16),
    ("map", (lambda x: x * 2, X), lambda f, x: 2 * x),
    ("vectorized_map", (lambda x: x * 2, X), lambda f, x: 2 * x),
    ("scan", (lambda c, x: (c + x, c * x), 1.0, V), lambda *a: (5.5, [3.0, -4.0, 6.0, 2.5])),
    ("scan", (lambda c, x: (c + x, c + x), 0, N[0], None, True), lambda *a: (4, [4, -1, 2])),
    ("scan", (lambda c, x: (c * 2, c), 1, None, 3), lambda *a: (8, [1, 2, 4])),
    ("is_tensor", (X,), lambda x: False),
    ("dtype", (N,), lambda x: "int32"),
    ("shape", (X,), np.shape),
]

NN = [
    ("relu", (X,), lambda x: np.maximum(x, 0)),
    ("relu6", (X * 4,), lambda x: np.clip(x, 0, 6)),
    ("sigmoid", (X,), sigmoid),
    ("silu", (X,), lambda x: x * sigmoid(x)),
    ("swish", (X,), lambda x: x * sigmoid(x)),
    ("softplus", (X,), lambda x: np.log1p(np.exp(x))),
    ("softsign", (X,), lambda x: x / (1 + np.abs(x))),
    ("log_sigmoid", (X,), lambda x: np.log(sigmoid(x))),
    ("leaky_relu", (X,), lambda x: np.where(x > 0, x, 0.2 * x)),
    ("elu", (X,), lambda x: np.where(x > 0, x, np.expm1(x))),
    ("hard_sigmoid", (X,), lambda x: np.clip(x / 6 + 0.5, 0, 1)),
    ("hard_tanh", (X,), lambda x: np.clip(x, -1, 1)),
    ("gelu", (X, False), lambda x, a: x * (1 + np.vectorize(math.erf)(x / np.sqrt(2))) / 2),
    ("gelu", (X,), lambda x: x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))) / 2),
    ("glu", (V,), lambda x: x[:2] * sigmoid(x[2:])),
    ("softmax", (X, 0), softmax),
    ("log_softmax", (X,), lambda x: np.log(softmax(x))),
    ("threshold", (X, 0.3, 9.0), lambda x, *a: np.where(x > 0.3, x, 9)),
    ("one_hot", ([0, 2], 3), lambda x, n: np.eye(3)[x]),
    ("one_hot", (np.float32([1]), 2, 0), lambda *a: [[0], [1]]),
    ("multi_hot", ([[0, 2], [1, 1]], 3), lambda *a: [[1, 0, 1], [0, 1, 0]]),
    ("binary_crossentropy", (T.astype(np.float32), P), lambda t, p: -np.log(np.where(t, p, 1 - p))),
    (
        "binary_crossentropy",
        (T.astype(np.float32), X, True),
        lambda t, x, _: -np.log(np.where(t, sigmoid(x), 1 - sigmoid(x))),
    ),
    (
        "categorical_crossentropy",
        (np.eye(3, dtype=np.float32)[[0, 2]], P),
        lambda t, p: -np.log((p / p.sum(1, keepdims=True))[[0, 1], [0, 2]]),
    ),
    (
        "sparse_categorical_crossentropy",
        ([0, 2], X, True),
        lambda t, x, _: -np.log(softmax(x))[[0, 1], t],
    ),
    ("max_pool", (IMAGE, 2), lambda x, n: x[:, 1::2, 1::2]),
    (
        "average_pool",
        (IMAGE, 2, 2, "valid"),
        lambda x, *a: x.reshape(1, 2, 2, 2, 2, 3).mean((2, 4)),
    ),
    (
        "conv",
        (SPACE, np.ones((1, 1, 2, 3), np.float32)),
        lambda x, k: np.repeat(x.sum(-1, keepdims=True), 3, -1),
    ),
    (
        "conv",
        (SPACE[0], np.ones((2, 2, 1), np.float32), 1, "valid", None, 2),
        lambda x, *a: (x[:, :-2] + x[:, 2:]).sum(-1, keepdims=True),
    ),
    ("depthwise_conv", (SPACE, np.float32([[[[2], [3]]]])), lambda x, k: x * [2, 3]),
    (
        "separable_conv",
        (SPACE, np.float32([[[[2], [3]]]]), np.ones((1, 1, 2, 1), np.float32)),
        lambda x, *a: (x * [2, 3]).sum(-1, keepdims=True),
    ),
    (
        "conv_transpose",
        (SPACE, np.ones((2, 2, 1, 2), np.float32), 2),
        lambda x, *a: x.sum(-1, keepdims=True).repeat(2, 1).repeat(2, 2),
    ),
    (
        "depth_to_space",
        (np.arange(4, dtype=np.float32).reshape(1, 1, 1, 4), 2),
        lambda *a: np.arange(4).reshape(1, 2, 2, 1),
    ),
    (
        "space_to_depth",
        (IMAGE, 2),
        lambda x, n: x.reshape(1, 2, 2, 2, 2, 3).transpose(0, 1, 3, 2, 4, 5).reshape(1, 2, 2, 12),
    ),
    ("moments", (X, [0]), lambda x, a: (x.mean(0), x.var(0))),
    (
        "batch_normalization",
        (X, V[:3], Y[0], -1, V[1:], X[0]),
        lambda x, m, v, a, b, s: (x - m) / np.sqrt(v + 1e-3) * s + b,
    ),
    (
        "layer_normalization",
        (X, V[:3], V[1:]),
        lambda x, g, b: (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True)) * g + b,
    ),
    ("rms_normalization", (X,), lambda x: x / np.sqrt((x**2).mean(1, keepdims=True))),
    ("normalize", (X,), lambda x: x / np.linalg.norm(x, axis=1, keepdims=True)),
    ("normalize", (X, 0, 1), lambda x, a, o: x / np.abs(x).sum(0)),
    ("psnr", (P, P + 0.1, 1.0), lambda *a: 20.0),
    (
        "dot_product_attention",
        (SPACE, SPACE, SPACE, None, None, None, True),
        lambda q, k, v, *a: causal_attention(q, k, v),
    ),
    ("image.resize", (IMAGE, (2, 2), "nearest"), lambda x, *a: x[:, 1::2, 1::2]),
    ("image.resize", (IMAGE[0], (2, 2)), lambda x, *a: x.reshape(2, 2, 2, 2, 3).mean((1, 3))),
    ("image.rgb_to_grayscale", (IMAGE,), lambda x: x @ [[0.2989], [0.587], [0.114]]),
    (
        "image.extract_patches",
        (IMAGE, 2),
        lambda x, n: x.reshape(1, 2, 2, 2, 2, 3).transpose(0, 1, 3, 2, 4, 5).reshape(1, 2, 2, 12),
    ),
    (
        "image.affine_transform",
        (IMAGE, np.float32([1, 0, 1, 0, 1, 0, 0, 0])),
        lambda x, t: np.pad(x[:, :, 1:], ((0, 0), (0, 0), (0, 1), (0, 0))),
    ),
    (
        "image.pad_images",
        (IMAGE, 1, 2, 0, 0),
        lambda x, *a: np.pad(x, ((0, 0), (1, 0), (2, 0), (0, 0))),
    ),
    (
        "image.pad_images",
        (IMAGE[0], 1, 0, None, None, 6, 4),
        lambda x, *a: np.pad(x, ((1, 1), (0, 0), (0, 0))),
    ),
    ("image.crop_images", (IMAGE, 1, 0, 1, 2), lambda x, *a: x[:, 1:3, 0:2]),
    ("image.crop_images", (IMAGE, 1, 0, None, None, 2, 3), lambda x, *a: x[:, 1:3, 0:3]),
]

CALLS = [*ELEMENTWISE, *REDUCTIONS, *ARRANGEMENT, *CREATION, *PRODUCTS, *CORE, *NN]


def find(name):
    found = ops
    for part in name.split("."):
        found = getattr(found, part)
    return found


def same(found, expected, rtol=2e-5):
    if isinstance(expected, (tuple, list)) and isinstance(found, (tuple, list)):
        for a, b in zip(found, expected, strict=False):
            same(a, b)
        return
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape
    if found.dtype.kind in "SU":
        assert found == expected
    else:
        np.testing.assert_allclose(found, expected, rtol, rtol)


@pytest.mark.parametrize(
    ("name", "args", "expected"), CALLS, ids=[f"{name}-{i}" for i, (name, *_) in enumerate(CALLS)]
)
def test_it_is_what_numpy_makes_of_it(name, args, expected):
    with np.errstate(all="ignore"):
        wanted = expected(*args)
    found = find(name)(*args)
    same(found, wanted)
    if isinstance(found, tf.Tensor):
        assert found.dtype is not tf.float64 or name == "convert_to_tensor"


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    CALLS,
    ids=[f"{name}-{i}" for i, (name, *_) in enumerate(CALLS)],
)
def test_inside_a_function_it_is_the_same(name, args, expected):
    places = [i for i, a in enumerate(args) if isinstance(a, np.ndarray) and a.dtype == np.float32]
    call = find(name)
    if not places or name in ("convert_to_numpy", "is_tensor"):
        return
    eager = call(*args)

    @tf.function
    def traced(*tensors):
        filled = list(args)
        for i, t in zip(places, tensors, strict=True):
            filled[i] = t
        return call(*filled)

    same(traced(*[tf.constant(args[i]) for i in places]), eager, rtol=1e-6)


def test_svd_and_qr_can_be_multiplied_out():
    u, s, vh = ops.svd(X, full_matrices=False)
    same(ops.matmul(u * s, vh), X)
    q, r = ops.qr(X)
    same(ops.matmul(q, r), X)
    assert tuple(ops.qr(X.T, mode="complete")[0].shape) == (3, 3)


# -- types --------------------------------------------------------------------------------------

TYPES = [
    ("add", ("int32", "float32"), "float32"),
    ("add", ("int64", "float16"), "float16"),
    ("add", ("int32", "int64"), "int64"),
    ("add", ("uint8", "int8"), "int16"),
    ("add", ("int32", 1.5), "float32"),
    ("add", ("float16", 1.5), "float16"),
    ("add", ("bool", 1), "int32"),
    ("add", ("bool", "bool"), "bool"),
    ("add", ("float32", "float64"), "float64"),
    ("divide", ("int64", "int32"), "float32"),
    ("divide", ("float16", 2), "float16"),
    ("power", ("int32", 2), "int32"),
    ("maximum", ("bool", "bool"), "bool"),
    ("equal", ("int32", "float32"), "bool"),
    ("matmul", ("int32", "float32"), "float32"),
    ("concatenate", (["int32", "float32"],), "float32"),
    ("sqrt", ("int64",), "float32"),
    ("floor", ("int32",), "float32"),
    ("abs", ("int8",), "int8"),
    ("mean", ("int32",), "float32"),
    ("mean", ("float16",), "float16"),
    ("sum", ("bool",), "int32"),
    ("sum", ("uint8",), "uint32"),
    ("sum", ("int64",), "int64"),
    ("max", ("uint8",), "uint8"),
    ("argmax", ("float64",), "int32"),
    ("where", ("bool", "int32", 0.5), "float32"),
    ("clip", ("int32", 0, 1), "int32"),
    ("relu", ("int32",), "int32"),
]


@pytest.mark.parametrize(("name", "given", "expected"), TYPES, ids=[str(t) for t in TYPES])
def test_types_meet_as_in_keras(name, given, expected):
    def made(value):
        if isinstance(value, list):
            return [made(v) for v in value]
        return ops.ones((2, 2), value) if isinstance(value, str) else value

    assert find(name)(*map(made, given)).dtype.name == expected


def test_numbers_of_the_program_text_keep_their_types():
    assert ops.add(1, 2).dtype is tf.int32
    assert ops.add(1, 2.5).dtype is tf.float32
    assert ops.arange(3).dtype is tf.int32
    assert ops.arange(3.0).dtype is tf.float32
    assert ops.linspace(0, 1, 3).dtype is tf.float32
    assert keras.backend.result_type("int32", float) == "float32"
    assert keras.backend.result_type("float16", int) == "float16"


# -- everything ---------------------------------------------------------------------------------


def test_every_name_is_there_and_says_what_it_does():
    for name in ops.__all__:
        assert inspect.getdoc(getattr(ops, name)), name
    assert len(set(ops.__all__)) == len(ops.__all__)


def test_nearly_every_function_is_in_the_table():
    tested = {name for name, *_ in CALLS} | {"svd", "qr", "custom_gradient"}
    untested = {n for n in ops.__all__ if callable(getattr(ops, n))} - tested
    assert sorted(untested) == [
        "bitwise_left_shift",
        "bitwise_right_shift",
        "celu",
        "hard_shrink",
        "hard_silu",
        "hard_swish",
        "selu",
        "soft_shrink",
        "sparse_plus",
        "sparse_sigmoid",
        "sparsemax",
        "squareplus",
        "tanh_shrink",
    ]  # those of minitf.activations are tested there


def test_it_works_on_symbolic_tensors():
    x = keras.Input((3,))
    y = ops.concatenate([ops.relu(x), ops.mean(x, axis=-1, keepdims=True)], axis=-1)
    assert tuple(y.shape) == (None, 4)
    assert ops.shape(y)[1] == 4
    same(keras.Model(x, y)(X), np.hstack([np.maximum(X, 0), X.mean(1, keepdims=True)]))


def test_gradients_flow():
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = ops.sum(ops.take_along_axis(x, [[0], [2]], axis=1) ** 2)
    same(tape.gradient(y, x), [[3.0, 0, 0], [0, 0, -2.5]])


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: ops.scan(lambda c, x: (c, c), 0), InvalidArgumentError, "xs or length"),
        (lambda: ops.qr(X, "raw"), InvalidArgumentError, "reduced"),
        (lambda: ops.scatter_update(V, [[0]], [1.0], "mean"), InvalidArgumentError, "reduction"),
        (lambda: ops.select([T], [X, Y]), InvalidArgumentError, "2 choices"),
        (lambda: ops.image.pad_images(IMAGE, 1), UsageError, "give two of"),
        (lambda: ops.image.resize(IMAGE, (2, 2), crop_to_aspect_ratio=True,
                                  pad_to_aspect_ratio=True), UsageError, "not both"),
        (lambda: keras.random.uniform((2,), dtype="int32"), DTypeError, "randint"),
        (lambda: keras.random.normal((2,), seed="a"), DTypeError, "SeedGenerator"),
        (lambda: keras.random.SeedGenerator("a"), DTypeError, "whole number"),
    ],
)  # fmt: skip
def test_bad_input(call, error, said):
    with pytest.raises(error, match=said):
        call()


# -- keras.random -------------------------------------------------------------------------------


def test_an_int_is_the_whole_seed():
    draw = partial(keras.random.normal, (4,), seed=3)
    same(draw(), draw())
    same(tf.function(draw)(), draw())
    assert not np.allclose(draw(), keras.random.normal((4,), seed=4))


def test_a_seed_generator_moves_on_also_in_a_graph():
    draws = {}
    for traced in (False, True):
        seeds = keras.random.SeedGenerator(5)
        draw = partial(keras.random.uniform, (3,), seed=seeds)
        draw = tf.function(draw) if traced else draw
        draws[traced] = [np.array(draw()) for _ in range(3)]
        assert seeds.state.numpy().tolist() == [5, 3]
    same(draws[True], draws[False])
    assert not np.allclose(draws[True][0], draws[True][1])


def test_without_a_seed_the_program_s_counts():
    tf.random.set_seed(1)
    first = np.array(keras.random.normal((3,)))
    assert not np.allclose(first, keras.random.normal((3,)))
    tf.random.set_seed(1)
    same(keras.random.normal((3,)), first)


@pytest.mark.parametrize(
    ("draw", "mean", "std"),
    [
        (lambda n: keras.random.normal((n,), 2.0, 3.0, seed=1), 2.0, 3.0),
        (lambda n: keras.random.truncated_normal((n,), seed=1), 0.0, 0.88),
        (lambda n: keras.random.uniform((n,), -1.0, 3.0, seed=1), 1.0, 4 / 12**0.5),
        (lambda n: keras.random.randint((n,), 0, 10, seed=1), 4.5, 8.25**0.5),
        (lambda n: keras.random.gamma((n,), 4.0, seed=1), 4.0, 2.0),
        (lambda n: keras.random.beta((n,), 2.0, 2.0, seed=1), 0.5, 0.05**0.5),
        (lambda n: keras.random.binomial((n,), 10.0, 0.3, seed=1), 3.0, 2.1**0.5),
        (lambda n: keras.random.categorical(np.log([[0.5, 0.5]]), n, seed=1), 0.5, 0.5),
        (lambda n: keras.random.dropout(np.ones(n, np.float32), 0.5, seed=1), 1.0, 1.0),
    ],
)
def test_the_distributions(draw, mean, std):
    drawn = np.asarray(draw(20000), float)
    assert abs(drawn.mean() - mean) < 5 * std / 20000**0.5
    assert abs(drawn.std() - std) < 0.05 * std


def test_shuffle_keeps_the_entries_of_an_axis():
    x = np.arange(12).reshape(3, 4)
    shuffled = np.array(keras.random.shuffle(x, axis=1, seed=2))
    assert sorted(map(tuple, shuffled.T)) == sorted(map(tuple, x.T))
    assert not np.array_equal(shuffled, x)


def test_bernoulli_can_be_reached():
    assert tf.random.bernoulli([3], 1.0).numpy().tolist() == [True] * 3


# -- keras.backend ------------------------------------------------------------------------------

K_CALLS = [
    ("dot", (X, Y.T), np.dot),
    ("batch_dot", (SPACE[0], SPACE[0], 2), lambda x, y, a: x @ y.transpose(0, 2, 1)),
    ("batch_dot", (X, Y, 1), lambda x, y, a: (x * y).sum(1, keepdims=True)),
    ("mean", (X, 0), np.mean),
    ("sum", (X,), np.sum),
    ("max", (X, 1), np.max),
    ("argmax", (X,), lambda x: x.argmax(-1)),
    ("std", (X,), np.std),
    ("pow", (X, 2), np.power),
    ("clip", (X, None, 1.0), lambda x, a, b: np.minimum(x, 1)),
    ("cumsum", (X,), lambda x: np.cumsum(x, 0)),
    ("gather", (X, [1]), lambda x, i: x[i]),
    ("permute_dimensions", (X, (1, 0)), np.transpose),
    ("reverse", (X, 1), np.flip),
    ("batch_flatten", (SPACE,), lambda x: x.reshape(2, -1)),
    ("flatten", (X,), np.ravel),
    ("repeat_elements", (X, 2, 1), np.repeat),
    ("one_hot", ([1], 3), lambda *a: [[0, 1, 0]]),
    ("bias_add", (SPACE, [1.0, 2.0]), lambda x, b: x + b),
    ("l2_normalize", (X, 1), lambda x, a: x / np.linalg.norm(x, axis=1, keepdims=True)),
    ("switch", ([True, False], X, Y), lambda c, x, y: [x[0], y[1]]),
    ("relu", (X, 0.1, 2.0), lambda x, a, m: np.clip(np.where(x > 0, x, a * x), None, m)),
    ("int_shape", (X,), np.shape),
    ("shape", (X,), np.shape),
    ("ndim", (X,), np.ndim),
    ("count_params", (X,), np.size),
    ("pool2d", (IMAGE, (2, 2), (2, 2)), lambda x, *a: x[:, 1::2, 1::2]),
    ("spatial_2d_padding", (IMAGE,), lambda x: np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))),
    ("temporal_padding", (SPACE[0],), lambda x: np.pad(x, ((0, 0), (1, 1), (0, 0)))),
    ("resize_images", (IMAGE, 2, 2, "channels_last"), lambda x, *a: x.repeat(2, 1).repeat(2, 2)),
    ("random_normal", ((2, 3), 5.0, 0.0), lambda *a: np.full((2, 3), 5.0)),
    ("random_bernoulli", ((2,), 1.0), lambda *a: [1, 1]),
    ("dtype", (X,), lambda x: "float32"),
    ("is_float_dtype", ("float16",), lambda d: True),
]


@pytest.mark.parametrize(
    ("name", "args", "expected"), K_CALLS, ids=[f"{c[0]}-{i}" for i, c in enumerate(K_CALLS)]
)
def test_the_older_names(name, args, expected):
    given = [tf.constant(a) if isinstance(a, np.ndarray) else a for a in args]
    found = getattr(keras.backend, name)(*given)
    wanted = expected(*args)
    same(found, list(wanted) if isinstance(wanted, list) else wanted)


def test_values_of_variables():
    k = keras.backend
    v = k.variable([1.0, 2.0])
    k.set_value(v, [3.0, 4.0])
    k.update_add(v, [1.0, 1.0])
    assert k.get_value(v).tolist() == [4.0, 5.0]
    assert k.zeros((2,)).numpy().tolist() == [0.0, 0.0]
    assert k.epsilon() == 1e-7
    assert k.floatx() == "float32"
    assert k.image_data_format() == "channels_last"
    assert k.backend() == "tensorflow"
    assert k.learning_phase() == 0


def test_a_function_of_a_part_of_a_model():
    x = keras.Input((2,))
    y = 2 * x
    f = keras.backend.function([x], [y, y + 1])
    assert [a.tolist() for a in f([[[1.0, 2.0]]])] == [[[2.0, 4.0]], [[3.0, 5.0]]]
    assert keras.backend.function([x], y)([[[1.0, 2.0]]]).tolist() == [[2.0, 4.0]]


@pytest.mark.parametrize(("a", "b"), [((3, 4), (2, 2)), ((4,), (3, 4)), ((3, 4), ()), ((), ()),
                                  ((2, 3, 2), (2, 2))])  # fmt: skip
def test_kron_of_any_number_of_axes(a, b):
    x, y = np.random.default_rng(0).random(a), np.random.default_rng(1).random(b)
    found = ops.convert_to_numpy(ops.kron(x, y))
    assert found.shape == np.kron(x, y).shape
    np.testing.assert_allclose(found, np.kron(x, y))


def test_the_median_of_what_holds_nan_is_nan():
    x = np.array([[np.nan, 1.0, 2.0], [3.0, 4.0, 5.0]], np.float32)
    np.testing.assert_array_equal(ops.median(x, axis=1), np.median(x, axis=1))
    np.testing.assert_array_equal(ops.median(x, axis=0, keepdims=True), [[np.nan, 2.5, 3.5]])
    assert np.isnan(ops.median(x))
    assert np.isnan(ops.quantile(x, [0.0, 1.0])).all()


def test_triangles_of_truth_values_are_truth_values():
    x = np.ones((3, 3), bool)
    for k in (-1, 0, 1):
        for found, expected in [(ops.tril(x, k), np.tril(x, k)), (ops.triu(x, k), np.triu(x, k))]:
            assert found.dtype == "bool"
            np.testing.assert_array_equal(found, expected)


def test_softmax_over_several_axes():
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    e = np.exp(x)
    expected = e / e.sum((0, 2), keepdims=True)
    np.testing.assert_allclose(ops.softmax(x, axis=(0, 2)), expected, rtol=1e-5)
    np.testing.assert_allclose(ops.log_softmax(x, axis=[2, 0]), np.log(expected), rtol=1e-4)


def test_normalizing_zeros_has_a_finite_derivative():
    x = tf.zeros([2, 3])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = ops.normalize(x * 0.0)
    assert np.array_equal(tape.gradient(y, x), np.zeros((2, 3)))


def test_reshape_takes_one_number():
    assert ops.reshape(X, -1).shape == (6,)


def test_images_of_bytes_stay_bytes():
    x = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3)).astype(np.uint8)
    found = ops.image.resize(x, (4, 4))
    assert found.dtype == "uint8"
    np.testing.assert_array_equal(
        found, np.round(ops.image.resize(x.astype(np.float32), (4, 4))).astype(np.uint8)
    )
    gray = ops.image.rgb_to_grayscale(x)
    assert gray.dtype == "uint8"
    exact = ops.image.rgb_to_grayscale(x.astype(np.float32))
    np.testing.assert_array_equal(gray, np.floor(exact).astype(np.uint8))


def test_unique_tells_more_if_asked():
    x = np.array([[3, 1, 3], [2, 1, 7]])
    found = ops.unique(x, return_index=True, return_inverse=True, return_counts=True)
    expected = np.unique(x, return_index=True, return_inverse=True, return_counts=True)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(np.ravel(a), np.ravel(b))
    assert found[2].shape == x.shape


def test_trapezoid_takes_a_list_and_ldexp_half_precision():
    assert float(ops.trapezoid([1.0, 2.0, 4.0], x=[0.0, 1.0, 3.0])) == 7.5
    found = ops.ldexp(np.array([1.5], np.float16), np.array([3]))
    assert found.dtype == "float16"
    assert found.numpy().tolist() == [12.0]


def test_the_backend_computes_as_keras_2_did():
    k = keras.backend
    assert k.sqrt([-1.0, 4.0]).numpy().tolist() == [0.0, 2.0]
    np.testing.assert_allclose(k.hard_sigmoid([-3.0, 1.0, 3.0]), [0.0, 0.7, 1.0], rtol=1e-6)
    assert k.constant([1, 2]).dtype == tf.float32
    assert k.constant([1, 2], dtype="int32").dtype == tf.int32
    assert k.argmax(X).dtype == k.argmin(X).dtype == tf.int64
