"""Many numbers to few: reductions, cumulative and segment sums, sorting, counting, norms."""

from .case import Case, bools, case, f16, f32, f64, ints, lit

inf, nan = float("inf"), float("nan")
FLOAT = [
    "reduce_sum",
    "reduce_mean",
    "reduce_max",
    "reduce_min",
    "reduce_prod",
    "reduce_logsumexp",
    "math.reduce_std",
    "math.reduce_variance",
    "math.reduce_euclidean_norm",
]
ANY_TYPE = ["reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_prod"]
CASES: list[Case] = []

for name in FLOAT:
    CASES += [
        case(name, f32(3, 4)),
        case(name, f32(3, 4), axis=0),
        case(name, f32(2, 3, 4), axis=[0, -1], keepdims=True),
        case(name, f64(3, 4), 1, True),
        case(name, f64(3, 4), -2),
        case(name, f64(3)),
    ]
for name in ANY_TYPE:
    CASES += [
        case(name, ints(3, 4), axis=1),
        case(name, ints(2, 2, dtype="int64")),
        case(name, f32(2, 3), axis=[]).check(order=1),
    ]
for name in ["reduce_sum", "reduce_prod", "reduce_max", "reduce_min", "reduce_logsumexp"]:
    CASES += [case(name, f32(0, 3), axis=0).check(order=0), case(name, f32(0, 3), axis=1)]
for name in ["reduce_any", "reduce_all"]:
    CASES += [
        case(name, bools(3, 4)),
        case(name, bools(3, 4), axis=1),
        case(name, bools(2, 3, 4), axis=[0, 2], keepdims=True),
        case(name, bools(0, 3), axis=0),
    ]
for name in ["argmax", "argmin"]:
    CASES += [
        case(name, f32(3, 4)),
        case(name, f32(3, 4), axis=1),
        case(name, f64(2, 3, 4), -1),
        case(name, ints(3, 4), axis=0),
        case(name, f32(3, 4), axis=1, output_type="int32"),
        case(name, lit([3.0, 5.0, 5.0, 3.0])),
    ]
for name in ["cumsum", "math.cumprod"]:
    CASES += [
        case(name, f32(3, 4)),
        case(name, f32(3, 4), axis=1),
        case(name, f32(3, 4), axis=-1, exclusive=True),
        case(name, f64(3, 4), 0, False, True),
        case(name, f64(4), exclusive=True, reverse=True),
        case(name, ints(2, 4), axis=1),
        case(name, f32(0)),
    ]
# sorted ids with a gap, so that one segment is empty
SORTED = lit([0, 0, 1, 3, 3], "int32")
LOOSE = lit([2, 0, 2, -1, 0], "int32")
for name in ["sum", "mean", "max", "min", "prod"]:
    CASES += [
        case(f"math.segment_{name}", f32(5, 2), SORTED).check(order=1),
        case(f"math.segment_{name}", f64(5), lit([0, 0, 1, 1, 1], "int64")).check(order=1),
        case(f"math.unsorted_segment_{name}", f32(5, 2), LOOSE, 4).check(order=1),
        case(f"math.unsorted_segment_{name}", f64(2, 3), lit([[0, 1, 1], [2, 2, 0]], "int32"), 3),
    ]

CASES += [
    case("reduce_sum", f16(3, 4), axis=1).check(order=1),
    case("reduce_sum", f32(2, 3), axis=(0, 1)),
    case("reduce_sum", f32()),
    case("reduce_sum", ints(3, dtype="uint8", low=0)),
    case("reduce_mean", f32(200, 3), axis=0).check(order=1),
    case("reduce_mean", f32(2, 0), axis=1).check(order=0, nan=True),
    case("reduce_max", lit([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]), axis=1),
    case("reduce_min", lit([[1.0, 3.0, 1.0], [2.0, 2.0, 2.0]]), axis=1),
    case("reduce_max", lit([1.0, nan, 2.0])).check(order=0, nan=True),
    case("reduce_prod", lit([[2.0, 0.0, 3.0], [0.0, 0.0, 1.0], [2.0, 3.0, 4.0]]), axis=1),
    case("reduce_logsumexp", lit([1000.0, 1000.0, -1000.0])),
    case("reduce_logsumexp", lit([[-inf, -inf], [0.0, -inf]]), axis=1).check(order=0),
    case("reduce_logsumexp", lit([inf, 0.0])).check(order=0),
    case("math.reduce_std", f32(4, 3), axis=0, keepdims=True),
    case("math.reduce_sum", f32(2, 3), axis=1, name="total"),
    case("math.reduce_mean", input_tensor=f32(2, 3), axis=0, keepdims=False),
    case("math.reduce_prod", f64(2, 3), axis=1),
    case("math.count_nonzero", lit([[0.0, 1.0, 2.0], [0.0, 0.0, nan]])),
    case("math.count_nonzero", ints(3, 4, low=0, high=2), axis=1, keepdims=True),
    case("math.count_nonzero", bools(6), dtype="int32"),
    case("math.zero_fraction", lit([0.0, 1.0, 0.0, 2.0, 0.0])),
    case("math.cumulative_logsumexp", f32(3, 4), axis=1),
    case("math.cumulative_logsumexp", f64(5), reverse=True, exclusive=False),
    case("math.unsorted_segment_sqrt_n", f32(5, 2), LOOSE, 4).check(order=1),
    case("math.unsorted_segment_sum", ints(5), LOOSE, num_segments=3),
    case("math.segment_sum", ints(5, 2), SORTED),
    case("math.bincount", ints(12, low=0, high=6)),
    case("math.bincount", ints(12, low=0, high=6), minlength=9),
    case("math.bincount", ints(12, low=0, high=6), maxlength=4),
    case("math.bincount", ints(8, low=0, high=4), weights=f32(8)).check(order=0),
    case("math.bincount", ints(2, 6, low=0, high=4), axis=-1),
    case("math.bincount", ints(2, 6, low=0, high=4), axis=-1, binary_output=True),
    case("math.bincount", lit([], "int32")),
    case("math.confusion_matrix", ints(9, low=0, high=3), ints(9, low=0, high=3)),
    case("math.confusion_matrix", ints(5, low=0, high=3), ints(5, low=0, high=3), num_classes=4),
    case("math.top_k", f32(3, 6), k=2),
    case("math.top_k", f64(7), 3),
    case("math.top_k", f32(2, 5)),
    case("math.top_k", lit([1, 5, 5, 2, 5], "int32"), k=4),
    case("math.top_k", f32(2, 3), k=0).check(order=0),
    case("nn.top_k", f32(2, 5), k=2, sorted=True),
    case("math.in_top_k", targets=ints(4, low=0, high=5), predictions=f32(4, 5), k=2),
    case("sort", f32(3, 5)),
    case("sort", f64(3, 5), axis=0),
    case("sort", f32(2, 5), direction="DESCENDING"),
    case("sort", ints(8)),
    case("sort", ints(2, 6), axis=-1, direction="DESCENDING"),
    case("argsort", f32(3, 5)),
    case("argsort", f32(3, 5), axis=0),
    case("argsort", f32(2, 5), -1, "DESCENDING"),
    case("argsort", lit([2, 1, 2, 1, 2], "int32"), stable=True),
    case("unique", lit([4, 1, 4, 7, 1, 9], "int32")),
    case("unique", lit([0.5, -1.0, 0.5]), out_idx="int64").check(order=0),
    case("unique_with_counts", lit([4, 1, 4, 7, 1, 9], "int64")),
    case("searchsorted", lit([1.0, 3.0, 3.0, 5.0]), lit([0.0, 3.0, 4.0, 9.0])).check(order=0),
    case("searchsorted", lit([1, 3, 3, 5], "int32"), lit([3, 5], "int32"), side="right"),
    case("math.invert_permutation", lit([2, 0, 3, 1], "int32")),
    case("histogram_fixed_width", f32(20), [-1.0, 1.0], nbins=5),
    case("histogram_fixed_width_bins", f32(8), [-1.0, 1.0], nbins=5),
    # norms
    case("norm", f32(3, 4)),
    case("norm", f32(3, 4), axis=1),
    case("norm", f64(3, 4), 1, axis=0),
    case("norm", f64(3, 4), ord=inf, axis=1, keepdims=True),
    case("norm", f64(3, 4), ord=3, axis=-1).check(order=1),
    case("linalg.norm", f64(2, 3, 4), ord="euclidean", axis=[1, 2]),
    case("linalg.norm", f64(2, 3, 4), ord="fro", axis=[-2, -1]),
    case("linalg.norm", f64(3, 4), ord=1, axis=[0, 1]).check(order=1),
    case("linalg.norm", f64(3, 4), ord=inf, axis=[0, 1]).check(order=1),
    case("math.l2_normalize", f32(3, 4), axis=1),
    case("math.l2_normalize", f64(2, 3, 4), axis=[1, 2]),
    case("math.l2_normalize", f32(3, 4), 0, 10.0),
    case("nn.l2_normalize", lit([[0.0, 0.0], [3.0, 4.0]]), axis=-1, epsilon=1e-6).check(order=1),
    case("nn.l2_loss", f32(3, 4)),
    # TensorFlow takes the mean in a variance for constant: right for the gradient, where its
    # contribution is zero, but its Hessian 2/n I lacks the -2/n^2 of every element.
    case("nn.moments", f32(3, 4), axes=[0]).check(order=1),
    case("nn.moments", f64(2, 3, 4), axes=[0, 2], keepdims=True).check(order=1),
    case("nn.moments", f32(2, 3), [0, 1]).check(order=1),
    case("nn.weighted_moments", f64(4, 3), axes=[0], frequency_weights=f64(4, 1, low=0.2)),
    case("nn.zero_fraction", lit([0.0, 1.0, 0.0, 2.0])),
    case("nn.in_top_k", ints(4, low=0, high=5), f32(4, 5), 3),
]
