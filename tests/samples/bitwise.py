"""Sample calls of the ops in minitf.ops.bitwise."""


def pairs(rng):
    return (rng.integers(-9, 9, (2, 3)), rng.integers(-9, 9, 3)), {}


def shifts(rng):
    return (rng.integers(-9, 9, (2, 3)), rng.integers(0, 4, 3)), {}


SAMPLES = {
    "bitwise_and": [pairs],
    "bitwise_or": [pairs],
    "bitwise_xor": [pairs],
    "left_shift": [shifts],
    "right_shift": [shifts],
    "invert": [lambda rng: ((rng.integers(-9, 9, (2, 3)),), {})],
}
