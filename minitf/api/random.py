"""`tf.random`: seeded random numbers."""

from minitf.ops.candidates import log_uniform_candidate_sampler, uniform_candidate_sampler
from minitf.ops.random import (
    bernoulli,
    categorical,
    gamma,
    normal,
    poisson,
    shuffle,
    truncated_normal,
    uniform,
)
from minitf.ops.seeds import set_seed
from minitf.ops.stateless import (
    Generator,
    get_global_generator,
    set_global_generator,
    stateless_categorical,
    stateless_gamma,
    stateless_normal,
    stateless_poisson,
    stateless_shuffle,
    stateless_split,
    stateless_truncated_normal,
    stateless_uniform,
)

split = stateless_split

__all__ = [
    "Generator",
    "bernoulli",
    "categorical",
    "gamma",
    "get_global_generator",
    "log_uniform_candidate_sampler",
    "normal",
    "poisson",
    "set_global_generator",
    "set_seed",
    "shuffle",
    "split",
    "stateless_categorical",
    "stateless_gamma",
    "stateless_normal",
    "stateless_poisson",
    "stateless_shuffle",
    "stateless_truncated_normal",
    "stateless_uniform",
    "truncated_normal",
    "uniform",
    "uniform_candidate_sampler",
]
