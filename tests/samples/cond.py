"""Sample calls of the ops in minitf.ops.cond."""

SAMPLES = {
    "first_true": [
        lambda rng: (([False, True, True], False, False), {}),
        lambda rng: (([False, False], True, False), {}),
    ]
}
