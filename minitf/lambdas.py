"""The code of a lambda as text and back: the one place where a file's code becomes a function.

A Lambda layer's function has no name by which it could be found again, so Keras' files hold its
code. To run that is to trust whoever made the file; a program says so with ``safe_mode=False``.
"""

from __future__ import annotations

import base64
import marshal
import sys
import types
from typing import Any

import numpy as np

from minitf.errors import DataError


def code_as_text(function: types.FunctionType) -> str:
    """Return the code of a function as text."""
    return base64.b64encode(marshal.dumps(function.__code__)).decode()


def function_from_text(text: str, defaults: Any, closure: Any) -> types.FunctionType:
    """Return a function of code that was written as text.

    Parameters
    ----------
    text : str
        As `code_as_text` gives it, on the same version of Python.
    defaults, closure : sequence
        Values of the last parameters, and of the variables that it closes over.

    Raises
    ------
    DataError
        For text that is no code of this version of Python.
    """
    try:
        code = marshal.loads(base64.b64decode(text))
        cells = tuple(types.CellType(value) for value in closure)
        return types.FunctionType(code, _usual_names(), "<lambda>", tuple(defaults) or None, cells)
    except (ValueError, EOFError, TypeError) as error:
        raise DataError(f"the code of a lambda cannot be read: {error}; it is that of another "
                        "version of Python, or damaged") from error  # fmt: skip


def _usual_names() -> dict[str, Any]:
    """Return what the free names of a lambda most likely mean: what programs import as such."""
    package, keras = sys.modules.get("minitf"), sys.modules.get("minitf.keras")
    return {"__builtins__": __builtins__, "tf": package, "minitf": package, "keras": keras,
            "np": np, "layers": sys.modules.get("minitf.layers"),
            "ops": sys.modules.get("minitf.keras.ops"),
            "K": sys.modules.get("minitf.keras.backend")}  # fmt: skip
