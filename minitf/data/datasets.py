"""The handwritten digits that the chapters learn to read."""

from __future__ import annotations

import gzip
import io
import math
import zlib
from pathlib import Path

import numpy as np

from minitf.data.files import DataFile, fetch, find, find_given, problem

Arrays = tuple[np.ndarray, np.ndarray]

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
IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


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
       Learning Repository, 1998.

    Examples
    --------
    >>> from minitf.data import load_digits
    >>> images, labels = load_digits()
    >>> images.shape, images.max().item(), labels[:5].tolist()
    ((1797, 8, 8), 16.0, [0, 1, 2, 3, 4])
    """
    path = find_given("digits/digits.csv.gz")
    pixels, labels = _digits_of_table(path) if path else _digits_of_scikit_learn()
    return pixels.reshape(-1, 8, 8).astype(np.float32), labels.astype(np.int64)


def load_mnist(*, download: bool = True, verbose: int = 1) -> tuple[Arrays, Arrays]:
    """Return the MNIST digits: 60,000 images to learn from and 10,000 to be judged by.

    Parameters
    ----------
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

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
       recognition", Proceedings of the IEEE 86 (11), 1998.
    """
    paths = [_mnist_file(name, download, verbose) for name in MNIST]
    train, test = _labelled_images(*paths[:2]), _labelled_images(*paths[2:])
    return train, test


def read_idx(path: str | Path) -> np.ndarray:
    """Return the array that a file in the IDX format of MNIST holds, packed by gzip or not.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.

    Returns
    -------
    ndarray
        Of the shape and element type that the file's header states.

    Raises
    ------
    DataError
        If the file is missing, is not an IDX file, or does not hold what its header states.

    Notes
    -----
    The header is ``0 0 type rank``, one byte each, then `rank` sizes of four bytes, most
    significant byte first; the elements follow in C order.
    """
    path = Path(path)
    content = _unpacked(path)
    start = 4 + 4 * content[3] if len(content) >= 4 else 4
    if len(content) < start or content[:2] != b"\0\0" or content[2] not in IDX_TYPES:
        raise problem(f"{path}: damaged, or not an IDX file: it begins with {content[:4]!r}")
    dtype = np.dtype(IDX_TYPES[content[2]])
    shape = tuple(np.frombuffer(content, ">u4", content[3], offset=4).tolist())
    expected = start + math.prod(shape) * dtype.itemsize
    if len(content) != expected:
        raise problem(f"{path}: damaged: shape {shape} needs {expected} bytes, got {len(content)}")
    array = np.frombuffer(content, dtype, offset=start).reshape(shape)
    return array.astype(dtype.newbyteorder("="))  # a copy, in this machine's byte order


def _unpacked(path: Path) -> bytes:
    """Return the bytes of a file, after undoing gzip where it was applied."""
    try:
        packed = path.read_bytes()
        return gzip.decompress(packed) if packed[:2] == b"\x1f\x8b" else packed
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise problem(f"{path}: damaged: {error}") from error
    except OSError as error:
        raise problem(f"{path}: cannot be read: {error.strerror}") from error


def _mnist_file(name: str, download: bool, verbose: int) -> Path:
    file = DataFile(f"mnist/{name}.gz", MNIST[name], tuple(f"{url}{name}.gz" for url in MNIST_URLS))
    path = fetch(file, verbose=verbose) if download else find(file)
    if path is None:
        raise problem(
            f"{file.name}: neither below MINITF_DATA nor in the cache, and download=False"
        )
    return path


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


def _digits_of_table(path: Path) -> Arrays:
    """Read 64 pixels and a label a line, as scikit-learn stores them."""
    try:
        table = np.loadtxt(io.BytesIO(_unpacked(path)), delimiter=",", ndmin=2)
    except ValueError as error:
        raise problem(f"{path}: damaged: {error}") from error
    if table.shape[1:] != (65,):
        raise problem(f"{path}: damaged: expected 65 numbers a line, got {table.shape[1:]}")
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
