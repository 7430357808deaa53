"""Take archives apart: into a new directory that appears whole or not at all.

An archive names its files itself, and may lie: ``../../.profile`` would land outside, a link could
lead there, and a few kilobytes can unpack to a full disk. Each of these is an error before anything
of it is written.
"""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, NamedTuple

from minitf.data.contents import DAMAGED
from minitf.data.files import problem
from minitf.errors import DataError

KINDS = ("tar", "zip")
RATIO = 200  # no honest data set shrinks more ...
SMALL = 2**30  # ... unless it is small


class Member(NamedTuple):
    """A file or directory of an archive; `content` is None for a directory."""

    name: str
    size: int
    content: IO[bytes] | None


Members = Callable[[Path], Iterator[Member]]


def extract(archive: Path, directory: Path, kinds: Sequence[str] = KINDS) -> bool:
    """Take an archive apart, and return whether it is one.

    Parameters
    ----------
    archive : pathlib.Path
        A tar archive (packed by gzip, bzip2 or xz, or not), or a zip archive.
    directory : pathlib.Path
        Gets the content; what was there before is replaced.
    kinds : sequence of {"tar", "zip"}
        What the archive may be.

    Returns
    -------
    bool

    Raises
    ------
    DataError
        If the archive is damaged, or holds names, links or sizes that it must not.
    """
    try:
        kind = next((kind for kind in kinds if _is_a(archive, kind)), None)
        if kind is not None:
            _take_apart(archive, _tar_members if kind == "tar" else _zip_members, directory)
    except (*DAMAGED, RuntimeError, NotImplementedError) as error:  # a password, a packing
        raise problem(f"{archive}: damaged, or not readable: {error}") from error
    except DataError:
        raise
    except OSError as error:
        raise problem(f"{directory}: cannot be written: {error}") from error
    return kind is not None


def _take_apart(archive: Path, members: Members, directory: Path) -> None:
    """Write the content beside the directory, which then gets it as a whole."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=directory.parent, prefix=f".{directory.name}."))
    try:
        _write_all(archive, members, fresh)
        _replace(fresh, directory)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _is_a(archive: Path, kind: str) -> bool:
    return tarfile.is_tarfile(archive) if kind == "tar" else zipfile.is_zipfile(archive)


def _write_all(archive: Path, members: Members, directory: Path) -> None:
    allowed = max(SMALL, RATIO * archive.stat().st_size)
    for member in members(archive):
        allowed -= member.size
        if allowed < 0:
            message = f"it would unpack to more than {RATIO} times its size"
            raise problem(f"{archive}: refused: {message}")
        _write(member, archive, directory)


def _write(member: Member, archive: Path, directory: Path) -> None:
    path = directory.joinpath(*_parts(member.name, archive))
    if member.content is None:
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with member.content, path.open("wb") as file:
        shutil.copyfileobj(member.content, file)


def _parts(name: str, archive: Path) -> tuple[str, ...]:
    """Return the parts of a path that stays inside, on every system."""
    path, on_windows = PurePosixPath(name), PureWindowsPath(name)
    outside = path.is_absolute() or on_windows.drive or on_windows.root or "\0" in name
    if outside or ".." in path.parts or ".." in on_windows.parts:
        raise problem(f"{archive}: refused: {name!r} leads out of its directory")
    return path.parts


def _tar_members(archive: Path) -> Iterator[Member]:
    with tarfile.open(archive) as tar:
        for entry in tar:
            if not (entry.isfile() or entry.isdir()):
                raise problem(f"{archive}: refused: {entry.name!r} is a link or a device")
            content = tar.extractfile(entry) if entry.isfile() else None
            yield Member(entry.name, entry.size, content)


def _zip_members(archive: Path) -> Iterator[Member]:
    with zipfile.ZipFile(archive) as packed:
        for entry in packed.infolist():
            content = None if entry.is_dir() else packed.open(entry)
            yield Member(entry.filename, entry.file_size, content)


def _replace(fresh: Path, directory: Path) -> None:
    """Give a complete directory its name; the one that had it goes."""
    if directory.is_dir() and not directory.is_symlink():
        old = Path(tempfile.mkdtemp(dir=directory.parent, prefix=f".{directory.name}."))
        os.replace(directory, old / "old")
        fresh.replace(directory)
        shutil.rmtree(old, ignore_errors=True)
    else:
        fresh.replace(directory)
    directory.chmod(0o755)  # a temporary directory is private
