"""Find a data file on this machine, or fetch it: whole and verified, or not at all.

A file is looked for in three places:

1. below the directory that the environment variable ``MINITF_DATA`` names, as it is or packed by
   gzip. These files are the user's own (a subset, perhaps), so they are taken as they are;
2. below the cache: ``MINITF_CACHE``, or what the platform keeps for such things. These files were
   downloaded, so their SHA-256 is checked each time, and a damaged one is fetched again;
3. on the network. What arrives is collected under ``NAME.part``, so that a broken download goes on
   where it stopped (HTTP Range), and gets its name only once its SHA-256 is right and its bytes are
   on the disk. Whoever finds a file under its own name can rely on it.

Only one process downloads at a time (a lock file in the cache): workers that start together and
ask for the same data set wait for the first of them, and then find the file there.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from minitf.data.progress import Progbar
from minitf.errors import DataError, at, user_line
from minitf.paths import cache_directory

CHUNK = 64 * 1024
TIMEOUT = 30.0  # seconds without a byte


@dataclass(frozen=True)
class DataFile:
    """What identifies one file of a public data set.

    It is no path: the same file may lie in several places, or in none yet.

    Parameters
    ----------
    name : str
        Path below ``MINITF_DATA`` and below the cache, with forward slashes.
    sha256 : str
        Hexadecimal digest of the public file.
    urls : tuple of str
        Where it can be fetched, in order of preference; all hold the same bytes.
    md5 : str
        What is checked where nobody has published a SHA-256. A file with neither digest is taken
        as it comes.
    """

    name: str
    sha256: str = ""
    urls: tuple[str, ...] = ()
    md5: str = ""

    @property
    def is_verifiable(self) -> bool:
        """Whether a digest tells the right bytes from wrong ones."""
        return bool(self.sha256 or self.md5)

    def damage(self, path: Path) -> str:
        """Return what is wrong with the content of a path; nothing if it is this file."""
        for kind, expected in (("SHA-256", self.sha256), ("MD5", self.md5)):
            if expected and (got := digest(path, kind)) != expected.lower():
                return f"expected {kind} {expected}, got {got}"
        return ""


def digest(path: Path, kind: str) -> str:
    """Return the hexadecimal digest of a file; the kind is ``"SHA-256"`` or ``"MD5"``."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, kind.replace("-", "").lower()).hexdigest()


def find_given(name: str) -> Path | None:
    """Return the user's own file `name` below ``MINITF_DATA``, or the same packed, or None."""
    directory = os.environ.get("MINITF_DATA")
    if not directory:
        return None
    path = Path(directory).expanduser() / name
    packed = path.with_name(path.name + ".gz")
    return path if path.is_file() else packed if packed.is_file() else None


def find(file: DataFile) -> Path | None:
    """Return the path of `file` on this machine, or None where it would have to be downloaded.

    Parameters
    ----------
    file : DataFile
        The file that is wanted.

    Returns
    -------
    pathlib.Path or None
    """
    cached = cache_directory() / file.name
    return find_given(file.name) or (cached if _is_intact(cached, file) else None)


def fetch(file: DataFile, *, verbose: int = 1) -> Path:
    """Return the path of `file`, and download it first where that is needed.

    Parameters
    ----------
    file : DataFile
        The file that is wanted.
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    DataError
        If no URL delivers the file with the right SHA-256, or it cannot be stored.
    """
    return find(file) or fetch_into(cache_directory(), file, verbose)


def obtain(file: DataFile, download: bool = True, verbose: int = 1) -> Path:
    """Return the path of `file`, and download it only if that is allowed."""
    path = fetch(file, verbose=verbose) if download else find(file)
    if path is None:
        raise problem(
            f"{file.name}: neither below MINITF_DATA nor in the cache, and download=False"
        )
    return path


def fetch_into(directory: Path, file: DataFile, verbose: int, anew: bool = False) -> Path:
    """Return the path of `file` in a directory, downloaded unless an intact one is there."""
    target = directory / file.name
    try:
        for folder in (directory, target.parent):
            folder.mkdir(parents=True, exist_ok=True)
        with _alone(directory):
            if anew or not _is_intact(target, file):  # else another process was faster
                _download(file, target, verbose)
    except DataError:
        raise
    except OSError as error:
        raise problem(f"{target}: cannot be stored: {error}") from error
    return target


def problem(message: str) -> DataError:
    """Return a DataError that names the line of the user's program that asked for the data."""
    return DataError(message + at(user_line()))


def _is_intact(path: Path, file: DataFile) -> bool:
    return path.is_file() and not file.damage(path)


if sys.platform == "win32" or sys.platform == "emscripten":

    def _lock(stream: IO[Any]) -> None:
        """Do nothing: two downloads of one file would only fail their SHA-256 here."""

else:
    import fcntl

    def _lock(stream: IO[Any]) -> None:
        """Wait for the lock; it ends with the file's closing, even if the process is killed."""
        fcntl.flock(stream, fcntl.LOCK_EX)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    with (directory / "download.lock").open("w") as stream:
        _lock(stream)
        yield


def _download(file: DataFile, target: Path, verbose: int) -> None:
    part = target.with_name(target.name + ".part")
    if not file.is_verifiable:  # nothing would tell whether another run's part fits
        part.unlink(missing_ok=True)
    failures = []
    for url in file.urls:
        if failure := _collect(url, file, part, verbose):
            failures.append(f"{url}: {failure}")
        else:
            _publish(part, target)
            return
    raise problem(
        f"{file.name}: could not be downloaded. Put the file at $MINITF_DATA/{file.name}, or try "
        "again later.\n  " + "\n  ".join(failures or ["no URL is known for it"])
    )


def _collect(url: str, file: DataFile, part: Path, verbose: int) -> str:
    """Make `part` the content of `url`, and return what went wrong, if anything."""
    from http.client import HTTPException  # costs 20 ms: only a download needs it

    resumed = part.exists()
    try:
        _receive_all(url, file, part, verbose)
    except (OSError, HTTPException) as error:
        return str(error) or type(error).__name__
    damage = file.damage(part)
    if not damage:
        return ""
    part.unlink()
    if resumed:  # the beginning, left by another run, may be what was wrong
        return _collect(url, file, part, verbose)
    return f"{damage}; the file was not kept"


def _receive_all(url: str, file: DataFile, part: Path, verbose: int) -> None:
    """Fetch `url`, taking it up again as long as each broken connection brought something."""
    from http.client import HTTPException

    while True:
        before = _size(part)
        try:
            return _receive(url, file, part, verbose)
        except (OSError, HTTPException):
            if _size(part) <= before:
                raise


def _receive(url: str, file: DataFile, part: Path, verbose: int) -> None:
    """Append to `part` what it lacks of `url`; start anew if the server knows no ranges."""
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    have = _size(part)
    headers = {"User-Agent": "minitf"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        response = urlopen(Request(url, headers=headers), timeout=TIMEOUT)
    except HTTPError as error:
        if have and error.code == 416:  # nothing is lacking; the SHA-256 will judge
            return
        raise
    with response:
        have = have if response.status == 206 else 0
        with part.open("ab" if have else "wb") as stream:
            _copy(response, stream, have, file, verbose)


def _copy(response: Any, stream: IO[bytes], have: int, file: DataFile, verbose: int) -> None:
    length = response.headers.get("Content-Length")
    total = have + int(length) if length else None
    if verbose:
        print(f"{file.name}: downloading from {response.url}")
    bar = Progbar(total and _kibibytes(total), verbose=verbose, unit_name="KiB")
    done = have
    try:
        while chunk := response.read(CHUNK):
            stream.write(chunk)
            done += len(chunk)
            bar.update(_kibibytes(done), finalize=False)
    finally:
        bar.update(_kibibytes(done), finalize=True)
    if total is not None and done != total:
        raise DataError(f"the connection ended after {done} of {total} bytes")


def _kibibytes(size: int) -> int:
    return -(-size // 1024)  # rounded up


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _publish(part: Path, target: Path) -> None:
    """Give a verified file its name, after its bytes have reached the disk."""
    with part.open("rb+") as stream:
        os.fsync(stream.fileno())
    part.replace(target)
    if os.name == "posix":  # the name itself reaches the disk with its directory
        directory = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
