"""The ``.keras`` archive: a zip file of a model's config, weights and vocabularies.

Its members are ``metadata.json``, ``config.json``, ``model.weights.h5`` and, where a layer keeps
text files, ``assets/...``. They are stored without compression. What is read is checked before it
is used: names (no way out of the archive), kinds (no links), sizes, and each member's checksum.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from minitf.errors import DataError, DataLossError

METADATA, CONFIG, WEIGHTS, ASSETS = "metadata.json", "config.json", "model.weights.h5", "assets"
SMALL = 1 << 26  # bytes that an archive may unpack to, however short it is


def pack(members: Mapping[str, bytes]) -> bytes:
    """Return named contents as the bytes of an archive.

    Examples
    --------
    >>> unpacked(pack({"config.json": b"{}"}), "example")
    {'config.json': b'{}'}
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def unpack(path: Path) -> dict[str, bytes]:
    """Return the members of an archive, every one of them checked.

    Raises
    ------
    DataError
        Where there is no such file, or it holds what a model does not.
    DataLossError
        Where it is damaged.
    """
    if not path.is_file():
        raise DataError(f"there is no file {path}")
    return unpacked(path.read_bytes(), path.name)


def unpacked(content: bytes, name: str) -> dict[str, bytes]:
    """Do as `unpack`, for the bytes of an archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_members(archive, len(content), name)
            return {i.filename: archive.read(i) for i in archive.infolist() if not i.is_dir()}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError,
            RuntimeError, LookupError, OverflowError) as error:  # fmt: skip
        if isinstance(error, DataError):
            raise
        raise DataLossError(f"{name} is damaged, or is no .keras file: {error}") from error


def _check_members(archive: zipfile.ZipFile, length: int, name: str) -> None:
    members = archive.infolist()
    names = [m.filename for m in members]
    for member in members:
        _check_name(member, name)
    if len(set(names)) != len(names):
        raise DataError(f"{name}: a member stands in the archive twice")
    if sum(m.file_size for m in members) > max(length, SMALL):
        raise DataError(f"{name}: unpacked it would be far longer than the file; this is no model")


def _check_name(member: zipfile.ZipInfo, name: str) -> None:
    path = PurePosixPath(member.filename)
    known = member.filename in (METADATA, CONFIG, WEIGHTS)
    inside = path.parts[:1] == (ASSETS,) and not path.is_absolute()
    strange = any(part == ".." or set(part) & set('\\:*?"<>|\0') for part in path.parts)
    if not known and (strange or not inside):
        raise DataError(f"{name} holds {member.filename!r}, which is no part of a .keras file")
    mode = member.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DataError(f"{name}: {member.filename!r} is a link or device")
