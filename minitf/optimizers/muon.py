"""Muon: momentum made orthogonal."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from minitf.errors import ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops.linalg import matmul
from minitf.ops.norms import norm
from minitf.ops.powers import sqrt
from minitf.ops.products import matrix_transpose
from minitf.ops.state import Variable
from minitf.optimizers.memory import Slots
from minitf.optimizers.optimizer import Optimizer


class Rates(NamedTuple):
    """The learning rate, and the corrected one of Adam."""

    r: Any
    a: Any


class Muon(Optimizer):
    """Moves a matrix by its momentum with all singular values made (nearly) 1; others by Adam.

    The gradient of a matrix is mostly a few directions. Made orthogonal, the rare ones count as
    much. It does not suit embeddings and the output layer: name that one in `exclude_layers`.

    Parameters
    ----------
    learning_rate : float, Variable or schedule
        Step length r.
    adam_beta_1, adam_beta_2, epsilon : float
        For the Variables that Adam moves.
    adam_weight_decay, weight_decay : float or None
        For the Variables that Adam moves, and for the others.
    exclude_layers : list of str, optional
        Regular expressions: Adam moves Variables whose path holds one of them.
    exclude_embeddings : bool
        Whether Adam moves those with "embedding" in their path.
    muon_a, muon_b, muon_c : float
        Coefficients of the iteration.
    adam_lr_ratio : float
        Adam's learning rate, as a multiple of r.
    momentum : float
        How much of the last momentum is kept, mu.
    ns_steps : int
        Number of iterations.
    nesterov : bool
        Look ahead by one gradient.
    rms_rate : float or None
        s of the formula: makes the steps as large as Adam's; None leaves the factor out.
    **options
        See `Optimizer`: clipnorm, use_ema, name, ...

    Notes
    -----
    ``m <- mu m + g``, ``x = g + mu m`` (with nesterov; else m), ``x <- x / |x|``; then, `ns_steps`
    times, ``A = x x^T``, ``x <- a x + (b A + c A A) x``: each singular value becomes the odd
    polynomial ``a s + b s^3 + c s^5`` of itself, which draws it near 1. At last
    ``w <- w - r s sqrt(max(rows, columns)) x``.

    References
    ----------
    Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024; Liu et al.,
    "Muon is scalable for LLM training", 2025 (the factor of the last formula).

    Examples
    --------
    >>> import minitf as tf
    >>> w = tf.Variable(tf.zeros([2, 2]), name="kernel")
    >>> muon = tf.optimizers.Muon(learning_rate=0.1, rms_rate=None)
    >>> _ = muon.apply_gradients([(tf.constant([[100.0, 0.0], [0.0, 1.0]]), w)])
    >>> bool(w[0, 0] < -0.06), bool(w[1, 1] < -0.06)
    (True, True)
    """

    slots = (("momentum", "velocity"),)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        *,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **options: Any,
    ):
        super().__init__(learning_rate, weight_decay=weight_decay, **options)
        self.adam_beta_1, self.adam_beta_2, self.epsilon = adam_beta_1, adam_beta_2, epsilon
        self.adam_weight_decay = adam_weight_decay
        self.exclude_layers = list(exclude_layers or [])
        self.exclude_embeddings = exclude_embeddings
        self.muon_a, self.muon_b, self.muon_c = muon_a, muon_b, muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = momentum
        self.ns_steps = ns_steps
        self.nesterov = nesterov
        self.rms_rate = rms_rate

    def is_for_adam(self, variable: Variable) -> bool:
        """Return whether Adam moves a Variable."""
        path = getattr(variable, "path", variable.name)
        return (
            len(variable.shape) != 2
            or (self.exclude_embeddings and "embedding" in path.lower())
            or any(re.search(word, path) for word in self.exclude_layers)
        )

    def has_slot(self, variable: Variable, slot: str) -> bool:
        """Return whether something is remembered: a velocity only for Adam."""
        return slot != "velocity" or self.is_for_adam(variable)

    def weight_decay_of(self, variable: Variable) -> float | None:
        """Return the weight decay of one Variable."""
        return self.adam_weight_decay if self.is_for_adam(variable) else self.weight_decay

    def prepare(self, r: Any, t: Any) -> Rates:
        """Return the rate, and Adam's corrected one."""
        a = sqrt(1 - self.adam_beta_2**t) / (1 - self.adam_beta_1**t)
        return Rates(r, r * self.adam_lr_ratio * a)

    def update(self, g: Any, w: Variable, slots: Slots, rates: Rates) -> None:
        """Move one Variable."""
        if "velocity" in slots:
            self._move_by_adam(g, w, slots, rates.a)
            return
        mu = self.momentum
        m = slots["momentum"] * mu + g
        slots["momentum"].assign(m)
        x = self.orthogonal(g + mu * m if self.nesterov else m)
        sides: Any = w.shape
        scale = 1 if self.rms_rate is None else self.rms_rate * math.sqrt(max(sides))
        w.assign_sub(rates.r * scale * x)

    def _move_by_adam(self, g: Any, w: Variable, slots: Slots, a: Any) -> None:
        m = slots["momentum"] + (g - slots["momentum"]) * (1 - self.adam_beta_1)
        v = slots["velocity"] + (g * g - slots["velocity"]) * (1 - self.adam_beta_2)
        slots["momentum"].assign(m)
        slots["velocity"].assign(v)
        w.assign_sub(a * m / (sqrt(v) + self.epsilon))

    def orthogonal(self, x: Any) -> Tensor:
        """Return a matrix with its singular values drawn near 1 (Newton-Schulz iteration)."""
        x = as_tensor(x)
        if len(x.shape) != 2:
            raise ShapeError(f"Muon: expected a matrix, got shape {x.shape}")
        is_tall = x.shape[0] > x.shape[1]
        x = matrix_transpose(x) if is_tall else x  # A = x x^T is then the smaller square
        x = x / (norm(x, axis=(-2, -1), keepdims=True) + 1e-7)
        for _ in range(self.ns_steps):
            square = matmul(x, x, transpose_b=True)
            x = self.muon_a * x + (self.muon_b * square + self.muon_c * square @ square) @ x
        return matrix_transpose(x) if is_tall else x

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        own = ("adam_beta_1", "adam_beta_2", "epsilon", "exclude_layers", "muon_a", "muon_b",
               "muon_c", "adam_lr_ratio", "momentum", "ns_steps", "nesterov",
               "exclude_embeddings", "adam_weight_decay", "rms_rate")  # fmt: skip
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
