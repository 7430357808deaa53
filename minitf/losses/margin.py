"""Losses that ask for a margin, for overlap, and for distance between classes."""

from __future__ import annotations

from typing import Any

from minitf.losses.wrapper import LossFunctionWrapper
from minitf.scoring.margin import categorical_hinge, hinge, squared_hinge
from minitf.scoring.overlap import circle, dice, tversky

MEAN = "sum_over_batch_size"


class Hinge(LossFunctionWrapper):
    """The mean of max(1 - y_true y_pred, 0), for labels -1 and 1 (0 and 1 mean these).

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.losses.Hinge()([[1.0, -1.0]], [[3.0, 0.5]]))
    0.75
    """

    def __init__(self, reduction: str | None = MEAN, name: str | None = "hinge",
                 dtype: Any = None):  # fmt: skip
        super().__init__(hinge, reduction, name, dtype)


class SquaredHinge(LossFunctionWrapper):
    """The mean of max(1 - y_true y_pred, 0)^2, for labels -1 and 1 (0 and 1 mean these).

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.losses.SquaredHinge()([[1.0, -1.0]], [[3.0, 0.0]]))
    0.5
    """

    def __init__(self, reduction: str | None = MEAN, name: str | None = "squared_hinge",
                 dtype: Any = None):  # fmt: skip
        super().__init__(squared_hinge, reduction, name, dtype)


class CategoricalHinge(LossFunctionWrapper):
    """How far the right class falls short of beating the best wrong one by 1.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.losses.CategoricalHinge()([[0.0, 1.0]], [[2.0, 2.5]]))
    0.5
    """

    def __init__(self, reduction: str | None = MEAN, name: str | None = "categorical_hinge",
                 dtype: Any = None):  # fmt: skip
        super().__init__(categorical_hinge, reduction, name, dtype)


class Dice(LossFunctionWrapper):
    """1 minus twice the overlap of two regions, divided by the sum of their sizes.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.
    axis : int or tuple of int, optional
        The axes of a region; all of them by default.

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.losses.Dice()([[1.0, 1.0]], [[1.0, 0.0]])), 4)
    0.3333
    """

    def __init__(self, reduction: str | None = MEAN, name: str | None = "dice", axis: Any = None,
                 dtype: Any = None):  # fmt: skip
        super().__init__(dice, reduction, name, dtype, axis=axis)


class Tversky(LossFunctionWrapper):
    """`Dice` with weights for the two kinds of mistakes; see `tversky`.

    Parameters
    ----------
    alpha, beta : float
        What being wrongly outside, and wrongly inside, costs.
    reduction, name, dtype
        As for `Loss`.
    axis : int or tuple of int, optional
        The axes of a region; all of them by default.

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.losses.Tversky(alpha=1.0)([[1.0, 1.0]], [[1.0, 0.0]])), 4)
    0.5
    """

    def __init__(self, alpha: float = 0.5, beta: float = 0.5, reduction: str | None = MEAN,
                 name: str | None = "tversky", axis: Any = None, dtype: Any = None):  # fmt: skip
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)


class Circle(LossFunctionWrapper):
    """How badly embeddings of length 1 keep classes apart; see `circle`.

    Parameters
    ----------
    gamma, margin : float
        Scale and margin of the formula.
    remove_diagonal : bool
        Do not compare an embedding with itself.
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> loss = keras.losses.Circle()
    >>> float(loss([0, 0, 1], [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])) > 10
    True
    """

    def __init__(self, gamma: float = 80.0, margin: float = 0.4, remove_diagonal: bool = True,
                 reduction: str | None = MEAN, name: str | None = "circle",
                 dtype: Any = None):  # fmt: skip
        super().__init__(circle, reduction, name, dtype, gamma=gamma, margin=margin,
                         remove_diagonal=remove_diagonal)  # fmt: skip
