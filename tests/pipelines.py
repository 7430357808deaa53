"""What the tests of input pipelines have in common."""

import gc
import threading
import time

import pytest

import minitf as tf
from minitf.data.background import NAME


def plain(element):
    """Return an element as Python values; a dataset as the list of its elements."""
    if isinstance(element, dict):
        return {k: plain(v) for k, v in element.items()}
    if isinstance(element, tuple):
        return tuple(map(plain, element))
    if isinstance(element, tf.data.Dataset):
        return contents(element)
    return element.numpy().tolist() if element.shape else element.item()


def contents(dataset):
    return [plain(element) for element in dataset]


def threads():
    return [t for t in threading.enumerate() if t.name.startswith(NAME)]


def slowly(x):
    time.sleep(0.002)
    return x


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    if threads():
        gc.collect()
    end = time.monotonic() + 5
    while threads() and time.monotonic() < end:
        time.sleep(0.01)
    assert threads() == []
