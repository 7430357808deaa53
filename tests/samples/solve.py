"""Sample calls of the ops in minitf.ops.solve."""

import numpy as np


def normal(rng, *shape):
    return np.asarray(rng.normal(size=shape))


def square(rng, *shape):
    """Matrices that are far from singular."""
    return normal(rng, *shape) / 2 + 3 * np.eye(shape[-1])


WAYS = [{}, {"adjoint": True}]
TRIANGLES = [{"lower": lower, "adjoint": adjoint} for lower in (True, False)
             for adjoint in (False, True)]  # fmt: skip


def system(how):
    return lambda rng: ((square(rng, 3, 3), normal(rng, 3, 2)), how)


SAMPLES = {
    "inv": [
        *[lambda rng, how=how: ((square(rng, 3, 3),), how) for how in WAYS],
        lambda rng: ((square(rng, 2, 2, 2),), {}),
    ],
    "det": [lambda rng: ((square(rng, 3, 3),), {}), lambda rng: ((square(rng, 2, 2, 2),), {})],
    "slogdet": [
        lambda rng: ((square(rng, 3, 3),), {}),
        lambda rng: ((-square(rng, 2, 3, 3),), {}),
    ],
    "solve": [
        *map(system, WAYS),
        lambda rng: ((square(rng, 2, 2, 2), normal(rng, 2, 2, 1)), {}),
        lambda rng: ((square(rng, 2, 2), normal(rng, 2, 2, 1)), {}),
    ],
    "triangular_solve": [
        *map(system, TRIANGLES),
        lambda rng: ((square(rng, 2, 2, 2), normal(rng, 2, 1)), {}),
    ],
}
