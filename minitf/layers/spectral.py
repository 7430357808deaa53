"""SpectralNormalization: keeps a layer from stretching any of its inputs."""

from __future__ import annotations

from typing import Any

from minitf.errors import InvalidArgumentError
from minitf.initializers import TruncatedNormal
from minitf.layers.arguments import as_int, settings
from minitf.layers.wrappers import Wrapper
from minitf.ops.array import reshape
from minitf.ops.division import divide_no_nan
from minitf.ops.linalg import matmul
from minitf.ops.math import cast
from minitf.ops.norms import l2_normalize
from minitf.ops.reduction import reduce_all
from minitf.ops.source import stop_gradient
from minitf.ops.where import where

__all__ = ["SpectralNormalization"]


class SpectralNormalization(Wrapper):
    """A layer whose kernel is divided by its largest singular value while training.

    It steadies the discriminators of GANs.

    Parameters
    ----------
    layer : Layer
        One with a `kernel`, or with `embeddings`.
    power_iterations : int
        How often the estimate of the singular value is improved in each step.
    **kwargs
        As of every layer.

    Notes
    -----
    With the kernel as a matrix W (n, filters), and a vector u that is kept between steps::

        v = W u / |W u|,   u = W^T v / |W^T v|,   sigma = v^T W u,   kernel = kernel / sigma

    References
    ----------
    Miyato et al., "Spectral normalization for generative adversarial networks", 2018, algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> from minitf import keras
    >>> layer = keras.layers.SpectralNormalization(keras.layers.Dense(3), power_iterations=50)
    >>> y = layer(keras.ops.ones((1, 3)), training=True)
    >>> float(np.linalg.norm(layer.layer.kernel.numpy(), 2).round(3))
    1.0
    """

    def __init__(self, layer: Any, power_iterations: int = 1, **kwargs: Any):
        super().__init__(layer, **kwargs)
        if (as_int(power_iterations) or 0) < 1:
            raise InvalidArgumentError(
                f"layer {self.name!r}: power_iterations is a whole number from 1 on, got "
                f"{power_iterations!r}"
            )
        self.power_iterations = power_iterations

    def build(self, input_shape: Any = None) -> None:
        """Build the inner layer, and the vector u."""
        super().build(input_shape)
        kernel = getattr(self.layer, "kernel", None)
        kernel = getattr(self.layer, "embeddings", None) if kernel is None else kernel
        if kernel is None:
            raise InvalidArgumentError(
                f"layer {self.name!r}: {type(self.layer).__name__} has neither a kernel nor "
                "embeddings"
            )
        self.kernel: Any = kernel
        self.vector_u = self.add_weight(
            shape=(1, kernel.shape[-1]),
            initializer=TruncatedNormal(stddev=0.02),
            trainable=False,
            name="vector_u",
            dtype=kernel.dtype,
        )

    def call(self, inputs: Any, training: Any = False) -> Any:
        """Return what the inner layer makes of the inputs; while training, normalize it before."""
        if training:
            self._normalize()
        return cast(self.layer(inputs), inputs.dtype)

    def _normalize(self) -> None:
        matrix = reshape(self.kernel, [-1, self.kernel.shape[-1]])  # (n, filters)
        u = self.vector_u.read_value()  # (1, filters)
        for _ in range(self.power_iterations):
            v = l2_normalize(matmul(u, matrix, transpose_b=True))  # (1, n)
            u = l2_normalize(matmul(v, matrix))
        sigma = matmul(matmul(v, matrix), u, transpose_b=True)  # (1, 1)
        is_zero = reduce_all(matrix == 0)  # there is no direction then, and u stays
        self.vector_u.assign(stop_gradient(where(is_zero, self.vector_u, u)))
        normal = divide_no_nan(matrix, sigma)
        self.kernel.assign(reshape(stop_gradient(normal), self.kernel.shape))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "power_iterations")}
