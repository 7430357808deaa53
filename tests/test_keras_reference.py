"""minitf's Keras against values that real Keras computed once (see tests/keras_reference)."""

from functools import cache

import numpy as np
import pytest

import minitf as tf
from minitf import keras

from .keras_reference.case import Case, distinct, layer, loss, metric, obj, optimizer, x
from .keras_reference.families import FOUND, cases_of, doubled
from .keras_reference.measure import Framework, Measured, measure, plain
from .keras_reference.store import STORED, load

MINITF = Framework(tf, keras)
TOLERANCE = {"float16": 2e-3, "float32": 1e-5, "float64": 1e-12}
LOSS = {"grads": 3, "after": 3}  # a derivative, or five steps, lose digits
REGENERATE = "run: python -m tests.keras_reference.generate"

stored = cache(load)


def is_stored(family: str) -> bool:
    return (STORED / f"{family}.json").exists()


def pairs(chosen=lambda case: True):
    """Return the chosen cases of every family; one skipped test for a family without a store."""
    found = []
    for family in FOUND:
        if is_stored(family):
            found += [
                pytest.param(family, case, id=f"{family}: {case.id}")
                for case in cases_of(family)
                if chosen(case)
            ]
        else:
            skip = pytest.mark.skip(f"no values are stored for {family}; {REGENERATE} {family}")
            found.append(pytest.param(family, None, id=family, marks=skip))
    return pytest.mark.parametrize(("family", "case"), found)


def theirs(family: str, case: Case) -> Measured | None:
    """Return what Keras gave."""
    values = stored(family)
    if case.id not in values:
        pytest.fail(f"no value is stored for {case.id}; {REGENERATE} {family}", pytrace=False)
    return values[case.id]


def run(case: Case, **how) -> Measured:
    """Return what minitf gives; fail, and do not skip, where a public name is missing."""
    keras.utils.set_random_seed(0)
    try:
        return measure(MINITF, case, **how)
    except LookupError as missing:
        if "no public symbol" not in str(missing):
            raise
        pytest.fail(str(missing), pytrace=False)


def same(ours, theirs, loss: float, where: str) -> None:
    """Compare dtype, shape, and values; floats up to a tolerance relative to the largest."""
    assert (ours is None) == (theirs is None), f"{where}: {ours}, Keras has {theirs}"
    if ours is None:
        return
    assert ours.shape == theirs.shape, where
    if theirs.dtype.kind == "U":
        assert ours.tolist() == theirs.tolist(), where
        return
    assert ours.dtype == theirs.dtype, where
    if theirs.dtype.kind != "f":
        np.testing.assert_array_equal(ours, theirs, where)
        return
    tolerance = loss * TOLERANCE[theirs.dtype.name]
    largest = np.max(np.abs(theirs), where=np.isfinite(theirs), initial=1.0)
    np.testing.assert_allclose(
        ours, theirs, rtol=tolerance, atol=tolerance * largest, equal_nan=True, err_msg=where
    )


def compare(case: Case, part: str, ours: Measured, theirs: Measured) -> None:
    """Compare one list of arrays with Keras'."""
    got, wanted = ours.parts.get(part, []), theirs.parts.get(part, [])
    assert len(got) == len(wanted), f"{part}: {len(got)} arrays, Keras has {len(wanted)}"
    for i, (a, b) in enumerate(zip(got, wanted)):
        if part == "grads" and (a is None) != (b is None):  # None says 0 as well
            a, b = (np.zeros_like(a if b is None else b) if v is None else v for v in (a, b))
        same(a, b, LOSS.get(part, 1) * case.tol, f"{part}[{i}] of {case.id}")


def check(case: Case, ours: Measured, theirs: Measured) -> None:
    """Compare everything; the weights' names first, which explain many another difference."""
    assert ours.facts.get("weights") == theirs.facts.get("weights")
    for part in theirs.parts:
        compare(case, part, ours, theirs)
    got, wanted = ours.facts.get("config"), theirs.facts.get("config")
    assert (got | wanted if case.config == "more" else wanted) == got


@pairs(lambda case: not case.fails)
def test_agrees_with_keras(family, case):
    check(case, run(case), theirs(family, case))


@pairs(lambda case: case.in_graph and not case.fails)
def test_agrees_with_keras_in_a_function(family, case):
    known = theirs(family, case)
    made = run(case, wrap=tf.function)
    compare(case, "outputs", made, known)
    compare(case, "after", made, known)


@pairs(lambda case: case.config and not case.fails and not isinstance(case.object, str))
def test_its_config_makes_the_same_object_again(family, case):
    known = theirs(family, case)
    thing = MINITF.make(case.object, case.draw())
    if not hasattr(thing, "get_config"):
        return
    rebuilt = MINITF.rebuild(thing)
    assert type(rebuilt) is type(thing)
    check(case, run(case, made=rebuilt), known)


@pairs(lambda case: case.fails)
def test_refuses_what_keras_refuses(family, case):
    assert theirs(family, case) is None, f"{case.id} does not fail there; {REGENERATE} {family}"
    with pytest.raises(tf.errors.Error):
        measure(MINITF, case)


@pytest.mark.parametrize("family", [f for f in FOUND if is_stored(f)])
def test_nothing_is_stored_without_a_case(family):
    """Otherwise generate the family again."""
    assert set(stored(family)) <= {case.id for case in cases_of(family)}


@pytest.mark.parametrize("family", FOUND)
def test_every_case_has_a_name_of_its_own(family):
    assert doubled(family) == []


def test_the_store_stays_small():
    assert sum(path.stat().st_size for path in STORED.iterdir()) < 2 * 2**20


# ---- and the comparison would notice


def value(**parts) -> Measured:
    return Measured({k: [np.float32(v)] for k, v in parts.items()}, {"config": {"a": 1}})


@pytest.mark.parametrize(
    ("ours", "complaint"),
    [
        (value(outputs=[1, 2.001], grads=[1]), "outputs"),
        (value(outputs=[[1, 2]], grads=[1]), "outputs"),
        (value(outputs=[1, 2], grads=[0]), "grads"),
        (value(outputs=[1, 2]), "grads: 0 arrays"),
    ],
)
def test_a_wrong_number_is_noticed(ours, complaint):
    case = layer("Dense", {"units": 1}, x(1, 1))
    with pytest.raises(AssertionError, match=complaint):
        check(case, ours, value(outputs=[1, 2], grads=[1]))


def test_a_missing_gradient_counts_as_zero():
    case = layer("Dense", {"units": 1}, x(1, 1))
    without = Measured({"grads": [None]})
    compare(case, "grads", without, Measured({"grads": [np.zeros(2, "float32")]}))
    with pytest.raises(AssertionError, match="grads"):
        compare(case, "grads", without, Measured({"grads": [np.ones(2, "float32")]}))


def test_a_wrong_name_is_noticed():
    with pytest.raises(pytest.fail.Exception, match="no public symbol keras.losses.Nothing"):
        run(loss("Nothing", {}, x(2, 3), x(2, 3)))


def test_a_wrong_weight_and_a_wrong_config_are_noticed():
    case, right = optimizer("SGD"), Measured({}, {"weights": [["iteration", [], "int64"]]})
    with pytest.raises(AssertionError):
        check(case, Measured({}, {"weights": [["iterations", [], "int64"]]}), right)
    with pytest.raises(AssertionError):
        check(case, Measured({}, {**right.facts, "config": {"a": 1}}), right)


def test_what_counts_of_a_config():
    policy = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}}
    config = {"name": "dense_3", "dtype": policy, "size": (1, 2), "rate": 0.10000000149, "a": None}
    assert plain(config) == {"name": "dense", "dtype": "float32", "size": [1, 2], "rate": 0.1}


def test_a_case_is_named_and_seeded_by_its_text():
    case = metric("Mean", {"name": "m"}, [(x(3),), ([1.0, 2.0], obj("losses.Poisson"))])
    assert case.id == "metrics.Mean(name='m')((x(3),), ([1.0, 2.0], losses.Poisson()))"
    assert case.draw().randint(9999) == case.draw().randint(9999)
    numbers = distinct(case.draw(), (2, 3), -1, 1)
    assert len(np.unique(numbers)) == 6
    assert numbers.dtype == np.float32
