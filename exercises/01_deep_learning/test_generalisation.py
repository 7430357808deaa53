"""Grades generalisation.py: by what a split must be, and by data whose degree is known."""

import numpy as np
import pytest

from minitf.course.grading import expect, expect_true

pytestmark = pytest.mark.exercise("01/generalisation", points=15)


def noisy(c, n=40, noise=0.3, seed=1):
    """Return points near a polynomial with these coefficients, sorted by x."""
    random = np.random.default_rng(seed)
    x = np.sort(random.uniform(-2, 2, n))
    return x, sum(a * x**i for i, a in enumerate(c)) + random.normal(0, noise, n)


def test_every_row_is_in_exactly_one_part(work):
    train, hidden = work.split(20, 12, seed=3)
    expect([len(train), len(hidden)], [12, 8], "how many rows are fitted and hidden, of 20")
    expect(sorted(map(int, [*train, *hidden])), list(range(20)), "all rows of both parts, sorted",
           misconception="Each row belongs to exactly one of the two. A row in both would be "
           "judged by a model that has seen it.")  # fmt: skip


def test_the_rows_are_shuffled(work):
    train, _ = work.split(100, 50, seed=0)
    expect_true(max(train) >= 50, "fitted rows from all over the data", got=np.sort(train),
                misconception="Shuffle before you cut. Data are often sorted, and then the first "
                "half is unlike the second.")  # fmt: skip


def test_the_seed_decides(work):
    first, again, other = (work.split(30, 15, seed)[0] for seed in (1, 1, 2))
    expect(list(first), list(again), "the same split for the same seed",
           misconception="Make the generator from the seed inside the function: "
           "np.random.default_rng(seed).")  # fmt: skip
    expect_true(sorted(first) != sorted(other), "another split for another seed",
                misconception="The split must depend on the seed; otherwise all repeats are one "
                "and the same.")  # fmt: skip


def test_it_finds_a_polynomial_without_noise(work):
    x = np.linspace(-1, 2, 9)
    got = work.fit(x, 4 - 3 * x + 0.5 * x**3, 3)
    expect(len(got), 4, "the number of coefficients of a cubic",
           misconception="A polynomial of degree d has degree + 1 coefficients: the constant is "
           "one of them.")  # fmt: skip
    expect(got, np.array([4.0, -3.0, 0.0, 0.5]), "the coefficients of 4 - 3 x + 0.5 x^3",
           misconception="In this exercise the constant comes first, and the highest power last.",
           atol=1e-8)  # fmt: skip


def test_no_other_coefficients_fit_better(work):
    x, y = noisy([1.0, 2.0, -1.0], n=15)
    c = np.asarray(work.fit(x, y, 2))

    def squares(c):
        return sum((sum(a * u**i for i, a in enumerate(c)) - v) ** 2 for u, v in zip(x, y))

    moved = [squares(c + step) for step in 0.01 * np.vstack([np.eye(3), -np.eye(3)])]
    expect_true(min(moved) > squares(c), "coefficients whose error rises wherever one moves them",
                got=c)  # fmt: skip


def test_a_typical_error_has_the_unit_of_y(work):
    x, y = np.array([0.0, 1.0, 2.0]), np.array([1.0, 7.0, 3.0])
    got = work.typical_error(np.array([1.0, 1.0]), x, y)  # the errors are 0, -5 and 0
    wanted = 5 / np.sqrt(3)
    squared = np.isclose(got, wanted**2)
    expect(got, wanted, "the typical error for the errors 0, -5, 0",
           misconception="The mean of the squares is right, the root is missing: errors in metres "
           "have a typical size in metres." if squared else "Root of the mean of the squares, in "
           "this order.")  # fmt: skip


@pytest.mark.parametrize("c", [[1.0, 3.0], [0.0, -1.0, 0.0, 1.5]], ids=["a line", "a cubic"])
def test_it_finds_the_degree_behind_noisy_data(work, c):
    x, y = noisy(c)
    got = work.best_degree(x, y, range(9), n_train=20, repeats=40)
    expect(got, len(c) - 1, f"the best degree for data near a polynomial of degree {len(c) - 1}",
           misconception="The largest degree always fits best. If it won, it was judged by the "
           "rows it was fitted to: judge by the hidden ones." if got == 8 else "Average the error "
           "on hidden rows over all splits, for each degree.")  # fmt: skip


def test_it_chooses_only_among_the_degrees_given(work):
    x, y = noisy([0.0, 0.0, 2.0])
    expect(work.best_degree(x, y, [0, 1], 20, 20), 0, "the best of the degrees 0 and 1 for a "
           "parabola around zero, where a slope is of no use")  # fmt: skip
