"""How far predictions are from the truth: the formulas that losses and metrics share.

A formula takes the truth and the prediction of a batch and returns one number for each example (or
pixel, or step in time): the mean, or the sum, over the last axis. Losses average these numbers and
are differentiated; metrics collect them over many batches.
"""

from minitf.scoring.margin import categorical_hinge, hinge, squared_hinge
from minitf.scoring.overlap import circle, dice, tversky
from minitf.scoring.probability import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
    kl_divergence,
    poisson,
    sparse_categorical_crossentropy,
)
from minitf.scoring.regression import (
    cosine_similarity,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)

# Every name that a formula goes by.
FUNCTIONS = {
    function.__name__: function
    for function in (
        binary_crossentropy, binary_focal_crossentropy, categorical_crossentropy,
        categorical_focal_crossentropy, categorical_generalized_cross_entropy, categorical_hinge,
        circle, cosine_similarity, dice, hinge, huber, kl_divergence, log_cosh,
        mean_absolute_error, mean_absolute_percentage_error, mean_squared_error,
        mean_squared_logarithmic_error, poisson, sparse_categorical_crossentropy, squared_hinge,
        tversky,
    )
} | {
    spelling: function
    for short, function in {
        "bce": binary_crossentropy,
        "kld": kl_divergence,
        "mae": mean_absolute_error,
        "mape": mean_absolute_percentage_error,
        "mse": mean_squared_error,
        "msle": mean_squared_logarithmic_error,
    }.items()
    for spelling in (short, short.upper())
} | {
    "huber_loss": huber,
    "kullback_leibler_divergence": kl_divergence,
    "logcosh": log_cosh,
}  # fmt: skip
