"""Every reference case."""

from . import (
    cases_array,
    cases_conv,
    cases_flow,
    cases_image,
    cases_index,
    cases_linalg,
    cases_math,
    cases_nn,
    cases_operators,
    cases_reduce,
)
from .case import Case

MODULES = [
    cases_math,
    cases_reduce,
    cases_array,
    cases_index,
    cases_linalg,
    cases_nn,
    cases_conv,
    cases_operators,
    cases_flow,
    cases_image,
]
CASES: list[Case] = [case for module in MODULES for case in module.CASES]


def symbols() -> set[str]:
    """Return the public names that the cases cover; Python's operators are not counted."""
    return {s for case in CASES for s in case.symbols if not s.startswith("operator.")}
