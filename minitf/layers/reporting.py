"""Reporter: what a layer reports of a call besides its outputs: losses, and numbers to be told."""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from minitf.graph.nest import flatten
from minitf.graph.tensor import Tensor
from minitf.layers.holding import Holder

# The layers that have reported something since that was last forgotten.
_reporting: WeakSet[Any] = WeakSet()


class Reporter(Holder):
    """The part of a Layer that collects losses and numbers while it is called."""

    _losses: list[Any]
    _numbers: dict[str, Any]

    def add_loss(self, loss: Any) -> None:
        """Let a number join the loss that is trained; inside `call`, it may depend on the inputs.

        Parameters
        ----------
        loss : Tensor, list of Tensor, or function without arguments
            Is summed up, if it is no single number.
        """
        self._losses += [leaf for leaf in flatten(loss) if leaf is not None]
        _reporting.add(self)

    def add_metric(self, value: Any, name: str | None = None, aggregation: str = "mean") -> None:
        """Let `fit` tell the mean of a number over an epoch; called in `call`, as in tf.keras 2.

        Parameters
        ----------
        value : Tensor
            Of one batch.
        name : str, optional
            Under which it is told; "metric" by default.
        aggregation : "mean"
            Accepted as in tf.keras 2.
        """
        self._numbers[name or "metric"] = value
        _reporting.add(self)

    def clear_losses(self) -> None:
        """Forget what the last call has reported, here and in the layers inside."""
        if not _reporting:  # in most programs; to look for the layers inside takes a while
            return
        for layer in self._flatten_layers():
            _reporting.discard(layer)
            layer._numbers = {}
            layer._losses = [item for item in layer._losses if callable(item)
                             and not isinstance(item, Tensor)]  # fmt: skip

    @property
    def reported(self) -> dict[str, Any]:
        """What `add_metric` was given in the last call, here and in the layers inside."""
        return {k: v for layer in self._flatten_layers() for k, v in layer._numbers.items()}

    @property
    def losses(self) -> list[Any]:
        """What `add_loss` was given in the last call, and the regularization of the weights."""
        given = [item for layer in self._flatten_layers() for item in layer._losses]
        told = [item() if callable(item) and not isinstance(item, Tensor) else item
                for item in given]  # fmt: skip
        return told + [v.regularizer(v) for v in self.trainable_variables if v.regularizer]
