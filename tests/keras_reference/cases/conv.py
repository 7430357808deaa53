"""Convolutions, transposed, depthwise and separable ones."""

from tests.keras_reference.case import layer, x

FIRST = {"data_format": "channels_first"}

CASES = [
    layer("Conv1D", {"filters": 3, "kernel_size": 2}, x(2, 5, 4)),
    layer(
        "Conv1D",
        {"filters": 3, "kernel_size": 3, "padding": "causal", "dilation_rate": 2},
        x(2, 7, 2),
    ),
    layer(
        "Conv1D", {"filters": 3, "kernel_size": 3, "padding": "causal", "strides": 2}, x(2, 7, 2)
    ),
    layer("Conv1D", {"filters": 4, "kernel_size": 3, "groups": 2, "padding": "same"}, x(2, 7, 2)),
    layer("Conv2D", {"filters": 3, "kernel_size": 2}, x(2, 5, 5, 3)),
    layer(
        "Conv2D",
        {"filters": 3, "kernel_size": 2, "padding": "same", "activation": "relu"},
        x(2, 5, 6, 3),
    ),
    layer(
        "Conv2D",
        {"filters": 2, "kernel_size": (3, 2), "strides": 2, "padding": "same"},
        x(2, 6, 5, 2),
    ),
    layer("Conv2D", {"filters": 2, "kernel_size": 3, "dilation_rate": 2}, x(1, 7, 7, 2)),
    layer(
        "Conv2D", {"filters": 4, "kernel_size": 2, "groups": 2, "use_bias": False}, x(2, 4, 4, 4)
    ),
    layer(
        "Conv2D",
        {
            "filters": 2,
            "kernel_size": 2,
            "activity_regularizer": "l2",
            "kernel_initializer": "he_uniform",
            "kernel_constraint": "non_neg",
            "bias_regularizer": "l1",
        },
        x(2, 4, 4, 3),
    ),
    layer("Conv3D", {"filters": 2, "kernel_size": 2, "padding": "same"}, x(1, 3, 4, 3, 2)),
    layer(
        "Conv3D", {"filters": 2, "kernel_size": (1, 2, 3), "strides": (1, 2, 1)}, x(1, 3, 4, 3, 2)
    ),
    layer("Conv2D", {"filters": 0, "kernel_size": 2}, x(2, 5, 5, 3)).check(fails=True),
    layer("Conv2D", {"filters": 2, "kernel_size": 0}, x(2, 5, 5, 3)).check(fails=True),
    layer("Conv2D", {"filters": 2, "kernel_size": (1, 2, 3)}, x(2, 5, 5, 3)).check(fails=True),
    layer("Conv2D", {"filters": 2, "kernel_size": 2, "padding": "causal"}, x(2, 5, 5, 3)).check(
        fails=True
    ),
    layer("Conv2D", {"filters": 2, "kernel_size": 2, "padding": "vaild"}, x(2, 5, 5, 3)).check(
        fails=True
    ),
    layer("Conv2D", {"filters": 3, "kernel_size": 2, "groups": 2}, x(2, 5, 5, 2)).check(fails=True),
    layer("Conv2D", {"filters": 2, "kernel_size": 2, "groups": 2}, x(2, 5, 5, 3)).check(fails=True),
    layer("Conv2D", {"filters": 2, "kernel_size": 2}, x(2, 5, 5)).check(fails=True),
    layer("Conv2D", {"filters": 2, "kernel_size": 7}, x(2, 5, 5, 3)).check(fails=True),
    layer("Conv3D", dict(filters=2, kernel_size=2, **FIRST), x(1, 2, 3, 4, 5)),
    # transposed
    layer("DepthwiseConv2D", dict(kernel_size=2, depth_multiplier=2, **FIRST), x(2, 3, 4, 5)),
    layer("SeparableConv2D", dict(filters=2, kernel_size=2, **FIRST), x(2, 3, 4, 5)),
    layer("Conv1DTranspose", {"filters": 3, "kernel_size": 2}, x(2, 4, 3)),
    layer(
        "Conv1DTranspose",
        {"filters": 3, "kernel_size": 4, "strides": 2, "padding": "same"},
        x(2, 4, 3),
    ),
    layer("Conv1DTranspose", {"filters": 2, "kernel_size": 2, "strides": 3}, x(2, 4, 3)),
    layer(
        "Conv1DTranspose",
        {"filters": 2, "kernel_size": 3, "strides": 2, "output_padding": 1},
        x(2, 4, 3),
    ),
    layer(
        "Conv2DTranspose",
        {"filters": 3, "kernel_size": 4, "strides": 2, "padding": "same", "use_bias": False},
        x(2, 3, 4, 2),
    ),
    layer(
        "Conv2DTranspose",
        {"filters": 3, "kernel_size": (3, 2), "activation": "tanh"},
        x(2, 3, 4, 2),
    ),
    layer(
        "Conv2DTranspose",
        {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same", "output_padding": 1},
        x(2, 3, 3, 2),
    ),
    layer(
        "Conv2DTranspose",
        {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same", "output_padding": 0},
        x(2, 3, 3, 2),
    ),
    layer("Conv3DTranspose", {"filters": 2, "kernel_size": 2, "strides": 2}, x(1, 2, 3, 2, 2)),
    layer(
        "Conv2DTranspose",
        {"filters": 2, "kernel_size": 3, "strides": 2, "output_padding": 2},
        x(2, 3, 3, 2),
    ).check(fails=True),
    # channel by channel
    layer("DepthwiseConv1D", {"kernel_size": 2}, x(2, 5, 3)),
    layer(
        "DepthwiseConv1D",
        {"kernel_size": 3, "depth_multiplier": 2, "padding": "same", "strides": 2},
        x(2, 5, 3),
    ),
    layer("DepthwiseConv2D", {"kernel_size": 2}, x(2, 4, 5, 3)),
    layer(
        "DepthwiseConv2D",
        {
            "kernel_size": 3,
            "depth_multiplier": 2,
            "padding": "same",
            "strides": 2,
            "activation": "relu",
            "depthwise_initializer": "he_normal",
        },
        x(2, 5, 5, 3),
    ),
    layer(
        "DepthwiseConv2D", {"kernel_size": 2, "dilation_rate": 2, "use_bias": False}, x(1, 5, 5, 2)
    ),
    layer("SeparableConv1D", {"filters": 3, "kernel_size": 2}, x(2, 5, 2)),
    layer(
        "SeparableConv1D",
        {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same", "depth_multiplier": 2},
        x(2, 5, 2),
    ),
    layer("SeparableConv2D", {"filters": 3, "kernel_size": 2}, x(2, 4, 5, 2)),
    layer(
        "SeparableConv2D",
        {
            "filters": 3,
            "kernel_size": 3,
            "strides": 2,
            "padding": "same",
            "depth_multiplier": 2,
            "activation": "relu",
            "pointwise_regularizer": "l2",
        },
        x(2, 5, 5, 2),
    ),
]
