"""Tokenizers: trained, saved, read step by step; any text comes back from byte pairs."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minitf.data import (
    BytePairTokenizer,
    CharacterTokenizer,
    Tokenizer,
    WordTokenizer,
    hashing_trick,
    load_tokenizer,
    one_hot,
    text_to_word_sequence,
    tokenizer_from_json,
)
from minitf.data.tokenizers_byte_pair import PIECES
from minitf.errors import DataError, Error

TEXT = "low lower lowest, the newest and widest. Low slow flow! " * 3
any_text = st.text(st.characters())  # lone surrogates included


# ---- byte pairs


@pytest.fixture(scope="module")
def byte_pairs():
    return BytePairTokenizer(["[PAD]", "[END]"]).fit(TEXT, 284)


@given(any_text)
def test_any_text_comes_back(text):
    tokenizer = BytePairTokenizer(["[PAD]"]).fit(TEXT + " \u00e4\u00f6\u00fc \u732b\u732b", 280)
    assert tokenizer.decode(tokenizer.encode(text)) == text


@given(any_text)
def test_the_pieces_are_the_text(text):
    assert "".join(PIECES.findall(text)) == text


@settings(max_examples=50)
@given(st.lists(st.text("ab ", min_size=1), min_size=1, max_size=6), st.integers(0, 8))
def test_training_finds_what_counting_anew_finds(texts, merges):
    """The definition, without any bookkeeping: count all pairs, merge the best, again."""
    words = Counter(p for t in texts for p in PIECES.findall(t))
    spelled = {w: list(w.encode()) for w in words}
    expected = []
    for new in range(256, 256 + merges):
        counts = Counter()
        for word, tokens in spelled.items():
            for pair in pairwise(tokens):
                counts[pair] += words[word]
        if not counts or max(counts.values()) < 2:
            break
        best = min(counts, key=lambda p: (-counts[p], p))
        expected.append(best)
        for word, tokens in spelled.items():
            merged, i = [], 0
            while i < len(tokens):
                hit = tuple(tokens[i : i + 2]) == best
                merged.append(new if hit else tokens[i])
                i += 2 if hit else 1
            spelled[word] = merged
    tokenizer = BytePairTokenizer().fit(texts, 256 + merges)
    assert tokenizer.merges == expected
    for word, tokens in spelled.items():
        assert tokenizer.encode(word) == tokens  # encoding does what training did


def test_special_tokens_come_first_and_are_never_made_of_text(byte_pairs):
    assert byte_pairs.vocabulary[:2] == ["[PAD]", "[END]"]
    assert byte_pairs.id("[END]") == 1
    assert min(byte_pairs.encode("[PAD][END]")) >= 2
    assert byte_pairs.decode([0, *byte_pairs.encode("low"), 1]) == "[PAD]low[END]"


def test_frequent_words_become_single_tokens(byte_pairs):
    assert len(byte_pairs.encode(" lowest")) == 1
    assert byte_pairs.vocabulary_size == len(byte_pairs) == 284


def test_training_stops_when_no_pair_occurs_twice():
    assert len(BytePairTokenizer().fit("abc", 1000)) == 256


def test_the_steps_lead_to_the_tokens(byte_pairs):
    steps = byte_pairs.steps(" lowest")
    assert steps[0] == list(" lowest")
    assert [len(s) for s in steps] == list(range(7, 0, -1))
    assert {"".join(s) for s in steps} == {" lowest"}
    assert steps[-1] == [byte_pairs.vocabulary[i] for i in byte_pairs.encode(" lowest")]


def test_a_part_of_a_character_is_shown_by_its_number_and_decodes_to_a_sign(byte_pairs):
    assert byte_pairs.steps("\u00e4")[0] == ["<C3>", "<A4>"]
    assert byte_pairs.decode(byte_pairs.encode("\u00e4")[:1]) == "\ufffd"


def test_byte_pairs_need_room_for_the_bytes():
    with pytest.raises(Error, match="at least 257"):
        BytePairTokenizer(["[PAD]"]).fit("a", 256)


# ---- characters and words


def test_characters():
    tokenizer = CharacterTokenizer(["[PAD]"]).fit(["hello", "world"])
    assert tokenizer.vocabulary == ["[PAD]", *"dehlorw"]
    assert tokenizer.decode(tokenizer.encode("held")) == "held"
    assert tokenizer(["he", "lo"]) == [[3, 2], [4, 5]]
    with pytest.raises(Error, match=r"'\?' was not in the training text"):
        tokenizer.encode("he?")
    assert CharacterTokenizer(unknown="[UNK]").fit("ab").encode("abc") == [1, 2, 0]


@given(st.text("abc \u00e4\n", min_size=1))
def test_known_characters_come_back(text):
    tokenizer = CharacterTokenizer().fit(text)
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_words():
    tokenizer = WordTokenizer(["[PAD]"]).fit("Don't stop. Don't go, stop!", 5)
    assert tokenizer.vocabulary == ["[PAD]", "[UNK]", "don't", "stop", "."]
    assert tokenizer.encode("stop it.") == [3, 1, 4]
    assert tokenizer.decode([2, 3]) == "don't stop"
    assert WordTokenizer(lower=False).fit("A a").vocabulary == ["[UNK]", "A", "a"]


@pytest.mark.parametrize("make", [CharacterTokenizer, WordTokenizer, BytePairTokenizer])
def test_what_is_asked_for_wrongly(make, tmp_path):
    with pytest.raises(Error, match="call fit first"):
        make().encode("a")
    with pytest.raises(Error, match="call fit first"):
        make().save(tmp_path / "t.json")
    with pytest.raises(Error, match="must differ"):
        make(["[PAD]", "[PAD]"])
    trained = make().fit("a b", *([300] if make is BytePairTokenizer else []))
    with pytest.raises(IndexError, match="does not exist"):
        trained.decode([len(trained)])
    with pytest.raises(IndexError, match="does not exist"):
        trained.decode([-1])
    with pytest.raises(Error, match="not in the vocabulary"):
        trained.id("nothing")


# ---- files

TRAINED = [
    CharacterTokenizer(["[PAD]"], unknown="[UNK]").fit("a\u00e4\ud800"),
    WordTokenizer(["[PAD]"], lower=False).fit("Na\u00efve words, naive words"),
    BytePairTokenizer(["[PAD]"]).fit(TEXT, 290),
]


@pytest.mark.parametrize("tokenizer", TRAINED, ids=lambda t: type(t).__name__)
def test_a_saved_tokenizer_is_the_same(tokenizer, tmp_path):
    tokenizer.save(tmp_path / "t.json")
    for again in (load_tokenizer(tmp_path / "t.json"), type(tokenizer).load(tmp_path / "t.json")):
        assert type(again) is type(tokenizer)
        assert vars(again).keys() == vars(tokenizer).keys()
        assert again.get_state() == tokenizer.get_state()
        assert again.encode("a low Na\u00efve word") == tokenizer.encode("a low Na\u00efve word")
    assert [p.name for p in tmp_path.iterdir()] == ["t.json"]


@pytest.mark.parametrize("kind", [CharacterTokenizer, WordTokenizer, BytePairTokenizer])
def test_a_tokenizer_can_be_loaded_by_a_program_that_has_used_none(kind, tmp_path):
    TRAINED[[CharacterTokenizer, WordTokenizer, BytePairTokenizer].index(kind)].save(tmp_path / "t")
    program = "import sys, minitf.data as d; print(type(d.load_tokenizer(sys.argv[1])).__name__)"
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-c", program, tmp_path / "t"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(command, text=True, capture_output=True, env=environment)
    assert done.stdout.strip() == kind.__name__, done.stderr


def changed(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    "damage",
    [
        lambda p: p.write_text(""),
        lambda p: p.write_text(p.read_text()[:-20]),
        lambda p: p.write_text("[1, 2]"),
        lambda p: p.write_text('{"format": "other", "sha256": "", "tokenizer": {}}'),
        lambda p: p.write_bytes(b"\xff\xfe\x00"),
        lambda p: p.write_text("[" * 100_000),
        lambda p: changed(p, lambda c: c["tokenizer"]["merges"].append([999, 0])),
        lambda p: changed(p, lambda c: c.update(sha256="0" * 64)),
    ],
    ids=["empty", "cut", "list", "format", "no text", "deep", "changed", "checksum"],
)
def test_a_damaged_file_is_named(damage, tmp_path):
    path = tmp_path / "t.json"
    TRAINED[2].save(path)
    damage(path)
    with pytest.raises(DataError, match="damaged, or not a tokenizer") as caught:
        load_tokenizer(path)
    assert str(path) in str(caught.value)


def test_merges_of_tokens_that_do_not_exist_yet_are_refused():
    state = {"special_tokens": [], "merges": [[97, 256]]}
    with pytest.raises(ValueError, match="do not exist yet"):
        BytePairTokenizer.from_state(state)


def test_another_kind_of_tokenizer_is_named(tmp_path):
    TRAINED[0].save(tmp_path / "t.json")
    with pytest.raises(DataError, match="holds a CharacterTokenizer, and no WordTokenizer"):
        WordTokenizer.load(tmp_path / "t.json")
    with pytest.raises(DataError, match="cannot be read"):
        load_tokenizer(tmp_path / "nothing.json")


# ---- keras.preprocessing.text (expected values: Keras 3.15)

TEXTS = ["The cat, the DOG!", "a bird; the cat?"]


def test_words_are_numbered_by_frequency_and_then_by_first_sight():
    tokenizer = Tokenizer()
    tokenizer.fit_on_texts(TEXTS)
    assert tokenizer.word_index == {"the": 1, "cat": 2, "dog": 3, "a": 4, "bird": 5}
    assert tokenizer.index_word[5] == "bird"
    assert tokenizer.word_counts == {"the": 3, "cat": 2, "dog": 1, "a": 1, "bird": 1}
    assert tokenizer.word_docs["the"] == tokenizer.index_docs[1] == tokenizer.document_count == 2
    assert tokenizer.texts_to_sequences(["the bird sings"]) == [[1, 5]]
    tokenizer.fit_on_texts(["dog dog dog"])
    assert tokenizer.word_index["dog"] == 1


@pytest.mark.parametrize(
    ("options", "sequence", "text"),
    [
        ({}, [1, 5], "the bird"),
        ({"num_words": 4}, [1], "the"),
        ({"oov_token": "?"}, [2, 6, 1], "the bird ?"),
        ({"oov_token": "?", "num_words": 4}, [2, 1, 1], "the ? ?"),
    ],
)
def test_rare_and_unknown_words(options, sequence, text):
    tokenizer = Tokenizer(**options)
    tokenizer.fit_on_texts(TEXTS)
    assert tokenizer.texts_to_sequences(["The bird sings"]) == [sequence]
    assert tokenizer.sequences_to_texts([sequence]) == [text]


def test_characters_lists_and_analyzers():
    by_characters = Tokenizer(char_level=True)
    by_characters.fit_on_texts(["Aab"])
    assert by_characters.texts_to_sequences(["ba"]) == [[2, 1]]
    of_lists = Tokenizer()
    of_lists.fit_on_texts([["New York", "x"]])
    assert of_lists.word_index == {"new york": 1, "x": 2}
    own = Tokenizer(analyzer=lambda text: text.split("-"))
    own.fit_on_texts(["a-b-a"])
    assert own.texts_to_sequences(["b-a"]) == [[2, 1]]


@pytest.mark.parametrize(
    ("mode", "row"),
    [
        ("binary", [0, 1, 1, 0, 0, 0]),
        ("count", [0, 2, 1, 0, 0, 0]),
        ("freq", [0, 2 / 3, 1 / 3, 0, 0, 0]),
        ("tfidf", [0, (1 + np.log(2)) * np.log(1 + 2 / 3), np.log(1 + 2 / 3), 0, 0, 0]),
    ],
)
def test_matrices(mode, row):
    tokenizer = Tokenizer()
    tokenizer.fit_on_texts(TEXTS)
    matrix = tokenizer.texts_to_matrix(["the the cat", ""], mode)
    np.testing.assert_allclose(matrix, [row, np.zeros(6)])


def test_json_of_a_tokenizer_of_keras():
    tokenizer = Tokenizer(num_words=4, oov_token="?")
    tokenizer.fit_on_texts(TEXTS)
    again = tokenizer_from_json(tokenizer.to_json())
    assert again.get_config() == tokenizer.get_config()
    assert again.texts_to_matrix(TEXTS, "tfidf").tolist() == (
        tokenizer.texts_to_matrix(TEXTS, "tfidf").tolist())  # fmt: skip
    for text in ("", "{}", "[]", '{"config": {"word_counts": 1}}'):
        with pytest.raises(Error, match="not the JSON text of a Tokenizer"):
            tokenizer_from_json(text)


def test_what_a_tokenizer_of_keras_refuses():
    with pytest.raises(Error, match="mode is one of"):
        Tokenizer(num_words=3).sequences_to_matrix([[1]], "words")
    with pytest.raises(Error, match="fit_on_texts first"):
        Tokenizer().sequences_to_matrix([[1]])
    with pytest.raises(TypeError, match="unknown arguments"):
        Tokenizer(words=3)


def test_hashes():
    assert hashing_trick("one two one", 100, "md5") == [39, 78, 39]
    numbers = one_hot("one two one", 5)
    assert numbers[0] == numbers[2]
    assert set(numbers) <= {1, 2, 3, 4}
    assert text_to_word_sequence("A-b", lower=False) == ["A", "b"]


USERS_DATA = Path(os.environ.get("MINITF_DATA", "nowhere")).absolute()


@pytest.mark.skipif(not (USERS_DATA / "text").exists(), reason="needs MINITF_DATA with texts")
def test_byte_pairs_of_a_real_text():
    from minitf.data import load_tinyshakespeare

    text = load_tinyshakespeare(download=False)
    tokenizer = BytePairTokenizer().fit(text, 1000)
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert len(text) / len(ids) > 2.3
    assert len(tokenizer.encode(" the")) == 1
    assert re.fullmatch(r"[\x20-\x7e\n]+", "".join(tokenizer.vocabulary[256:]))
