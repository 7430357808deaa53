"""Normalization layers."""

from tests.keras_reference.case import bools, layer, obj, x

TRAIN = {"training": True}

CASES = [
    layer("BatchNormalization", {}, x(4, 3), call=TRAIN),
    layer("BatchNormalization", {}, x(4, 3), call={"training": False}),
    layer("BatchNormalization", {}, x(4, 3)),
    layer("BatchNormalization", {"momentum": 0.8, "epsilon": 1e-5}, x(2, 3, 4, 5), call=TRAIN),
    layer("BatchNormalization", {"axis": 1}, x(2, 3, 4, 5), call=TRAIN),
    layer("BatchNormalization", {"axis": 1}, x(2, 3, 4, 5), call={"training": False}),
    layer("BatchNormalization", {"axis": -2, "momentum": 0.5}, x(2, 3, 4), call=TRAIN),
    layer("BatchNormalization", {"center": False}, x(4, 3), call=TRAIN),
    layer("BatchNormalization", {"scale": False}, x(4, 3), call=TRAIN),
    layer("BatchNormalization", {"scale": False, "center": False}, x(4, 3), call=TRAIN),
    layer("BatchNormalization", {"trainable": False}, x(4, 3), call=TRAIN),
    layer("BatchNormalization", {}, x(2, 5, 3), call={"training": True, "mask": bools(2, 5)}),
    layer(
        "BatchNormalization",
        {
            "beta_initializer": "ones",
            "gamma_regularizer": "l2",
            "beta_constraint": "non_neg",
            "moving_mean_initializer": "ones",
        },
        x(4, 3),
        call=TRAIN,
    ),
    layer("BatchNormalization", {}, x(2, 5, 3), call={"training": True, "mask": bools(2)}).check(
        fails=True
    ),
    layer("LayerNormalization", {}, x(4, 5)),
    layer("LayerNormalization", {"epsilon": 1e-6}, x(2, 3, 5)),
    layer("LayerNormalization", {"axis": (1, 2)}, x(2, 3, 5)),
    layer("LayerNormalization", {"axis": [2, 1], "center": False}, x(2, 3, 5)),
    layer("LayerNormalization", {"axis": 1}, x(2, 3, 5)),
    layer("LayerNormalization", {"scale": False}, x(2, 3, 5)),
    layer("LayerNormalization", {"scale": False, "center": False}, x(2, 3, 5)),
    layer("LayerNormalization", {"gamma_regularizer": "l2", "beta_initializer": "ones"}, x(2, 5)),
    layer("LayerNormalization", {"axis": 4}, x(2, 5)).check(fails=True),
    layer("GroupNormalization", {"groups": 2}, x(2, 4)),
    layer("GroupNormalization", {"groups": 2}, x(2, 3, 3, 4)),
    layer("GroupNormalization", {"groups": -1, "epsilon": 1e-5}, x(2, 3, 4)),
    layer("GroupNormalization", {"groups": 1, "center": False}, x(2, 3, 4)),
    layer("GroupNormalization", {"groups": 2, "axis": 1, "scale": False}, x(2, 4, 3, 2)),
    layer("GroupNormalization", {"groups": 2, "axis": 1}, x(2, 4, 3, 2)),
    layer("GroupNormalization", {"groups": 3}, x(2, 4)).check(fails=True),
    layer("GroupNormalization", {"groups": 0}, x(2, 4)).check(fails=True),
    layer("RMSNormalization", {}, x(2, 5)),
    layer("RMSNormalization", {"axis": (1, 2), "epsilon": 1e-3}, x(2, 3, 5)),
    layer("UnitNormalization", {}, x(2, 5)),
    layer("UnitNormalization", {"axis": 1}, x(2, 3, 5)),
    layer("UnitNormalization", {"axis": [1, 2]}, x(2, 3, 5)),
    layer("SpectralNormalization", {"layer": obj("layers.Dense", units=3)}, x(2, 4)),
    layer(
        "SpectralNormalization",
        {"layer": obj("layers.Dense", units=3), "power_iterations": 3},
        x(2, 4),
        call=TRAIN,
    ).check(tol=10),
    layer(
        "SpectralNormalization",
        {"layer": obj("layers.Conv2D", filters=3, kernel_size=2)},
        x(2, 4, 4, 2),
        call=TRAIN,
    ).check(tol=10),
    layer(
        "SpectralNormalization",
        {"layer": obj("layers.Dense", units=3), "power_iterations": 0},
        x(2, 4),
    ).check(fails=True),
]
