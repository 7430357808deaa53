"""Products of matrices: right, and on one core while the others are taken."""

import numpy as np
import pytest

from minitf import blas


@pytest.fixture
def machine(monkeypatch):
    """A clock that is set by hand, and a BLAS that remembers how many threads it was given."""

    class Machine:
        now, took, threads, given = 100.0, 0.0, 4, []

        def clock(self):
            self.now += self.took / 2
            return self.now

        def multiply(self, a, b, out=None):
            self.given.append(self.threads)
            return a @ b

        def write(self, count):
            self.threads = count

    machine = Machine()
    machine.given = []
    switch = blas.Threads(lambda: machine.threads, machine.write)
    monkeypatch.setattr(blas, "blas_threads", lambda: switch)
    monkeypatch.setattr(blas.time, "perf_counter", machine.clock)
    monkeypatch.setattr(blas.np, "matmul", machine.multiply)
    monkeypatch.setattr(blas._Busy, "until", 0.0)
    return machine


@pytest.mark.parametrize(
    ("left", "right"),
    [((2, 3), (3, 4)), ((80, 90), (90, 100)), ((3, 80, 90), (90, 100)),
     ((3, 1, 80, 90), (2, 90, 50)), ((300, 0), (0, 5)), ((0, 4), (4, 5))],
)  # fmt: skip
@pytest.mark.parametrize("busy", [False, True])
def test_products_are_those_of_numpy(left, right, busy, monkeypatch):
    monkeypatch.setattr(blas._Busy, "until", float("inf") if busy else 0.0)
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=left), rng.normal(size=right)
    np.testing.assert_array_equal(blas.multiply(a, b), np.matmul(a, b))
    out = np.empty(np.matmul(a, b).shape)
    assert blas.multiply(a, b, out) is out
    np.testing.assert_array_equal(out, np.matmul(a, b))


LARGE = np.ones((64, 128)), np.ones((128, 64))


def test_quick_products_take_all_cores(machine):
    for _ in range(3):
        blas.multiply(*LARGE)
    assert machine.given == [4, 4, 4]


def test_after_one_that_waited_products_stay_on_one_core_for_a_while(machine):
    machine.took = 0.05
    blas.multiply(*LARGE)
    machine.took = 0.0
    blas.multiply(*LARGE)
    assert machine.given == [4, 1]
    assert machine.threads == 4  # what others ask of BLAS is not changed
    machine.now += blas.PATIENCE
    blas.multiply(*LARGE)
    assert machine.given == [4, 1, 4]


def test_a_large_product_may_take_its_time(machine):
    machine.took = 0.05
    large = np.ones((512, 512))
    blas.multiply(large, large)
    blas.multiply(np.ones((9, 256, 256)), np.ones((256, 256)))
    assert machine.given == [4, 4]


def test_the_number_of_threads_comes_back_after_an_error(machine):
    machine.took = 1.0
    blas.multiply(*LARGE)
    machine.took = 0.0
    with pytest.raises(ValueError, match="mismatch"):
        blas.multiply(np.ones((64, 128)), np.ones((127, 64)))
    assert machine.threads == 4


def test_the_switch_of_this_numpy_works():
    switch = blas.blas_threads()
    if switch is None:
        pytest.skip("NumPy's BLAS has no switch that we know")
    before = switch.read()
    switch.write(1)
    assert switch.read() == 1
    switch.write(before)
    assert switch.read() == before
