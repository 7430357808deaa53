"""Preprocessing: normalization, sizes, warps, vocabularies, categories.

Layers that change images at random are given a range of one number, so that there is nothing left
to chance.
"""

from tests.keras_reference.case import function, ints, layer, x

TRAIN = {"training": True}
REST = {"training": False}
FIRST = {"data_format": "channels_first"}
WORDS = ["the", "cat", "sat"]
TEXTS = ["The cat sat, the cat!", "a dog", "The DOG (a cat) sat"]
DOCUMENTS = [["a", "b", "a"], ["b", "c", ""], ["a", "a", "z"]]
PIXELS = ints(2, 4, 6, 3, below=256, dtype="uint8")

CASES = [
    # numbers
    layer("Rescaling", {"scale": 0.5, "offset": -1.0}, x(2, 3)),
    layer("Rescaling", {"scale": 1 / 255}, PIXELS),
    layer("Rescaling", {"scale": [1.0, 2.0, 3.0], "offset": [0.0, 1.0, 0.0]}, x(2, 3)),
    layer("Normalization", {"mean": 0.5, "variance": 4.0}, x(3, 2)),
    layer("Normalization", {"mean": [0.5, 1.0], "variance": [4.0, 0.25]}, x(3, 2)),
    layer("Normalization", {"mean": [0.5, 1.0], "variance": [4.0, 0.0], "invert": True}, x(3, 2)),
    layer(
        "Normalization",
        {"mean": [[0.5, 1.0]], "variance": [[4.0, 1.0]], "axis": (1, 2)},
        x(3, 4, 2),
    ),
    layer("Normalization", {"axis": None, "mean": 1.0, "variance": 2.0}, x(3, 2)),
    layer("Normalization", {}, x(3, 2), adapt=x(50, 2, low=-3, high=5)),
    layer("Normalization", {"axis": None}, x(3, 2), adapt=x(50, 2, low=-3, high=5)),
    layer("Normalization", {"axis": (1, -1)}, x(2, 3, 4, 2), adapt=x(9, 3, 4, 2)),
    layer("Normalization", {"invert": True}, ints(3, 2, below=9), adapt=ints(20, 2, below=9)),
    layer("Normalization", {"mean": 1.0}, x(2, 3)).check(fails=True),
    layer("Normalization", {"mean": [1.0, 2.0], "variance": 1.0}, x(2, 2)).check(fails=True),
    layer("Normalization", {"axis": 5}, x(2, 3), adapt=x(4, 3)).check(fails=True),
    # sizes
    *[
        layer("Resizing", {"height": h, "width": w, "interpolation": how}, x(2, 4, 6, 3))
        for h, w, how in ((3, 8, "bilinear"), (2, 3, "nearest"), (6, 5, "bicubic"))
    ],
    layer("Resizing", {"height": 2, "width": 3, "interpolation": "area"}, x(2, 4, 6, 3)).check(
        grads=False
    ),
    layer("Resizing", {"height": 3, "width": 5}, PIXELS),
    layer("Resizing", {"height": 3, "width": 5, "antialias": True}, x(2, 7, 9, 1)),
    *[
        layer("Resizing", {"height": h, "width": w, how: True, **more}, x(2, 5, 7, 2))
        for how, more in (
            ("crop_to_aspect_ratio", {}),
            ("pad_to_aspect_ratio", {"fill_value": 2.0}),
        )
        for h, w in ((4, 4), (3, 9), (8, 2))
    ],
    layer("Resizing", {"height": 3, "width": 2, **FIRST}, x(2, 3, 5, 7)),
    layer("Resizing", {"height": 3, "width": 2}, x(5, 7, 1)),
    layer(
        "Resizing",
        {"height": 2, "width": 2, "crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True},
        x(1, 4, 4, 1),
    ).check(fails=True),
    layer("CenterCrop", {"height": 2, "width": 3}, x(2, 5, 6, 3)),
    layer("CenterCrop", {"height": 2, "width": 3}, x(5, 6, 1)),
    layer("CenterCrop", {"height": 6, "width": 3}, x(2, 4, 5, 2)),
    layer("CenterCrop", {"height": 3, "width": 3}, PIXELS),
    layer("CenterCrop", {"height": 2, "width": 2, **FIRST}, x(1, 2, 5, 4)),
    # warps: TensorFlow's gradient of these is not exact (it warps back), minitf's is
    *[
        layer("RandomRotation", {"factor": (f, f), "seed": 1, **more}, x(2, 5, 6, 2), TRAIN).check(
            grads=False
        )
        for f, more in (
            (0.1, {}),
            (-0.3, {"fill_mode": "constant", "fill_value": 0.5}),
            (0.07, {"fill_mode": "wrap"}),
            (0.2, {"fill_mode": "nearest", "interpolation": "nearest"}),
        )
    ],
    *[
        layer(
            "RandomZoom",
            {"height_factor": (h, h), "width_factor": w and (w, w), "seed": 1, **more},
            x(2, 5, 6, 2),
            TRAIN,
        ).check(grads=False)
        for h, w, more in (
            (0.4, None, {}),
            (-0.3, 0.2, {"fill_mode": "constant"}),
            (0.9, 0.8, {"fill_mode": "wrap"}),
            (0.5, -0.5, {"fill_mode": "nearest"}),
        )
    ],
    *[
        layer(
            "RandomTranslation",
            {"height_factor": (h, h), "width_factor": (w, w), "seed": 1, **more},
            x(2, 5, 6, 2),
            TRAIN,
        ).check(grads=False)
        for h, w, more in (
            (0.2, 0.3, {}),
            (-0.5, 0.7, {"fill_mode": "wrap"}),
            (0.33, -0.4, {"fill_mode": "constant", "fill_value": 1.0}),
            (0.4, 0.9, {"fill_mode": "nearest"}),
        )
    ],
    layer("RandomRotation", {"factor": (0.1, 0.1), "seed": 1, **FIRST}, x(2, 2, 5, 6), TRAIN).check(
        grads=False
    ),
    layer(
        "RandomRotation",
        {"factor": (0.25, 0.25), "interpolation": "nearest", "seed": 1},
        x(5, 5, 1),
        TRAIN,
    ).check(grads=False),
    layer(
        "RandomTranslation",
        {"height_factor": (0.2, 0.2), "width_factor": (0.1, 0.1), "seed": 1},
        x(5, 6, 2),
        TRAIN,
    ).check(grads=False),
    layer("RandomRotation", {"factor": 0.2, "seed": 1}, x(1, 4, 4, 1), REST),
    layer("RandomZoom", {"height_factor": 0.2, "seed": 1}, x(1, 4, 4, 1), REST),
    layer(
        "RandomTranslation",
        {"height_factor": 0.2, "width_factor": 0.1, "seed": 1},
        x(1, 4, 4, 1),
        REST,
    ),
    layer("RandomRotation", {"factor": 1.5}, x(1, 4, 4, 1)).check(fails=True),
    # other augmentation
    layer("RandomFlip", {"seed": 1}, x(2, 3, 4, 1), REST),
    layer("RandomFlip", {"mode": "horizontal", "seed": 1}, PIXELS, REST),
    layer("RandomCrop", {"height": 2, "width": 2, "seed": 1}, x(2, 5, 4, 1), REST),
    layer("RandomCrop", {"height": 5, "width": 4, "seed": 1}, x(2, 5, 4, 1), TRAIN),
    layer("RandomCrop", {"height": 6, "width": 8, "seed": 1}, x(2, 5, 4, 1), TRAIN),
    layer(
        "RandomContrast",
        {"factor": (0.0, 0.0), "value_range": (-1, 1), "seed": 1},
        x(2, 3, 4, 2),
        TRAIN,
    ),
    layer("RandomContrast", {"factor": 0.5, "seed": 1}, x(2, 3, 4, 2), REST),
    layer(
        "RandomBrightness",
        {"factor": (0.3, 0.3), "value_range": (0, 1), "seed": 1},
        x(2, 3, 4, 2, low=0),
        TRAIN,
    ),
    layer(
        "RandomBrightness", {"factor": (-0.2, -0.2), "seed": 1}, x(2, 3, 2, low=0, high=255), TRAIN
    ),
    layer("RandomBrightness", {"factor": 0.3, "seed": 1}, x(2, 3, 4, 2), REST),
    layer("RandomBrightness", {"factor": 2.0}, x(2, 3, 4, 2)).check(fails=True),
    # words
    layer("StringLookup", {"vocabulary": WORDS}, [["cat", "dog"], ["the", ""]]),
    layer("StringLookup", {"vocabulary": WORDS, "mask_token": ""}, [["cat", "dog"], ["the", ""]]),
    layer("StringLookup", {"vocabulary": WORDS, "num_oov_indices": 3}, [["cat", "dog", "x", "yy"]]),
    layer(
        "StringLookup",
        {"vocabulary": WORDS, "num_oov_indices": 3, "salt": [1, 2]},
        [["dog", "x", "yy"]],
    ),
    layer("StringLookup", {"vocabulary": WORDS, "num_oov_indices": 0}, [["cat", "sat"]]),
    layer("StringLookup", {"vocabulary": WORDS, "num_oov_indices": 0}, [["cow"]]).check(fails=True),
    layer("StringLookup", {"vocabulary": ["a", "a"]}, [["a"]]).check(fails=True),
    *[
        layer(
            "StringLookup",
            {"vocabulary": WORDS, "output_mode": mode, **more},
            [["cat", "dog", "cat"]],
        )
        for mode in ("one_hot", "multi_hot", "count")
        for more in ({}, {"mask_token": "dog"}, {"max_tokens": 6, "pad_to_max_tokens": True})
        if mode != "one_hot" or "max_tokens" not in more
    ],
    layer(
        "StringLookup",
        {"vocabulary": WORDS, "output_mode": "tf_idf", "idf_weights": [0.5, 1.0, 2.0]},
        [["cat", "dog", "cat"]],
    ),
    layer("StringLookup", {}, [["a", "b", "c", "d"]], adapt=DOCUMENTS),
    layer(
        "StringLookup", {"max_tokens": 3, "mask_token": ""}, [["a", "b", "c", ""]], adapt=DOCUMENTS
    ),
    layer("StringLookup", {"output_mode": "tf_idf"}, [["a", "b", "a", "q"]], adapt=DOCUMENTS),
    layer("IntegerLookup", {"vocabulary": [12, 36, 1138]}, [[12, 7], [1138, 36]]),
    layer("IntegerLookup", {"vocabulary": [12, 36], "num_oov_indices": 2}, [[12, 7], [8, 36]]),
    layer(
        "IntegerLookup",
        {"vocabulary": [12, 36], "num_oov_indices": 2, "oov_method": "farmhash"},
        [[12, 7], [8, -36]],
    ),
    layer(
        "IntegerLookup",
        {"vocabulary": [12, 36], "mask_token": 0, "output_mode": "count"},
        [[12, 0, 5]],
    ),
    layer("IntegerLookup", {"vocabulary": [12, 36, 1138], "invert": True}, [[1, 0], [3, 2]]),
    layer("IntegerLookup", {}, [[3, 1, 8]], adapt=[[3, 3, 1], [4, 4, 3]]),
    # texts
    *[
        layer("TextVectorization", {"vocabulary": WORDS, **more}, TEXTS)
        for more in (
            {},
            {"output_sequence_length": 3},
            {"output_sequence_length": 7},
            {"output_mode": "multi_hot"},
            {"output_mode": "count", "max_tokens": 8, "pad_to_max_tokens": True},
            {"standardize": "lower"},
            {"standardize": "strip_punctuation"},
            {"standardize": None, "split": None},
            {"ngrams": 2, "output_mode": "count"},
        )
    ],
    layer("TextVectorization", {"split": "character"}, TEXTS, adapt=TEXTS),
    layer("TextVectorization", {"max_tokens": 4}, TEXTS, adapt=TEXTS),
    layer("TextVectorization", {"ngrams": (2, 3)}, TEXTS, adapt=TEXTS),
    layer("TextVectorization", {"output_mode": "tf_idf"}, TEXTS, adapt=TEXTS),
    layer(
        "TextVectorization",
        {"output_mode": "count"},
        [["the cat"], ["a"]],
        adapt=[["the"], ["cat"]],
    ),
    layer(
        "TextVectorization", {"output_mode": "multi_hot", "output_sequence_length": 3}, TEXTS
    ).check(fails=True),
    layer("TextVectorization", {"split": "words"}, TEXTS).check(fails=True),
    # categories
    *[
        layer("CategoryEncoding", {"num_tokens": 5, "output_mode": mode}, ints(3, n, below=5))
        for mode in ("one_hot", "multi_hot", "count")
        for n in (1, 4)
    ],
    layer("CategoryEncoding", {"num_tokens": 5, "output_mode": "count"}, ints(4, below=5)),
    layer(
        "CategoryEncoding",
        {"num_tokens": 5, "output_mode": "count"},
        ints(2, 3, below=5),
        {"count_weights": [[0.5, 1.0, 2.0], [1.0, 3.0, 0.0]]},
    ),
    layer("CategoryEncoding", {}, ints(2, 3, below=5)).check(fails=True),
    layer("Discretization", {"bin_boundaries": [-0.5, 0.0, 0.4]}, x(3, 4)),
    layer(
        "Discretization", {"bin_boundaries": [-0.5, 0.0, 0.4], "output_mode": "one_hot"}, x(3, 1)
    ),
    layer("Discretization", {"bin_boundaries": [0.0, 0.4], "output_mode": "count"}, x(3, 4)),
    layer("Discretization", {"num_bins": 4}, x(3, 4), adapt=x(200, 1)),
    layer("Discretization", {"num_bins": 3, "epsilon": 0.1}, x(3, 4), adapt=x(35, 2)),
    layer("Discretization", {"num_bins": 3, "bin_boundaries": [0.0]}, x(3, 4)).check(fails=True),
    layer("Hashing", {"num_bins": 7}, [["A"], ["bird"], ["a longer string, over sixteen"]]),
    layer("Hashing", {"num_bins": 7, "mask_value": ""}, [["A"], [""], ["C"]]),
    layer("Hashing", {"num_bins": 7, "salt": 1337}, [["A"], ["B"], ["C"]]),
    layer("Hashing", {"num_bins": 7, "salt": [3, 4]}, ints(2, 3, below=99)),
    layer("Hashing", {"num_bins": 4, "output_mode": "one_hot"}, [["A"], ["B"]]),
    layer("Hashing", {"num_bins": 0}, [["A"]]).check(fails=True),
    layer("HashedCrossing", {"num_bins": 7}, [ints(4, below=9), ints(4, below=9)]),
    layer(
        "HashedCrossing",
        {"num_bins": 3, "output_mode": "one_hot"},
        [ints(4, 1, below=9), ints(4, 1, below=9)],
    ),
    layer("HashedCrossing", {"num_bins": 5}, [["A", "B", "A"], [101, 101, 102]]).check(fails=True),
    # the functions
    function(
        "ops.image.affine_transform", x(2, 4, 5, 2), [1.0, 0.2, 0.5, -0.1, 0.9, -0.7, 0.0, 0.0]
    ).check(grads=False),
    function(
        "ops.image.affine_transform",
        x(4, 5, 1),
        [0.5, 0.2, 0.5, -0.1, 1.9, -2.7, 0.0, 0.0],
        fill_mode="reflect",
    ).check(grads=False),
    function("ops.image.resize", x(2, 5, 7, 2), (4, 4), pad_to_aspect_ratio=True),
    function("ops.image.extract_patches", x(2, 6, 6, 2), 2, strides=3),
]
