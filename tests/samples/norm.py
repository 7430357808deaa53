"""Sample calls of the ops in minitf.ops.norm."""

import numpy as np

SAMPLES = {
    "moments": [
        lambda rng: ((rng.normal(size=(2, 3)), -1), {}),
        lambda rng: ((rng.normal(size=(2, 3, 4)), (0, 1)), {"keepdims": True}),
        lambda rng: ((rng.normal(size=(2, 3)), [0, 1]), {}),
        lambda rng: ((np.float64(rng.normal()), ()), {}),
    ],
}
