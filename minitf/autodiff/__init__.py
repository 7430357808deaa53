"""`tf.autodiff`: derivatives of functions, forward mode, and their check."""

from minitf.autodiff.check import check_gradients, compute_gradient
from minitf.autodiff.forward import ForwardAccumulator
from minitf.autodiff.functional import hessian, hvp, jvp, vjp

__all__ = [
    "ForwardAccumulator",
    "check_gradients",
    "compute_gradient",
    "hessian",
    "hvp",
    "jvp",
    "vjp",
]
