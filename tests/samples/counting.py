"""Sample calls of the ops in minitf.ops.counting."""


def counted(shape, weights, *rest):
    """A call of bincount; `rest` is minlength, maxlength, dtype, by_row, binary_output."""
    return lambda rng: (
        (rng.integers(0, 5, shape), [rng.normal(size=shape)] if weights else [], *rest),
        {},
    )


SAMPLES = {
    "bincount": [
        counted(9, False, 0, None, "int32", False, False),
        counted((2, 4), True, 6, None, "float64", False, False),
        counted((2, 4), True, 0, 3, "float64", True, False),
        counted((3, 2), False, 5, 5, "int64", True, True),
    ],
    "confusion_matrix": [
        lambda rng: ((rng.integers(0, 3, 8), rng.integers(0, 3, 8), [], 3, "int32"), {}),
        lambda rng: ((rng.integers(0, 3, 8), rng.integers(0, 3, 8), [], None, "int64"), {}),
        lambda rng: (
            (rng.integers(0, 2, 4), rng.integers(0, 2, 4), [rng.normal(size=4)], 2, "float64"),
            {},
        ),
    ],
    "histogram_fixed_width_bins": [
        lambda rng: ((rng.uniform(-2, 7, (2, 4)), [0.0, 5.0]), {"nbins": 4}),
    ],
}
