"""Public data sets: read in the form that Keras has, from files whose damage is named.

The tests write small files of the published formats; those of the real ones run where MINITF_DATA
holds them.
"""

import contextlib
import gzip
import hashlib
import io
import json
import lzma
import os
import pickle
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitf.data as data
from minitf.data import images, reviews, tables, texts
from minitf.data.pickled import read_pickled
from minitf.errors import DataError, Error
from tests.test_data import in_users_data

USERS_DATA = Path(os.environ.get("MINITF_DATA", "nowhere")).absolute()


@pytest.fixture(autouse=True)
def own(tmp_path, monkeypatch):
    """An empty cache; the user's own data are in a folder that this returns."""
    monkeypatch.setenv("MINITF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MINITF_DATA", str(tmp_path / "own"))
    return tmp_path / "own"


def put(own, name, content):
    path = own / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def zipped(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("DOT", "."), content)
    return stream.getvalue()


def saved(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


# ---- pickles, without running them

plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    | st.binary(max_size=300),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner)
    | st.tuples(inner, inner) | st.tuples(inner) | st.tuples(),
    max_leaves=8,
)  # fmt: skip


@given(plain_values, st.sampled_from([2, 3, 4]))
def test_plain_values_are_read(value, protocol):
    if protocol == 4:
        assert read_pickled(pickle.dumps(value, protocol=4)) == value
    assert read_pickled(pickle.dumps(value, protocol=protocol)) == value


@pytest.mark.parametrize("protocol", [2, 3, 4])
@pytest.mark.parametrize(
    "array",
    [np.arange(6, dtype=np.uint8).reshape(2, 3), np.arange(300) - 7, np.array([1.5, -2]),
     np.asfortranarray(np.arange(6).reshape(2, 3)), np.array([], np.int32), np.array([True])],
    ids=["bytes", "int64", "float64", "by columns", "empty", "bool"],
)  # fmt: skip
def test_arrays_are_read(array, protocol):
    read = read_pickled(pickle.dumps({"x": array}, protocol=protocol))["x"]
    np.testing.assert_array_equal(read, array)
    assert read.dtype == array.dtype


def test_texts_of_python_2_are_bytes():
    assert read_pickled(b"\x80\x02}U\x04datacnumpy\ndtype\nU\x02u1K\x00K\x01\x87Rs.") == {
        b"data": np.dtype("uint8")
    }
    assert read_pickled(b"\x80\x02T\x02\x00\x00\x00ab.") == b"ab"


class Runs:
    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_nothing_is_run(protocol, tmp_path):
    content = pickle.dumps({"x": Runs(os.mkdir, (str(tmp_path / "made"),))}, protocol=protocol)
    with pytest.raises(DataError, match=r"asks for (posix|nt|os)\.mkdir, which is refused"):
        read_pickled(content)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "content",
    [b"", b".", b"\x80\x02", b"\x80\x02(", b"\x80\x02]K\x01", b"\x80\x02K\x01K\x02s.",
     b"\x80\x02X\xff\xff\xff\x7fab.", b"\x80\x02T\xff\xff\xff\xff.", b"\x80\x02h\x05.",
     b"\x80\x02a.",
     b"\x80\x02K\x01)R.", b"\x80\x02]K\x01b.", b"\x80\x02ios\nsystem\n.", b"\x80\x02t."],
)  # fmt: skip
def test_damaged_pickles_are_errors(content):
    with pytest.raises(DataError, match="damaged, or not plain data"):
        read_pickled(content)


@given(st.integers(0, 200), st.binary(min_size=1, max_size=2))
def test_any_damage_is_an_error_or_a_value(at, noise):
    content = pickle.dumps({"x": np.arange(5), "y": [1, "a", 300, (2.5, None)]}, protocol=2)
    at %= len(content)
    with contextlib.suppress(DataError):
        read_pickled(content[:at] + noise + content[at + len(noise) :])


def test_big_endian_and_strange_arrays_are_refused():
    for array in (np.arange(3, dtype=">i4"), np.array(["a"]), np.array([(1, 2)], "i4,i4")):
        with pytest.raises(DataError):
            read_pickled(pickle.dumps(array, protocol=2))


# ---- CIFAR


def cifar(path, folder, batches, protocol=2):
    """Write an archive of batches in the published form."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, batch in batches.items():
            content = pickle.dumps(batch, protocol=protocol)
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def batch(count, key=b"labels", first=0, data=None):
    rows = np.zeros((count, 3072), np.uint8)
    rows[:, 0], rows[:, 1024], rows[:, 1] = 1, 2, 3  # red, green; the second pixel's red
    return {b"data": rows if data is None else data, key: [first + i for i in range(count)]}


BATCHES = {f"data_batch_{i}": batch(2, first=i) for i in range(1, 6)} | {"test_batch": batch(3)}


@pytest.mark.parametrize("protocol", [2, 3])
def test_cifar10(own, protocol):
    cifar(own / "cifar10" / "cifar-10-python.tar.gz", "cifar-10-batches-py", BATCHES, protocol)
    (x, y), (x_test, y_test) = data.load_cifar10(download=False)
    assert (x.shape, y.shape, x_test.shape) == ((10, 32, 32, 3), (10, 1), (3, 32, 32, 3))
    assert {a.dtype.name for a in (x, y, x_test, y_test)} == {"uint8"}
    assert y.ravel().tolist() == [1, 2, 2, 3, 3, 4, 4, 5, 5, 6]
    assert x[0, 0, 0].tolist() == [1, 2, 0]
    assert x[0, 0, 1].tolist() == [3, 0, 0]


def test_cifar100(own):
    parts = {}
    for part, count in (("train", 4), ("test", 2)):
        parts[part] = batch(count, b"fine_labels", first=90) | {b"coarse_labels": [19] * count}
    cifar(own / "cifar100" / "cifar-100-python.tar.gz", "cifar-100-python", parts)
    (x, y), (_, y_test) = data.load_cifar100(download=False)
    assert (x.shape, y.tolist(), y_test.tolist()) == (
        (4, 32, 32, 3), [[90], [91], [92], [93]], [[90], [91]])  # fmt: skip
    assert data.load_cifar100("coarse", download=False)[0][1].tolist() == [[19]] * 4
    with pytest.raises(Error, match="'fine' or 'coarse', got 'rough'"):
        data.load_cifar100("rough")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"data_batch_3": batch(2, data=np.zeros((2, 5), np.uint8))}, "data_batch_3: expected 2 x"),
        ({"data_batch_3": batch(2, data=np.zeros((2, 3072)))}, "uint8 pixels"),
        ({"data_batch_3": batch(2, first=9)}, "labels from 0 to 9"),
        ({"data_batch_3": batch(2, key=b"names")}, "data_batch_3: damaged: b'labels'"),
        ({"data_batch_3": [1, 2]}, "data_batch_3: damaged"),
        ({"data_batch_3": Runs(os.getcwd, ())}, "getcwd, which is refused"),
    ],
)
def test_a_damaged_batch_is_named(own, change, message):
    path = own / "cifar10" / "cifar-10-python.tar.gz"
    cifar(path, "cifar-10-batches-py", BATCHES | change)
    with pytest.raises(DataError, match=message) as caught:
        data.load_cifar10()
    assert str(path) in str(caught.value)


def test_an_archive_that_is_none(own):
    put(own, "cifar10/cifar-10-python.tar.gz", b"not an archive")
    with pytest.raises(DataError, match="not a tar archive"):
        data.load_cifar10()
    cifar(own / "cifar10" / "cifar-10-python.tar.gz", "cifar-10-batches-py", {"other": 1})
    with pytest.raises(DataError, match="data_batch_1"):
        data.load_cifar10()


def test_the_subset_stands_in_with_a_warning(own):
    records = np.zeros((3, 3073), np.uint8)
    records[:, 0] = [0, 5, 9]
    for name in images.CIFAR10_SUBSET:
        put(own, name, lzma.compress(records.tobytes()))
    with pytest.warns(UserWarning, match="the first 3 and 3 images only"):
        (x, y), _ = data.load_cifar10(download=False)
    assert (x.shape, y.tolist()) == ((3, 32, 32, 3), [[0], [5], [9]])
    for content in (b"", lzma.compress(b"12345"), lzma.compress(bytes([10] * 3073)),
                    lzma.compress(records.tobytes())[:-20]):  # fmt: skip
        put(own, images.CIFAR10_SUBSET[0], content)
        with pytest.raises(DataError, match="damaged"):
            data.load_cifar10()


def test_nothing_is_fetched_where_that_is_forbidden():
    loaders = [data.load_fashion_mnist, data.load_cifar10, data.load_cifar100, data.load_iris,
               data.load_imdb, data.load_reuters, data.load_boston_housing, data.load_big_text,
               data.load_california_housing, data.load_names, data.load_deu_eng,
               data.load_persona_chat, data.load_sentence_polarity, data.load_tinyshakespeare,
               data.load_word_analogies, data.imdb_word_index, data.reuters_word_index]  # fmt: skip
    for load in loaders:
        with pytest.raises(DataError, match="nor in the cache, and download=False"):
            load(download=False)
    with pytest.raises(DataError, match="wordsim353"):
        data.load_wordsim353()


def test_every_file_has_a_digest_and_most_have_a_url():
    files = [f for m in (images, reviews, tables, texts) for f in vars(m).values()
             if isinstance(f, data.DataFile)]  # fmt: skip
    assert len(files) > 10
    for file in files:
        assert len(file.sha256) == 64 or len(file.md5) == 32, file
        assert all(url.startswith("https://") for url in file.urls)
        assert file.urls or file.name == "wordsim/wordsim353_combined.tab"


# ---- words as numbers

REVIEWS = [[5, 1, 2], [1], [3, 1, 4, 1, 5], [2, 2]]


@pytest.fixture
def reviews_file(own):
    """Four reviews to learn from and two for the test."""

    def store(x_train=REVIEWS, x_test=([1, 2], [6]), labels=(1, 0, 1, 0)):
        def ragged(rows):
            array = np.empty(len(rows), object)
            for i, row in enumerate(rows):
                array[i] = row
            return array

        test = {"x_test": ragged(x_test), "y_test": np.array([0, 1])}
        content = saved(x_train=ragged(x_train), y_train=np.array(labels), **test)
        put(own, "imdb/imdb.npz", content)

    store()
    return store


def keras_order(count, seed=113):
    """Return the orders that Keras draws for four and two reviews."""
    generator, orders = np.random.RandomState(seed), []
    for n in (4, count):
        order = np.arange(n)
        generator.shuffle(order)
        orders.append(order)
    return orders


def test_imdb(reviews_file):
    (x, y), (x_test, y_test) = data.load_imdb(num_words=100)
    train, test = keras_order(2)
    assert x.dtype == object
    assert x.tolist() == [[1] + [w + 3 for w in REVIEWS[i]] for i in train]
    assert y.tolist() == [[1, 0, 1, 0][i] for i in train]
    assert x_test.tolist() == [[[1, 4, 5], [1, 9]][i] for i in test]
    assert y_test.tolist() == [[0, 1][i] for i in test]
    assert type(x[0]) is list


@pytest.mark.parametrize(
    ("options", "review"),
    [
        ({"num_words": 7}, [1, 6, 4, 2, 4, 2]),  # 3 1 4 1 5, numbers from 7 on are rare
        ({"num_words": 7, "skip_top": 5}, [2, 6, 2, 2, 2, 2]),
        ({"num_words": 7, "oov_char": None}, [1, 6, 4, 4]),
        ({"num_words": 9, "start_char": None, "index_from": 0}, [3, 1, 4, 1, 5]),
        ({"num_words": 9, "start_char": None}, [6, 4, 7, 4, 8]),
        ({}, [1, 6, 4, 7, 4, 8]),
        ({"index_from": 0, "start_char": None}, [3, 1, 4, 1, 5]),
    ],
)
def test_options_of_imdb(options, review, reviews_file):
    (x, _), _ = data.load_imdb(**options)
    assert x[keras_order(2)[0].tolist().index(2)] == review


def test_long_reviews_are_left_out(reviews_file):
    (x, y), (x_test, _) = data.load_imdb(maxlen=4, num_words=99)
    assert sorted(map(len, x)) == [2, 3]
    assert len(x) == len(y)
    assert len(x_test) == 2
    with pytest.raises(Error, match="no review is shorter than maxlen=2"):
        data.load_imdb(maxlen=2)


def test_reviews_of_one_length_stay_lists(reviews_file):
    reviews_file(x_train=[[1, 2]] * 4)
    assert data.load_imdb(num_words=9)[0][0].shape == (4,)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"labels": [1]}, "expected lists of words, and a label for each"),
     ({"x_train": ["a", "b", "c", "d"]}, "expected lists of words")],
)  # fmt: skip
def test_reviews_that_do_not_fit(change, message, reviews_file):
    reviews_file(**change)
    with pytest.raises(DataError, match=message):
        data.load_imdb()


def test_a_damaged_file_of_reviews(own):
    for content in (b"", b"no archive", zipped(x=b""), zipped(x_trainDOTnpy=b"\x93NUMPY\x01\x00")):
        path = put(own, "imdb/imdb.npz", content)
        with pytest.raises(DataError, match="damaged") as caught:
            data.load_imdb()
        assert str(path) in str(caught.value)
    array = np.empty(1, object)
    array[0] = Runs(os.getcwd, ())
    put(own, "imdb/imdb.npz", saved(x_train=array))
    with pytest.raises(DataError, match="x_train: .*getcwd, which is refused"):
        data.load_imdb()


def test_the_numbers_of_words(own):
    put(own, "imdb/imdb_word_index.json", json.dumps({"the": 1, "fawn": 34701}))
    assert data.imdb_word_index() == {"the": 1, "fawn": 34701}
    for text in ("", "[]", '{"a": "b"}'):
        put(own, "reuters/reuters_word_index.json", text)
        with pytest.raises(DataError, match="damaged"):
            data.reuters_word_index()
    assert len(data.reuters_label_names()) == 46


def test_reuters(own):
    x = np.empty(10, object)
    for i in range(10):
        x[i] = [i + 1] * (i + 1)
    put(own, "reuters/reuters.npz", saved(x=x, y=np.arange(10)))
    (x_train, y_train), (x_test, y_test) = data.load_reuters(num_words=99)
    assert (len(x_train), len(x_test)) == (8, 2)
    both = np.concatenate([y_train, y_test])
    assert sorted(both) == list(range(10))
    assert x_train[0] == [1] + [y_train[0] + 4] * (y_train[0] + 1)
    assert both.tolist() != sorted(both)


# ---- tables and texts


def test_iris(own):
    put(own, "iris/iris.csv", "3,4,a,b,c\n5.1,3.5,1.4,0.2,0\n4.9,3,1.4,0.2,2\n")
    features, labels = data.load_iris()
    assert features.dtype == np.float32
    assert features.tolist() == [
        pytest.approx([5.1, 3.5, 1.4, 0.2]),
        pytest.approx([4.9, 3, 1.4, 0.2]),
    ]
    assert labels.tolist() == [0, 2]
    for text in ("a\n1,2,3\n", "a\n1,2,3,4,3\n", "a\n1,2,3,x,0\n"):
        put(own, "iris/iris.csv", text)
        with pytest.raises(DataError, match="damaged"):
            data.load_iris()


def test_houses(own):
    x = np.arange(700 * 8.0).reshape(700, 8)
    content = saved(x=x, y=x[:, 0])
    put(own, "california_housing/california_housing.npz", content)
    put(own, "boston_housing/boston_housing.npz", content)
    (x_train, y_train), (x_test, _) = data.load_california_housing()
    assert (x_train.shape, x_test.shape) == ((560, 8), (140, 8))
    np.testing.assert_array_equal(x_train[:, 0], y_train)
    order = np.arange(700)
    np.random.RandomState(113).shuffle(order)
    np.testing.assert_array_equal(x_train, x[order[:560]])
    assert data.load_california_housing("small", test_split=0.5)[1][0].shape == (300, 8)
    assert data.load_boston_housing(test_split=0)[1][0].shape == (0, 8)
    with pytest.raises(Error, match="'large' or 'small', got 'tiny'"):
        data.load_california_housing("tiny")
    with pytest.raises(Error, match="lies in"):
        data.load_boston_housing(test_split=1.0)


def test_texts(own):
    put(own, "text/tinyshakespeare_input.txt", "Speak, speak.\n")
    put(own, "text/names.txt", "emma\nava")
    put(own, "text/big.txt.gz", gzip.compress("big\u2019s".encode()))
    assert data.load_tinyshakespeare() == "Speak, speak.\n"
    assert data.load_names() == ["emma", "ava"]
    assert data.load_big_text() == "big\u2019s"
    put(own, "text/names.txt", b"\xff\xfe")
    with pytest.raises(DataError, match="not a text in UTF-8"):
        data.load_names()
    put(own, "text/big.txt.gz", gzip.compress(b"big" * 100)[:-9])
    with pytest.raises(DataError, match="damaged"):
        data.load_big_text()


def test_translations(own):
    lines = "Hi.\tHallo!\nGo on now.\tMach weiter.\tCC-BY 2.0\n"
    put(own, "translation/deu-eng.zip", zipped(deuDOTtxt=lines))
    assert data.load_deu_eng() == [("Hi.", "Hallo!"), ("Go on now.", "Mach weiter.")]
    assert data.load_deu_eng(max_words=2) == [("Hi.", "Hallo!")]
    for content, message in [
        (zipped(deuDOTtxt="Hi.\n"), "two sentences and a tab, got 'Hi.'"),
        (zipped(otherDOTtxt=""), "deu.txt"),
        (b"PK", "not a zip archive"),
        (zipped(deuDOTtxt=lines)[:60], "not a zip archive"),
        (zipped(deuDOTtxt=lines).replace(b"Hallo", b"hallo"), "Bad CRC"),
    ]:
        put(own, "translation/deu-eng.zip", content)
        with pytest.raises(DataError, match=message):
            data.load_deu_eng()


def test_dialogs(own):
    said = "User 1: Hi!\n*User 2:* Hello.\n\n* * *\n* User 1: A recipe: *\n1 egg"
    text = f'a,b,c\n"I cook.\nI run.","I sing.","{said}"\n'
    put(own, "dialog/Synthetic-Persona-Chat_valid.csv.gz", gzip.compress(text.encode()))
    (dialog,) = data.load_persona_chat()
    assert dialog.personas == (["I cook.", "I run."], ["I sing."])
    assert dialog.turns == [(0, "Hi!"), (1, "Hello."), (0, "A recipe:\n1 egg")]
    put(own, "dialog/Synthetic-Persona-Chat_test.csv", "a\nb\n")
    with pytest.raises(DataError, match="expected three columns, got 1"):
        data.load_persona_chat("test")
    with pytest.raises(Error, match="got 'train'"):
        data.load_persona_chat("train")


def test_opinions(own):
    put(own, "sentiment/sentence_polarity.zip",
        zipped(**{"sentence_polarity__rt-polarityDOTpos": "fine \x85 ok \nwell\n",
                  "sentence_polarity__rt-polarityDOTneg": "bad\n"}))  # fmt: skip
    sentences, labels = data.load_sentence_polarity()
    assert sentences == ["fine \x85 ok", "well", "bad"]
    assert labels.tolist() == [1, 1, 0]


def test_words(own):
    put(own, "wordsim/questions-words.txt", ": one two\nA B C D\n: three\na b c d\n")
    assert data.load_word_analogies() == {"one two": [("A", "B", "C", "D")],
                                          "three": [("a", "b", "c", "d")]}  # fmt: skip
    put(own, "wordsim/questions-words.txt", ": one\nA B C\n")
    with pytest.raises(DataError, match="expected four words"):
        data.load_word_analogies()
    put(own, "wordsim/wordsim353_combined.tab", "Word 1\tWord 2\tMean\r\nlove\tsex\t6.77\r\n")
    pairs, scores = data.load_wordsim353()
    assert (pairs, scores.tolist(), scores.dtype) == (
        [("love", "sex")], [pytest.approx(6.77)], np.float32)  # fmt: skip
    put(own, "wordsim/wordsim353_combined.tab", "x\nlove sex 6.77\n")
    with pytest.raises(DataError, match="two words and a number"):
        data.load_wordsim353()


# ---- the real ones


@pytest.fixture
def real(monkeypatch):
    monkeypatch.setenv("MINITF_DATA", str(USERS_DATA))


FILES = [texts.TINY_SHAKESPEARE, texts.NAMES, texts.BIG_TEXT, texts.DEU_ENG, tables.IRIS,
         texts.SENTENCE_POLARITY, texts.WORD_ANALOGIES, texts.WORDSIM353]  # fmt: skip


@in_users_data("SHA256SUMS")
@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_the_digests_are_those_of_the_real_files(file, real):
    content = data.find(file).read_bytes()
    if content[:2] == b"\x1f\x8b" and not file.name.endswith(".gz"):
        content = gzip.decompress(content)
    assert hashlib.sha256(content).hexdigest() == file.sha256


@in_users_data("text/big.txt.gz")
def test_the_real_texts(real):
    assert len(data.load_big_text(download=False).encode()) == 6_488_666
    shakespeare = data.load_tinyshakespeare(download=False)
    assert (len(shakespeare), len(set(shakespeare))) == (1_115_394, 65)
    names = data.load_names(download=False)
    assert (len(names), len(set("".join(names)))) == (32_033, 26)


@in_users_data("translation/deu-eng.zip")
def test_the_real_sentences(real):
    assert len(data.load_deu_eng(download=False)) == 169_813
    assert len(data.load_deu_eng(6, download=False)) == 98_249
    sentences, labels = data.load_sentence_polarity(download=False)
    assert (len(sentences), labels.sum()) == (10_662, 5_331)
    for part, count in (("valid", 1000), ("test", 968)):
        dialogs = data.load_persona_chat(part, download=False)
        assert len(dialogs) == count
        assert all(all(dialog.personas) for dialog in dialogs)
        assert sum(not dialog.turns for dialog in dialogs) == {"valid": 0, "test": 2}[part]
    questions = data.load_word_analogies(download=False)
    assert (len(questions), sum(map(len, questions.values()))) == (14, 19_544)
    assert len(data.load_wordsim353()[0]) == 353


@in_users_data("fashion-mnist/t10k-images-idx3-ubyte.gz")
def test_the_real_images(real):
    (x, y), (x_test, y_test) = data.load_fashion_mnist(download=False)
    assert (x.shape, x_test.shape) == ((60000, 28, 28), (10000, 28, 28))
    assert np.bincount(y).tolist() == [6000] * 10
    assert np.bincount(y_test).tolist() == [1000] * 10
    assert round(float(x.mean() / 255), 4) == 0.2860
    with pytest.warns(UserWarning, match="cifar10"):
        (x, y), _ = data.load_cifar10(download=False)
    assert np.bincount(y.ravel()).tolist() == [
        202, 191, 203, 195, 214, 183, 207, 199, 203, 203]  # fmt: skip
    assert len(data.load_iris(download=False)[0]) == 150
