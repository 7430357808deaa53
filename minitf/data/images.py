"""Data sets of images: digits, MNIST, Fashion-MNIST, CIFAR-10 and CIFAR-100."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from minitf.data.contents import table_of, tarred, unpacked
from minitf.data.files import DataFile, find, find_given, obtain, problem
from minitf.data.idx import read_idx
from minitf.data.pickled import read_pickled
from minitf.errors import DataError, InvalidArgumentError, warn
from minitf.settings import image_data_format

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, Array]

KERAS_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
MNIST_URLS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
MNIST = {
    "train-images-idx3-ubyte": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
FASHION_MNIST_URLS = (
    KERAS_URL,
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
)
FASHION_MNIST = {
    "train-images-idx3-ubyte": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "train-labels-idx1-ubyte": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "t10k-images-idx3-ubyte": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "t10k-labels-idx1-ubyte": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
}
FASHION_MNIST_NAMES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt",
                       "Sneaker", "Bag", "Ankle boot")  # fmt: skip
CIFAR10 = DataFile(
    "cifar10/cifar-10-python.tar.gz",
    "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",),
)
CIFAR10_SUBSET = (
    "cifar10-small/cifar10_train_first2000.bin.xz",
    "cifar10-small/cifar10_test_first1000.bin.xz",
)
CIFAR10_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship",
                 "truck")  # fmt: skip
CIFAR100 = DataFile(
    "cifar100/cifar-100-python.tar.gz",
    "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
    ("https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",),
)


def load_digits() -> Arrays:
    """Return 1,797 real handwritten digits, 8 x 8 pixels each; nothing is downloaded.

    They are read from ``MINITF_DATA/digits/digits.csv.gz`` if that exists, and from the wheel of
    scikit-learn otherwise.

    Returns
    -------
    images : ndarray, shape (1797, 8, 8), float32
        Brightness from 0 (paper) to 16 (ink).
    labels : ndarray, shape (1797,), int64
        The digit that each image shows.

    Raises
    ------
    DataError
        If scikit-learn is not installed, or the file is damaged.

    References
    ----------
    .. [1] E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
       Learning Repository, 1998 (CC BY 4.0).

    Examples
    --------
    >>> from minitf.data import load_digits
    >>> images, labels = load_digits()
    >>> images.shape, images.max().item(), labels[:5].tolist()
    ((1797, 8, 8), 16.0, [0, 1, 2, 3, 4])
    """
    path = find_given("digits/digits.csv")
    pixels, labels = _digits_of_table(path) if path else _digits_of_scikit_learn()
    return pixels.reshape(-1, 8, 8).astype(np.float32), labels.astype(np.int64)


def load_mnist(
    path: str = "mnist.npz", *, download: bool = True, verbose: int = 1
) -> tuple[Arrays, Arrays]:
    """Return the MNIST digits: 60,000 images to learn from and 10,000 to be judged by.

    Parameters
    ----------
    path : str
        Accepted as in Keras; the files have the names that they were published under.
    download : bool, default True
        Whether files that are neither in ``MINITF_DATA`` nor in the cache may be fetched (11.6 MB).
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray, uint8
        Images of shape (60000, 28, 28) and (10000, 28, 28) with values from 0 (paper) to 255
        (ink), and labels of shape (60000,) and (10000,).

    Raises
    ------
    DataError
        If a file is missing and may not or cannot be downloaded, or is damaged.

    Notes
    -----
    Copyright Yann LeCun and Corinna Cortes, CC BY-SA 3.0 (as Keras states it).

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
       recognition", Proceedings of the IEEE 86 (11), 1998.
    """
    return _idx_images("mnist", MNIST, MNIST_URLS, download, verbose)


def load_fashion_mnist(*, download: bool = True, verbose: int = 1) -> tuple[Arrays, Arrays]:
    """Return Fashion-MNIST: photographs of ten kinds of clothes, in the form of MNIST.

    The kinds are T-shirt/top, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker, Bag and Ankle
    boot, in the order of the labels.

    Parameters
    ----------
    download : bool, default True
        Whether files that are neither in ``MINITF_DATA`` nor in the cache may be fetched (30.9 MB).
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray, uint8
        Images of shape (60000, 28, 28) and (10000, 28, 28) with values from 0 to 255, and labels
        from 0 to 9 of shape (60000,) and (10000,).

    Raises
    ------
    DataError
        If a file is missing and may not or cannot be downloaded, or is damaged.

    Notes
    -----
    Copyright Zalando SE, MIT licence.

    References
    ----------
    .. [1] H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking
       machine learning algorithms", 2017, arXiv:1708.07747.
    """
    return _idx_images("fashion-mnist", FASHION_MNIST, FASHION_MNIST_URLS, download, verbose)


def load_cifar10(*, download: bool = True, verbose: int = 1) -> tuple[Arrays, Arrays]:
    """Return CIFAR-10: small colour photographs of ten kinds of things.

    The kinds are airplane, automobile, bird, cat, deer, dog, frog, horse, ship and truck, in the
    order of the labels. Where the full set is not on this machine, but ``MINITF_DATA`` holds the
    subset ``cifar10-small`` (the first 2,000 and 1,000 images), that is returned, with a warning.

    Parameters
    ----------
    download : bool, default True
        Whether the file may be fetched if it is neither in ``MINITF_DATA`` nor in the cache
        (170 MB).
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray, uint8
        Images of shape (50000, 32, 32, 3) and (10000, 32, 32, 3) with values from 0 to 255, and
        labels from 0 to 9 of shape (50000, 1) and (10000, 1).

    Raises
    ------
    DataError
        If the file is missing and may not or cannot be downloaded, or is damaged.

    Notes
    -----
    No licence is stated; the authors ask to be cited.

    References
    ----------
    .. [1] A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
    """
    subset = [find_given(name) for name in CIFAR10_SUBSET]
    if all(subset) and not find(CIFAR10):
        train, test = (_cifar_records(path) for path in subset if path)
        counts = f"{len(train[0]):,} and {len(test[0]):,}"
        warn(f"cifar10: MINITF_DATA holds the first {counts} images only")
        return train, test
    path = obtain(CIFAR10, download, verbose)
    names = [f"cifar-10-batches-py/data_batch_{i}" for i in range(1, 6)]
    parts = [_cifar_batch(path, name, "labels", 10) for name in names]
    x, y = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return (x, y), _cifar_batch(path, "cifar-10-batches-py/test_batch", "labels", 10)


def load_cifar100(
    label_mode: str = "fine", *, download: bool = True, verbose: int = 1
) -> tuple[Arrays, Arrays]:
    """Return CIFAR-100: small colour photographs of a hundred kinds of things, in twenty groups.

    Parameters
    ----------
    label_mode : {"fine", "coarse"}
        Whether labels tell the kind (0 to 99) or the group (0 to 19).
    download : bool, default True
        Whether the file may be fetched if it is neither in ``MINITF_DATA`` nor in the cache
        (169 MB).
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray
        Images of shape (50000, 32, 32, 3) and (10000, 32, 32, 3), uint8, and labels of shape
        (50000, 1) and (10000, 1).

    Raises
    ------
    DataError
        If the file is missing and may not or cannot be downloaded, or is damaged.

    References
    ----------
    .. [1] A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
    """
    kinds = {"fine": 100, "coarse": 20}
    if label_mode not in kinds:
        raise InvalidArgumentError(
            f"cifar100: label_mode is 'fine' or 'coarse', got {label_mode!r}"
        )
    path = obtain(CIFAR100, download, verbose)
    key, count = f"{label_mode}_labels", kinds[label_mode]
    train, test = (
        _cifar_batch(path, f"cifar-100-python/{part}", key, count) for part in ("train", "test")
    )
    return train, test


# -- details ----------------------------------------------------------------------------------


def _idx_images(
    folder: str, digests: dict[str, str], urls: tuple[str, ...], download: bool, verbose: int
) -> tuple[Arrays, Arrays]:
    """Return the images and labels of four IDX files, in the order of MNIST."""
    files = [
        DataFile(f"{folder}/{name}.gz", sha256, tuple(f"{url}{name}.gz" for url in urls))
        for name, sha256 in digests.items()
    ]
    paths = [obtain(file, download, verbose) for file in files]
    return _labelled_images(*paths[:2]), _labelled_images(*paths[2:])


def _labelled_images(images_path: Path, labels_path: Path) -> Arrays:
    images, labels = read_idx(images_path), read_idx(labels_path)
    if images.shape[1:] != (28, 28) or images.dtype != np.uint8:
        raise problem(
            f"{images_path}: expected uint8 images of shape (n, 28, 28), "
            f"got {images.dtype} {images.shape}"
        )
    if labels.shape != images.shape[:1] or labels.dtype != np.uint8:
        raise problem(
            f"{labels_path}: expected {len(images)} uint8 labels, got {labels.dtype} {labels.shape}"
        )
    if labels.max(initial=0) > 9:
        raise problem(f"{labels_path}: expected labels from 0 to 9, got {labels.max()}")
    return images, labels


def _cifar_batch(archive: Path, name: str, key: str, kinds: int) -> Arrays:
    """Return images and labels of one of the Python pickles that CIFAR was published as."""
    content = tarred(archive, name)
    try:
        batch = read_pickled(content)
        pixels, labels = batch[b"data"], np.asarray(batch[key.encode()])
    except (DataError, KeyError, TypeError) as error:
        raise problem(f"{archive}: {name}: damaged: {error}") from error
    if getattr(pixels, "dtype", None) != np.uint8 or pixels.shape != (len(labels), 3072):
        raise problem(f"{archive}: {name}: expected {len(labels)} x 3072 uint8 pixels")
    if not np.isin(labels, range(kinds)).all():
        raise problem(f"{archive}: {name}: expected labels from 0 to {kinds - 1}")
    return _upright(pixels), labels[:, None].astype(np.uint8)


def _cifar_records(path: Path) -> Arrays:
    """Return images and labels of a file of records: a label and 3072 pixels, a byte each."""
    content = np.frombuffer(unpacked(path), np.uint8)
    if content.size == 0 or content.size % 3073:
        raise problem(f"{path}: damaged: {content.size} bytes are no records of 3073")
    records = content.reshape(-1, 3073)
    if records[:, 0].max() > 9:
        raise problem(f"{path}: damaged: expected labels from 0 to 9, got {records[:, 0].max()}")
    return _upright(records[:, 1:]), records[:, :1].copy()


def _upright(pixels: Array) -> Array:
    """Return images with their channels where Keras is set to have them: last, most often."""
    if image_data_format() == "channels_first":  # as in the files
        return pixels.reshape(-1, 3, 32, 32).copy()
    return np.ascontiguousarray(pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))


def _digits_of_table(path: Path) -> Arrays:
    """Read 64 pixels and a label a line, as scikit-learn stores them."""
    table = table_of(path, 65)
    pixels, labels = table[:, :64], table[:, 64]
    if not ((pixels >= 0) & (pixels <= 16)).all() or not np.isin(labels, range(10)).all():
        raise problem(f"{path}: damaged: expected pixels from 0 to 16 and labels from 0 to 9")
    return pixels, labels


def _digits_of_scikit_learn() -> Arrays:
    try:
        from sklearn import datasets
    except ImportError as error:
        raise problem(
            "load_digits: the images are in scikit-learn's wheel, which is not installed. "
            'Install it with: pip install "minitf[course]"'
        ) from error
    bunch = datasets.load_digits()
    return bunch.data, bunch.target
