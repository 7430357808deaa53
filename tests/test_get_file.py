"""`keras.utils.get_file`: fetched whole and verified; archives cannot write where they please."""

import hashlib
import io
import os
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from minitf.data import archives, get_file
from minitf.errors import DataError, Error

TEXT = b"First Citizen: speak, speak.\n" * 5000


class Handler(BaseHTTPRequestHandler):
    """Serves the files of its server, in pieces that break off if it is told to."""

    def do_GET(self):
        self.server.requests.append((self.path, self.headers.get("Range")))
        content = self.server.files.get(self.path.partition("?")[0])
        if content is None:
            self.send_error(404)
            return
        begin = int((self.headers.get("Range") or "bytes=0-")[6:-1])
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(content) - begin))
        self.end_headers()
        self.wfile.write(content[begin:][: self.server.at_most])
        self.close_connection = True

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.requests, server.at_most = {"/a.txt": TEXT}, [], None
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MINITF_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("MINITF_DATA", raising=False)
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "cache"


def names(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


# ---- files


def test_a_file_is_fetched_once(server, cache, capsys):
    path = get_file("b.txt", f"{server.url}/a.txt")
    assert Path(path) == cache / "datasets" / "b.txt"
    assert Path(path).read_bytes() == TEXT
    assert "downloading from http://127.0.0.1" in capsys.readouterr().out
    assert get_file("b.txt", f"{server.url}/a.txt") == path
    assert len(server.requests) == 1
    get_file("b.txt", f"{server.url}/a.txt", force_download=True)
    assert len(server.requests) == 2


def test_the_name_is_that_of_the_url(server, cache):
    assert get_file(origin=f"{server.url}/a.txt?x=1") == str(cache / "datasets" / "a.txt")


def test_where_it_is_kept(server, tmp_path, monkeypatch):
    origin = f"{server.url}/a.txt"
    assert get_file("a", origin, cache_dir=tmp_path, cache_subdir="x/y") == str(tmp_path / "x/y/a")
    assert get_file("a", origin, cache_subdir=str(tmp_path / "z")) == str(tmp_path / "z" / "a")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    assert get_file("a", origin) == str(tmp_path / "keras" / "datasets" / "a")


def test_the_users_own_file_is_taken(server, tmp_path, monkeypatch):
    own = tmp_path / "own" / "datasets" / "a.txt"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    monkeypatch.setenv("MINITF_DATA", str(tmp_path / "own"))
    assert get_file("a.txt", f"{server.url}/a.txt") == str(own)
    assert server.requests == []


SHA256, MD5 = hashlib.sha256(TEXT).hexdigest(), hashlib.md5(TEXT).hexdigest()


@pytest.mark.parametrize(
    "options",
    [{"file_hash": SHA256}, {"file_hash": SHA256.upper()}, {"file_hash": MD5}, {"md5_hash": MD5},
     {"file_hash": SHA256, "hash_algorithm": "sha256"},
     {"file_hash": MD5, "hash_algorithm": "md5"}],
)  # fmt: skip
def test_the_right_digest(options, server):
    path = Path(get_file("a.txt", f"{server.url}/a.txt", **options))
    path.write_bytes(b"damaged")
    assert Path(get_file("a.txt", f"{server.url}/a.txt", **options)).read_bytes() == TEXT
    assert len(server.requests) == 2


@pytest.mark.parametrize("options", [{"file_hash": "0" * 64}, {"md5_hash": "0" * 32}])
def test_the_wrong_digest(options, server, cache):
    with pytest.raises(DataError, match=r"expected (SHA-256|MD5) 0+, got .*not kept") as caught:
        get_file("a.txt", f"{server.url}/a.txt", **options)
    assert "[in test_get_file.py:" in str(caught.value)
    assert names(cache / "datasets") == []


def test_a_broken_download_goes_on(server):
    server.at_most = 60_000
    path = get_file("a.txt", f"{server.url}/a.txt", file_hash=SHA256)
    assert Path(path).read_bytes() == TEXT
    assert [r for _, r in server.requests] == [None, "bytes=60000-", "bytes=120000-"]


def test_a_rest_of_another_run_is_not_trusted_without_a_digest(server, cache):
    part = cache / "datasets" / "a.txt.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"something else")
    assert Path(get_file("a.txt", f"{server.url}/a.txt")).read_bytes() == TEXT
    assert server.requests == [("/a.txt", None)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "origin is missing"),
        ({"origin": "http://127.0.0.1:9/"}, "give fname"),
        ({"origin": "http://127.0.0.1:9/a", "fname": "x/y"}, "a name and no path"),
        ({"origin": "http://127.0.0.1:9/a", "fname": ".."}, "a name and no path"),
        ({"origin": "http://127.0.0.1:9/%2e%2e"}, "a name and no path"),
        ({"origin": "http://127.0.0.1:9/a"}, "could not be downloaded"),
        ({"origin": "http://127.0.0.1:9/a", "hash_algorithm": "crc"}, "got 'crc'"),
    ],
)
def test_what_cannot_be_fetched(options, message):
    with pytest.raises(Error, match=message):
        get_file(**options)


# ---- archives


def tar(members, mode="w:gz"):
    """Return an archive of {name: content}; a TarInfo stands for itself."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
                continue
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def zipped(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


FILES = {"set/a.txt": b"a", "set/deep/b.txt": b"b" * 1000}


@pytest.mark.parametrize(
    "content",
    [tar(FILES), tar(FILES, "w"), tar(FILES, "w:bz2"), tar(FILES, "w:xz"), zipped(FILES)],
    ids=["tar.gz", "tar", "tar.bz2", "tar.xz", "zip"],
)
def test_an_archive_is_taken_apart(content, server, cache):
    server.files["/set.x"] = content
    folder = Path(get_file("set", f"{server.url}/set.x", extract=True))
    assert folder == cache / "datasets" / "set"
    assert names(folder) == sorted(FILES)
    assert (folder / "set/deep/b.txt").read_bytes() == FILES["set/deep/b.txt"]
    (folder / "mine").touch()
    assert get_file("set", f"{server.url}/set.x", extract=True) == str(folder)
    assert (folder / "mine").exists()  # it was not taken apart again
    assert os.access(folder, os.R_OK | os.X_OK)


def test_names_of_directories(server, cache):
    server.files["/set.zip"] = zipped(FILES)
    origin = f"{server.url}/set.zip"
    assert get_file("set.zip", origin, extract=True) == str(cache / "datasets" / "set_extracted")
    assert (cache / "datasets" / "set.zip").is_file()
    with pytest.raises(DataError, match="cannot be written"):  # a file has that name
        get_file(origin=origin, extract=True)
    (cache / "datasets" / "set.zip").unlink()
    assert get_file(origin=origin, extract=True) == str(cache / "datasets" / "set.zip")


def test_a_new_archive_replaces_what_was_there(server):
    server.files["/set.zip"] = zipped(FILES)
    get_file("set", f"{server.url}/set.zip", extract=True)
    server.files["/set.zip"] = zipped({"new": b""})
    folder = get_file("set", f"{server.url}/set.zip", extract=True, force_download=True)
    assert names(Path(folder)) == ["new"]


def link(name, target, kind=tarfile.SYMTYPE):
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry


@pytest.mark.parametrize(
    "content",
    [
        tar({"../out": b"x"}), tar({"/tmp/out": b"x"}), tar({"a/../../out": b"x"}),
        tar({"a": link("a", "../..")}), tar({"a": link("a", "a", tarfile.LNKTYPE)}),
        tar({"a": link("a", "", tarfile.CHRTYPE)}), tar({"a": link("a", "", tarfile.FIFOTYPE)}),
        zipped({"../out": b"x"}), zipped({"/out": b"x"}), zipped({"a\\..\\..\\out": b"x"}),
        zipped({"C:\\out": b"x"}), zipped({"C:out": b"x"}), zipped({"\\out": b"x"}),
    ],
    ids=[  # an archive's bytes hold the time: as a name they would differ in each process
        "tar-up", "tar-absolute", "tar-through", "tar-symlink", "tar-hardlink", "tar-device",
        "tar-fifo", "zip-up", "zip-absolute", "zip-backslashes", "zip-drive", "zip-drive-relative",
        "zip-root",
    ],
)  # fmt: skip
def test_path_tricks_are_refused(content, server, cache):
    server.files["/set.x"] = content
    with pytest.raises(DataError, match=r"refused: .*(leads out|a link or a device)"):
        get_file("set", f"{server.url}/set.x", extract=True)
    assert names(cache) == ["datasets/set_archive", "download.lock"]
    assert not (cache.parent / "out").exists()


def test_bombs_are_refused(server, cache, monkeypatch):
    monkeypatch.setattr(archives, "SMALL", 10_000)
    for content in (zipped({"a": bytes(10**6)}), tar({"a": bytes(10**6)})):
        server.files["/set.x"] = content
        with pytest.raises(DataError, match="refused: it would unpack to more than 200 times"):
            get_file("set", f"{server.url}/set.x", extract=True, force_download=True)
        assert not (cache / "datasets" / "set").exists()


def test_damaged_archives_leave_nothing(server, cache):
    for content in (tar(FILES)[:-60], zipped(FILES).replace(b"set/a", b"set/?", 1)):
        server.files["/set.x"] = content
        with pytest.raises(DataError, match="damaged, or not readable"):
            get_file("set", f"{server.url}/set.x", extract=True, force_download=True)
        assert sorted(p.name for p in (cache / "datasets").iterdir()) == ["set_archive"]


def test_what_is_no_archive_is_told(server, cache):
    with pytest.warns(UserWarning, match="is not an archive"):
        get_file("a.txt", f"{server.url}/a.txt", extract=True)
    server.files["/set.zip"] = zipped(FILES)
    with pytest.warns(UserWarning, match="is not an archive"):
        get_file("b", f"{server.url}/set.zip", untar=True)
    with pytest.raises(Error, match="archive_format is"):
        get_file("c", f"{server.url}/set.zip", extract=True, archive_format="rar")
    path = get_file("d", f"{server.url}/set.zip", extract=True, archive_format=["zip"])
    assert names(Path(path)) == sorted(FILES)
