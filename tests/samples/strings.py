"""Sample calls of the ops in minitf.ops.strings, splitting, spelling and lookup."""

import numpy as np

from minitf.dtypes import float32, int16, int64, string, uint8
from minitf.ops.lookup import Table, always

WORDS = np.array(["", "to be", "Or not", " caf\u00e9 ", "a,b,,c", "1"], object)
NUMBERS = np.array(["1", "-2.5", "3e2"], object)


def words(*shape):
    return lambda rng: WORDS[rng.integers(0, len(WORDS), shape)]


def call(*shape, args=(), **kwargs):
    return lambda rng: ((words(*shape)(rng), *args), kwargs)


SAMPLES = {
    "string_lower": [call(2, 3), call(encoding="utf-8")],
    "string_upper": [call(2, 3), call(encoding="utf-8")],
    "string_strip": [call(2, 3), call()],
    "regex_replace": [
        call(5, args=("[a-c]", "-")),
        call(args=("(o) ?(b|n)", r"<\2\1\0>")),
        call(2, 2, args=("o", "0", False)),
    ],
    "regex_full_match": [call(6, args=(".*b.*",)), call(args=("",))],
    "string_length": [call(2, 3), call(4, unit="UTF8_CHAR")],
    "substr": [
        lambda rng: ((np.array([["hello"], ["world"]], object), [1, -2], 3), {}),
        lambda rng: ((np.array("caf\u00e9s", object), 3, 1), {"unit": "UTF8_CHAR"}),
    ],
    "string_join": [
        lambda rng: (([words(2, 3)(rng), words(3)(rng), words()(rng)], "-"), {}),
        lambda rng: (([words(2)(rng)],), {}),
    ],
    "reduce_join": [
        call(2, 3, args=((1,), False, "-")),
        call(2, 3, args=((0, 1), True, "")),
        call(2, 3, args=((1, 0), False, ",")),
    ],
    "string_parts": [
        call(2, 3, args=("word",)),
        call(2, args=("word", ",", 1)),
        call(2, args=("character",)),
        call(3, args=("code",)),
        call(2, args=("byte",)),
    ],
    "string_split": [call(), call(2, 3), call(4, args=(",", 1)), call(2, sep=",")],
    "unicode_split": [call(), call(2, 3)],
    "string_ngrams": [call(2, 4, args=(2,)), call(3, args=((1, 3), "_"))],
    "unicode_encode": [
        lambda rng: ((rng.integers(97, 123, (2, 4)),), {}),
        lambda rng: (([233, 0, 97, 0],), {}),
    ],
    "string_to_number": [
        lambda rng: ((NUMBERS,), {}),
        lambda rng: ((np.array([["7"], ["-8"]], object), "int64"), {}),
        lambda rng: ((NUMBERS[1:2], "float64"), {}),
    ],
    "as_string": [
        lambda rng: ((rng.integers(-9, 9, (2, 3)),), {}),
        lambda rng: ((np.array([0.5, -2.25]),), {"precision": 2, "width": 8, "fill": "0"}),
        lambda rng: ((np.array([0.5, 4.0]),), {"scientific": True}),
        lambda rng: ((np.array([True, False]),), {}),
    ],
    "decode_raw": [
        lambda rng: ((np.array(["abcd", "efgh"], object), int16), {}),
        lambda rng: ((np.array(b"abcd\xff\0\0\0", object), float32, False), {}),
        lambda rng: ((words(2, 3)(rng), uint8), {"fixed_length": 3}),
    ],
    "string_format": [
        lambda rng: (([rng.integers(0, 9, 8), words()(rng)], "a {} b {} c", "{}", 2), {}),
        lambda rng: (([], "nothing", "{}", 3), {}),
    ],
    "string_to_hash_bucket": [call(2, 3, args=(7, None)), call(4, args=(100, (1, 2)))],
    "string_cross": [
        lambda rng: (([words(3)(rng), rng.integers(-5, 5, 3)], 10), {}),
        lambda rng: (([words(2, 1)(rng), words(2, 1)(rng), words(2, 1)(rng)], 1000), {}),
    ],
    "look_up": [
        call(2, 3, args=(Table({"to be": 1, "": 2}, string, int64, always(0)),)),
        lambda rng: ((rng.integers(0, 4, 5), Table({1: "a"}, int64, string, always("?"))), {}),
    ],
}
