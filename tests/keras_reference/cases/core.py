"""Core, reshaping, activation and regularization layers."""

from tests.keras_reference.case import bools, ints, layer, obj, x

L2 = obj("regularizers.L2", 0.1)

CASES = [
    # Dense
    layer("Dense", {"units": 3}, x(4, 5)),
    layer("Dense", {"units": 3, "activation": "relu", "use_bias": False}, x(4, 5)),
    layer("Dense", {"units": 2, "activation": "softmax"}, x(2, 3, 5)),
    layer(
        "Dense",
        {
            "units": 2,
            "activation": "tanh",
            "kernel_initializer": "he_normal",
            "bias_initializer": "ones",
        },
        x(2, 3),
    ),
    layer(
        "Dense",
        {
            "units": 2,
            "kernel_regularizer": L2,
            "bias_regularizer": "l1",
            "activity_regularizer": "l2",
            "kernel_constraint": "max_norm",
        },
        x(2, 3),
    ),
    layer("Dense", {"units": 2, "name": "out", "trainable": False}, x(2, 3)),
    layer("Dense", {"units": 2}, ints(2, 3, below=5)).check(grads=False),
    layer("Dense", {"units": 2}, x(2, 3, 4, 5)),
    layer("Dense", {"units": 0}, x(2, 3)).check(fails=True),
    layer("Dense", {"units": 2}, x(3)).check(fails=True),
    # EinsumDense
    layer("EinsumDense", {"equation": "ab,bc->ac", "output_shape": 4, "bias_axes": "c"}, x(2, 3)),
    layer(
        "EinsumDense",
        {
            "equation": "abc,cd->abd",
            "output_shape": (None, 4),
            "bias_axes": "d",
            "activation": "relu",
        },
        x(2, 3, 5),
    ),
    layer(
        "EinsumDense",
        {"equation": "...x,xy->...y", "output_shape": 4, "bias_axes": "y"},
        x(2, 3, 5),
    ),
    layer(
        "EinsumDense",
        {"equation": "abc,cde->abde", "output_shape": (None, 2, 3), "bias_axes": "de"},
        x(2, 3, 5),
    ),
    layer("EinsumDense", {"equation": "abcd,cde->abe", "output_shape": (None, 4)}, x(2, 3, 2, 3)),
    layer(
        "EinsumDense",
        {"equation": "abc,cde->abde", "output_shape": (None, 2, 3), "bias_axes": "d"},
        x(2, 3, 5),
    ),
    layer(
        "EinsumDense",
        {"equation": "ab...,bc->ac...", "output_shape": 4, "bias_axes": "c"},
        x(2, 3, 5),
    ),
    layer("EinsumDense", {"equation": "ab,bc", "output_shape": 4}, x(2, 3)).check(fails=True),
    layer("EinsumDense", {"equation": "ab,cd->ac", "output_shape": 4}, x(2, 3)).check(fails=True),
    layer("EinsumDense", {"equation": "abc,cd->abd", "output_shape": (7, 4)}, x(2, 3, 5)).check(
        fails=True
    ),
    # Embedding
    layer("Embedding", {"input_dim": 5, "output_dim": 3}, ints(2, 4, below=5)),
    layer("Embedding", {"input_dim": 5, "output_dim": 3, "mask_zero": True}, ints(2, 4, below=5)),
    layer(
        "Embedding",
        {
            "input_dim": 5,
            "output_dim": 3,
            "embeddings_regularizer": L2,
            "embeddings_initializer": "ones",
        },
        ints(4, below=5),
    ),
    layer("Embedding", {"input_dim": 5, "output_dim": 2}, ints(2, 3, 2, below=5, dtype="int64")),
    layer("Embedding", {"input_dim": 0, "output_dim": 2}, ints(2, below=1)).check(fails=True),
    # a function, nothing, a mask
    layer("Activation", {"activation": "sigmoid"}, x(2, 3)),
    layer("Activation", {"activation": "gelu"}, x(2, 3)),
    layer("Activation", {"activation": None}, x(2, 3)),
    layer("Activation", {"activation": "nonsense"}, x(2, 3)).check(fails=True),
    layer("Identity", {}, x(2, 3)),
    layer("Masking", {}, [[[1.0, 0.0], [0.0, 0.0], [2.0, 3.0]]]).check(grads=False),
    layer("Masking", {"mask_value": -1.0}, [[[-1.0, -1.0], [0.0, -1.0]]]).check(grads=False),
    # shapes
    layer("Flatten", {}, x(2, 3, 4)),
    layer("Flatten", {}, x(3)),
    layer("Flatten", {"data_format": "channels_first"}, x(2, 3, 2, 2)),
    layer("Reshape", {"target_shape": (4, 3)}, x(2, 3, 4)),
    layer("Reshape", {"target_shape": (-1, 2)}, x(2, 3, 4)),
    layer("Reshape", {"target_shape": (5,)}, x(2, 3, 4)).check(fails=True),
    layer("Reshape", {"target_shape": (-1, -1)}, x(2, 3, 4)).check(fails=True),
    layer("Permute", {"dims": (2, 1)}, x(2, 3, 4)),
    layer("Permute", {"dims": (3, 1, 2)}, x(2, 3, 4, 2)),
    layer("Permute", {"dims": (0, 1)}, x(2, 3, 4)).check(fails=True),
    layer("RepeatVector", {"n": 3}, x(2, 4)),
    layer("RepeatVector", {"n": 3}, x(2, 4, 1)).check(fails=True),
    # activations with parameters
    layer("ReLU", {}, x(3, 4)),
    layer("ReLU", {"max_value": 0.5, "negative_slope": 0.1, "threshold": 0.2}, x(3, 4)),
    layer("ReLU", {"negative_slope": -0.1}, x(3, 4)).check(fails=True),
    layer("LeakyReLU", {}, x(3, 4)),
    layer("LeakyReLU", {"negative_slope": 0.1}, x(3, 4)),
    layer("LeakyReLU", {"negative_slope": None}, x(3, 4)).check(fails=True),
    layer("PReLU", {}, x(2, 3, 4)),
    layer("PReLU", {"shared_axes": [1], "alpha_initializer": "ones"}, x(2, 3, 4)),
    layer("ELU", {}, x(3, 4)),
    layer("ELU", {"alpha": 0.5}, x(3, 4)),
    layer("Softmax", {}, x(3, 4)),
    layer("Softmax", {"axis": 1}, x(2, 3, 4)),
    layer("Softmax", {"axis": (1, 2)}, x(2, 3, 4)),
    layer("Softmax", {}, x(3, 4), call={"mask": bools(3, 4)}),
    # noise, which only training makes
    layer("Dropout", {"rate": 0.3}, x(2, 3), call={"training": False}),
    layer("Dropout", {"rate": 0.3, "noise_shape": (None, 1), "seed": 7}, x(2, 3)),
    layer("Dropout", {"rate": 0.0}, x(2, 3), call={"training": True}),
    layer("Dropout", {"rate": 1.5}, x(2, 3)).check(fails=True),
    layer("SpatialDropout1D", {"rate": 0.3}, x(2, 3, 4)),
    layer("SpatialDropout2D", {"rate": 0.3, "data_format": "channels_first"}, x(2, 3, 4, 2)),
    layer("SpatialDropout3D", {"rate": 0.3}, x(2, 3, 4, 2, 1)),
    layer("GaussianDropout", {"rate": 0.3}, x(2, 3)),
    layer("GaussianNoise", {"stddev": 0.3, "seed": 3}, x(2, 3)),
    layer("AlphaDropout", {"rate": 0.3}, x(2, 3)),
    layer("ActivityRegularization", {"l1": 0.1, "l2": 0.2}, x(2, 3)),
]
