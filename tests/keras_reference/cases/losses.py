"""Every loss, with reductions, weights, masks, logits and smoothed labels."""

from tests.keras_reference.case import (
    bits,
    bools,
    function,
    ints,
    loss,
    obj,
    one_hot,
    probabilities,
    x,
)

UNIT = {"low": 0.05, "high": 0.95}  # probabilities

REGRESSION = [
    case
    for name in ("MeanSquaredError", "MeanAbsoluteError", "LogCosh")
    for case in (
        loss(name, {}, x(4, 3), x(4, 3)),
        loss(name, {"reduction": "none"}, x(2, 3, 4), x(2, 3, 4)),
    )
] + [
    loss("MeanAbsolutePercentageError", {}, x(4, 3, low=0.5, high=2.0), x(4, 3)),
    loss("MeanSquaredLogarithmicError", {}, x(4, 3, low=-0.5, high=3.0), x(4, 3, low=0, high=3.0)),
    loss("MeanSquaredError", {}, ints(4, below=3), x(4, 1)),
    loss("MeanSquaredError", {}, x(4, 1), x(4)),
    loss("MeanSquaredError", {"dtype": "float64"}, x(4, 3), x(4, 3)).check(config=False),
]

FORGOTTEN = [  # Keras leaves their arguments out of the config
    case.check(config="more")
    for case in (
        loss("Huber", {}, x(4, 3), x(4, 3)),
        loss("Huber", {"delta": 0.5}, x(4, 3), x(4, 3)),
        loss("Huber", {"delta": 0.5, "reduction": "sum"}, x(4, 3), x(4, 3)),
        loss("CosineSimilarity", {}, x(4, 3), x(4, 3)),
        loss("CosineSimilarity", {"axis": 1}, x(2, 3, 4), x(2, 3, 4)),
        loss("CategoricalGeneralizedCrossEntropy", {}, ints(4, below=3), probabilities(4, 3)),
    )
]

REDUCTIONS = [
    loss("MeanSquaredError", {"reduction": how, "name": "mine"}, x(4, 3), x(4, 3), **more)
    for how in ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", None)
    for more in ({}, {"sample_weight": x(4, low=0, high=2)})
]

MASKS = [
    loss("MeanSquaredError", {"reduction": how}, x(2, 3, 4), x(2, 3, 4), mask=bools(2, 3), **more)
    for how in ("sum_over_batch_size", "sum", "mean_with_sample_weight", "none")
    for more in ({}, {"sample_weight": x(2, 3, low=0, high=2)})
] + [
    loss("MeanSquaredError", {}, x(2, 3, 4), x(2, 3, 4), sample_weight=x(2, 3, low=0, high=2)),
    loss("MeanSquaredError", {}, x(3, 2), x(3, 2), sample_weight=x(3, 1, low=0, high=2)),
    loss("MeanSquaredError", {}, x(3, 2), x(3, 2), mask=[False, False, False]),
]

PROBABILITY = [
    loss("KLDivergence", {}, probabilities(4, 3), probabilities(4, 3)),
    loss("Poisson", {}, ints(4, 3, below=5), x(4, 3, low=0.1, high=3.0)),
    loss("BinaryCrossentropy", {}, bits(4, 3), x(4, 3, **UNIT)),
    loss("BinaryCrossentropy", {}, bits(4, 1), x(4, 1, **UNIT)),
    loss("BinaryCrossentropy", {}, ints(4, below=2), x(4, 1, **UNIT)),
    loss("BinaryCrossentropy", {}, [[0.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]),
    loss("BinaryCrossentropy", {"from_logits": True}, bits(4, 3), x(4, 3, low=-9, high=9)),
    loss("BinaryCrossentropy", {"label_smoothing": 0.2}, bits(4, 3), x(4, 3, **UNIT)),
    loss("BinaryCrossentropy", {"axis": 1, "reduction": "sum"}, bits(2, 3, 4), x(2, 3, 4, **UNIT)),
    loss("BinaryFocalCrossentropy", {}, bits(4, 3), x(4, 3, **UNIT)),
    loss("BinaryFocalCrossentropy", {"from_logits": True, "gamma": 1.5}, bits(4, 3), x(4, 3)),
    loss(
        "BinaryFocalCrossentropy",
        {"apply_class_balancing": True, "alpha": 0.4, "label_smoothing": 0.1},
        bits(4, 3),
        x(4, 3, **UNIT),
    ),
    loss("CategoricalCrossentropy", {}, one_hot(4, 3), probabilities(4, 3)),
    loss("CategoricalCrossentropy", {}, one_hot(4, 3), x(4, 3, **UNIT)),  # that do not sum to 1
    loss("CategoricalCrossentropy", {}, [[0.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]),
    loss("CategoricalCrossentropy", {"from_logits": True}, one_hot(4, 3), x(4, 3, low=-9, high=9)),
    loss("CategoricalCrossentropy", {"label_smoothing": 0.1}, one_hot(4, 3), probabilities(4, 3)),
    loss(
        "CategoricalCrossentropy",
        {"from_logits": True, "axis": 1, "reduction": "none"},
        bits(2, 3, 4),
        x(2, 3, 4),
    ),
    loss("CategoricalFocalCrossentropy", {}, one_hot(4, 3), probabilities(4, 3)),
    loss(
        "CategoricalFocalCrossentropy",
        {"alpha": 0.5, "gamma": 1.5, "from_logits": True, "label_smoothing": 0.1},
        one_hot(4, 3),
        x(4, 3),
    ),
    loss("SparseCategoricalCrossentropy", {}, ints(4, below=3), probabilities(4, 3)),
    loss("SparseCategoricalCrossentropy", {}, ints(4, 1, below=3), probabilities(4, 3)),
    loss("SparseCategoricalCrossentropy", {}, [0, 1], [[0.0, 1.0], [0.0, 1.0]]),
    loss("SparseCategoricalCrossentropy", {"from_logits": True}, ints(4, below=3), x(4, 3)),
    loss(
        "SparseCategoricalCrossentropy",
        {"from_logits": True, "reduction": "sum"},
        ints(2, 4, below=3),
        x(2, 4, 3),
        mask=bools(2, 4),
    ),
    *(
        loss(
            "SparseCategoricalCrossentropy",
            {"from_logits": True, "ignore_class": ignored, "reduction": how},
            ints(2, 4, below=3, low=min(ignored, 0)),
            x(2, 4, 3),
        )
        for ignored in (0, -1)
        for how in ("sum_over_batch_size", "none")
    ),
    loss("CategoricalGeneralizedCrossEntropy", {"q": 0.7}, ints(4, below=3), probabilities(4, 3)),
]

OTHERS = [
    loss("Hinge", {}, bits(4, 3), x(4, 3, low=-2, high=2)),
    loss("Hinge", {}, [[-1.0, 1.0], [1.0, -1.0]], x(2, 2, low=-2, high=2)),
    loss("SquaredHinge", {}, bits(4, 3), x(4, 3, low=-2, high=2)),
    loss("CategoricalHinge", {}, one_hot(4, 3), x(4, 3, low=-2, high=2)),
    loss("Dice", {}, bits(2, 3, 4), x(2, 3, 4, **UNIT)),
    loss("Dice", {"axis": (1, 2), "reduction": "none"}, bits(2, 3, 4), x(2, 3, 4, **UNIT)),
    loss("Tversky", {}, bits(2, 3, 4), x(2, 3, 4, **UNIT)),
    loss("Tversky", {"alpha": 0.3, "beta": 0.7, "axis": -1}, bits(2, 3, 4), x(2, 3, 4, **UNIT)),
    loss("Circle", {}, [0, 1, 0, 1, 1], probabilities(5, 4)).check(tol=10),
    loss("Circle", {"gamma": 2.0, "margin": 0.2}, [0, 1, 0, 1, 1], probabilities(5, 4)),
]

FUNCTIONS = [
    *(
        function(f"{module}.{name}", x(4, 3, low=0.1), x(4, 3, low=0.1))
        for module in ("losses", "metrics")
        for name in (
            "mean_squared_error",
            "mean_absolute_error",
            "mean_absolute_percentage_error",
            "mean_squared_logarithmic_error",
            "huber",
            "log_cosh",
            "kl_divergence",
            "poisson",
            "hinge",
            "squared_hinge",
            "categorical_hinge",
        )
    ),
    function("losses.cosine_similarity", x(4, 3), x(4, 3), axis=0),
    function("losses.binary_crossentropy", bits(4, 3), x(4, 3), from_logits=True),
    function("losses.binary_focal_crossentropy", bits(4, 3), x(4, 3, **UNIT)),
    function("losses.categorical_crossentropy", one_hot(4, 3), probabilities(4, 3)),
    function("losses.categorical_focal_crossentropy", one_hot(4, 3), probabilities(4, 3)),
    function("losses.sparse_categorical_crossentropy", ints(4, below=3), probabilities(4, 3)),
    function("losses.dice", bits(4, 3), x(4, 3, **UNIT)),
    function("losses.tversky", bits(4, 3), x(4, 3, **UNIT)),
    function(obj("losses.get", "mse"), x(4, 3), x(4, 3)),
    function(obj("losses.get", "BinaryCrossentropy"), bits(4, 3), x(4, 3, **UNIT)),
]

REFUSED = [
    loss("CategoricalCrossentropy", {}, ints(4, below=3), probabilities(4, 3)),
    loss("SparseCategoricalCrossentropy", {}, one_hot(4, 3), probabilities(4, 3)),
    loss("BinaryCrossentropy", {}, bits(4), x(4, 2, **UNIT)),
    loss("MeanSquaredError", {}, x(4, 3), x(4, 2)),
    loss("MeanSquaredError", {"reduction": "average"}, x(4, 3), x(4, 3)),
    loss("CategoricalGeneralizedCrossEntropy", {"q": 1.5}, ints(4, below=3), probabilities(4, 3)),
    function(obj("losses.get", "no_such_loss"), x(4, 3), x(4, 3)),
]

CASES = [
    *REGRESSION,
    *FORGOTTEN,
    *REDUCTIONS,
    *MASKS,
    *PROBABILITY,
    *OTHERS,
    *FUNCTIONS,
    *(case.check(fails=True) for case in REFUSED),
]
