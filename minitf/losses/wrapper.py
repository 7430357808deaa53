"""LossFunctionWrapper: a formula as a Loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitf.dtypes import as_dtype
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.losses.loss import Loss
from minitf.scoring import FUNCTIONS
from minitf.scoring.pairing import same_rank
from minitf.serialization import deserialize_keras_object

FORMULAS = set(FUNCTIONS.values())


class LossFunctionWrapper(Loss):
    """A Loss that computes a function of truth and prediction.

    Parameters
    ----------
    fn : function
        Called as ``fn(y_true, y_pred, **kwargs)``; returns a number for each example.
    reduction, name, dtype
        As for `Loss`.
    **kwargs
        Further arguments of the function. They are attributes of the loss as well.

    Examples
    --------
    >>> from minitf import keras
    >>> loss = keras.losses.LossFunctionWrapper(lambda y_true, y_pred: abs(y_true - y_pred))
    >>> float(loss([1.0, 2.0], [1.0, 4.0]))
    1.0
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn, self.arguments = fn, kwargs
        vars(self).update(kwargs)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return what each example costs."""
        if isinstance(y_true, Tensor) and isinstance(y_pred, Tensor):
            y_true, y_pred = same_rank(y_true, y_pred)
        return self.fn(y_true, y_pred, **self.arguments)

    def _labels(self, y_true: Any) -> Any:
        """Return the truth; numbers of classes need not become floats for a formula that asks."""
        return as_tensor(y_true) if self.fn in FORMULAS else super()._labels(y_true)

    def _tensors(self, value: Any) -> Any:
        """Return the prediction, which is one Tensor for a formula."""
        if self.fn in FORMULAS and isinstance(value, (list, tuple)):
            value = as_tensor(value, hint=as_dtype(self.dtype))
        return super()._tensors(value)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal loss."""
        own = {"fn": self.fn} if type(self) is LossFunctionWrapper else {}
        return {**super().get_config(), **own, **self.arguments}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Loss:
        """Return the loss that a config describes."""
        if "fn" in config:
            config = {k: deserialize_keras_object(v, FUNCTIONS) for k, v in config.items()}
        return cls(**config)
