"""Sample calls of the ops in minitf.runtime.debugging."""

import numpy as np

SAMPLES = {
    "check_numerics": [
        lambda rng: ((rng.normal(size=(2, 3)), "x"), {}),
        lambda rng: ((np.float64(rng.normal()), ""), {}),
    ],
    "assert_true": [
        lambda rng: ((np.array([True, True]), "all is well", rng.normal(size=2)), {}),
        lambda rng: ((np.True_,), {}),
    ],
}
