"""Sums of products, written with one letter per axis: `einsum` and `tensordot`.

An equation is brought into a normal form first: every axis has a label of its own, a letter where
the user gave one and a digit where "..." stood. Axes of one letter have one size; axes of one digit
broadcast. The kernel then takes two tensors at a time and hands each pair to the matrix product,
which is where the speed comes from. The gradient is an einsum again.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from string import ascii_letters, digits
from typing import Any, NamedTuple

import numpy as np

from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor, plain
from minitf.graph.op import Tensor, op
from minitf.graph.spec import TensorShape, TensorSpec, broadcast, normalize_axis
from minitf.ops.array import known_size
from minitf.ops.broadcasting import unbroadcast
from minitf.ops.composed import composed
from minitf.ops.filling import eye, ones
from minitf.ops.linalg import multiply_matrices

# -- the equation -----------------------------------------------------------------------------


@functools.lru_cache(maxsize=1024)
def normal_form(equation: str, ranks: tuple[int, ...]) -> str:
    """Return an equation without spaces and dots, and with its output written down."""
    text = equation.replace(" ", "")
    if not re.fullmatch(r"[A-Za-z.,]*(->[A-Za-z.]*)?", text):
        raise InvalidArgumentError(f"an equation looks like 'ij,jk->ik', got {equation!r}")
    left, arrow, output = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(ranks):
        raise InvalidArgumentError(f"{equation!r} is for {len(terms)} tensors, got {len(ranks)}")
    terms = [_spell_out(t, rank - len(t.replace("...", ""))) for t, rank in zip(terms, ranks)]
    longest = max((label for t in terms for label in t if label in digits), default="")
    counts = Counter("".join(terms))
    dots = "".join(sorted(label for label in counts if label in digits))
    if not arrow:
        return f"{','.join(terms)}->{dots}{''.join(sorted(c for c in counts if counts[c] == 1 and c not in digits))}"
    return f"{','.join(terms)}->{output}"
