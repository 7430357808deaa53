"""The names that objects get where the program gives none: dense, dense_1, dense_2, ..."""

from __future__ import annotations

import re
from collections import Counter

_counts: Counter[str] = Counter()


def snake_case(name: str) -> str:
    """Return a class's name in lower case, its words joined by _.

    Examples
    --------
    >>> from minitf.naming import snake_case
    >>> snake_case("Conv2DTranspose"), snake_case("LSTM"), snake_case("MultiHeadAttention")
    ('conv2d_transpose', 'lstm', 'multi_head_attention')
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def auto_name(prefix: str) -> str:
    """Return the prefix, with the number of earlier calls behind it where there were any."""
    count = _counts[prefix]
    _counts[prefix] += 1
    return prefix if count == 0 else f"{prefix}_{count}"


def forget_names() -> None:
    """Begin counting anew."""
    _counts.clear()
