"""Everything that can go wrong, by name.

Each class is also the built-in exception that a Python programmer would catch, so
``except ValueError`` finds a shape mistake and ``except TypeError`` a dtype mistake. A message
names the op, what was expected, what came, and the line of the user's program that is to blame:
``matmul: inner dimensions differ: (32, 784) @ (512, 10)  [in train.py:41]``.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import os
import sys
import threading
import warnings
from types import FrameType
from typing import Any

import numpy as np

SourceLine = tuple[str, int]

# Code that stands between the user's line and us; it is not to blame.
OURS = (
    os.path.dirname(os.path.abspath(__file__)) + os.sep,
    os.path.dirname(np.__file__) + os.sep,
    os.path.dirname(concurrent.futures.__file__) + os.sep,
    contextlib.__file__,
    threading.__file__,
)


@functools.cache  # asked of every frame of every operation that is written
def is_ours(filename: str) -> bool:
    return filename.startswith(OURS)


def user_line(start: FrameType | None = None) -> SourceLine:
    """Return (file, line) of the innermost caller that is not part of minitf."""
    frame = start or sys._getframe(1)
    while frame.f_back is not None and is_ours(frame.f_code.co_filename):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


class Error(Exception):
    """Base class of every error that minitf raises on purpose.

    Attributes
    ----------
    line : (str, int) or None
        The line of the user's program that is to blame: the one that wrote the operation down, or
        else the one that made the call.
    is_located : bool
        Whether `located` has named the operation that failed.
    """

    def __init__(self, *args: object):
        super().__init__(*args)
        line = user_line()
        self.line = None if line[0].startswith(OURS) else line  # a thread has no user's line
        self.is_located = False

    def __str__(self) -> str:
        message = " ".join(map(str, self.args))
        return message if "  [in " in message else message + at(self.line)


class InvalidArgumentError(Error, ValueError):
    """An argument has a value that the operation cannot accept."""


class ShapeError(InvalidArgumentError):
    """Shapes do not fit each other, or the operation."""


class DTypeError(InvalidArgumentError, TypeError):
    """Element types do not fit each other, or the operation."""


class UsageError(InvalidArgumentError, TypeError):
    """A call that Python itself would refuse: an unknown argument, the length of one number."""


class FailedPreconditionError(Error, RuntimeError):
    """The state is not ready: a Variable without a value, a placeholder that is not fed."""


class NotBuiltError(FailedPreconditionError, AttributeError):
    """A layer has not got what it has after it was built."""


class GraphError(Error, ValueError):
    """A Graph is used wrongly: a tensor of another graph, a fetch that it does not hold."""


class OperatorNotAllowedInGraphError(GraphError, TypeError):
    """Python looks at the value of a tensor that has none while a graph is being written."""


class NotFoundError(Error, KeyError):
    """A name that does not exist."""


class UnimplementedError(Error, NotImplementedError):
    """A combination that has no kernel, or an op that has no gradient."""


class NumericsError(InvalidArgumentError, ArithmeticError):
    """A tensor holds NaN or infinity where numbers were promised."""


class GradientError(Error, AssertionError):
    """A gradient does not agree with finite differences."""


class OutOfRangeError(Error, IndexError):
    """An index lies outside the tensor, or a data source has ended."""


class ResourceExhaustedError(Error, MemoryError):
    """There is not enough memory."""


class CancelledError(Error, RuntimeError):
    """A run was stopped before it finished."""


class MissingPackageError(Error, ImportError):
    """A package that only this function needs is not installed."""


class DataError(Error, OSError):
    """A file is missing, damaged, or not what its name promises."""


class DataLossError(DataError):
    """A file has been altered or cut short since it was written."""


class MissingFileError(DataError, NotFoundError, FileNotFoundError):
    """A file does not exist."""


class AlreadyExistsError(DataError, FileExistsError):
    """Something is there already, and is not to be replaced."""


class PermissionDeniedError(DataError, PermissionError):
    """The caller may not do this."""


# What only programs on several machines meet in TensorFlow. Nothing here raises them; programs name
# them in what they catch, and may raise them.


class AbortedError(Error, RuntimeError):
    """Another operation came in between; trying again may help."""


class DeadlineExceededError(Error, TimeoutError):
    """Something took longer than it was given."""


class InternalError(Error, RuntimeError):
    """Something that should always hold does not."""


class UnauthenticatedError(Error, RuntimeError):
    """The caller has not said who it is."""


class UnavailableError(Error, RuntimeError):
    """A service does not answer; trying again may help."""


class UnknownError(Error, RuntimeError):
    """Something else went wrong."""


OpError = Error  # TensorFlow's name of the base class


def no_access(path: object, error: Exception, done: str = "read") -> DataError:
    """Return the error for a file that Python's `error` keeps from being read, or the like."""
    kind = DataError
    if isinstance(error, FileNotFoundError):
        kind = MissingFileError
    elif isinstance(error, PermissionError):
        kind = PermissionDeniedError
    return kind(f"{path} cannot be {done}: {getattr(error, 'strerror', None) or error}")


def file_name(path: str) -> str:
    """Return what a reader calls a file: its name; in a notebook the cell, ``Cell In[3]``."""
    ipython = sys.modules.get("IPython")  # where it is not loaded, there is no notebook
    shell = ipython.get_ipython() if ipython else None
    cell = shell.compile.format_code_name(path) if shell else None
    return " ".join(cell) if cell else os.path.basename(path)


def at(line: SourceLine | None) -> str:
    """Return the suffix that points to a user's line, such as ``  [in train.py:41]``."""
    return f"  [in {file_name(line[0])}:{line[1]}]" if line else ""


_warned: dict[str, dict[Any, Any]] = {}  # what has been said of each file, for `warnings` to know


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn of something that the user's line asked for, and say which line that is."""
    file, line = user_line()
    warnings.warn_explicit(message, category, file, line, registry=_warned.setdefault(file, {}))


def located(error: Error, op: str, line: SourceLine | None) -> Error:
    """Return `error` with the op's name in front of its message, and that op's line."""
    message = str(error.args[0]) if error.args else ""
    if not message.startswith(f"{op}: "):
        error.args = (f"{op}: {message}",)
    if not error.is_located:  # else an operation inside this one is to blame
        error.line, error.is_located = line, True
    return error
