"""`tf.nn`: activations, losses with logits, convolutions, pooling, normalisation."""

from minitf.composite.sparse_ops import embedding_lookup_sparse
from minitf.ops.activation import gelu, silu, softsign, swish
from minitf.ops.blocks import batch_to_space, depth_to_space, space_to_depth
from minitf.ops.candidates import nce_loss, sampled_softmax_loss
from minitf.ops.conv_transpose import (
    atrous_conv2d_transpose,
    conv1d_transpose,
    conv2d_transpose,
    conv3d_transpose,
    conv_transpose,
)
from minitf.ops.convolution import (
    atrous_conv2d,
    bias_add,
    conv1d,
    conv2d,
    conv3d,
    convolution,
    depthwise_conv2d,
    separable_conv2d,
)
from minitf.ops.cross_entropy import (
    compute_average_loss,
    l2_loss,
    log_poisson_loss,
    scale_regularization_loss,
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits,
    sparse_softmax_cross_entropy_with_logits,
    weighted_cross_entropy_with_logits,
)
from minitf.ops.embedding import embedding_lookup
from minitf.ops.exponential import sigmoid, softplus
from minitf.ops.norm import (
    batch_normalization,
    local_response_normalization,
    lrn,
    moments,
    weighted_moments,
)
from minitf.ops.norms import l2_normalize
from minitf.ops.pooling import (
    avg_pool,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    max_pool,
    max_pool1d,
    max_pool2d,
    max_pool3d,
    pool,
)
from minitf.ops.random import dropout
from minitf.ops.rectifier import crelu, elu, leaky_relu, relu, relu6, selu
from minitf.ops.softmax import log_softmax, softmax
from minitf.ops.sorting import in_top_k, top_k
from minitf.ops.statistics import zero_fraction
from minitf.ops.trigonometry import tanh

__all__ = [
    "atrous_conv2d",
    "atrous_conv2d_transpose",
    "avg_pool",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_normalization",
    "batch_to_space",
    "bias_add",
    "compute_average_loss",
    "conv1d",
    "conv1d_transpose",
    "conv2d",
    "conv2d_transpose",
    "conv3d",
    "conv3d_transpose",
    "conv_transpose",
    "convolution",
    "crelu",
    "depth_to_space",
    "depthwise_conv2d",
    "dropout",
    "elu",
    "embedding_lookup",
    "embedding_lookup_sparse",
    "gelu",
    "in_top_k",
    "l2_loss",
    "l2_normalize",
    "leaky_relu",
    "local_response_normalization",
    "log_poisson_loss",
    "log_softmax",
    "lrn",
    "max_pool",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "moments",
    "nce_loss",
    "pool",
    "relu",
    "relu6",
    "sampled_softmax_loss",
    "scale_regularization_loss",
    "selu",
    "separable_conv2d",
    "sigmoid",
    "sigmoid_cross_entropy_with_logits",
    "silu",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softplus",
    "softsign",
    "space_to_depth",
    "sparse_softmax_cross_entropy_with_logits",
    "swish",
    "tanh",
    "top_k",
    "weighted_cross_entropy_with_logits",
    "weighted_moments",
    "zero_fraction",
]
