"""Sample calls of the ops in minitf.ops.script."""

SAMPLES = {"timestamp": [lambda rng: ((), {})]}
