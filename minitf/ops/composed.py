"""Functions that are composed of ops: their errors say their own name and the user's line too."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from minitf.errors import Error, located, user_line
from minitf.graph.composite import rule_for

F = TypeVar("F", bound=Callable[..., Any])


def composed(function: F) -> F:
    """Let what goes wrong inside a public function be told as `function: ...  [in train.py:41]`."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Error as error:
            rule = rule_for(function.__name__, args, kwargs)
            if rule is None:
                raise located(error, function.__name__, user_line()) from error.__cause__
        return rule(*args, **kwargs)

    return call  # type: ignore[return-value]
