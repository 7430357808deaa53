"""Convolutions and pooling in one, two and three dimensions."""

from .case import Case, case, f32, f64, lit, program

IMAGE = (1, 5, 6, 2)  # n, height, width, channels
FILTER = (3, 2, 2, 3)  # height, width, channels in, channels out
CASES: list[Case] = []

# TensorFlow's CPU kernels differentiate neither dilated nor grouped convolutions: their values
# are compared, and the derivatives of dilation through atrous_conv2d and convolution.

for padding in ["SAME", "VALID"]:
    CASES += [
        case("nn.conv1d", f32(2, 7, 2), f32(3, 2, 3), 1, padding),
        case("nn.conv1d", f64(2, 7, 2), f64(3, 2, 3), stride=2, padding=padding),
        case("nn.conv1d", f64(2, 7, 2), f64(2, 2, 3), 1, padding, dilations=2).check(order=0),
        case("nn.conv2d", f32(*IMAGE), f32(*FILTER), 1, padding),
        case("nn.conv2d", f64(*IMAGE), f64(*FILTER), [1, 2, 2, 1], padding),
        case("nn.conv2d", f64(*IMAGE), f64(*FILTER), strides=[2, 1], padding=padding),
        case("nn.conv2d", f64(*IMAGE), f64(2, 2, 2, 3), 1, padding, dilations=[2, 1]).check(
            order=0
        ),
        case("nn.conv2d", f64(*IMAGE), f64(1, 1, 2, 3), 2, padding),
        case("nn.conv2d", f64(2, 3, 3, 1), f64(3, 3, 1, 1), 3, padding),
        case("nn.conv3d", f64(1, 3, 4, 3, 2), f64(2, 2, 2, 2, 2), [1, 1, 1, 1, 1], padding),
        case("nn.conv3d", f64(1, 4, 4, 3, 1), f64(2, 3, 2, 1, 2), [1, 2, 2, 1, 1], padding),
        case("nn.depthwise_conv2d", f64(*IMAGE), f64(3, 2, 2, 2), [1, 1, 1, 1], padding),
        case("nn.depthwise_conv2d", f64(*IMAGE), f64(3, 3, 2, 1), [1, 2, 2, 1], padding),
        case(
            "nn.separable_conv2d",
            f64(*IMAGE),
            f64(3, 2, 2, 2),
            f64(1, 1, 4, 3),
            [1, 1, 1, 1],
            padding,
        ),
        case("nn.atrous_conv2d", f64(*IMAGE), f64(2, 2, 2, 1), 2, padding),
        case(
            "nn.convolution",
            f64(*IMAGE),
            f64(*FILTER),
            strides=[2, 2],
            padding=padding,
            data_format="NHWC",
        ),
        case("nn.convolution", f64(2, 7, 2), f64(3, 2, 2), padding=padding),
        case(
            "nn.conv1d_transpose",
            f64(2, 4, 3),
            f64(3, 2, 3),
            [2, 8 + (padding == "VALID"), 2],
            2,
            padding,
        ),
        case("nn.conv2d_transpose", f64(1, 3, 3, 3), f64(2, 2, 2, 3), [1, 6, 6, 2], 2, padding),
        case(
            "nn.conv2d_transpose",
            f32(1, 3, 3, 3),
            f32(3, 3, 2, 3),
            [1, 3, 3, 2] if padding == "SAME" else [1, 5, 5, 2],
            [1, 1, 1, 1],
            padding,
        ),
        case(
            "nn.conv3d_transpose",
            f64(1, 2, 2, 2, 2),
            f64(2, 2, 2, 1, 2),
            [1, 4, 4, 4, 1],
            2,
            padding,
        ),
    ]
    for kind in ["max", "avg"]:
        CASES += [
            case(f"nn.{kind}_pool1d", f64(2, 7, 2), 3, 2, padding),
            case(f"nn.{kind}_pool2d", f32(*IMAGE), 2, 2, padding),
            case(f"nn.{kind}_pool2d", f64(*IMAGE), [3, 2], [1, 2], padding),
            case(f"nn.{kind}_pool2d", f64(*IMAGE), ksize=[1, 3, 3, 1], strides=[1, 2, 2, 1],
                 padding=padding),
            case(f"nn.{kind}_pool3d", f32(1, 4, 3, 5, 1), 2, 2, padding).check(order=1),
            case(f"nn.{kind}_pool", f64(*IMAGE), 2, 1, padding),
            case(f"nn.{kind}_pool", f64(2, 7, 2), ksize=2, strides=2, padding=padding),
        ]  # fmt: skip

EXPLICIT = [[0, 0], [1, 2], [0, 1], [0, 0]]
CASES += [
    case("nn.conv2d", f64(*IMAGE), f64(*FILTER), 1, EXPLICIT),
    case("nn.conv2d", f64(0, 5, 6, 2), f64(*FILTER), 1, "SAME"),
    case("nn.conv2d", input=f32(1, 4, 4, 1), filters=f32(2, 2, 1, 1), strides=1, padding="VALID",
         data_format="NHWC", name="c"),
    case("nn.conv2d", f64(1, 4, 4, 4), f64(2, 2, 2, 4), 1, "SAME").check(order=0),  # two groups
    case("nn.convolution", f64(*IMAGE), f64(2, 2, 2, 1), padding="SAME", dilations=[2, 2]),
    case("nn.depthwise_conv2d", f64(*IMAGE), f64(2, 2, 2, 1), [1, 1, 1, 1], "VALID",
         dilations=[2, 2]),
    case("nn.conv_transpose", f64(1, 3, 3, 3), f64(2, 2, 2, 3), [1, 6, 6, 2], 2),
    case("nn.atrous_conv2d_transpose", f64(1, 4, 4, 2), f64(2, 2, 3, 2), [1, 4, 4, 3], 2, "SAME")
    .check(order=1),
    case("nn.max_pool2d", lit([[[[1.0], [1.0]], [[1.0], [1.0]]]]), 2, 2, "VALID").check(order=0),
    case("nn.max_pool2d", f64(1, 3, 3, 1, low=-5, high=-1), 2, 2, "SAME"),
    case("nn.avg_pool2d", f64(1, 5, 5, 1), 3, 3, "SAME"),
    case("nn.pool", f64(*IMAGE), [2, 2], "MAX", strides=[2, 2], padding="VALID").check(order=1),
    case("nn.pool", f64(*IMAGE), [2, 3], "AVG", padding="SAME").check(order=1),
]  # fmt: skip


@program(CASES, "nn.conv2d nn.max_pool2d nn.bias_add", f64(2, 6, 6, 1), f64(3, 3, 1, 2), f64(2),
         f64(8, 3), tol=5)  # fmt: skip
def small_cnn(tf, images, kernel, bias, dense):
    hidden = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(images, kernel, 1, "VALID"), bias))
    pooled = tf.nn.max_pool2d(hidden, 2, 2, "VALID")
    return tf.nn.log_softmax(tf.reshape(pooled, [2, -1]) @ dense)
