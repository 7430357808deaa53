"""Tensors of strings: `tf.strings`, tables, and the numbers of buckets."""

import numpy as np
import pytest

import minitf as tf
from minitf.errors import (
    DTypeError,
    Error,
    InvalidArgumentError,
    OutOfRangeError,
    ShapeError,
)
from minitf.ops.fingerprint import farm, sip
from minitf.ops.lookup import Table, always, look_up, refuse
from minitf.ops.strings import text

s = tf.strings


def said(tensor):
    """Return the elements as Python strings, whichever way they are kept."""
    return np.vectorize(text, otypes=[object])(np.asarray(tensor)).tolist()


CALLS = [
    (s.lower("To BE \u00c9"), "to be \u00c9"),  # without an encoding, ASCII alone
    (s.lower("To BE \u00c9", encoding="utf-8"), "to be \u00e9"),
    (s.upper(["abc", "\u00e9"]), ["ABC", "\u00e9"]),
    (s.upper("\u00e9", "utf-8"), "\u00c9"),
    (s.strip(["  a b\n", ""]), ["a b", ""]),
    (s.regex_replace("To be, or not.", "[.,]", ""), "To be or not"),
    (s.regex_replace("a-b", r"(\w)-(\w)", r"\2\1 \0"), "ba a-b"),
    (s.regex_replace("aaa", "a", "b", replace_global=False), "baa"),
    (s.regex_replace("[START]<br />", "[^ a-z.?!]", ""), "br "),
    (s.substr("hello", 1, 3), "ell"),
    (s.substr(["hello", "world"], [-2, 0], 9), ["lo", "world"]),
    (s.substr("caf\u00e9s", 3, 1, unit="UTF8_CHAR"), "\u00e9"),
    (
        s.join(["[START]", ["a", "b"], "[END]"], separator=" "),
        ["[START] a [END]", "[START] b [END]"],
    ),
    (s.reduce_join([["a", "b"], ["c", "d"]]), "abcd"),
    (s.reduce_join([["a", "b"], ["c", "d"]], 0), ["ac", "bd"]),
    (s.reduce_join([["a", "b"], ["c", "d"]], axis=-1, separator="-"), ["a-b", "c-d"]),
    (s.reduce_join([["a", "b"], ["c", "d"]], [0, 1]), "acbd"),
    (s.reduce_join([["a", "b"], ["c", "d"]], [1, 0], keepdims=True), [["abcd"]]),
    (s.reduce_join(np.zeros((2, 0), object), -1), ["", ""]),
    (s.split("to  be\nor"), ["to", "be", "or"]),
    (s.split(["to be", "or", ""]).to_tensor(), [["to", "be"], ["or", ""], ["", ""]]),
    (s.split("a,b,,c", sep=","), ["a", "b", "", "c"]),
    (s.split("a,b,c", ",", 1), ["a", "b,c"]),
    (s.unicode_split("a\u00e9\U0001f600", "UTF-8"), ["a", "\u00e9", "\U0001f600"]),
    (s.unicode_split(["ab", "c"], input_encoding="UTF-8").to_tensor(), [["a", "b"], ["c", ""]]),
    (s.unicode_split(b"a\xffb"), ["a", "\ufffd", "b"]),
    (s.unicode_split(b"a\xffb", errors="ignore"), ["a", "b"]),
    (s.bytes_split("ab"), ["a", "b"]),
    (s.ngrams(["a", "b", "c"], 2), ["a b", "b c"]),
    (
        s.ngrams([["a", "b", "c"], ["d", "", ""]], (1, 2), "_"),
        [["a", "b", "c", "a_b", "b_c"], ["d", "", "", "", ""]],
    ),
    (s.length(["a", "\u00e9", ""]), [1, 2, 0]),
    (s.length("\u00e9", unit="UTF8_CHAR"), 1),
    (s.regex_full_match(["cat", "cats"], "c.t"), [True, False]),
    (s.to_number(["1.5", "-2"]), [1.5, -2.0]),
    (s.to_number("7", tf.int32), 7),
    (s.as_string([1, -2]), ["1", "-2"]),
    (s.as_string([True, False]), ["true", "false"]),
    (s.as_string(3.14159), "3.141590"),
    (s.as_string(3.14159, precision=2), "3.14"),
    (s.as_string(7, width=3, fill="0"), "007"),
    (s.format("loss {} at {}", [0.5, tf.constant([1, 2])]), "loss 0.5 at [1 2]"),
    (s.unicode_decode("a\u00e9", "UTF-8"), [97, 233]),
    (s.unicode_encode([[97, 233], [98, 0]], "UTF-8"), ["a\u00e9", "b"]),
    (s.to_hash_bucket_fast(["Hello", "TensorFlow", "2.x"], 3), [0, 2, 2]),
    (s.to_hash_bucket_strong(["Hello", "TF"], 3, [1, 2]), [2, 0]),
]


@pytest.mark.parametrize(("found", "expected"), CALLS, ids=range(len(CALLS)))
def test_what_it_returns(found, expected):
    assert said(found) == expected


def test_bytes_and_strings_are_the_same_texts():
    for given in (
        "caf\u00e9",
        "caf\u00e9".encode(),
        np.array("caf\u00e9"),
        np.bytes_(b"caf\xc3\xa9"),
    ):
        assert said(s.upper(given, "utf-8")) == "CAF\u00c9"
    broken = b"\xff\xfe"
    assert said(s.join([broken, b""])).encode("utf-8", "surrogateescape") == broken


def test_types_and_shapes_in_a_graph():
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def words(x):
        found = s.split(s.lower(x))
        assert found.dtype is tf.string
        assert tuple(found.shape) == (None, None)
        return found, s.length(found)

    found, lengths = words(np.array(["To be", "Or"]))
    assert found.to_list() == [[b"to", b"be"], [b"or"]]
    assert lengths.to_list() == [[2, 2], [2]]


def test_text_generation_as_in_the_tutorial():
    """TensorFlow's "Text generation with an RNN": from characters to numbers and back."""
    keras = tf.keras
    body = "hello world\n"
    vocab = sorted(set(body))
    ids_from_chars = keras.layers.StringLookup(vocabulary=list(vocab), mask_token=None)
    chars_from_ids = keras.layers.StringLookup(
        vocabulary=ids_from_chars.get_vocabulary(), invert=True, mask_token=None
    )
    ids = ids_from_chars(s.unicode_split(body, "UTF-8"))
    assert tuple(ids.shape) == (12,)
    assert said(s.reduce_join(chars_from_ids(ids), axis=-1)) == body
    dataset = tf.data.Dataset.from_tensor_slices(ids).batch(5, drop_remainder=True)
    assert [said(s.reduce_join(chars_from_ids(x), axis=-1)) for x in dataset] == ["hello", " worl"]
    skip = ids_from_chars(["[UNK]"])[:, None]
    assert skip.numpy().tolist() == [[0]]


def test_standardizing_as_in_the_tutorials():
    """The function of TensorFlow's text classification tutorial, in `Dataset.map`."""

    def clean(data):
        lowercase = s.lower(data)
        stripped = s.regex_replace(lowercase, "<br />", " ")
        return s.regex_replace(stripped, "[" + "!.," + "]", "")

    ds = tf.data.Dataset.from_tensor_slices(["Great!<br />Really.", "No"]).map(clean)
    assert [said(x) for x in ds] == ["great really", "no"]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: s.lower([1, 2]), DTypeError, "expected strings, got int32"),
        (lambda: s.split(1.0), DTypeError, "tf.strings.as_string"),
        (lambda: s.regex_replace("a", "(", ""), InvalidArgumentError, "no regular expression"),
        (lambda: s.substr("abc", 5, 1), InvalidArgumentError, "pos 5 is out of range"),
        (lambda: s.length("a", unit="WORD"), InvalidArgumentError, "unit is 'BYTE'"),
        (lambda: s.join([]), InvalidArgumentError, "at least one"),
        (lambda: s.join([["a"], ["b", "c", "d"], ["e", "f"]]), ShapeError, "do not broadcast"),
        (lambda: s.ngrams("a", 2), ShapeError, "needs an axis"),
        (lambda: s.to_number("one"), InvalidArgumentError, "'one' is not a number"),
        (lambda: s.unicode_split("a", "UTF-16-BE"), InvalidArgumentError, "must be 'UTF-8'"),
        (lambda: s.unicode_split(b"\xff", errors="strict"), InvalidArgumentError, "no UTF-8"),
        (lambda: s.format("{} {}", [1]), InvalidArgumentError, "2 places for 1"),
        (lambda: s.to_hash_bucket_fast("a", 0), InvalidArgumentError, "at least 1"),
    ],
)  # fmt: skip
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()


# -- fingerprints, as TensorFlow computes them --------------------------------------------------

FINGERPRINTS = {  # of b"x" * n
    0: 0x1AE16A3B2F90404F,
    1: 0x017EFDBAECFF6802,
    3: 0x2AE60479E555325C,
    4: 0x17DF80FFC70CC4AE,
    7: 0x11086359D2D7522F,
    8: 0x05C78B7965B88A7E,
    15: 0x189DF0D822ED3C8E,
    16: 0x2E1630F1FCF7781C,
    17: 0x1CE745A1F3812FA5,
    31: 0x0912CA35777CBE1F,
    32: 0x330B9BACCC74DC05,
    33: 0x2A49185443E61637,
    63: 0x374FD98E5CC20F9D,
    64: 0x1FFB3C754F6913B8,
    65: 0x047CB9FD96F25F39,
    127: 0x2846F0FDBA7928A8,
    128: 0x1170AF09FD870C17,
    129: 0x36EDF54559A5FEB6,
    200: 0x01713BF9D998A3BF,
    1000: 0x1A8C8AB6295A3220,
}


@pytest.mark.parametrize("n", FINGERPRINTS)
def test_farm_of_any_length(n):
    assert farm(b"x" * n) % 2**62 == FINGERPRINTS[n]


def test_sip_is_that_of_its_authors():
    """The first and last test vectors of the paper's implementation."""
    key = (0x0706050403020100, 0x0F0E0D0C0B0A0908)
    assert sip(b"", key) == 0x726FDB47DD0E0E31
    assert sip(bytes(range(63)), key) == 0x958A324CEB064572


# -- tables -------------------------------------------------------------------------------------


def test_tables():
    table = Table({"a": 1, "b": 2}, tf.string, tf.int64, always(-1))
    assert look_up([["a", b"b"], ["c", ""]], table).numpy().tolist() == [[1, 2], [-1, -1]]
    back = Table({1: "a"}, tf.int64, tf.string, always("?"))
    assert said(look_up([1, 5], back)) == ["a", "?"]
    assert said(look_up(tf.constant([1], tf.int32), back)) == ["a"]
    with pytest.raises(OutOfRangeError, match="'z' is not in the vocabulary"):
        look_up(["z"], Table({}, tf.string, tf.int64, refuse))
    with pytest.raises(DTypeError, match="keys of type string, got int32"):
        look_up([1], table)


def test_a_gradient_stops_at_strings():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = s.to_number(s.as_string(x)) * x
    assert tape.gradient(y, x).numpy().tolist() == [1.0, 2.0]
    assert issubclass(DTypeError, Error)
