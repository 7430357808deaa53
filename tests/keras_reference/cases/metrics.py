"""Every metric, over several batches, with weights."""

from tests.keras_reference.case import (
    bits,
    function,
    ints,
    metric,
    one_hot,
    probabilities,
    x,
)

UNIT = {"low": 0.05, "high": 0.95}  # probabilities
WEIGHTS = x(4, low=0, high=2)


def twice(name, kwargs, y_true, y_pred, weights=WEIGHTS):
    """Return the metric shown two batches, then two of which the second is weighted."""
    return [
        metric(name, kwargs, [(y_true, y_pred), (y_true, y_pred)]),
        metric(name, kwargs, [(y_true, y_pred), (y_true, y_pred, weights)]),
    ]


REDUCTION = [
    metric("Mean", {}, [(x(3),), (x(2),)]),
    metric("Mean", {"name": "loss"}, [(x(),), (x(),), (2.0,)]),
    metric("Mean", {}, [(x(3), x(3, low=0, high=1)), (x(3, 4), x(3, low=0, high=1))]),
    metric("Mean", {}, [(x(3, 4),), (x(3, 4), x(3, 4, low=0, high=1))]),
    metric("Mean", {}, [(x(3, 1), x(3, low=0, high=1)), (x(3), x(3, 1, low=0, high=1))]),
    metric("Mean", {"dtype": "float64"}, [(x(3),)]),
    metric("Sum", {}, [(x(3),), (x(3, 4),), (x(3, 4), x(3, low=0, high=1))]),
]

ACCURACY = [
    *twice("Accuracy", {}, ints(4, below=3), ints(4, below=3)),
    *twice("Accuracy", {}, ints(4, 1, below=3), ints(4, below=3)),
    *twice("BinaryAccuracy", {}, bits(4, 1), x(4, 1, **UNIT)),
    *twice("BinaryAccuracy", {"threshold": 0.3}, ints(4, below=2), x(4, 1, **UNIT)),
    *twice("BinaryAccuracy", {}, bits(4, 3), x(4, 3, **UNIT)),
    *twice("CategoricalAccuracy", {}, one_hot(4, 3), probabilities(4, 3)),
    *twice("CategoricalAccuracy", {}, one_hot(4, 2, 3), probabilities(4, 2, 3)),
    *twice("SparseCategoricalAccuracy", {}, ints(4, below=3), probabilities(4, 3)),
    *twice("SparseCategoricalAccuracy", {}, ints(4, 1, below=3), probabilities(4, 3)),
    *twice(
        "SparseCategoricalAccuracy",
        {},
        ints(4, 2, below=3),
        probabilities(4, 2, 3),
        x(4, 2, low=0, high=2),
    ),
    *twice("TopKCategoricalAccuracy", {"k": 2}, one_hot(4, 5), probabilities(4, 5)),
    *twice("SparseTopKCategoricalAccuracy", {"k": 2}, ints(4, below=5), probabilities(4, 5)),
    *twice("SparseTopKCategoricalAccuracy", {"k": 2}, ints(4, 2, below=5), probabilities(4, 2, 5)),
    *twice(
        "SparseTopKCategoricalAccuracy",
        {"k": 2, "from_sorted_ids": True},
        ints(4, below=5),
        [[0, 1, 2], [1, 2, 3], [2, 3, 4], [4, 3, 2]],
    ),
]

COUNTS = [
    *(
        case
        for name in ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives")
        for case in twice(name, {}, bits(4), x(4, **UNIT))
    ),
    *twice("TruePositives", {"thresholds": [0.2, 0.5, 0.9]}, bits(4, 3), x(4, 3, **UNIT)),
    *twice("FalseNegatives", {"thresholds": [0.0, 0.5, 1.0]}, bits(4), x(4, **UNIT)),
    *(
        case
        for name in ("Precision", "Recall")
        for case in (
            *twice(name, {}, bits(4), x(4, **UNIT)),
            *twice(name, {}, bits(4, 1), x(4, 1, **UNIT)),
            *twice(name, {"thresholds": 0.3}, bits(4, 3), x(4, 3, **UNIT)),
            *twice(name, {"thresholds": [0.1, 0.4, 0.8]}, bits(4), x(4, **UNIT)),
            *twice(name, {"top_k": 2}, bits(4, 5), x(4, 5, **UNIT)),
            *twice(name, {"class_id": 1}, bits(4, 3), x(4, 3, **UNIT)),
            *twice(name, {"top_k": 2, "class_id": 1}, bits(4, 5), x(4, 5, **UNIT)),
        )
    ),
    *(
        case
        for name, kwargs in (
            ("SensitivityAtSpecificity", {"specificity": 0.5}),
            ("SpecificityAtSensitivity", {"sensitivity": 0.5}),
            ("PrecisionAtRecall", {"recall": 0.5}),
            ("RecallAtPrecision", {"precision": 0.6}),
        )
        for case in (
            *twice(name, {**kwargs, "num_thresholds": 11}, bits(4, 3), x(4, 3, **UNIT)),
            *twice(name, {**kwargs, "num_thresholds": 1}, bits(4, 3), x(4, 3, **UNIT)),
            metric(
                name,
                {**kwargs, "class_id": 1, "num_thresholds": 5},
                [(bits(4, 3), x(4, 3, **UNIT))],
            ),
        )
    ),
]

CURVES = [
    *(
        case
        for curve in ("ROC", "PR", "PRGAIN")
        for how in ("interpolation", "minoring", "majoring")
        for case in twice(
            "AUC",
            {"num_thresholds": 11, "curve": curve, "summation_method": how},
            [0, 1, 1, 0],
            x(4, **UNIT),
        )
    ),
    *twice("AUC", {"thresholds": [0.2, 0.3, 0.7]}, [0, 1, 1, 0], x(4, **UNIT)),
    *twice("AUC", {"thresholds": [0.25, 0.5, 0.75]}, [0, 1, 1, 0], x(4, 1, **UNIT)),
    *twice("AUC", {"num_thresholds": 5, "from_logits": True}, [0, 1, 1, 0], x(4, low=-3, high=3)),
    *(
        case
        for curve in ("ROC", "PR")
        for more in ({}, {"num_labels": 2}, {"label_weights": [1.0, 3.0]}, {"thresholds": [0.3]})
        for case in twice(
            "AUC",
            {"num_thresholds": 7, "multi_label": True, "curve": curve, **more},
            [[0, 1], [1, 0], [1, 1], [0, 0]],
            x(4, 2, **UNIT),
        )
    ),
    *twice(
        "AUC",
        {"num_thresholds": 7, "label_weights": [1.0, 3.0]},
        [[0, 1], [1, 0], [1, 1], [0, 0]],
        x(4, 2, **UNIT),
    ),
    metric("AUC", {}, [(bits(20), x(20, **UNIT))]),
    metric("AUC", {"num_thresholds": 3}, [([0, 0, 1, 1], [0.0, 0.5, 0.5, 1.0])]),
]

SCORES = [
    *(
        case
        for average in (None, "micro", "macro", "weighted")
        for case in (
            *twice("F1Score", {"average": average}, one_hot(4, 3), probabilities(4, 3)),
            *twice(
                "FBetaScore",
                {"average": average, "beta": 2.0, "threshold": 0.4},
                bits(4, 3),
                x(4, 3, **UNIT),
            ),
        )
    ),
    *(
        case
        for how in ("uniform_average", "variance_weighted_average", None)
        for case in twice("R2Score", {"class_aggregation": how}, x(4, 2), x(4, 2))
    ),
    *(
        case.check(in_graph=False)  # Keras' own branches on the values
        for case in twice("R2Score", {"num_regressors": 2}, x(4, 1), x(4, 1))
    ),
]

OVERLAP = [
    metric("MeanIoU", {"num_classes": 3}, [(ints(6, below=3), ints(6, below=3))] * 2),
    metric(
        "MeanIoU",
        {"num_classes": 3, "dtype": "float32"},
        [(ints(2, 3, below=3), ints(2, 3, below=3), x(2, 3, low=0, high=1))],
    ),
    metric(
        "MeanIoU",
        {"num_classes": 3, "ignore_class": 1},
        [(ints(8, below=4, low=-1), ints(8, below=3))],
    ),
    metric(
        "MeanIoU",
        {"num_classes": 3, "sparse_y_pred": False},
        [(ints(4, below=3), probabilities(4, 3))],
    ),
    metric(
        "IoU",
        {"num_classes": 3, "target_class_ids": [0, 2]},
        [(ints(6, below=3), ints(6, below=3))],
    ),
    metric(
        "BinaryIoU",
        {"target_class_ids": [1], "threshold": 0.3},
        [(ints(6, below=2), x(6, **UNIT)), (ints(6, below=2), x(6, **UNIT))],
    ),
    metric("BinaryIoU", {}, [(ints(6, below=2), x(6, **UNIT))]),
    metric(
        "OneHotIoU",
        {"num_classes": 3, "target_class_ids": [0, 1]},
        [(one_hot(5, 3), probabilities(5, 3))],
    ),
    metric("OneHotMeanIoU", {"num_classes": 3}, [(one_hot(5, 3), probabilities(5, 3))]),
]

MEANS = [
    case
    for name, y_true, y_pred in (
        ("MeanSquaredError", x(4, 3), x(4, 3)),
        ("RootMeanSquaredError", x(4, 3), x(4, 3)),
        ("MeanAbsoluteError", x(4, 3), x(4, 3)),
        ("MeanAbsolutePercentageError", x(4, 3, low=0.5, high=2), x(4, 3)),
        ("MeanSquaredLogarithmicError", x(4, 3, low=0, high=3), x(4, 3, low=0, high=3)),
        ("LogCoshError", x(4, 3), x(4, 3)),
        ("KLDivergence", probabilities(4, 3), probabilities(4, 3)),
        ("Poisson", ints(4, 3, below=4), x(4, 3, low=0.1, high=3)),
        ("Hinge", bits(4, 3), x(4, 3)),
        ("SquaredHinge", bits(4, 3), x(4, 3)),
        ("CategoricalHinge", one_hot(4, 3), x(4, 3)),
        ("BinaryCrossentropy", bits(4, 3), x(4, 3, **UNIT)),
        ("CategoricalCrossentropy", one_hot(4, 3), probabilities(4, 3)),
        ("SparseCategoricalCrossentropy", ints(4, below=3), probabilities(4, 3)),
        ("PearsonCorrelation", x(4, 3), x(4, 3)),
        ("ConcordanceCorrelation", x(4, 3), x(4, 3)),
    )
    for case in twice(name, {}, y_true, y_pred)
] + [
    *twice(
        "BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, bits(4, 3), x(4, 3)
    ),
    *twice(
        "CategoricalCrossentropy",
        {"from_logits": True, "label_smoothing": 0.1},
        one_hot(4, 3),
        x(4, 3),
    ),
    *twice(
        "SparseCategoricalCrossentropy",
        {"from_logits": True, "ignore_class": 0},
        ints(4, below=3),
        x(4, 3),
    ),
    *(case.check(config="more") for case in twice("CosineSimilarity", {}, x(4, 3), x(4, 3))),
    metric("CosineSimilarity", {"axis": 1}, [(x(2, 3, 4), x(2, 3, 4))]).check(config="more"),
    metric("PearsonCorrelation", {"axis": 0}, [(x(4, 3), x(4, 3))]),
]

FUNCTIONS = [
    function("metrics.binary_accuracy", bits(4, 3), x(4, 3, **UNIT), threshold=0.4),
    function("metrics.categorical_accuracy", one_hot(4, 3), probabilities(4, 3)),
    function("metrics.sparse_categorical_accuracy", ints(4, below=3), probabilities(4, 3)),
    function("metrics.sparse_categorical_accuracy", ints(4, 1, below=3), probabilities(4, 3)),
    function("metrics.top_k_categorical_accuracy", one_hot(4, 5), probabilities(4, 5), k=2),
    function(
        "metrics.sparse_top_k_categorical_accuracy", ints(4, below=5), probabilities(4, 5), k=2
    ),
    function("metrics.pearson_correlation", x(4, 3), x(4, 3)).check(tol=10),
    function("metrics.concordance_correlation", x(4, 3), x(4, 3)),
]

REFUSED = [
    metric("AUC", {"curve": "XY"}),
    metric("AUC", {"num_thresholds": 1}),
    metric("AUC", {"num_labels": 2}),
    metric("Precision", {"thresholds": [0.5, 1.5]}),
    metric("PrecisionAtRecall", {"recall": 1.5}),
    metric("F1Score", {"average": "all"}),
    metric("F1Score", {"threshold": 2.0}),
    metric("F1Score", {}, [(bits(4), x(4))]),
    metric("R2Score", {"class_aggregation": "all"}),
    metric("R2Score", {"num_regressors": -1}),
    metric("IoU", {"num_classes": 2, "target_class_ids": [2]}),
    metric("Precision", {"class_id": 1}, [(bits(4), x(4, **UNIT))]),
    metric("MeanSquaredError", {}, [(x(4, 3), x(4, 2))]),
]

CASES = [
    *REDUCTION,
    *ACCURACY,
    *COUNTS,
    *CURVES,
    *SCORES,
    *OVERLAP,
    *MEANS,
    *FUNCTIONS,
    *(case.check(fails=True) for case in REFUSED),
]
