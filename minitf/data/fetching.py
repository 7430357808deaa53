"""`keras.utils.get_file`: any file of the network, kept on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from minitf.data.archives import KINDS
from minitf.data.archives import extract as take_apart
from minitf.data.files import DataFile, digest, fetch_into, find_given
from minitf.errors import InvalidArgumentError, warn
from minitf.ops.composed import composed
from minitf.paths import cache_directory


@composed
def get_file(
    fname: Any = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: Any = "auto",
    cache_dir: Any = None,
    force_download: bool = False,
) -> str:
    """Return the path of a file of the network, and download it first if it is not here yet.

    Parameters
    ----------
    fname : str, optional
        Name to keep it under; that of the URL unless given.
    origin : str
        The URL.
    untar : bool
        Like `extract`, of a tar archive.
    md5_hash : str, optional
        Like `file_hash`, with the algorithm "md5".
    file_hash : str, optional
        Hexadecimal digest of the file. Without one nothing can tell a wrong file.
    cache_subdir : str
        Folder in the cache; one that begins at the root is taken as it is.
    hash_algorithm : {"auto", "sha256", "md5"}
        What `file_hash` is; "auto" goes by its length.
    extract : bool
        Whether to take an archive apart.
    archive_format : {"auto", "tar", "zip", None}, or list of these
        What the archive may be.
    cache_dir : str, optional
        The cache: ``KERAS_HOME`` or that of minitf unless given.
    force_download : bool
        Whether to download it even if it is here.

    Returns
    -------
    str
        The file; or the directory with the content of the archive, ``NAME_extracted`` if `fname`
        has an ending, else `fname` itself.

    Raises
    ------
    DataError
        If the file cannot be fetched, has another digest, or is an archive that is damaged or
        would write outside of its directory.

    Notes
    -----
    A file ``cache_subdir/fname`` below ``MINITF_DATA`` is taken in place of a download.
    """
    if origin is None:
        raise InvalidArgumentError("origin is missing: the URL of the file")
    unpack = extract or untar
    name = _name(fname, origin)
    stored, folder = _places(name, named=bool(fname)) if unpack else (name, "")
    home = _home(cache_dir)
    file = _data_file(f"{cache_subdir}/{stored}", origin, md5_hash or file_hash,
                      "md5" if md5_hash else hash_algorithm)  # fmt: skip
    given = None if force_download else find_given(f"{cache_subdir}/{name}")
    path = given or fetch_into(home, file, verbose=1, anew=force_download)
    if not unpack:
        return str(path)
    kinds = _kinds("tar" if untar else archive_format)
    return str(_extracted(path, home / cache_subdir / folder, kinds))


# -- details ----------------------------------------------------------------------------------


def _name(fname: Any, origin: str) -> str:
    """Return the name of the file, which is no path."""
    name = os.fspath(fname) if fname else unquote(urlsplit(origin).path).rpartition("/")[2]
    if not name:
        raise InvalidArgumentError(f"{origin!r} ends with no name of a file: give fname")
    if "/" in name or os.sep in name or name in (".", ".."):
        raise InvalidArgumentError(f"fname is a name and no path (see cache_subdir), got {name!r}")
    return name


def _places(name: str, named: bool) -> tuple[str, str]:
    """Return the names of an archive and of the directory with its content, those of Keras."""
    if named and "." in name:
        return name, f"{name.split('.')[0]}_extracted"
    return f"{name}_archive", name


def _home(cache_dir: Any) -> Path:
    chosen = cache_dir or os.environ.get("KERAS_HOME") or cache_directory()
    return Path(chosen).expanduser()


def _data_file(name: str, url: str, digest: str | None, algorithm: str) -> DataFile:
    if algorithm not in ("auto", "sha256", "md5"):
        raise InvalidArgumentError(
            f"hash_algorithm is 'auto', 'sha256' or 'md5', got {algorithm!r}"
        )
    digest = digest or ""
    is_sha256 = algorithm == "sha256" or (algorithm == "auto" and len(digest) == 64)
    kinds = {"sha256" if is_sha256 else "md5": digest}
    return DataFile(name, urls=(url,), **kinds)


def _kinds(archive_format: Any) -> tuple[str, ...]:
    if archive_format == "auto":
        return KINDS
    kinds = (archive_format,) if isinstance(archive_format, str) else tuple(archive_format or ())
    if not set(kinds) <= set(KINDS):
        raise InvalidArgumentError(
            f"archive_format is 'auto', 'tar', 'zip' or None, got {archive_format!r}"
        )
    return kinds


def _extracted(archive: Path, directory: Path, kinds: tuple[str, ...]) -> Path:
    """Return the directory with the content of an archive, made unless it is this one's already."""
    seal = directory.with_name(f"{directory.name}.sha256")
    content = digest(archive, "SHA-256")
    if directory.is_dir() and seal.is_file() and seal.read_text() == content:
        return directory
    if take_apart(archive, directory, kinds):
        seal.write_text(content)
    else:
        warn(f"get_file: {archive} is not an archive: {kinds}")
    return directory
