"""Checkpoints: whole or not at all, and nothing but what they promise."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import minitf as tf


@pytest.fixture
def saved(tmp_path):
    """A model, and the path of its checkpoint."""
    model = tf.Module()
    model.layers = [{"w": tf.Variable([[1.0, 2.0]]), "b": tf.Variable([3.0])}]
    model.count = tf.Variable(7, dtype=tf.int64)
    return model, tf.train.Checkpoint(model=model).write(tmp_path / "deep" / "model")


def test_values_come_back(saved):
    model, path = saved
    model.layers[0]["w"].assign([[0.0, 0.0]])
    model.count.assign(0)
    tf.train.Checkpoint(model=model).read(path).assert_consumed()
    assert model.layers[0]["w"].numpy().tolist() == [[1.0, 2.0]]
    assert model.count.numpy() == 7


def test_equal_values_give_equal_files(saved, tmp_path):
    model, path = saved
    again = tf.train.Checkpoint(model=model).write(tmp_path / "again")
    assert Path(f"{path}.ckpt").read_bytes() == Path(f"{again}.ckpt").read_bytes()


def test_missing_and_surplus_names_are_named(saved):
    model, path = saved
    other = tf.Module()
    other.count, other.new = model.count, tf.Variable(1.0)
    status = tf.train.Checkpoint(model=other).read(path)
    assert status.missing == ["model/new"]
    assert status.surplus == ["model/layers/0/b", "model/layers/0/w"]
    with pytest.raises(KeyError, match="model/new"):
        status.assert_consumed()
    assert status.expect_partial() is status


@pytest.mark.parametrize(("value", "error"), [([[0.0]], ValueError), ([[0, 0]], TypeError)])
def test_a_value_that_does_not_fit_changes_nothing(saved, value, error):
    model, path = saved
    model.count.assign(1)
    model.layers[0]["w"] = tf.Variable(value)
    with pytest.raises(error, match="model/layers/0/w"):
        tf.train.Checkpoint(model=model).read(path)
    assert model.count.numpy() == 1


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_short(saved, share):
    model, path = saved
    with open(f"{path}.ckpt", "r+b") as file:
        file.truncate(int(share * file.seek(0, io.SEEK_END)))
    with pytest.raises(OSError, match=r"model\.ckpt"):
        tf.train.Checkpoint(model=model).read(path)


def test_every_flipped_bit_is_noticed_or_harmless(saved):
    model, path = saved
    file = Path(f"{path}.ckpt")
    content = file.read_bytes()
    variables = [*model.layers[0].values(), model.count]
    before = [v.numpy().tolist() for v in variables]
    for place in range(0, len(content), 7):
        altered = bytearray(content)
        altered[place] ^= 1 << (place % 8)
        file.write_bytes(altered)
        try:
            status = tf.train.Checkpoint(model=model).read(path)
        except OSError:
            continue
        assert not status.missing
        assert [v.numpy().tolist() for v in variables] == before


def rewritten(path, change):
    """Rewrite a checkpoint's archive entry by entry."""
    with zipfile.ZipFile(f"{path}.ckpt") as old:
        entries = {name: old.read(name) for name in old.namelist()}
    entries = change(entries)
    with zipfile.ZipFile(f"{path}.ckpt", "w") as new:
        for name, content in entries.items():
            new.writestr(name, content)


def manifest_with(entries, **changes):
    manifest = json.loads(entries["manifest.json"])
    manifest["entries"]["model/count"] |= changes
    return entries | {"manifest.json": json.dumps(manifest)}


FORGERIES = {
    "foreign": lambda e: e | {"manifest.json": json.dumps({"format": "other"})},
    "newer": lambda e: e | {"manifest.json": e["manifest.json"].replace(b'n": 1', b'n": 9')},
    "no manifest": lambda e: {k: v for k, v in e.items() if k != "manifest.json"},
    "one entry too many": lambda e: e | {"../evil.py": b"print('here')"},
    "a path that leads outside": lambda e: manifest_with(e, file="../../evil.npy"),
    "a wrong shape": lambda e: manifest_with(e, shape=[2, 2]),
    "a huge shape": lambda e: manifest_with(e, shape=[10**12]),
    "a pickle": lambda e: manifest_with(e, dtype="object"),
    "a larger value": lambda e: e | {"values/0.npy": e["values/0.npy"] + b"x" * 10**6},
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forgeries_are_refused(saved, forgery, tmp_path):
    model, path = saved
    rewritten(path, FORGERIES[forgery])
    with pytest.raises(OSError, match=r"model\.ckpt"):
        tf.train.Checkpoint(model=model).read(path)
    assert not list(tmp_path.rglob("evil*"))


def test_there_is_no_such_file(tmp_path):
    with pytest.raises(OSError, match="nothing"):
        tf.train.Checkpoint(v=tf.Variable(1.0)).read(tmp_path / "nothing")


KILLED = """
import os, sys
import minitf as tf
v = tf.Variable(tf.ones([1000]) * 2.0)
os.fsync = lambda handle: os._exit(9)  # the power fails before the bytes are safe
tf.train.Checkpoint(v=v).write(sys.argv[1])
"""


def test_a_process_killed_while_saving_leaves_the_old_file(tmp_path):
    v = tf.Variable(tf.ones([1000]))
    path = tf.train.Checkpoint(v=v).write(tmp_path / "model")
    done = subprocess.run([sys.executable, "-c", KILLED, path], timeout=60)
    assert done.returncode == 9
    v.assign(tf.zeros([1000]))
    tf.train.Checkpoint(v=v).read(path).assert_consumed()
    assert v.numpy().tolist() == [1.0] * 1000


@pytest.mark.parametrize("built", [False, True])
def test_an_optimizer_goes_on_where_it_stopped(tmp_path, built):
    def step(w, optimizer):
        optimizer.apply_gradients([(2.0 * w, w)])

    w, optimizer = tf.Variable([1.0, -2.0]), tf.optimizers.Adam(0.1)
    step(w, optimizer)
    path = tf.train.Checkpoint(w=w, optimizer=optimizer).write(tmp_path / "model")
    other, fresh = tf.Variable([0.0, 0.0]), tf.optimizers.Adam(0.5)
    if built:
        fresh.build([other])
    tf.train.Checkpoint(w=other, optimizer=fresh).read(path).assert_consumed()
    step(w, optimizer)
    step(other, fresh)
    np.testing.assert_array_equal(other.numpy(), w.numpy())


def test_a_manager_keeps_the_newest(tmp_path):
    v = tf.Variable(0.0)
    manager = tf.train.CheckpointManager(tf.train.Checkpoint(v=v), tmp_path, max_to_keep=2)
    for n in range(12):
        v.assign(float(n))
        manager.save()
    names = [p.rpartition("-")[2] for p in manager.checkpoints]
    assert names == ["11", "12"]
    assert tf.train.latest_checkpoint(tmp_path) == manager.latest_checkpoint
    v.assign(0.0)
    tf.train.Checkpoint(v=v).restore(manager.latest_checkpoint)
    assert float(v) == 11.0
