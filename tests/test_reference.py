"""minitf against values that TensorFlow computed once (see tests/reference)."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

import minitf as tf

from .reference import measure as m
from .reference.case import Case, case, f32
from .reference.cases import CASES, symbols
from .reference.store import HERE, PARTS, arrays_of, load

INDEX, VALUES = load()
TOLERANCE = {"float16": 2e-3, "float32": 1e-5, "float64": 1e-12}
# Each derivative loses digits that the values still have.
LOSS = {"outputs": 1, "grads": 3, "hvps": 10}
# Arguments that are meant to differ from the version of TensorFlow that was asked.
MATMUL = ["a", "b", *(f"{how}_{x}=False" for how in ("transpose", "adjoint") for x in "ab")]
OTHERWISE = {
    "matmul": MATMUL,  # no output_type: results have the type of the inputs
    "linalg.matmul": MATMUL,
    "shape": ["input", "out_type=int32"],  # what None means, as it was written until 2.17
    "size": ["input", "out_type=int32"],
}
COMPUTED = [c for c in CASES if not c.fails]


def parametrize(cases):
    return pytest.mark.parametrize("case", cases, ids=[c.id for c in cases])


def insist_on_symbols(framework, case: Case) -> None:
    """Fail, and do not skip, where a public name is missing."""
    for symbol in case.symbols:
        try:
            m.resolve(framework, symbol)
        except LookupError as missing:
            pytest.fail(str(missing), pytrace=False)


def compare(case: Case, part: str, got: m.Arrays, stored: m.Arrays) -> None:
    """Compare one list of arrays with TensorFlow's."""
    assert len(got) == len(stored), f"{part}: {len(got)} arrays, TensorFlow returns {len(stored)}"
    for i, (ours, theirs) in enumerate(zip(got, stored, strict=True)):
        where = f"{part}[{i}] of {case.id}"
        if part != "outputs" and ours is None and not np.any(theirs):
            continue  # a derivative that is zero everywhere need not be computed
        if part == "hvps" and theirs is None:
            assert not np.any(ours), f"{where}: TensorFlow finds no second derivative"
            continue
        assert (ours is None) == (theirs is None), f"{where}: {ours}, TensorFlow has {theirs}"
        if theirs is not None:
            same(ours, theirs, LOSS[part] * case.tol, where)


def same(ours: np.ndarray, theirs: np.ndarray, loss: float, where: str) -> None:
    """Compare dtype, shape, and values; floats up to a tolerance relative to the largest."""
    assert ours.dtype == theirs.dtype, where
    assert ours.shape == theirs.shape, where
    if theirs.dtype.kind != "f":
        np.testing.assert_array_equal(ours, theirs, where)
        return
    tolerance = loss * TOLERANCE[theirs.dtype.name]
    largest = np.max(np.abs(theirs), where=np.isfinite(theirs), initial=1.0)
    np.testing.assert_allclose(
        ours, theirs, rtol=tolerance, atol=tolerance * largest, equal_nan=True, err_msg=where
    )


def check(framework, case: Case) -> None:
    """Compare values, gradients and Hessian-vector products, as far as TensorFlow has them."""
    insist_on_symbols(framework, case)
    stored = VALUES[case.id]
    known = [part for part in PARTS if getattr(stored, part) is not None]
    got = m.measure(framework, case, order=len(known) - 1)
    for part in known:
        compare(case, part, getattr(got, part), getattr(stored, part))


@parametrize(COMPUTED)
def test_agrees_with_tensorflow(case):
    check(tf, case)


@parametrize([c for c in COMPUTED if c.in_graph])
def test_agrees_with_tensorflow_in_a_function(case):
    insist_on_symbols(tf, case)
    compare(case, "outputs", m.measure_in_function(tf, case).outputs, VALUES[case.id].outputs)


@parametrize([c for c in CASES if c.fails])
def test_refuses_what_tensorflow_refuses(case):
    insist_on_symbols(tf, case)
    with pytest.raises(tf.errors.Error):
        m.measure(tf, case, order=0)


@pytest.mark.parametrize("symbol", INDEX["signatures"])
def test_takes_tensorflows_arguments(symbol):
    insist_on_symbols(tf, case(symbol))
    wanted = OTHERWISE.get(symbol, INDEX["signatures"][symbol])
    assert m.signature(m.resolve(tf, symbol)) == wanted


def test_at_least_150_symbols_are_covered():
    assert len(symbols()) >= 150


def test_every_case_has_a_name_of_its_own():
    assert [name for name, n in Counter(c.id for c in CASES).items() if n > 1] == []


def test_the_store_belongs_to_these_cases():
    """Otherwise run ``python -m tests.reference.generate`` again."""
    written = {c.id: (c.fingerprint(), c.fails) for c in CASES}
    stored = {
        name: (entry.get("program", ""), entry.get("fails", False))
        for name, entry in INDEX["cases"].items()
    }
    assert stored == written


def test_the_store_is_used_up():
    """Every number of the archive belongs to some case."""
    with np.load(HERE / "ops.npz", allow_pickle=False) as archive:
        stored = Counter({name: archive[name].size for name in archive.files})
    used = Counter()
    for measured in VALUES.values():
        for array in arrays_of(measured):
            used[array.dtype.name] += array.size
    assert used == stored


class Impostor:
    """minitf, except for what is replaced."""

    def __init__(self, **replaced):
        vars(self).update(replaced)

    def __getattr__(self, name):
        return getattr(tf, name)


def square_with_a_wrong_slope(x):
    return tf.custom_gradient(lambda x: (tf.multiply(x, x), lambda dy: dy * x))(x)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (lambda x: tf.multiply(x, x) * 1.001, "outputs"),
        (lambda x: tf.cast(tf.multiply(x, x), "float64"), "outputs"),
        (lambda x: tf.multiply(x, x)[None], "outputs"),
        (lambda x: (tf.multiply(x, x), x), "2 arrays"),
        (square_with_a_wrong_slope, "grads"),
        (lambda x: tf.constant(tf.multiply(x, x).numpy()), "grads"),
    ],
    ids=["value", "dtype", "shape", "count", "slope", "no slope"],
)
def test_a_wrong_function_is_noticed(wrong, complaint):
    with pytest.raises(AssertionError, match=complaint):
        check(Impostor(square=wrong), case("square", f32(3, 4, low=-3, high=3)))


def test_a_missing_function_is_noticed():
    with pytest.raises(pytest.fail.Exception, match="no public symbol 'nn.relu'"):
        insist_on_symbols(SimpleNamespace(nn=SimpleNamespace()), case("nn.relu", f32(2)))
