"""How what came differs from what was wanted, in words."""

from __future__ import annotations

import numbers
import reprlib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

import numpy as np

RETURNED_NOTHING = (
    "None is what a function gives that has no `return`. To print a value shows it to people; "
    "to `return` it hands it to whoever called."
)
KINDS = {"b": "bool", "i": "integers", "u": "integers", "f": "floats", "c": "complex numbers"}


class Difference(NamedTuple):
    """What was expected, what came, and what can be said without knowing the exercise."""

    expected: str
    got: str
    note: str = ""


def difference(got: Any, wanted: Any, rtol: float, atol: float) -> Difference | None:
    """Return how what a function gave differs from what was wanted, or None."""
    if got is None and wanted is not None:
        return Difference(shown_value(wanted), "None", RETURNED_NOTHING)
    return _compared(got, wanted, rtol, atol)


def _compared(got: Any, wanted: Any, rtol: float, atol: float) -> Difference | None:
    got, wanted = plain(got), plain(wanted)
    for kind, compare in COMPARISONS:
        if isinstance(wanted, kind):
            return compare(got, wanted, rtol, atol)
    same = got is wanted or (type(got) is type(wanted) and bool(got == wanted))
    return None if same else Difference(shown_value(wanted), shown_value(got))


def plain(value: Any) -> Any:
    """Return the array of a Tensor or Variable; anything else as it is."""
    if not callable(getattr(value, "numpy", None)):
        return value
    try:
        return np.asarray(value.numpy())
    except (AttributeError, NotImplementedError, ValueError, TypeError):
        return value  # it names an edge of a graph, and has no value


def shown_value(value: Any) -> str:
    """Return a value as it is shown to a learner."""
    value = plain(value)
    if isinstance(value, np.ndarray) and value.ndim:
        text = np.array2string(value, precision=5, threshold=40, edgeitems=3, separator=", ")
        return (
            f"array of shape {value.shape}, {value.dtype}:\n {text.replace(chr(10), chr(10) + ' ')}"
        )
    if isinstance(value, (np.ndarray, np.generic)):
        return repr(value.item())
    return _brief.repr(value)


_brief = reprlib.Repr()
_brief.maxlist = _brief.maxtuple = _brief.maxdict = _brief.maxset = 20
_brief.maxstring = _brief.maxother = 300


def _kind(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _wrong_type(got: Any, wanted: Any, needed: str) -> Difference:
    return Difference(
        shown_value(wanted), shown_value(got), f"{needed} is needed; it is {_kind(got)}"
    )


# -- one comparison per kind of value ----------------------------------------------------------


def _bools(got: Any, wanted: bool, rtol: float, atol: float) -> Difference | None:
    if isinstance(got, np.ndarray) and got.ndim == 0:
        got = got[()]
    if not isinstance(got, (bool, np.bool_)):
        return _wrong_type(got, wanted, "True or False")
    return None if bool(got) == bool(wanted) else Difference(str(bool(wanted)), str(bool(got)))


def _strings(got: Any, wanted: str, rtol: float, atol: float) -> Difference | None:
    if not isinstance(got, type(wanted)):
        return _wrong_type(got, wanted, f"a {type(wanted).__name__}")
    return None if got == wanted else Difference(repr(wanted), repr(got))


def _is_number(value: Any) -> bool:
    if isinstance(value, (bool, np.bool_)):
        return False
    if isinstance(value, np.ndarray):
        return value.ndim == 0 and value.dtype.kind in "iufc"
    return isinstance(value, (numbers.Number, np.number))


def _numbers(got: Any, wanted: Any, rtol: float, atol: float) -> Difference | None:
    if not _is_number(got):
        return _wrong_type(got, wanted, "a number")
    if np.isclose(got, wanted, rtol=rtol, atol=atol, equal_nan=True):
        return None
    return Difference(
        shown_value(wanted), shown_value(got), _ratio(np.asarray(got), np.asarray(wanted))
    )


def _arrays(got: Any, wanted: np.ndarray, rtol: float, atol: float) -> Difference | None:
    if wanted.ndim == 0 and _is_number(got) and wanted.dtype.kind in "iufc":
        return _numbers(got, wanted[()], rtol, atol)
    if not isinstance(got, (np.ndarray, np.generic)):
        return _wrong_type(got, wanted, "an array or a Tensor")
    got = np.asarray(got)
    note = _form(got, wanted) or _values(got, wanted, rtol, atol)
    return Difference(shown_value(wanted), shown_value(got), note) if note else None


def _form(got: np.ndarray, wanted: np.ndarray) -> str:
    if got.shape != wanted.shape:
        turned = got.ndim > 1 and got.T.shape == wanted.shape
        hint = ": it is transposed" if turned else ""
        return f"the shape should be {wanted.shape}; it is {got.shape}{hint}"
    needed, came = (KINDS.get(a.dtype.kind, a.dtype.kind) for a in (wanted, got))
    return (
        "" if needed == came else f"the elements should be {needed}; they are {came} ({got.dtype})"
    )


def _values(got: np.ndarray, wanted: np.ndarray, rtol: float, atol: float) -> str:
    if wanted.dtype.kind not in "iufcb":
        wrong = np.asarray(got != wanted)
    else:
        wrong = ~np.isclose(got, wanted, rtol=rtol, atol=atol, equal_nan=True)
    if not wrong.any():
        return ""
    first = tuple(int(i) for i in np.argwhere(wrong)[0])
    where = f"{wrong.sum()} of {wrong.size} elements differ; the first is "
    where += f"[{', '.join(map(str, first))}]: expected {wanted[first]:.6g}, got {got[first]:.6g}" \
        if wanted.dtype.kind in "iuf" else f"{list(first)}"  # fmt: skip
    return "; ".join(filter(None, [where, _strange(got, wanted), _ratio(got, wanted)]))


def _strange(got: np.ndarray, wanted: np.ndarray) -> str:
    if got.dtype.kind in "fc" and np.isfinite(wanted).all() and not np.isfinite(got).all():
        return "some elements are NaN or infinite"
    turned = got.ndim == 2 and got.shape == got.T.shape and np.allclose(got.T, wanted)
    return "it is transposed" if turned else ""


def _ratio(got: np.ndarray, wanted: np.ndarray) -> str:
    """Say by which factor everything differs, if it is one factor."""
    if wanted.dtype.kind not in "iuf" or got.dtype.kind not in "iuf":
        return ""
    used = wanted != 0
    if not used.any() or np.any(got[~used] != 0) or not np.isfinite(got).all():
        return ""
    ratios = got[used] / wanted[used]
    if abs(ratios.flat[0]) < 1e-12 or not np.allclose(ratios, ratios.flat[0], rtol=1e-4):
        return ""
    if wanted.size == 1:  # of one number, any other is a multiple
        return "it has the wrong sign" if ratios.flat[0] == -1 else ""
    return f"every element is {ratios.flat[0]:.4g} times what it should be"


def _mappings(got: Any, wanted: Mapping, rtol: float, atol: float) -> Difference | None:
    if not isinstance(got, Mapping):
        return _wrong_type(got, wanted, "a dict")
    missing = [k for k in wanted if k not in got]
    extra = [k for k in got if k not in wanted]
    if missing or extra:
        notes = [f"missing: {_brief.repr(missing)}"] * bool(missing)
        notes += [f"too much: {_brief.repr(extra)}"] * bool(extra)
        return Difference(shown_value(wanted), shown_value(got), "; ".join(notes))
    return _inside(got, wanted, list(wanted), rtol, atol)


def _sequences(got: Any, wanted: Sequence, rtol: float, atol: float) -> Difference | None:
    if isinstance(got, np.ndarray) and got.ndim:
        got = list(got)
    if not isinstance(got, (list, tuple)):
        return _wrong_type(got, wanted, f"a {type(wanted).__name__}")
    if len(got) != len(wanted):
        note = f"{len(wanted)} elements are needed; there are {len(got)}"
        return Difference(shown_value(wanted), shown_value(got), note)
    return _inside(got, wanted, range(len(wanted)), rtol, atol)


def _inside(got: Any, wanted: Any, keys: Any, rtol: float, atol: float) -> Difference | None:
    """Compare element by element; the first difference is named by its place."""
    for key in keys:
        found = _compared(got[key], wanted[key], rtol, atol)
        if found:
            note = f"it differs in [{key!r}]: expected {found.expected}, got {found.got}"
            note += f"; {found.note}" if found.note else ""
            return Difference(shown_value(wanted), shown_value(got), note)
    return None


def _sets(got: Any, wanted: AbstractSet, rtol: float, atol: float) -> Difference | None:
    if not isinstance(got, AbstractSet):
        return _wrong_type(got, wanted, "a set")
    if got == wanted:
        return None
    missing, extra = sorted(map(repr, wanted - got)), sorted(map(repr, got - wanted))
    notes = [f"missing: {', '.join(missing)}"] * bool(missing)
    notes += [f"too much: {', '.join(extra)}"] * bool(extra)
    return Difference(shown_value(wanted), shown_value(got), "; ".join(notes))


COMPARISONS: list[tuple[Any, Any]] = [
    ((bool, np.bool_), _bools),
    ((str, bytes), _strings),
    ((numbers.Number, np.number), _numbers),
    (np.ndarray, _arrays),
    (Mapping, _mappings),
    ((list, tuple), _sequences),
    (AbstractSet, _sets),
]
