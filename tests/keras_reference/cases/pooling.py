"""Pooling, up-sampling, zero padding and cropping."""

from tests.keras_reference.case import bools, ints, layer, x

FIRST = {"data_format": "channels_first"}

CASES = [
    *[
        layer(f"{kind}Pooling{len(sizes)}D", settings, x(2, *sizes, 3))
        for kind in ("Max", "Average")
        for sizes in ((7,), (5, 6), (4, 5, 3))
        for settings in (
            {"pool_size": 2},
            {"pool_size": 3, "strides": 2, "padding": "same"},
            {"pool_size": 2, "strides": 1},
        )
    ],
    layer("MaxPooling2D", {}, x(2, 4, 4, 3)),
    layer("MaxPooling2D", {"pool_size": (2, 3), "padding": "same"}, x(2, 5, 5, 1)),
    layer("AveragePooling2D", {"pool_size": (2, 3), "padding": "same"}, x(2, 5, 5, 1)),
    layer("MaxPooling1D", FIRST, x(2, 3, 6)),
    layer("MaxPooling2D", {"pool_size": 2}, x(2, 4, 4)).check(fails=True),
    layer("MaxPooling2D", {"pool_size": (1, 2, 3)}, x(2, 4, 4, 3)).check(fails=True),
    # all positions
    *[
        layer(f"Global{kind}Pooling{len(sizes)}D", settings, x(2, *sizes, 3))
        for kind in ("Max", "Average")
        for sizes in ((7,), (5, 6), (4, 5, 3))
        for settings in ({}, {"keepdims": True}, FIRST)
    ],
    layer("GlobalAveragePooling1D", {}, x(2, 7, 3), call={"mask": bools(2, 7)}),
    layer(
        "GlobalAveragePooling1D",
        {"keepdims": True, "data_format": "channels_first"},
        x(2, 3, 7),
        call={"mask": bools(2, 7)},
    ),
    layer("GlobalMaxPooling2D", {}, x(2, 7, 3)).check(fails=True),
    # to a given size
    *[
        layer(f"Adaptive{kind}Pooling{len(sizes)}D", settings, x(2, *sizes, 3))
        for kind in ("Max", "Average")
        for sizes in ((7,), (5, 6), (4, 5, 3))
        for settings in ({"output_size": 2}, {"output_size": 3})
    ],
    layer(
        "AdaptiveAveragePooling2D",
        {"output_size": (2, 3), "data_format": "channels_first"},
        x(2, 3, 5, 4),
    ),
    # larger
    layer("UpSampling1D", {"size": 3}, x(2, 3, 4)),
    layer("UpSampling2D", {}, x(2, 3, 4, 2)),
    layer("UpSampling2D", {"size": (1, 3), "data_format": "channels_first"}, x(2, 2, 3, 4)),
    layer("UpSampling2D", {"size": 2, "interpolation": "bilinear"}, x(2, 3, 4, 2)),
    layer("UpSampling2D", {"size": 2, "interpolation": "bicubic"}, x(2, 3, 4, 2)),
    layer("UpSampling2D", {"size": 2, "interpolation": "nothing"}, x(2, 3, 4, 2)).check(fails=True),
    layer("UpSampling3D", {"size": (2, 1, 2)}, x(1, 2, 3, 2, 2)),
    layer("UpSampling1D", {"size": 0}, x(2, 3, 4)).check(fails=True),
    layer("UpSampling1D", {}, ints(2, 3, 1, below=5)).check(grads=False),
    layer("ZeroPadding1D", {}, x(2, 3, 4)),
    layer("ZeroPadding1D", {"padding": (2, 0), "data_format": "channels_first"}, x(2, 3, 4)),
    layer("ZeroPadding2D", {}, x(2, 3, 4, 2)),
    layer("ZeroPadding2D", {"padding": (1, 2)}, x(2, 3, 4, 2)),
    layer("ZeroPadding2D", {"padding": ((1, 0), (0, 2))}, x(2, 3, 4, 2)),
    layer("ZeroPadding3D", {"padding": 2}, x(1, 2, 3, 2, 2)),
    layer("ZeroPadding3D", {"padding": ((1, 0), (0, 2), (1, 1))}, x(1, 2, 3, 2, 2)),
    layer("ZeroPadding2D", {"padding": (1, 2, 3)}, x(2, 3, 4, 2)).check(fails=True),
    # smaller
    layer("Cropping1D", {}, x(2, 5, 4)),
    layer("Cropping1D", {"cropping": (2, 0)}, x(2, 5, 4)),
    layer("Cropping2D", {}, x(2, 5, 4, 2)),
    layer("Cropping2D", {"cropping": 1}, x(2, 5, 4, 2)),
    layer(
        "Cropping2D", {"cropping": ((1, 0), (0, 2)), "data_format": "channels_first"}, x(2, 2, 5, 4)
    ),
    layer("Cropping3D", {}, x(1, 3, 4, 5, 2)),
    layer("Cropping3D", {"cropping": (1, 0, 2)}, x(1, 3, 4, 5, 2)),
    layer("Cropping1D", {"cropping": 3}, x(2, 5, 4)).check(fails=True),
]
