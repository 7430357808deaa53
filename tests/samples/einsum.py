"""Sample calls of the ops in minitf.ops.einsum."""

import numpy as np


def normal(rng, *shape):
    return np.asarray(rng.normal(size=shape))


def summed(equation, *shapes):
    return lambda rng: (([normal(rng, *shape) for shape in shapes], equation), {})


SAMPLES = {
    "einsum": [
        summed("ij,jk->ik", (2, 3), (3, 2)),
        summed("bqhd,bkhd->bhqk", (1, 2, 2, 3), (1, 3, 2, 3)),
        summed("ii->i", (3, 3)),
        summed("iij->", (2, 2, 3)),
        summed("ij->ji", (2, 3)),
        summed("i,j->ij", (3,), (2,)),
        summed("i,i->", (4,), (4,)),
        summed("ij,ij->i", (2, 3), (2, 3)),
        summed("ij,j,jk->ik", (2, 3), (3,), (3, 2)),
        summed("89ij,9jk->89ik", (2, 1, 2, 2), (3, 2, 1)),
        summed("9i,9i->9", (2, 3), (1, 3)),
        summed("ij,9jk->9ik", (2, 3), (2, 3, 2)),
    ],
}
