"""ImageDataGenerator: images changed at random, in batches for `fit` or for a loop."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minitf.data import ImageDataGenerator
from minitf.data.augmentation import affine, moved
from minitf.errors import Error

IMAGE = np.random.default_rng(0).uniform(0, 255, (5, 7, 3)).astype(np.float32)


def changed(image=IMAGE, **change):
    options = {
        k: change.pop(k) for k in ("fill_mode", "cval", "interpolation_order") if k in change
    }
    return ImageDataGenerator(**options).apply_transform(image, change)


# ---- single changes


def test_nothing_changes_nothing():
    np.testing.assert_array_equal(changed(theta=0, tx=0, zx=1), IMAGE)


@pytest.mark.parametrize(
    ("mode", "column"),
    [("nearest", [0, 0, 0]), ("constant", [9, 9, 0]), ("reflect", [1, 0, 0]), ("wrap", [1, 2, 0])],
)  # of "wrap", as in SciPy: the two ends are one place
def test_what_is_outside(mode, column):
    image = np.arange(4.0).reshape(4, 1, 1)
    moved_down = changed(image, ty=-2, fill_mode=mode, cval=9.0)
    assert moved_down.ravel()[:3].tolist() == column


def test_shifts_go_by_rows_and_columns():
    np.testing.assert_allclose(changed(ty=2)[:3], IMAGE[2:])
    np.testing.assert_allclose(changed(tx=2)[:, :5], IMAGE[:, 2:])
    half = changed(ty=0.5)[:4]
    np.testing.assert_allclose(half, (IMAGE[:4] + IMAGE[1:]) / 2, rtol=1e-5)
    assert set(changed(ty=0.4, interpolation_order=0).ravel()) == set(IMAGE.ravel())


def test_quarter_turns():
    square = IMAGE[:, :5]
    np.testing.assert_allclose(changed(square, theta=90), np.rot90(square, 1), atol=1e-3)
    np.testing.assert_allclose(changed(square, theta=-90), np.rot90(square, -1), atol=1e-3)
    np.testing.assert_allclose(changed(square, theta=180), square[::-1, ::-1], atol=1e-3)


@given(st.floats(-60, 60), st.floats(-20, 20), st.floats(0.5, 1.5), st.floats(0.5, 1.5))
def test_a_map_and_its_inverse_bring_smooth_images_back(theta, shear, zx, zy):
    rows, columns = np.indices((41, 41))
    ramp = (2.0 * rows + 3.0 * columns)[..., None]
    matrix, shift = affine({"theta": theta, "shear": shear, "zx": zx, "zy": zy, "tx": 1, "ty": -1})
    there = moved(ramp, matrix, shift, "nearest", 0, 1)
    inverse = np.linalg.inv(matrix)
    back = moved(there, inverse, -inverse @ shift, "nearest", 0, 1)
    np.testing.assert_allclose(back[19:22, 19:22], ramp[19:22, 19:22], atol=1e-6)


def test_flips_colours_and_light():
    np.testing.assert_array_equal(changed(flip_horizontal=True), IMAGE[:, ::-1])
    np.testing.assert_array_equal(changed(flip_vertical=True), IMAGE[::-1])
    brighter = changed(brightness=1.5)
    np.testing.assert_allclose(brighter, np.minimum(IMAGE * 1.5, 255))
    shifted = changed(channel_shift_intensity=20.0)
    np.testing.assert_allclose(shifted, np.minimum(IMAGE + 20, IMAGE.max()))


def test_what_is_drawn_stays_in_its_range():
    generator = ImageDataGenerator(
        rotation_range=30, width_shift_range=0.2, height_shift_range=3, shear_range=10,
        zoom_range=0.1, channel_shift_range=5, brightness_range=(0.5, 2), horizontal_flip=True,
    )  # fmt: skip
    drawn = [generator.get_random_transform((10, 20, 3), seed=i) for i in range(200)]
    limits = {"theta": (-30, 30), "tx": (-4, 4), "ty": (-2, 2), "shear": (-10, 10),
              "zx": (0.9, 1.1), "zy": (0.9, 1.1), "channel_shift_intensity": (-5, 5),
              "brightness": (0.5, 2), "flip_horizontal": (0, 1),
              "flip_vertical": (0, 0)}  # fmt: skip
    for name, (low, high) in limits.items():
        values = [d[name] for d in drawn]
        assert low <= min(values) <= max(values) <= high
        assert low == high or max(values) - min(values) > 0.8 * (high - low), name
    assert {d["ty"] for d in drawn} <= {-2, -1, 0, 1, 2}
    assert drawn[0] == generator.get_random_transform((10, 20, 3), seed=0)


# ---- numbers of all images


def test_standardized_images():
    images = np.random.default_rng(1).uniform(0, 9, (30, 3, 2, 3)).astype(np.float32)
    generator = ImageDataGenerator(featurewise_std_normalization=True, rescale=0.5)
    generator.fit(images)
    done = np.stack([generator.standardize(i) for i in images])
    np.testing.assert_allclose(done.mean((0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(done.std((0, 1, 2)), 1, atol=1e-5)
    white = ImageDataGenerator(zca_whitening=True)
    white.fit(images)
    flat = np.stack([white.standardize(i) for i in images]).reshape(30, -1)
    np.testing.assert_allclose(flat.T @ flat / 30, np.eye(18), atol=1e-3)
    one = ImageDataGenerator(samplewise_std_normalization=True).standardize(images[0])
    assert one.mean() == pytest.approx(0, abs=1e-5)
    own = ImageDataGenerator(preprocessing_function=lambda x: x + 1, rescale=2)
    np.testing.assert_allclose(own.standardize(images[0]), (images[0] + 1) * 2)
    with pytest.raises(Error, match="call fit"):
        ImageDataGenerator(featurewise_center=True).standardize(images[0])


# ---- batches

X = np.arange(10.0)[:, None, None, None] * np.ones((10, 2, 2, 1))


def test_batches_by_number():
    batches = ImageDataGenerator(rescale=0.5).flow(X, np.arange(10), 4, shuffle=False)
    assert (len(batches), batches.n, batches.samples) == (3, 10, 10)
    x, y = batches[2]
    assert (x.dtype, x[:, 0, 0, 0].tolist(), y.tolist()) == (np.float32, [4, 4.5], [8, 9])
    weighted = ImageDataGenerator().flow(X, np.arange(10), 4, sample_weight=-np.arange(10))
    x, y, w = weighted[0]
    np.testing.assert_array_equal(x[:, 0, 0, 0], y)
    np.testing.assert_array_equal(y, -w)
    assert ImageDataGenerator().flow(X)[0].shape == (10, 2, 2, 1)
    with pytest.raises(Error, match="there is no batch 3, but 3"):
        batches[3]


def test_a_loop_has_no_end_and_each_round_holds_all():
    batches = ImageDataGenerator().flow(X, np.arange(10), 5, seed=1)
    labels = [y.tolist() for _, y in islice(batches, 6)]
    rounds = [labels[i] + labels[i + 1] for i in (0, 2, 4)]
    assert [sorted(r) for r in rounds] == [list(range(10))] * 3
    assert rounds[0] != rounds[1]
    again = ImageDataGenerator().flow(X, np.arange(10), 5, seed=1)
    assert [y.tolist() for _, y in islice(again, 6)] == labels


def test_parts():
    generator = ImageDataGenerator(validation_split=0.3)
    parts = {s: generator.flow(X, np.arange(10), subset=s, shuffle=False)[0][1].tolist()
             for s in ("validation", "training")}  # fmt: skip
    assert parts == {"validation": [0, 1, 2], "training": [3, 4, 5, 6, 7, 8, 9]}


@pytest.fixture
def folder(tmp_path):
    image = pytest.importorskip("PIL.Image")
    for name, numbers in {"cats": [1, 2], "dogs": [3, 4, 5, 6]}.items():
        (tmp_path / "set" / name).mkdir(parents=True)
        for n in numbers:
            image.fromarray(np.full((4, 6, 3), n, np.uint8)).save(tmp_path / f"set/{name}/{n}.png")
    return tmp_path / "set"


@pytest.mark.parametrize(
    ("mode", "label"),
    [("categorical", [[1, 0], [0, 1]]), ("binary", [0, 1]), ("sparse", [0, 1])],
)
def test_image_files(mode, label, folder, capsys):
    batches = ImageDataGenerator().flow_from_directory(
        folder, target_size=(3, 2), class_mode=mode, shuffle=False, batch_size=6
    )
    assert capsys.readouterr().out == "Found 6 images belonging to 2 classes.\n"
    x, y = batches[0]
    assert (x.shape, x[:, 0, 0, 0].tolist()) == ((6, 3, 2, 3), [1, 2, 3, 4, 5, 6])
    assert y[[0, -1]].tolist() == label
    assert batches.class_indices == {"cats": 0, "dogs": 1}
    assert batches.filenames[0] == "cats/1.png"
    assert batches.classes.tolist() == [0, 0, 1, 1, 1, 1]


def test_other_batches_of_image_files(folder, tmp_path):
    generator = ImageDataGenerator(validation_split=0.5)
    parts = [generator.flow_from_directory(folder, subset=s).filenames
             for s in ("validation", "training")]  # fmt: skip
    assert parts[0] == ["cats/1.png", "dogs/3.png", "dogs/4.png"]
    assert parts[1] == ["cats/2.png", "dogs/5.png", "dogs/6.png"]
    x, y = generator.flow_from_directory(folder, class_mode="input", color_mode="grayscale")[0]
    assert x.shape == (6, 256, 256, 1)
    np.testing.assert_array_equal(x, y)
    assert generator.flow_from_directory(folder, class_mode=None)[0].shape == (6, 256, 256, 3)
    (tmp_path / "seen").mkdir()
    generator.flow(X, save_to_dir=tmp_path / "seen", save_prefix="p")[0]
    assert len(list((tmp_path / "seen").glob("p_*.png"))) == 10


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ImageDataGenerator(fill_mode="mirror"), "fill_mode is one of"),
        (lambda: ImageDataGenerator(zoom_range=(1, 2, 3)), "zoom_range is a number or a pair"),
        (lambda: ImageDataGenerator(validation_split=1), "validation_split lies in"),
        (lambda: ImageDataGenerator(data_format="channels_first"), "data_format is"),
        (lambda: ImageDataGenerator().flow(X, [1]), "and n labels"),
        (lambda: ImageDataGenerator().flow(X[0]), "expected images of shape"),
        (lambda: ImageDataGenerator().flow(X, subset="test"), "got 'test'"),
        (lambda: ImageDataGenerator().flow_from_directory(".", class_mode="x"), "class_mode is"),
        (lambda: ImageDataGenerator().fit(X[0]), "expected shape"),
    ],
)
def test_what_is_asked_for_wrongly(call, message):
    with pytest.raises(Error, match=message):
        call()
