"""Checkpoints: whole or not at all, and nothing but what they promise."""

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import minitf as tf
from minitf import keras
from minitf.errors import (
    DataError,
    DataLossError,
    DTypeError,
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    ShapeError,
)

ROOT = Path(__file__).parent.parent


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
setattr(os, sys.argv[2], lambda *names: os._exit(9))  # the power fails
tf.train.Checkpoint(v=v).write(sys.argv[1])
"""


@pytest.mark.parametrize("moment", ["fsync", "replace"])  # before the bytes are safe, and after
def test_a_process_killed_while_saving_leaves_the_old_file(tmp_path, moment):
    v = tf.Variable(tf.ones([1000]))
    path = tf.train.Checkpoint(v=v).write(tmp_path / "model")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", KILLED, path, moment]
    done = subprocess.run(command, timeout=60, env=environment)
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


# ---- what is saved


@pytest.mark.parametrize("dtype", [tf.float16, tf.float32, tf.float64, tf.int8, tf.uint8, tf.int64,
                                   tf.bool], ids=str)  # fmt: skip
@pytest.mark.parametrize("shape", [(), (3,), (0, 4), (2, 1, 3)], ids=str)
def test_every_dtype_and_shape_comes_back(tmp_path, dtype, shape):
    values = np.random.default_rng(0).integers(0, 2, shape).astype(dtype.numpy)
    v = tf.Variable(values, dtype=dtype)
    path = tf.train.Checkpoint(v=v).write(tmp_path / "model")
    v.assign(np.ones(shape, dtype.numpy))
    tf.train.Checkpoint(v=v).read(path).assert_consumed()
    assert v.numpy().dtype == values.dtype
    np.testing.assert_array_equal(v.numpy(), values)


def test_special_numbers_come_back_bit_by_bit(tmp_path):
    values = np.float32([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-45])
    v = tf.Variable(values)
    path = tf.train.Checkpoint(v=v).write(tmp_path / "model")
    v.assign(np.zeros(6, np.float32))
    tf.train.Checkpoint(v=v).read(path)
    assert v.numpy().tobytes() == values.tobytes()


def test_an_object_as_the_root(tmp_path):
    module = tf.Module()
    module.v = tf.Variable(1.0)
    checkpoint = tf.train.Checkpoint(module)
    module.later = tf.Variable(2.0)  # found when it is saved
    checkpoint.step = tf.Variable(3)
    path = checkpoint.write(tmp_path / "model")
    with zipfile.ZipFile(f"{path}.ckpt") as archive:
        names = json.loads(archive.read("manifest.json"))["entries"]
    assert sorted(names) == ["later", "step", "v"]


def test_a_circle_of_modules(tmp_path):
    a, b = tf.Module(), tf.Module()
    a.other, b.other, b.v = b, a, tf.Variable(1.0)
    path = tf.train.Checkpoint(a=a).write(tmp_path / "model")
    b.v.assign(5.0)
    tf.train.Checkpoint(a=a).read(path).assert_consumed()
    assert float(b.v) == 1.0


def test_two_variables_of_one_name_are_refused(tmp_path):
    model = {"a/b": tf.Variable(1.0), "a": {"b": tf.Variable(2.0)}}
    with pytest.raises(InvalidArgumentError, match="m/a/b"):
        tf.train.Checkpoint(m=model).write(tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_names_that_are_taken_are_refused():
    with pytest.raises(InvalidArgumentError, match="'read' is taken"):
        tf.train.Checkpoint(read=tf.Variable(1.0))


def test_what_cannot_be_saved_leaves_no_file(tmp_path):
    with pytest.raises(DTypeError, match="'s' holds no numbers"):
        tf.train.Checkpoint(s=tf.Variable(["text"])).write(tmp_path / "model")
    with tf.Graph().as_default():
        v = tf.Variable(tf.zeros([2]), name="fresh")
    with pytest.raises(FailedPreconditionError, match="fresh"):
        tf.train.Checkpoint(v=v).write(tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_restoring_inside_of_a_graph_acts_at_once(tmp_path):
    path = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).write(tmp_path / "model")
    with tf.Graph().as_default() as graph:
        v = tf.Variable(tf.zeros([2]))
        count = len(graph.operations)
        tf.train.Checkpoint(v=v).read(path).assert_consumed()
        assert len(graph.operations) == count
        with tf.Session() as session:
            assert session.run(v).tolist() == [1.0, 2.0]


# ---- damaged and foreign files


@pytest.fixture
def target():
    """Return Variables of the form of `saved`, and a function that says that they are untouched."""
    model = tf.Module()
    model.layers = [{"w": tf.Variable([[8.0, 8.0]]), "b": tf.Variable([8.0])}]
    model.count = tf.Variable(8, dtype=tf.int64)
    variables = [*model.layers[0].values(), model.count]
    return model, lambda: all((v.numpy() == 8).all() for v in variables)


def read_damaged(content, tmp_path, model):
    (tmp_path / "damaged.ckpt").write_bytes(content)
    return tf.train.Checkpoint(model=model).read(tmp_path / "damaged")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_happens_to_the_bytes_nothing_changes(saved, target, tmp_path, data):
    _, path = saved
    model, is_untouched = target
    content = bytearray(Path(f"{path}.ckpt").read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    how = data.draw(st.sampled_from(["cut", "overwrite", "insert", "remove", "double"]))
    if how == "cut":
        del content[place:]
    elif how == "overwrite":
        junk = data.draw(st.binary(min_size=1, max_size=8))
        content[place : place + len(junk)] = junk
    elif how == "insert":
        content[place:place] = data.draw(st.binary(min_size=1, max_size=8))
    elif how == "remove":
        del content[place : place + data.draw(st.integers(1, 50))]
    else:
        content += content[place:]
    try:
        read_damaged(bytes(content), tmp_path, model)
    except DataError:
        assert is_untouched()
        return
    # It may be harmless (a date, a byte that nobody reads), but then it is all there.
    assert [model.layers[0]["w"].numpy().tolist(), int(model.count)] == [[[1.0, 2.0]], 7]
    for v, value in [(model.layers[0]["w"], [[8.0, 8.0]]), (model.layers[0]["b"], [8.0]),
                     (model.count, 8)]:  # fmt: skip
        v.assign(value)


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive at all", b"\x93NUMPY" + b"x" * 100])
def test_files_of_another_kind(target, tmp_path, content):
    model, is_untouched = target
    with pytest.raises(DataLossError, match=r"damaged\.ckpt is damaged or is no checkpoint"):
        read_damaged(content, tmp_path, model)
    assert is_untouched()


STRANGE_MANIFESTS = {
    "a list": "[]",
    "null": "null",
    "no entries": '{"format": "minitf checkpoint", "version": 1}',
    "entries in a list": '{"format": "minitf checkpoint", "version": 1, "entries": []}',
    "an entry that is a number": (
        '{"format": "minitf checkpoint", "version": 1, "entries": {"a": 1}}'
    ),
    "an entry without a file": (
        '{"format": "minitf checkpoint", "version": 1, "entries": {"a": {}}}'
    ),
    "deep": "[" * 100_000,
    "not text": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("manifest", STRANGE_MANIFESTS)
def test_strange_manifests(saved, target, tmp_path, manifest):
    model, is_untouched = target
    rewritten(saved[1], lambda e: e | {"manifest.json": STRANGE_MANIFESTS[manifest]})
    with pytest.raises(DataError, match=r"damaged\.ckpt"):
        read_damaged(Path(f"{saved[1]}.ckpt").read_bytes(), tmp_path, model)
    assert is_untouched()


def consistent(entries, name, raw, **changes):
    """Return entries in which a value is another, and the manifest says so."""
    import hashlib

    manifest = json.loads(entries["manifest.json"])
    entry = manifest["entries"][name]
    entry |= {"sha256": hashlib.sha256(raw).hexdigest()} | changes
    return entries | {entry["file"]: raw, "manifest.json": json.dumps(manifest)}


def npy(array, **header):
    out = io.BytesIO()
    content = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape} | header
    np.lib.format.write_array_header_1_0(out, content)
    return out.getvalue() + array.tobytes()


@pytest.mark.parametrize(
    "header",
    [{"shape": (2**40,)}, {"shape": (2,)}, {"shape": ()}, {"shape": (-1,)}, {"descr": "|O"},
     {"descr": "<f8"}, {"descr": "<M8[s]"}, {"descr": [("a", "<i8")]}],
    ids=str,
)  # fmt: skip
def test_a_value_that_lies_about_itself(saved, target, tmp_path, header):
    """With a right checksum, as an attacker would write it; nothing is made as large as it says."""
    model, is_untouched = target
    raw = npy(np.int64([7]), **header)
    rewritten(saved[1], lambda e: consistent(e, "model/count", raw, shape=[1]))
    tracemalloc.start()
    try:
        with pytest.raises((DataError, ShapeError, DTypeError)):
            read_damaged(Path(f"{saved[1]}.ckpt").read_bytes(), tmp_path, model)
        assert tracemalloc.get_traced_memory()[1] < 10**7
    finally:
        tracemalloc.stop()
    assert is_untouched()


def test_a_value_and_a_manifest_that_lie_alike(saved, target, tmp_path):
    model, is_untouched = target
    raw = npy(np.int64([7]), shape=(2**24,))
    rewritten(saved[1], lambda e: consistent(e, "model/count", raw, shape=[2**24]))
    tracemalloc.start()
    try:
        with pytest.raises(DataLossError, match="as long as its shape says"):
            read_damaged(Path(f"{saved[1]}.ckpt").read_bytes(), tmp_path, model)
        assert tracemalloc.get_traced_memory()[1] < 10**7
    finally:
        tracemalloc.stop()
    assert is_untouched()


@pytest.mark.parametrize("name", ["manifest.json", "values/0.npy"])
def test_a_bomb_is_not_unpacked(saved, target, tmp_path, name):
    """A short file that would become very long."""
    model, is_untouched = target
    with zipfile.ZipFile(f"{saved[1]}.ckpt") as old:
        entries = {n: old.read(n) for n in old.namelist()}
    entries[name] = b" " * 10**8 + entries[name]
    with zipfile.ZipFile(tmp_path / "damaged.ckpt", "w", zipfile.ZIP_DEFLATED) as new:
        for n, content in entries.items():
            new.writestr(n, content)
    del entries
    assert (tmp_path / "damaged.ckpt").stat().st_size < 10**6
    tracemalloc.start()
    try:
        with pytest.raises(DataLossError, match="longer than the file"):
            tf.train.Checkpoint(model=model).read(tmp_path / "damaged")
        assert tracemalloc.get_traced_memory()[1] < 10**7
    finally:
        tracemalloc.stop()
    assert is_untouched()


def test_an_archive_without_values_of_ours(tmp_path):
    with zipfile.ZipFile(tmp_path / "other.ckpt", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(DataLossError, match=r"other\.ckpt"):
        tf.train.Checkpoint(v=tf.Variable(1.0)).read(tmp_path / "other")


# ---- killed


SAVING = """
import sys
import minitf as tf

v = tf.Variable(tf.ones([200_000]))
checkpoint = tf.train.Checkpoint(v=v)
print("ready", flush=True)
while True:
    v.assign_add(tf.ones([200_000]))
    checkpoint.write(sys.argv[1])
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing there")
def test_a_process_that_is_killed_at_any_moment_leaves_a_whole_file(tmp_path):
    path = tmp_path / "model"
    v = tf.Variable(tf.zeros([200_000]))
    rng = random.Random(0)
    for _ in range(3):
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", SAVING, str(path)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        child.stdout.readline()
        time.sleep(0.05 + 0.1 * rng.random())
        child.send_signal(signal.SIGKILL)
        child.communicate()
        if path.with_suffix(".ckpt").exists():
            tf.train.Checkpoint(v=v).read(path).assert_consumed()
            assert len(set(v.numpy().tolist())) == 1, "of two moments"
    assert float(v[0]) > 1.0


def test_a_write_that_fails_leaves_the_old_file_alone(tmp_path, monkeypatch):
    v = tf.Variable(1.0)
    path = tf.train.Checkpoint(v=v).write(tmp_path / "model")

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    v.assign(2.0)
    with pytest.raises(OSError, match="No space"):
        tf.train.Checkpoint(v=v).write(tmp_path / "model")
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["model.ckpt"]
    tf.train.Checkpoint(v=v).read(path)
    assert float(v) == 1.0


# ---- optimizers and managers


def test_optimizers_deep_inside_go_on_too(tmp_path):
    w, optimizer = tf.Variable([1.0, -2.0]), tf.optimizers.SGD(0.1, momentum=0.9)
    optimizer.apply_gradients([(2.0 * w, w)])
    path = tf.train.Checkpoint(job={"w": w, "rules": [optimizer]}).write(tmp_path / "model")
    other, fresh = tf.Variable([0.0, 0.0]), tf.optimizers.SGD(0.5, momentum=0.9)
    tf.train.Checkpoint(job={"w": other, "rules": [fresh]}).read(path).assert_consumed()
    for variable, rule in ((w, optimizer), (other, fresh)):
        rule.apply_gradients([(2.0 * variable, variable)])
    np.testing.assert_array_equal(other.numpy(), w.numpy())


def test_saved_slots_that_do_not_fit_are_refused(tmp_path):
    w, optimizer = tf.Variable([1.0, -2.0]), tf.optimizers.SGD(0.1, momentum=0.9)
    optimizer.apply_gradients([(2.0 * w, w)])
    path = tf.train.Checkpoint(optimizer=optimizer).write(tmp_path / "model")
    other, fresh = tf.Variable([1.0, 2.0, 3.0]), tf.optimizers.SGD(0.5, momentum=0.9)
    tf.train.Checkpoint(optimizer=fresh).read(path)
    with pytest.raises(ShapeError, match="momentum"):
        fresh.apply_gradients([(other * 1.0, other)])
    assert other.numpy().tolist() == [1.0, 2.0, 3.0]


def test_restoring_counts_on_from_the_number_of_the_file(tmp_path):
    v = tf.Variable(0.0)
    first = tf.train.Checkpoint(v=v)
    paths = [first.save(tmp_path / "run") for _ in range(3)]
    assert [Path(p).name for p in paths] == ["run-1", "run-2", "run-3"]
    second = tf.train.Checkpoint(v=v)
    second.restore(paths[1])
    assert Path(second.save(tmp_path / "run")).name == "run-3"
    assert second.restore(None).assert_consumed()
    with pytest.raises(NotFoundError, match="without a Variable here"):
        tf.train.Checkpoint(w=v).read(paths[0]).assert_consumed()
    with pytest.raises(NotFoundError, match="w"):
        tf.train.Checkpoint(w=v).read(paths[0]).assert_existing_objects_matched()


def test_a_new_manager_never_deletes_what_it_has_just_saved(tmp_path):
    """It starts where an earlier process has left off, also without restoring."""
    v = tf.Variable(0.0)
    old = tf.train.CheckpointManager(tf.train.Checkpoint(v=v), tmp_path, max_to_keep=3)
    for _ in range(5):
        old.save()
    v.assign(42.0)
    new = tf.train.CheckpointManager(tf.train.Checkpoint(v=v), tmp_path, max_to_keep=3)
    path = new.save()
    assert Path(path).name == "ckpt-6"
    assert new.latest_checkpoint == path
    assert [Path(p).name for p in new.checkpoints] == ["ckpt-4", "ckpt-5", "ckpt-6"]
    v.assign(0.0)
    assert new.restore_or_initialize() == path
    assert float(v) == 42.0


def test_a_manager_leaves_the_files_of_others_alone(tmp_path):
    v = tf.Variable(0.0)
    checkpoint = tf.train.Checkpoint(v=v)
    for name in ("ckpt-best-1", "ckpt-1x", "ckpt", "other-7"):
        checkpoint.write(tmp_path / name)
    (tmp_path / "ckpt-99.ckpt.tmp").write_text("")
    manager = tf.train.CheckpointManager(checkpoint, tmp_path, max_to_keep=1)
    for _ in range(3):
        manager.save()
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "ckpt-1x.ckpt", "ckpt-3.ckpt", "ckpt-99.ckpt.tmp", "ckpt-best-1.ckpt", "ckpt.ckpt",
        "other-7.ckpt"]  # fmt: skip


def test_a_manager_with_numbers_of_ones_own_or_without_a_limit(tmp_path):
    v = tf.Variable(0.0)
    manager = tf.train.CheckpointManager(tf.train.Checkpoint(v=v), tmp_path / "new", None, "a[b]")
    for number in (10, 20, None):
        manager.save(number)
    assert [Path(p).name for p in manager.checkpoints] == ["a[b]-10", "a[b]-20", "a[b]-21"]
    assert tf.train.latest_checkpoint(tmp_path / "nowhere") is None
    with pytest.raises(InvalidArgumentError, match="max_to_keep"):
        tf.train.CheckpointManager(tf.train.Checkpoint(v=v), tmp_path, max_to_keep=0)


# ---- looking into a file


def test_what_a_file_holds(tmp_path):
    kept = tf.train.Checkpoint(w=tf.Variable([1.0, 2.0]), steps=tf.Variable(3))
    path = kept.save(tmp_path / "ckpt")
    for place in (path, tmp_path):
        assert tf.train.list_variables(place) == [("steps", []), ("w", [2])]
        assert tf.train.load_variable(place, "w").tolist() == [1.0, 2.0]
    reader = tf.train.load_checkpoint(path)
    assert reader.get_variable_to_dtype_map() == {"w": tf.float32, "steps": tf.int32}
    assert reader.has_tensor("w")
    assert not reader.has_tensor("v")
    assert reader.get_tensor("steps/.ATTRIBUTES/VARIABLE_VALUE") == 3  # TensorFlow's name for it
    with pytest.raises(NotFoundError, match="has no value 'v'; it has steps, w"):
        reader.get_tensor("v")


def test_which_files_there_are(tmp_path):
    assert tf.train.get_checkpoint_state(tmp_path) is None
    with pytest.raises(DataError, match="there is no checkpoint in"):
        tf.train.load_checkpoint(tmp_path)
    with pytest.raises(DataError, match="no checkpoint .*missing"):
        tf.train.list_variables(tmp_path / "missing")
    kept = tf.train.Checkpoint(w=tf.Variable(1.0))
    paths = [kept.save(tmp_path / "ckpt") for _ in range(2)]
    for i, path in enumerate(paths):
        os.utime(path + ".ckpt", (i, i))
    state = tf.train.get_checkpoint_state(str(tmp_path))
    assert state.all_model_checkpoint_paths == paths
    assert state.model_checkpoint_path == paths[-1]


class Unbuilt(keras.Model):
    """A model whose layers have no Variables before it is called, beside one of its own."""

    def __init__(self, units=3):
        super().__init__()
        self.hidden, self.rnn = keras.layers.Dense(units), keras.layers.LSTM(2)
        self.shift = self.add_weight(shape=(2,), initializer="normal", name="shift")

    def call(self, x):
        return self.rnn(self.hidden(x)) + self.shift


def test_layers_that_are_built_later_get_their_values_then(tmp_path, recwarn):
    x = np.random.default_rng(0).normal(size=(2, 4, 5)).astype(np.float32)
    model = Unbuilt()
    wanted = model(x)
    path = tf.train.Checkpoint(model=model).save(tmp_path / "run")
    again = Unbuilt()
    status = tf.train.Checkpoint(model=again).restore(path)
    assert (status.missing, status.surplus) == ([], [])
    np.testing.assert_array_equal(again(x), wanted)
    again.hidden.kernel.assign(again.hidden.kernel * 0)  # which nobody undoes
    assert not again.hidden.kernel.numpy().any()
    assert not recwarn.list


def test_layers_that_are_built_later_for_another_shape_are_told(tmp_path):
    model = keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(2)])
    model(np.zeros((1, 4)))
    path = tf.train.Checkpoint(net=model).write(tmp_path / "run")
    other = keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(2)])
    tf.train.Checkpoint(net=other).read(path).assert_consumed()
    with pytest.raises(ShapeError, match="restore.*kernel"):
        other(np.zeros((1, 5)))
