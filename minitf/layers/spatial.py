"""Spatial: what layers over sequences, images and volumes have in common.

Their inputs have a batch, one to three spatial axes, and channels: last,
(batch, *sizes, channels), or first, (batch, channels, *sizes). The ops know the first form only;
the other one is transposed there and back.
"""

from __future__ import annotations

from typing import Any

from minitf.layers.arguments import choice
from minitf.layers.input_spec import InputSpec
from minitf.layers.layer import Layer
from minitf.ops.convolution import channels_last, channels_second
from minitf.settings import image_data_format

FORMATS = ("channels_last", "channels_first")


def as_data_format(layer: Layer, value: Any) -> str:
    """Return where channels stand: as said, or else as the program has set it."""
    return choice(layer, "data_format", image_data_format() if value is None else value, FORMATS)


class Spatial(Layer):
    """A layer over a number of spatial axes, with channels last or first.

    Attributes
    ----------
    rank : int
        Number of spatial axes.
    """

    rank: int

    def __init__(self, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = as_data_format(self, data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    @property
    def channels_first(self) -> bool:
        """Whether channels stand before the spatial axes."""
        return self.data_format == "channels_first"

    @property
    def channel_axis(self) -> int:
        """Where channels stand."""
        return 1 if self.channels_first else -1

    @property
    def spatial_axes(self) -> tuple[int, ...]:
        """Where the sizes stand."""
        first = 2 if self.channels_first else 1
        return tuple(range(first, first + self.rank))

    def to_last(self, x: Any) -> Any:
        """Return a tensor with channels last."""
        return channels_last(x) if self.channels_first else x

    def from_last(self, y: Any) -> Any:
        """Return a tensor with channels where the layer has them."""
        return channels_second(y) if self.channels_first else y
