"""`tf.test`: assertions on tensors for unit tests, and what the machine has."""

from __future__ import annotations

import random
import tempfile
import unittest
from collections.abc import Mapping
from typing import Any

import numpy as np

from minitf.graph.convert import is_tensor
from minitf.graph.nest import is_nested, map_structure
from minitf.kernels.cuda import available
from minitf.ops.seeds import set_seed

SEED = 87654321  # TensorFlow's


class TestCase(unittest.TestCase):
    """A unittest.TestCase with assertions on tensors, arrays and nested structures of them.

    Before each test the random numbers of Python, NumPy and minitf begin anew.

    Examples
    --------
    >>> import minitf as tf
    >>> class Squares(tf.test.TestCase):
    ...     def test_some(self):
    ...         self.assertAllClose(tf.square([1.0, 3.0]), [1.0, 9.0])
    >>> Squares("test_some").run().wasSuccessful()
    True
    """

    maxDiff = None

    def setUp(self) -> None:
        """Begin the random numbers anew."""
        super().setUp()
        random.seed(SEED)
        np.random.seed(SEED)
        set_seed(SEED)

    def get_temp_dir(self) -> str:
        """Return a directory that is deleted after the test."""
        if not hasattr(self, "_directory"):
            self._directory = tempfile.TemporaryDirectory()
            self.addCleanup(self._directory.cleanup)
        return self._directory.name

    def evaluate(self, tensors: Any) -> Any:
        """Return tensors, or nested structures of them, as arrays."""
        return map_structure(_array, tensors) if is_nested(tensors) else _array(tensors)

    # -- equality -----------------------------------------------------------------------------

    def assertAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Fail unless two tensors have one shape and equal elements; NaN equals NaN."""
        self._check_shapes(a, b, msg)
        np.testing.assert_array_equal(self.evaluate_array(a), self.evaluate_array(b), msg or "")

    def assertNotAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Fail if two tensors have equal elements everywhere."""
        self._check_differs(self.assertAllEqual, a, b, msg)

    def assertAllClose(
        self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None
    ) -> None:
        """Fail unless ``abs(a - b) <= atol + rtol * abs(b)`` everywhere, in structures too."""
        if isinstance(a, Mapping) or isinstance(b, Mapping):
            self.assertEqual(set(a), set(b), msg)
            for key in a:
                self.assertAllClose(a[key], b[key], rtol, atol, msg or f"at {key!r}")
        elif self._has_parts(a) or self._has_parts(b):
            self.assertEqual(len(a), len(b), msg)
            for i, (x, y) in enumerate(zip(a, b, strict=True)):
                self.assertAllClose(x, y, rtol, atol, msg or f"at {i}")
        else:
            self._check_shapes(a, b, msg)
            np.testing.assert_allclose(self.evaluate_array(a), self.evaluate_array(b), rtol, atol,
                                       err_msg=msg or "")  # fmt: skip

    def assertNotAllClose(
        self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None
    ) -> None:
        """Fail if two tensors are close everywhere."""
        self._check_differs(lambda x, y: self.assertAllClose(x, y, rtol, atol), a, b, msg)

    def assertNear(self, f1: float, f2: float, err: float, msg: str | None = None) -> None:
        """Fail unless two numbers are at most ``err`` apart."""
        self.assertTrue(f1 == f2 or abs(f1 - f2) <= err, msg or f"{f1} and {f2} are not near")

    def assertShapeEqual(self, input_a: Any, input_b: Any, msg: str | None = None) -> None:
        """Fail unless two tensors have one shape."""
        self._check_shapes(input_a, input_b, msg)

    def assertDTypeEqual(self, target: Any, expected_dtype: Any) -> None:
        """Fail unless a tensor is of a type."""
        self.assertEqual(target.dtype, expected_dtype)

    # -- order --------------------------------------------------------------------------------

    def assertAllGreater(self, a: Any, comparison_target: Any) -> None:
        """Fail unless all elements are greater than a number."""
        self.assertGreater(self.evaluate_array(a).min(), comparison_target)

    def assertAllLess(self, a: Any, comparison_target: Any) -> None:
        """Fail unless all elements are less than a number."""
        self.assertLess(self.evaluate_array(a).max(), comparison_target)

    def assertAllGreaterEqual(self, a: Any, comparison_target: Any) -> None:
        """Fail unless no element is less than a number."""
        self.assertGreaterEqual(self.evaluate_array(a).min(), comparison_target)

    def assertAllLessEqual(self, a: Any, comparison_target: Any) -> None:
        """Fail unless no element is greater than a number."""
        self.assertLessEqual(self.evaluate_array(a).max(), comparison_target)

    def assertAllInRange(
        self, target: Any, lower_bound: Any, upper_bound: Any, open_lower_bound: bool = False,
        open_upper_bound: bool = False,
    ) -> None:  # fmt: skip
        """Fail unless all elements lie between two numbers, or on them unless that side is open."""
        (self.assertAllGreater if open_lower_bound else self.assertAllGreaterEqual)(
            target, lower_bound
        )
        (self.assertAllLess if open_upper_bound else self.assertAllLessEqual)(target, upper_bound)

    def assertAllInSet(self, target: Any, expected_set: Any) -> None:
        """Fail unless all elements are members of a set."""
        self.assertLessEqual(set(self.evaluate_array(target).reshape(-1).tolist()),
                             set(expected_set))  # fmt: skip

    # -- collections --------------------------------------------------------------------------

    def assertLen(self, container: Any, expected_len: int, msg: str | None = None) -> None:
        """Fail unless something has a length."""
        self.assertEqual(len(container), expected_len, msg)

    def assertEmpty(self, container: Any, msg: str | None = None) -> None:
        """Fail unless something has no elements."""
        self.assertLen(container, 0, msg)

    def assertNotEmpty(self, container: Any, msg: str | None = None) -> None:
        """Fail unless something has elements."""
        self.assertGreater(len(container), 0, msg)

    # -- details ------------------------------------------------------------------------------

    def evaluate_array(self, value: Any) -> np.ndarray[Any, Any]:
        """Return a tensor, or a list of tensors of one shape, as an array."""
        return np.asarray(self.evaluate(value))

    def _has_parts(self, value: Any) -> bool:
        """Return whether a value is a list that is no tensor, such as one of weights."""
        if not isinstance(value, (list, tuple)):
            return False
        try:
            return bool(self.evaluate_array(value).dtype.hasobject)
        except ValueError:
            return True

    def _check_shapes(self, a: Any, b: Any, msg: str | None) -> None:
        self.assertEqual(self.evaluate_array(a).shape, self.evaluate_array(b).shape, msg)

    def _check_differs(self, check: Any, a: Any, b: Any, msg: str | None) -> None:
        try:
            check(a, b)
        except AssertionError:
            return
        self.fail(msg or "the two are alike in all elements")


def _array(value: Any) -> Any:
    return value.numpy() if is_tensor(value) else value


def main(argv: Any = None) -> None:
    """Run the tests of the program that calls this."""
    unittest.main(argv=argv)


def is_built_with_cuda() -> bool:
    """Return whether `/gpu:0` can be used."""
    return available()


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: Any = None) -> bool:
    """Return whether `/gpu:0` can be used."""
    return available()


def gpu_device_name() -> str:
    """Return the name of the GPU, or "".

    Examples
    --------
    >>> import minitf as tf
    >>> tf.test.gpu_device_name() in ("", "/device:GPU:0")
    True
    """
    return "/device:GPU:0" if available() else ""
