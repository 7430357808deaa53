"""tf.test: assertions on tensors, for the unit tests of programs."""

import os
import subprocess
import sys
import unittest
from pathlib import Path

import numpy as np
import pytest

import minitf as tf

unit = tf.test.TestCase()


@pytest.mark.parametrize(
    ("assertion", "fine", "wrong"),
    [
        (unit.assertAllEqual, ([1, 2], tf.constant([1, 2])), ([1, 2], [1, 3])),
        (unit.assertAllEqual, ([np.nan], [np.nan]), ([1, 1], 1)),
        (unit.assertAllEqual, (tf.constant("a"), b"a"), (["a"], tf.constant(["b"]))),
        (unit.assertNotAllEqual, ([1, 2], [1, 3]), ([1, 2], tf.constant([1, 2]))),
        (unit.assertAllClose, ([1.0], tf.constant([1.0 + 1e-7])), ([1.0], [1.1])),
        (unit.assertAllClose, ([1.0], [1.1], 0.2), ([1.0], [1.1], 0.0, 0.01)),
        (unit.assertAllClose, ({"a": [tf.ones(2)]}, {"a": [[1, 1]]}), ({"a": 1}, {"b": 1})),
        (unit.assertAllClose, ([tf.ones(2), 3.0], ([1, 1], 3)), ([[1], [2, 3]], [[1], [2, 4]])),
        (unit.assertAllClose, ([], []), ([1.0], [])),
        (unit.assertNotAllClose, ([1.0], [2.0]), ([1.0], [1.0])),
        (unit.assertShapeEqual, (np.zeros(3), tf.zeros(3)), (np.zeros(3), tf.zeros([3, 1]))),
        (unit.assertDTypeEqual, (tf.ones(1), np.float32), (tf.ones(1), np.float64)),
        (unit.assertNear, (1.0, 1.1, 0.2), (1.0, 1.1, 0.05)),
        (unit.assertAllGreater, ([2, 3], 1), ([1, 3], 1)),
        (unit.assertAllGreaterEqual, ([2, 3], 2), (tf.constant([1, 3]), 2)),
        (unit.assertAllLess, ([2, 3], 4), ([2, 3], 3)),
        (unit.assertAllLessEqual, ([2, 3], 3), ([2, 3], 2)),
        (unit.assertAllInRange, ([0, 1], 0, 1), ([0, 1], 0, 1, True)),
        (unit.assertAllInRange, ([0, 1], 0, 2, False, True), ([0, 1], 0, 1, False, True)),
        (unit.assertAllInSet, ([[0, 1]], [0, 1, 2]), ([0, 3], [0, 1])),
        (unit.assertLen, ("ab", 2), ("ab", 3)),
        (unit.assertEmpty, ([],), ([1],)),
        (unit.assertNotEmpty, ([1],), ([],)),
    ],
)
def test_an_assertion_holds_or_fails(assertion, fine, wrong):
    assertion(*fine)
    with pytest.raises(AssertionError):
        assertion(*wrong)


def test_values_of_structures():
    found = unit.evaluate({"a": tf.constant([1, 2]), "b": (tf.Variable(3.0), 4)})
    assert found["a"].tolist() == [1, 2]
    assert found["b"] == (3.0, 4)


def test_in_a_unit_test(tmp_path):
    drawn, folders = [], []

    class Program(tf.test.TestCase):
        def test_once(self):
            drawn.append((float(tf.random.normal([])), np.random.rand()))

        test_again = test_once

        def test_folder(self):
            folders.append(self.get_temp_dir())
            assert self.get_temp_dir() == folders[0]
            (tmp_path / "was there").write_text(str(Path(folders[0]).is_dir()))

        def test_fails(self):
            self.assertAllClose(1.0, 2.0, msg="as it should")

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Program).run(result)
    assert result.testsRun == 4
    assert [case.id().rpartition(".")[2] for case, _ in result.failures] == ["test_fails"]
    assert "as it should" in result.failures[0][1]
    assert drawn[0] == drawn[1]
    assert (tmp_path / "was there").read_text() == "True"
    assert not Path(folders[0]).exists()


def test_a_program_of_tests(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import minitf as tf\n"
        "class T(tf.test.TestCase):\n"
        "    def test_it(self):\n"
        "        self.assertAllEqual(tf.range(2), [0, 1])\n"
        "tf.test.main()\n"
    )
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(
        [sys.executable, program],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, "Ran 1 test" in done.stderr) == (0, True), done.stderr


def test_what_the_machine_has():
    has = bool(tf.config.list_physical_devices("GPU"))
    assert tf.test.is_built_with_cuda() == tf.test.is_gpu_available() == has
    assert bool(tf.test.gpu_device_name()) == has
    assert tf.config.get_visible_devices("CPU") == tf.config.list_physical_devices("CPU")


def test_wishes_are_kept():
    assert tf.config.get_soft_device_placement()
    tf.config.set_soft_device_placement(False)
    assert not tf.config.get_soft_device_placement()
    tf.config.set_soft_device_placement(True)
    tf.config.optimizer.set_jit(True)
    assert tf.config.optimizer.get_jit() == "autoclustering"
    tf.config.optimizer.set_jit("")
    assert tf.config.optimizer.get_jit() == ""
    tf.config.experimental_run_functions_eagerly(True)
    assert tf.config.experimental_functions_run_eagerly()
    tf.config.experimental_run_functions_eagerly(False)
