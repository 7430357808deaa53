"""Sample calls of the ops in minitf.ops.seeds."""

from minitf.ops.seeds import Seeds, Stream

SAMPLES = {"random_key": [lambda rng: ((Stream(Seeds(7), None),), {})]}
