"""Data files: found, fetched whole or not at all, read with their headers checked."""

import gzip
import hashlib
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from minitf.data import DataFile, cache_directory, fetch, find, load_digits, load_mnist, read_idx
from minitf.errors import DataError, Error

CONTENT = np.random.default_rng(0).bytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT; the path says how badly."""

    def do_GET(self):
        self.server.requests.append((self.path, self.headers.get("Range")))
        serve = getattr(self, self.path.strip("/"), None)
        if serve is None:
            self.send_error(404)
        else:
            serve()

    def log_message(self, *args):
        pass

    def start(self, status, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def rest(self):
        """Start the answer, and return the bytes that were asked for."""
        begin = int((self.headers.get("Range") or "bytes=0-")[6:-1])
        if begin >= len(CONTENT):
            self.start(416)
            return b""
        whole = {"Content_Length": str(len(CONTENT) - begin)}
        place = {"Content_Range": f"bytes {begin}-{len(CONTENT) - 1}/{len(CONTENT)}"}
        self.start(*((206,) if begin else (200,)), **whole, **(place if begin else {}))
        return CONTENT[begin:]

    def good(self):
        self.wfile.write(self.rest())

    def wrong(self):
        self.start(200, Content_Length="5")
        self.wfile.write(b"wrong")

    def no_ranges(self):
        self.start(200, Content_Length=str(len(CONTENT)))
        self.wfile.write(CONTENT)

    def no_length(self):
        self.start(200)
        self.wfile.write(CONTENT)

    def breaks(self):
        """Give up after 100,000 bytes."""
        self.wfile.write(self.rest()[:100_000])
        self.close_connection = True

    def refuses(self):
        self.start(503)

    def slow(self):
        """Leave time for the other processes to ask as well."""
        time.sleep(1.5)
        self.good()

    def hangs(self):
        """Stop in the middle, without closing the connection."""
        self.wfile.write(self.rest()[:100_000])
        self.wfile.flush()
        self.server.may_end.wait(30)


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.requests, server.may_end = [], threading.Event()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.may_end.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache, and no data of the user's."""
    monkeypatch.setenv("MINITF_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("MINITF_DATA", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "cache"


def wanted(server, *ways, sha256=SHA256):
    address = f"http://127.0.0.1:{server.server_port}"
    return DataFile("set/numbers.bin", sha256, tuple(f"{address}/{way}" for way in ways))


def leave_part(cache, content):
    part = cache / "set" / "numbers.bin.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(content)
    return part


# ---- where a file is looked for


def test_the_users_own_file_comes_first_and_is_taken_as_it_is(tmp_path, monkeypatch, server):
    own = tmp_path / "own" / "set" / "numbers.bin"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"a subset")
    monkeypatch.setenv("MINITF_DATA", str(tmp_path / "own"))
    assert fetch(wanted(server, "good")) == own
    assert server.requests == []


def test_a_cached_file_is_not_fetched_again(server):
    file = wanted(server, "good")
    assert find(file) is None
    path = fetch(file, verbose=0)
    assert fetch(file, verbose=0) == find(file) == path
    assert len(server.requests) == 1


def test_a_cached_file_that_was_damaged_is_fetched_again(server):
    file = wanted(server, "good")
    path = fetch(file, verbose=0)
    path.write_bytes(CONTENT[:-1] + b"?")
    assert find(file) is None
    assert fetch(file, verbose=0).read_bytes() == CONTENT


def test_the_cache_follows_the_platform(monkeypatch, tmp_path):
    monkeypatch.delenv("MINITF_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_directory() == tmp_path / "minitf"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_directory() == tmp_path / "local" / "minitf"
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert cache_directory() == tmp_path / "Library" / "Caches" / "minitf"


# ---- downloads


@pytest.mark.parametrize("way", ["good", "no_ranges", "no_length"])
def test_download(way, server, cache, capsys):
    path = fetch(wanted(server, way))
    assert path == cache / "set" / "numbers.bin"
    assert path.read_bytes() == CONTENT
    assert [p.name for p in path.parent.iterdir()] == ["numbers.bin"]
    assert "set/numbers.bin: downloading from http://127.0.0.1" in (out := capsys.readouterr().out)
    assert "293/" in out


def test_a_silent_download(server, capsys):
    fetch(wanted(server, "good"), verbose=0)
    assert capsys.readouterr().out == ""


def test_wrong_content_is_not_kept(server, cache):
    with pytest.raises(DataError, match="expected SHA-256") as caught:
        fetch(wanted(server, "wrong"), verbose=0)
    assert hashlib.sha256(b"wrong").hexdigest() in str(caught.value)
    assert "$MINITF_DATA/set/numbers.bin" in str(caught.value)
    assert "[in test_data.py:" in str(caught.value)
    assert list((cache / "set").iterdir()) == []


def test_a_mirror_helps_out(server):
    path = fetch(wanted(server, "missing", "wrong", "refuses", "good"), verbose=0)
    assert path.read_bytes() == CONTENT


def test_every_failure_is_told(server):
    with pytest.raises(DataError, match="404") as caught:
        fetch(wanted(server, "missing", "wrong", "refuses"), verbose=0)
    assert "503" in str(caught.value)
    assert "expected SHA-256" in str(caught.value)


def test_nobody_listens():
    file = DataFile("set/numbers.bin", SHA256, ("http://127.0.0.1:9/",))
    with pytest.raises(DataError, match="could not be downloaded"):
        fetch(file, verbose=0)


def test_no_url():
    with pytest.raises(DataError, match="no URL is known"):
        fetch(DataFile("set/numbers.bin", SHA256))


def test_a_cache_that_cannot_be_written(server, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MINITF_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(DataError, match="cannot be stored"):
        fetch(wanted(server, "good"), verbose=0)


def test_a_broken_connection_is_taken_up_where_it_ended(server):
    assert fetch(wanted(server, "breaks"), verbose=0).read_bytes() == CONTENT
    ranges = [asked for _, asked in server.requests]
    assert ranges == [None, "bytes=100000-", "bytes=200000-"]


def test_a_part_of_an_earlier_run_is_used(server, cache):
    leave_part(cache, CONTENT[:250_000])
    assert fetch(wanted(server, "good"), verbose=0).read_bytes() == CONTENT
    assert server.requests == [("/good", "bytes=250000-")]


def test_a_part_is_of_no_use_where_the_server_knows_no_ranges(server, cache):
    leave_part(cache, CONTENT[:250_000])
    assert fetch(wanted(server, "no_ranges"), verbose=0).read_bytes() == CONTENT
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "part", [b"foreign" * 1000, CONTENT + b"too long"], ids=["foreign", "too long"]
)
def test_a_part_that_does_not_fit_is_thrown_away(part, server, cache):
    leave_part(cache, part)
    assert fetch(wanted(server, "good"), verbose=0).read_bytes() == CONTENT
    assert [asked for _, asked in server.requests] == [f"bytes={len(part)}-", None]


def test_a_part_that_is_complete_gets_its_name(server, cache):
    leave_part(cache, CONTENT)
    assert fetch(wanted(server, "good"), verbose=0).read_bytes() == CONTENT


PROGRAM = """
import sys
from minitf.data import DataFile, fetch
print(fetch(DataFile("set/numbers.bin", sys.argv[1], tuple(sys.argv[2:])), verbose=0), flush=True)
"""


def start_process(file):
    command = [sys.executable, "-c", PROGRAM, file.sha256, *file.urls]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_killed_half_way_nothing_has_the_final_name_and_the_next_run_goes_on(server, cache):
    process = start_process(wanted(server, "hangs"))
    part = cache / "set" / "numbers.bin.part"
    deadline = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size >= 65536) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    stopped_at = part.stat().st_size
    assert 65536 <= stopped_at < len(CONTENT)
    assert not part.with_suffix("").exists()
    assert fetch(wanted(server, "good"), verbose=0).read_bytes() == CONTENT
    assert server.requests[-1] == ("/good", f"bytes={stopped_at}-")


def test_processes_that_start_together_download_once(server, cache):
    processes = [start_process(wanted(server, "slow")) for _ in range(3)]
    said = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert said == [str(cache / "set" / "numbers.bin")] * 3
    assert (cache / "set" / "numbers.bin").read_bytes() == CONTENT
    if os.name == "posix":
        assert len(server.requests) == 1


# ---- IDX files


def idx(array, code=0x08):
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes([0, 0, code, array.ndim]) + sizes + array.tobytes()


@pytest.mark.parametrize(
    ("code", "stored", "dtype"),
    [(8, "u1", "uint8"), (9, "i1", "int8"), (11, ">i2", "int16"), (12, ">i4", "int32"),
     (13, ">f4", "float32"), (14, ">f8", "float64")],
)  # fmt: skip
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_idx_types(code, stored, dtype, pack, tmp_path):
    array = np.arange(24).reshape(2, 3, 4)
    path = tmp_path / "a"
    path.write_bytes(pack(idx(array.astype(stored), code)))
    read = read_idx(path)
    assert read.dtype == dtype
    assert read.dtype.isnative
    assert read.flags.writeable
    np.testing.assert_array_equal(read, array)


def test_an_idx_file_may_hold_nothing(tmp_path):
    (tmp_path / "a").write_bytes(idx(np.zeros((0, 28, 28), np.uint8)))
    assert read_idx(tmp_path / "a").shape == (0, 28, 28)


GOOD_IDX = idx(np.zeros((10, 4, 4), np.uint8))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an IDX file"),
        (b"\0\0", "not an IDX file"),
        (b"PK\x03\x04 something else", "not an IDX file"),
        (b"\0\0\x07\x01\0\0\0\0", "not an IDX file"),
        (GOOD_IDX[:10], "not an IDX file"),
        (GOOD_IDX[:-1], r"shape \(10, 4, 4\) needs 176 bytes, got 175"),
        (GOOD_IDX + b"\0", "needs 176 bytes, got 177"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "needs 79228162458924105385300197391 bytes, got 16"),
        (gzip.compress(GOOD_IDX)[:-5], "damaged"),
        (gzip.compress(GOOD_IDX)[:12], "damaged"),
        (b"\x1f\x8b" + b"not gzip at all", "damaged"),
        (gzip.compress(GOOD_IDX)[:-8] + b"\0" * 8, "CRC"),
    ],
    ids=["empty", "short", "zip", "type", "header cut", "cut", "long", "huge", "gzip cut",
         "gzip header", "no gzip", "checksum"],
)  # fmt: skip
def test_a_damaged_idx_file_is_named(content, message, tmp_path):
    path = tmp_path / "train-images.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_idx(path)
    assert str(path) in str(caught.value)


def test_a_missing_idx_file(tmp_path):
    with pytest.raises(OSError, match=r"cannot be read: No such file .*\[in test_data.py:"):
        read_idx(tmp_path / "nothing")


# ---- MNIST

FILES = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")


@pytest.fixture
def small_mnist(tmp_path, monkeypatch):
    """Five images to learn from and two to test, in MINITF_DATA; returns a function that stores."""
    directory = tmp_path / "own" / "mnist"
    directory.mkdir(parents=True)
    monkeypatch.setenv("MINITF_DATA", str(directory.parent))

    def store(name, array):
        path = directory / f"{name}-ubyte.gz"
        path.write_bytes(gzip.compress(idx(np.asarray(array, np.uint8))))
        return path

    for name, shape in zip(FILES, [(5, 28, 28), (5,), (2, 28, 28), (2,)], strict=True):
        store(name, np.arange(np.prod(shape)).reshape(shape) % 10)
    return store


def test_mnist_has_the_form_of_keras(small_mnist):
    (x_train, y_train), (x_test, y_test) = load_mnist(download=False)
    assert [a.shape for a in (x_train, y_train, x_test, y_test)] == [
        (5, 28, 28), (5,), (2, 28, 28), (2,)]  # fmt: skip
    assert {a.dtype.name for a in (x_train, y_train, x_test, y_test)} == {"uint8"}
    assert y_train.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        (0, np.zeros((5, 28, 27)), r"expected uint8 images of shape \(n, 28, 28\).*\(5, 28, 27\)"),
        (1, np.zeros(4), r"expected 5 uint8 labels, got uint8 \(4,\)"),
        (1, np.zeros((5, 1)), r"expected 5 uint8 labels, got uint8 \(5, 1\)"),
        (3, [0, 10], "expected labels from 0 to 9, got 10"),
    ],
)
def test_mnist_files_that_do_not_fit_are_named(name, array, message, small_mnist):
    path = small_mnist(FILES[name], array)
    with pytest.raises(DataError, match=message) as caught:
        load_mnist()
    assert str(path) in str(caught.value)


def test_mnist_is_not_downloaded_where_that_is_forbidden():
    with pytest.raises(DataError, match="train-images.*download=False"):
        load_mnist(download=False)


USERS_DATA = Path(os.environ.get("MINITF_DATA", "nowhere")).absolute()


def in_users_data(name):
    missing = not (USERS_DATA / name).exists()
    return pytest.mark.skipif(missing, reason=f"needs MINITF_DATA with {name}")


@in_users_data("mnist/train-images-idx3-ubyte.gz")
def test_the_real_mnist(monkeypatch):
    from minitf.data import images

    for name, sha256 in images.MNIST.items():
        content = (USERS_DATA / "mnist" / f"{name}.gz").read_bytes()
        assert hashlib.sha256(content).hexdigest() == sha256
    monkeypatch.setenv("MINITF_DATA", str(USERS_DATA))
    (x_train, y_train), (x_test, y_test) = load_mnist(download=False)
    assert x_train.shape == (60000, 28, 28)
    assert x_test.shape == (10000, 28, 28)
    assert round(float(x_train.mean() / 255), 4) == 0.1307
    assert round(float(x_train.std() / 255), 4) == 0.3081
    assert np.bincount(y_train).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]  # fmt: skip
    assert np.bincount(y_test).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]  # fmt: skip


# ---- digits


def check_digits(images, labels):
    assert images.shape == (1797, 8, 8)
    assert images.dtype == np.float32
    assert labels.dtype == np.int64
    assert (images.min(), images.max()) == (0, 16)
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_digits_of_scikit_learn():
    pytest.importorskip("sklearn")
    check_digits(*load_digits())


@in_users_data("digits/digits.csv.gz")
def test_digits_of_a_file(monkeypatch):
    monkeypatch.setenv("MINITF_DATA", str(USERS_DATA))
    monkeypatch.setitem(sys.modules, "sklearn", None)
    check_digits(*load_digits())


def test_digits_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(Error, match=r"minitf\[course\].*\[in test_data.py:"):
        load_digits()


LINE = ",".join(["0"] * 64)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2,3\n", "expected 65 numbers a line"),
        ("", "expected 65 numbers a line"),
        (f"{LINE},x\n", "damaged"),
        (f"{LINE},10\n", "labels from 0 to 9"),
        (f"{LINE},1.5\n", "labels from 0 to 9"),
        (f"17{LINE[1:]},1\n", "pixels from 0 to 16"),
        (f"nan{LINE[1:]},1\n", "pixels from 0 to 16"),
    ],
)
@pytest.mark.filterwarnings("ignore:loadtxt. input contained no data")
def test_a_damaged_table_of_digits_is_named(text, message, tmp_path, monkeypatch):
    path = tmp_path / "digits" / "digits.csv.gz"
    path.parent.mkdir()
    path.write_bytes(gzip.compress(text.encode()))
    monkeypatch.setenv("MINITF_DATA", str(tmp_path))
    with pytest.raises(DataError, match=message) as caught:
        load_digits()
    assert str(path) in str(caught.value)
