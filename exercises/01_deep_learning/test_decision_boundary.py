"""Grades decision_boundary.py: on shapes whose boundary is known, and against plain loops."""

import numpy as np
import pytest

from minitf.course.grading import expect, expect_raises, expect_true

pytestmark = pytest.mark.exercise("01/decision_boundary", points=15)


def half_plane(points):
    """Probabilities that pass one half at x1 + 2 x2 = 1."""
    return 1 / (1 + np.exp(-3 * (points @ [1.0, 2.0] - 1)))


def ring(points):
    """Probability 1 between the circles of radius 1 and 2, else 0."""
    radius = np.linalg.norm(points, axis=1)
    return ((radius > 1) & (radius < 2)).astype(float)


def test_a_grid_goes_row_by_row(work):
    wanted = np.array([[u, v] for v in (0.0, 3.0, 6.0) for u in (0.0, 3.0, 6.0)])
    expect(work.grid(0.0, 6.0, 3), wanted, "a grid of three by three points from 0 to 6",
           misconception="The first coordinate changes fastest: the first three points are the "
           "lowest row. And both ends included.")  # fmt: skip


def test_a_fine_grid_reaches_both_ends(work):
    got = np.asarray(work.grid(-2.0, 2.0, 41))
    expect(got.shape, (1681, 2), "the shape of a grid of 41 by 41 points")
    expect([got[0], got[-1]], [np.array([-2.0, -2.0]), np.array([2.0, 2.0])],
           "its first and last point",
           misconception="Both coordinates go from low to high, ends included.")  # fmt: skip


def test_cells_inside_a_class_are_not_crossed(work):
    yes = np.ones((4, 5), bool)
    expect(work.cells(yes), np.zeros((3, 4), bool), "the cells of a grid where every answer is yes",
           misconception="Only cells whose corners disagree are crossed, not those that lie inside "
           "a class.")  # fmt: skip
    expect(work.cells(~yes), np.zeros((3, 4), bool), "the cells where every answer is no")


def test_a_level_boundary_is_found(work):
    yes = np.array([[0, 0, 0], [1, 1, 1], [1, 1, 1]], bool)
    expect(work.cells(yes), np.array([[1, 1], [0, 0]], bool),
           "the cells between a row of no and two rows of yes",
           misconception="All four corners count. A boundary may enter a cell from below as well "
           "as from the left.")  # fmt: skip


def test_one_yes_among_noes_marks_four_cells(work):
    yes = np.zeros((5, 5), bool)
    yes[2, 3] = True
    wanted = np.zeros((4, 4), bool)
    for i in range(4):
        for j in range(4):
            answers = {bool(yes[i + di, j + dj]) for di in (0, 1) for dj in (0, 1)}
            wanted[i, j] = len(answers) == 2
    expect(work.cells(yes), wanted, "the cells around a single yes")


def test_a_crossing_lies_on_the_boundary(work):
    a, b = np.array([-3.0, 0.0]), np.array([2.0, 2.5])  # no at a, yes at b
    got = np.asarray(work.crossing(half_plane, a, b))
    t = (1 - a @ [1, 2]) / ((b - a) @ [1, 2])  # where a + t (b - a) has x1 + 2 x2 = 1
    expect(got, a + t * (b - a), "the crossing of a straight boundary",
           misconception="Ask in the middle, and keep the half whose ends disagree: there the "
           "boundary is.", atol=1e-8)  # fmt: skip


def test_it_does_not_matter_which_end_says_yes(work):
    a, b = np.array([0.0, 3.0]), np.array([0.0, -1.0])  # yes at a, no at b
    expect(work.crossing(half_plane, a, b), np.array([0.0, 0.5]), "the crossing from yes to no",
           misconception="The first end may be the one that says yes. Compare the middle with what "
           "`a` says, not with no.", atol=1e-8)  # fmt: skip


def test_a_jump_is_found_too(work):
    got = np.asarray(work.crossing(ring, np.array([0.0, 0.0]), np.array([0.0, 1.9])))
    expect(got, np.array([0.0, 1.0]), "the crossing where a probability jumps from 0 to 1",
           misconception="Compare answers, not probabilities: there may be no point with exactly "
           "one half.", atol=1e-8)  # fmt: skip


def test_the_number_of_steps_is_the_number_of_halvings(work):
    a, b = np.array([0.0, 0.0]), np.array([1.9, 0.0])
    for steps in (4, 30):
        off = abs(float(work.crossing(ring, a, b, steps)[0]) - 1.0)
        expect_true(off <= 1.9 / 2**steps, f"a crossing within 1.9 / 2**{steps} of the boundary",
                    got=off, misconception="Halve the way `steps` times: each time the distance "
                    "to the boundary is bounded by half of what it was.")  # fmt: skip


def test_two_ends_of_one_class_are_refused(work):
    a, b = np.array([-3.0, 0.0]), np.array([3.0, 0.0])  # outside, on both sides of the ring
    expect_raises(ValueError, lambda: work.crossing(ring, a, b), "two points of the same class",
                  misconception="With equal answers at both ends, bisection returns a point that "
                  "means nothing. Say so.")  # fmt: skip
