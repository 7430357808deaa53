"""Files of models that are damaged, foreign or malicious, and saves that are cut off."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from minitf import keras
from minitf.errors import DataError, DataLossError, Error
from minitf.models import archive

h5py = pytest.importorskip("h5py")
layers = keras.layers
ROOT = Path(__file__).resolve().parents[1]


def small():
    return keras.Sequential([keras.Input((2,)), layers.Dense(3, name="dense")], name="small")


# ---- damaged and foreign files


def saved(tmp_path, model=None) -> Path:
    path = tmp_path / "model.keras"
    (model or small()).save(path)
    return path


@pytest.mark.parametrize("suffix", [".keras", ".h5", ".weights.h5"])
def test_a_file_cut_short_is_refused(suffix, tmp_path):
    path = tmp_path / f"model{suffix}"
    small().save_weights(path) if "weights" in suffix else small().save(path)
    whole = path.read_bytes()
    for length in range(0, len(whole) - 1, len(whole) // 40):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError):
            small().load_weights(path)


def test_a_flipped_bit_in_an_archive_is_found(tmp_path):
    path = saved(tmp_path)
    whole, refused = path.read_bytes(), 0
    model = keras.models.load_model(path)
    for place in range(0, len(whole), 97):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 16]) + whole[place + 1 :])
        try:
            found = keras.models.load_model(path)
        except Error:
            refused += 1
            continue
        # a bit that nothing depends on, such as one of a date
        for a, b in zip(found.get_weights(), model.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
    assert refused > 0.8 * len(whole) / 97


HDF5 = b"\x89HDF\r\n\x1a\n"


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04" + b"\0" * 99, HDF5,
                                     HDF5 + b"\xff" * 999, b"<html></html>"])  # fmt: skip
def test_a_foreign_file_is_refused(content, tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    for read in (keras.models.load_model, small().load_weights):
        with pytest.raises(DataError, match=r"model\.keras"):
            read(path)


def test_a_missing_file_and_a_folder_are_said(tmp_path):
    with pytest.raises(DataError, match="no file"):
        keras.models.load_model(tmp_path / "none.keras")
    with pytest.raises(DataError, match="folder"):
        keras.models.load_model(tmp_path)


def rewritten(path: Path, change, **members) -> None:
    """Write an archive anew with other members; `change` may alter each entry's name and data."""
    with zipfile.ZipFile(path) as file:
        found = {i.filename: file.read(i) for i in file.infolist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, data in {**found, **members}.items():
            change(file, name, data)


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "assets/../../evil", "evil.py",
                                  "assets\\..\\evil", "C:/evil", "assets/a:b"])  # fmt: skip
def test_names_that_lead_out_of_an_archive_are_refused(name, tmp_path):
    path = saved(tmp_path)
    rewritten(path, lambda file, n, data: file.writestr(n, data), **{name: b"x"})
    with pytest.raises(DataError, match="no part of a .keras file"):
        keras.models.load_model(path)


def test_a_link_in_an_archive_is_refused(tmp_path):
    path = saved(tmp_path)
    link = zipfile.ZipInfo("assets/link")
    link.external_attr = 0o120777 << 16
    rewritten(
        path, lambda file, n, data: file.writestr(link if n == "link" else n, data), link=b"/"
    )
    with pytest.raises(DataError, match="link"):
        keras.models.load_model(path)


def test_a_member_that_stands_twice_is_refused(tmp_path):
    path = saved(tmp_path)
    with zipfile.ZipFile(path, "a") as file, pytest.warns(UserWarning, match="Duplicate"):
        file.writestr("config.json", "{}")
    with pytest.raises(DataError, match="twice"):
        keras.models.load_model(path)


def test_an_archive_that_unpacks_to_far_more_is_refused(tmp_path):
    path = saved(tmp_path)
    bomb = b"\0" * (archive.SMALL + 1)
    rewritten(path, lambda file, n, data: file.writestr(n, data, zipfile.ZIP_DEFLATED),
              **{"assets/bomb": bomb})  # fmt: skip
    assert path.stat().st_size < 1_000_000
    with pytest.raises(DataError, match="longer than the file"):
        keras.models.load_model(path)


def test_a_recompressed_archive_is_read(tmp_path):
    path = saved(tmp_path)
    rewritten(path, lambda file, n, data: file.writestr(n, data, zipfile.ZIP_DEFLATED))
    assert keras.models.load_model(path).output_shape == (None, 3)


STRANGE = [
    b"",
    b"[]",
    b"{}",
    b"\xff",
    b'{"class_name": "Sequential"}',
    b'{"module": "os", "class_name": "system", "config": {}}',
    b'{"module": "keras", "class_name": "Sequential", "config": {}}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("config", STRANGE)
def test_a_strange_config_is_refused(config, tmp_path):
    path = saved(tmp_path)
    rewritten(path, lambda file, n, data: file.writestr(n, data), **{"config.json": config})
    with pytest.raises(Error):
        keras.models.load_model(path)


def external(file, path):
    file["layers/dense/vars/0"] = h5py.ExternalLink("other.h5", "/x")


def soft(file, path):
    file["layers/dense/vars/0"] = h5py.SoftLink("/layers/dense/vars/1")


def twice(file, path):
    file["layers/dense/vars/0"] = file["layers/dense/vars/1"]


def loop(file, path):
    file["layers/dense/vars/again"] = file["layers"]


def words(file, path):
    file["layers/dense/vars/0"] = ["some", "text"]


def outside(file, path):
    data = path.parent / "data.bin"
    data.write_bytes(b"\0" * 24)
    where = [(str(data), 0, 24)]
    file.create_dataset("layers/dense/vars/0", (2, 3), "float32", external=where)


def virtual(file, path):
    source = h5py.VirtualSource("other.h5", "x", shape=(2, 3))
    pieced = h5py.VirtualLayout(shape=(2, 3), dtype="float32")
    pieced[:] = source
    file.create_virtual_dataset("layers/dense/vars/0", pieced)


def vast(file, path):
    file.create_dataset("layers/dense/vars/0", (1 << 40,), "float32", chunks=(1 << 20,))


def squeezed(file, path):
    file.create_dataset("layers/dense/vars/0", data=np.zeros((1000, 1000)), compression="gzip")


@pytest.mark.parametrize("trick", [external, soft, twice, loop, words, outside, virtual, vast,
                                   squeezed])  # fmt: skip
def test_tricks_of_hdf5_are_refused(trick, tmp_path):
    path = tmp_path / "model.weights.h5"
    small().save_weights(path)
    with h5py.File(path, "a") as file:
        del file["layers/dense/vars/0"]
        trick(file, path)
    with pytest.raises(DataError, match=r"model\.weights\.h5"):
        small().load_weights(path)


def test_a_vast_shape_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "model.h5"
    small().save(path)
    with h5py.File(path, "a") as file:
        group = file["model_weights/dense"]
        name = group.attrs["weight_names"][0]
        del group[name]
        group.create_dataset(name, (1 << 40,), "float32", chunks=(1 << 20,))
    with pytest.raises(DataError, match="cut short"):
        keras.models.load_model(path)


def test_an_old_file_that_names_what_it_has_not_is_refused(tmp_path):
    path = tmp_path / "model.h5"
    small().save(path)
    with h5py.File(path, "a") as file:
        group = file["model_weights/dense"]
        group.attrs["weight_names"] = ["../../x", "nothing"]
    with pytest.raises(DataError, match="does not hold"):
        keras.models.load_model(path)


# ---- whole or not at all

KILLED = """
import os, sys, threading, time
from minitf import keras
model = keras.Sequential([keras.Input((300,)), keras.layers.Dense(300)])
model.set_weights([w * 0 + 2 for w in model.get_weights()])
if sys.argv[2].startswith("after"):
    moment = float(sys.argv[2][5:])
    threading.Thread(target=lambda: (time.sleep(moment), os._exit(9)), daemon=True).start()
else:
    setattr(os, sys.argv[2], lambda *names: os._exit(9))
for _ in range(10_000):
    model.save(sys.argv[1])
"""


@pytest.mark.parametrize("moment", ["fsync", "replace", "after0.05", "after0.1"])
def test_a_process_killed_while_saving_leaves_a_whole_file(moment, tmp_path):
    path = tmp_path / "model.keras"
    old = keras.Sequential([keras.Input((300,)), layers.Dense(300)])
    old.set_weights([w * 0 + 1 for w in old.get_weights()])
    old.save(path)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), moment], timeout=60,
                          env=environment)  # fmt: skip
    assert done.returncode == 9
    values = {float(v) for w in keras.models.load_model(path).get_weights() for v in np.unique(w)}
    assert values in ({1.0}, {2.0})
    if not moment.startswith("after"):
        assert values == {1.0}


def test_an_error_while_saving_leaves_the_old_file(tmp_path):
    class Broken(layers.Layer):
        def call(self, x):
            return x

        def save_own_variables(self, store):
            raise RuntimeError("no")

    path = saved(tmp_path)
    before = path.read_bytes()
    with pytest.raises(RuntimeError):
        keras.Sequential([keras.Input((2,)), Broken()]).save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["model.keras"]


def test_what_is_damaged_is_called_so(tmp_path):
    path = saved(tmp_path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataLossError, match="damaged"):
        keras.models.load_model(path)
