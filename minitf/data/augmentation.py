"""`keras.preprocessing.image.ImageDataGenerator`: images that are turned, moved and cut anew.

New programs put layers such as `keras.layers.RandomRotation` in front of a model instead.

A turn, a shift, a shear and a zoom are one affine map of the places of pixels: the pixel at ``p``
of the new image is that at ``A (p - c) + b + c`` of the old one, where ``c`` is the middle. A place
between pixels gets a weighted mean of the four around it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from minitf.data.pictures import MODES, array_to_img, img_to_array, load_img
from minitf.data.py_dataset import PyDataset
from minitf.errors import FailedPreconditionError, InvalidArgumentError, ShapeError
from minitf.settings import floatx

Array = np.ndarray[Any, Any]

FILL_MODES = ("nearest", "constant", "reflect", "wrap")
CLASS_MODES = ("categorical", "binary", "sparse", "input", None)
ENDINGS = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")


class ImageDataGenerator:
    """Makes batches of images that are changed at random.

    Parameters
    ----------
    featurewise_center, featurewise_std_normalization : bool
        Whether to subtract the mean, and to divide by the standard deviation, that `fit` found.
    samplewise_center, samplewise_std_normalization : bool
        The same with the numbers of each image.
    zca_whitening : bool
        Whether to remove the correlations that `fit` found.
    zca_epsilon : float
        Added to the singular values there.
    rotation_range : float
        Largest angle, in degrees.
    width_shift_range, height_shift_range : float, int, or sequence
        Largest shift: a share of the size if it is below 1, else pixels; or the shifts to choose
        from, in both directions.
    brightness_range : (float, float), optional
        Range of the factor for the brightness.
    shear_range : float
        Largest angle of the shear, in degrees.
    zoom_range : float or (float, float)
        Range of the factor for the part that is seen; ``z`` means ``(1 - z, 1 + z)``.
    channel_shift_range : float
        Largest number to add to all channels.
    fill_mode : {"nearest", "constant", "reflect", "wrap"}
        What is outside of an image.
    cval : float
        What is there for "constant".
    horizontal_flip, vertical_flip : bool
        Whether half of the images are mirrored.
    rescale : float, optional
        Factor for all values.
    preprocessing_function : callable, optional
        Takes an image after the other changes, before it is rescaled, and returns one.
    data_format : {"channels_last"}
        Where the colours are.
    validation_split : float
        Share of the images that is kept for ``subset="validation"``.
    interpolation_order : {0, 1}
        0 takes the nearest pixel, 1 the mean of four.
    dtype : dtype, optional
        Of the batches; that of `keras.config.floatx` unless given.

    Examples
    --------
    >>> import numpy as np
    >>> from minitf.data import ImageDataGenerator
    >>> generator = ImageDataGenerator(rescale=1 / 255, rotation_range=10, horizontal_flip=True)
    >>> batches = generator.flow(np.zeros((10, 8, 8, 3)), np.arange(10), batch_size=4)
    >>> x, y = batches[0]
    >>> x.shape, y.shape, len(batches)
    ((4, 8, 8, 3), (4,), 3)
    """

    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: Any = 0.0,
        height_shift_range: Any = 0.0,
        brightness_range: Sequence[float] | None = None,
        shear_range: float = 0.0,
        zoom_range: Any = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable[[Array], Array] | None = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: Any = None,
    ):
        if data_format not in (None, "channels_last"):
            raise InvalidArgumentError(f"data_format is 'channels_last' here, got {data_format!r}")
        if fill_mode not in FILL_MODES:
            raise InvalidArgumentError(f"fill_mode is one of {FILL_MODES}, got {fill_mode!r}")
        if not 0 <= validation_split < 1:
            raise InvalidArgumentError(f"validation_split lies in [0, 1), got {validation_split}")
        self.featurewise_center = (
            featurewise_center or featurewise_std_normalization or zca_whitening
        )
        self.featurewise_std_normalization = featurewise_std_normalization and not zca_whitening
        self.samplewise_center = samplewise_center or samplewise_std_normalization
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening, self.zca_epsilon = zca_whitening, zca_epsilon
        self.rotation_range, self.shear_range = rotation_range, shear_range
        self.width_shift_range, self.height_shift_range = width_shift_range, height_shift_range
        self.brightness_range, self.channel_shift_range = brightness_range, channel_shift_range
        self.zoom_range = _zooms(zoom_range)
        self.fill_mode, self.cval = fill_mode, cval
        self.horizontal_flip, self.vertical_flip = horizontal_flip, vertical_flip
        self.rescale, self.preprocessing_function = rescale, preprocessing_function
        self.validation_split, self.interpolation_order = validation_split, interpolation_order
        self.dtype = dtype or floatx()
        self.mean: Any = None
        self.std: Any = None
        self.zca_whitening_matrix: Any = None

    # -- what is learnt from all images -----------------------------------------------------------

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Find the mean, the deviation and the correlations of images.

        Parameters
        ----------
        x : array_like, shape (images, height, width, channels)
        augment : bool
            Whether of images that are changed at random.
        rounds : int
            How often each image is used then.
        seed : int, optional
            Decides the changes.
        """
        images = np.array(x, self.dtype) * (self.rescale or 1)
        if images.ndim != 4:
            raise ShapeError(
                f"expected shape (images, height, width, channels), got {images.shape}"
            )
        if augment:
            if seed is not None:
                np.random.seed(seed)
            images = np.stack([self.random_transform(i) for _ in range(rounds) for i in images])
        self.mean = images.mean((0, 1, 2), keepdims=True)[0]
        images = images - self.mean
        if self.featurewise_std_normalization:
            self.std = images.std((0, 1, 2), keepdims=True)[0]
        if self.zca_whitening:
            u, s, _ = np.linalg.svd(images.reshape(len(images), -1).T, full_matrices=False)
            self.zca_whitening_matrix = (u * (np.sqrt(len(images)) / (s + self.zca_epsilon))) @ u.T

    def standardize(self, x: Array) -> Array:
        """Return an image after the changes that are not random."""
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        x = x * self.rescale if self.rescale else x
        if self.samplewise_center:
            x = x - x.mean()
        if self.samplewise_std_normalization:
            x = x / (x.std() + 1e-6)
        if self.featurewise_center:
            x = x - self._learnt(self.mean)
        if self.featurewise_std_normalization:
            x = x / (self._learnt(self.std) + 1e-6)
        if self.zca_whitening:
            x = (x.reshape(1, -1) @ self._learnt(self.zca_whitening_matrix)).reshape(x.shape)
        return x

    @staticmethod
    def _learnt(value: Any) -> Any:
        if value is None:
            raise FailedPreconditionError("ImageDataGenerator: call fit(images) first")
        return value

    # -- random changes -------------------------------------------------------------------------

    def get_random_transform(
        self, img_shape: Sequence[int], seed: int | None = None
    ) -> dict[str, Any]:
        """Draw a change.

        Parameters
        ----------
        img_shape : (int, int, int)
            Shape of the image.
        seed : int, optional
            Decides it; else NumPy's own seed does.

        Returns
        -------
        dict
            theta, shear (degrees), tx, ty (columns and rows of pixels), zx, zy, flip_horizontal,
            flip_vertical, channel_shift_intensity, brightness.
        """
        if seed is not None:
            np.random.seed(seed)
        zoom = np.random.uniform(*self.zoom_range, 2) if self.zoom_range != (1, 1) else (1, 1)
        light = self.brightness_range
        return {
            "theta": _symmetric(self.rotation_range),
            "tx": _shift(self.width_shift_range, img_shape[1]),
            "ty": _shift(self.height_shift_range, img_shape[0]),
            "shear": _symmetric(self.shear_range),
            "zx": zoom[0],
            "zy": zoom[1],
            "flip_horizontal": self.horizontal_flip and np.random.random() < 0.5,
            "flip_vertical": self.vertical_flip and np.random.random() < 0.5,
            "channel_shift_intensity": _symmetric(self.channel_shift_range) or None,
            "brightness": None if light is None else np.random.uniform(light[0], light[1]),
        }

    def apply_transform(self, x: Array, transform_parameters: dict[str, Any]) -> Array:
        """Return an image after a change of `get_random_transform`."""
        change = transform_parameters
        matrix, shift = affine(change)
        if not (np.array_equal(matrix, np.eye(2)) and not shift.any()):
            x = moved(x, matrix, shift, self.fill_mode, self.cval, self.interpolation_order)
        if change.get("channel_shift_intensity") is not None:
            x = np.clip(x + change["channel_shift_intensity"], x.min(), x.max())
        if change.get("flip_horizontal"):
            x = x[:, ::-1]
        if change.get("flip_vertical"):
            x = x[::-1]
        if change.get("brightness") is not None:
            x = np.clip(x * change["brightness"], 0, 255)
        return x

    def random_transform(self, x: Array, seed: int | None = None) -> Array:
        """Return an image after a change drawn at random."""
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    # -- batches --------------------------------------------------------------------------------

    def flow(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Any = None,
        seed: int | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        ignore_class_split: bool = False,
        subset: str | None = None,
    ) -> ImageBatches:
        """Return batches of images in an array.

        Parameters
        ----------
        x : array_like, shape (images, height, width, channels)
        y, sample_weight : array_like, optional
            Labels and weights.
        batch_size : int
        shuffle : bool
            Whether each epoch has an order of its own.
        seed : int, optional
            Decides the orders and the changes.
        save_to_dir, save_prefix, save_format
            Where to write the changed images, for looking at them.
        ignore_class_split : bool
            Accepted as in Keras.
        subset : {"training", "validation"}, optional
            The part of the images: the validation images come first.

        Returns
        -------
        ImageBatches
        """
        images = np.asarray(x)
        more = [np.asarray(part) for part in (y, sample_weight) if part is not None]
        if images.ndim != 4 or any(len(part) != len(images) for part in more):
            raise ShapeError(
                f"expected images of shape (n, height, width, channels) and n labels, got "
                f"{[part.shape for part in (images, *more)]}"
            )
        part = self._part(len(images), subset)
        images, more = images[part], [m[part] for m in more]
        saving = (save_to_dir, save_prefix, save_format)
        return ImageBatches(self, images.__getitem__, more, len(images), images.shape[1:],
                            batch_size, shuffle, seed, saving)  # fmt: skip

    def flow_from_directory(
        self,
        directory: Any,
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
    ) -> ImageBatches:
        """Return batches of image files; each folder of a directory is a class.

        Parameters
        ----------
        directory : str or pathlib.Path
        target_size : (int, int)
            Height and width that images are resized to.
        color_mode : {"rgb", "rgba", "grayscale"}
        classes : sequence of str, optional
            The folders, in the order of the labels; all unless given.
        class_mode : {"categorical", "binary", "sparse", "input", None}
            Labels as vectors with a one, as numbers, the images themselves, or none.
        batch_size, shuffle, seed, save_to_dir, save_prefix, save_format, subset
            As for `flow`; the parts are taken of each class.
        follow_links : bool
            Accepted as in Keras.
        interpolation, keep_aspect_ratio
            As for `load_img`.

        Returns
        -------
        ImageBatches
            With the attributes `class_indices`, `classes`, `filenames`, `samples`.
        """
        if class_mode not in CLASS_MODES:
            raise InvalidArgumentError(f"class_mode is one of {CLASS_MODES}, got {class_mode!r}")
        if color_mode not in MODES:
            raise InvalidArgumentError(f"color_mode is one of {list(MODES)}, got {color_mode!r}")
        folder = Path(directory)
        names = list(classes or sorted(p.name for p in folder.iterdir() if p.is_dir()))
        found = [self._files(folder / name, subset) for name in names]
        paths = [path for files in found for path in files]
        labels = np.repeat(np.arange(len(names)), [len(files) for files in found])
        print(f"Found {len(paths)} images belonging to {len(names)} classes.")

        def read(index: int) -> Array:
            image = load_img(
                paths[index], color_mode, target_size, interpolation, keep_aspect_ratio
            )
            return img_to_array(image, "channels_last")

        shape = (*target_size, len(MODES[color_mode]) if color_mode != "grayscale" else 1)
        encoded = _labels(labels, class_mode, len(names), self.dtype)
        saving = (save_to_dir, save_prefix, save_format)
        made = ImageBatches(
            self, read, encoded, len(paths), shape, batch_size, shuffle, seed, saving
        )
        made.returns_input = class_mode == "input"
        made.class_indices = {name: i for i, name in enumerate(names)}
        made.classes, made.num_classes, made.class_mode = labels, len(names), class_mode
        made.filepaths = [str(path) for path in paths]
        made.filenames = [path.relative_to(folder).as_posix() for path in paths]
        return made

    def _files(self, folder: Path, subset: str | None) -> list[Path]:
        """Return the image files of a class, or of a part of it, in alphabetic order."""
        files = sorted(p for p in folder.rglob("*") if p.suffix[1:].lower() in ENDINGS)
        return files[self._part(len(files), subset)]

    def _part(self, count: int, subset: str | None) -> slice:
        """Return which of so many images belong to a part."""
        border = int(self.validation_split * count)
        parts = {"validation": slice(border), "training": slice(border, None), None: slice(None)}
        if subset not in parts:
            raise InvalidArgumentError(f"subset is 'training' or 'validation', got {subset!r}")
        return parts[subset]


class ImageBatches(PyDataset):
    """Batches of an `ImageDataGenerator`: by number for `fit`, or without end in a loop.

    Attributes
    ----------
    samples, n : int
        Number of images.
    """

    returns_input = False
    class_indices: dict[str, int]
    classes: Any
    num_classes: int
    class_mode: str | None
    filepaths: list[str]
    filenames: list[str]

    def __init__(
        self,
        generator: ImageDataGenerator,
        read: Callable[[int], Array],
        labels: list[Array],
        count: int,
        shape: Sequence[int],
        batch_size: int,
        shuffle: bool,
        seed: int | None,
        saving: tuple[Any, str, str],
    ):
        super().__init__()
        self.generator, self.read, self.labels = generator, read, labels
        self.n = self.samples = count
        self.image_shape, self.batch_size = tuple(shape), batch_size
        self.shuffle, self.seed, self.saving = shuffle, seed, saving
        self._seen, self._next = 0, 0
        self._lock = threading.Lock()
        self.on_epoch_end()

    def __len__(self) -> int:
        return -(-self.n // self.batch_size)

    def on_epoch_end(self) -> None:
        """Draw the order of the next epoch."""
        self._order = np.random.permutation(self.n) if self.shuffle else np.arange(self.n)

    def reset(self) -> None:
        """Begin again with the first batch."""
        self._next = 0

    def __getitem__(self, index: int) -> Any:
        if not 0 <= index < len(self):
            raise InvalidArgumentError(f"there is no batch {index}, but {len(self)}")
        if self.seed is not None:
            np.random.seed(self.seed + self._seen)
            if self._seen == 0:
                self.on_epoch_end()
        self._seen += 1
        return self._batch(self._order[index * self.batch_size :][: self.batch_size])

    def _batch(self, numbers: Array) -> Any:
        """Return the images of some numbers, with their labels."""
        images = np.empty((len(numbers), *self.image_shape), self.generator.dtype)
        for i, number in enumerate(numbers):
            image = self.read(number).astype(self.generator.dtype)
            images[i] = self.generator.standardize(self.generator.random_transform(image))
            self._save(images[i], number)
        if self.returns_input:
            return images, images.copy()
        labels = [part[numbers] for part in self.labels]
        return (images, *labels) if labels else images

    def _save(self, image: Array, number: int) -> None:
        folder, prefix, form = self.saving
        if folder:
            name = f"{prefix}_{number}_{self._seen}.{form}"
            array_to_img(image, "channels_last").save(Path(folder) / name)

    def __iter__(self) -> ImageBatches:
        return self

    def __next__(self) -> Any:
        with self._lock:
            index, self._next = self._next, (self._next + 1) % len(self)
            if index == 0 and self._seen:
                self.on_epoch_end()
            return self[index]


# -- details ----------------------------------------------------------------------------------


def affine(change: dict[str, Any]) -> tuple[Array, Array]:
    """Return matrix A and shift b, in pixels (row, column), of a change."""
    theta, shear = np.deg2rad(change.get("theta", 0)), np.deg2rad(change.get("shear", 0))
    turn = np.array([[np.cos(theta), -np.sin(theta)], [np.sin(theta), np.cos(theta)]])
    lean = np.array([[1, -np.sin(shear)], [0, np.cos(shear)]])
    zoom = np.diag([change.get("zx", 1), change.get("zy", 1)]).astype(float)
    shift = turn @ np.array([change.get("tx", 0), change.get("ty", 0)], float)
    swap = np.array([[0, 1], [1, 0]])  # from (x, y), in which a change is stated, to (row, column)
    return swap @ turn @ lean @ zoom @ swap, swap @ shift


def moved(
    image: Array, matrix: Array, shift: Array, fill_mode: str, fill: float, order: int
) -> Array:
    """Return the image whose pixel at p is that at ``matrix (p - c) + shift + c``."""
    sizes = np.array(image.shape[:2])
    middle = (sizes / 2 - 0.5)[:, None]
    places = np.indices(image.shape[:2]).reshape(2, -1)
    old = matrix @ (places - middle) + shift[:, None] + middle
    outside = ((old < 0) | (old > sizes[:, None] - 1)).any(0)
    old = np.stack([inside(o, n, fill_mode) for o, n in zip(old, sizes, strict=True)])
    found = nearest(image, old) if order == 0 else mean_of_four(image, old)
    if fill_mode == "constant":
        found[outside] = fill
    return found.reshape(image.shape).astype(image.dtype)


def inside(places: Array, size: int, fill_mode: str) -> Array:
    """Return places on an axis that lie in the image, for what lies outside too."""
    if fill_mode == "reflect":  # d c b a | a b c d | d c b a
        folded = np.mod(places + 0.5, 2 * size)
        places = np.minimum(folded, 2 * size - folded) - 0.5
    elif fill_mode == "wrap" and size > 1:
        beyond = (places < 0) | (places > size - 1)
        places = np.where(beyond, np.mod(places, size - 1), places)
    return np.clip(places, 0, size - 1)


def nearest(image: Array, places: Array) -> Array:
    """Return the pixels next to places, of shape (places, channels)."""
    row, column = np.floor(places + 0.5).astype(int)
    return image[row, column]


def mean_of_four(image: Array, places: Array) -> Array:
    """Return the weighted means of the four pixels around places, of shape (places, channels)."""
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, np.array(image.shape[:2])[:, None] - 1)
    down, right = (places - low)[..., None]
    upper = image[low[0], low[1]] * (1 - right) + image[low[0], high[1]] * right
    lower = image[high[0], low[1]] * (1 - right) + image[high[0], high[1]] * right
    return upper * (1 - down) + lower * down


def _labels(labels: Array, class_mode: str | None, count: int, dtype: Any) -> list[Array]:
    if class_mode in (None, "input"):
        return []
    if class_mode == "categorical":
        return [np.eye(count, dtype=dtype)[labels]]
    return [labels.astype(dtype)]


def _symmetric(limit: float) -> float:
    return np.random.uniform(-limit, limit) if limit else 0.0


def _shift(limit: Any, size: int) -> float:
    """Draw a shift in pixels."""
    if isinstance(limit, (float, np.floating)):
        shift = _symmetric(float(limit))
    elif np.any(limit):  # one of several, or of the whole numbers below
        shift = np.random.choice(limit) * np.random.choice([-1, 1])
    else:
        return 0.0
    return shift * size if np.max(limit) < 1 else shift


def _zooms(zoom_range: Any) -> tuple[float, float]:
    if isinstance(zoom_range, (int, float)):
        return 1 - zoom_range, 1 + zoom_range
    if len(zoom_range) != 2:
        raise InvalidArgumentError(f"zoom_range is a number or a pair, got {zoom_range}")
    return tuple(zoom_range)
