"""Layers: one file per family; what a layer is stands in `minitf.layers.layer`."""

from minitf.layers import symbolic  # tells layers how a call on symbols is written down
from minitf.lazily import offer

__all__, __getattr__, __dir__ = offer(
    __name__,
    {
        "layer": ["Layer"],
        "by_name": ["deserialize", "serialize"],
        "symbolic": ["Input", "InputLayer"],
        "input_spec": ["InputSpec"],
        "dtype_policy": ["DTypePolicy"],
        "core": ["Activation", "Dense", "Identity", "Lambda", "Masking"],
        "einsum_dense": ["EinsumDense"],
        "embedding": ["Embedding"],
        "activation": ["ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax", "ThresholdedReLU"],
        "reshaping": ["Flatten", "Permute", "RepeatVector", "Reshape"],
        "merging": [
            "Add", "Average", "Concatenate", "Dot", "Maximum", "Merge", "Minimum",
            "Multiply", "Subtract", "add", "average", "concatenate", "dot", "maximum",
            "minimum", "multiply", "subtract",
        ],
        "regularization": [
            "ActivityRegularization", "AlphaDropout", "Dropout", "GaussianDropout",
            "GaussianNoise", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D",
        ],
        "conv": [
            "Conv1D", "Conv1DTranspose", "Conv2D", "Conv2DTranspose", "Conv3D",
            "Conv3DTranspose", "Convolution1D", "Convolution1DTranspose",
            "Convolution2D", "Convolution2DTranspose", "Convolution3D",
            "Convolution3DTranspose",
        ],
        "depthwise": [
            "DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D",
            "SeparableConvolution1D", "SeparableConvolution2D",
        ],
        "pooling": [
            "AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D",
            "AdaptiveAveragePooling3D", "AdaptiveMaxPooling1D", "AdaptiveMaxPooling2D",
            "AdaptiveMaxPooling3D", "AveragePooling1D", "AveragePooling2D",
            "AveragePooling3D", "AvgPool1D", "AvgPool2D", "AvgPool3D",
            "GlobalAveragePooling1D", "GlobalAveragePooling2D",
            "GlobalAveragePooling3D", "GlobalAvgPool1D", "GlobalAvgPool2D",
            "GlobalAvgPool3D", "GlobalMaxPool1D", "GlobalMaxPool2D", "GlobalMaxPool3D",
            "GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D",
            "MaxPool1D", "MaxPool2D", "MaxPool3D", "MaxPooling1D", "MaxPooling2D",
            "MaxPooling3D",
        ],
        "sampling": [
            "Cropping1D", "Cropping2D", "Cropping3D", "UpSampling1D", "UpSampling2D",
            "UpSampling3D", "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D",
        ],
        "norm": [
            "BatchNormalization", "GroupNormalization", "LayerNormalization",
            "RMSNormalization", "UnitNormalization",
        ],
        "spectral": ["SpectralNormalization"],
        "rnn": ["RNN", "StackedRNNCells"],
        "simple_rnn": ["SimpleRNN", "SimpleRNNCell"],
        "lstm": ["LSTM", "LSTMCell"],
        "gru": ["GRU", "GRUCell"],
        "conv_lstm": ["ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"],
        "wrappers": ["Bidirectional", "TimeDistributed", "Wrapper"],
        "attention": ["AdditiveAttention", "Attention"],
        "multi_head_attention": [
            "GroupQueryAttention", "GroupedQueryAttention", "MultiHeadAttention",
        ],
        "preprocessing": [
            "CategoryEncoding", "CenterCrop", "Discretization", "HashedCrossing",
            "Hashing", "IntegerLookup", "Normalization", "RandomBrightness",
            "RandomContrast", "RandomCrop", "RandomFlip", "RandomRotation",
            "RandomTranslation", "RandomZoom", "Rescaling", "Resizing", "StringLookup",
            "TextVectorization",
        ],
    },
)  # fmt: skip
