"""`tf.io.gfile`: files and folders of this machine, under TensorFlow's names."""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Callable, Iterator
from glob import glob as find_all
from os.path import exists, isdir, join
from pathlib import Path
from typing import IO, Any, TypeVar

from minitf.errors import AlreadyExistsError, Error, no_access

__all__ = ["GFile", "copy", "exists", "glob", "isdir", "join", "listdir", "makedirs", "mkdir",
           "remove", "rename", "rmtree", "stat", "walk"]  # fmt: skip


F = TypeVar("F", bound=Callable[..., Any])


def _named(done: str) -> Callable[[F], F]:
    """Let a function's errors be those of `tf.errors`; the file is its first argument."""

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def call(path: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return function(path, *args, **kwargs)
            except Error:
                raise
            except OSError as error:
                raise no_access(path, error, done) from error

        return call  # type: ignore[return-value]

    return decorate


@_named("opened")
def GFile(name: Any, mode: str = "r") -> IO[Any]:
    """Open a file, as Python's ``open``; texts are in UTF-8.

    Parameters
    ----------
    name : str or pathlib.Path
    mode : {"r", "w", "a", "rb", "wb", "ab", ...}
    """
    return Path(name).open(mode, encoding=None if "b" in mode else "utf-8")


def glob(pattern: Any) -> list[str]:
    """Return the paths that fit a pattern, or one of several, in alphabetic order."""
    patterns = [pattern] if isinstance(pattern, (str, Path)) else pattern
    return sorted({path for p in patterns for path in find_all(str(p))})


@_named("listed")
def listdir(path: Any) -> list[str]:
    """Return the names in a folder."""
    return os.listdir(path)


def makedirs(path: Any) -> None:
    """Make a folder, and those above it, unless they are there."""
    Path(path).mkdir(parents=True, exist_ok=True)


@_named("made")
def mkdir(path: Any) -> None:
    """Make a folder in one that is there."""
    Path(path).mkdir()


@_named("deleted")
def remove(path: Any) -> None:
    """Delete a file."""
    Path(path).unlink()


@_named("deleted")
def rmtree(path: Any) -> None:
    """Delete a folder with all that is in it."""
    shutil.rmtree(path)


@_named("renamed")
def rename(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Give a file another name."""
    _check_free(dst, overwrite)
    Path(src).replace(dst)


@_named("copied")
def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Copy a file."""
    _check_free(dst, overwrite)
    shutil.copyfile(src, dst)


@_named("found")
def stat(path: Any) -> os.stat_result:
    """Return what is known of a file; TensorFlow's ``length`` is ``st_size`` here."""
    return os.stat(path)


def walk(top: Any, topdown: bool = True) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield (folder, folders in it, files in it) for a folder and all below it."""
    return os.walk(top, topdown=topdown)


def _check_free(path: Any, overwrite: bool) -> None:
    if not overwrite and exists(path):
        raise AlreadyExistsError(f"{path} is there already, and overwrite=False")
