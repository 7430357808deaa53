"""Image and text files: read, written, and turned into datasets of labelled batches."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest

import minitf as tf
from minitf.data import (
    array_to_img,
    decode_bmp,
    decode_gif,
    decode_image,
    decode_jpeg,
    decode_png,
    encode_jpeg,
    encode_png,
    gfile,
    image_dataset_from_directory,
    img_to_array,
    load_img,
    read_file,
    save_img,
    smart_resize,
    text_dataset_from_directory,
    write_file,
)
from minitf.errors import DataError, Error
from tests.pipelines import contents, no_thread_is_left  # noqa: F401  (a fixture)

Image = pytest.importorskip("PIL.Image")
RAMP = (np.arange(4 * 6 * 3) * 3).reshape(4, 6, 3).astype(np.uint8)


@pytest.fixture
def picture(tmp_path):
    Image.fromarray(RAMP).save(tmp_path / "a.png")
    return tmp_path / "a.png"


# ---- single images


@pytest.mark.parametrize("form", [str, Path, lambda p: io.BytesIO(p.read_bytes())])
def test_an_image_is_read(form, picture):
    np.testing.assert_array_equal(img_to_array(load_img(form(picture))), RAMP)


@pytest.mark.parametrize(
    ("mode", "channels"), [("rgb", 3), ("rgba", 4), ("grayscale", 1)]
)  # fmt: skip
def test_colours(mode, channels, picture):
    array = img_to_array(load_img(picture, color_mode=mode))
    assert array.shape == (4, 6, channels)
    assert array.dtype == np.float32
    assert img_to_array(load_img(picture, color_mode=mode), "channels_first", "uint8").shape == (
        channels, 4, 6)  # fmt: skip


def test_sizes(picture):
    assert load_img(picture, target_size=(2, 5)).size == (5, 2)
    nearest = img_to_array(load_img(picture, target_size=(2, 3)))
    assert {tuple(p) for row in nearest for p in row} <= {tuple(p) for row in RAMP for p in row}
    whole = load_img(picture, target_size=(4, 4), keep_aspect_ratio=True)
    np.testing.assert_array_equal(img_to_array(whole), RAMP[:, 1:5])
    with pytest.raises(Error, match=r"load_img: interpolation is one of .*'nearest'.*, got 'best'"):
        load_img(picture, target_size=(2, 2), interpolation="best")


def test_arrays_become_images_and_come_back(tmp_path):
    for channels in (1, 3, 4):
        array = np.zeros((3, 2, channels), np.float32)
        array[0], array[1] = 255, 100
        assert (img_to_array(array_to_img(array, scale=False)) == array).all()
        save_img(tmp_path / "b.png", array, scale=False)
        mode = {1: "grayscale", 3: "rgb", 4: "rgba"}[channels]
        assert (img_to_array(load_img(tmp_path / "b.png", mode)) == array).all()
    assert img_to_array(array_to_img(np.array([[[2.0], [4.0], [3.0]]]))).ravel().tolist() == (
        [0, 255, 127])  # fmt: skip
    assert array_to_img(np.zeros((3, 4, 2)), data_format="channels_first").size == (2, 4)
    assert array_to_img(np.zeros((1, 1, 1))).getpixel((0, 0)) == 0
    assert array_to_img(np.full((1, 1, 1), 70_000.0), scale=False).getpixel((0, 0)) == 70_000


def test_jpeg_knows_no_opacity(tmp_path):
    with pytest.warns(UserWarning, match="JPEG knows no opacity"):
        save_img(tmp_path / "a.jpg", np.zeros((2, 2, 4)))
    assert load_img(tmp_path / "a.jpg").size == (2, 2)
    stream = io.BytesIO()
    save_img(stream, np.zeros((2, 2, 3)), file_format="png")
    assert stream.getvalue()[1:4] == b"PNG"


def test_smart_resize_keeps_proportions():
    wide = np.arange(2 * 4.0).reshape(2, 4, 1)
    assert smart_resize(wide, (2, 2)).ravel().tolist() == [1, 2, 5, 6]
    both = smart_resize(tf.constant(np.stack([wide, wide])), (1, 1), "nearest")
    assert both.shape == (2, 1, 1, 1)
    first = smart_resize(wide.transpose(2, 0, 1), (2, 2), data_format="channels_first")
    assert first.shape == (1, 2, 2)
    assert first.ravel().tolist() == [1, 2, 5, 6]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: load_img(p / "nothing.png"), "cannot be read as an image: .*No such file"),
        (lambda p: load_img(p / "text.png"), "cannot be read as an image"),
        (lambda p: load_img(p / "cut.png"), "cannot be read as an image"),
        (lambda p: load_img(3), "expected a path or a BytesIO, got int"),
        (lambda p: load_img(p / "a.png", color_mode="bgr"), "color_mode is one of"),
        (lambda p: img_to_array(np.zeros(3)), r"2 or 3 axes, got shape \(3,\)"),
        (lambda p: array_to_img(np.zeros((2, 2))), r"got \(2, 2\)"),
        (lambda p: array_to_img(np.zeros((2, 2, 5))), "1, 3 or 4 channels, got 5"),
        (lambda p: img_to_array(np.zeros((2, 2)), "channels"), "data_format is one of"),
        (lambda p: smart_resize(np.zeros((2, 2)), (1, 1)), "one or several images"),
    ],
)
def test_what_is_no_image(call, message, picture):
    folder = picture.parent
    (folder / "text.png").write_text("no image")
    (folder / "cut.png").write_bytes(picture.read_bytes()[:45])
    with pytest.raises(Error, match=message):
        call(folder)


def test_without_pillow(monkeypatch, picture):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match=r"pip install pillow.*\[in test_pictures.py"):
        load_img(picture)


# ---- directories


@pytest.fixture
def folder(tmp_path):
    """Two classes of images of one colour: the file's number; and files that are none."""
    for name, numbers in {"cats": [1, 2, 3], "dogs": [4, 5, 6, 7], ".hidden": [8]}.items():
        (tmp_path / "set" / name).mkdir(parents=True)
        for number in numbers:
            image = np.full((8, 8, 3), number, np.uint8)
            Image.fromarray(image).save(tmp_path / "set" / name / f"{number}.png")
        (tmp_path / "set" / name / "notes.txt").write_text(f"about {name}")
    return tmp_path / "set"


def numbers_of(dataset):
    return [int(n) for batch in dataset for n in np.ravel(np.array(batch[0])[..., 0, 0, 0])]


def test_images_and_labels(folder, capsys):
    made = image_dataset_from_directory(folder, shuffle=False, batch_size=3, image_size=(4, 4))
    assert capsys.readouterr().out == "Found 7 files belonging to 2 classes.\n"
    images, labels = next(iter(made))
    assert (images.shape, images.dtype, labels.dtype) == ((3, 4, 4, 3), tf.float32, tf.int32)
    assert numbers_of(made) == [1, 2, 3, 4, 5, 6, 7]
    assert [n for _, y in made for n in y.numpy().tolist()] == [0, 0, 0, 1, 1, 1, 1]
    assert made.class_names == ["cats", "dogs"]
    assert [Path(p).name for p in made.file_paths] == [f"{n}.png" for n in range(1, 8)]


@pytest.mark.parametrize(
    ("mode", "labels", "dtype"),
    [("int", [0, 1], "int32"), ("binary", [[0], [1]], "float32"),
     ("categorical", [[1, 0], [0, 1]], "float32")],
)  # fmt: skip
def test_forms_of_labels(mode, labels, dtype, folder):
    made = image_dataset_from_directory(folder, label_mode=mode, shuffle=False, verbose=False)
    found = next(iter(made))[1]
    assert found.numpy()[[0, -1]].tolist() == labels
    assert found.dtype.name == dtype


def test_labels_that_are_given_or_none(folder):
    given = image_dataset_from_directory(folder / "dogs", [3, 3, 1, 0], shuffle=False)
    assert [y for _, y in contents(given)] == [[3, 3, 1, 0]]
    assert given.class_names == ["0", "1", "3"]
    for options in ({"labels": None}, {"label_mode": None}):
        options |= {"batch_size": None, "image_size": 2, "color_mode": "grayscale"}
        plain = image_dataset_from_directory(folder / "dogs", shuffle=False, **options)
        assert [x.shape for x in plain] == [(2, 2, 1)] * 4
    assert image_dataset_from_directory(folder, class_names=["dogs"]).class_names == ["dogs"]


def test_the_order_depends_on_the_seed(folder):
    def order(seed):
        tf.random.set_seed(0)
        return numbers_of(image_dataset_from_directory(folder, seed=seed, verbose=False))

    assert order(1) == order(1)
    assert order(1) != order(2)
    assert sorted(order(1)) == [1, 2, 3, 4, 5, 6, 7]


def test_labels_stay_with_their_images_when_shuffled(folder):
    made = image_dataset_from_directory(folder, seed=3, batch_size=2)
    for images, labels in made:
        assert ((images.numpy()[:, 0, 0, 0] > 3) == (labels.numpy() == 1)).all()


@pytest.mark.parametrize("shuffle", [True, False])
def test_a_split_has_no_overlap(shuffle, folder):
    options = {"validation_split": 0.3, "seed": 1, "shuffle": shuffle, "verbose": False}
    parts = [numbers_of(image_dataset_from_directory(folder, subset=s, **options))
             for s in ("training", "validation")]  # fmt: skip
    assert [len(p) for p in parts] == [5, 2]
    assert sorted(parts[0] + parts[1]) == [1, 2, 3, 4, 5, 6, 7]
    both = image_dataset_from_directory(folder, subset="both", **options)
    assert [sorted(numbers_of(d)) for d in both] == [sorted(p) for p in parts]


def test_proportions_and_places_of_colours(tmp_path):
    (tmp_path / "a").mkdir()
    wide = np.zeros((4, 8, 3), np.uint8)
    wide[:, 2:6] = 100
    Image.fromarray(wide).save(tmp_path / "a" / "a.png")

    def read(**options):
        made = image_dataset_from_directory(tmp_path, None, image_size=(4, 4), **options)
        return next(iter(made)).numpy()[0]

    assert (read(crop_to_aspect_ratio=True) == 100).all()
    assert read(pad_to_aspect_ratio=True)[0].max() == 0
    assert read(data_format="channels_first", interpolation="nearest").shape == (3, 4, 4)


def test_texts_and_labels(folder):
    made = text_dataset_from_directory(folder, shuffle=False, max_length=9)
    assert contents(made) == [([b"about cat", b"about dog"], [0, 1])]
    (folder / "cats" / "notes.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match=r"notes.txt cannot be read"):
        contents(text_dataset_from_directory(folder, batch_size=None, shuffle=False))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"validation_split": 0.2}, "given together"),
        ({"subset": "training"}, "given together"),
        ({"validation_split": 2, "subset": "both"}, "between 0 and 1, got 2"),
        ({"validation_split": 0.2, "subset": "test"}, "got 'test'"),
        ({"validation_split": 0.2, "subset": "both"}, "needs a seed"),
        ({"label_mode": "float"}, "label_mode is one of"),
        ({"labels": [1, 2]}, "2 labels for 7 files"),
        ({"labels": [1], "class_names": ["a"]}, "class_names are for"),
        ({"class_names": ["cats", "birds"]}, r"there are \['cats', 'dogs'\]"),
        ({"class_names": ["cats"], "label_mode": "binary"}, "for 2 classes"),
        ({"color_mode": "bgr"}, "color_mode is one of"),
        ({"interpolation": "best"}, "interpolation is one of"),
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "not both"),
    ],
)
def test_what_is_asked_for_wrongly(options, message, folder):
    if options.get("labels"):
        (folder / ".hidden" / "8.png").unlink()
    with pytest.raises(Error, match=message):
        image_dataset_from_directory(folder, **options)


def test_directories_without_files(tmp_path):
    with pytest.raises(DataError, match="not a directory"):
        image_dataset_from_directory(tmp_path / "nothing")
    with pytest.raises(DataError, match="no file there ends with .bmp or"):
        image_dataset_from_directory(tmp_path)


def test_a_damaged_image_is_named(folder):
    (folder / "dogs" / "5.png").write_text("no image")
    with pytest.raises(DataError, match=r"5.png: cannot be read as an image"):
        numbers_of(image_dataset_from_directory(folder))


# ---- tf.io and tf.image.decode_*


def test_files_are_bytes(tmp_path):
    write_file(str(tmp_path / "new" / "a"), b"a\0\0")
    write_file(tf.constant(str(tmp_path / "b")), tf.constant("\u00e4"))
    assert read_file(str(tmp_path / "new" / "a")).numpy() == b"a\0\0"
    assert read_file(tmp_path / "b").numpy().decode() == "\u00e4"
    with pytest.raises(DataError, match="nothing cannot be read: No such file"):
        read_file(str(tmp_path / "nothing"))


def test_a_pipeline_of_image_files(folder):
    paths = tf.data.Dataset.list_files(str(folder / "*" / "*.png"), shuffle=False)
    images = paths.map(lambda p: tf.cast(decode_png(read_file(p), channels=3), tf.float32) / 255)
    assert images.element_spec == tf.TensorSpec((None, None, 3), tf.float32)
    assert [round(float(i[0, 0, 0]) * 255) for i in images][-2:] == [6, 7]


def test_reading_inside_a_graph(picture):
    @tf.function
    def read(path):
        return tf.reduce_max(decode_png(read_file(path), channels=3))

    assert int(read(tf.constant(str(picture)))) == RAMP.max()


@pytest.mark.parametrize("channels", [0, 1, 3, 4])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "LA", "I;16"])
def test_channels(mode, channels):
    stream = io.BytesIO()
    image = Image.fromarray(RAMP).convert("I" if mode == "I;16" else mode)
    (image.convert("I;16") if mode == "I;16" else image).save(stream, "PNG")
    own = {"L": 1, "RGB": 3, "RGBA": 4, "P": 3, "1": 1, "LA": 2, "I;16": 1}[mode]
    pixels = decode_png(stream.getvalue(), channels)
    assert (pixels.shape, pixels.dtype) == ((4, 6, channels or own), tf.uint8)


@pytest.mark.parametrize(
    ("form", "decode"), [("JPEG", decode_jpeg), ("BMP", decode_bmp), ("PNG", decode_image)]
)
def test_formats(form, decode):
    stream = io.BytesIO()
    Image.fromarray(RAMP).save(stream, form)
    pixels = decode(tf.constant(np.array(stream.getvalue(), object))).numpy().astype(int)
    assert np.abs(pixels - RAMP).max() <= (40 if form == "JPEG" else 0)


def test_animations():
    frames = [Image.fromarray(np.full((2, 3, 3), n, np.uint8)) for n in (0, 255)]
    stream = io.BytesIO()
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:])
    assert decode_gif(stream.getvalue()).numpy()[:, 0, 0, 0].tolist() == [0, 255]
    assert decode_image(stream.getvalue()).shape == (2, 2, 3, 3)
    assert decode_image(stream.getvalue(), expand_animations=False, channels=3).shape == (2, 3, 3)


def test_encoding():
    assert (decode_png(encode_png(RAMP)).numpy() == RAMP).all()
    assert decode_jpeg(encode_jpeg(RAMP[..., :1])).shape == (4, 6, 1)
    pixels = decode_image(encode_png(RAMP), dtype=tf.float32)
    np.testing.assert_allclose(pixels.numpy(), RAMP / 255, rtol=1e-6)
    with pytest.raises(Error, match="expected uint8 of shape"):
        encode_png(RAMP.astype(np.float32))
    with pytest.raises(DataError, match="cannot be read as an image"):
        decode_png(b"no image")
    with pytest.raises(Error, match="channels is 0, 1, 3 or 4, got 2"):
        decode_png(b"", channels=2)


def test_files_and_folders(tmp_path):
    folder = gfile.join(str(tmp_path), "a", "b")
    gfile.makedirs(folder)
    gfile.makedirs(folder)
    with gfile.GFile(gfile.join(folder, "c.txt"), "w") as file:
        file.write("\u00e4")
    with gfile.GFile(gfile.join(folder, "c.txt"), "rb") as file:
        assert file.read() == b"\xc3\xa4"
    assert gfile.exists(folder)
    assert gfile.isdir(folder)
    assert gfile.listdir(folder) == ["c.txt"]
    assert gfile.glob(gfile.join(folder, "*.txt")) == [gfile.join(folder, "c.txt")]
    gfile.copy(gfile.join(folder, "c.txt"), gfile.join(folder, "d.txt"))
    with pytest.raises(OSError, match="is there already"):
        gfile.rename(gfile.join(folder, "c.txt"), gfile.join(folder, "d.txt"))
    gfile.rename(gfile.join(folder, "c.txt"), gfile.join(folder, "d.txt"), overwrite=True)
    assert [files for _, _, files in gfile.walk(folder)] == [["d.txt"]]
    assert gfile.stat(gfile.join(folder, "d.txt")).st_size == 2
    gfile.remove(gfile.join(folder, "d.txt"))
    gfile.mkdir(gfile.join(folder, "e"))
    gfile.rmtree(folder)
    assert not gfile.exists(folder)


def test_missing_files_are_caught_by_every_name(tmp_path):
    path = str(tmp_path / "missing")
    calls = [
        lambda: gfile.GFile(path),
        lambda: gfile.listdir(path),
        lambda: gfile.remove(path),
        lambda: gfile.rmtree(path),
        lambda: gfile.stat(path),
        lambda: gfile.copy(path, path + "2"),
        lambda: gfile.rename(path, path + "2"),
        lambda: gfile.mkdir(path + "/below"),
        lambda: tf.io.read_file(path),
        lambda: next(iter(tf.data.TextLineDataset(path))),
        lambda: next(iter(tf.data.TFRecordDataset(path))),
        lambda: tf.train.load_checkpoint(path),
    ]
    for call in calls:
        for kind in (tf.errors.NotFoundError, FileNotFoundError, tf.errors.DataError, OSError):
            with pytest.raises(kind, match="missing"):
                call()
    (tmp_path / "there").touch()
    with pytest.raises(tf.errors.AlreadyExistsError, match="there is there already"):
        gfile.copy(tmp_path / "there", tmp_path / "there")
