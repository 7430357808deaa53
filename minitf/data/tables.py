"""Data sets of numbers: irises, and the prices of houses."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.data.contents import arrays_of, table_of
from minitf.data.files import DataFile, obtain, problem
from minitf.data.images import KERAS_URL
from minitf.errors import InvalidArgumentError

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, Array]

IRIS = DataFile(
    "iris/iris.csv",
    "f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449",
    (
        "https://raw.githubusercontent.com/scikit-learn/scikit-learn/1.5.2/sklearn/datasets/data/"
        "iris.csv",
    ),
)
IRIS_NAMES = ("setosa", "versicolor", "virginica")
BOSTON = DataFile(
    "boston_housing/boston_housing.npz",
    "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
    (f"{KERAS_URL}boston_housing.npz",),
)
CALIFORNIA = DataFile(
    "california_housing/california_housing.npz",
    "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
    (f"{KERAS_URL}california_housing.npz",),
)


def load_iris(*, download: bool = True, verbose: int = 1) -> Arrays:
    """Return Fisher's irises: four lengths of 150 flowers of three species.

    Parameters
    ----------
    download : bool, default True
        Whether the file may be fetched if it is neither in ``MINITF_DATA`` nor in the cache
        (2.7 kB).
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    features : ndarray, shape (150, 4), float32
        Length and width of the sepal, then of the petal, in centimetres.
    labels : ndarray, shape (150,), int64
        0 setosa, 1 versicolor, 2 virginica; fifty of each, in this order.

    Raises
    ------
    DataError
        If the file is missing and may not or cannot be downloaded, or is damaged.

    Notes
    -----
    The copy of scikit-learn (BSD-3-Clause); UCI set 53 is CC BY 4.0.

    References
    ----------
    .. [1] R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of
       Eugenics 7, 1936.
    """
    path = obtain(IRIS, download, verbose)
    table = table_of(path, 5, skip=1)
    if not np.isin(table[:, 4], range(3)).all():
        raise problem(f"{path}: damaged: expected labels from 0 to 2")
    return table[:, :4].astype(np.float32), table[:, 4].astype(np.int64)


def load_boston_housing(
    path: str = "boston_housing.npz",
    test_split: float = 0.2,
    seed: int = 113,
    *,
    download: bool = True,
    verbose: int = 1,
) -> tuple[Arrays, Arrays]:
    """Return prices of houses in 506 parts of Boston, 1978, with 13 numbers about each part.

    One of the numbers counts the Black inhabitants, and was put in on the supposition that they
    lower the price; the set is kept for old programs. `load_california_housing` is a better one.

    Parameters
    ----------
    path : str
        Accepted as in Keras.
    test_split : float
        Share of the set that is kept for the test.
    seed : int
        Decides the order.
    download : bool, default True
        Whether the file may be fetched if it is neither in ``MINITF_DATA`` nor in the cache
        (57 kB).
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray, float64
        Numbers of shape (n, 13), and prices in thousands of dollars of shape (n,).

    Raises
    ------
    DataError
        If the file is missing and may not or cannot be downloaded, or is damaged.

    References
    ----------
    .. [1] D. Harrison, D. L. Rubinfeld, "Hedonic housing prices and the demand for clean air",
       Journal of Environmental Economics and Management 5, 1978.
    """
    x, y = arrays_of(obtain(BOSTON, download, verbose), "x", "y")
    return _parted(x, y, test_split, seed)


def load_california_housing(
    version: str = "large",
    path: str = "california_housing.npz",
    test_split: float = 0.2,
    seed: int = 113,
    *,
    download: bool = True,
    verbose: int = 1,
) -> tuple[Arrays, Arrays]:
    """Return prices of houses in 20,640 parts of California, 1990, with 8 numbers about each part.

    Parameters
    ----------
    version : {"large", "small"}
        All, or the first 600.
    path : str
        Accepted as in Keras.
    test_split : float
        Share of the set that is kept for the test.
    seed : int
        Decides the order.
    download : bool, default True
        Whether the file may be fetched if it is neither in ``MINITF_DATA`` nor in the cache
        (743 kB).
    verbose : int, default 1
        0 downloads silently, 1 shows a progress bar.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : tuples of ndarray
        Numbers of shape (n, 8): longitude, latitude, median age of the houses, rooms, bedrooms,
        inhabitants, households, median income; and prices in dollars of shape (n,).

    Raises
    ------
    DataError
        If the file is missing and may not or cannot be downloaded, or is damaged.

    References
    ----------
    .. [1] R. K. Pace, R. Barry, "Sparse spatial autoregressions", Statistics and Probability
       Letters 33, 1997.
    """
    if version not in ("large", "small"):
        raise InvalidArgumentError(
            f"california_housing: version is 'large' or 'small', got {version!r}"
        )
    x, y = arrays_of(obtain(CALIFORNIA, download, verbose), "x", "y")
    count = 600 if version == "small" else len(x)
    return _parted(x[:count], y[:count], test_split, seed)


def _parted(x: Array, y: Array, test_split: float, seed: int) -> tuple[Arrays, Arrays]:
    """Return two parts of a set, after bringing it into the order that Keras draws."""
    if not 0 <= test_split < 1:
        raise InvalidArgumentError(f"test_split lies in [0, 1), got {test_split}")
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    end = int(len(x) * (1 - test_split))
    return (x[order[:end]], y[order[:end]]), (x[order[end:]], y[order[end:]])
