"""What networks are made of, save convolutions: activations, softmax, losses, normalization."""

from .case import Case, case, f16, f32, f64, ints, lit, program

FAR = lit([[1000.0, -1000.0, 0.0], [-1000.0, -1000.0, -1000.0]])
KINK = lit([-7.0, -1.0, 0.0, 1.0, 6.0, 7.0])
ACTIVATIONS = [
    "nn.elu",
    "nn.gelu",
    "nn.leaky_relu",
    "nn.log_softmax",
    "nn.relu",
    "nn.relu6",
    "nn.selu",
    "nn.sigmoid",
    "nn.silu",
    "nn.softmax",
    "nn.softplus",
    "nn.softsign",
    "nn.swish",
    "nn.tanh",
]
# TensorFlow keeps their constants in float32 whatever the input.
IMPRECISE = {"nn.gelu", "nn.leaky_relu"}
CASES: list[Case] = []
for name in ACTIVATIONS:
    tol = 1e5 if name in IMPRECISE else 5
    CASES += [
        case(name, f32(3, 4, low=-4, high=4)).check(tol=5),
        case(name, f64(2, 3, low=-8, high=8)).check(tol=tol),
        case(name, KINK).check(order=1, tol=5),
        case(name, f16(2, 3)).check(order=1),
        case(name, f32(0, 3)).check(order=1),
    ]

CASES += [
    case("nn.leaky_relu", f64(2, 3), 0.01).check(tol=1e5),
    case("nn.leaky_relu", f64(2, 3), alpha=0.4).check(tol=1e5),
    case("nn.gelu", f64(2, 4), approximate=True).check(tol=1e5),
    case("nn.gelu", f32(2, 4), True).check(tol=5),
    case("nn.silu", f64(2, 3), beta=1.7).check(tol=1e5),
    case("nn.crelu", f64(2, 3)),
    case("nn.softmax", f64(2, 3, 4), axis=1),
    case("nn.softmax", f64(2, 3, 4), axis=0),
    case("nn.softmax", FAR),
    case("nn.softmax", f32(4)),
    case("nn.log_softmax", FAR).check(order=1),
    case("nn.log_softmax", f64(2, 3, 4), axis=-2),
    case("math.log_softmax", f32(2, 3)),
    case("math.softmax", f32(2, 3)),
    case("nn.softplus", lit([-50.0, 0.0, 50.0])),
    case("nn.sigmoid", lit([-200.0, 0.0, 200.0])),
    case("nn.elu", lit([-50.0, -1e-6, 0.0, 1e-6])).check(order=1),
    # losses
    case(
        "nn.softmax_cross_entropy_with_logits",
        labels=lit([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]),
        logits=f32(2, 3),
    ),
    case(
        "nn.softmax_cross_entropy_with_logits",
        lit([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]], "float64"),
        f64(2, 3),
    ),
    case("nn.softmax_cross_entropy_with_logits", f64(2, 3, low=0.1, high=1), f64(2, 3), axis=0),
    case("nn.softmax_cross_entropy_with_logits", f64(2, 2, 3, low=0.1, high=1), f64(2, 2, 3)),
    case(
        "nn.softmax_cross_entropy_with_logits", lit([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), FAR
    ).check(diff=[1]),
    case("nn.sparse_softmax_cross_entropy_with_logits", labels=[2, 0], logits=f32(2, 3)),
    case("nn.sparse_softmax_cross_entropy_with_logits", ints(2, 3, low=0, high=4), f64(2, 3, 4)),
    case("nn.sparse_softmax_cross_entropy_with_logits", lit([0, 1], "int64"), FAR),
    case("nn.sparse_softmax_cross_entropy_with_logits", lit(1, "int32"), f64(3)),
    case(
        "nn.sigmoid_cross_entropy_with_logits",
        labels=f32(2, 3, low=0, high=1),
        logits=f32(2, 3, low=-5, high=5),
    ),
    case("nn.sigmoid_cross_entropy_with_logits", f64(4, low=0, high=1), f64(4)),
    case(
        "nn.sigmoid_cross_entropy_with_logits",
        lit([0.0, 1.0, 0.0, 1.0]),
        lit([-500.0, -500.0, 500.0, 0.0]),
    ).check(diff=[1], order=1),
    case(
        "nn.weighted_cross_entropy_with_logits",
        labels=f64(2, 3, low=0, high=1),
        logits=f64(2, 3, low=-5, high=5),
        pos_weight=2.5,
    ),
    case("nn.log_poisson_loss", f64(4, low=0.5, high=3), f64(4)),
    case("nn.log_poisson_loss", f64(4, low=1.5, high=3), f64(4), compute_full_loss=True),
    case("nn.l2_loss", f64(2, 3)),
    # bias and normalization
    case("nn.bias_add", f32(2, 3), f32(3)),
    case("nn.bias_add", f64(2, 3, 2, 4), f64(4)),
    case("nn.bias_add", f64(2, 3, 2, 4), f64(3), data_format="NCHW").check(order=1),
    case("nn.batch_normalization", f64(4, 3), f64(3), f64(3, low=0.3), f64(3), f64(3), 1e-3),
    case(
        "nn.batch_normalization",
        x=f32(4, 3),
        mean=f32(3),
        variance=f32(3, low=0.3),
        offset=None,
        scale=None,
        variance_epsilon=0.01,
    ),
    case("nn.local_response_normalization", f32(1, 2, 2, 6), depth_radius=2).check(order=1),
    case("nn.dropout", f32(2, 3), rate=0.0),
    case("nn.compute_average_loss", f32(4), global_batch_size=8),
    case("nn.compute_average_loss", f32(4), sample_weight=f32(4, low=0.1)),
    case("nn.scale_regularization_loss", f32()),
]


@program(CASES, "nn.moments nn.batch_normalization", f64(5, 3), f64(3), f64(3), order=1)
def batch_norm(tf, x, gamma, beta):
    mean, variance = tf.nn.moments(x, axes=[0])
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, 1e-3)


@program(CASES, "math.reduce_variance math.rsqrt", f64(3, 6), f64(6), f64(6))
def layer_norm(tf, x, gamma, beta):
    mean = tf.reduce_mean(x, axis=-1, keepdims=True)
    variance = tf.math.reduce_variance(x, axis=-1, keepdims=True)
    return (x - mean) * tf.math.rsqrt(variance + 1e-6) * gamma + beta


@program(CASES, "matmul nn.softmax linalg.band_part", f64(2, 4, 3), f64(2, 4, 3), f64(2, 4, 3))
def causal_attention(tf, q, k, v):
    scores = tf.matmul(q, k, transpose_b=True) / tf.sqrt(tf.cast(3, tf.float64))
    mask = tf.linalg.band_part(tf.ones([4, 4], tf.float64), -1, 0)
    return tf.matmul(tf.nn.softmax(scores - 1e9 * (1 - mask)), v)


@program(CASES, "nn.embedding_lookup nn.bias_add", f64(5, 3), f64(3, 2), f64(2), order=2)
def bag_of_words(tf, table, w, b):
    words = tf.nn.embedding_lookup(table, [[0, 2, 2], [4, 1, 0]])
    return tf.nn.bias_add(tf.matmul(tf.reduce_mean(words, axis=1), w), b)


@program(CASES, "nn.sigmoid", f64(2, 3), f64(4), f64(2, 8), f64(8), f64(7, 8))
def lstm_step(tf, x, b, h_and_c, bias, kernel):
    h, c = tf.split(h_and_c, 2, axis=1)
    i, f, g, o = tf.split(tf.concat([x, h], 1) @ kernel + bias, 4, axis=1)
    c = tf.nn.sigmoid(f) * c[:, :2] + tf.nn.sigmoid(i) * tf.tanh(g)
    return tf.nn.sigmoid(o) * tf.tanh(c) + tf.reduce_sum(b)


@program(CASES, "nn.relu nn.sparse_softmax_cross_entropy_with_logits", f32(4, 5), f32(5, 6),
         f32(6), f32(6, 3), f32(3), tol=5)  # fmt: skip
def mlp_loss(tf, x, w1, b1, w2, b2):
    logits = tf.nn.relu(x @ w1 + b1) @ w2 + b2
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits([0, 2, 1, 1], logits))


def drawn(tf):
    """Classes that were drawn, and how often they were expected; class 2 is a true one too."""
    return [5, 2, 6], tf.constant([[0.5], [0.25], [1.5]]), tf.constant([0.125, 0.25, 0.75])


@program(CASES, "nn.nce_loss", f32(8, 4), f32(8), f32(3, 4), tol=20)
def noise_contrastive(tf, table, biases, x):
    labels = tf.constant([[2], [7], [0]], tf.int64)
    more = tf.nn.nce_loss(table, biases, labels, x, 3, 8, sampled_values=drawn(tf),
                          remove_accidental_hits=True)  # fmt: skip
    return tf.nn.nce_loss(table, biases, labels, x, 3, 8, sampled_values=drawn(tf)), more


@program(CASES, "nn.sampled_softmax_loss", f32(8, 4), f32(8), f32(3, 4), tol=20)
def softmax_of_a_sample(tf, table, biases, x):
    labels = tf.constant([[2], [7], [0]], tf.int64)
    more = tf.nn.sampled_softmax_loss(table, biases, labels, x, 3, 8, sampled_values=drawn(tf),
                                      remove_accidental_hits=False)  # fmt: skip
    return tf.nn.sampled_softmax_loss(
        table, biases, labels, x, 3, 8, sampled_values=drawn(tf)
    ), more


@program(CASES, "nn.nce_loss nn.sampled_softmax_loss", f32(8, 4), f32(8), f32(2, 4), tol=20)
def two_true_classes(tf, table, biases, x):
    labels = tf.constant([[2, 5], [7, 1]], tf.int64)
    sampled, _, expected = drawn(tf)
    told = sampled, tf.constant([[0.5, 0.25], [1.5, 0.75]]), expected
    return (
        tf.nn.nce_loss(table, biases, labels, x, 3, 8, num_true=2, sampled_values=told),
        tf.nn.sampled_softmax_loss(table, biases, labels, x, 3, 8, num_true=2, sampled_values=told),
    )
