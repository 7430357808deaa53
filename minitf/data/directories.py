"""Datasets of the files below a directory, whose folders are the classes."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from minitf.data.dataset import Dataset
from minitf.data.files import problem
from minitf.data.pictures import MODES, open_image, smart_resize
from minitf.data.pipeline import AUTOTUNE
from minitf.data.reading import pixels
from minitf.errors import DataError, InvalidArgumentError
from minitf.graph.convert import as_tensor
from minitf.ops.array import transpose
from minitf.ops.composed import composed
from minitf.ops.resize import ResizeMethod, resize, resize_with_pad
from minitf.settings import image_data_format

IMAGE_ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
LABEL_MODES = ("int", "categorical", "binary", None)
METHODS = sorted(v for k, v in vars(ResizeMethod).items() if k.isupper())


@composed
def image_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: Any = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Make a dataset of the image files below a directory.

    Parameters
    ----------
    directory : str or pathlib.Path
        It holds a folder for each class.
    labels : "inferred", None, or sequence of int
        The number of the folder, in alphabetic order; none; or one for each file, in alphabetic
        order of the paths.
    label_mode : {"int", "categorical", "binary", None}
        Labels as int32, as float32 vectors with a one, as float32 of shape (batch, 1), or none.
    class_names : sequence of str, optional
        The folders to use, in the order of the labels.
    color_mode : {"rgb", "rgba", "grayscale"}
        What images are converted to.
    batch_size : int, optional
        None makes no batches.
    image_size : (int, int)
        Height and width that images are resized to.
    shuffle : bool
        Whether files come in random order.
    seed : int, optional
        Decides the order; needed where a set is split after shuffling.
    validation_split : float, optional
        Share of the files that is kept for validation.
    subset : {"training", "validation", "both"}, optional
        The part to return.
    interpolation : str
        A method of `tf.image.resize`.
    follow_links : bool
        Whether links to folders are followed.
    crop_to_aspect_ratio, pad_to_aspect_ratio : bool
        Whether to cut off or to add margins, rather than to distort.
    data_format : {"channels_last", "channels_first"}, optional
        Where the colours are in the result.
    format : {"tf"}
        Accepted as in Keras.
    verbose : bool
        Whether to print how many files were found.

    Returns
    -------
    Dataset
        Of images (float32, 0 to 255), or of pairs (images, labels); with the attributes
        `class_names` and `file_paths`. A list of two datasets for ``subset="both"``.

    Raises
    ------
    DataError
        If there is no such file, or one is no image (when it is its turn).
    """
    if color_mode not in MODES:
        raise InvalidArgumentError(f"color_mode is one of {list(MODES)}, got {color_mode!r}")
    channels = len(MODES[color_mode])  # which is named after them
    if interpolation.lower() not in METHODS:
        raise InvalidArgumentError(f"interpolation is one of {METHODS}, got {interpolation!r}")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise InvalidArgumentError("crop_to_aspect_ratio or pad_to_aspect_ratio, not both")
    first = (data_format or image_data_format()) == "channels_first"
    size = (image_size, image_size) if isinstance(image_size, int) else tuple(image_size)
    fitting = _crop if crop_to_aspect_ratio else _pad if pad_to_aspect_ratio else (
        resize)  # fmt: skip

    def read(path: Any) -> Any:
        image = fitting(
            pixels(open_image(path.numpy().decode()), channels), size, interpolation.lower()
        )
        return transpose(image, (2, 0, 1)) if first else image

    files = Files(directory, labels, label_mode, class_names, IMAGE_ENDINGS, follow_links, verbose)
    return files.datasets(read, batch_size, shuffle, seed, validation_split, subset)


def _crop(image: Any, size: tuple[int, int], method: str) -> Any:
    return as_tensor(smart_resize(image, size, method, "channels_last"))


def _pad(image: Any, size: tuple[int, int], method: str) -> Any:
    return resize_with_pad(image, *size, method=method)


@composed
def text_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Make a dataset of the text files (``.txt``) below a directory.

    Parameters
    ----------
    directory, labels, label_mode, class_names, batch_size
        As for `image_dataset_from_directory`.
    max_length : int, optional
        Longer texts are cut to so many characters.
    shuffle, seed, validation_split, subset, follow_links, format, verbose
        As for `image_dataset_from_directory`.

    Returns
    -------
    Dataset
        Of texts, or of pairs (texts, labels); with the attributes `class_names` and `file_paths`. A
        list of two datasets for ``subset="both"``.

    Raises
    ------
    DataError
        If there is no such file, or one is not in UTF-8 (when it is its turn).

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from minitf import keras
    >>> with TemporaryDirectory() as folder:
    ...     for name in ("bad", "good"):
    ...         Path(folder, name).mkdir()
    ...         _ = Path(folder, name, "1.txt").write_text(f"a {name} film")
    ...     ds = keras.utils.text_dataset_from_directory(folder, shuffle=False)
    ...     texts, labels = next(iter(ds))
    Found 2 files belonging to 2 classes.
    >>> list(zip(texts.numpy().tolist(), labels.numpy().tolist()))
    [(b'a bad film', 0), (b'a good film', 1)]
    """

    def read(path: Any) -> str:
        try:
            return Path(path.numpy().decode()).read_bytes().decode("utf-8")[:max_length]
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{path.numpy().decode()} cannot be read: {error}") from error

    files = Files(directory, labels, label_mode, class_names, (".txt",), follow_links, verbose)
    return files.datasets(read, batch_size, shuffle, seed, validation_split, subset)


class Files:
    """The files below a directory, and their labels.

    Attributes
    ----------
    paths : list of str
        In alphabetic order, class by class.
    labels : ndarray of int32, or None
        The number of each file's class.
    class_names : list of str, or None
        What the numbers mean.
    """

    def __init__(
        self,
        directory: Any,
        labels: Any,
        label_mode: str | None,
        class_names: Sequence[str] | None,
        endings: tuple[str, ...],
        follow_links: bool,
        verbose: bool,
    ):
        if label_mode not in LABEL_MODES:
            raise InvalidArgumentError(f"label_mode is one of {LABEL_MODES}, got {label_mode!r}")
        self.directory, self.endings, self.follow_links = Path(directory), endings, follow_links
        self.mode = None if labels is None else label_mode
        if not self.directory.is_dir():
            raise problem(f"{directory} is not a directory")
        inferred = isinstance(labels, str) and labels == "inferred"
        if inferred and self.mode is not None:
            self._by_folder(class_names)
        else:
            self._by_list(None if self.mode is None else labels, class_names)
        if label_mode == "binary" and self.class_names and len(self.class_names) != 2:
            raise InvalidArgumentError(f"'binary' labels are for 2 classes, got {self.class_names}")
        self.verbose = verbose
        if verbose:
            self._tell()

    def _by_folder(self, chosen: Sequence[str] | None) -> None:
        """Find the files of each class, which is a folder."""
        folders = sorted(
            p.name for p in self.directory.iterdir() if p.is_dir() and p.name[0] != "."
        )
        if chosen is not None and not set(chosen) <= set(folders):
            raise InvalidArgumentError(f"class_names={list(chosen)}, but there are {folders}")
        self.class_names: list[str] | None = folders if chosen is None else list(chosen)
        found = [self._below(self.directory / name) for name in self.class_names]
        self.paths = [path for paths in found for path in paths]
        self.labels: Any = np.repeat(
            np.arange(len(found), dtype=np.int32), [len(paths) for paths in found]
        )

    def _by_list(self, labels: Any, class_names: Any) -> None:
        """Find all files; their labels are given, or they have none."""
        if class_names is not None:
            raise InvalidArgumentError("class_names are for labels='inferred'")
        self.paths = self._below(self.directory)
        self.labels = None if labels is None else np.asarray(labels, np.int32)
        if labels is not None and len(labels) != len(self.paths):
            raise InvalidArgumentError(
                f"{len(labels)} labels for {len(self.paths)} files below {self.directory}"
            )
        self.class_names = None if labels is None else [str(n) for n in sorted(set(labels))]

    def _below(self, folder: Path) -> list[str]:
        walk = sorted(os.walk(folder, followlinks=self.follow_links))
        return [
            os.path.join(root, name)
            for root, _, names in walk
            for name in sorted(names)
            if name.lower().endswith(self.endings)
        ]

    def _tell(self) -> None:
        classes = f" belonging to {len(self.class_names)} classes" if self.class_names else ""
        print(f"Found {len(self.paths)} files{classes}.")

    def datasets(
        self,
        read: Callable[[Any], Any],
        batch_size: int | None,
        shuffle: bool,
        seed: int | None,
        validation_split: float | None,
        subset: str | None,
    ) -> Any:
        """Return the dataset of a part of the files, or a list of both."""
        _check_split(validation_split, subset, shuffle, seed)
        order = np.arange(len(self.paths))
        if shuffle:
            seed = np.random.randint(10**6) if seed is None else seed
            np.random.RandomState(seed).shuffle(order)
        end = len(order) - int((validation_split or 0) * len(order))
        parts = {"training": order[:end], "validation": order[end:], None: order}

        def made(part: str | None) -> Dataset:
            if part and self.verbose:
                print(f"Using {len(parts[part])} files for {part}.")
            again = seed if shuffle and not (subset == "both" and part == "validation") else None
            return self._dataset(parts[part], read, batch_size, again)

        return [made("training"), made("validation")] if subset == "both" else made(subset)

    def _dataset(
        self, order: Any, read: Callable[[Any], Any], batch_size: int | None, seed: int | None
    ) -> Dataset:
        """Return the dataset of some files; a seed brings them into another order in each epoch."""
        if not len(order):
            raise problem(f"{self.directory}: no file there ends with {' or '.join(self.endings)}")
        paths = [self.paths[i] for i in order]
        labels = self._encoded(order)
        dataset = Dataset.from_tensor_slices(paths if labels is None else (paths, labels))
        if seed is not None:
            dataset = dataset.shuffle((batch_size or 128) * 8, seed)
        dataset = dataset.map(
            read if labels is None else (lambda path, label: (read(path), label)), AUTOTUNE
        )
        if batch_size is not None:
            dataset = dataset.batch(batch_size)
        dataset = dataset.prefetch(AUTOTUNE)
        dataset.class_names, dataset.file_paths = self.class_names, paths
        return dataset

    def _encoded(self, order: Any) -> Any:
        """Return the labels of some files in the way that was asked for."""
        if self.mode is None:
            return None
        labels = self.labels[order]
        if self.mode == "categorical":
            return (labels[:, None] == np.arange(len(self.class_names or ()))).astype(np.float32)
        return labels[:, None].astype(np.float32) if self.mode == "binary" else labels


def _check_split(split: float | None, subset: str | None, shuffle: bool, seed: int | None) -> None:
    if bool(split) != bool(subset):
        raise InvalidArgumentError("validation_split and subset are given together")
    if subset not in ("training", "validation", "both", None):
        raise InvalidArgumentError(f"subset is 'training', 'validation' or 'both', got {subset!r}")
    if split and not 0 < split < 1:
        raise InvalidArgumentError(f"validation_split lies between 0 and 1, got {split}")
    if split and shuffle and seed is None:
        raise InvalidArgumentError("a split after shuffling needs a seed, or both parts overlap")
