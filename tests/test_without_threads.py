"""Where Python cannot start threads, as in a browser, everything runs in the one there is."""

import subprocess
import sys

PROGRAM = """
import sys
import threading

def start(self):
    raise RuntimeError("can't start new thread")

import numpy
sys.platform = "emscripten"
sys.modules["numba"] = None
threading.Thread.start = start

import minitf as tf
from minitf import keras

numbers = tf.data.Dataset.range(8)
print([int(n) for n in numbers.prefetch(2)])
print([int(n) for n in numbers.map(lambda n: n + 1, num_parallel_calls=4)])
print([int(n) for n in numbers.interleave(
    lambda n: tf.data.Dataset.from_tensors(n), cycle_length=2, num_parallel_calls=2)])

@tf.function
def both(x):
    with tf.device("/cpu:0"):
        y = x @ x
    with tf.device("/cpu:1"):
        z = x + x
    return y + z

print(both(tf.eye(2)).numpy().tolist())

x = numpy.eye(4, dtype="float32")
model = keras.Sequential([keras.layers.Dense(4)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
history = model.fit(x, numpy.arange(4), epochs=40, verbose=0)
print(history.history["loss"][-1] < history.history["loss"][0])
"""


def test_all_of_it_runs_without_threads():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        str(list(range(8))),
        str(list(range(1, 9))),
        str(list(range(8))),
        "[[3.0, 0.0], [0.0, 3.0]]",
        "True",
    ]
