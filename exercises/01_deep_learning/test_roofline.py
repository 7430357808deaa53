"""Grades roofline.py: by counting one by one, and by trying batches."""

import pytest

from minitf.course.grading import expect

pytestmark = pytest.mark.exercise("01/roofline", points=15)

A100 = {"peak": 19.5e12, "bandwidth": 2.039e12}  # 32 bits
H100 = {"peak": 989e12, "bandwidth": 3.35e12}  # 16 bits


def counted(m, k, n):
    """Return the operations of a product of matrices, counted while it is done in loops."""
    operations = 0
    for _ in range(m):
        for _ in range(n):
            for _ in range(k):
                operations += 2  # multiply, and add to the sum
    return operations


def test_a_product_of_matrices_is_counted(work):
    flops, _ = work.matmul_cost(3, 5, 4)
    expect(flops, counted(3, 5, 4), "the operations of (3, 5) @ (5, 4)",
           misconception="Each of the m * n results takes k multiplications and as many additions "
           "as multiplications.")  # fmt: skip


def test_three_arrays_move(work):
    _, moved = work.matmul_cost(3, 5, 4)
    expect(moved, 4 * (15 + 20 + 12), "the bytes of (3, 5) @ (5, 4) in 32 bits",
           misconception="Two arrays are read and one is written. The result must be written, "
           "too.")  # fmt: skip


def test_half_the_bits_are_half_the_bytes(work):
    full, half = work.matmul_cost(64, 64, 64), work.matmul_cost(64, 64, 64, itemsize=2)
    expect(half[0], full[0], "the operations in 16 bits: as many as in 32")
    expect(2 * half[1], full[1], "twice the bytes in 16 bits: as many as in 32",
           misconception="An element takes `itemsize` bytes.")  # fmt: skip


def test_elementwise_operations_are_counted(work):
    why = "One operation per result; the inputs are read and one result is written."
    expect(work.elementwise_cost(10, inputs=2), (10, 120), "an addition of ten elements",
           misconception=why)  # fmt: skip
    expect(work.elementwise_cost(10, inputs=1, itemsize=8), (10, 160), "ten square roots, 64 bits",
           misconception=why)  # fmt: skip


def test_the_slower_of_two_decides(work):
    why = ("Arithmetic and transport go on at the same time. The slower of the two decides; they "
           "are not added.")  # fmt: skip
    got = work.seconds_at_best(6e12, 1e12, peak=2e12, bandwidth=1e12)  # 3 s and 1 s
    expect(got, 3.0, "the time for 3 s of arithmetic and 1 s of transport", misconception=why)
    got = work.seconds_at_best(1e12, 8e12, peak=2e12, bandwidth=1e12)  # 0.5 s and 8 s
    expect(got, 8.0, "the time for 0.5 s of arithmetic and 8 s of transport", misconception=why)


def test_the_bound_has_a_name(work):
    why = "If the transport takes longer, memory is the limit; if the arithmetic does, compute."
    expect(work.bound(1e6, 12e6, **A100), "memory", "the bound of an addition", misconception=why)
    expect(work.bound(2e12, 12e6, **A100), "compute", "the bound of much arithmetic on few bytes",
           misconception=why)  # fmt: skip
    expect(work.bound(8.0, 2.0, peak=4.0, bandwidth=1.0), "compute",
           "the bound at the ridge itself",
           misconception="At the ridge both take equally long; the exercise calls that "
           "compute.")  # fmt: skip


@pytest.mark.parametrize(
    ("width", "machine", "itemsize", "wanted"),
    # b is the smallest with 2 b w w / (itemsize (w w + 2 b w)) >= peak / bandwidth
    [(4096, A100, 4, 20), (1024, A100, 4, 20), (64, A100, 4, 48), (4096, H100, 2, 345)],
    ids=["A100", "A100, narrower", "A100, very narrow", "H100, 16 bits"],
)
def test_the_smallest_batch_that_is_bound_by_compute(work, width, machine, itemsize, wanted):
    got = work.smallest_batch(width, **machine, itemsize=itemsize)
    expect(got, wanted, f"the smallest batch for a layer of width {width}",
           misconception="Inputs and outputs of the layer move, too, and the more, the larger the "
           "batch: (batch, width) in and out, besides the weights (width, width).")  # fmt: skip


def test_one_example_may_be_enough(work):
    got = work.smallest_batch(512, peak=1e9, bandwidth=1e11)
    expect(got, 1, "the smallest batch on a machine that computes slower than it moves")


def test_some_layers_are_never_bound_by_compute(work):
    expect(work.smallest_batch(256, **H100, itemsize=2), None, "the smallest batch for a layer of "
           "width 256 on an H100", misconception="Inputs and outputs of the layer move, too. Their "
           "bytes grow with the batch as the operations do, so the intensity stays below "
           "width / itemsize.")  # fmt: skip
